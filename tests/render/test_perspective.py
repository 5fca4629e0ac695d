"""Pictures on quadrilaterals against OpenCV, which samples eight times as finely and averages; figures are decibels of PSNR."""

import time

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from proxy.recipe.model import Perspective
from proxy.render.perspective import projected
from tests.pictures import BLUE, RED, WHITE, Gallery, disc, photograph
from tests.render_psnr import psnr

FINE = 8
Corners = tuple[tuple[float, float], ...]

SLANTED: Corners = ((20.5, 10.2), (180.0, 40.7), (170.3, 130.0), (5.0, 145.0))
FAR: Corners = ((90.0, 10.0), (110.0, 10.0), (195.0, 145.0), (5.0, 145.0))
TINY: Corners = ((100.0, 60.0), (125.0, 62.0), (122.0, 80.0), (101.0, 79.0))
MIRRORED: Corners = ((180.0, 40.7), (20.5, 10.2), (5.0, 145.0), (170.3, 130.0))
BEYOND: Corners = ((-300.0, -80.0), (350.0, -20.0), (300.0, 400.0), (-100.0, 260.0))
NEAR: Corners = ((-200.0, -150.0), (400.0, -150.0), (400.0, 300.0), (-200.0, 300.0))
"""A rectangle three times as large as the picture."""


@pytest.fixture(scope="module", name="gallery")
def _gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(tmp_path_factory.mktemp("originals"))


def by_opencv(image: Image.Image, corners: Corners, size: tuple[int, int]) -> NDArray[np.float64]:
    """Premultiplied RGBA: the picture goes on at its edge, and the outline cuts it."""
    pixels = np.asarray(image.convert("RGBa")).astype(np.float32)
    source = np.array([(0, 0), (image.width, 0), (image.width, image.height), (0, image.height)], np.float32)
    # OpenCV counts from the middles of pixels
    target = np.array(corners, np.float32) * FINE - 0.5
    matrix = cv2.getPerspectiveTransform(source - 0.5, target)
    fine = size[0] * FINE, size[1] * FINE
    warped = cv2.warpPerspective(pixels, matrix, fine, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    outline = np.zeros((fine[1], fine[0]), np.uint8)
    cv2.fillConvexPoly(outline, np.rint(target * 256).astype(np.int32), 1, shift=8)
    means = (warped * outline[..., None]).reshape(size[1], FINE, size[0], FINE, 4).mean(axis=(1, 3))
    return np.asarray(means, np.float64)


def premultiplied(image: Image.Image) -> NDArray[np.float64]:
    return np.asarray(image.convert("RGBa")).astype(np.float64)


@pytest.mark.parametrize(
    ("corners", "least"),
    [(SLANTED, 41), (FAR, 38), (TINY, 48), (MIRRORED, 41), (BEYOND, 36), (NEAR, 35)],
)
def test_it_looks_as_opencv_has_it(corners: Corners, least: float) -> None:
    picture = photograph(200, 150)
    drawn = projected(picture, Perspective(corners), (200, 150))
    assert psnr(premultiplied(drawn), by_opencv(picture, corners, (200, 150))) >= least


@pytest.mark.parametrize(("sampling", "least"), [("R1", 30), ("R2", 38), ("R3", 41)])
def test_each_way_of_sampling(sampling: str, least: float) -> None:
    picture = photograph(200, 150)
    drawn = projected(picture, Perspective(SLANTED, sampling), (200, 150))
    figure = psnr(premultiplied(drawn), by_opencv(picture, SLANTED, (200, 150)))
    assert figure >= least
    if sampling == "R1":
        # nothing but colours of the picture
        inside = np.asarray(drawn)[60:100, 60:120, :3].reshape(-1, 3)
        assert {tuple(color) for color in inside} <= {tuple(color) for color in np.asarray(picture).reshape(-1, 3)}


def test_jitter_moves_samples_in_the_same_way_every_time() -> None:
    picture = photograph(200, 150)
    plain, some, again, other = (
        np.asarray(projected(picture, Perspective(SLANTED, "R3", jitter), (200, 150))) for jitter in (0, 100, 100, 200)
    )
    assert np.array_equal(some, again)
    assert not np.array_equal(plain, some)
    assert not np.array_equal(some, other)
    assert psnr(plain.astype(float), some.astype(float)) > 28


def test_hidden_colours_do_not_bleed() -> None:
    """The disc is blue, and red where it is not seen."""
    drawn = np.asarray(projected(disc(80), Perspective(SLANTED), (200, 150))).astype(int)
    seen = drawn[..., 3] > 0
    assert (drawn[seen][:, 0] <= 2).all()
    assert (drawn[seen][:, 2] >= 250).all()
    corner = drawn[15, 25]
    assert corner[3] == 0


@pytest.mark.parametrize("sampling", ["R1", "R2", "R3"])
def test_the_rectangle_onto_itself_is_the_picture(sampling: str) -> None:
    picture = photograph(200, 150)
    drawn = projected(picture, Perspective(((0, 0), (200, 0), (200, 150), (0, 150)), sampling), (200, 150))
    assert np.array_equal(np.asarray(drawn), np.asarray(picture.convert("RGBA")))


def test_a_fine_pattern_becomes_gray_where_it_is_far() -> None:
    """A checkerboard of single pixels that is seen at a fifteenth of its size."""
    board = Image.fromarray(((np.indices((900, 900)).sum(axis=0) % 2) * 255).astype(np.uint8)).convert("RGB")
    drawn = np.asarray(projected(board, Perspective(((30, 30), (90, 35), (85, 90), (32, 88))), (120, 120))).astype(int)
    inside = drawn[40:80, 40:80, 0]
    assert np.abs(inside - 127.5).max() <= 20


def test_edges_are_smooth_and_no_softer_than_a_pixel() -> None:
    """A white picture of 4 × 4 pixels made forty times as large: alpha goes from 0 to 255 within a pixel or two."""
    drawn = np.asarray(
        projected(Image.new("RGB", (4, 4), WHITE), Perspective(((20.5, 20), (180, 30), (170, 140), (10, 130))), (200, 160))
    )
    alpha = drawn[80, :, 3].astype(int)
    assert ((alpha > 0) & (alpha < 255)).sum() <= 4
    assert (drawn[drawn[..., 3] > 0][:, :3] == 255).all()


@pytest.mark.parametrize("far", [10**4, 10**6])
def test_monstrous_quadrilaterals_cost_no_more_than_the_rectangle(far: float) -> None:
    begun = time.process_time()
    corners = ((-far, -far), (far, -far * 0.9), (far * 0.8, far), (-far, far * 0.7))
    for sampling in ("R1", "R2", "R3"):
        drawn = projected(photograph(200, 150), Perspective(corners, sampling), (200, 150))
        assert np.asarray(drawn)[..., 3].min() == 255
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("sampling", ["R1", "R2", "R3"])
def test_a_horizon_in_the_rectangle_is_no_trouble(sampling: str) -> None:
    """A floor that runs to the horizon, the far side a hundredth of the near one."""
    corners = ((99.5, 50.0), (100.5, 50.0), (5000.0, 150.0), (-4800.0, 150.0))
    drawn = np.asarray(projected(photograph(200, 150), Perspective(corners, sampling), (200, 150)))
    assert not drawn[:49, :, 3].any()
    assert drawn[149, :, 3].min() >= 250


def test_nothing_is_drawn_without_corners() -> None:
    assert not np.asarray(projected(photograph(20, 10), Perspective(()), (30, 20))).any()


# ---- in requests


def test_a_layer_on_a_quadrilateral_counts_in_the_composite(gallery: Gallery) -> None:
    pixels = gallery.pixels("white?layer=1&src=red&perspective=10,5,30,5,30,25,10,25&pos=4,2&origin=99,99")
    rows, columns = np.nonzero(pixels[..., 1] < 128)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (14, 33, 7, 26)


def test_it_is_opaque_where_the_view_is_larger(gallery: Gallery) -> None:
    pixels = gallery.pixels("white?layer=1&src=red&perspective=10,5,30,5,30,25,10,25&wid=400&fit=fit,1")
    assert tuple(pixels[150, 200]) == (*RED, 255)
    assert tuple(pixels[51, 101]) == (*RED, 255)
    assert tuple(pixels[48, 98]) == (*WHITE, 255)


def test_background_and_effects_of_a_quadrilateral(gallery: Gallery) -> None:
    """bgColor fills the layer rectangle, which is the canvas; an effect follows what is drawn."""
    pixels = gallery.pixels("clear?layer=1&src=red&perspective=10,5,20,5,20,25,10,25&effect=-1&color=0000ff&pos=12,0")
    assert tuple(pixels[15, 15]) == (*RED, 255)
    assert tuple(pixels[15, 27]) == (*BLUE, 255)
    assert pixels[15, 35, 3] == 0
    filled = gallery.pixels("clear?layer=1&src=red&bgColor=0000ff&perspective=10,5,20,5,20,25,10,25")
    assert tuple(filled[2, 2]) == tuple(filled[28, 38]) == (*BLUE, 255)


def test_turned_before(gallery: Gallery) -> None:
    """Quarter turns of the picture are those of the corners."""
    turned = gallery.pixels("white?layer=1&src=corner&rotate=90&perspective=10,5,30,8,28,25,9,20")
    corners = gallery.pixels("white?layer=1&src=corner&perspective=30,8,28,25,9,20,10,5")
    assert np.array_equal(turned, corners)
    mirrored = gallery.pixels("white?layer=1&src=corner&flip=lr&perspective=10,5,30,8,28,25,9,20")
    assert np.array_equal(mirrored, gallery.pixels("white?layer=1&src=corner&perspective=30,8,10,5,9,20,28,25"))


def test_nested_and_masked(gallery: Gallery) -> None:
    nested = gallery.pixels("white?layer=1&src=is(g/red?layer=1&src=g/green&size=6,6)&perspective=0,0,40,0,40,30,0,30")
    assert tuple(nested[15, 2, :3]) == RED
    assert tuple(nested[15, 20, :3]) == (0, 255, 0)
    masked = gallery.pixels("clear?layer=1&src=white&mask=ramp&perspective=0,0,40,0,40,30,0,30")
    assert masked[15, :, 3] == pytest.approx(np.linspace(0, 255, 40), abs=4)
