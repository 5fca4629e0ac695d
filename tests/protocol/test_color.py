import pytest

from proxy.protocol.color import Color, Space, read_color

Case = tuple[str, Space, tuple[int, ...], int, bool]


@pytest.mark.parametrize(
    "case",
    [
        # the examples of r-is-http-color, per cent being rounded to 0–255
        ("0,100,200", "rgb", (0, 100, 200), 255, False),
        ("0,100,200,200rs", "rgb", (0, 100, 200), 200, True),
        ("0x010203S", "rgb", (1, 2, 3), 255, True),
        ("a0b1c2d3R", "rgb", (160, 177, 194), 211, False),
        ("100S", "gray", (255,), 255, True),
        ("50,75g", "gray", (128,), 191, False),
        ("0X70G", "gray", (112,), 255, False),
        ("0xddeegs", "gray", (0xDD,), 0xEE, True),
        ("94,11,50,33k", "cmyk", (240, 28, 128, 84), 255, False),
        ("22,23,24,25,26KS", "cmyk", (56, 59, 61, 64), 66, True),
        ("38393A3bK", "cmyk", (56, 57, 58, 59), 255, False),
        ("0x0a0b0C0d0eks", "cmyk", (10, 11, 12, 13), 14, True),
        # and beyond
        (" #F2F2F2 ", "rgb", (242, 242, 242), 255, False),
        ("#f2f2f280", "rgb", (242, 242, 242), 128, False),
        ("0x80", "gray", (128,), 255, False),
        ("0x8040", "gray", (128,), 64, False),
        ("0", "gray", (0,), 255, False),
        ("100000", "rgb", (16, 0, 0), 255, False),
        ("255 , 0 , 0", "rgb", (255, 0, 0), 255, False),
        ("12.5,0,0", "rgb", (13, 0, 0), 255, False),
    ],
    ids=lambda case: case[0],
)
def test_spellings(case: Case) -> None:
    text, space, components, alpha, source = case
    color = read_color(text)
    assert color == Color(space, components, alpha, source)
    assert read_color(str(color)) == color


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "red",
            "#fff",
            "0xfff",
            "0x",
            "ff00",
            "256,0,0",
            "-1,0,0",
            "101",
            "1,2,3,4,5",
            "1,2,3,4,5,6k",
            "101,0,0,0k",
            "1,,3",
        ),
        *("50r", "1,2,3g", "0x010203g", "0102030405", "0x01020304050607k", "1e2,0,0", "nan", "0x-1-1-1", "ff0000x", "ff0000sr"),
    ],
)
def test_what_is_no_colour(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        read_color(text)


@pytest.mark.parametrize(
    ("text", "rgb"),
    [
        ("102030", (16, 32, 48)),
        ("0x80g", (128, 128, 128)),
        ("00000000k", (255, 255, 255)),
        ("ffffff00k", (0, 0, 0)),
        ("000000ffk", (0, 0, 0)),
        ("ff000000k", (0, 255, 255)),
        # 191 times 204 by 255 is 152.8
        ("40000033k", (153, 204, 204)),
    ],
)
def test_naive_conversion(text: str, rgb: tuple[int, int, int]) -> None:
    assert read_color(text).rgb() == rgb
