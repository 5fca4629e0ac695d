"""Dilation and erosion by a disc: the greatest or the least of all that lies within a radius.

Must not know any operation. Of a whole radius r the disc holds every pixel at a distance of at most r; a radius between two
whole ones gives what lies between their results, in the same proportion, so that it moves an edge by parts of a pixel.
What lies beyond the border does not count.
"""

import math
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from proxy.ops._channels import Plane

Whole = TypeVar("Whole", np.uint8, np.uint16)


def grown(plane: NDArray[Whole], radius: float) -> Plane:
    """Dilate by ``radius`` pixels, or erode by as many if it is negative. The work grows with the radius, not its square."""
    best = np.maximum if radius > 0 else np.minimum
    lower = int(abs(radius))
    upper_share = abs(radius) - lower
    result = extremes(plane, lower, best).astype(np.float32)
    if upper_share:
        result *= np.float32(1 - upper_share)
        result += extremes(plane, lower + 1, best) * np.float32(upper_share)
    return result


def extremes(plane: NDArray[Whole], radius: int, best: Any) -> NDArray[Whole]:
    """The ``best`` of a disc around every pixel; ``best`` is ``np.maximum`` or ``np.minimum``.

    A disc is a pile of chords. The best along a chord is that of two runs that overlap, each a power of two long; from the
    shortest chord, at the top, to the longest, in the middle, the runs need only be doubled.
    """
    height, width = plane.shape
    margin = min(radius, width - 1)
    run, length = np.pad(plane, ((0, 0), (margin, margin)), mode="edge"), 1
    result = plane.copy()
    chord = np.empty_like(plane)
    for rise in range(min(radius, height - 1), -1, -1):
        half = min(math.isqrt(radius * radius - rise * rise), margin)
        while 2 * length <= 2 * half + 1:
            run = best(run[:, :-length], run[:, length:])
            length *= 2
        first, last = margin - half, margin + half + 1 - length
        best(run[:, first : first + width], run[:, last : last + width], out=chord)
        best(result[rise:], chord[: height - rise], out=result[rise:])
        best(result[: height - rise], chord[rise:], out=result[: height - rise])
    return result
