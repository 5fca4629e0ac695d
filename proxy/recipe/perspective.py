"""Pictures brought onto quadrilaterals: which, and how many pixels of the picture that takes (``r-perspective``).

Corners go from the top left clockwise, as the picture has them. The projective map of the unit square is Heckbert's
("Fundamentals of Texture Mapping and Image Warping", 1989).

The page leaves open what the size of layer 0 is when it has a perspective itself: what it would be without one. A rotation turns
the picture before (``r-size-reference`` gives the order), so the box around the turned picture fills the quadrilateral.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from proxy.errors import BadValue
from proxy.protocol.layers import Settings
from proxy.protocol.path import Path, Point, Subpath
from proxy.protocol.values import write_number
from proxy.recipe.geometry import Extent, Pixels, Rendered
from proxy.recipe.model import Box, Perspective
from proxy.recipe.polygon import clipped

Corners = tuple[Point, Point, Point, Point]
_UNIT: Final = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
_DIGITS: Final = 4
_FLATTEST: Final = 1e-4
"""The least sine of a corner, and the least side as a part of the longest one."""

_TOLERANCE: Final = 0.05
"""How far lines may be from the curve of an embedded path that they stand for, in source pixels."""

_MOST_LINES: Final = 4_000
"""Lines that the curves of such a path become about at most."""


@dataclass(frozen=True, slots=True)
class Quad:
    """Where the corners of a picture lie, in pixels of a rectangle, and how the picture is sampled: a word of ``resOptions``."""

    corners: Corners
    sampling: str = "R3"

    def at(self, across: float, down: float) -> Point:
        """Where a point of the picture lies that is so far to the right and down, 0 to 1 each."""
        return _projected(_matrix(self.corners), across, down)

    def moved(self, dx: float, dy: float) -> "Quad":
        """The same in a rectangle whose corner lies elsewhere."""
        return self._with([(corner[0] + dx, corner[1] + dy) for corner in self.corners])

    def of(self, place: Callable[[Point], Point]) -> "Quad":
        """Where the corners of a picture lie that is itself a part of what fills this one; ``place`` says where in it, 0 to 1."""
        return self._with([self.at(*place(corner)) for corner in _UNIT])

    def _with(self, corners: Sequence[Point]) -> "Quad":
        first, second, third, fourth = corners
        return replace(self, corners=(first, second, third, fourth))

    def lines(self, path: Path) -> int:
        """How many lines a path becomes when it is carried."""
        return path.lines(_TOLERANCE, _MOST_LINES)

    def carry(self, path: Path, box: Box) -> Path:
        """A path of the source, whose part ``box`` is the picture. What of the path lies beyond the picture is cut off."""
        width, height = box.right - box.left, box.bottom - box.top
        borders = (box.left, box.top, box.right, box.bottom)
        matrix = _matrix(self.corners)
        subpaths: list[Subpath] = []
        for polyline in path.flat(_TOLERANCE, _MOST_LINES):
            points = [_projected(matrix, (x - box.left) / width, (y - box.top) / height) for x, y in clipped(polyline, borders)]
            if points:
                subpaths.append(Subpath(points[0], tuple((point,) for point in points[1:]), closed=True))
        return Path(tuple(subpaths))


def has_quad(settings: Settings) -> bool:
    """Whether a layer is brought onto a quadrilateral."""
    return "perspective" in settings or "perspectiveN" in settings


def quad_of(settings: Settings, canvas: Pixels) -> Quad | None:
    """The quadrilateral that a layer is brought onto, in composite pixels, ``None`` if it is not.

    Raises:
        BadValue: one that no picture can be brought onto.
    """
    name, factors = ("perspectiveN", canvas) if "perspectiveN" in settings else ("perspective", (1, 1))
    values = settings.get(name)
    if values is None:
        return None
    numbers, sampling = values[0]
    points = [(across * factors[0], down * factors[1]) for across, down in zip(numbers[::2], numbers[1::2], strict=True)]
    if not _convex(points):
        text = ",".join(map(write_number, numbers))
        raise BadValue(name, text, "the corners of a convex quadrilateral, one after the other")
    return Quad((points[0], points[1], points[2], points[3]), sampling)


def _convex(points: Sequence[Point]) -> bool:
    """Whether all corners turn the same way, in either direction: a picture may be seen from behind."""
    sides = [(point[0] - points[index - 1][0], point[1] - points[index - 1][1]) for index, point in enumerate(points)]
    lengths = [math.hypot(*side) for side in sides]
    if min(lengths) <= _FLATTEST * max(lengths):
        return False
    sines = [
        (sides[index - 1][0] * side[1] - sides[index - 1][1] * side[0]) / (lengths[index - 1] * lengths[index])
        for index, side in enumerate(sides)
    ]
    return min(sines) > _FLATTEST or max(sines) < -_FLATTEST


def _matrix(corners: Sequence[Point]) -> tuple[float, ...]:
    """The map of the unit square onto the corners: x = (a u + b v + c) / (g u + h v + 1), y likewise with d, e, f."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    across1, across2, across = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    down1, down2, down = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    area = across1 * down2 - across2 * down1
    g = (across * down2 - across2 * down) / area
    h = (across1 * down - across * down1) / area
    return x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h


def _projected(matrix: tuple[float, ...], u: float, v: float) -> Point:
    a, b, c, d, e, f, g, h = matrix
    depth = g * u + h * v + 1
    return (a * u + b * v + c) / depth, (d * u + e * v + f) / depth


def perspective_at(quad: Quad, place: Point, scale: Extent, rendered: Rendered) -> Perspective:
    """A quadrilateral in render pixels of the layer rectangle, which lies at ``place`` in the composite image.

    It has no corners where it is too small or too flat there for anything to be seen.
    """
    corners = tuple(
        (
            round((place[0] + x) * scale[0] - rendered.offset[0], _DIGITS) + 0.0,
            round((place[1] + y) * scale[1] - rendered.offset[1], _DIGITS) + 0.0,
        )
        for x, y in quad.corners
    )
    sampling, _, jitter = quad.sampling.partition("T")
    return Perspective(corners if _convex(corners) else (), sampling, int(jitter or 0))


def picture_size(perspective: Perspective, largest: Pixels, most: int) -> Pixels:
    """How many pixels of the picture are needed: as many as are seen where it is nearest, no more than ``largest``.

    ``most`` is how many there may be altogether, 0 for no limit.
    """
    if not perspective.corners:
        return 1, 1
    a, b, _, d, e, _, g, h = matrix = _matrix(perspective.corners)
    across = down = 1.0
    for u, v in _UNIT:
        depth, (x, y) = g * u + h * v + 1, _projected(matrix, u, v)
        across = max(across, math.hypot(a - g * x, d - g * y) / depth)
        down = max(down, math.hypot(b - h * x, e - h * y) / depth)
    width, height = min(math.ceil(across), largest[0]), min(math.ceil(down), largest[1])
    less = min(1.0, math.sqrt(most / (width * height))) if most else 1.0
    return max(1, int(width * less)), max(1, int(height * less))


def enlargement(perspective: Perspective, size: Pixels) -> float:
    """How many times larger than in a picture of ``size`` things are drawn, on the average; 1 where nothing is."""
    corners = perspective.corners
    if not corners:
        return 1.0
    pairs = ((corners[index - 1], corner) for index, corner in enumerate(corners))
    area = abs(sum(start[0] * end[1] - end[0] * start[1] for start, end in pairs)) / 2
    return math.sqrt(area / (size[0] * size[1]))
