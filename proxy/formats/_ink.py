"""RGB into inks by the naive rule (protocol decision 23 (24)): black is the least of 1−R, 1−G, 1−B and taken out of the colours.

Here and not among the renderer's colours because a TIFF of inks with alpha has no Pillow mode: its encoder separates by itself.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]


def separate(rgb: Bytes) -> Bytes:
    """Return C, M, Y, K (height × width × 4, 255 is full ink) of R, G, B (height × width × 3).

    The colours are C = (1−R−K)/(1−K), so that R = (1−C)(1−K) leads back.
    """
    lightest = rgb.max(axis=2)
    inks = np.empty((*lightest.shape, 4), np.uint8)
    np.subtract(255, lightest, out=inks[..., 3])
    row = lightest.astype(np.uint16) << 8
    for band in range(3):
        inks[..., band] = _colour_inks()[row | rgb[..., band]]
    return inks


def cmyk(image: Image.Image) -> Image.Image:
    """Return the CMYK image of an RGB image."""
    return Image.frombytes("CMYK", image.size, separate(np.asarray(image)).tobytes())


@lru_cache(maxsize=1)
def _colour_inks() -> Bytes:
    """The ink for every pair of a pixel's lightest band and one band: a table, since division by pixel costs far more."""
    lightest, band = np.divmod(np.arange(65536), 256)
    missing = (lightest - band).clip(0) * 255
    divisor = lightest.clip(1)
    table: Bytes = ((2 * missing + divisor) // (2 * divisor)).astype(np.uint8)
    return table
