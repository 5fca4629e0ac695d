"""Palettes for GIF and PNG8: how they are made and how pixels are brought to them (``r-is-http-quantize``).

Counts of colours leave out the wholly transparent one: ``gif-alpha`` with two colours is bi-tonal and transparent.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from proxy.errors import BadValue
from proxy.formats._cut import cut
from proxy.recipe.model import Quantize

Colors = list[tuple[int, int, int]]
Pixels = NDArray[np.uint8]

_STEPS = range(0, 256, 51)
WEB: Colors = list(product(_STEPS, _STEPS, _STEPS))
"""The 216 colours that have 0, 51, 102, 153, 204 or 255 in each band."""

_RAMP = (238, 221, 187, 170, 136, 119, 85, 68, 34, 17)
MAC: Colors = [
    *WEB[:0:-1],
    *((level, 0, 0) for level in _RAMP),
    *((0, level, 0) for level in _RAMP),
    *((0, 0, level) for level in _RAMP),
    *((level, level, level) for level in _RAMP),
    (0, 0, 0),
]
"""The 256 colours of the Macintosh system palette: the cube, ramps of red, green, blue and gray between its steps, then black."""

_MOST = 256
_OPAQUE = 255
_HALF = 128
_FEWEST_PARTIAL = 8


@dataclass(frozen=True, slots=True)
class Indexed:
    """An image of mode P and the alpha of each entry of its palette, none where all are opaque."""

    image: Image.Image
    alphas: tuple[int, ...] = ()


def quantized(image: Image.Image, how: Quantize, *, partial: bool) -> Indexed:
    """Bring an image to a palette.

    Args:
        image: mode L, LA, RGB or RGBA.
        how: kind of palette, number of colours, dithering, forced colours (for the adaptive one).
        partial: entries may be transparent in part. Otherwise pixels less than half opaque are transparent and all others opaque.
            Only an adaptive palette has such entries.

    Raises:
        BadValue: the ``mac`` palette for an image with alpha: it has no entry to spare.
    """
    if not image.mode.endswith("A"):
        rgb = image.convert("RGB")
        palette = _palette(rgb, np.asarray(rgb).reshape(-1, 3), how, how.count)
        return Indexed(_with_palette(_indices(rgb, palette, dither=how.dither), palette))
    if how.type == "mac":
        raise BadValue("quantize", "mac", "adaptive or web for a format with alpha, whose palette needs a transparent entry")
    rgba = np.asarray(image.convert("RGBA"))
    alpha = rgba[..., 3]
    if partial and how.type == "adaptive" and ((alpha > 0) & (alpha < _OPAQUE)).any():
        return _with_partial_alpha(rgba, how)
    return _with_key(rgba, alpha >= _HALF, how)


def _with_key(rgba: Pixels, shown: NDArray[np.bool_], how: Quantize) -> Indexed:
    """Quantize the pixels that are shown; the others get an entry of their own, the last one."""
    palette, indices = _masked(rgba[..., :3], shown, how, min(how.count, _MOST - 1))
    if shown.all():
        return Indexed(_with_palette(indices, palette))
    indices[~shown] = len(palette)
    alphas = (*(_OPAQUE for _ in palette), 0)
    return Indexed(_with_palette(indices, [*palette, (0, 0, 0)]), alphas)


def _with_partial_alpha(rgba: Pixels, how: Quantize) -> Indexed:
    """Give opaque pixels, which are nearly all of most pictures, a good palette, and those of soft edges one of their own."""
    alpha = rgba[..., 3]
    opaque, soft = alpha == _OPAQUE, (alpha > 0) & (alpha < _OPAQUE)
    hidden = alpha == 0
    count = min(how.count, _MOST - 1) if hidden.any() else how.count
    room = count
    if opaque.any():
        share = round(count * soft.sum() / (soft.sum() + opaque.sum()))
        room = min(max(share, count // _FEWEST_PARTIAL, 1), count - 1)
    soft_colors, soft_indices = _soft(rgba[soft], room)
    colors: list[tuple[int, ...]] = []
    indices = np.zeros(alpha.shape, np.uint8)
    if opaque.any():
        palette, indices = _masked(rgba[..., :3], opaque, how, count - len(soft_colors))
        colors += [(*color, _OPAQUE) for color in palette]
    indices[soft] = len(colors) + soft_indices
    colors += soft_colors
    if hidden.any():
        indices[hidden] = len(colors)
        colors.append((0, 0, 0, 0))
    palette_only: Colors = [(color[0], color[1], color[2]) for color in colors]
    return Indexed(_with_palette(indices, palette_only), tuple(color[3] for color in colors))


def _masked(rgb: Pixels, mask: NDArray[np.bool_], how: Quantize, count: int) -> tuple[Colors, Pixels]:
    """The palette of the pixels in a mask, and indices into it; those of other pixels mean nothing."""
    if not mask.any():
        return [], np.zeros(mask.shape, np.uint8)
    palette = _palette(Image.fromarray(rgb), rgb[mask], how, count)
    # What is not seen takes a colour of the palette, so that it has no error to diffuse into what is.
    seen = np.where(mask[..., None], rgb, np.array(palette[0], np.uint8))
    return palette, _indices(Image.fromarray(seen), palette, dither=how.dither)


def _palette(image: Image.Image, pixels: Pixels, how: Quantize, count: int) -> Colors:
    """Make the palette of some pixels (n × 3) of an image."""
    if how.type == "web":
        return WEB
    if how.type == "mac":
        return MAC
    forced = list(dict.fromkeys(how.colors))[:count]
    if forced:
        packed = _packed(pixels)
        pixels = pixels[~np.isin(packed, _packed(np.array(forced, np.uint8)))]
    room = count - len(forced)
    if room == 0 or len(pixels) == 0:
        return forced
    whole = len(pixels) == image.width * image.height
    flat = image if whole else Image.frombytes("RGB", (len(pixels), 1), pixels.tobytes())
    few = flat.getcolors(room)
    if few is not None:
        return forced + [color for _, color in sorted(few, key=lambda item: (-item[0], item[1]))]  # type: ignore[misc]  # RGB
    colors = ((red, green, blue) for red, green, blue in cut(pixels, room)[0])
    return forced + [color for color in dict.fromkeys(colors) if color not in forced]


def _soft(pixels: Pixels, room: int) -> tuple[list[tuple[int, ...]], Pixels]:
    """Palette (RGBA) and indices of pixels that are transparent in part (n × 4)."""
    colors, index = np.unique(pixels.view(np.uint32), return_inverse=True)
    if len(colors) <= room:
        return [tuple(color) for color in colors.view(np.uint8).reshape(-1, 4).tolist()], index.reshape(-1).astype(np.uint8)
    return cut(pixels, room)


def _indices(rgb: Image.Image, palette: Colors, *, dither: bool) -> Pixels:
    few = rgb.getcolors(_MOST)
    if few is not None and {color for _, color in few} <= set(palette):
        # Pillow finds the nearest entry for blocks of colours, so of neighbours one may get the other's.
        packed = _packed(np.array(palette, np.uint8))
        order = packed.argsort()
        pixels = _packed(np.asarray(rgb).reshape(-1, 3))
        return order[np.searchsorted(packed, pixels, sorter=order)].astype(np.uint8).reshape(rgb.height, rgb.width)
    holder = _with_palette(np.zeros((1, 1), np.uint8), palette)
    method = Image.Dither.FLOYDSTEINBERG if dither else Image.Dither.NONE
    return np.array(rgb.quantize(palette=holder, dither=method))


def _with_palette(indices: Pixels, palette: Colors) -> Image.Image:
    image = Image.frombytes("P", (indices.shape[1], indices.shape[0]), indices.tobytes())
    image.putpalette(bytes(value for color in palette for value in color))
    return image


def _packed(pixels: Pixels) -> NDArray[np.uint32]:
    wide = pixels.astype(np.uint32)
    packed: NDArray[np.uint32] = np.bitwise_or(np.bitwise_or(wide[:, 0] << 16, wide[:, 1] << 8), wide[:, 2])
    return packed
