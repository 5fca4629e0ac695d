"""Pixels from one colour space into another: by profiles (LittleCMS), or naively where nothing is known of one of them.

Knows Pillow images and profiles; knows nothing of files, requests or which conversion a request wants (``r-color-management``,
``r-icc``; protocol decisions 9 and 23 (24)).
"""

import io
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from proxy.formats._ink import cmyk
from proxy.recipe.model import Conversion, PixelType
from proxy.render.profiles import Profile

INTENTS: Mapping[str, int] = MappingProxyType({"perceptual": 0, "relative": 1, "saturation": 2, "absolute": 3})
"""Rendering intents: the words of ``icc=`` and the numbers of ``attribute::IccRenderIntent``."""

PIXELS: Mapping[str, PixelType] = MappingProxyType({"RGB": "rgb", "RGBA": "rgb", "L": "gray", "LA": "gray", "CMYK": "cmyk"})
"""What pixels of a mode are."""
MODES: Mapping[PixelType, str] = MappingProxyType({"rgb": "RGB", "gray": "L", "cmyk": "CMYK"})
"""The mode of opaque pixels."""

AS_USUAL = Conversion()
_PLACES = np.array([[0, 2], [3, 1]], np.uint16)
_DOUBLINGS = 2


def to_space(
    image: Image.Image, source: Profile | None, target: Profile | None, pixels: PixelType = "rgb", how: Conversion = AS_USUAL
) -> Image.Image:
    """Bring pixels from the colour space of ``source`` into that of ``target``.

    Args:
        image: mode L, LA, RGB, RGBA or CMYK; alpha is kept, but there is none with inks.
        source: without one, with one of another pixel type or with one that cannot be used, numbers of the target's pixel type
            are taken to be in its space already, and others are converted naively.
        target: where to; without one conversions are naive.
        pixels: the pixel type of the target. Gray stays gray in an RGB space.
        how: rendering intent, black point compensation, and whether to dither.
    """
    if source is not None and target is not None and not _same(source, target) and PIXELS[image.mode] == source.pixels:
        try:
            return _applied(image, source, target, pixels, how)
        except ImageCms.PyCMSError:
            # LittleCMS refuses one of the profiles: as if there were none
            return _naively(image, pixels)
    return _naively(image, pixels)


def naive(image: Image.Image, pixels: PixelType) -> Image.Image:
    """Convert L, LA, RGB, RGBA or CMYK to a pixel type without profiles (protocol decision 23 (24)).

    Alpha is kept. Pillow has no mode for inks with alpha: ``cmyk`` makes such images RGBA, as the TIFF encoder takes them.
    """
    alpha = "A" if image.mode.endswith("A") else ""
    if pixels == "gray":
        flat = image.convert("RGB") if image.mode == "CMYK" else image
        return flat.convert("L" + alpha)
    if pixels == "rgb" or alpha:
        return image.convert("RGB" + alpha)
    return image if image.mode == "CMYK" else cmyk(image.convert("RGB"))


def _naively(image: Image.Image, pixels: PixelType) -> Image.Image:
    if pixels == "rgb" and image.mode != "CMYK":
        return image
    if pixels == "cmyk" and image.mode.endswith("A"):
        image = image.convert(image.mode[:-1])
    return image if PIXELS[image.mode] == pixels else naive(image, pixels)


def _same(source: Profile, target: Profile) -> bool:
    return source == target or (source.srgb and target.srgb)


@lru_cache(maxsize=32)
def _transform(
    source: Profile, target: Profile, mode: str, out: str, intent: int, *, black_point: bool
) -> ImageCms.ImageCmsTransform:
    """Build a transform, which takes longer than a thumbnail's pixels.

    Raises:
        PyCMSError: LittleCMS refuses a profile.
    """
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION if black_point else ImageCms.Flags.NONE
    return ImageCms.buildTransform(io.BytesIO(source.data), io.BytesIO(target.data), mode, out, ImageCms.Intent(intent), flags)


def _applied(image: Image.Image, source: Profile, target: Profile, pixels: PixelType, how: Conversion) -> Image.Image:
    """Convert by profiles.

    Raises:
        PyCMSError: LittleCMS refuses one of them.
    """
    bands = MODES[PIXELS[image.mode]]
    plain = image if image.mode == bands else image.convert(bands)
    if how.dither:
        result = _dithered(plain, source, target, how, MODES[pixels])
    else:
        intent = INTENTS[how.intent]
        result = _transform(source, target, bands, MODES[pixels], intent, black_point=how.black_point).apply(plain)
    if bands == "L" and pixels == "rgb":
        # a gray profile leads to neutral RGB: any of the three bands is the gray
        result = result.getchannel("G")
    if image.mode.endswith("A") and pixels != "cmyk":
        result.putalpha(image.getchannel("A"))
    return result


def _dithered(image: Image.Image, source: Profile, target: Profile, how: Conversion, out: str) -> Image.Image:
    """Convert with 16 bits and round up or down by an ordered pattern, which is always the same: so are the bytes of a reply.

    All components of a pixel meet the same threshold, so grays stay neutral but for a pixel here and there.
    """
    import imagecodecs  # noqa: PLC0415  # takes long to import, and few requests dither

    flags = int(ImageCms.Flags.BLACKPOINTCOMPENSATION) if how.black_point else 0
    try:
        deep = imagecodecs.cms_transform(
            np.ascontiguousarray(image),
            *(source.data, target.data),
            colorspace=PIXELS[image.mode],
            outcolorspace=PIXELS[out],
            outdtype="uint16",
            intent=INTENTS[how.intent],
            flags=flags,
        )
    except imagecodecs.CmsError as error:
        raise ImageCms.PyCMSError(str(error)) from error
    return Image.frombytes(out, image.size, rounded(deep.reshape(image.height, image.width, -1)).tobytes())


def rounded(deep: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Round height × width × components of 16 bits to 8: up in as many pixels of an 8 × 8 pattern as the rest says."""
    pattern = _pattern()
    size = len(pattern)
    times = (-(-deep.shape[0] // size), -(-deep.shape[1] // size))
    thresholds = np.tile(pattern, times)[: deep.shape[0], : deep.shape[1], None]
    # 257 steps make one level; a threshold is in the middle of its 64th part of them, so whole levels stay as they are
    return ((deep.astype(np.uint32) + thresholds) // 257).astype(np.uint8)


@lru_cache(maxsize=1)
def _pattern() -> NDArray[np.uint32]:
    """Bayer's matrix of 8 × 8, as what is added before rounding down: 2 to 254 of 257."""
    order = _PLACES.astype(np.uint32)
    for _ in range(_DOUBLINGS):
        order = np.block([[4 * order + place for place in row] for row in _PLACES.astype(np.uint32)])
    return (2 * order + 1) * 257 // (2 * order.size)
