"""Masks of paths against areas worked out here, and what they do to layers."""

import math
import time

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from proxy.protocol.path import Path, Point, Subpath, read_path
from proxy.recipe.model import Clip
from proxy.render.paths import clip_image, coverage
from tests.pictures import BLUE, GREEN, RED, WHITE, Gallery, assert_near, sheet

FINE = 16


@pytest.fixture(scope="module", name="gallery")
def _gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(tmp_path_factory.mktemp("originals"))


def polygon(*points: Point) -> Path:
    return Path((Subpath(points[0], tuple((point,) for point in points[1:]), closed=True),))


def by_samples(path: Path, size: tuple[int, int]) -> NDArray[np.float64]:
    """The share of each pixel that the winding number is not 0 in, of 16 × 16 points."""
    rows, columns = (np.mgrid[0 : size[1] * FINE, 0 : size[0] * FINE] + 0.5) / FINE
    winding = np.zeros(rows.shape, int)
    for points in path.flat(0.001):
        for start, end in zip(points, (*points[1:], points[0]), strict=True):
            if start[1] != end[1]:
                crossed = start[0] + (rows - start[1]) / (end[1] - start[1]) * (end[0] - start[0]) > columns
                winding += crossed & (start[1] <= rows) & (rows < end[1])
                winding -= crossed & (end[1] <= rows) & (rows < start[1])
    return np.asarray((winding != 0).reshape(size[1], FINE, size[0], FINE).mean(axis=(1, 3)) * 255, np.float64)


def levels(path: Path, size: tuple[int, int]) -> NDArray[np.float64]:
    return np.asarray(coverage(path, size)).astype(np.float64)


STAR = polygon(*((30 + 25 * math.sin(4 * math.pi * turn / 5), 30 - 25 * math.cos(4 * math.pi * turn / 5)) for turn in range(5)))
CIRCLE = read_path("M30,5C43.8,5,55,16.2,55,30C55,43.8,43.8,55,30,55C16.2,55,5,43.8,5,30C5,16.2,16.2,5,30,5Z")


@pytest.mark.parametrize(
    "path",
    [
        polygon((3.3, 4.1), (50.7, 9.9), (22.2, 55.5)),
        polygon((3.25, 4.5), (50.75, 4.5), (50.75, 40.125), (3.25, 40.125)),
        CIRCLE,
        CIRCLE.scaled(-1, 1).moved(60, 0),
        CIRCLE.scaled(0.1, 0.1).moved(7.3, 8.8),
        polygon((-40, -30), (90, 20), (10, 200)),
        read_path("M10,10L50,10,50,50,10,50"),
    ],
)
def test_coverage_is_the_area_within(path: Path) -> None:
    off = np.abs(levels(path, (60, 60)) - by_samples(path, (60, 60)))
    # 256 points know an area to half a row of them along an edge
    assert off.max() <= 255 / FINE * 0.75
    assert off.mean() <= 0.3


def test_the_area_of_a_polygon_is_exact() -> None:
    corners = [(3.3, 4.1), (50.7, 9.9), (44.0, 31.5), (22.2, 55.5)]
    area = abs(sum(corners[i - 1][0] * corners[i][1] - corners[i][0] * corners[i - 1][1] for i in range(4))) / 2
    assert levels(polygon(*corners), (60, 60)).sum() / 255 == pytest.approx(area, rel=0.003)


def test_what_is_gone_round_twice_is_within() -> None:
    """The non-zero rule; edges that cross within a pixel are the one thing that is only near."""
    off = np.abs(levels(STAR, (60, 60)) - by_samples(STAR, (60, 60)))
    assert levels(STAR, (60, 60))[30, 30] == 255
    assert (off > 16).sum() <= 10
    outer, inner = ((5, 5), (55, 5), (55, 55), (5, 55)), ((20, 20), (40, 20), (40, 40), (20, 40))
    same = Path((*polygon(*outer).subpaths, *polygon(*inner).subpaths))
    other = Path((*polygon(*outer).subpaths, *polygon(*inner[::-1]).subpaths))
    assert (levels(same, (60, 60))[30, 30], levels(other, (60, 60))[30, 30]) == (255, 0)


def test_whole_pixels_are_whole() -> None:
    expected = np.zeros((12, 12))
    expected[2:7, 3:9] = 255
    assert np.array_equal(levels(polygon((3, 2), (9, 2), (9, 7), (3, 7)), (12, 12)), expected)


@pytest.mark.parametrize("far", [10**3, 10**6, 10**9])
def test_what_is_far_away_neither_costs_nor_errs(far: float) -> None:
    begun = time.process_time()
    assert levels(polygon((-far, -far), (far, -far), (far, far), (-far, far)), (50, 40)).min() == 255
    half = levels(polygon((-far, -far), (20, -far), (20, far), (-far, far)), (50, 40))
    assert (half[:, :20].min(), half[:, 20:].max()) == (255, 0)
    assert not levels(polygon((far, 0), (2 * far, 0), (far, far)), (50, 40)).any()
    assert time.process_time() - begun < 2


def test_what_has_no_area_covers_nothing() -> None:
    for text in ("M5,5", "M5,5L20,20", "M5,5L20,20Z", "M5,5L20,5,5,5Z"):
        assert not levels(read_path(text), (30, 30)).any()


# ---- what is clipped


def test_alpha_alone_is_multiplied() -> None:
    image = Image.new("RGBA", (10, 10), (200, 100, 50, 128))
    clipped = np.asarray(clip_image(image, Clip((polygon((0, 0), (5.5, 0), (5.5, 10), (0, 10)),))))
    assert (clipped[..., :3] == (200, 100, 50)).all()
    assert clipped[0, :, 3] == pytest.approx([128] * 5 + [64] + [0] * 4, abs=1)
    assert clip_image(image, None) is image


def test_within_all_and_in_none() -> None:
    left, top = polygon((0, 0), (6, 0), (6, 10), (0, 10)), polygon((0, 0), (10, 0), (10, 6), (0, 6))
    corner, dot = polygon((0, 0), (2, 0), (2, 2), (0, 2)), polygon((4, 4), (5, 4), (5, 5), (4, 5))
    mask = np.asarray(clip_image(Image.new("L", (10, 10), 255), Clip((left, top), (corner, dot))))
    expected = np.zeros((10, 10), np.uint8)
    expected[:6, :6] = 255
    expected[:2, :2] = expected[4, 4] = 0
    assert np.array_equal(mask, expected)


def test_a_layer_is_clipped_in_its_rectangle(gallery: Gallery) -> None:
    pixels = gallery.pixels(
        "white?layer=1&src=red&extend=2,3,2,3&bgColor=00ff00&origin=0,0&pos=-20,-15&clipPath=M1,1L12,1,12,16,1,16Z"
    )
    expected = sheet((40, 30), (*WHITE, 255))
    expected[1:16, 1:12, :3] = GREEN
    expected[3:13, 2:12, :3] = RED
    assert_near(pixels, expected, 0)


def test_the_composite_is_clipped_with_its_layers(gallery: Gallery) -> None:
    pixels = gallery.pixels(
        "white?layer=1&src=red&layer=comp&clipPath=M0,0L20,0,20,30,0,30Z&clipXPath=M0,0L5,0,5,30,0,30&opac=50"
    )
    assert pixels[15, 25, 3] == pixels[15, 2, 3] == 0
    assert tuple(pixels[15, 15]) == (*RED, 128)
    assert tuple(pixels[2, 15]) == (*WHITE, 128)


def test_effects_follow_the_clipped_shape(gallery: Gallery) -> None:
    """A hard shadow 10 to the right of what is left of the layer; an inner border along its clipped edge."""
    shape = "layer=1&src=red&clipPath=M0,0L8,0,8,10,0,10Z"
    pixels = gallery.pixels(f"white?{shape}&effect=-1&color=0000ff&pos=10,0")
    expected = sheet((40, 30), (*WHITE, 255))
    expected[10:20, 10:18, :3], expected[10:20, 20:28, :3] = RED, BLUE
    assert_near(pixels, expected, 0)
    inner = gallery.pixels(f"white?{shape}&effect=1&op_grow=2&color=0000ff")
    assert tuple(inner[15, 17, :3]) == BLUE
    assert tuple(inner[15, 13, :3]) == RED
    whole = gallery.pixels("clear?layer=1&src=red&layer=comp&clipPath=M0,0L14,0,14,30,0,30&effect=-1&color=0000ff&pos=4,0")
    assert tuple(whole[15, 12]) == (*RED, 255)
    assert tuple(whole[15, 16]) == (*BLUE, 255)
    assert whole[15, 20, 3] == 0


def test_a_turned_layer_is_clipped_upright(gallery: Gallery) -> None:
    """The path counts in the rectangle around the turned picture, not in the picture."""
    pixels = gallery.pixels("clear?layer=1&src=red&rotate=90&clipPath=M0,0L5,0,5,20,0,20Z")
    rows, columns = np.nonzero(pixels[..., 3])
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (15, 19, 5, 24)


def test_a_clip_is_as_fine_as_the_reply(gallery: Gallery) -> None:
    small = gallery.pixels("white?layer=0&clipPath=M0,0L40,0,0,30Z&wid=10")[..., 3]
    assert small == pytest.approx(by_samples(polygon((0, 0), (10, 0), (0, 8)), (10, 8)), abs=14)


def test_the_mask_is_clipped_too(gallery: Gallery) -> None:
    pixels = gallery.pixels("white?layer=0&mask=ramp&clipPath=M10,0L20,0,20,30,10,30Z")
    assert pixels[15, :10, 3].max() == pixels[15, 20:, 3].max() == 0
    assert pixels[15, 10:20, 3] == pytest.approx(np.linspace(0, 255, 40)[10:20], abs=1)
