"""Blur and sharpening: checked by a direct convolution in double precision and by what must not change."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.optimize import brentq

from proxy.ops._gaussian import gaussian
from proxy.ops.blur import Blur
from proxy.ops.focus import Sharpen, Usm, UsmR
from proxy.recipe.op import Op

Reals = NDArray[np.float64]
RANDOM = np.random.default_rng(3).integers(0, 256, (71, 93, 3), dtype=np.uint8)
RADII = [0.1, 0.3, 0.5, 0.8, 1.0, 1.7, 3.0, 8.0, 15.9]


def kernel(radius: float) -> Reals:
    """Samples of the Gaussian that is wide enough for them to have the deviation ``radius``."""
    steps = np.arange(-math.ceil(7 * radius) - 6, math.ceil(7 * radius) + 7)

    def samples(width: float) -> Reals:
        weights = np.exp(-(steps**2) / (2 * width * width))
        return np.asarray(weights / weights.sum())

    def missing(width: float) -> float:
        return float(samples(width) @ steps**2) - radius * radius

    return samples(radius if radius >= 1 else brentq(missing, radius, radius + 1))


def direct(plane: Reals, radius: float) -> Reals:
    weights = kernel(radius)
    padded = np.pad(plane, len(weights) // 2, mode="edge")
    for axis in (0, 1):
        padded = np.apply_along_axis(np.convolve, axis, padded, weights, "valid")
    return padded


def edge(low: int = 128, high: int = 192) -> Image.Image:
    picture = Image.new("RGB", (200, 200), (low,) * 3)
    picture.paste((high,) * 3, (100, 0, 200, 200))
    return picture


def at(image: Image.Image, x: int, y: int = 100) -> tuple[int, ...]:
    return tuple(np.atleast_1d(np.asarray(image)[y, x]).tolist())


def cut_out() -> Image.Image:
    """An opaque red disc with a soft border; what lies under the transparent rest is bright green."""
    y, x = np.mgrid[:80, :80]
    alpha = np.clip(255 * (30.5 - np.hypot(x - 40, y - 40)) / 6, 0, 255).astype(np.uint8)
    picture = Image.new("RGB", (80, 80), (0, 255, 0))
    picture.paste((200, 30, 10), mask=Image.fromarray(alpha > 0))
    picture.putalpha(Image.fromarray(alpha))
    return picture


@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("shape", [(71, 93), (64, 64), (129, 1), (1, 65), (3, 5)])
def test_gaussian_of_noise(radius: float, shape: tuple[int, int]) -> None:
    plane = np.resize(RANDOM, shape)
    assert np.abs(gaussian(plane, radius) - direct(plane.astype(float), radius)).max() < 0.002


@pytest.mark.parametrize("radius", [16.5, 20.0, 47.3, 100.0, 250.0])
@pytest.mark.parametrize("shape", [(71, 93), (300, 200), (2, 3)])
def test_gaussian_of_large_radius(radius: float, shape: tuple[int, int]) -> None:
    plane = np.resize(RANDOM, shape)
    plane[:, : shape[1] // 3] //= 8
    assert np.abs(gaussian(plane, radius) - direct(plane.astype(float), radius)).max() < 0.3


@pytest.mark.parametrize("radius", [0.05, 0.1, 0.3, 0.7, 1.0, 2.5, 8.0, 20.0])
def test_gaussian_has_its_variance_however_small(radius: float) -> None:
    plane = np.zeros((1, 301), np.uint8)
    plane[0, 150] = 255
    mean = gaussian(plane, radius)[0] / 255
    assert mean.sum() == pytest.approx(1, abs=1e-4)
    assert (mean * (np.arange(301) - 150.0) ** 2).sum() == pytest.approx(radius**2, rel=0.01)


@pytest.mark.parametrize("radius", [0.8, 1.0, 1.4, 3.0, 12.0])
def test_gaussian_is_that_of_others(radius: float) -> None:
    plane = RANDOM[..., 0]
    theirs = gaussian_filter(plane.astype(float), radius, mode="nearest", truncate=7)
    assert np.abs(gaussian(plane, radius) - theirs).max() < 0.3


@pytest.mark.parametrize("radius", [0.4, 2.0, 30.0])
def test_gaussian_turns_with_the_picture(radius: float) -> None:
    plane = RANDOM[..., 0]
    assert np.abs(gaussian(plane, radius).T - gaussian(plane.T.copy(), radius)).max() < 0.01
    flipped = gaussian(plane[::-1, ::-1].copy(), radius)[::-1, ::-1]
    assert np.abs(gaussian(plane, radius) - flipped).max() < 0.6


@pytest.mark.parametrize("radius", [0.3, 1.0, 4.0, 100.0])
def test_blur_is_the_mean(radius: float) -> None:
    result = np.asarray(Blur(radius).apply(Image.fromarray(RANDOM)))
    for band in range(3):
        assert np.abs(result[..., band] - direct(RANDOM[..., band].astype(float), radius)).max() < 0.7


def test_blur_mixes_at_an_edge() -> None:
    blurred = Blur(10.0).apply(edge())
    assert at(blurred, 100) == pytest.approx((160,) * 3, abs=3)
    assert at(blurred, 95) == pytest.approx((149,) * 3, abs=2)
    assert at(blurred, 30) == (128,) * 3
    assert at(blurred, 170) == (192,) * 3


@pytest.mark.parametrize("radius", [0.7, 5.0, 40.0])
def test_blur_takes_no_colour_from_where_nothing_is_seen(radius: float) -> None:
    picture = cut_out()
    blurred = Blur(radius).apply(picture)
    assert blurred.getchannel("A").tobytes() == picture.getchannel("A").tobytes()
    seen = np.asarray(picture)[..., 3] > 0
    assert (np.asarray(blurred)[seen, :3] == (200, 30, 10)).all()


def test_blur_counts_neighbours_by_their_alpha() -> None:
    picture = Image.new("RGBA", (41, 1), (0, 0, 0, 255))
    picture.putpixel((20, 0), (255, 0, 0, 51))
    around = kernel(1.0)
    middle = around[len(around) // 2]
    share = middle * 51 / (middle * 51 + (1 - middle) * 255)
    assert at(Blur(1.0).apply(picture), 20, 0) == (math.floor(share * 255 + 0.5), 0, 0, 51)


def test_blur_of_a_mask() -> None:
    mask = Image.new("L", (60, 60), 0)
    mask.paste(255, (30, 0, 60, 60))
    blurred = Blur(3.0).apply(mask)
    assert at(blurred, 29, 30)[0] + at(blurred, 30, 30)[0] == 255
    assert at(blurred, 5, 30) == (0,)


def expected_usm(picture: Reals, amount: float, radius: float, threshold: int) -> Reals:
    """What the formula says; not a number where the difference is too near to the threshold to tell."""
    difference = picture - np.stack([direct(picture[..., band], radius) for band in range(picture.shape[2])], axis=2)
    sharp = np.clip(picture + np.where(np.abs(difference) < threshold, 0, amount * difference), 0, 255)
    sharp[(threshold > 0) & (np.abs(np.abs(difference) - threshold) < 0.004)] = np.nan
    return sharp


@pytest.mark.parametrize("kind", [Usm, UsmR])
@pytest.mark.parametrize(
    ("amount", "radius", "threshold"),
    [(1.2, 1.0, 0), (1.0, 1.0, 5), (0.5, 0.3, 0), (1.75, 0.5, 2), (5.0, 3.0, 60), (0.02, 2.0, 0), (2.0, 0.1, 0)],
)
def test_usm_by_formula(kind: Callable[[float, float, int], Op], amount: float, radius: float, threshold: int) -> None:
    result = np.asarray(kind(amount, radius, threshold).apply(Image.fromarray(RANDOM)))
    expected = expected_usm(RANDOM.astype(float), amount, radius, threshold)
    assert np.isnan(expected).mean() < 0.001
    assert np.nanmax(np.abs(result - expected)) < 0.51


def test_usm_at_an_edge() -> None:
    sharp = Usm(2.0, 4.0).apply(edge())
    # 1.5 and 1.5 pixels from the edge: the mean is 64 times the normal distribution at 0.375
    share = (1 + math.erf(0.375 / math.sqrt(2))) / 2
    assert at(sharp, 101) == pytest.approx((192 + 2 * 64 * (1 - share),) * 3, abs=1)
    assert at(sharp, 98) == pytest.approx((128 - 2 * 64 * (1 - share),) * 3, abs=1)
    assert at(sharp, 30) == (128,) * 3
    assert at(sharp, 170) == (192,) * 3


def test_usm_threshold_leaves_less_alone() -> None:
    picture = Image.new("L", (9, 1), 100)
    picture.putpixel((4, 0), 228)
    around = kernel(0.9)
    difference = 128 * (1 - around[len(around) // 2])
    for threshold, sharpened in ((math.floor(difference), True), (math.ceil(difference), False)):
        result = at(Usm(0.2, 0.9, threshold).apply(picture), 4, 0)[0]
        assert (result > 228) is sharpened
    assert Usm(2.0, 4.0, 200).apply(edge()).tobytes() == edge().tobytes()


def test_usm_of_brightness_moves_all_components_alike() -> None:
    picture = np.clip(RANDOM, 100, 156)
    result = np.asarray(Usm(0.4, 1.0, 0, monochrome=True).apply(Image.fromarray(picture))).astype(int)
    brightness = picture.astype(float) @ [0.299, 0.587, 0.114]
    step = 0.4 * (brightness - direct(brightness, 1.0))
    assert np.abs(result - picture - step[..., None]).max() < 0.51


def test_usm_of_brightness_on_gray_is_the_same() -> None:
    gray = Image.fromarray(RANDOM[..., 0])
    assert Usm(1.0, 4.0, 3, monochrome=True).apply(gray).tobytes() == Usm(1.0, 4.0, 3).apply(gray).tobytes()
    color = gray.convert("RGB")
    two = (np.asarray(Usm(1.0, 4.0, 0, monochrome=mono).apply(color)).astype(int) for mono in (False, True))
    assert np.abs(next(two) - next(two)).max() <= 1


def test_usm_grows_with_its_amount() -> None:
    changes = [
        np.abs(np.asarray(Usm(amount, 1.0).apply(edge())).astype(int) - np.asarray(edge())).sum()
        for amount in (0.1, 0.3, 0.5, 1.0, 2.0, 4.0)
    ]
    assert all(low < high for low, high in pairwise(changes))


def test_usm_of_a_small_scaled_radius_fades_out() -> None:
    picture = Image.fromarray(RANDOM)
    assert Usm(1.0, 1.0).at(0.01, stage=None).apply(picture).tobytes() == picture.tobytes()


@pytest.mark.parametrize(
    "op", [Usm(2.0, 2.0), Usm(2.0, 2.0, 0, monochrome=True), UsmR(1.0, 20.0), Sharpen(sharpened=True)], ids=str
)
def test_sharpening_a_cut_out(op: Op) -> None:
    picture = cut_out()
    sharp = np.asarray(op.apply(picture))
    alpha = np.asarray(picture)[..., 3]
    assert (sharp[alpha > 0, :3] == (200, 30, 10)).all()
    assert (sharp[alpha == 0, 3] == 0).all()
    assert (sharp[30:50, 30:50, 3] == 255).all()
    soft = (alpha > 0) & (alpha < 255)
    assert (sharp[soft, 3] != alpha[soft]).any()


def test_alpha_is_sharpened_as_a_picture_is() -> None:
    picture = cut_out()
    sharp = Usm(1.5, 1.0, 4).apply(picture)
    assert sharp.getchannel("A").tobytes() == Usm(1.5, 1.0, 4).apply(picture.getchannel("A")).tobytes()


@pytest.mark.parametrize("op", [Blur(3.0), Usm(2.0, 2.0, 3), Usm(1.0, 1.0, 0, monochrome=True), Sharpen(sharpened=True)], ids=str)
def test_opaque_alpha_makes_no_difference(op: Op) -> None:
    picture = Image.fromarray(RANDOM)
    with_alpha = picture.copy()
    with_alpha.putalpha(255)
    assert op.apply(with_alpha).convert("RGB").tobytes() == op.apply(picture).tobytes()
    nearly = with_alpha.copy()
    nearly.putpixel((92, 70), (0, 0, 0, 0))
    corner = (0, 0, 60, 40)
    assert op.apply(nearly).convert("RGB").crop(corner).tobytes() == op.apply(picture).crop(corner).tobytes()


def test_sharpen() -> None:
    sharp = Sharpen(sharpened=True).apply(edge())
    assert at(sharp, 99)[0] < 128
    assert at(sharp, 100)[0] > 192
    assert (at(sharp, 94), at(sharp, 105)) == ((128,) * 3, (192,) * 3)
    assert sharp.tobytes() == UsmR(1.0, 0.7).apply(edge()).tobytes()
    assert Sharpen(sharpened=False).apply(edge()).tobytes() == edge().tobytes()


FLAT = [Blur(0.4), Blur(12.0), Blur(100.0), Usm(5.0, 0.5), Usm(5.0, 3.0, 1), Usm(5.0, 250.0), Usm(5.0, 2.0, 0, monochrome=True)]


@pytest.mark.parametrize("op", [*FLAT, Sharpen(sharpened=True)], ids=str)
@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (255, 0, 0), (1, 77, 254)])
@pytest.mark.parametrize("alpha", [255, 128, 3, 0])
def test_flat_areas_stay(op: Op, color: tuple[int, int, int], alpha: int) -> None:
    picture = Image.new("RGBA", (70, 66), (*color, alpha))
    assert op.apply(picture).tobytes() == picture.tobytes()
