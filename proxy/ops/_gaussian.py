"""Gaussian means of planes: of what lies around a pixel, in any radius, at about the same cost.

Must not know any operation. Radii are standard deviations in pixels, like ImageMagick's ``sigma``. Beyond the border the
border's own pixels go on.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image

from proxy.ops._channels import TIE, Levels, Plane

_BLOCK = 64
_CUBIC = 2
"""How many pixels a cubic looks to either side."""
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
    """A block of the banded matrix whose product with a column is its convolution.

    Its shape is (_BLOCK, _BLOCK + 2 reach). The kernel is the Gaussian for a grid, exp(-t) I(n, t) with t the variance:
    unlike samples of the continuous one it has exactly this variance however small the radius. It is the inverse Fourier
    transform of exp(t (cos θ - 1)).
    """
    reach = math.ceil(4.5 * radius) + 1
    angles = np.linspace(0, math.pi, 4 * reach + 33)
    half = np.fft.irfft(np.exp(radius * radius * (np.cos(angles) - 1)))[: reach + 1]
    kernel = np.concatenate([half[:0:-1], half])
    band = np.zeros((_BLOCK, _BLOCK + 2 * reach), np.float32)
    for row in range(_BLOCK):
        band[row, row : row + kernel.size] = kernel / kernel.sum()
    band.flags.writeable = False
    return band


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
