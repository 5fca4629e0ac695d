"""Paths flattened to points, and their lengths. Pure geometry."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from math import ceil, hypot

from proxy.protocol.path import Path, Point, Subpath
from proxy.render.text.marks import Matrix

__all__ = ["Point", "Track", "flattened", "inverse", "track"]

_MOST_POINTS = 4_000
"""Points of a path about, beyond those of its own: each line of text is compared with all of them."""

_FEWEST_STEPS = 4
_MOST_STEPS = 200
_FINE = 1.5


def inverse(matrix: Matrix) -> Matrix:
    """Undo a matrix that turns and moves."""
    a, b, c, d, e, f = matrix
    scale = a * e - b * d
    return (e / scale, -b / scale, (b * f - e * c) / scale, -d / scale, a / scale, (d * c - a * f) / scale)


@lru_cache(maxsize=16)
def flattened(path: Path) -> tuple[tuple[tuple[Point, ...], bool], ...]:
    """The points of every sub-path, and whether it is closed. Where there are very many curves each has fewer points."""
    most = max(_FEWEST_STEPS, min(_MOST_STEPS, _MOST_POINTS // max(1, path.segments)))
    made = ((_points(subpath, most), subpath.closed) for subpath in path.subpaths)
    return tuple((tuple(points), closed) for points, closed in made if len(points) > 1)


def _points(subpath: Subpath, most: int) -> list[Point]:
    points = [subpath.start]
    for segment in subpath.segments:
        points += _segment(points[-1], segment, most)
    return [points[0], *(here for before, here in pairwise(points) if here != before)]


def _segment(start: Point, segment: Sequence[Point], most: int) -> list[Point]:
    """Cut a curve into pieces of about a pixel and a half, in ``most`` at most."""
    if len(segment) == 1:
        return [segment[0]]
    (x0, y0), ((x1, y1), (x2, y2), (x3, y3)) = start, segment
    length = hypot(x1 - x0, y1 - y0) + hypot(x2 - x1, y2 - y1) + hypot(x3 - x2, y3 - y2)
    steps = max(_FEWEST_STEPS, min(most, ceil(min(length, 1e6) / _FINE)))
    points: list[Point] = []
    for step in range(1, steps + 1):
        t = step / steps
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        points.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    return points


@dataclass(frozen=True, slots=True)
class Track:
    """A polyline by its length. ``closed`` ones go round."""

    points: tuple[Point, ...]
    lengths: tuple[float, ...]
    closed: bool

    @property
    def length(self) -> float:
        """All of it."""
        return self.lengths[-1]

    def at(self, distance: float) -> tuple[Point, Point]:
        """The place at a distance, and the direction there, of length 1."""
        if self.closed:
            distance %= self.length
        number = min(max(bisect_right(self.lengths, distance) - 1, 0), len(self.points) - 2)
        (x0, y0), (x1, y1) = self.points[number], self.points[number + 1]
        step = self.lengths[number + 1] - self.lengths[number]
        along = ((x1 - x0) / step, (y1 - y0) / step)
        far = distance - self.lengths[number]
        return (x0 + along[0] * far, y0 + along[1] * far), along


def track(points: Sequence[Point], *, closed: bool, backwards: bool) -> Track:
    """Measure a polyline of two different points at least, from its other end where it goes backwards."""
    line = [*points, points[0]] if closed and points[-1] != points[0] else list(points)
    if backwards:
        line.reverse()
    lengths = accumulate((hypot(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(line)), initial=0.0)
    return Track(tuple(line), tuple(lengths), closed)
