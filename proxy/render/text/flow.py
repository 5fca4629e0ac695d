"""Text that flows into shapes (``r-textflowpath``, ``r-textflowxpath``), and into a box at an angle (``r-textangle``).

A shape is asked for the free widths of the band that a line takes. Angles and vertical flow turn the shape instead of the lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from proxy.errors import LimitExceeded
from proxy.protocol.path import Path
from proxy.recipe.text import TextPlan
from proxy.render.text.boxes import PLAIN, SPARE, boxed, turned, turning, upright, vertical
from proxy.render.text.compose import Composed, Slot
from proxy.render.text.extents import SLACK, Layout, about_ink, reaching
from proxy.render.text.fit import fitted
from proxy.render.text.marks import Mark, Matrix, marks_of, moved, then
from proxy.render.text.outline import Point, flattened, inverse

_LINES = 10
_NARROW = 0.25
"""A slot less than a quarter as wide as its line is high has no room for a letter."""

_MOST_REGIONS = 256
_STEPS = 160
_SETTLING = 6
_GROWTH = 1.2
_MOST_GROWTH = 60
_PATIENCE = 8.0

Edges = NDArray[np.float64]
"""Rows of x0, y0, x1, y1."""


@dataclass(frozen=True, slots=True)
class Region:
    """One shape as a room, in the frame of its lines, without what is excluded. ``top`` may be below its upper end."""

    edges: Edges
    excluded: Edges
    top: float
    bottom: float
    widest: float

    def slots(self, top: float, bottom: float) -> list[Slot] | None:
        """The widths that are in the shape over the whole height of a band."""
        if bottom > self.bottom + SLACK:
            return None
        least = max((bottom - top) * _NARROW, SLACK)
        free: list[Slot] = [(-inf, inf)]
        for y in _lines(self.edges, top, bottom):
            free = _both(free, _inside(self.edges, y), least)
            if not free:
                return free
        for y in _lines(self.excluded, top, bottom):
            free = _without(free, _inside(self.excluded, y), least)
            if not free:
                return free
        return free

    def step(self) -> float:
        """A small part of its height."""
        return (self.bottom - self.top) / _STEPS


def in_path(plan: TextPlan, flow: Path) -> Layout:
    """Text in the sub-paths of a path, in their order. Its origin is the path's."""
    angle = turned(plan)
    matrix = then(upright(0.0) if vertical(plan) else PLAIN, turning(angle))
    composed = _flowed(plan, _polygons(flow, matrix), _polygons(plan.exclude, matrix))
    return _finished(plan, moved(marks_of(composed.lines), matrix))


def _finished(plan: TextPlan, marks: list[Mark]) -> Layout:
    """With a size it is the layer's, else the ink is."""
    if not plan.box[0]:
        return about_ink(marks)
    if plan.box[1]:
        return reaching(marks, plan.box)
    grown = about_ink(marks).extent
    anchor = grown.anchor or (0.0, 0.0)
    return reaching(marks, (plan.box[0], max(1, round(grown.size[1] - anchor[1]))))


def at_angle(plan: TextPlan) -> Layout:
    """Text in a box at an angle: a box of free height grows until all of it is in, not at all where it never will be."""
    width, height = plan.box
    if height:
        composed, marks = _tilted(plan, (width, height))
        return reaching(marks, plan.box)
    least = tall = max(1.0, float(boxed(replace(plan, angle=0.0)).extent.size[1]) / 2)
    chosen: tuple[float, list[Mark]] | None = None
    for _ in range(_MOST_GROWTH):
        composed, marks = _tilted(plan, (width, tall))
        if composed.whole and (chosen is None or not composed.parted):
            chosen = tall, marks
            if not composed.parted:
                break
        if chosen is not None and tall > chosen[0] * _PATIENCE:
            break
        tall *= _GROWTH
    tall, marks = chosen or (least, _tilted(plan, (width, least))[1])
    return reaching(marks, (width, max(1, round(tall))))


def _tilted(plan: TextPlan, size: tuple[float, float]) -> tuple[Composed, list[Mark]]:
    width, height = size
    left, top, right, bottom = (margin * plan.resolution / 72 for margin in plan.document.margins)
    frame = turning(turned(plan), width / 2, height / 2)
    matrix = then(upright(width), frame) if vertical(plan) else frame
    corners = [(left, top), (width - right, top), (width - right, height - bottom), (left, height - bottom)]
    back = inverse(matrix)
    composed = _flowed(plan, [[_through(back, corner) for corner in corners]], [])
    return composed, moved(marks_of(composed.lines), matrix)


def _through(matrix: Matrix, place: Point) -> Point:
    a, b, c, d, e, f = matrix
    return a * place[0] + b * place[1] + c, d * place[0] + e * place[1] + f


def _polygons(path: Path | None, matrix: Matrix) -> list[list[Point]]:
    """A path's sub-paths in the frame of the lines."""
    back = inverse(matrix)
    return [[_through(back, place) for place in points] for points, _ in flattened(path)] if path else []


def _flowed(plan: TextPlan, shapes: Sequence[Sequence[Point]], excluded: Sequence[Sequence[Point]]) -> Composed:
    """Compose into shapes; where there is one only and all text is in it, at its upper end, in its middle or at its lower end."""
    without = np.concatenate([_edges(shape) for shape in excluded]) if excluded else np.zeros((0, 4))
    regions = [_region(_edges(shape), without) for shape in shapes if len(shape) > 2]  # noqa: PLR2004  # less has no area
    if len(regions) > _MOST_REGIONS:
        raise LimitExceeded(f"textFlowPath=: the path has {len(regions)} sub-paths, {_MOST_REGIONS} are allowed")
    composed = fitted(plan, lambda: regions, "words")
    share = SPARE[plan.document.vertical]
    if not share or len(regions) != 1 or not composed.whole or not composed.lines:
        return composed
    (region,) = regions
    good = composed
    low, high = 0.0, (region.bottom - composed.lines[-1].bottom) * share
    shift = high
    for _ in range(_SETTLING):
        lower = fitted(plan, lambda: [replace(region, top=region.top + shift)], "words")  # noqa: B023  # called at once
        if lower.whole:
            good, low = lower, shift
            if shift == high:
                break
        else:
            high = shift
        shift = (low + high) / 2
    return good


def _region(edges: Edges, excluded: Edges) -> Region:
    ys, xs = edges[:, [1, 3]], edges[:, [0, 2]]
    return Region(edges, excluded, float(ys.min()), float(ys.max()), float(xs.max() - xs.min()))


def _edges(points: Sequence[Point]) -> Edges:
    places = np.array(points, dtype=np.float64)
    return np.concatenate([places, np.roll(places, -1, axis=0)], axis=1)


def _lines(edges: Edges, top: float, bottom: float) -> list[float]:
    """Heights at which a band is looked at: its ends, and its corners, some of them if they are many."""
    inner = np.unique(edges[(edges[:, 1] > top) & (edges[:, 1] < bottom), 1])
    if len(inner) > _LINES:
        inner = inner[np.linspace(0, len(inner) - 1, _LINES).astype(int)]
    small = (bottom - top) * 1e-6 + SLACK
    return [top + small, *(y for each in inner.tolist() for y in (each - small, each + small)), bottom - small]


def _inside(edges: Edges, y: float) -> list[Slot]:
    """The widths that are in a shape at one height, by the non-zero rule."""
    down = (edges[:, 1] <= y) & (edges[:, 3] > y)
    up = (edges[:, 3] <= y) & (edges[:, 1] > y)
    crossing = edges[down | up]
    if not len(crossing):
        return []
    x0, y0, x1, y1 = crossing.T
    xs = x0 + (x1 - x0) * (y - y0) / (y1 - y0)
    order = np.argsort(xs)
    winding = np.cumsum(np.where(y1 > y0, 1, -1)[order])
    inner: list[Slot] = []
    for number, (x, wound) in enumerate(zip(xs[order].tolist(), winding.tolist(), strict=True)):
        if wound and number + 1 < len(order):
            inner.append((x, float(xs[order[number + 1]])))
    return _joined(inner)


def _joined(slots: Sequence[Slot]) -> list[Slot]:
    made: list[Slot] = []
    for low, high in slots:
        if made and low <= made[-1][1] + SLACK:
            made[-1] = (made[-1][0], max(made[-1][1], high))
        else:
            made.append((low, high))
    return made


def _both(one: Sequence[Slot], other: Sequence[Slot], least: float) -> list[Slot]:
    """What two rows of slots, each from left to right, have in common, but for what is narrower than ``least``."""
    common: list[Slot] = []
    i = j = 0
    while i < len(one) and j < len(other):
        low, high = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if high - low > least:
            common.append((low, high))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return common


def _without(slots: Sequence[Slot], taken: Sequence[Slot], least: float) -> list[Slot]:
    """Take one row of slots out of another."""
    ends = [-inf, *(end for slot in taken for end in slot), inf]
    return _both(slots, list(zip(ends[::2], ends[1::2], strict=True)), least)
