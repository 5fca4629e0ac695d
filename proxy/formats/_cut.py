"""The colours that stand best for many: boxes of colour space, cut until there are enough.

In numpy, since Pillow's own quantizers either take seconds for a picture of half a megapixel or miss colours, and the alpha of
soft edges, by a third.
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Reals = NDArray[np.float64]

_ALPHA_WEIGHT = 3**0.5
_ENOUGH_BINS = 1 << 15
_DROPPED_BITS = (2, 3)


def cut(pixels: Pixels, count: int) -> tuple[list[tuple[int, ...]], Pixels]:
    """Find up to ``count`` colours (2 to 256) for n × 3 pixels in RGB or n × 4 in RGBA.

    The box whose colours differ most from their mean is cut in two at that mean, across the band in which they differ most.
    Where there are very many colours those that share their upper six or five bits a band stay together. Under alpha colours
    count by how much of them is seen, and alpha as much as the three together.

    Returns:
        The colours and, for each pixel, the index of its own.
    """
    bins, index = _binned(pixels)
    weights = np.bincount(index).astype(np.float64)
    values = np.column_stack([np.bincount(index, plane) for plane in _points(pixels).T]) / weights[:, None]
    # The number in the tuple keeps equal errors in order without comparing boxes.
    boxes = [(0.0, 0, _box(np.arange(bins), values, weights))]
    while len(boxes) < count and boxes[0][2].error > 0:
        _, number, box = heapq.heappop(boxes)
        above = values[box.members, box.axis] > box.middle
        for part, name in ((above, number), (~above, len(boxes) + 1)):
            half = _box(box.members[part], values, weights)
            heapq.heappush(boxes, (-half.error, name, half))
    entry_of_bin = np.empty(bins, np.uint8)
    colours = []
    for entry, (_, _, box) in enumerate(boxes):
        entry_of_bin[box.members] = entry
        colours.append(_colour(np.average(values[box.members], axis=0, weights=weights[box.members])))
    return colours, entry_of_bin[index]


@dataclass(frozen=True, slots=True, eq=False)
class _Box:
    """Bins of colours, the sum of their squared distances from the mean, and where to cut them in two."""

    members: NDArray[np.intp]
    error: float
    axis: int
    middle: float


def _box(members: NDArray[np.intp], values: Reals, weights: Reals) -> _Box:
    own, own_weights = values[members], weights[members]
    mean = np.average(own, axis=0, weights=own_weights)
    spread = own_weights @ (own - mean) ** 2
    axis = int(spread.argmax())
    middle = float(mean[axis])
    # Rounding may leave equal colours some distance from their mean; such a box cannot be cut.
    divisible = own[:, axis].min() <= middle < own[:, axis].max()
    return _Box(members, float(spread.sum()) if divisible else 0.0, axis, middle)


def _binned(pixels: Pixels) -> tuple[int, NDArray[np.intp]]:
    """How many bins there are, and the number of each pixel's: a bin a colour, or coarser ones if those are too many."""
    colours, index = _numbered(pixels)
    bins, bin_of_colour = len(colours), None
    for dropped in _DROPPED_BITS:
        if bins > _ENOUGH_BINS:
            coarser, bin_of_colour = _numbered(np.right_shift(colours, np.uint8(dropped)))
            bins = len(coarser)
    return bins, index if bin_of_colour is None else bin_of_colour[index]


def _numbered(pixels: Pixels) -> tuple[Pixels, NDArray[np.intp]]:
    """The distinct colours, and the number of each pixel's among them."""
    packed = np.zeros(len(pixels), np.uint32)
    for plane in pixels.T:
        packed = packed << 8 | plane
    _, first, index = np.unique(packed, return_index=True, return_inverse=True)
    return pixels[first], index.reshape(-1)


def _points(pixels: Pixels) -> Reals:
    points = pixels.astype(np.float64)
    if points.shape[1] == 4:  # noqa: PLR2004  # RGBA
        points[:, :3] *= points[:, 3:] / 255
        points[:, 3] *= _ALPHA_WEIGHT
    return points


def _colour(point: Reals) -> tuple[int, ...]:
    if len(point) == 4:  # noqa: PLR2004  # RGBA
        alpha = point[3] / _ALPHA_WEIGHT
        point = np.append(point[:3] * 255 / max(alpha, 1e-9), alpha)
    return tuple(np.rint(point).clip(0, 255).astype(int).tolist())
