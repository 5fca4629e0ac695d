"""Outlines flattened and cut to a picture, for glyphs that reach so far out of it that AGG's coordinates would not hold them.

Pure geometry.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, hypot

from proxy.render.text.fonts import Outline
from proxy.render.text.marks import Matrix

Point = tuple[float, float]
_ROOM = 4.0
_MOST_STEPS = 256


def clipped(outline: Outline, matrix: Matrix, size: tuple[int, int]) -> list[list[Point]]:
    """The polygons of the part of an outline that is in or near a picture."""
    box = (-_ROOM, -_ROOM, size[0] + _ROOM, size[1] + _ROOM)
    parts = (cut(contour, box) for contour in contours(outline, matrix))
    return [part for part in parts if len(part) > 2]  # noqa: PLR2004  # less has no area


def contours(outline: Outline, matrix: Matrix) -> list[list[Point]]:
    """Flatten an outline in the frame of a matrix."""
    a, b, c, d, e, f = matrix
    made: list[list[Point]] = []
    for letter, values in outline:
        points = [(a * x + b * y + c, d * x + e * y + f) for x, y in zip(values[::2], values[1::2], strict=True)]
        if letter == "M":
            made.append([points[0]])
        elif letter == "L":
            made[-1].append(points[0])
        elif letter in "QC":
            made[-1] += _curve([made[-1][-1], *points])
    return made


def _curve(control: Sequence[Point]) -> list[Point]:
    """Points on a Bézier curve behind its start, by de Casteljau."""
    length = sum(hypot(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(control))
    steps = min(max(4, ceil(length**0.5)), _MOST_STEPS)
    return [_at(control, step / steps) for step in range(1, steps + 1)]


def _at(control: Sequence[Point], t: float) -> Point:
    while len(control) > 1:
        control = [(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t) for (x0, y0), (x1, y1) in pairwise(control)]
    return control[0]


def cut(points: Sequence[Point], box: tuple[float, float, float, float]) -> list[Point]:
    """Cut a polygon to a rectangle (Sutherland and Hodgman); winding within it stays what it was."""
    left, top, right, bottom = box
    kept = list(points)
    for axis, edge, sign in ((0, left, 1), (0, right, -1), (1, top, 1), (1, bottom, -1)):
        kept = _half(kept, axis, edge, sign)
    return kept


def _half(points: Sequence[Point], axis: int, edge: float, sign: int) -> list[Point]:
    kept: list[Point] = []
    for before, here in zip([*points[-1:], *points[:-1]], points, strict=True):
        one, other = (before[axis] - edge) * sign, (here[axis] - edge) * sign
        if (one < 0) != (other < 0):
            t = one / (one - other)
            kept.append((before[0] + (here[0] - before[0]) * t, before[1] + (here[1] - before[1]) * t))
        if other >= 0:
            kept.append(here)
    return kept
