"""The figures by which pictures are compared, on pictures for which they are known."""

import math

import numpy as np
import pytest

from fidelity.figures import delta_e, largest, mean, on, psnr, seen, ssim
from fidelity.rows import Row, least, most

FLAT = np.full((32, 32, 3), 100.0)
NOISY = np.random.default_rng(5).integers(0, 256, (32, 32, 3)).astype(float)


def test_differences() -> None:
    other = FLAT.copy()
    other[0, 0, 1] += 12
    assert largest(FLAT, other) == 12
    assert mean(FLAT, other) == pytest.approx(12 / FLAT.size)
    assert psnr(FLAT, FLAT) == math.inf
    # an error of one level everywhere is 20 log10(255)
    assert psnr(FLAT, FLAT + 1) == pytest.approx(48.1308, abs=1e-4)
    with pytest.raises(ValueError, match="cannot be compared"):
        mean(FLAT, FLAT[:5])


def test_colours_count_as_far_as_they_are_seen() -> None:
    hidden, shown = np.zeros((1, 2, 4)), np.zeros((1, 2, 4))
    hidden[0, 0, :3] = 255
    shown[0, 1] = hidden[0, 1] = (200, 100, 50, 51)
    assert largest(hidden, shown) == 0
    assert seen(shown)[0, 1].tolist() == [40, 20, 10, 51]
    assert on(shown, 255)[0].tolist() == [[255, 255, 255], [244, 224, 214]]


def test_ssim() -> None:
    assert ssim(NOISY, NOISY) == 1
    # of flat pictures only the term of luminance is left: (2ab + C) / (a² + b² + C) with C = (0.01 · 255)²
    assert ssim(FLAT, FLAT + 50) == pytest.approx((2 * 100 * 150 + 6.5025) / (100**2 + 150**2 + 6.5025), abs=1e-6)
    assert ssim(NOISY, 255 - NOISY) < 0


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [((0, 0, 0), (255, 255, 255), 100.0), ((12, 200, 99), (12, 200, 99), 0.0)],
    ids=["ends", "equal"],
)
def test_delta_e(one: tuple[int, int, int], other: tuple[int, int, int], distance: float) -> None:
    first, second = (np.full((1, 1, 3), color, np.float64) for color in (one, other))
    assert delta_e(first, second)[0, 0] == pytest.approx(distance, abs=0.01)


def test_limits() -> None:
    assert str(most("max", 0.12345, 2)) == "max 0.123 (≤ 2)"
    assert str(least("PSNR", math.inf, 40)) == "PSNR ∞ (≥ 40)"
    row = Row("a", "b", "c", (most("max", 2.1, 2), least("SSIM", 0.99, 0.98), most("mean", math.nan, 1)))
    assert row.broken == ["a against b on c: max 2.1 (≤ 2)", "a against b on c: mean nan (≤ 1)"]
