"""Tone and colour: checked by formulas of the tests' own, by the standard library's colorsys, and by what must not change."""

import colorsys
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from proxy.ops.colour import ColorBalance, Colorize, Hue, Invert, Saturation, Tint
from proxy.ops.tone import Brightness, Contrast
from proxy.protocol.color import Color
from proxy.recipe.op import Op

RAMP = Image.frombytes("L", (256, 1), bytes(range(256)))
CORNERS = [(255, 0, 0), (255, 255, 0), (0, 255, 0), (0, 255, 255), (0, 0, 255), (255, 0, 255)]


def levels(op: Op) -> list[int]:
    return list(op.apply(RAMP).tobytes())


def one(op: Op, *color: int) -> tuple[int, ...]:
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[len(color)]
    return tuple(op.apply(Image.frombytes(mode, (1, 1), bytes(color))).tobytes())


def noise(mode: str, seed: int = 1) -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (61, 47), np.random.default_rng(seed).bytes(61 * 47 * bands))


@pytest.mark.parametrize(
    ("adj", "at0", "at128", "at255"),
    [(100, 255, 255, 255), (-100, 0, 0, 0), (40, 102, 230, 255), (-40, 0, 26, 153), (0, 0, 128, 255)],
)
def test_brightness(adj: int, at0: int, at128: int, at255: int) -> None:
    result = levels(Brightness(adj))
    assert (result[0], result[128], result[255]) == (at0, at128, at255)


def test_brightness_is_color_balance_of_equal_parts() -> None:
    assert Brightness(-23).apply(noise("RGB")).tobytes() == ColorBalance(-23, -23, -23).apply(noise("RGB")).tobytes()


@pytest.mark.parametrize(
    ("adj", "expected"),
    [
        (50, {0: 0, 80: 33, 127: 127, 128: 129, 176: 225, 255: 255}),
        (-50, {0: 64, 36: 82, 127: 127, 128: 128, 220: 174, 255: 191}),
        (100, {0: 0, 127: 0, 128: 255, 255: 255}),
        (-100, {0: 128, 127: 128, 128: 128, 255: 128}),
        (0, {0: 0, 77: 77, 255: 255}),
    ],
)
def test_contrast(adj: int, expected: dict[int, int]) -> None:
    result = levels(Contrast(adj))
    assert {level: result[level] for level in expected} == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("kind", [Brightness, Contrast])
def test_tone_keeps_the_order_of_tones(kind: Callable[[int], Op]) -> None:
    for adj in range(-100, 101, 4):
        result = levels(kind(adj))
        assert result == sorted(result)


def test_brightness_grows_with_its_value() -> None:
    means = [np.mean(levels(Brightness(adj))) for adj in range(-100, 101, 10)]
    assert all(low < high for low, high in pairwise(means))


def test_contrast_grows_with_its_value() -> None:
    spreads = [np.std(levels(Contrast(adj))) for adj in range(-100, 101, 10)]
    assert all(low < high for low, high in pairwise(spreads))


def test_color_balance_moves_each_by_itself() -> None:
    assert one(ColorBalance(20, 0, -20), 100, 100, 100) == (151, 100, 49)
    assert one(ColorBalance(100, 0, -100), 1, 2, 3) == (255, 2, 0)


def test_color_balance_gives_gray_colour() -> None:
    assert one(ColorBalance(20, 0, -20), 100) == (151, 100, 49)
    assert one(ColorBalance(20, 0, -20), 100, 7) == (151, 100, 49, 7)


def test_invert_is_its_own_inverse() -> None:
    assert levels(Invert(inverted=True)) == list(range(255, -1, -1))
    picture = noise("RGBA")
    negative = Invert(inverted=True).apply(picture)
    assert negative.getpixel((0, 0)) != picture.getpixel((0, 0))
    assert Invert(inverted=True).apply(negative).tobytes() == picture.tobytes()
    assert Invert(inverted=False).apply(picture).tobytes() == picture.tobytes()


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("sixths", [-3, -2, -1, 1, 2, 3])
def test_hue_turns_the_corners_into_each_other(place: int, sixths: int) -> None:
    assert one(Hue(60 * sixths), *CORNERS[place]) == CORNERS[(place + sixths) % 6]


@pytest.mark.parametrize("adj", [-180, -137, -60, -1, 0, 1, 29, 90, 120, 179, 180])
def test_hue_is_the_angle_of_hsl(adj: int) -> None:
    picture = noise("RGB")
    before = np.asarray(picture).reshape(-1, 3)
    after = np.asarray(Hue(adj).apply(picture)).reshape(-1, 3)
    for old, new in zip(before, after, strict=True):
        hue, lightness, saturation = colorsys.rgb_to_hls(*(float(part) / 255 for part in old))
        expected = colorsys.hls_to_rgb(hue + adj / 360, lightness, saturation)
        assert np.abs(np.array(expected) * 255 - new).max() < 0.51


def test_hue_half_circles_meet() -> None:
    assert Hue(180).apply(noise("RGB")).tobytes() == Hue(-180).apply(noise("RGB")).tobytes()


@pytest.mark.parametrize("adj", [-100, -50, -1, 0, 30, 100])
def test_saturation_by_formula(adj: int) -> None:
    picture = noise("RGB")
    before = np.asarray(picture).astype(float)
    gray = (before @ [0.299, 0.587, 0.114])[..., None]
    expected = np.clip(gray + (before - gray) * (1 + adj / 100), 0, 255)
    assert np.abs(np.asarray(Saturation(adj).apply(picture)) - expected).max() < 0.51


def test_saturation_none_leaves_gray() -> None:
    result = np.asarray(Saturation(-100).apply(noise("RGB")))
    assert (result == result[..., :1]).all()
    assert one(Saturation(-100), 255, 0, 0) == (76, 76, 76)


@pytest.mark.parametrize("op", [Saturation(-100), Saturation(55), Saturation(100), Hue(90), Hue(-17)])
@pytest.mark.parametrize("value", [0, 1, 100, 128, 254, 255])
def test_gray_has_no_hue_and_no_saturation(op: Op, value: int) -> None:
    assert one(op, value) == (value,)
    assert one(op, value, 9) == (value, 9)
    assert one(op, value, value, value) == (value, value, value)


def tinted(*color: int, norm: bool = False, contrast: float = 0.0) -> Colorize:
    return Colorize(Tint(Color("rgb", color), norm, contrast))


def shades(op: Op, picture: Image.Image) -> NDArray[np.uint8]:
    """The colours of all pixels, one after another."""
    levels = np.asarray(op.apply(picture).convert("RGB"), np.uint8)
    return levels.reshape(-1, 3)


@pytest.mark.parametrize("color", [(200, 0, 0), (200, 100, 0), (0, 0, 0), (255, 255, 255), (160, 176, 192)])
def test_colorize_by_formula(color: tuple[int, int, int]) -> None:
    result = shades(tinted(*color), RAMP)
    for component, column in zip(color, result.T, strict=True):
        expected = np.interp(np.arange(256), [0, 127.5, 255], [0, component, 255])
        assert np.abs(column - expected).max() <= 0.5
    assert (result[0], result[255]) == (pytest.approx((0, 0, 0)), pytest.approx((255, 255, 255)))


def test_colorize_uses_brightness_alone() -> None:
    picture = noise("RGB")
    gray = np.floor(np.asarray(picture) @ [0.299, 0.587, 0.114] + 0.5).astype(np.uint8)
    for op in (tinted(200, 30, 9), tinted(200, 30, 9, norm=True), tinted(200, 30, 9, norm=True, contrast=40)):
        assert op.apply(picture).tobytes() == op.apply(Image.fromarray(gray)).tobytes()
        assert op.apply(Image.fromarray(gray)).mode == "RGB"


def test_colorize_in_gray_is_as_bright_as_before() -> None:
    result = shades(tinted(128, 128, 128), RAMP)
    assert np.abs(result - np.arange(256)[:, None]).max() <= 1


@pytest.mark.parametrize("contrast", [0, 30, 70])
@pytest.mark.parametrize(("low", "high"), [(0, 99), (101, 180), (200, 255), (60, 61)])
def test_colorize_brings_the_median_to_the_colour(low: int, high: int, contrast: float) -> None:
    # of an odd number of pixels the median is a pixel
    levels = np.random.default_rng(5).integers(low, high, (1, 1001), endpoint=True, dtype=np.uint8)
    levels[0, 0] = low if np.median(levels[0, 1:]) != low else high
    result = shades(tinted(200, 90, 10, norm=True, contrast=contrast), Image.fromarray(levels))
    assert (result[levels[0] == np.median(levels)] == (200, 90, 10)).all()


def test_colorize_keeps_contrast_unless_asked() -> None:
    levels = np.arange(30, 111, dtype=np.uint8)[None]
    result = shades(tinted(128, 128, 128, norm=True), Image.fromarray(levels))
    assert np.abs(result[:, 0] - (levels[0] - 70.0 + 127.5)).max() <= 1.5


@pytest.mark.parametrize("contrast", [10, 37.5, 50, 70, 100])
def test_colorize_to_a_contrast_range(contrast: float) -> None:
    levels = np.linspace(90, 170, 2001).round().astype(np.uint8)[None]
    levels[0, :3], levels[0, -3:] = 0, 255  # a few specks do not count
    result = shades(tinted(128, 128, 128, norm=True, contrast=contrast), Image.fromarray(levels))
    spread = np.quantile(result[:, 0], 0.98) - np.quantile(result[:, 0], 0.02)
    assert spread == pytest.approx(contrast * 2.55, rel=0.06)
    assert np.median(result[:, 0]) == pytest.approx(128, abs=1)


@pytest.mark.parametrize("contrast", [0, 50, 100])
@pytest.mark.parametrize("value", [0, 77, 255])
def test_colorize_of_one_tone_is_the_colour(value: int, contrast: float) -> None:
    assert one(tinted(200, 90, 10, norm=True, contrast=contrast), value) == (200, 90, 10)


def test_colorize_counts_pixels_by_their_alpha() -> None:
    levels = np.array([[[10, 255], [10, 0], [10, 0], [90, 100], [90, 100], [90, 100]]], np.uint8)
    result = shades(tinted(200, 90, 10, norm=True), Image.fromarray(levels))
    assert [tuple(color) for color in result[3:]] == [(200, 90, 10)] * 3
    levels[0, 0, 1] = 99
    levels[0, 1, 1] = 201
    result = shades(tinted(200, 90, 10, norm=True), Image.fromarray(levels))
    middle = np.interp(127.5 - 40, [0, 127.5], [0, 200])
    assert result[0, 0] == pytest.approx(middle, abs=1)


def test_colorize_of_what_is_not_seen_at_all() -> None:
    picture = Image.new("LA", (5, 4), (90, 0))
    assert tinted(1, 2, 3, norm=True, contrast=50).apply(picture).getchannel("A").getextrema() == (0, 0)


COLOUR_OPS = [
    tinted(200, 100, 0),
    Brightness(30),
    Contrast(-40),
    ColorBalance(10, -20, 30),
    Hue(77),
    Saturation(60),
    Saturation(-100),
    Invert(inverted=True),
]


@pytest.mark.parametrize("op", COLOUR_OPS, ids=str)
def test_alpha_neither_changes_nor_counts(op: Op) -> None:
    picture = noise("RGBA")
    result = op.apply(picture)
    assert result.mode == "RGBA"
    assert result.getchannel("A").tobytes() == picture.getchannel("A").tobytes()
    assert result.convert("RGB").tobytes() == op.apply(picture.convert("RGB")).tobytes()


@pytest.mark.parametrize("op", COLOUR_OPS, ids=str)
def test_a_source_is_left_alone(op: Op) -> None:
    picture = noise("RGBA")
    before = picture.tobytes()
    op.apply(picture)
    assert picture.tobytes() == before


@pytest.mark.parametrize("op", COLOUR_OPS, ids=str)
def test_every_pixel_is_by_itself(op: Op) -> None:
    picture = noise("RGB")
    part = (13, 31, 50, 40)
    assert op.apply(picture).crop(part).tobytes() == op.apply(picture.crop(part)).tobytes()
