"""Where layers come to lie: numbers worked out by hand from the pages that are named.

Unless it says otherwise the canvas is ``base``, 400×300, so that its origin is 200,150; the layer is ``pic``, 100×60.
"""

import pytest

from proxy.catalog.records import Record
from proxy.errors import BadValue, IsproxyError, Missing, RequestError
from proxy.recipe.model import Box
from tests.composed import Desk, catalog, catalogs, header

HEADERS = {
    "base.tif": header(400, 300),
    "pic.tif": header(100, 60),
    "tile.tif": header(100, 100),
    "stencil.tif": header(80, 40),
    "square.tif": header(2000, 2000),
    "wide.tif": header(2000, 1000),
    "tall.tif": header(300, 400),
    "doll.tif": header(1000, 2000),
    "top.tif": header(400, 300),
    "hat.tif": header(200, 100),
}
EXAMPLE_A = "src=$back$&size=1000,1000&originN=0,0&$back=square&layer=1&src=$object$&size=800,800&originN=-0.5,0&posN=-0.5,0"
EXAMPLE_B = "layer=0&size=800,0&extend=0,100,200,100&src=$object$&originN=.5,0"
RECORDS = (
    *(Record(name, path=f"{name}.tif") for name in ("base", "pic", "tile", "stencil", "square", "wide", "tall")),
    Record("anchored", path="pic.tif", anchor=(10, 20)),
    Record("fine", path="pic.tif", resolution=200.0),
    Record("templateA", modifier=EXAMPLE_A),
    Record("templateB", modifier=EXAMPLE_B),
    Record("mannequin", path="doll.tif", anchor=(500, 1000), resolution=100.0),
    Record("tankTop", path="top.tif", anchor=(200, -100), resolution=200.0),
    Record("hat", path="hat.tif", anchor=(100, 900), resolution=50.0),
)


@pytest.fixture
def desk() -> Desk:
    return Desk(catalogs(catalog("shop", *RECORDS)), HEADERS)


@pytest.mark.parametrize(
    ("page", "canvas", "layer", "place", "rectangle"),
    [
        # without anything: the middle of the layer on the middle of the canvas
        ("r-layer-placement", "", "", (150, 120), (100, 60)),
        # pos counts from the origin of layer 0
        ("r-pos", "", "pos=30,-20", (180, 100), (100, 60)),
        ("r-pos", "", "posN=0.5,0.5", (350, 270), (100, 60)),
        ("r-pos", "", "posN=-0.5,0", (-50, 120), (100, 60)),
        ("r-pos", "", "pos=10,10&posN=0.5,0", (350, 120), (100, 60)),
        ("r-pos", "", "posN=0.5,0&pos=10,10", (160, 130), (100, 60)),
        ("r-pos", "pos=50,50", "", (150, 120), (100, 60)),
        ("r-pos", "origin=0,0&size=200,0", "posN=1,1&originN=0,0", (150, 120), (100, 60)),
        # origins
        ("r-origin", "origin=0,0", "origin=0,0", (0, 0), (100, 60)),
        ("r-origin", "originN=-0.5,-0.5", "originN=-0.5,-0.5", (0, 0), (100, 60)),
        ("r-origin", "originN=0.5,0.5", "originN=0.5,0.5", (300, 240), (100, 60)),
        ("r-origin", "originN=0,0", "originN=-0.5,0&posN=-0.5,0", (0, 120), (100, 60)),
        ("r-origin", "", "origin=-30,70", (230, 80), (100, 60)),
        ("r-origin", "", "origin=0,0&originN=0,0", (150, 120), (100, 60)),
        # not affected by what is done to the picture
        ("r-origin", "", "flip=lr&rotate=90&crop=0,0,100,60&origin=0,0", (200, 150), (60, 100)),
        # anchors
        ("r-anchor", "", "anchor=10,20", (190, 130), (100, 60)),
        ("r-anchor", "", "anchor=-10,80", (210, 70), (100, 60)),
        ("r-anchor", "", "anchorN=-0.5,-0.5", (200, 150), (100, 60)),
        ("r-anchor", "", "anchorN=0.5,0.5", (100, 90), (100, 60)),
        ("r-anchor", "", "anchorN=0,0", (150, 120), (100, 60)),
        ("r-anchor", "", "anchor=10,20&origin=0,0", (200, 150), (100, 60)),
        ("r-anchor", "", "anchor=10,20&originN=0,0", (150, 120), (100, 60)),
        ("r-anchor-cat", "", "src=anchored", (190, 130), (100, 60)),
        ("r-anchor-cat", "", "src=anchored&anchor=0,0", (200, 150), (100, 60)),
        ("r-anchor-cat", "", "src=anchored&originN=0,0", (150, 120), (100, 60)),
        ("r-anchor-cat", "", "src=anchored&rotate=180", (110, 110), (100, 60)),
        # the anchor is one of the source, so a crop moves it; without one the middle is that of what is left
        ("r-crop", "", "crop=20,10,60,40", (170, 130), (60, 40)),
        ("r-crop", "", "crop=20,10,60,40&anchor=30,25", (190, 135), (60, 40)),
        ("r-crop", "", "crop=20,10,60,40&anchor=0,0", (220, 160), (60, 40)),
        ("r-crop", "", "crop=-20,-10,140,80&anchor=0,0", (180, 140), (140, 80)),
        ("r-crop", "", "cropN=0.2,0.5,0.5,0.5&anchor=20,30", (200, 150), (50, 30)),
        # scaling, in the order of r-layer-transforms
        ("r-layer-transforms", "", "size=50,0&anchor=10,20", (195, 140), (50, 30)),
        ("r-layer-transforms", "", "scale=2&anchor=10,20", (180, 110), (200, 120)),
        ("r-layer-transforms", "", "crop=20,10,60,40&scale=2&anchor=30,25", (180, 120), (120, 80)),
        ("r-size-reference", "", "size=50,50", (175, 135), (50, 30)),
        ("r-size-reference", "", "size=0,30", (175, 135), (50, 30)),
        ("r-size-reference", "", "size=300,300", (50, 60), (300, 180)),
        ("r-size-reference", "", "size=0,0&scale=0.5", (175, 135), (50, 30)),
        ("r-size-reference", "", "size=50,0&scale=3&res=10", (175, 135), (50, 30)),
        ("r-size-reference", "", "crop=0,0,50,60&size=100,90", (162.5, 105), (75, 90)),
        ("r-size-reference", "", "sizeN=0.5,0", (100, 90), (200, 120)),
        ("r-size-reference", "", "sizeN=0.5,0.1", (175, 135), (50, 30)),
        ("r-res", "", "src=fine&res=100", (175, 135), (50, 30)),
        ("r-res", "", "src=fine&scale=2&res=100", (100, 90), (200, 120)),
        ("r-res", "", "res=300", (50, 60), (300, 180)),
        # flip, then rotate, then extend
        ("r-flip", "", "flip=lr&anchor=10,20", (110, 130), (100, 60)),
        ("r-flip", "", "flip=ud&anchor=10,20", (190, 110), (100, 60)),
        ("r-flip", "", "flip=lrud&anchor=10,20", (110, 110), (100, 60)),
        ("r-flip", "", "flip=lr", (150, 120), (100, 60)),
        ("r-rotate", "", "rotate=90&anchor=10,20", (160, 140), (60, 100)),
        ("r-rotate", "", "rotate=180&anchor=10,20", (110, 110), (100, 60)),
        ("r-rotate", "", "rotate=-90&anchor=10,20", (180, 60), (60, 100)),
        ("r-rotate", "", "rotate=270&anchor=10,20", (180, 60), (60, 100)),
        ("r-rotate", "", "flip=lr&rotate=90&anchor=10,20", (160, 60), (60, 100)),
        # 100 cos 30 + 60 sin 30 = 116.6 and 100 sin 30 + 60 cos 30 = 101.96
        ("r-rotate", "", "rotate=30", (141.5, 99), (117, 102)),
        # the corner of a square of 100 goes to the middle of the upper edge, 70.71 above that of the box of 141
        ("r-rotate", "", "src=tile&rotate=45&anchor=0,0", (129.5, 150.2107), (141, 141)),
        ("r-extend", "", "extend=10,20,30,40", (130, 90), (140, 120)),
        ("r-extend", "", "extend=-10,-20,0,0", (155, 130), (90, 40)),
        ("r-extend", "", "extend=10,20,30,40&anchor=0,0", (190, 130), (140, 120)),
        ("r-extend", "", "extendN=0.1,0.5,0,0", (145, 105), (110, 90)),
        ("r-extend", "", "rotate=90&extendN=0.5,0.1,0,0", (155, 95), (90, 110)),
        ("r-extend", "", "extend=10,20,30,40&origin=10,20", (190, 130), (140, 120)),
        ("r-extend", "", "extend=10,20,30,40&originN=0.5,0", (60, 90), (140, 120)),
        # all of it: 20,10 of 60×40 becomes 5,7.5 of 30×20, mirrored 25,7.5, turned 12.5,25 of 20×30, moved 13.5,27
        (
            *("r-layer-transforms", "", "crop=20,10,60,40&scale=0.5&anchor=30,25&flip=lr&rotate=90&extend=1,2,3,4"),
            *((186.5, 123), (24, 36)),
        ),
        # solid colours
        ("r-size-reference", "", "src=&size=80,40&color=ff0000", (160, 130), (80, 40)),
        ("r-size-reference", "", "src=&sizeN=0.5,0.25&color=ff0000", (100, 112.5), (200, 75)),
        ("r-anchor", "", "src=&size=80,40&color=ff0000&anchor=0,0", (200, 150), (80, 40)),
        ("r-anchor", "", "src=&size=80,40&color=ff0000&anchor=0,0&rotate=90", (160, 150), (40, 80)),
        ("r-size-reference", "", "src=&color=ff0000&mask=stencil", (160, 130), (80, 40)),
        ("r-size-reference", "", "src=&color=ff0000&mask=stencil&size=40,40", (180, 140), (40, 20)),
        ("r-size-reference", "", "src=&color=ff0000&mask=stencil&crop=0,0,20,40", (190, 130), (20, 40)),
        # layer 0 has a rectangle and an origin of its own
        ("r-layer-placement", "extend=100,0,0,0", "", (200, 120), (100, 60)),
        ("r-layer-placement", "anchor=0,0&extend=100,50,0,0", "", (50, 20), (100, 60)),
        ("r-layer-placement", "rotate=90", "", (100, 170), (100, 60)),
        ("r-size-reference", "extend=100,0,0,0", "sizeN=0.4,0", (150, 90), (200, 120)),
        ("r-pos", "extend=100,0,0,0", "posN=0.1,0", (250, 120), (100, 60)),
    ],
)
def test_place_of_a_layer(
    desk: Desk, page: str, canvas: str, layer: str, place: tuple[float, float], rectangle: tuple[int, int]
) -> None:
    source = "" if layer.startswith("src=") else "src=pic&"
    laid = desk.layer(f"shop/base?layer=0&{canvas}&layer=1&{source}{layer.removeprefix('src=&')}", 1).laid
    assert laid.place == pytest.approx(place, abs=1e-4), page
    assert laid.shape.rectangle == rectangle, page


@pytest.mark.parametrize(
    ("commands", "rectangle", "origin"),
    [
        ("", (400, 300), (200, 150)),
        ("anchor=0,0", (400, 300), (0, 0)),
        ("size=200,0&anchor=100,100", (200, 150), (50, 50)),
        ("crop=100,100,200,100&anchor=100,100", (200, 100), (0, 0)),
        ("rotate=90", (300, 400), (150, 200)),
        ("extend=10,0,0,0&origin=5,5", (410, 300), (5, 5)),
        ("extendN=0,0.5,0,0.5", (400, 600), (200, 300)),
    ],
)
def test_commands_of_comp_are_those_of_layer_0(
    desk: Desk, commands: str, rectangle: tuple[int, int], origin: tuple[float, float]
) -> None:
    for target in (f"shop/base?{commands}", f"shop/base?layer=0&{commands}", f"shop/base?layer=4&layer=comp&{commands}"):
        laid = desk.layer(target.replace("layer=4&", "layer=4&src=pic&"), 0).laid
        assert (laid.shape.rectangle, laid.origin, laid.place) == (rectangle, origin, (0, 0))


def test_the_crop_is_in_source_pixels(desk: Desk) -> None:
    assert desk.layer("shop/base?cropN=0.25,0.5,0.5,0.25", 0).laid.crop == Box(100, 150, 300, 225)
    assert desk.layer("shop/base?crop=10,20,30,40&size=3,0", 0).laid.crop == Box(10, 20, 40, 60)
    assert desk.layer("shop/base?crop=10,20,0,40", 0).laid.crop == Box(0, 0, 400, 300)


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ("layer=1", RequestError, "layer 1 has neither an image, a text nor a colour"),
        ("layer=1&size=10,10", RequestError, "layer 1 has neither an image, a text nor a colour"),
        ("layer=1&mask=stencil", RequestError, "layer 1 has neither an image, a text nor a colour"),
        ("layer=1&color=ff0000", RequestError, "layer 1 is a solid colour: expected size="),
        ("layer=1&color=ff0000&size=10,0", RequestError, "with a width and a height"),
        ("sizeN=0.5,0.5", RequestError, "sizeN="),
        ("layer=0&scale=2&sizeN=0.5,0.5", RequestError, "sizeN="),
        ("layer=1&src=pic&crop=100,0,10,10", BadValue, "crop=100,0,10,10: expected a part of the image, which is 100 by 60"),
        ("layer=1&src=pic&cropN=-1,0,1,1", BadValue, "cropN=-1,0,1,1: expected a part of the image"),
        ("layer=1&src=pic&extend=-50,0,-50,0", RequestError, "extend= leaves nothing of layer 1"),
        ("extendN=0,-0.5,0,-0.5", RequestError, "extend= leaves nothing of layer 0"),
    ],
)
def test_layers_that_cannot_be(desk: Desk, query: str, error: type[IsproxyError], message: str) -> None:
    with pytest.raises(error) as caught:
        desk.measured(f"shop/base?{query}")
    assert message in caught.value.detail


def test_layer_0_needs_a_picture_or_a_colour(desk: Desk) -> None:
    with pytest.raises(Missing):
        desk.measured("shop?layer=1&src=pic")
    assert desk.measured("shop?color=ff0000&size=30,20").composite == (30, 20)


@pytest.mark.parametrize(
    ("target", "canvas", "size", "place"),
    [
        # a landscape picture is fitted to the width: 800×600, 200 from the top
        ("shop/base?template=shop/templateA", (1000, 1000), (800, 600), (0, 200)),
        # an upright one to the height: 600×800
        ("shop/tall?template=shop/templateA", (1000, 1000), (600, 800), (0, 100)),
        ("shop/square?template=shop/templateA", (1000, 1000), (800, 800), (0, 100)),
        # a background of another shape is fitted too, and the layer sticks out above and below
        ("shop/square?template=shop/templateA&$back=wide", (1000, 500), (800, 800), (0, -150)),
    ],
)
def test_example_a(desk: Desk, target: str, canvas: tuple[int, int], size: tuple[int, int], place: tuple[float, float]) -> None:
    measured = desk.measured(target)
    assert [layer.asked.layer.number for layer in measured.layers] == [0, 1]
    assert measured.composite == canvas
    assert (measured.layers[1].laid.shape.size, measured.layers[1].laid.place) == (size, place)


def test_example_a_in_a_view_of_another_shape(desk: Desk) -> None:
    recipe = desk.recipe("shop/tall?template=shop/templateA&$back=wide&wid=500&hei=500")
    # half of 1000×500, in the middle of the reply; half of 600×800 at 0,-150 is 300×400 at 0,-75
    assert (recipe.view.canvas, recipe.view.size, recipe.view.offset) == ((500, 250), (500, 500), (0, 125))
    assert [(plan.number, plan.size, plan.offset) for plan in recipe.layers] == [
        (0, (500, 250), (0, 0)),
        (1, (300, 400), (0, -75)),
    ]


@pytest.mark.parametrize(
    ("object_", "size", "rectangle", "origin"),
    [("base", (800, 600), (1000, 800), (1000, 400)), ("wide", (800, 400), (1000, 600), (1000, 300))],
)
def test_example_b(
    desk: Desk, object_: str, size: tuple[int, int], rectangle: tuple[int, int], origin: tuple[float, float]
) -> None:
    (layer,) = desk.measured(f"shop/{object_}?template=templateB").layers
    laid = layer.laid
    assert (laid.shape.size, laid.shape.margins) == (size, (0, 100, 200, 100))
    assert (laid.shape.rectangle, laid.origin) == (rectangle, origin)


def test_example_c(desk: Desk) -> None:
    target = "shop/mannequin?&hei=400&qlt=90&layer=1&res=100&src=shop/tankTop&colorize=240,122,17&layer=4&res=100&src=shop/hat"
    layers = desk.measured(target).layers
    # the top is photographed at twice the resolution: 200×150, its anchor at 100,-50; the hat at half: 400×200, 200,1800
    assert [(layer.laid.shape.size, layer.laid.place) for layer in layers] == [
        ((1000, 2000), (0, 0)),
        ((200, 150), (400, 1050)),
        ((400, 200), (300, -800)),
    ]
    recipe = desk.recipe(target)
    assert recipe.view.size == (200, 400)
    assert [(plan.size, plan.offset) for plan in recipe.layers] == [
        ((200, 400), (0, 0)),
        ((40, 30), (80, 210)),
        ((80, 40), (60, -160)),
    ]


def test_example_c_without_catalogs(desk: Desk) -> None:
    layer = desk.layer("shop/mannequin?layer=1&scale=0.25&anchor=340,220&src=shop/top.tif", 1)
    # 340,220 of the file is 85,55 of 100×75
    assert (layer.laid.shape.size, layer.laid.place) == ((100, 75), (415, 945))


@pytest.mark.parametrize(("pos", "left", "width"), [(1, 50, 13), (2, 51, 12), (3, 51, 12), (4, 51, 13)])
def test_layers_are_rounded_by_their_edges(desk: Desk, pos: int, left: int, width: int) -> None:
    # at a quarter the edges of 50 pixels from 200 + pos lie at 50.25 and 62.75, 50.5 and 63, 50.75 and 63.25, 51 and 63.5
    recipe = desk.recipe(f"shop/base?wid=100&layer=1&src=pic&crop=0,0,50,60&origin=0,0&pos={pos},0")
    (_, plan) = recipe.layers
    assert recipe.view.canvas == (100, 75)
    assert (plan.offset[0], plan.size[0]) == (left, width)
