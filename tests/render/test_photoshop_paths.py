"""Path resources, packed by hand from the specification."""

import io
import struct
from collections.abc import Sequence
from pathlib import Path as File

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from proxy.protocol.path import Path, Subpath, read_path
from proxy.render.decode import Limits
from proxy.render.load import probe
from proxy.render.paths import coverage
from proxy.render.photoshop import Resource
from proxy.render.photoshop_paths import MOST_KNOTS, embedded_paths

Numbers = Sequence[float]
HEAD = struct.pack(">H", 6).ljust(26, b"\0") + struct.pack(">HH", 8, 0).ljust(26, b"\0")


def length(count: int, *, closed: bool = True, operation: int = 0) -> bytes:
    return struct.pack(">HHh", 0 if closed else 3, count, operation).ljust(26, b"\0")


def knot(*numbers: float, closed: bool = True, linked: bool = True) -> bytes:
    """Two numbers are an anchor without handles, six the point before, the anchor and the point behind; x before y."""
    if len(numbers) == 2:
        numbers = numbers * 3
    swapped = [numbers[place] for place in (1, 0, 3, 2, 5, 4)]
    selector = (1 if linked else 2) + (0 if closed else 3)
    return struct.pack(">H6i", selector, *(round(value * (1 << 24)) for value in swapped))


def polygon(*points: Numbers, operation: int = 0) -> bytes:
    return length(len(points), operation=operation) + b"".join(knot(*point) for point in points)


def one(data: bytes) -> Path:
    (found,) = embedded_paths([Resource(2000, "a", data)])
    return found.path


def test_a_polygon() -> None:
    path = one(HEAD + polygon((0.25, 0.5), (0.75, 0.5), (0.5, -0.125)))
    assert path == Path((Subpath((0.25, 0.5), (((0.75, 0.5),), ((0.5, -0.125),)), closed=True),))


def test_handles_make_curves_from_knot_to_knot() -> None:
    data = length(2) + knot(0.0, 0.5, 0.0, 0.25, 0.0, 0.0) + knot(0.5, 0.0, 0.5, 0.25, 0.5, 0.5, linked=False)
    curves = (((0.0, 0.0), (0.5, 0.0), (0.5, 0.25)), ((0.5, 0.5), (0.0, 0.5), (0.0, 0.25)))
    assert one(HEAD + data) == Path((Subpath((0.0, 0.25), curves, closed=True),))


def test_an_open_subpath_has_no_segment_back() -> None:
    data = length(3, closed=False) + b"".join(knot(*point, closed=False) for point in ((0, 0), (0.5, 0), (0.5, 0.5)))
    assert one(HEAD + data) == Path((Subpath((0.0, 0.0), (((0.5, 0.0),), ((0.5, 0.5),)), closed=False),))


def test_a_lone_knot_draws_nothing() -> None:
    assert one(HEAD + polygon((0.5, 0.5))) == Path(())


OUTER = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
INNER = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
INNERMOST = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("operation", "hole"), [(0, True), (1, False), (2, True)])
def test_a_subpath_in_another_is_a_hole_unless_it_is_combined(operation: int, *, turned: bool, hole: bool) -> None:
    inner = INNER[::-1] if turned else INNER
    levels = np.asarray(coverage(one(HEAD + polygon(*OUTER) + polygon(*inner, operation=operation)).scaled(8, 8), (8, 8)))
    assert levels[0, 0] == 255
    assert levels[4, 4] == (0 if hole else 255)


def test_an_island_in_a_hole_is_seen() -> None:
    levels = np.asarray(coverage(one(HEAD + polygon(*OUTER) + polygon(*INNER) + polygon(*INNERMOST)).scaled(20, 20), (20, 20)))
    assert (levels[1, 1], levels[6, 6], levels[10, 10]) == (255, 0, 255)


@settings(deadline=None)
@given(st.binary(max_size=300) | st.lists(st.sampled_from((HEAD, polygon(*OUTER), length(9), knot(1, 2)))).map(b"".join))
def test_any_records_are_a_path(data: bytes) -> None:
    for subpath in one(data).subpaths:
        assert subpath.segments
        assert all(-128 <= value < 128 for segment in subpath.segments for point in segment for value in point)


def test_more_knots_than_a_path_has_draw_nothing() -> None:
    huge, small = knot(0.5, 0.5) * (MOST_KNOTS + 1), polygon(*OUTER)
    found = embedded_paths([Resource(2000, "huge", huge), Resource(2001, "small", small)])
    assert [(item.name, item.path.bounds) for item in found] == [("huge", None), ("small", (0.0, 0.0, 1.0, 1.0))]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_paths_are_turned_with_the_picture(tmp_path: File, form: str, orientation: int) -> None:
    """The path goes round a white corner of the stored picture; upright it still has to."""
    stored = Image.new("L", (48, 32))
    stored.paste(255, (0, 0, 24, 8))
    data = HEAD + polygon((0, 0), (0.5, 0), (0.5, 0.25), (0, 0.25))
    block = b"8BIM" + struct.pack(">H", 2000) + b"\x01a" + struct.pack(">I", len(data)) + data
    exif = Image.Exif()
    exif[274] = orientation
    path = tmp_path / "picture"
    if form == "JPEG":
        part = b"Photoshop 3.0\0" + block
        stored.save(path, form, exif=exif, extra=b"\xff\xed" + struct.pack(">H", len(part) + 2) + part)
    else:
        stored.save(path, form, tiffinfo={34377: block, 274: orientation})
    with Image.open(path) as image:
        upright = np.asarray(
            Image.open(io.BytesIO(path.read_bytes())).convert("L") if form == "TIFF" else _upright(image, orientation)
        )
    header = probe(str(path), Limits())
    assert (header.height, header.width) == upright.shape
    bounds = header.paths[0].path.bounds
    assert bounds is not None
    rows, columns = np.nonzero(upright > 128)
    assert bounds == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    unturned = probe(str(path), Limits(), orient=False)
    assert unturned.paths[0].path == read_path("M0,0L24,0,24,8,0,8Z")


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    ways = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return image.transpose(ways[orientation]) if orientation in ways else image.copy()
