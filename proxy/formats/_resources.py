"""Photoshop's image resources that saved paths are, as JPEG, TIFF and EPS carry them.

Adobe Photoshop File Formats Specification, "Image resource blocks" and "Path resource format".
"""

import struct
from collections.abc import Sequence
from itertools import islice
from typing import Final

from proxy.protocol.path import Path, Point, Subpath
from proxy.recipe.model import NamedPath, Size

_FIRST, _MOST = 2000, 998
"""Number of the first saved path, and how many there may be."""

_RECORD: Final = 26
_LONGEST_NAME: Final = 255
_LENGTH, _KNOT, _FILL_RULE, _START = 0, 2, 6, 8
"""Selectors of records: length of a closed subpath, its knots (unlinked), and the two that every path begins with."""

_EXCLUDE, _COMBINE = 0, 1
_ONE: Final = 1 << 24
_FARTHEST: Final = 127.0
"""Pictures that a coordinate can lie away from the corner: it has eight bits before the point, sign included."""

_Knot = tuple[Point, Point, Point]


def path_resources(paths: Sequence[NamedPath], size: Size) -> list[bytes]:
    """One resource a path, whose points are in pixels of a picture of some size. Photoshop counts them in pictures.

    A subpath that goes farther away than can be said is left out.
    """
    out = []
    for number, item in enumerate(islice(paths, _MOST), _FIRST):
        data = _records(item.path.scaled(1 / size[0], 1 / size[1]))
        out.append(struct.pack(">4sH", b"8BIM", number) + _pascal(item.name) + struct.pack(">I", len(data)) + data)
    return out


def _records(path: Path) -> bytes:
    """An even number of bytes, since each record has one."""
    near = [part for part in path.subpaths if _reach(part) <= _FARTHEST]
    outlines = [[part.start, *(segment[-1] for segment in part.segments)] for part in near]
    out = [struct.pack(">H", _FILL_RULE), struct.pack(">H", _START)]
    for index, part in enumerate(near):
        knots = _knots(part)
        out.append(struct.pack(">HHh", _LENGTH, len(knots), _operation(outlines[index], outlines[:index])))
        for knot in knots:
            numbers = [round(value * _ONE) for across, down in knot for value in (down, across)]
            out.append(struct.pack(">H6i", _KNOT, *numbers))
    return b"".join(record.ljust(_RECORD, b"\0") for record in out)


def _reach(part: Subpath) -> float:
    points = [part.start, *(point for segment in part.segments for point in segment)]
    return max(abs(value) for point in points for value in point)


def _knots(part: Subpath) -> list[_Knot]:
    """Control point before, anchor, control point behind of every corner of a closed subpath."""
    anchors, before, behind = [part.start], [part.start], [part.start]
    for segment in part.segments:
        behind[-1] = segment[0] if len(segment) > 1 else anchors[-1]
        anchors.append(segment[-1])
        before.append(segment[1] if len(segment) > 1 else segment[-1])
        behind.append(segment[-1])
    if len(anchors) > 1 and anchors[-1] == part.start:
        # it comes back by itself: the last corner is the first one
        before[0] = before[-1]
        del anchors[-1], before[-1], behind[-1]
    return list(zip(before, anchors, behind, strict=True))


def _operation(outline: Sequence[Point], earlier: Sequence[Sequence[Point]]) -> int:
    """How a subpath is joined with those before: what runs against the one that it lies in is a hole (non-zero rule)."""
    around = sum(_winding(other, outline[0]) for other in earlier)
    return _EXCLUDE if around * _area(outline) < 0 else _COMBINE


def _winding(outline: Sequence[Point], point: Point) -> int:
    """How often a polygon goes round a point, positive where it turns from right to down."""
    turns = 0
    for index, end in enumerate(outline):
        start = outline[index - 1]
        if (start[1] <= point[1]) != (end[1] <= point[1]):
            across = start[0] + (point[1] - start[1]) / (end[1] - start[1]) * (end[0] - start[0])
            if across > point[0]:
                turns += 1 if end[1] > start[1] else -1
    return turns


def _area(outline: Sequence[Point]) -> float:
    """Twice the area of a polygon, positive where it turns from right to down."""
    pairs = ((outline[index - 1], end) for index, end in enumerate(outline))
    return sum(start[0] * end[1] - end[0] * start[1] for start, end in pairs)


def _pascal(name: str) -> bytes:
    """A name with its length before it, padded to an even number of bytes."""
    try:
        data = name.encode("mac_roman")
    except UnicodeEncodeError:
        data = name.encode("utf-8", "replace")
    data = data[:_LONGEST_NAME]
    text = bytes([len(data)]) + data
    return text + b"\0" * (len(text) % 2)
