"""Laying an image over a canvas by a blend mode (``r-blendmode``), alpha not premultiplied.

With backdrop colour Cb and alpha ab, source colour Cs and alpha as, the colour that is laid over is (1 - ab) Cs + ab B(Cb,
Cs), and normal compositing does the rest: the formula of Photoshop, PDF (ISO 32000, 11.3) and the W3C's Compositing and
Blending.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops

_MODES: dict[str, Callable[[Image.Image, Image.Image], Image.Image]] = {
    "lighten": ImageChops.lighter,
    "darken": ImageChops.darker,
    "mult": ImageChops.multiply,
    "screen": ImageChops.screen,
}


def over(canvas: Image.Image, image: Image.Image, offset: tuple[int, int], mode: str = "norm", seed: int = 0) -> Image.Image:
    """Lay an image over a canvas, its top left corner at an offset; what lies outside the canvas is cut off.

    Args:
        canvas: mode RGB or RGBA; an opaque one stays opaque.
        image: mode RGB or RGBA.
        offset: in pixels of the canvas.
        mode: a word of ``blendMode=``.
        seed: of the pattern by which ``dissolve`` decides; equal seeds give equal patterns.
    """
    left, top = max(offset[0], 0), max(offset[1], 0)
    right, bottom = min(offset[0] + image.width, canvas.width), min(offset[1] + image.height, canvas.height)
    if left >= right or top >= bottom:
        return canvas
    part = image.crop((left - offset[0], top - offset[1], right - offset[0], bottom - offset[1]))
    if mode in _MODES:
        part = _blended(canvas.crop((left, top, right, bottom)), part, _MODES[mode])
    elif mode == "dissolve":
        part = _dissolved(part, seed)
    canvas = canvas.copy()
    if canvas.mode == "RGBA" and part.mode == "RGBA":
        canvas.alpha_composite(part, (left, top))
    else:
        # an opaque canvas stays opaque, and an opaque image hides what lies below
        canvas.paste(part, (left, top), part.getchannel("A") if part.mode == "RGBA" else None)
    return canvas


def _blended(backdrop: Image.Image, source: Image.Image, blend: Callable[[Image.Image, Image.Image], Image.Image]) -> Image.Image:
    """The colours that normal compositing is to lay over, with the alpha of the source."""
    colours = source.convert("RGB")
    mixed = blend(backdrop.convert("RGB"), colours)
    if backdrop.mode == "RGBA":
        mixed = Image.composite(mixed, colours, backdrop.getchannel("A"))
    if source.mode == "RGBA":
        mixed.putalpha(source.getchannel("A"))
    return mixed


def _dissolved(source: Image.Image, seed: int) -> Image.Image:
    """Every pixel wholly there or not at all, as often as its alpha says."""
    if source.mode == "RGB":
        return source
    alpha = np.asarray(source.getchannel("A"))
    # levels 1 to 255: alpha 255 is always there, alpha 0 never
    chance = np.random.Generator(np.random.PCG64(seed)).integers(1, 256, alpha.shape, dtype=np.uint8)
    result = source.copy()
    result.putalpha(Image.fromarray(np.where(alpha >= chance, np.uint8(255), np.uint8(0))))
    return result
