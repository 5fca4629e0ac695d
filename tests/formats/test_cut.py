"""The palette maker: the colours it finds and which pixel takes which."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from proxy.formats._cut import cut

Pixels = NDArray[np.uint8]


def random(count: int, bands: int, seed: int = 5) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (count, bands), dtype=np.uint8)


def error(pixels: Pixels, colours: list[tuple[int, ...]], index: Pixels) -> float:
    return float(((np.array(colours)[index] - pixels.astype(float)) ** 2).mean())


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.integers(1, 256), st.sampled_from((3, 4)), st.integers(1, 64), st.integers(0, 99))
def test_any_pixels(amount: int, count: int, bands: int, levels: int, seed: int) -> None:
    pixels = random(amount, bands, seed) // levels * levels
    colours, index = cut(pixels, count)
    assert 1 <= len(colours) <= count
    assert index.shape == (amount,)
    assert index.max() < len(colours)
    assert {len(colour) for colour in colours} == {bands}
    assert {type(value) for colour in colours for value in colour} == {int}
    assert (np.unique(index) == np.arange(len(colours))).all()


def test_few_colours_are_found_as_they_are() -> None:
    known = random(40, 3)
    pixels = known[np.arange(4000) % 40]
    colours, index = cut(pixels, 64)
    assert (np.array(colours)[index] == pixels).all()


@pytest.mark.parametrize("bands", [3, 4])
def test_close_colours_are_told_apart(bands: int) -> None:
    pixels = np.full((300, bands), 200, np.uint8)
    pixels[:, 0] = np.arange(300) % 20 + 100
    colours, index = cut(pixels, 20)
    assert len(colours) == 20
    assert error(pixels, colours, index) < 0.5


def test_two_heaps_have_their_means() -> None:
    pixels = np.concatenate([np.full((30, 3), 10), np.full((10, 3), 20), np.full((5, 3), 200)]).astype(np.uint8)
    colours, index = cut(pixels, 2)
    assert sorted(colours) == [(12, 12, 12), (200, 200, 200)]
    assert len(set(index[:40])) == 1


@pytest.mark.parametrize("count", [2, 16, 64, 256])
def test_more_colours_come_nearer(count: int) -> None:
    pixels = random(60_000, 3)
    bound = {2: 4200, 16: 1400, 64: 560, 256: 240}[count]  # a cube of that many equal cells has about 3·(256/n^⅓)²/12
    assert error(pixels, *cut(pixels, count)) < bound


def test_under_alpha_only_what_is_seen_counts() -> None:
    faint = np.concatenate([np.full((50, 1), alpha) for alpha in (1, 2)]).astype(np.uint8)
    pixels = np.concatenate([np.hstack([random(100, 3), faint]), [[200, 0, 0, 250], [0, 0, 200, 250]]]).astype(np.uint8)
    colours, _ = cut(pixels, 3)
    assert {(200, 0, 0, 250), (0, 0, 200, 250)} < set(colours)


def test_the_same_pixels_give_the_same_colours() -> None:
    first, second = cut(random(5000, 4), 99), cut(random(5000, 4), 99)
    assert first[0] == second[0]
    assert (first[1] == second[1]).all()
