"""Paths: path data as text, and what can be done with one in numbers.

The language is that of SVG's ``d=`` with ``M m L l C c Z z`` and commas (``r-clippath``). A path knows points and nothing of what
they are points of; y grows downwards. Whoever fills a path takes its subpaths as closed; ``closed`` is for those who go along it.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

Point = tuple[float, float]
Bounds = tuple[float, float, float, float]
"""left, top, right, bottom."""

FARTHEST: Final = 10**6
"""The largest coordinate of path data, in either direction."""

MOST_SEGMENTS: Final = 2_000
"""Lines and curves of one path; drawn ones have some hundreds."""

MOST_POINTS: Final = 6_000
"""Points of all paths that a request uses with those nested in it."""

_MOST_STEPS: Final = 1024
"""Lines that one curve becomes at most; that keeps a tolerance of 0.05 for curves of fifty thousand pixels."""

MOST_LINES: Final = 200_000
"""Lines that the curves of one path become about at most, whatever the tolerance."""

_FEWEST_STEPS: Final = 2

_NUMBERS: Final = {"m": 2, "l": 2, "c": 6, "z": 0}
_TOKEN = re.compile(r"[MmLlCcZz]|[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_BETWEEN: Final = " ,\t\r\n"


@dataclass(frozen=True, slots=True)
class Subpath:
    """A run of segments from ``start``. A segment is (end,) for a line or (control1, control2, end) for a cubic Bézier curve.

    ``closed`` says that it was closed explicitly: a straight line leads from its last point back to ``start``.
    """

    start: Point
    segments: tuple[tuple[Point, ...], ...] = ()
    closed: bool = False

    @property
    def end(self) -> Point:
        """Where the last segment ends, before it is closed."""
        return self.segments[-1][-1] if self.segments else self.start

    def flat(self, tolerance: float, most: int = _MOST_STEPS) -> tuple[Point, ...]:
        """Its corners when each curve is replaced by ``most`` lines or fewer; those of a closed one end where they begin."""
        points = [self.start]
        for segment in self.segments:
            if len(segment) == 1:
                points.append(segment[0])
            else:
                points += _steps(points[-1], segment, tolerance, most)
        if self.closed and points[-1] != self.start:
            points.append(self.start)
        return tuple(points)

    def lines(self, tolerance: float, most: int) -> int:
        """How many lines ``flat`` makes of its segments."""
        last, total = self.start, 0
        for segment in self.segments:
            total += 1 if len(segment) == 1 else _count(last, segment, tolerance, most)
            last = segment[-1]
        return total


@dataclass(frozen=True, slots=True)
class Path:
    """Subpaths in their order. One without segments draws nothing, but it may be there."""

    subpaths: tuple[Subpath, ...] = ()

    def moved(self, dx: float, dy: float) -> "Path":
        """The path moved to the right and down."""
        return self.affine(1.0, 0.0, 0.0, 1.0, dx, dy)

    def scaled(self, sx: float, sy: float) -> "Path":
        """The path with its coordinates multiplied; a negative factor mirrors it."""
        return self.affine(sx, 0.0, 0.0, sy, 0.0, 0.0)

    def affine(self, a: float, b: float, c: float, d: float, e: float, f: float) -> "Path":
        """Every point (x, y) becomes (a·x + c·y + e, b·x + d·y + f), the order of SVG's ``matrix()``."""

        def move(points: tuple[Point, ...]) -> tuple[Point, ...]:
            # adding 0.0 turns -0.0 into 0.0, so that equal paths have equal text
            return tuple([(a * x + c * y + e + 0.0, b * x + d * y + f + 0.0) for x, y in points])

        return self._mapped(move)

    def _mapped(self, move: Callable[[tuple[Point, ...]], tuple[Point, ...]]) -> "Path":
        return Path(
            tuple(
                Subpath(move((subpath.start,))[0], tuple(map(move, subpath.segments)), subpath.closed)
                for subpath in self.subpaths
            )
        )

    def rounded(self, digits: int) -> "Path":
        """The path with its coordinates rounded to so many decimals."""
        return self._mapped(lambda points: tuple([(round(x, digits) + 0.0, round(y, digits) + 0.0) for x, y in points]))

    def flat(self, tolerance: float, lines: int = MOST_LINES) -> tuple[tuple[Point, ...], ...]:
        """One polyline a subpath, nowhere farther from the path than ``tolerance``.

        A curve becomes at most 1024 lines, fewer where there are so many curves that they would become more than ``lines``: that
        bounds the work where they are larger than anything that is drawn.
        """
        most = self._most(lines)
        return tuple(subpath.flat(tolerance, most) for subpath in self.subpaths)

    def lines(self, tolerance: float, lines: int = MOST_LINES) -> int:
        """How many lines ``flat`` makes of it, found out without making them."""
        most = self._most(lines)
        return sum(subpath.lines(tolerance, most) for subpath in self.subpaths)

    def _most(self, lines: int) -> int:
        """How many lines each of its curves may become."""
        return min(_MOST_STEPS, max(_FEWEST_STEPS, lines // max(1, self.segments)))

    @property
    def segments(self) -> int:
        """How many lines and curves it has."""
        return sum(len(subpath.segments) for subpath in self.subpaths)

    @property
    def points(self) -> int:
        """How many points say where it runs: what it takes to move it."""
        return sum(1 + sum(map(len, subpath.segments)) for subpath in self.subpaths)

    @property
    def draws(self) -> bool:
        """Whether there is anything to be drawn."""
        return any(subpath.segments for subpath in self.subpaths)

    @property
    def bounds(self) -> Bounds | None:
        """The box of all that it draws, curves as they run; ``None`` where it draws nothing."""
        drawn = [point for subpath in self.subpaths if subpath.segments for point in _extremes(subpath)]
        if not drawn:
            return None
        columns, rows = [point[0] for point in drawn], [point[1] for point in drawn]
        return min(columns), min(rows), max(columns), max(rows)


def _steps(start: Point, curve: tuple[Point, ...], tolerance: float, most: int) -> list[Point]:
    """The points after the first on a curve in equal steps of its parameter."""
    count = _count(start, curve, tolerance, most)
    return [*(_on(start, curve, step / count) for step in range(1, count)), curve[-1]]


def _count(start: Point, curve: tuple[Point, ...], tolerance: float, most: int) -> int:
    """The steps that a curve takes: ``most``, or as many as Wang's formula says."""
    first, second, end = curve
    bend = max(
        math.hypot(start[0] - 2 * first[0] + second[0], start[1] - 2 * first[1] + second[1]),
        math.hypot(first[0] - 2 * second[0] + end[0], first[1] - 2 * second[1] + end[1]),
    )
    return min(max(1, math.ceil(math.sqrt(0.75 * bend / tolerance))), most)


def _on(start: Point, curve: tuple[Point, ...], at: float) -> Point:
    """The point of a curve at a parameter of 0 to 1."""
    first, second, end = curve
    back = 1 - at
    weights = back * back * back, 3 * back * back * at, 3 * back * at * at, at * at * at
    return (
        weights[0] * start[0] + weights[1] * first[0] + weights[2] * second[0] + weights[3] * end[0],
        weights[0] * start[1] + weights[1] * first[1] + weights[2] * second[1] + weights[3] * end[1],
    )


def _extremes(subpath: Subpath) -> Iterator[Point]:
    """Ends of segments, and where curves turn round in x or y."""
    last = subpath.start
    yield last
    for segment in subpath.segments:
        if len(segment) > 1:
            for axis in (0, 1):
                numbers = (last[axis], segment[0][axis], segment[1][axis], segment[2][axis])
                yield from (_on(last, segment, at) for at in _turns(*numbers))
        last = segment[-1]
        yield last


def _turns(start: float, first: float, second: float, end: float) -> Iterator[float]:
    """The parameters within 0 to 1 where one coordinate of a curve has slope 0."""
    # the slope is 3 (a t² + b t + c)
    a, b, c = end - 3 * second + 3 * first - start, 2 * (second - 2 * first + start), first - start
    inside = b * b - 4 * a * c
    if inside < 0:
        return
    # the form that subtracts no near numbers, and does not need a to be other than 0
    q = -(b + math.copysign(math.sqrt(inside), b)) / 2
    for above, below in ((q, a), (c, q)):
        if below and 0 < (at := above / below) < 1:
            yield at


def read_path(text: str) -> Path:
    """Read path data.

    A letter may be followed by several groups of numbers: further pairs after a moveto are linetos, as in SVG. A relative moveto
    counts from the start of a subpath that was closed and from the end of one that was not. What follows ``Z`` without a moveto
    begins where the closed subpath began.

    Raises:
        ValueError: it is none, a point lies beyond ``FARTHEST``, or it has more than ``MOST_SEGMENTS``; the text says what is
            wrong.
    """
    subpaths: list[Subpath] = []
    segments: list[tuple[Point, ...]] = []
    start: Point | None = None
    begun = False
    for count, (letter, numbers) in enumerate(_groups(text)):
        if count >= MOST_SEGMENTS:
            raise ValueError(f"it has more than {MOST_SEGMENTS} parts")
        kind = letter.lower()
        if start is None and kind != "m":
            raise ValueError("it does not begin with a moveto")
        last = segments[-1][-1] if segments else start or (0.0, 0.0)
        points = _points(numbers, last if letter.islower() else (0.0, 0.0))
        if kind in "mz":
            if begun or (kind == "z" and start is not None):
                subpaths.append(Subpath(start or last, tuple(segments), closed=kind == "z"))
            segments = []
            begun = kind == "m"
            start = points[0] if begun else start
        else:
            segments.append(points)
            begun = True
    if start is None:
        raise ValueError("it is empty")
    if begun:
        subpaths.append(Subpath(start, tuple(segments)))
    return Path(tuple(subpaths))


def _points(numbers: tuple[float, ...], origin: Point) -> tuple[Point, ...]:
    """Pairs of numbers, counted from ``origin``."""
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    points = tuple((origin[0] + across + 0.0, origin[1] + down + 0.0) for across, down in pairs)
    if any(abs(value) > FARTHEST for point in points for value in point):
        raise ValueError(f"a point lies farther away than {FARTHEST}")
    return points


def _groups(text: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Letters with as many numbers as each takes; a letter that is followed by more is repeated."""
    tokens = list(_tokens(text))
    at = 0
    while at < len(tokens):
        letter = tokens[at]
        if letter.lower() not in _NUMBERS:
            raise ValueError(f"{letter} stands where a letter is expected")
        at += 1
        size = _NUMBERS[letter.lower()]
        first = True
        while first or (size and at < len(tokens) and not tokens[at].isalpha()):
            group = tokens[at : at + size]
            if len(group) < size or any(map(str.isalpha, group)):
                raise ValueError(f"{letter} takes {size} numbers at a time")
            yield letter, tuple(map(float, group))
            at += size
            # further pairs after a moveto are linetos (SVG 1.1, 8.3.2)
            letter = {"M": "L", "m": "l"}.get(letter, letter)
            first = False


def _tokens(text: str) -> Iterator[str]:
    at = 0
    for match in _TOKEN.finditer(text):
        if unknown := text[at : match.start()].strip(_BETWEEN):
            raise ValueError(f"{unknown} is neither a letter of path data nor a number")
        yield match.group()
        at = match.end()
    if unknown := text[at:].strip(_BETWEEN):
        raise ValueError(f"{unknown} is neither a letter of path data nor a number")
