"""Polygons cut at the sides of a rectangle: pure arithmetic."""

from collections.abc import Sequence

from proxy.protocol.path import Bounds, Point


def clipped(points: Sequence[Point], borders: Bounds) -> list[Point]:
    """Clip a polygon to a rectangle (Sutherland and Hodgman, 1974).

    What lies beyond is drawn along the border, so that every point within is still gone round as often, in the same direction.
    """
    kept = list(points)
    for axis, border, inward in ((0, borders[0], 1), (1, borders[1], 1), (0, borders[2], -1), (1, borders[3], -1)):
        kept = _cut(kept, axis, border, inward)
    return kept


def _cut(points: list[Point], axis: int, border: float, inward: int) -> list[Point]:
    """What lies on one side of a line."""
    kept: list[Point] = []
    for index, point in enumerate(points):
        before = points[index - 1]
        inside, was_inside = (point[axis] - border) * inward >= 0, (before[axis] - border) * inward >= 0
        if inside != was_inside:
            share = (border - before[axis]) / (point[axis] - before[axis])
            kept.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
        if inside:
            kept.append(point)
    return kept
