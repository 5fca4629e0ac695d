import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.protocol.path import FARTHEST, Path, Subpath, read_path
from proxy.protocol.values import PathValue

NUMBER = st.floats(-1000, 1000, allow_nan=False).map(lambda value: round(value, 3) + 0.0)
POINT = st.tuples(NUMBER, NUMBER)
SEGMENT = st.tuples(POINT) | st.tuples(POINT, POINT, POINT)
SUBPATH = st.builds(
    lambda start, segments, closed: Subpath(start, tuple(segments), closed), POINT, st.lists(SEGMENT), st.booleans()
)
PATH = st.builds(lambda subpaths: Path(tuple(subpaths)), st.lists(SUBPATH, min_size=1, max_size=4))

SQUARE = Path((Subpath((0.0, 0.0), (((9.0, 0.0),), ((9.0, 9.0),), ((0.0, 9.0),)), closed=True),))


def line(*points: tuple[float, float], closed: bool = False) -> Subpath:
    return Subpath(points[0], tuple((point,) for point in points[1:]), closed)


@pytest.mark.parametrize(
    ("text", "subpaths"),
    [
        ("M1,2L3,4", (line((1, 2), (3, 4)),)),
        ("m1,2l3,4", (line((1, 2), (4, 6)),)),
        ("M,1,2,L,3,4,Z", (line((1, 2), (3, 4), closed=True),)),
        ("M 1 2 L 3 4 z", (line((1, 2), (3, 4), closed=True),)),
        ("M1-2L3.5.5", (line((1, -2), (3.5, 0.5)),)),
        ("M1e1,2L3,4", (line((10, 2), (3, 4)),)),
        # one letter, several groups; after a moveto they are linetos
        ("M0,0L1,0,1,1,0,1Z", (line((0, 0), (1, 0), (1, 1), (0, 1), closed=True),)),
        ("m1,1,1,0,0,1", (line((1, 1), (2, 1), (2, 2)),)),
        ("M0,0C1,0,2,1,2,2,2,3,1,4,0,4", (Subpath((0, 0), (((1, 0), (2, 1), (2, 2)), ((2, 3), (1, 4), (0, 4)))),)),
        # all points of a relative curve count from its start
        (
            "M10,10c1,0,2,1,2,2,0,1,1,2,2,2",
            (Subpath((10, 10), (((11, 10), (12, 11), (12, 12)), ((12, 13), (13, 14), (14, 14)))),),
        ),
        # a relative moveto: from the start of what was closed, from the end of what was not
        ("m20,20l40,0zm5,5l1,0", (line((20, 20), (60, 20), closed=True), line((25, 25), (26, 25)))),
        ("m20,20l40,0m5,5l1,0", (line((20, 20), (60, 20)), line((65, 25), (66, 25)))),
        ("M1,1m2,2l1,0", (line((1, 1)), line((3, 3), (4, 3)))),
        # after Z it goes on from the start
        ("M1,1L5,1ZL1,5", (line((1, 1), (5, 1), closed=True), line((1, 1), (1, 5)))),
        ("M1,1L5,1zl1,5z", (line((1, 1), (5, 1), closed=True), line((1, 1), (2, 6), closed=True))),
        ("M0,0ZM1,1M2,2L3,3", (line((0, 0), closed=True), line((1, 1)), line((2, 2), (3, 3)))),
        ("M3,4", (line((3, 4)),)),
    ],
)
def test_reading(text: str, subpaths: tuple[Subpath, ...]) -> None:
    assert read_path(text) == Path(subpaths)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "empty"),
        (" , ", "empty"),
        ("L1,2", "does not begin with a moveto"),
        ("z", "does not begin with a moveto"),
        ("1,2", "1 stands where a letter is expected"),
        ("M", "M takes 2 numbers"),
        ("M1", "M takes 2 numbers"),
        ("M1,2,3", "L takes 2 numbers"),
        ("M1,2L3", "L takes 2 numbers"),
        ("M1,2C1,2,3,4", "C takes 6 numbers"),
        ("M1,2C1,2,3,4,L5,6", "C takes 6 numbers"),
        ("M1,2Z3", "3 stands where a letter is expected"),
        ("M10,10X20,20", "X is neither"),
        ("M10,10Q1,2,3,4", "Q is neither"),
        ("M1,2;3,4", "; is neither"),
        ("M1,2L3,4#", "# is neither"),
        ("M0,1e999", "farther away than"),
        (f"M0,{FARTHEST}.5", "farther away than"),
        (f"M0,{FARTHEST}l0,1", "farther away than"),
        ("M nan,1", "nan is neither"),
        ("M\N{ARABIC-INDIC DIGIT ONE},1", "is neither"),
    ],
)
def test_what_cannot_be_read(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        read_path(text)


@settings(deadline=None)
@given(PATH)
def test_a_path_is_written_so_that_it_reads_back(path: Path) -> None:
    assert read_path(PathValue().write(path)) == path


@settings(deadline=None)
@given(PATH, st.data())
def test_relative_coordinates_say_the_same(path: Path, data: st.DataObject) -> None:
    """The same path written relative, step by step, by a writer of the test's own."""
    texts: list[str] = []
    at = (0.0, 0.0)
    for subpath in path.subpaths:
        steps = [("m", (subpath.start,)), *(("l" if len(segment) == 1 else "c", segment) for segment in subpath.segments)]
        for letter, points in steps:
            relative = data.draw(st.booleans())
            origin = at if relative else (0.0, 0.0)
            numbers = (repr(value) for point in points for value in (point[0] - origin[0], point[1] - origin[1]))
            texts.append((letter if relative else letter.upper()) + ",".join(numbers))
            at = points[-1]
        if subpath.closed:
            texts.append("z")
            at = subpath.start
    read = read_path("".join(texts))
    assert [len(subpath.segments) for subpath in read.subpaths] == [len(subpath.segments) for subpath in path.subpaths]
    for one, other in zip(read.subpaths, path.subpaths, strict=True):
        assert one.closed == other.closed
        assert one.end == pytest.approx(other.end, abs=1e-6)


@settings(deadline=None)
@given(st.text(alphabet="MmLlCcZz0123456789.,-+eE xX", max_size=40))
def test_any_text_is_a_path_or_a_value_error(text: str) -> None:
    try:
        path = read_path(text)
    except ValueError:
        return
    assert path.subpaths
    assert all(abs(value) <= FARTHEST for subpath in path.subpaths for value in (*subpath.start, *subpath.end))


@settings(deadline=None)
@given(PATH, NUMBER, NUMBER)
def test_moving_and_scaling_act_on_every_point(path: Path, across: float, down: float) -> None:
    box = path.bounds
    moved, scaled = path.moved(across, down).bounds, path.scaled(2.0, -3.0).bounds
    if box is None:
        assert moved is None
        assert scaled is None
        return
    assert moved == pytest.approx((box[0] + across, box[1] + down, box[2] + across, box[3] + down), abs=1e-6)
    assert scaled == pytest.approx((2 * box[0], -3 * box[3], 2 * box[2], -3 * box[1]), abs=1e-6)


def test_an_affine_map_is_that_of_svg() -> None:
    assert SQUARE.affine(1, 2, 3, 4, 5, 6).subpaths[0].segments[1] == ((9 + 27 + 5, 18 + 36 + 6),)
    assert str(SQUARE.scaled(-1, 1).subpaths[0].start) == "(0.0, 0.0)"


def distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    across, down = end[0] - start[0], end[1] - start[1]
    length = across * across + down * down
    share = 0.0 if length == 0 else ((point[0] - start[0]) * across + (point[1] - start[1]) * down) / length
    share = min(1.0, max(0.0, share))
    return math.hypot(point[0] - start[0] - share * across, point[1] - start[1] - share * down)


@settings(deadline=None)
@given(POINT, st.tuples(POINT, POINT, POINT), st.sampled_from((0.05, 0.5, 5.0)))
def test_lines_stay_within_the_tolerance_of_a_curve(
    start: tuple[float, float], curve: tuple[tuple[float, float], ...], tolerance: float
) -> None:
    (points,) = Path((Subpath(start, (curve,)),)).flat(tolerance)
    assert points[0] == start
    assert points[-1] == curve[-1]
    for step in range(65):
        at = step / 64
        weights = ((1 - at) ** 3, 3 * at * (1 - at) ** 2, 3 * at**2 * (1 - at), at**3)
        x, y = (sum(weight * point[axis] for weight, point in zip(weights, (start, *curve), strict=True)) for axis in (0, 1))
        nearest = min(distance((x, y), points[index], points[index + 1]) for index in range(len(points) - 1))
        assert nearest <= tolerance + 1e-9


@settings(deadline=None)
@given(PATH)
def test_the_box_is_that_of_all_points(path: Path) -> None:
    box = path.bounds
    drawn = Path(tuple(subpath for subpath in path.subpaths if subpath.segments))
    points = [point for polyline in drawn.flat(0.001) for point in polyline]
    if box is None:
        assert not points
        return
    columns, rows = [point[0] for point in points], [point[1] for point in points]
    assert box == pytest.approx((min(columns), min(rows), max(columns), max(rows)), abs=0.01)


def test_flat_lines_of_closed_subpaths_end_where_they_begin() -> None:
    assert SQUARE.flat(1.0) == (((0, 0), (9, 0), (9, 9), (0, 9), (0, 0)),)
    assert read_path("M0,0L1,0L0,0Z").flat(1.0) == (((0, 0), (1, 0), (0, 0)),)
    assert read_path("M0,0L1,0").flat(1.0) == (((0, 0), (1, 0)),)


def test_monstrous_curves_take_bounded_work() -> None:
    curve = f"C{FARTHEST},0,-{FARTHEST},{FARTHEST},0,-{FARTHEST}"
    path = read_path("M0,0" + curve * 200)
    begun = time.process_time()
    assert len(path.flat(0.01)[0]) <= 200_001
    assert time.process_time() - begun < 5
