"""Pixels through the whole server, against numbers worked out by hand.

``quad.png`` is 40×30: red top left, green top right, blue bottom left, yellow bottom right, each 20×15. ``alpha.png`` is 20×10:
opaque red on the left, transparent red on the right. ``semi.png`` is 10×10: blue at an alpha of 128. ``busy.png`` is 61×47.
"""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from tests.serving import BLUE, GREEN, RED, YELLOW, Server

WHITE, BLACK, MAGENTA = (255, 255, 255), (0, 0, 0), (255, 0, 255)
Pixels = dict[tuple[int, int], tuple[int, ...]]


def corners(size: tuple[int, int], *colors: tuple[int, ...]) -> Pixels:
    """Colours of the four corner pixels: top left, top right, bottom left, bottom right."""
    right, bottom = size[0] - 1, size[1] - 1
    return dict(zip(((0, 0), (right, 0), (0, bottom), (right, bottom)), colors, strict=True))


UPRIGHT = corners((40, 30), RED, GREEN, BLUE, YELLOW)

EXACT: list[tuple[str, tuple[int, int], Pixels]] = [
    # as it is
    ("quad.png?", (40, 30), {**UPRIGHT, (19, 14): RED, (20, 14): GREEN, (19, 15): BLUE, (20, 15): YELLOW}),
    # turned clockwise
    ("quad.png?rotate=90", (30, 40), {**corners((30, 40), BLUE, RED, YELLOW, GREEN), (14, 19): BLUE, (15, 20): GREEN}),
    ("quad.png?rotate=180", (40, 30), corners((40, 30), YELLOW, BLUE, GREEN, RED)),
    ("quad.png?rotate=-90", (30, 40), corners((30, 40), GREEN, YELLOW, RED, BLUE)),
    ("quad.png?rotate=450", (30, 40), corners((30, 40), BLUE, RED, YELLOW, GREEN)),
    ("quad.png?rotate=360", (40, 30), UPRIGHT),
    # (40 + 30) / √2 is 49.5 short of a little, so 49; each quadrant's middle has gone an eighth of a turn
    (
        "quad.png?rotate=45",
        (49, 49),
        {**corners((49, 49), WHITE, WHITE, WHITE, WHITE), (24, 14): RED, (34, 24): GREEN, (14, 24): BLUE, (24, 34): YELLOW},
    ),
    ("quad.png?rotate=45&bgc=010203", (49, 49), corners((49, 49), (1, 2, 3), (1, 2, 3), (1, 2, 3), (1, 2, 3))),
    # mirrored: a layer before it is turned, the composite after
    ("quad.png?flip=lr", (40, 30), corners((40, 30), GREEN, RED, YELLOW, BLUE)),
    ("quad.png?flip=ud", (40, 30), corners((40, 30), BLUE, YELLOW, RED, GREEN)),
    ("quad.png?flip=lrud", (40, 30), corners((40, 30), YELLOW, BLUE, GREEN, RED)),
    ("quad.png?layer=0&flip=lr&rotate=90", (30, 40), corners((30, 40), YELLOW, GREEN, BLUE, RED)),
    ("quad.png?flip=lr&rotate=90", (30, 40), corners((30, 40), RED, BLUE, GREEN, YELLOW)),
    ("quad.png?flip=lr&layer=0&flip=lr", (40, 30), UPRIGHT),
    ("quad.png?rotate=90&flip=lr&layer=0&flip=ud", (30, 40), corners((30, 40), BLUE, RED, YELLOW, GREEN)),
    # margins
    (
        "quad.png?extend=5,3,2,1&bgColor=ff00ff",
        (47, 34),
        {
            **corners((47, 34), *[MAGENTA] * 4),
            (5, 3): RED,
            (4, 3): MAGENTA,
            (5, 2): MAGENTA,
            (44, 3): GREEN,
            (45, 3): MAGENTA,
            (5, 32): BLUE,
            (5, 33): MAGENTA,
            (44, 32): YELLOW,
        },
    ),
    ("quad.png?extend=5,3,2,1&bgc=010203", (47, 34), {**corners((47, 34), *[(1, 2, 3)] * 4), (5, 3): RED, (44, 32): YELLOW}),
    ("quad.png?extend=5,3,2,1&color=ff00ff", (47, 34), {**corners((47, 34), *[WHITE] * 4), (5, 3): RED}),
    (
        "quad.png?extend=-10,-5,0,0",
        (30, 25),
        {**corners((30, 25), RED, GREEN, BLUE, YELLOW), (9, 9): RED, (10, 9): GREEN, (9, 10): BLUE},
    ),
    ("quad.png?extend=-10,0,10,0", (40, 30), {(9, 0): RED, (10, 0): GREEN, (29, 0): GREEN, (30, 0): WHITE}),
    ("quad.png?extendN=0.5,0,0,0.1", (60, 33), {(19, 0): WHITE, (20, 0): RED, (20, 29): BLUE, (20, 30): WHITE}),
    ("quad.png?rotate=90&extend=1,0,0,0", (31, 40), {(0, 0): WHITE, (1, 0): BLUE, (30, 39): GREEN}),
    ("quad.png?extend=0,0,5,0&flip=lr", (45, 30), {(0, 0): WHITE, (4, 0): WHITE, (5, 0): GREEN, (44, 0): RED}),
    # parts of the original
    ("quad.png?crop=20,0,20,15", (20, 15), corners((20, 15), GREEN, GREEN, GREEN, GREEN)),
    ("quad.png?crop=19,14,2,2", (2, 2), corners((2, 2), RED, GREEN, BLUE, YELLOW)),
    ("quad.png?crop=-10,0,30,15", (30, 15), {(9, 0): WHITE, (10, 0): RED, (29, 14): RED}),
    ("quad.png?crop=30,20,20,15&bgc=000000", (20, 15), {(9, 9): YELLOW, (10, 9): BLACK, (9, 10): BLACK}),
    ("quad.png?cropN=0.5,0.5,0.5,0.5", (20, 15), corners((20, 15), YELLOW, YELLOW, YELLOW, YELLOW)),
    ("quad.png?crop=0,0,0,0", (40, 30), UPRIGHT),
    # opacity and what lies under it
    ("alpha.png?", (20, 10), {(9, 5): RED, (10, 5): WHITE}),
    ("alpha.png?bgc=00ff00", (20, 10), {(9, 5): RED, (10, 5): GREEN}),
    ("alpha.png?color=00ff00", (20, 10), {(9, 5): RED, (10, 5): GREEN}),
    ("alpha.png?color=00ff00&bgColor=0000ff&bgc=000000", (20, 10), {(9, 5): RED, (10, 5): GREEN}),
    ("alpha.png?bgColor=0000ff&bgc=000000", (20, 10), {(9, 5): RED, (10, 5): BLUE}),
    ("alpha.png?color=00ff00&extend=5,0,0,0&bgColor=0000ff", (25, 10), {(4, 5): BLUE, (5, 5): RED, (15, 5): GREEN}),
    ("alpha.png?flip=lr", (20, 10), {(9, 5): WHITE, (10, 5): RED}),
    ("quad.png?layer=0&hide=1&bgc=00ffff", (40, 30), corners((40, 30), *[(0, 255, 255)] * 4)),
    ("quad.png?opac=0&bgc=00ffff", (40, 30), corners((40, 30), *[(0, 255, 255)] * 4)),
    # the view
    ("quad.png?wid=80&hei=30", (80, 30), {(19, 0): WHITE, (20, 0): RED, (59, 0): GREEN, (60, 0): WHITE}),
    ("quad.png?wid=80&hei=30&align=-1,0", (80, 30), {(0, 0): RED, (39, 0): GREEN, (40, 0): WHITE}),
    ("quad.png?wid=80&hei=30&align=1,0", (80, 30), {(39, 0): WHITE, (40, 0): RED, (79, 0): GREEN}),
    ("quad.png?wid=80&hei=30&align=-0.5,0", (80, 30), {(9, 0): WHITE, (10, 0): RED, (49, 0): GREEN, (50, 0): WHITE}),
    ("quad.png?wid=40&hei=50&align=0,1", (40, 50), {(0, 19): WHITE, (0, 20): RED, (0, 49): BLUE}),
    ("quad.png?wid=40&hei=50&align=0,-1", (40, 50), {(0, 0): RED, (0, 29): BLUE, (0, 30): WHITE}),
    ("quad.png?wid=80", (80, 30), {(19, 0): WHITE, (20, 0): RED}),
    ("quad.png?wid=80&align=-1,0", (80, 30), {(19, 0): WHITE, (20, 0): RED}),
    ("quad.png?wid=80&hei=40&fit=constrain", (40, 30), UPRIGHT),
    ("quad.png?wid=20&hei=30&fit=crop", (20, 30), {**corners((20, 30), RED, GREEN, BLUE, YELLOW), (9, 14): RED, (10, 14): GREEN}),
    ("quad.png?wid=20&hei=30&fit=crop&align=-1,0", (20, 30), corners((20, 30), RED, RED, BLUE, BLUE)),
    ("quad.png?wid=20&hei=30&fit=crop&align=1,0", (20, 30), corners((20, 30), GREEN, GREEN, YELLOW, YELLOW)),
    (
        "quad.png?rgn=10,5,20,20",
        (20, 20),
        {**corners((20, 20), RED, GREEN, BLUE, YELLOW), (9, 9): RED, (10, 9): GREEN, (9, 10): BLUE},
    ),
    ("quad.png?rect=18,13,4,4", (4, 4), {(1, 1): RED, (2, 1): GREEN, (1, 2): BLUE, (2, 2): YELLOW}),
    ("quad.png?wid=80&hei=30&rect=18,0,4,1", (4, 1), {(1, 0): WHITE, (2, 0): RED}),
    ("quad.png?rect=38,28,4,4&bgc=000000", (4, 4), {(1, 1): YELLOW, (2, 1): BLACK, (1, 2): BLACK}),
    # thumbnails
    ("quad.png?req=tmb&wid=80&hei=30", (80, 30), {(19, 0): WHITE, (20, 0): RED, (59, 29): YELLOW, (60, 0): WHITE}),
]

NEAR: list[tuple[str, tuple[int, int], Pixels]] = [
    # scaled: away from the edges, where any filter gives the colour itself
    ("quad.png?scl=2", (20, 15), {(4, 3): RED, (15, 3): GREEN, (4, 11): BLUE, (15, 11): YELLOW}),
    ("quad.png?scale=2", (80, 60), {(30, 20): RED, (50, 20): GREEN, (30, 40): BLUE, (50, 40): YELLOW}),
    ("quad.png?size=20,20", (20, 15), {(4, 3): RED, (15, 11): YELLOW}),
    ("quad.png?wid=20", (20, 15), {(4, 3): RED, (15, 11): YELLOW}),
    ("quad.png?wid=20&dpr=on,2", (40, 30), {(4, 3): RED, (35, 26): YELLOW}),
    ("quad.png?wid=80&fit=fit,1", (80, 60), {(30, 20): RED, (50, 40): YELLOW}),
    ("quad.png?wid=20&hei=30&fit=stretch", (20, 30), {(4, 4): RED, (15, 4): GREEN, (4, 25): BLUE, (15, 25): YELLOW}),
    (
        "quad.png?rotate=90&wid=60&hei=40&fit=stretch,1",
        (60, 40),
        {(14, 9): BLUE, (45, 9): RED, (14, 30): YELLOW, (45, 30): GREEN},
    ),
    (
        "quad.png?rotate=45&wid=98&hei=49&fit=stretch,1",
        (98, 49),
        {**corners((98, 49), *[WHITE] * 4), (48, 14): RED, (68, 24): GREEN, (28, 24): BLUE, (48, 34): YELLOW},
    ),
    ("quad.png?extend=40,0,0,0&bgColor=ff00ff&wid=40", (40, 15), {(5, 5): MAGENTA, (25, 4): RED, (35, 11): YELLOW}),
    # half is 128 of 255: over black 128, over white 255 - 128 = 127
    ("quad.png?opac=50&bgc=000000", (40, 30), corners((40, 30), (128, 0, 0), (0, 128, 0), (0, 0, 128), (128, 128, 0))),
    ("quad.png?opac=50", (40, 30), corners((40, 30), (255, 127, 127), (127, 255, 127), (127, 127, 255), (255, 255, 127))),
    ("quad.png?layer=0&opac=50&bgc=000000", (40, 30), {(0, 0): (128, 0, 0)}),
    ("quad.png?layer=0&opac=50&layer=comp&opac=50&bgc=000000", (40, 30), {(0, 0): (64, 0, 0)}),
    ("quad.png?opac=50,50&bgc=000000", (40, 30), {(0, 0): (64, 0, 0)}),
    # faded first, then filled: half red over whole blue
    ("quad.png?layer=0&opac=50&color=0000ff&bgc=000000", (40, 30), {(0, 0): (128, 0, 127)}),
    ("semi.png?bgc=ffff00", (10, 10), {(5, 5): (127, 127, 128)}),
    ("semi.png?color=ff0000&bgc=000000", (10, 10), {(5, 5): (127, 0, 128)}),
    ("alpha.png?color=00ff0080&bgc=000000", (20, 10), {(5, 5): RED, (15, 5): (0, 128, 0)}),
    # 255 / 2 over a half: 128 + (255 - 128) / 2 of alpha
    ("semi.png?bgColor=0000ff80&bgc=000000", (10, 10), {(5, 5): (0, 0, 192)}),
    ("quad.png?op_invert=1", (40, 30), corners((40, 30), (0, 255, 255), MAGENTA, YELLOW, BLUE)),
]


def differing(image: Image.Image, expected: Pixels, tolerance: int) -> dict[tuple[int, int], object]:
    """The pixels that are not as expected, with what they are."""
    found: dict[tuple[int, int], object] = {}
    for place, color in expected.items():
        value = image.getpixel(place)
        assert isinstance(value, tuple)
        if len(value) != len(color) or any(abs(a - b) > tolerance for a, b in zip(value, color, strict=True)):
            found[place] = value
    return found


@pytest.mark.parametrize(("target", "size", "expected"), EXACT, ids=[row[0] for row in EXACT])
def test_exact_pixels(server: Server, target: str, size: tuple[int, int], expected: Pixels) -> None:
    image = server.image(f"{target}&fmt=png").image
    assert image.mode == "RGB"
    assert image.size == size
    assert not differing(image, expected, 0)


@pytest.mark.parametrize(("target", "size", "expected"), NEAR, ids=[row[0] for row in NEAR])
def test_computed_pixels(server: Server, target: str, size: tuple[int, int], expected: Pixels) -> None:
    image = server.image(f"{target}&fmt=png").image
    assert image.size == size
    assert not differing(image, expected, 1)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("alpha.png?", {(5, 5): (255, 0, 0, 255)}),
        ("semi.png?", {(5, 5): (0, 0, 255, 128)}),
        ("semi.png?bgc=ff0000", {(5, 5): (0, 0, 255, 128)}),
        ("semi.png?opac=50", {(5, 5): (0, 0, 255, 64)}),
        ("semi.png?color=ff0000", {(5, 5): (127, 0, 128, 255)}),
        ("quad.png?", {(0, 0): (*RED, 255), (39, 29): (*YELLOW, 255)}),
        ("quad.png?extend=1,0,0,0&bgColor=0000ff", {(0, 0): (*BLUE, 255), (1, 0): (*RED, 255)}),
    ],
)
def test_alpha(server: Server, target: str, expected: Pixels) -> None:
    image = server.image(f"{target}&fmt=png-alpha").image
    assert image.mode == "RGBA"
    assert not differing(image, expected, 1)


@pytest.mark.parametrize(
    "target",
    [
        "alpha.png?",
        "quad.png?extend=0,0,20,0",
        "quad.png?rotate=45",
        "quad.png?wid=80&hei=30",
        "quad.png?crop=30,0,20,10",
        "quad.png?hide=1&layer=0",
    ],
)
def test_what_is_free_is_transparent(server: Server, target: str) -> None:
    image = server.image(f"{target}&fmt=png-alpha&bgc=ff0000").image
    pixel = image.getpixel((image.width - 1, 0))
    assert isinstance(pixel, tuple)
    assert pixel[3] == 0


def test_gray(server: Server) -> None:
    # 0.299 R + 0.587 G + 0.114 B of 255
    image = server.image("quad.png?fmt=png,gray").image
    assert image.mode == "L"
    for (place, _), level in zip(UPRIGHT.items(), (76, 150, 29, 226), strict=True):
        assert abs(image.getpixel(place) - level) <= 1  # type: ignore[operator]  # a gray pixel is one number


def tiles(size: tuple[int, int], side: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, width and height of the tiles of a picture, the last ones smaller."""
    for top in range(0, size[1], side[1]):
        for left in range(0, size[0], side[0]):
            yield left, top, min(side[0], size[0] - left), min(side[1], size[1] - top)


def png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize(
    "target",
    [
        "busy.png?fmt=png",
        "busy.jpg?fmt=png&wid=200&fit=fit,1",
        "busy.jpg?fmt=png&wid=29",
        "busy.png?fmt=png&rotate=30&extend=3,5,7,9&wid=150&hei=90&bgc=123456",
        "busy.png?fmt=png&op_blur=3&op_usm=2,1,5&flip=lr&wid=97&fit=fit,1",
        "alpha.png?fmt=png-alpha&scl=0.3",
    ],
)
def test_rect_tiles_make_the_whole(server: Server, target: str) -> None:
    whole = server.image(target).image
    sheet = Image.new(whole.mode, whole.size)
    places = list(tiles(whole.size, (41, 37)))
    replies = server.images_at_once([f"{target}&rect={','.join(map(str, place))}" for place in places])
    for (left, top, width, height), reply in zip(places, replies, strict=True):
        assert reply.image.size == (width, height)
        sheet.paste(reply.image, (left, top))
    assert png(sheet) == png(whole)


@pytest.mark.parametrize("turned", ["", "rotate=90", "rotate=30", "extend=2,4,6,8&bgColor=ff0000", "flip=ud"])
def test_regions_make_the_whole(server: Server, turned: str) -> None:
    target = f"busy.png?fmt=png&scl=1&{turned}"
    whole = server.image(target).image
    sheet = Image.new(whole.mode, whole.size)
    places = list(tiles(whole.size, (32, 32)))
    replies = server.images_at_once([f"{target}&rgn={','.join(map(str, place))}" for place in places])
    for (left, top, _, _), reply in zip(places, replies, strict=True):
        sheet.paste(reply.image, (left, top))
    assert png(sheet) == png(whole)


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("whole/lost.png", (20, 10)),
        ("whole/lost.png?wid=10&rotate=90", (10, 5)),
        ("layer/lost.png", (20, 10)),
        ("layer/lost.png?rotate=90", (10, 20)),
        ("layer/lost.png?extend=1,1,1,1", (22, 12)),
    ],
)
def test_default_images(server: Server, target: str, shown: tuple[int, int]) -> None:
    image = server.image(f"{target}{'&' if '?' in target else '?'}fmt=png").image
    assert image.size == shown
    assert image.getpixel((shown[0] // 2, shown[1] // 2)) == GREEN


def test_default_image_of_the_request(server: Server) -> None:
    assert server.image("lost.png?defaultImage=green.png&fmt=png").pixel(3, 3) == GREEN
    assert server.image("whole/lost.png?defaultImage=/alpha.png&fmt=png").pixel(3, 3) == RED
    assert server.image("whole/lost.png?defaultImage=").status == 403
    assert server.image("lost.png?defaultImage=lost-too.png").status == 403
    # there is no image to stand in for
    assert server.image("whole/lost.png?req=imageprops").status == 403
