"""Quadrilaterals against OpenCV's own solution, and paths that go through the geometry of a layer."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.protocol.layers import Settings
from proxy.protocol.path import Point, read_path
from proxy.recipe.model import Box, Perspective
from proxy.recipe.perspective import Quad, enlargement, picture_size, quad_of
from proxy.recipe.polygon import clipped

OFFSET = st.floats(-40, 40)
CORNERS = st.tuples(*(st.tuples(OFFSET, OFFSET) for _ in range(4))).map(
    lambda offsets: tuple(
        (x + dx, y + dy) for (x, y), (dx, dy) in zip(((0, 0), (200, 0), (200, 150), (0, 150)), offsets, strict=True)
    )
)
"""Corners of a rectangle of 200 by 150, each moved by less than a third of it: convex, or nearly so."""


@settings(deadline=None)
@given(CORNERS, st.floats(0, 1), st.floats(0, 1))
def test_points_of_a_picture_lie_where_opencv_has_them(
    corners: tuple[Point, Point, Point, Point], across: float, down: float
) -> None:
    numbers = tuple(value for corner in corners for value in corner)
    quad = quad_of(Settings({"perspective": ((numbers, "R3"),)}), (1, 1))
    assert quad is not None
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    matrix = cv2.getPerspectiveTransform(unit, np.array(corners, np.float32))
    sums = matrix @ (across, down, 1)
    assert quad.at(across, down) == pytest.approx(tuple(sums[:2] / sums[2]), abs=0.01)


def test_lines_of_a_path_stay_lines_and_end_at_the_picture() -> None:
    quad = Quad(((0, 0), (100, 0), (80, 60), (20, 60)))
    path = quad.carry(read_path("M-500,0L200,0L200,900L-500,900Z"), Box(0, 0, 400, 300))
    assert path.bounds == pytest.approx((0, 0, 50, 60))
    assert quad.carry(read_path("M500,0L600,0L600,900Z"), Box(0, 0, 400, 300)).bounds is None


@pytest.mark.parametrize(
    ("corners", "most", "size"),
    [
        (((0, 0), (100, 0), (100, 50), (0, 50)), 0, (100, 50)),
        (((0, 0), (900, 0), (900, 50), (0, 50)), 0, (400, 50)),
        (((0, 0), (400, 0), (400, 300), (0, 300)), 1200, (40, 30)),
        (((0, 0), (0.2, 0), (0.2, 0.1), (0, 0.1)), 0, (1, 1)),
        ((), 0, (1, 1)),
    ],
)
def test_as_many_pixels_as_are_seen(corners: tuple[Point, ...], most: int, size: tuple[int, int]) -> None:
    assert picture_size(Perspective(corners), (400, 300), most) == size


def test_how_much_larger_things_are_drawn() -> None:
    assert enlargement(Perspective(((0, 0), (0, 60), (80, 60), (80, 0))), (40, 30)) == pytest.approx(2)
    assert enlargement(Perspective(()), (40, 30)) == 1


POINT = st.tuples(st.integers(-9, 19), st.integers(-9, 19))


def winding(points: list[Point], at: Point) -> int:
    turns = 0
    for index, end in enumerate(points):
        start = points[index - 1]
        if (start[1] <= at[1]) != (end[1] <= at[1]):
            across = start[0] + (at[1] - start[1]) / (end[1] - start[1]) * (end[0] - start[0])
            turns += (across > at[0]) * (1 if end[1] > start[1] else -1)
    return turns


@given(st.lists(POINT, min_size=3, max_size=8))
def test_a_clipped_polygon_goes_as_often_round_every_point_within(points: list[Point]) -> None:
    cut = clipped(points, (0, 0, 10, 10))
    assert all(-1e-9 <= value <= 10 + 1e-9 for point in cut for value in point)
    for x in range(10):
        for y in range(10):
            # beside the lattice, so that no edge runs through it
            at = (x + 0.4142, y + 0.2718)
            assert winding(cut, at) == winding(points, at)
