"""Polygons to coverage: how much of every pixel is inside, exactly, by the non-zero rule.

Signed areas are summed in pixels and then along rows, as FreeType and AGG do, for all polygons at once. Coordinates may be
as large as they like. Knows nothing of fonts.
"""

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

Edges = NDArray[np.float64]
"""Rows of x0, y0, x1, y1 in pixels."""

_BAND = 2_000_000
"""Pixels that are summed at once."""


def coverage(edges: Edges, width: int, height: int) -> NDArray[np.uint8]:
    """Fill closed polygons, given as their edges in any order, wherever they are: 0 to 255 for every pixel of the picture."""
    made = np.zeros((height, width), np.uint8)
    rows = max(1, _BAND // max(1, width))
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        band = _between(edges, top, bottom)
        if len(band):
            made[top:bottom] = _summed(_beside(band, width), top, width, bottom - top)
    return made


def _between(edges: Edges, top: float, bottom: float) -> Edges:
    """Cut edges to a band of rows; level ones say nothing."""
    y0, y1 = edges[:, 1], edges[:, 3]
    edges = edges[(np.minimum(y0, y1) < bottom) & (np.maximum(y0, y1) > top) & (y0 != y1)]
    x0, y0, x1, y1 = edges.T
    slope = (x1 - x0) / (y1 - y0)
    start, end = np.clip(y0, top, bottom), np.clip(y1, top, bottom)
    return np.stack([x0 + (start - y0) * slope, start, x0 + (end - y0) * slope, end], axis=1)


def _beside(edges: Edges, width: int) -> Edges:
    """Part edges where they leave a picture at its sides; what is beyond a side is laid upon it, since only its height counts."""
    for side in (0.0, float(width)):
        x0, y0, x1, y1 = edges.T
        across = ((x0 < side) & (x1 > side)) | ((x0 > side) & (x1 < side))
        cut = edges[across]
        if len(cut):
            x0, y0, x1, y1 = cut.T
            y = y0 + (y1 - y0) * (side - x0) / (x1 - x0)
            at = np.full_like(y, side)
            edges = np.concatenate([edges[~across], np.stack([x0, y0, at, y], axis=1), np.stack([at, y, x1, y1], axis=1)])
    edges[:, [0, 2]] = np.clip(edges[:, [0, 2]], 0.0, float(width))
    return edges


def _summed(edges: Edges, top: int, width: int, height: int) -> NDArray[np.uint8]:
    """Sum what every edge adds to its own pixel and to those right of it."""
    x0, y0, x1, y1 = _parted(_parted(edges, along_y=True), along_y=False).T
    column = np.minimum(np.floor((x0 + x1) / 2), width).astype(np.int64)
    row = np.clip(np.floor((y0 + y1) / 2).astype(np.int64) - top, 0, height - 1)
    tall = y1 - y0
    right = tall * ((x0 + x1) / 2 - column)
    stride = width + 2
    places = row * stride + column
    total = np.bincount(places, tall - right, stride * height) + np.bincount(places + 1, right, stride * height)
    inside = np.cumsum(total.reshape(height, stride), axis=1)[:, :width]
    filled: NDArray[np.uint8] = np.rint(np.minimum(np.abs(inside), 1.0) * 255).astype(np.uint8)
    return filled


def _parted(edges: Edges, *, along_y: bool) -> Edges:
    """Part edges at whole rows, or at whole columns."""
    first, last = (edges[:, 1], edges[:, 3]) if along_y else (edges[:, 0], edges[:, 2])
    low, high = np.minimum(first, last), np.maximum(first, last)
    start = np.floor(low)
    counts = np.maximum(np.ceil(high) - start, 1).astype(np.int64)
    if not len(counts) or counts.max() == 1:
        return edges
    parts = np.repeat(edges, counts, axis=0)
    number = np.arange(len(parts)) - np.repeat(np.cumsum(counts) - counts, counts)
    cell = np.repeat(start, counts) + number
    low, high = np.repeat(low, counts), np.repeat(high, counts)
    upright = high <= low
    length = np.where(upright, 1.0, high - low)
    one = np.where(upright, 0.0, (np.clip(cell, low, high) - low) / length)
    other = np.where(upright, 1.0, (np.clip(cell + 1, low, high) - low) / length)
    falling = np.repeat(last < first, counts)
    a, b = np.where(falling, 1 - other, one)[:, None], np.where(falling, 1 - one, other)[:, None]
    where, way = parts[:, :2], parts[:, 2:] - parts[:, :2]
    return np.concatenate([where + way * a, where + way * b], axis=1)


def bounding(edges: Edges, width: int, height: int) -> tuple[int, int, int, int]:
    """The whole pixels of a picture that edges may touch: left, top, right, bottom."""
    if not len(edges):
        return 0, 0, 0, 0
    low, high = edges.reshape(-1, 2).min(axis=0), edges.reshape(-1, 2).max(axis=0)
    left, top = (floor(min(max(value, 0.0), side)) for value, side in zip(low.tolist(), (width, height), strict=True))
    right, bottom = (ceil(min(max(value, 0.0), side)) for value, side in zip(high.tolist(), (width, height), strict=True))
    return left, top, right, bottom
