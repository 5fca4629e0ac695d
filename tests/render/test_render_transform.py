"""Opacity, fill, mirror, rotation, margins: against numbers worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from proxy.protocol.color import Color
from proxy.render.transform import extend, fade, fill, mirror, turn
from tests.serving import BLUE, GREEN, RED, YELLOW, quadrants


def rgb(*components: int, alpha: int = 255) -> Color:
    return Color("rgb", components, alpha)


def corners(image: Image.Image) -> list[object]:
    right, bottom = image.width - 1, image.height - 1
    return [image.getpixel(place) for place in ((0, 0), (right, 0), (0, bottom), (right, bottom))]


@pytest.mark.parametrize(
    ("alpha", "opacity", "expected"),
    [(255, 0.5, 128), (255, 0.25, 64), (128, 0.5, 64), (200, 1.0, 200), (255, 0.0, 0), (1, 0.4, 0)],
)
def test_fade(alpha: int, opacity: float, expected: int) -> None:
    image = fade(Image.new("RGBA", (2, 2), (1, 2, 3, alpha)), opacity)
    assert image.getpixel((0, 0)) == (1, 2, 3, expected)


def test_whole_opacity_makes_no_alpha() -> None:
    image = quadrants(4, 4)
    assert fade(image, 1.0) is image
    assert fade(image, 0.5).mode == "RGBA"


@pytest.mark.parametrize(
    ("pixel", "color", "expected"),
    [
        ((255, 0, 0, 128), rgb(0, 0, 255), (128, 0, 127)),
        ((255, 0, 0, 0), rgb(0, 0, 255), (0, 0, 255)),
        ((255, 0, 0, 255), rgb(0, 0, 255), (255, 0, 0)),
        ((255, 0, 0, 0), rgb(0, 0, 255, alpha=128), (0, 0, 255, 128)),
        ((255, 0, 0, 255), rgb(0, 0, 255, alpha=128), (255, 0, 0, 255)),
        ((255, 0, 0, 77), rgb(0, 0, 255, alpha=0), (255, 0, 0, 77)),
        ((255, 0, 0, 77), None, (255, 0, 0, 77)),
    ],
)
def test_fill(pixel: tuple[int, ...], color: Color | None, expected: tuple[int, ...]) -> None:
    found = fill(Image.new("RGBA", (2, 2), pixel), color).getpixel((1, 1))
    assert isinstance(found, tuple)
    assert len(found) == len(expected)
    assert all(abs(a - b) <= 1 for a, b in zip(found, expected, strict=True))


def test_what_is_opaque_is_not_filled() -> None:
    image = quadrants(4, 4)
    assert fill(image, rgb(1, 2, 3)) is image


@pytest.mark.parametrize(
    ("axis", "expected"),
    [
        ("", [RED, GREEN, BLUE, YELLOW]),
        ("lr", [GREEN, RED, YELLOW, BLUE]),
        ("ud", [BLUE, YELLOW, RED, GREEN]),
        ("lrud", [YELLOW, BLUE, GREEN, RED]),
    ],
)
def test_mirror(axis: str, expected: list[object]) -> None:
    assert corners(mirror(quadrants(6, 4), axis)) == expected


@pytest.mark.parametrize(
    ("angle", "expected"),
    [
        (0, [RED, GREEN, BLUE, YELLOW]),
        (90, [BLUE, RED, YELLOW, GREEN]),
        (-270, [BLUE, RED, YELLOW, GREEN]),
        (180, [YELLOW, BLUE, GREEN, RED]),
        (270, [GREEN, YELLOW, RED, BLUE]),
        (720, [RED, GREEN, BLUE, YELLOW]),
    ],
)
def test_quarter_turns_are_exact(angle: float, expected: list[object]) -> None:
    image = turn(quadrants(6, 4), angle, (0, 0))
    assert image.mode == "RGB"
    assert image.size == ((4, 6) if angle % 180 else (6, 4))
    assert corners(image) == expected


@pytest.mark.parametrize("angle", [1, 30, 45, 89.5, 135, 200, 300])
def test_other_turns_go_about_the_middle(angle: float) -> None:
    image = turn(quadrants(40, 40), angle, (61, 61))
    assert (image.mode, image.size) == ("RGBA", (61, 61))
    # a disc about the middle stays whole, and the corners of the box are free
    assert all(pixel == (0, 0, 0, 0) for pixel in (image.getpixel((0, 0)), image.getpixel((60, 0))))
    # turned back by as much it is what it was, but for its smoothed edges
    back = turn(image, -angle, (61, 61))
    for place, color in (((20, 20), RED), ((40, 20), GREEN), ((20, 40), BLUE), ((40, 40), YELLOW)):
        pixel = back.getpixel(place)
        assert isinstance(pixel, tuple)
        assert all(abs(a - b) <= 3 for a, b in zip(pixel, (*color, 255), strict=True))


def test_edges_of_a_turned_picture_keep_their_colour() -> None:
    image = turn(Image.new("RGB", (40, 40), RED), 30, (55, 55))
    assert all(pixel[:3] == RED or pixel[3] < 8 for pixel in _pixels(image)), "no dark rim"


def _pixels(image: Image.Image) -> list[tuple[int, ...]]:
    data = image.tobytes()
    return [tuple(data[at : at + 4]) for at in range(0, len(data), 4)]


@given(st.tuples(*[st.integers(-2, 5)] * 4))
def test_margins(margins: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = margins
    image = extend(quadrants(8, 6), margins)
    assert image.size == (8 + left + right, 6 + top + bottom)
    assert image.mode == ("RGBA" if max(margins) > 0 else "RGB")
    for x in range(image.width):
        for y in range(image.height):
            pixel = image.getpixel((x, y))
            assert isinstance(pixel, tuple)
            if 0 <= x - left < 8 and 0 <= y - top < 6:
                assert pixel[:3] == quadrants(8, 6).getpixel((x - left, y - top))
            else:
                assert pixel == (0, 0, 0, 0)
