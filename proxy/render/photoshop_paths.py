"""Photoshop's saved paths: what the records of a path resource mean.

Adobe Photoshop File Formats Specification, "Path resource format": records of 26 bytes, a length record before the knots of
each subpath. Coordinates are fractions of the stored picture's height and width. Knows nothing of containers or orientation.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from proxy.protocol.path import Path, Point, Subpath
from proxy.recipe.model import NamedPath
from proxy.render.photoshop import PATHS, Resource

MOST_KNOTS: Final = 1_500
"""Knots that are read of one original; real paths have hundreds."""

_RECORD: Final = 26
_LENGTHS: Final = {0: True, 3: False}
"""Selectors of length records: whether the subpath is closed."""

_KNOTS: Final = {1: True, 2: True, 4: False, 5: False}
_ONE: Final = 1 << 24
_EXCLUDE, _COMBINE, _SUBTRACT = 0, 1, 2
_MOST_SHAPES: Final = 100
"""Subpaths up to which it is worked out what is a hole in what."""

_Knot = tuple[Point, Point, Point]
"""The control point before, the anchor, the control point behind."""


@dataclass(slots=True)
class _Shape:
    """A subpath while its records are read; ``operation`` says how it is joined with those before."""

    closed: bool
    operation: int
    knots: list[_Knot] = field(default_factory=list)


def embedded_paths(found: Iterable[Resource]) -> tuple[NamedPath, ...]:
    """The saved paths in the order of the file, in fractions of the stored picture.

    One that is damaged, or beyond ``MOST_KNOTS``, keeps its name and draws nothing.
    """
    paths: list[NamedPath] = []
    left = MOST_KNOTS
    for resource in found:
        if resource.number in PATHS:
            count = len(resource.data) // _RECORD
            paths.append(NamedPath(resource.name, _path(resource.data) if count <= left else Path()))
            left -= count if count <= left else 0
    return tuple(paths)


def _path(data: bytes) -> Path:
    shapes = [shape for shape in _shapes(data) if len(shape.knots) > 1]
    if len(shapes) <= _MOST_SHAPES:
        _direct(shapes)
    return Path(tuple(_subpath(shape) for shape in shapes))


def _shapes(data: bytes) -> Iterator[_Shape]:
    shape: _Shape | None = None
    for at in range(0, len(data) - _RECORD + 1, _RECORD):
        selector, _, operation = struct.unpack_from(">HHh", data, at)
        if selector in _LENGTHS:
            if shape is not None:
                yield shape
            shape = _Shape(_LENGTHS[selector], operation)
        elif selector in _KNOTS:
            if shape is None:
                shape = _Shape(_KNOTS[selector], _EXCLUDE)
            shape.knots.append(_knot(data, at + 2))
    if shape is not None:
        yield shape


def _knot(data: bytes, at: int) -> _Knot:
    """Three points of two numbers in 8.24 bits each, y before x."""
    down1, across1, down2, across2, down3, across3 = (value / _ONE for value in struct.unpack_from(">6i", data, at))
    return (across1, down1), (across2, down2), (across3, down3)


def _subpath(shape: _Shape) -> Subpath:
    knots = [*shape.knots, shape.knots[0]] if shape.closed else shape.knots
    segments = [_segment(one, other) for one, other in pairwise(knots)]
    if shape.closed and len(segments[-1]) == 1:
        del segments[-1]
    return Subpath(shape.knots[0][1], tuple(segments), shape.closed)


def _segment(one: _Knot, other: _Knot) -> tuple[Point, ...]:
    straight = one[2] == one[1] and other[0] == other[1]
    return (other[1],) if straight else (one[2], other[0], other[1])


def _direct(shapes: list[_Shape]) -> None:
    """Turn subpaths round where that makes filling by the non-zero rule show what Photoshop shows.

    A subpath within others is a hole where it excludes or subtracts, and is none where it is combined with them.
    """
    for index, shape in enumerate(shapes):
        if shape.operation not in (_EXCLUDE, _COMBINE, _SUBTRACT):
            continue
        around = sum(_winding(other.knots, shape.knots[0][1]) for other in shapes[:index])
        own = _area(shape.knots)
        if around and own and (own * around > 0) != (shape.operation == _COMBINE):
            shape.knots = [(after, anchor, before) for before, anchor, after in reversed(shape.knots)]


def _winding(knots: list[_Knot], point: Point) -> int:
    """How often the polygon of the anchors goes round a point, counted as ``_area`` counts."""
    turns = 0
    for index, (_, end, _) in enumerate(knots):
        start = knots[index - 1][1]
        if (start[1] <= point[1]) != (end[1] <= point[1]):
            across = start[0] + (point[1] - start[1]) / (end[1] - start[1]) * (end[0] - start[0])
            if across > point[0]:
                turns += 1 if end[1] > start[1] else -1
    return turns


def _area(knots: list[_Knot]) -> float:
    """Twice the area of the polygon of the anchors, positive where it turns from right to down."""
    pairs = ((knots[index - 1][1], knot[1]) for index, knot in enumerate(knots))
    return sum(start[0] * end[1] - end[0] * start[1] for start, end in pairs)
