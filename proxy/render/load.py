"""Originals as the renderer wants them: their header, or a box of them scaled to so many pixels.

Cropping, scaling and colour happen in the pixels as stored, and the small result is turned upright, not the large original.
Knows nothing of layers. Coordinates are those of the upright picture (protocol decision 10); ``r-is-http-resmode`` names the
filters.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

import numpy as np
from PIL import Image, ImageFilter, JpegImagePlugin, PsdImagePlugin, TiffImagePlugin

from proxy.recipe.model import Box, ColorSpace, Conversion, Drawing, Header, PixelType, Size, Source
from proxy.render import photoshop
from proxy.render.colour import AS_USUAL, PIXELS, naive, to_space
from proxy.render.decode import Limits, block, decoded, opened, plainly
from proxy.render.depth import bits
from proxy.render.photoshop_paths import embedded_paths
from proxy.render.profiles import read_profile
from proxy.render.psd import MergedFile
from proxy.render.spaces import profile_of, space_of

__all__ = ["Limits", "load", "probe"]

_FILTERS = {
    "bilin": Image.Resampling.BILINEAR,
    "bicub": Image.Resampling.BICUBIC,
    "sharp2": Image.Resampling.LANCZOS,
    "bisharp": Image.Resampling.BICUBIC,
}
_SHARPER = ImageFilter.UnsharpMask(radius=0.6, percent=35, threshold=0)
_PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}
_REDUCING_GAP = 2.0
"""Above twice the wanted size pixels are averaged first, which is several times faster and differs by a level or two."""

_NEAREST_STEP = 1e-6
"""Edges this near a pixel's edge are on it: what is left of dividing and multiplying real numbers."""

_IMAGE_RESOURCES = 34377
_X_RESOLUTION = 282
_LEVELS = ("alpha", "mask")
SRGB = ColorSpace()
_MAY_BE_SVG = (b"<", b"\x1f", b"\xef", b"\xfe", b"\xff", b" ", b"\t", b"\r", b"\n")
_Edges = tuple[float, float, float, float]
Bands = Literal["all", "colour", "alpha", "mask"]


def probe(path: str, limits: Limits, *, name: str = "", orient: bool = True, drawing: Drawing | None = None) -> Header:
    """Read what an original's header says, decoding no pixels.

    Args:
        path: absolute path of the file.
        limits: what may be opened.
        name: what messages call it; the file's name if empty.
        orient: width and height of the upright picture instead of the stored one.
        drawing: what an SVG document takes from outside.

    Raises:
        Missing: there is no such file.
        BadSource: not a picture that can be read.
        LimitExceeded: too large.
    """
    name = name or PurePath(path).name
    if _is_svg(path, name):
        from proxy.render.svg import probe_svg  # noqa: PLC0415  # lxml, which no other original needs

        with plainly(name, "the SVG document is damaged"):
            return probe_svg(path, limits, name, drawing)
    with opened(path, limits, name, orient=orient) as original, plainly(name, "its header is damaged"):
        image = original.image
        width, height = original.upright_size
        found = _resources(image)
        profile = read_profile(block(image.info.get("icc_profile")))
        pixels = _pixels(image.mode)
        return Header(
            width,
            height,
            pixels=pixels,
            alpha=image.has_transparency_data,
            bits=bits(image),
            format="JPEG" if image.format == "MPO" else image.format or "",
            profile=profile.description if profile else "",
            dpi=_dpi(image, found),
            xmp=bool(image.info.get("xmp")),
            paths=original.upright_paths(embedded_paths(found)),
            space=space_of(profile, pixels, path) if profile is not None and profile.pixels == pixels else None,
        )


def _is_svg(path: str, name: str) -> bool:
    with plainly(name, "it cannot be read"), open(path, "rb") as file:  # noqa: PTH123  # twice as fast as by Path
        # a blank, a byte order mark, a gzip file or markup: no other original begins so
        if file.read(1) not in _MAY_BE_SVG:
            return False
        from proxy.render.svg_document import SNIFFED, is_svg  # noqa: PLC0415  # likewise

        file.seek(0)
        return is_svg(file.read(SNIFFED))


def load(
    source: Source,
    box: Box,
    size: Size,
    resample: str,
    limits: Limits,
    *,
    orient: bool = True,
    bands: Bands = "all",
    space: ColorSpace = SRGB,
    assumed: ColorSpace | None = None,
    how: Conversion = AS_USUAL,
) -> Image.Image:
    """Decode ``box`` of an original, scaled to exactly ``size``.

    No more pixels are decoded than ``size`` needs where the format allows it (JPEG). Where a box with whole edges has just this
    size nothing is resampled. What of the box lies outside the picture is transparent.

    Args:
        source: the original.
        box: in upright source pixels.
        size: width and height of the result.
        resample: a word of ``resMode=``.
        limits: what may be opened.
        orient: apply the EXIF orientation.
        bands: ``all``, the ``colour`` as if there were no alpha, ``alpha``, white where there is none, or the ``mask``: alpha
            or, where there is none, the brightness.
        space: the colour space of the result.
        assumed: that of an original that embeds no profile of its pixel type; without one its numbers are taken as they are.
        how: in which way colours are converted.

    Returns:
        Mode L, LA, RGB or RGBA or, in a space of inks, CMYK, eight bits a component, alpha not premultiplied, without metadata.

    Raises:
        Missing: the file is gone.
        BadSource: damaged, cut short or of an unknown kind.
        LimitExceeded: too large.
    """
    with opened(source.location, limits, source.name, orient=orient) as original:
        turn, stored = original.turn, original.size
        edges = turn.stored((box.left, box.top, box.right, box.bottom), stored)
        target = turn.size(size)
        shrink = _shrink(original.image, edges, target)
        profile = read_profile(block(original.image.info.get("icc_profile")))
        pixels = _banded(decoded(original, shrink), bands)
    unnamed = None if assumed is None else profile_of(assumed)
    target_profile = profile_of(space)
    scaled_edges = (edges[0] / shrink, edges[1] / shrink, edges[2] / shrink, edges[3] / shrink)

    def recoloured(part: Image.Image) -> Image.Image:
        if bands in _LEVELS:
            return part
        source = profile if profile is not None and profile.pixels == PIXELS[part.mode] else unnamed
        part = to_space(part, source, target_profile, space.pixels, how)
        part.info = {}  # LittleCMS leaves the profile there
        return part

    extent = (stored[0] / shrink, stored[1] / shrink)
    return turn.upright(_cut(pixels, scaled_edges, extent, target, resample, recoloured))


def _banded(pixels: Image.Image, bands: Bands) -> Image.Image:
    if bands in _LEVELS and pixels.mode.endswith("A"):
        return pixels.getchannel("A")
    if bands in _LEVELS:
        return naive(pixels, "gray") if bands == "mask" else Image.new("L", pixels.size, 255)
    return pixels.convert(pixels.mode[:-1]) if bands == "colour" and pixels.mode.endswith("A") else pixels


def cut(pixels: Image.Image, box: Box, size: Size, resample: str, bands: Bands = "all") -> Image.Image:
    """Take ``box`` of pixels that are there already, scaled to exactly ``size``, as ``load`` does of an original.

    Args:
        pixels: mode L, LA, RGB or RGBA.
        box: in pixels of the image; what of it lies outside is transparent.
        size: width and height of the result.
        resample: a word of ``resMode=``.
        bands: as in ``load``.
    """
    pixels = _banded(pixels, bands)
    return _cut(pixels, (box.left, box.top, box.right, box.bottom), pixels.size, size, resample, lambda part: part)


def _cut(
    pixels: Image.Image,
    edges: _Edges,
    extent: tuple[float, float],
    size: Size,
    resample: str,
    finish: Callable[[Image.Image], Image.Image],
) -> Image.Image:
    """Cut and scale; ``finish`` is done after scaling, since it costs by the pixel and the reply has far fewer of them."""
    across = _axis(edges[0], edges[2], extent[0], size[0])
    down = _axis(edges[1], edges[3], extent[1], size[1])
    if across.count == 0 or down.count == 0:
        return Image.new("LA" if pixels.mode in ("L", "LA") else "RGBA", size)
    part = _scaled(pixels, (across.begin, down.begin, across.end, down.end), (across.count, down.count), resample)
    part = finish(part)
    return part if across.whole and down.whole else _placed(part, across, down, size)


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of the way from a box to the result.

    ``count`` result pixels, the first of them number ``first``, lie within the picture and are scaled from ``begin`` to ``end``.
    ``coverage`` says of these and of a half covered one at either side how much of each the picture covers; that of the one
    before them is ``before`` pixels earlier.
    """

    begin: float
    end: float
    first: int
    count: int
    before: int
    coverage: tuple[float, ...]
    whole: bool


def _axis(low: float, high: float, length: float, size: int) -> _Axis:
    begin, end = max(low, 0.0), min(high, length)
    if begin >= end:
        return _Axis(0, 0, 0, 0, 0, (), whole=False)
    scale = size / (high - low)
    start, stop = _snapped((begin - low) * scale), _snapped((end - low) * scale)
    outer = range(math.floor(start), min(math.ceil(stop), size))
    coverage = tuple(min(stop, pixel + 1) - max(start, pixel) for pixel in outer)
    first, last = math.ceil(start), math.floor(stop)
    if first >= last:
        # Less than one whole pixel: all there is of the picture gives the colour of what it touches.
        return _Axis(begin, end, outer.start, len(outer), 0, coverage, whole=False)
    whole = (first, last) == (0, size)
    if start != first:
        begin = low + first / scale
    if stop != last:
        end = low + last / scale
    return _Axis(begin, end, first, last - first, first - outer.start, coverage, whole)


def _snapped(value: float) -> float:
    nearest = round(value)
    return nearest if abs(value - nearest) < _NEAREST_STEP else value


def _shrink(image: Image.Image, edges: _Edges, target: Size) -> int:
    """The largest power of two by which a JPEG may be decoded smaller without falling below the wanted size."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return 1
    width, height = edges[2] - edges[0], edges[3] - edges[1]
    fitting = (
        factor
        for factor in (8, 4, 2)
        if width >= factor * target[0] and height >= factor * target[1] and min(image.size) >= factor
    )
    return next(fitting, 1)


def _scaled(pixels: Image.Image, edges: _Edges, size: Size, resample: str) -> Image.Image:
    """Scale a box that lies within the pixels. Colours are weighted by alpha, so that hidden ones do not bleed into edges."""
    width, height = edges[2] - edges[0], edges[3] - edges[1]
    if (width, height) == size and all(edge == int(edge) for edge in edges):
        # Also where it is all: a copy is no longer the decoder's, whose metadata encoders would find.
        return pixels.crop((int(edges[0]), int(edges[1]), int(edges[2]), int(edges[3])))
    mode = pixels.mode
    pixels, edges = _alone(pixels, edges)
    if mode in _PREMULTIPLIED:
        pixels = pixels.convert(_PREMULTIPLIED[mode])
    edges = (edges[0], edges[1], min(edges[2], pixels.width), min(edges[3], pixels.height))
    scaled = pixels.resize(size, _FILTERS[resample], edges, reducing_gap=_REDUCING_GAP)
    if resample == "bisharp" and (size[0] < width or size[1] < height):
        scaled = scaled.filter(_SHARPER)
    return scaled.convert(mode) if scaled.mode != mode else scaled


def _alone(pixels: Image.Image, edges: _Edges) -> tuple[Image.Image, _Edges]:
    """Cut off what is not in the box: a crop comes before scaling, so no filter may see what lies beyond its edges."""
    left, top = max(0, math.floor(edges[0] + _NEAREST_STEP)), max(0, math.floor(edges[1] + _NEAREST_STEP))
    right = min(pixels.width, math.ceil(edges[2] - _NEAREST_STEP))
    bottom = min(pixels.height, math.ceil(edges[3] - _NEAREST_STEP))
    if (left, top, right, bottom) == (0, 0, *pixels.size):
        return pixels, edges
    part = pixels.crop((left, top, right, bottom))
    inner = (max(0.0, edges[0] - left), max(0.0, edges[1] - top), edges[2] - left, edges[3] - top)
    return part, inner


def _placed(part: Image.Image, across: _Axis, down: _Axis, size: Size) -> Image.Image:
    """Lay the visible part on a transparent ground. Result pixels that the picture covers in part get that much of alpha."""
    mode = "LA" if part.mode in ("L", "LA") else "RGBA"
    around = (
        (down.before, len(down.coverage) - down.count - down.before),
        (across.before, len(across.coverage) - across.count - across.before),
        (0, 0),
    )
    pixels = np.pad(np.asarray(part.convert(mode)), around, mode="edge")
    coverage = np.outer(down.coverage, across.coverage)
    pixels[..., -1] = np.rint(pixels[..., -1] * coverage).astype(np.uint8)
    canvas = Image.new(mode, size)
    canvas.paste(
        Image.frombytes(mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes()),
        (across.first - across.before, down.first - down.before),
    )
    return canvas


def _pixels(mode: str) -> PixelType:
    if mode == "CMYK":
        return "cmyk"
    return "gray" if mode in ("1", "L", "LA", "La") or mode.startswith("I;16") else "rgb"


def _dpi(image: Image.Image, found: list[photoshop.Resource]) -> float:
    """Horizontal dots per inch. PNG counts per metre, so its rounding is undone where a whole number lies that near."""
    horizontal = 0 if _invented_dpi(image) else image.info.get("dpi", (0,))[0]
    value = float(horizontal or photoshop.resolution(found))
    if not math.isfinite(value) or value <= 0:
        return 0.0
    nearest = round(value)
    return float(nearest) if abs(value - nearest) < 0.02 else round(value, 3)  # noqa: PLR2004  # half a dot per metre is 0.013


def _invented_dpi(image: Image.Image) -> bool:
    """Tell whether Pillow made the resolution up: 1 of a TIFF without, 72 of a JPEG whose EXIF block holds none."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _X_RESOLUTION not in image.tag_v2
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or image.info.get("jfif_unit"):
        return False
    return "dpi" in image.info and _X_RESOLUTION not in image.getexif()


def _resources(image: Image.Image) -> list[photoshop.Resource]:
    """Photoshop's blocks, which each container keeps in its own place. A JPEG spreads long ones over several segments."""
    if isinstance(image, (MergedFile, PsdImagePlugin.PsdImageFile)):
        return [photoshop.Resource(number, photoshop.text(name), data) for number, name, data in image.resources]
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return list(photoshop.resources(block(image.tag_v2.get(_IMAGE_RESOURCES))))
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        mark = b"Photoshop 3.0\0"
        segments = (data[len(mark) :] for name, data in image.applist if name == "APP13" and data.startswith(mark))
        return list(photoshop.resources(b"".join(segments)))
    return []
