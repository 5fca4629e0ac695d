"""From whatever samples an original has to eight bits a component, rounded and not cut off.

Knows Pillow's modes and raw modes, and where Pillow mistakes what is stored; knows nothing of limits, turns of the picture or
colour profiles.
"""

import sys
from functools import lru_cache
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile, TiffImagePlugin

from proxy.errors import BadSource
from proxy.render.orientation import AS_STORED, TURNS, orientation
from proxy.render.whole import rounded

_BITS_PER_SAMPLE: Final = 258
_PHOTOMETRIC: Final = 262
_PLANAR_CONFIGURATION: Final = 284
_SEPARATE_PLANES: Final = 2
_WHITE_IS_ZERO: Final = 0

_STRAIGHT = {
    "1": "L",
    "L": "L",
    "LA": "LA",
    "La": "LA",
    "P": "RGB",
    "PA": "RGBA",
    "RGB": "RGB",
    "RGBX": "RGB",
    "RGBA": "RGBA",
    "RGBa": "RGBA",
    "YCbCr": "RGB",
    "CMYK": "CMYK",
}
"""What Pillow's modes become where there is no transparent colour."""

_OTHER_BYTE = {
    f"{bands};16{order}": f"{bands};16{other}"
    for bands in ("RGB", "RGBA", "RGBX", "CMYK")
    for order, other in (("L", "B"), ("B", "L"), ("N", "B" if sys.byteorder == "little" else "L"))
}
"""The raw mode that takes the other byte of each component."""


class Stored(Protocol):
    """An original as it is decoded."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def path(self) -> str:
        """Its file."""

    @property
    def image(self) -> ImageFile.ImageFile:
        """Pillow's image of it, opened."""


def bits(image: ImageFile.ImageFile) -> int:
    """Bits of a component of an opened image: 1, 8 or 16 (also for the rare depths between). Pillow's mode does not say it."""
    if image.mode == "1":
        return 1
    if getattr(image, "depth", image.info.get("bit_depth", 8)) > 8:  # noqa: PLR2004  # more than a byte
        return 16
    return 16 if image.mode.startswith("I;16") or ";16" in _raw_mode(image) or _is_planar_deep(image) else 8


def eight_bits(original: Stored) -> Image.Image:
    """Decode the pixels: mode L, LA, RGB, RGBA or CMYK.

    Raises:
        BadSource: samples that cannot be read.
    """
    image = original.image
    if _is_planar_deep(image):
        return _from_planes(original)
    if _raw_mode(image) in _OTHER_BYTE:
        return _from_deep(original)
    if image.mode.startswith("I;16"):
        return _from_deep_gray(image)
    if image.mode == "LAB":
        return from_lab(image)
    straight = _STRAIGHT.get(image.mode)
    if straight is None:
        raise BadSource(original.name, f"components of 32 bits (Pillow's mode {image.mode}) are not supported")
    image.load()
    if image.has_transparency_data and not straight.endswith("A"):
        straight += "A"
    return image if image.mode == straight else image.convert(straight)


def from_lab(image: Image.Image) -> Image.Image:
    """Convert CIE L*a*b* of D50 to sRGB."""
    lab = ImageCms.createProfile("LAB")
    return ImageCms.buildTransform(lab, ImageCms.createProfile("sRGB"), "LAB", "RGB").apply(image)


def _is_planar_deep(image: Image.Image) -> bool:
    return (
        isinstance(image, TiffImagePlugin.TiffImageFile)
        and image.tag_v2.get(_PLANAR_CONFIGURATION) == _SEPARATE_PLANES
        and image.tag_v2.get(_BITS_PER_SAMPLE, (8,))[0] == 16  # noqa: PLR2004  # the one depth that Pillow mistakes
    )


def _from_planes(original: Stored) -> Image.Image:
    """Decode a TIFF that keeps 16 bit components in planes of their own: Pillow takes them for 8 bits and shows noise."""
    import tifffile  # noqa: PLC0415  # takes longer to import than to decode, and is hardly ever needed

    mode = original.image.mode
    with tifffile.TiffFile(original.path) as file:
        planes = file.pages[original.image.tell()].asarray()
    samples = np.moveaxis(planes[: len(mode)], 0, 2)
    image = Image.frombytes(mode, (samples.shape[1], samples.shape[0]), rounded(samples).tobytes())
    return TURNS.get(orientation(original.image), AS_STORED).upright(image)


def _from_deep(original: Stored) -> Image.Image:
    """Round 16 bits to 8. Pillow keeps the upper byte only, so a second reading that takes the lower one says where to round."""
    upper = original.image
    with Image.open(original.path, formats=(upper.format or "",)) as lower:
        lower.seek(upper.tell())
        lower.tile = [tile._replace(args=_with_other_byte(tile.args)) for tile in lower.tile]
        upper.load()
        low = np.asarray(lower).astype(np.int16)
    high = np.asarray(upper)
    # round((256·high + low) / 257) is high + round((low − high) / 257)
    rest = low - high
    exact = high + (rest >= 129).astype(np.uint8) - (rest <= -129).astype(np.uint8)  # noqa: PLR2004  # halves of 257
    image = Image.frombytes(upper.mode, upper.size, exact.tobytes())
    if "transparency" in upper.info and upper.mode == "RGB":
        key = [value >> 8 for value in upper.info["transparency"]], [value & 255 for value in upper.info["transparency"]]
        hidden = (high == key[0]).all(axis=2) & (low == key[1]).all(axis=2)
        image.putalpha(Image.fromarray(np.where(hidden, 0, 255).astype(np.uint8)))
    return image


def _from_deep_gray(image: Image.Image) -> Image.Image:
    """Round gray of 9 to 16 bits to 8."""
    bits, inverted = 16, False
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        bits = image.tag_v2.get(_BITS_PER_SAMPLE, (16,))[0]
        inverted = image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    values = np.asarray(image)
    gray = Image.fromarray(_rounding(bits, inverted=inverted)[values])
    if "transparency" in image.info:
        gray.putalpha(Image.fromarray(np.where(values == image.info["transparency"], 0, 255).astype(np.uint8)))
    return gray


@lru_cache(maxsize=4)
def _rounding(bits: int, *, inverted: bool) -> NDArray[np.uint8]:
    """The eight bits for every value of 16 bits, of which ``bits`` are used."""
    top = (1 << bits) - 1
    values = np.arange(65536, dtype=np.int64).clip(0, top)
    levels: NDArray[np.uint8] = ((values * 255 + top // 2) // top).astype(np.uint8)
    return 255 - levels if inverted else levels


def _raw_mode(image: ImageFile.ImageFile) -> str:
    args = image.tile[0].args if image.tile else ""
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _with_other_byte(args: str | tuple[Any, ...] | None) -> str | tuple[Any, ...]:
    """The decoder's arguments, raw mode replaced: they are that mode alone or a tuple that begins with it."""
    if isinstance(args, tuple):
        return (_OTHER_BYTE[args[0]], *args[1:])
    assert args is not None  # noqa: S101  # the raw mode was found there
    return _OTHER_BYTE[args]
