"""Dilation and erosion: checked by looking at every pixel of a disc, and by what must not change."""

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from proxy.ops._channels import Levels
from proxy.ops._disc import extremes, grown
from proxy.ops.mask import Grow, GrowMask, GrowMaskR

Reals = NDArray[np.float64]
RANDOM = np.random.default_rng(4).integers(0, 256, (41, 53, 3), dtype=np.uint8)
SHAPES = [(41, 53), (1, 40), (37, 1), (1, 1), (2, 3)]


def direct(plane: NDArray[np.integer], radius: int) -> Reals:
    """Grow by a whole radius, one pixel of the disc after another; what lies outside does not count."""
    reach = abs(radius)
    outside = -math.inf if radius > 0 else math.inf
    padded = np.pad(plane.astype(float), reach, constant_values=outside)
    result = plane.astype(float)
    pick = np.maximum if radius > 0 else np.minimum
    for y, x in itertools.product(range(-reach, reach + 1), repeat=2):
        if math.hypot(x, y) <= reach:
            result = pick(result, padded[reach + y :, reach + x :][: plane.shape[0], : plane.shape[1]])
    return result


def between(plane: NDArray[np.integer], radius: float) -> Reals:
    """Grow by any radius."""
    lower, upper = math.floor(abs(radius)), math.ceil(abs(radius))
    sign = 1 if radius > 0 else -1
    share = abs(radius) - lower
    return direct(plane, sign * lower) * (1 - share) + direct(plane, sign * upper) * share


def speck(size: int = 31) -> Image.Image:
    mask = Image.new("L", (size, size), 0)
    mask.putpixel((size // 2, size // 2), 255)
    return mask


def disc(radius: float, size: int = 200) -> Image.Image:
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    return Image.fromarray(np.clip(255 * (radius + 0.5 - np.hypot(x, y)), 0, 255).astype(np.uint8))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("radius", [1, 2, 3, 4, 5, 8, 13, 31, 32, 60])
@pytest.mark.parametrize("sign", [1, -1])
def test_whole_radius(shape: tuple[int, int], radius: int, sign: int) -> None:
    plane = np.resize(RANDOM, shape)
    expected = direct(plane, sign * radius)
    assert (grown(plane, sign * radius) == expected).all()
    assert (grown(plane.astype(np.uint16) * 257, sign * radius) == expected * 257).all()


@pytest.mark.parametrize("radius", [0.01, 0.25, 0.5, 0.99, 1.3, 2.5, 7.75, 20.125])
@pytest.mark.parametrize("sign", [1, -1])
def test_real_radius(radius: float, sign: int) -> None:
    plane = RANDOM[..., 1]
    assert np.abs(grown(plane, sign * radius) - between(plane, sign * radius)).max() < 1e-3


@pytest.mark.parametrize("radius", [0.4, 1.0, 3.0, 9.5, 70.0])
def test_erosion_is_dilation_of_the_negative(radius: float) -> None:
    plane = RANDOM[..., 0]
    assert np.abs(255 - grown(255 - plane, radius) - grown(plane, -radius)).max() < 1e-3


@pytest.mark.parametrize("radius", [2.0, 6.5, 40.0])
def test_it_turns_with_the_picture(radius: float) -> None:
    plane = RANDOM[..., 2]
    result = grown(plane, radius)
    for turns in (1, 2, 3):
        assert (grown(np.rot90(plane, turns), radius) == np.rot90(result, turns)).all()


def test_it_grows_with_its_radius() -> None:
    sums = [grown(np.asarray(speck()), radius).sum() for radius in np.arange(0.25, 16, 0.25)]
    assert all(low < high for low, high in itertools.pairwise(sums))
    sums = [grown(np.asarray(disc(30, 80)), -radius).sum() for radius in np.arange(0.25, 30, 0.25)]
    assert all(low > high for low, high in itertools.pairwise(sums))


def test_a_speck_becomes_a_disc() -> None:
    result = np.asarray(GrowMaskR(10.0).apply(speck()))
    y, x = np.mgrid[-15:16, -15:16]
    assert ((result == 255) == (np.hypot(x, y) <= 10)).all()
    assert set(np.unique(result)) == {0, 255}


@pytest.mark.parametrize(("radius", "start"), [(10, 60), (30, 60), (-20, 60), (-59, 60), (2.5, 40)])
def test_a_disc_becomes_a_larger_or_smaller_one(radius: float, start: float) -> None:
    result = np.asarray(GrowMask(float(radius)).apply(disc(start))) / 255
    assert math.sqrt(result.sum() / math.pi) == pytest.approx(start + radius, abs=0.4)


@pytest.mark.parametrize("radius", [6, 3.25, 0.5, -6, -3.25, -0.5])
def test_an_edge_moves_by_the_radius(radius: float) -> None:
    picture = Image.new("L", (60, 9), 128)
    picture.paste(192, (30, 0, 60, 9))
    for turned in (picture, picture.transpose(Image.Transpose.ROTATE_90)):
        change = np.asarray(Grow(float(radius)).apply(turned)).astype(int) - np.asarray(turned)
        assert change.sum() / 64 / 9 == pytest.approx(radius, abs=0.01)
        assert np.abs(change).max() <= 64


def test_components_grow_by_themselves() -> None:
    result = np.asarray(Grow(-3.0).apply(Image.fromarray(RANDOM)))
    for band in range(3):
        assert (result[..., band] == direct(RANDOM[..., band], -3)).all()


@pytest.mark.parametrize("radius", [3.0, -2.0, 1.5])
def test_a_mask_grows_like_a_gray_picture(radius: float) -> None:
    mask = Image.fromarray(RANDOM[..., 0])
    before = mask.tobytes()
    for kind in (GrowMask, GrowMaskR):
        result = kind(radius).apply(mask)
        assert (result.mode, result.size) == ("L", mask.size)
        assert result.tobytes() == Grow(radius).apply(mask).tobytes() != before
        assert kind().apply(mask).tobytes() == mask.tobytes() == before


@pytest.mark.parametrize("radius", [8.0, 2.5, -8.0, -2.5, 0.3, -0.3])
@pytest.mark.parametrize("color", [(200, 30, 10), (0, 0, 0), (255, 255, 255), (77, 77, 77)])
def test_a_shape_of_one_colour_keeps_it(radius: float, color: tuple[int, int, int]) -> None:
    """Text and solid layers are such shapes; what hides outside the mask does not come to light."""
    picture = Image.new("RGBA", (80, 80), (0, 255, 0, 0))
    mask = disc(25, 80)
    picture.paste((*color, 255), mask=mask.point(lambda level: 255 * (level > 0)))
    picture.putalpha(mask)
    result = np.asarray(Grow(radius).apply(picture))
    assert (result[..., 3] == np.asarray(GrowMask(radius).apply(mask))).all()
    assert (result[result[..., 3] > 0, :3] == color).all()


@pytest.mark.parametrize("radius", [2, -2])
def test_colours_grow_as_far_as_they_are_seen(radius: int) -> None:
    alpha = np.random.default_rng(6).integers(1, 256, RANDOM.shape[:2], dtype=np.uint8)
    result = np.asarray(Grow(float(radius)).apply(Image.fromarray(np.dstack([RANDOM, alpha]))))
    around = direct(alpha, radius)
    assert (result[..., 3] == around).all()
    for band in range(3):
        expected = direct(RANDOM[..., band].astype(np.uint16) * alpha, radius) / around
        assert np.abs(result[..., band] - expected).max() < 0.502


@pytest.mark.parametrize("radius", [5.0, -5.0, 1.5])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_opaque_alpha_counts_for_nothing(radius: float, mode: str) -> None:
    picture = Image.fromarray(RANDOM).convert(mode)
    with_alpha = picture.copy()
    with_alpha.putalpha(255)
    assert Grow(radius).apply(with_alpha).convert(mode).tobytes() == Grow(radius).apply(picture).tobytes()
    nearly = with_alpha.copy()
    nearly.putpixel((52, 40), (0,) * len(nearly.getbands()))
    corner = (0, 0, 40, 30)
    expected = Grow(radius).apply(picture).crop(corner).tobytes()
    assert Grow(radius).apply(nearly).convert(mode).crop(corner).tobytes() == expected


@pytest.mark.parametrize("radius", [0.4, 7.0, 100.0, -0.4, -7.0, -100.0])
@pytest.mark.parametrize("color", [(0, 0, 0, 255), (1, 77, 254, 128), (9, 9, 9, 3), (5, 6, 7, 0)])
def test_flat_pictures_stay(radius: float, color: tuple[int, int, int, int]) -> None:
    picture = Image.new("RGBA", (70, 66), color)
    assert Grow(radius).apply(picture).tobytes() == picture.tobytes()


@pytest.mark.parametrize("radius", [10, 100])
def test_the_work_grows_with_the_radius_alone(radius: int) -> None:
    steps = 0

    def counted(one: Levels, two: Levels, out: Levels | None = None) -> Levels:
        nonlocal steps
        steps += 1
        return np.maximum(one, two, out=out)

    plane = np.resize(RANDOM[..., 0], (2 * radius, 2 * radius))
    assert (extremes(plane, radius, counted) == grown(plane, radius)).all()
    assert steps < 3 * (radius + 1) + 10
