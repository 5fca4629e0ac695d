"""Gaussian means of planes: of what lies around a pixel, in any radius, at about the same cost.

Must not know any operation. Radii are standard deviations in pixels, like ImageMagick's ``sigma``. Beyond the border the
border's own pixels go on.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from proxy.ops._channels import TIE, Levels, Plane

_BLOCK = 64
_CUBIC = 2
"""How many pixels a cubic looks to either side."""
_WIDER = 0.3
"""By this much the curve has to be wider than its samples at most."""
_NEAR = 1e-9
_WIDEST = 16.0
"""Up to this radius the kernel is applied to the pixels themselves, beyond to a reduced picture."""


def gaussian(plane: Levels | Plane, radius: float) -> Plane:
    """The weighted mean around every pixel. ``radius`` is more than 0.

    Exact to 0.002 levels up to a radius of 16; beyond, to 0.3.
    """
    if radius <= _WIDEST:
        return _convolved(plane, _band(radius))
    factor = int(radius / _WIDEST * 2)
    return _on_reduced(plane, radius, factor)


def means(colours: Sequence[Levels | Plane], alpha: Levels | None, radius: float) -> tuple[list[Plane], Plane | None]:
    """The mean colours around every pixel, each neighbour counting by its alpha, and the mean alpha.

    So what hides under transparent pixels shines into none. Where all is transparent the colours stay.
    """
    if alpha is None:
        return [gaussian(plane, radius) for plane in colours], None
    weight = gaussian(alpha, radius)
    seen = (alpha > 0) & (weight > TIE)
    around: list[Plane] = []
    for plane in colours:
        mean = plane.astype(np.float32)
        np.divide(gaussian(mean * alpha, radius), weight, out=mean, where=seen)
        around.append(mean)
    return around, weight


@lru_cache(maxsize=64)
def _band(radius: float) -> Plane:
    """A block of the banded matrix whose product with a column is its convolution, of shape (_BLOCK, _BLOCK + 2 reach)."""
    kernel = _kernel(radius)
    band = np.zeros((_BLOCK, _BLOCK + kernel.size - 1), np.float32)
    for row in range(_BLOCK):
        band[row, row : row + kernel.size] = kernel
    band.flags.writeable = False
    return band


def _kernel(radius: float) -> NDArray[np.float64]:
    """Samples of a Gaussian, of sum 1 and standard deviation ``radius``.

    From radius 1 on samples have the deviation of the curve they are taken from. Below they have less, and next to none at the
    radii by which pages sharpen thumbnails, so they are taken from a wider one.
    """
    reach = math.ceil(4.5 * radius) + 1
    squares = np.arange(-reach, reach + 1, dtype=np.float64) ** 2
    low, high = (radius, radius) if radius >= 1 else (radius, radius + _WIDER)
    while True:
        width = (low + high) / 2
        kernel = np.exp(squares / (-2 * width * width))
        kernel /= kernel.sum()
        if high - low < _NEAR:
            return np.asarray(kernel)
        if float(kernel @ squares) < radius * radius:
            low = width
        else:
            high = width


def _convolved(plane: Levels | Plane, band: Plane) -> Plane:
    """Multiply by the band along both axes, block by block: the work of a convolution at the speed of a matrix product."""
    height, width = plane.shape
    reach = (band.shape[1] - _BLOCK) // 2
    across = np.ascontiguousarray(band.T)
    padded = np.pad(plane, reach, mode="edge").astype(np.float32, copy=False)
    stripe = np.empty((_BLOCK, width + 2 * reach), np.float32)
    result = np.empty((height, width), np.float32)
    for top in range(0, height, _BLOCK):
        rows = min(_BLOCK, height - top)
        np.matmul(band[:rows, : rows + 2 * reach], padded[top : top + rows + 2 * reach], out=stripe[:rows])
        for left in range(0, width, _BLOCK):
            columns = min(_BLOCK, width - left)
            np.matmul(
                stripe[:rows, left : left + columns + 2 * reach],
                across[: columns + 2 * reach, :columns],
                out=result[top : top + rows, left : left + columns],
            )
    return result


def _on_reduced(plane: Levels | Plane, radius: float, factor: int) -> Plane:
    """Reduce by boxes, convolve, enlarge by cubics.

    A box of ``factor`` pixels has the variance (factor² - 1) / 12, which the kernel need not have any more; the cubics reproduce
    parabolas and so have none. The margin is as far as the cubics look.
    """
    height, width = plane.shape
    margin = _CUBIC * factor
    padded = np.pad(plane, ((margin, margin - height % -factor), (margin, margin - width % -factor)), mode="edge")
    small = Image.fromarray(padded.astype(np.float32, copy=False)).reduce(factor)
    rest = math.sqrt(radius * radius - (factor * factor - 1) / 12) / factor
    mean = Image.fromarray(_convolved(np.asarray(small), _band(rest)))
    box = (_CUBIC, _CUBIC, _CUBIC + width / factor, _CUBIC + height / factor)
    # a copy that may be written to, since callers go on in place
    return np.array(mean.resize((width, height), Image.Resampling.BICUBIC, box))
