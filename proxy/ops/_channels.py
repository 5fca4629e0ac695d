"""Colour bands, alpha and planes: how the operations take pictures apart and put them together again.

Knows Pillow's modes L, LA, RGB and RGBA; must not know any operation. A *plane* is one band as a numpy array of shape
(height, width), levels 0 to 255.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Levels = NDArray[np.uint8]
Plane = NDArray[np.float32]

TIE = 2.0**-10
"""Sums in single precision are off by less than this. Comparisons and rounding lean upwards by it, so that what is exactly
half between two levels goes the same way on every machine."""

_SAME = tuple(range(256))
_LUMA = (0.299, 0.587, 0.114)


def mapped(image: Image.Image, *tables: Sequence[int]) -> Image.Image:
    """Replace levels by ``tables``: one of 256 entries for all colour bands, or one for each. Alpha is kept."""
    colours = len(image.getbands()) - _has_alpha(image)
    chosen = tables * colours if len(tables) == 1 else tables
    lut = [level for table in chosen for level in table]
    return image.point(lut + [*_SAME] * _has_alpha(image))


def level(value: float) -> int:
    """Round half up to a level, 0 to 255."""
    return int(min(max(value, 0.0), 255.0) + 0.5)


def in_colour(image: Image.Image) -> Image.Image:
    """The same picture with red, green and blue."""
    return image.convert({"L": "RGB", "LA": "RGBA"}.get(image.mode, image.mode))


def is_colour(image: Image.Image) -> bool:
    """Whether it has red, green and blue."""
    return image.mode in {"RGB", "RGBA"}


def take_apart(image: Image.Image) -> tuple[list[Levels], Levels | None]:
    """The planes of the colours, and that of alpha; ``None`` if there is none or all of it is opaque."""
    bands = list(image.split())
    alpha = bands.pop() if _has_alpha(image) else None
    opaque = alpha is None or alpha.getextrema() == (255, 255)
    return [np.asarray(band) for band in bands], None if opaque else np.asarray(alpha)


def put_together(colours: Sequence[Levels], alpha: Levels | None, like: Image.Image) -> Image.Image:
    """Make a picture of planes, of the mode of ``like``. Without ``alpha`` its alpha is that of ``like``."""
    bands = [Image.fromarray(plane) for plane in colours]
    if _has_alpha(like):
        bands.append(like.getchannel("A") if alpha is None else Image.fromarray(alpha))
    return Image.merge(like.mode, bands)


def luma(colours: Sequence[Levels]) -> Plane:
    """Brightness as protocol decision 23 (24) has it: of one plane itself, of three 0.299 R + 0.587 G + 0.114 B."""
    if len(colours) == 1:
        return colours[0].astype(np.float32)
    red, green, blue = (plane * np.float32(weight) for plane, weight in zip(colours, _LUMA, strict=True))
    red += green
    red += blue
    return red


def rounded(plane: Plane) -> Levels:
    """Round to levels, in place as far as the plane goes: what is below 0 is 0, above 255 it is 255."""
    plane += np.float32(0.5 + TIE)
    np.clip(plane, 0.0, 255.0, out=plane)
    return plane.astype(np.uint8)


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"LA", "RGBA"}
