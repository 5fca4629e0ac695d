"""Opens originals and decodes them to eight bits: what kind of file it is, which way up, how large it may be.

Knows Pillow's decoders and their oddities; knows nothing of crops, scales or colour spaces. The content decides what a file
is, never its name. Everything that a decoder may raise leaves here as one of the errors of ``proxy.errors``.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    PsdImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from proxy.errors import BadSource, IsproxyError, LimitExceeded, Missing
from proxy.protocol.path import Path
from proxy.recipe.model import NamedPath

# One by one, since Pillow would otherwise import all its plug-ins as soon as it meets a file that it does not know.
_PLUGINS = (
    *(JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin, GifImagePlugin),
    *(TiffImagePlugin, AvifImagePlugin, BmpImagePlugin, PsdImagePlugin),
)
KINDS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "BMP", "PSD")
"""What can be an original, as Pillow calls it."""

# ``Limits`` stands in for Pillow's own limit, which is a process-wide setting and warns before it refuses.
Image.MAX_IMAGE_PIXELS = None

_ORIENTATION = 274
_BITS_PER_SAMPLE = 258
_PHOTOMETRIC = 262
_PLANAR_CONFIGURATION = 284
_SEPARATE_PLANES = 2
_WHITE_IS_ZERO = 0

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


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest originals that are opened: pixels (width × height) and bytes of the file; 0 is no limit."""

    source_pixels: int = 250_000_000
    source_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """An EXIF orientation: how stored and upright coordinates belong together.

    A stored point is found from an upright one by exchanging x and y (``swap``), then counting x or y from the other side.
    """

    swap: bool = False
    from_right: bool = False
    from_bottom: bool = False
    transpose: Image.Transpose | None = None

    def size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Turn a (width, height), either way."""
        return (size[1], size[0]) if self.swap else size

    def stored(self, box: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[float, float, float, float]:
        """Where a (left, top, right, bottom) of the upright picture lies in the stored one, whose size is ``size``."""
        left, top, right, bottom = (box[1], box[0], box[3], box[2]) if self.swap else box
        if self.from_right:
            left, right = size[0] - right, size[0] - left
        if self.from_bottom:
            top, bottom = size[1] - bottom, size[1] - top
        return left, top, right, bottom

    def upright_path(self, path: Path, size: tuple[int, int]) -> Path:
        """A path in fractions of the stored picture, in pixels of the upright one, whose size is ``size``."""
        stored = self.size(size)
        path = path.scaled(*stored)
        if self.from_right:
            path = path.scaled(-1.0, 1.0).moved(stored[0], 0.0)
        if self.from_bottom:
            path = path.scaled(1.0, -1.0).moved(0.0, stored[1])
        return path.affine(0.0, 1.0, 1.0, 0.0, 0.0, 0.0) if self.swap else path

    def upright(self, image: Image.Image) -> Image.Image:
        """Turn stored pixels upright."""
        return image if self.transpose is None else image.transpose(self.transpose)


_TURNS = {
    2: Turn(swap=False, from_right=True, from_bottom=False, transpose=Image.Transpose.FLIP_LEFT_RIGHT),
    3: Turn(swap=False, from_right=True, from_bottom=True, transpose=Image.Transpose.ROTATE_180),
    4: Turn(swap=False, from_right=False, from_bottom=True, transpose=Image.Transpose.FLIP_TOP_BOTTOM),
    5: Turn(swap=True, from_right=False, from_bottom=False, transpose=Image.Transpose.TRANSPOSE),
    6: Turn(swap=True, from_right=False, from_bottom=True, transpose=Image.Transpose.ROTATE_270),
    7: Turn(swap=True, from_right=True, from_bottom=True, transpose=Image.Transpose.TRANSVERSE),
    8: Turn(swap=True, from_right=True, from_bottom=False, transpose=Image.Transpose.ROTATE_90),
}
_UNDONE = {**dict(_TURNS), 6: _TURNS[8], 8: _TURNS[6]}
_AS_STORED = Turn()


@dataclass(frozen=True, slots=True)
class Opened:
    """An original whose header has been read. ``size`` is that of the stored pixels as ``decoded`` returns them.

    ``turn`` is what brings these upright, ``outline`` what brings coordinates upright that the file counts in its own order.
    """

    name: str
    path: str
    image: ImageFile.ImageFile
    size: tuple[int, int]
    turn: Turn
    undo: Turn
    outline: Turn

    def upright_paths(self, paths: tuple[NamedPath, ...]) -> tuple[NamedPath, ...]:
        """Paths in fractions of the stored picture, in pixels of the upright one."""
        return tuple(NamedPath(item.name, self.outline.upright_path(item.path, self.upright_size)) for item in paths)

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height of the picture once turned."""
        return self.turn.size(self.size)


@contextmanager
def opened(path: str, limits: Limits, name: str, *, orient: bool = True) -> Iterator[Opened]:
    """Open an original and read its header; no pixels.

    Raises:
        Missing: there is no such file any more.
        BadSource: it is not a picture of a known kind.
        LimitExceeded: it has more bytes or pixels than ``limits`` allow.
    """
    with plainly(name, f"its content is none of {', '.join(KINDS)}, or its header is damaged"):
        _check(name, "bytes", os.stat(path).st_size, limits.source_bytes)  # noqa: PTH116  # twice as fast as by Path
        image = Image.open(path, formats=KINDS)
    with image:
        with plainly(name, "its header is damaged"):
            orientation = _orientation(image)
        width, height = image.size
        _check(name, f"pixels ({width}×{height})", width * height, limits.source_pixels)
        turn = undo = _AS_STORED
        size = image.size
        if not isinstance(image, TiffImagePlugin.TiffImageFile):
            turn = _TURNS.get(orientation, _AS_STORED) if orient else _AS_STORED
        elif not orient:
            # Pillow turns a TIFF while it decodes, and gives its upright size before.
            undo = _UNDONE.get(orientation, _AS_STORED)
            size = undo.size(size)
        outline = _TURNS.get(orientation, _AS_STORED) if orient else _AS_STORED
        yield Opened(name, path, image, size, turn, undo, outline)


def decoded(original: Opened, shrink: int = 1) -> Image.Image:
    """Decode the pixels, not yet turned: mode L, LA, RGB, RGBA or CMYK, eight bits a component.

    Args:
        original: an opened file; it can be decoded once.
        shrink: 2, 4 or 8 has a JPEG decoded to that fraction of its size, for a fraction of the time. A pixel of the result then
            covers exactly that many stored ones, also at the right and lower edge.

    Raises:
        BadSource: the pixels are damaged, cut short or of a kind that cannot be converted.
    """
    image = original.image
    with plainly(original.name, "its picture data is damaged or cut short"):
        if shrink > 1:
            image.draft(None, (image.width // shrink, image.height // shrink))
        return original.undo.upright(_eight_bits(original))


def bits(image: ImageFile.ImageFile) -> int:
    """Bits of a component of an opened image: 1, 8 or 16 (also for the rare depths between). Pillow's mode does not say it."""
    if image.mode == "1":
        return 1
    return 16 if image.mode.startswith("I;16") or ";16" in _raw_mode(image) or _is_planar_deep(image) else 8


@contextmanager
def plainly(name: str, otherwise: str) -> Iterator[None]:
    """Let nothing out but this program's errors. ``otherwise`` is said of an exception that only a decoder understands."""
    try:
        yield
    except IsproxyError:
        raise
    except FileNotFoundError as error:
        raise Missing(name) from error
    except PermissionError as error:
        raise BadSource(name, "the file may not be read") from error
    except MemoryError as error:
        raise BadSource(name, "decoding it takes more memory than there is") from error
    except UnidentifiedImageError as error:
        raise BadSource(name, f"not a picture that can be read: {otherwise}") from error
    except Exception as error:  # a dozen decoders written by as many people: there is no list of what they raise
        raise BadSource(name, f"not a picture that can be read: {otherwise}") from error


def block(value: object) -> bytes:
    """The bytes of a metadata block, none where the file has it in a wrong type."""
    return value if isinstance(value, bytes) else b""


def _check(name: str, what: str, value: int, limit: int) -> None:
    if limit and value > limit:
        raise LimitExceeded(f"{name}: {value} {what} are more than the limit of {limit} for an original")


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 where there is none that makes sense."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return int(image.tag_v2.get(_ORIENTATION, 1))
    if not image.info.keys() & {"exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif"}:
        return 1
    try:
        # Not image.getexif(): for a PNG it would decode the pixels in search of a late chunk.
        return int(Image.Image.getexif(image).get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001  # the block is free-form and its reader raises anything: bad metadata leaves a good picture
        return 1


def _eight_bits(original: Opened) -> Image.Image:
    image = original.image
    if _is_planar_deep(image):
        return _from_planes(original)
    if _raw_mode(image) in _OTHER_BYTE:
        return _from_deep(original)
    if image.mode.startswith("I;16"):
        return _from_deep_gray(image)
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return ImageCms.buildTransform(lab, ImageCms.createProfile("sRGB"), "LAB", "RGB").apply(image)
    straight = _STRAIGHT.get(image.mode)
    if straight is None:
        raise BadSource(original.name, f"components of 32 bits (Pillow's mode {image.mode}) are not supported")
    image.load()
    if image.has_transparency_data and not straight.endswith("A"):
        straight += "A"
    return image if image.mode == straight else image.convert(straight)


def _is_planar_deep(image: Image.Image) -> bool:
    return (
        isinstance(image, TiffImagePlugin.TiffImageFile)
        and image.tag_v2.get(_PLANAR_CONFIGURATION) == _SEPARATE_PLANES
        and image.tag_v2.get(_BITS_PER_SAMPLE, (8,))[0] == 16  # noqa: PLR2004  # the one depth that Pillow mistakes
    )


def _from_planes(original: Opened) -> Image.Image:
    """Decode a TIFF that keeps 16 bit components in planes of their own: Pillow takes them for 8 bits and shows noise."""
    import tifffile  # noqa: PLC0415  # takes longer to import than to decode, and is hardly ever needed

    mode = original.image.mode
    with tifffile.TiffFile(original.path) as file:
        planes = file.pages[0].asarray()
    samples = np.moveaxis(planes[: len(mode)], 0, 2)
    image = Image.frombytes(mode, (samples.shape[1], samples.shape[0]), _rounding(16, inverted=False)[samples].tobytes())
    return _TURNS.get(_orientation(original.image), _AS_STORED).upright(image)


def _from_deep(original: Opened) -> Image.Image:
    """Round 16 bits to 8. Pillow keeps the upper byte only, so a second reading that takes the lower one says where to round."""
    upper = original.image
    with Image.open(original.path, formats=KINDS) as lower:
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
