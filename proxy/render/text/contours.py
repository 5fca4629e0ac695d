"""Outlines of marks as edges, flattened as finely as they are drawn. Remembers those of glyphs; knows nothing of pictures."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil, hypot, sqrt

import numpy as np

from proxy.render.text.coverage import Edges
from proxy.render.text.fonts import Font, Outline
from proxy.render.text.marks import Mark

Point = tuple[float, float]
_KEPT = 4096
_MOST_STEPS = 128
_BAR = np.array([[0, 0, 1, 0], [1, 0, 1, 1], [1, 1, 0, 1], [0, 1, 0, 0]], np.float64)
_glyphs: OrderedDict[tuple[Font, int, int], Edges] = OrderedDict()


def edges_of(marks: Iterable[Mark]) -> Edges:
    """The edges of all marks, each turning the same way, so that marks which overlap cover and do not cancel."""
    made = [_placed(mark) for mark in marks]
    return np.concatenate(made) if made else np.zeros((0, 4))


def _placed(mark: Mark) -> Edges:
    a, b, c, d, e, f = mark.matrix
    edges = _BAR if mark.font is None else _glyph(mark.font, mark.glyph, max(hypot(a, d), hypot(b, e)))
    if a * e - b * d < 0:
        edges = edges[:, [2, 3, 0, 1]]
    x, y = edges[:, ::2], edges[:, 1::2]
    placed = np.empty_like(edges)
    placed[:, ::2] = x * a + y * b + c
    placed[:, 1::2] = x * d + y * e + f
    return placed


def _glyph(font: Font, glyph: int, pixels: float) -> Edges:
    """A glyph in ems, fine enough for the next power of two of its size."""
    fine = max(3, ceil(pixels - 1).bit_length())
    key = (font, glyph, fine)
    edges = _glyphs.get(key)
    if edges is None:
        edges = _glyphs[key] = _edges(font.outline(glyph), 2**fine)
        if len(_glyphs) > _KEPT:
            _glyphs.popitem(last=False)
    return edges


def _edges(outline: Outline, pixels: int) -> Edges:
    found = [(*one, *other) for line in flattened(outline, pixels) for one, other in pairwise([*line, line[0]]) if one != other]
    edges = np.array(found, np.float64).reshape(-1, 4)
    area = float(np.sum(edges[:, 0] * edges[:, 3] - edges[:, 2] * edges[:, 1]))
    return edges[:, [2, 3, 0, 1]] if area < 0 else edges


def flattened(outline: Outline, pixels: int) -> list[list[Point]]:
    """The contours of an outline as points in ems, for an em of so many pixels."""
    made: list[list[Point]] = []
    for letter, values in outline:
        points = list(zip(values[::2], values[1::2], strict=True))
        if letter == "M":
            made.append(points)
        elif letter == "L":
            made[-1] += points
        elif letter in "QC":
            made[-1] += _curve([made[-1][-1], *points], pixels)
    return made


def _curve(control: Sequence[Point], pixels: int) -> list[Point]:
    """Points on a Bézier curve behind its start: as many as keep within a tenth of a pixel, for most curves."""
    length = sum(hypot(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(control)) * pixels
    steps = min(max(2, ceil(1.5 * sqrt(length))), _MOST_STEPS)
    return [_at(control, step / steps) for step in range(1, steps + 1)]


def _at(control: Sequence[Point], t: float) -> Point:
    while len(control) > 1:
        control = [(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t) for (x0, y0), (x1, y1) in pairwise(control)]
    return control[0]
