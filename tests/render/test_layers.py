"""Pixels of composites: layers made by the planner from small pictures, against formulas computed here.

Where a figure is exact it says so by comparing for equality; alpha arithmetic in eight bits may be one level off for each
time that something is laid over something else.
"""

from collections.abc import Mapping

import numpy as np
import pytest
from PIL import Image

from proxy.protocol.color import read_color
from proxy.render.blend import over
from proxy.render.transform import fade, fill, masked, solid
from tests.pictures import BLUE, GREEN, PICTURES, RED, WHITE, Gallery, assert_near, over_exactly, sheet

Rgba = tuple[int, int, int, int]


@pytest.fixture(scope="module", name="gallery")
def _gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(tmp_path_factory.mktemp("originals"))


# ---- order and place


@pytest.mark.parametrize("order", ["0 1 2 3", "3 2 1 0", "2 0 3 1"])
def test_the_number_is_the_place_from_the_bottom(gallery: Gallery, order: str) -> None:
    layers = {
        "0": "layer=0&color=ffffff&size=40,30",
        "1": "layer=4&color=ff0000&size=30,20",
        "2": "layer=10&color=00ff00&size=20,14",
        "3": "layer=11&color=0000ff&size=10,6",
    }
    pixels = gallery.pixels("nothing?" + "&".join(layers[number] for number in order.split()))
    expected = sheet((40, 30), (*WHITE, 255))
    expected[5:25, 5:35, :3], expected[8:22, 10:30, :3], expected[12:18, 15:25, :3] = RED, GREEN, BLUE
    assert np.array_equal(pixels, expected)


@pytest.mark.parametrize(
    ("x", "y", "rows", "columns"),
    [
        (10, 5, slice(5, 15), slice(10, 30)),
        (-5, 5, slice(5, 15), slice(0, 15)),
        (30, 5, slice(5, 15), slice(30, 40)),
        (10, -3, slice(0, 7), slice(10, 30)),
        (10, 25, slice(25, 30), slice(10, 30)),
        (-19, -9, slice(0, 1), slice(0, 1)),
        (39, 29, slice(29, 30), slice(39, 40)),
        (-20, 0, slice(0, 0), slice(0, 0)),
        (40, 0, slice(0, 0), slice(0, 0)),
        (0, -10, slice(0, 0), slice(0, 0)),
        (1000, -1000, slice(0, 0), slice(0, 0)),
    ],
)
@pytest.mark.parametrize("base", ["white", "clear"])
@pytest.mark.parametrize(("opac", "alpha"), [(100, 255), (60, 153)])
def test_what_lies_outside_the_canvas_is_cut_off(
    gallery: Gallery, base: str, x: int, y: int, rows: slice, columns: slice, opac: int, alpha: int
) -> None:
    pixels = gallery.pixels(f"{base}?origin=0,0&layer=1&src=red&opac={opac}&origin=0,0&pos={x},{y}")
    expected = sheet((40, 30), (*WHITE, 255) if base == "white" else (0, 0, 0, 0))
    expected[rows, columns] = over_exactly(sheet((40, 30), (*RED, alpha)), expected)[rows, columns]
    assert np.array_equal(pixels, expected)


def test_a_layer_larger_than_the_canvas(gallery: Gallery) -> None:
    pixels = gallery.pixels("red?layer=1&src=ramp&origin=0,0&pos=-10,-5")
    assert np.array_equal(pixels[..., 0], np.asarray(PICTURES["ramp"]).astype(float)[0:10, 0:20])


def test_a_canvas_that_is_hidden(gallery: Gallery) -> None:
    pixels = gallery.pixels("white?hide=1&origin=0,0&layer=1&src=red&origin=0,0")
    assert pixels.shape == (30, 40, 4)
    assert np.array_equal(pixels[:10, :20], sheet((20, 10), (*RED, 255)))
    assert pixels[10:, :, 3].max() == pixels[:, 20:, 3].max() == 0


def test_mirrors_and_quarter_turns_are_exact(gallery: Gallery) -> None:
    corner = np.asarray(PICTURES["corner"]).astype(float)
    turns = {
        "flip=lr": corner[:, ::-1],
        "flip=ud": corner[::-1],
        "flip=lrud": corner[::-1, ::-1],
        "rotate=90": np.rot90(corner, -1),
        "rotate=-90": np.rot90(corner),
        "rotate=540": corner[::-1, ::-1],
        "flip=lr&rotate=90": np.rot90(corner[:, ::-1], -1),
        "crop=1,1,3,2": corner[1:3, 1:4],
        "crop=1,1,3,2&flip=lr&rotate=90": np.rot90(corner[1:3, 1:4][:, ::-1], -1),
    }
    for commands, expected in turns.items():
        pixels = gallery.pixels(f"clear?origin=0,0&layer=1&src=corner&origin=0,0&pos=3,2&{commands}")
        height, width = expected.shape[:2]
        assert np.array_equal(pixels[2 : 2 + height, 3 : 3 + width, :3], expected), commands
        assert pixels[..., 3].sum() == 255 * height * width, commands


def test_margins_are_filled_with_the_background(gallery: Gallery) -> None:
    pixels = gallery.pixels("white?layer=1&src=red&extend=2,3,4,5&bgColor=0000ff80&origin=0,0&pos=-20,-15")
    expected = sheet((40, 30), (*WHITE, 255))
    expected[:18, :26] = (127, 127, 255, 255)
    expected[3:13, 2:22] = (*RED, 255)
    assert_near(pixels, expected, 1)
    # without a colour they are transparent
    plain = gallery.pixels("clear?layer=1&src=red&extend=2,3,4,5&origin=0,0&pos=-20,-15")
    assert np.array_equal(np.argwhere(plain[..., 3]).min(axis=0), (3, 2))
    assert np.array_equal(np.argwhere(plain[..., 3]).max(axis=0), (12, 21))


# ---- opacity


@pytest.mark.parametrize(
    ("opac", "opacity"),
    [("100", 1.0), ("50", 0.5), ("60,50", 0.3), ("90,70", 0.63), ("100,25", 0.25), ("0", 0.0), ("100,0", 0.0), ("1,100", 0.01)],
)
def test_the_opacity_is_the_product(gallery: Gallery, opac: str, opacity: float) -> None:
    assert gallery.at(f"white?layer=0&opac={opac}", 20, 15)[3] == pytest.approx(255 * opacity, abs=0.5)
    below = gallery.at(f"white?layer=1&src=black&opac={opac}", 20, 15)
    assert below == pytest.approx((*(255 * (1 - opacity),) * 3, 255), abs=1)
    # under layer=comp it is that of the composite
    composite = gallery.pixels(f"white?origin=0,0&layer=1&src=red&origin=0,0&layer=comp&opac={opac}")
    assert np.abs(composite[..., 3] - 255 * opacity).max() <= 0.5


def test_opacities_of_layers_and_composite_multiply(gallery: Gallery) -> None:
    pixels = gallery.pixels("clear?layer=1&src=half&opac=50&layer=comp&opac=40,50")
    assert np.abs(pixels[..., 3] - 128 * 0.5 * 0.2).max() <= 1
    assert np.abs(pixels[..., :3] - (0, 100, 200)).max() <= 5  # at an alpha of 13 a level of colour is seen as a twentieth


def test_opacity_leaves_what_is_filled(gallery: Gallery) -> None:
    # by r-opac neither color= nor bgColor= is faded
    assert gallery.at("white?layer=1&src=black&opac=25&color=ff0000", 20, 15) == pytest.approx((191, 0, 0, 255), abs=1)
    assert gallery.at("clear?layer=1&src=black&opac=25&bgColor=00ff00", 20, 15) == pytest.approx((0, 191, 0, 255), abs=1)
    # a solid colour is the foreground itself
    assert gallery.at("white?layer=1&color=000000&size=40,30&opac=25", 20, 15) == pytest.approx((191, 191, 191, 255), abs=1)


# ---- Porter and Duff


SEMI: Mapping[str, Rgba] = {
    "src=half": (0, 100, 200, 128),
    "src=faint": (200, 40, 0, 50),
    "src=strong": (10, 220, 90, 201),
    "size=40,30&color=ff800040": (255, 128, 0, 64),
    "size=40,30&color=102030": (16, 32, 48, 255),
    "size=40,30&color=ffffff00": (255, 255, 255, 0),
}
CANVASES: Mapping[str, Rgba] = {"white": (*WHITE, 255), "clear": (0, 0, 0, 0), "half": (0, 100, 200, 128)}


@pytest.mark.parametrize("base", CANVASES)
@pytest.mark.parametrize("layer", SEMI)
def test_one_layer_over_a_canvas(gallery: Gallery, base: str, layer: str) -> None:
    expected = over_exactly(sheet((40, 30), SEMI[layer]), sheet((40, 30), CANVASES[base]))
    assert_near(gallery.pixels(f"{base}?layer=1&{layer}"), expected, 1)


@pytest.mark.parametrize("base", CANVASES)
def test_three_layers_over_a_canvas(gallery: Gallery, base: str) -> None:
    expected = sheet((40, 30), CANVASES[base])
    for name in ("faint", "strong", "half"):
        expected = over_exactly(sheet((40, 30), SEMI[f"src={name}"]), expected)
    assert_near(gallery.pixels(f"{base}?layer=1&src=faint&layer=2&src=strong&layer=3&src=half"), expected, 3)


def test_a_ramp_of_alpha(gallery: Gallery) -> None:
    above = sheet((40, 30), (*WHITE, 255))
    above[..., 3] = np.asarray(PICTURES["ramp"])
    for base, color in CANVASES.items():
        assert_near(gallery.pixels(f"{base}?layer=1&src=masked"), over_exactly(above, sheet((40, 30), color)), 1)


def test_a_fill_under_a_layer(gallery: Gallery) -> None:
    filled = over_exactly(sheet((40, 30), SEMI["src=strong"]), sheet((40, 30), (255, 0, 0, 128)))
    expected = over_exactly(filled, sheet((40, 30), CANVASES["half"]))
    assert_near(gallery.pixels("half?layer=1&src=strong&color=ff000080"), expected, 2)


@pytest.mark.parametrize("base", CANVASES)
def test_what_stays_transparent_shows_the_background_of_the_view(gallery: Gallery, base: str) -> None:
    seen = over_exactly(sheet((40, 30), CANVASES[base]), sheet((40, 30), (255, 0, 255, 255)))
    image = gallery.image(f"{base}?fmt=png&bgc=ff00ff")
    assert image.mode == "RGB"
    assert np.abs(np.asarray(image).astype(float) - seen[..., :3]).max() <= 1


# ---- nested pictures


NESTED = (
    "photo",
    "photo?flip=lr&crop=20,10,160,120",
    "photo?layer=1&src=disc&pos=30,-20&opac=70",
    "photo?op_blur=4",
    "photo?wid=120&hei=90&fit=crop",
    "photo?rotate=90",
)


@pytest.mark.parametrize("nested", NESTED)
@pytest.mark.parametrize("factor", [2, 3])
def test_a_nested_picture_made_smaller_is_the_full_one_reduced(gallery: Gallery, nested: str, factor: int) -> None:
    full = gallery.image(nested).convert("RGB")
    size = (full.width // factor, full.height // factor)
    recipe = gallery.recipe(f"nothing?src=is{{g/{nested}}}&size={size[0]},{size[1]}&resMode=sharp2")
    (plan,) = recipe.layers
    pixels = gallery.pixels(f"nothing?src=is{{g/{nested}}}&size={size[0]},{size[1]}&resMode=sharp2")
    assert (pixels.shape[1], pixels.shape[0]) == plan.size
    assert np.array_equal(pixels[..., 3], np.full(pixels.shape[:2], 255))
    reduced = full.resize(plan.size, Image.Resampling.LANCZOS)
    difference = np.abs(pixels[..., :3] - np.asarray(reduced).astype(float))
    # filters differ at lines and edges, and an edge may move by half a pixel; in the mean that is below four levels of 255
    assert difference.mean() < 4
    assert np.percentile(difference, 90) < 12


@pytest.mark.parametrize(
    "nested", ["photo", "photo?wid=77", "photo?wid=50&hei=33&fit=crop", "photo?rect=3,5,90,71", "photo?rotate=90"]
)
def test_a_nested_picture_has_no_seams(gallery: Gallery, nested: str) -> None:
    for width in (7, 13, 36, 49, 61, 76, 120):
        pixels = gallery.pixels(f"nothing?src=is{{g/{nested}}}&size={width},0")
        assert pixels[..., 3].min() == 255, width


def test_what_is_free_in_the_view_of_a_nested_picture_is_transparent(gallery: Gallery) -> None:
    pixels = gallery.pixels("green?size=40,0&layer=1&src=is{g/red?wid=10&hei=10&bgc=0000ff}")
    # 20×10 becomes 10×5 in the middle of 10×10, which lies in the middle of 40×20
    expected = sheet((40, 20), (*GREEN, 255))
    expected[8:13, 15:25] = (*RED, 255)
    assert np.array_equal(pixels, expected)


def test_nesting_twice(gallery: Gallery) -> None:
    once = gallery.pixels("nothing?src=is{g/disc?layer=1&src=red&pos=5,5}")
    assert np.array_equal(gallery.pixels("nothing?src=is{?src=is{g/disc?layer=1&src=red&pos=5,5}}"), once)
    assert np.array_equal(gallery.pixels("disc?layer=1&src=red&pos=5,5"), once)


# ---- modes


def test_what_is_opaque_has_no_alpha_channel() -> None:
    rgb, rgba = Image.new("RGB", (4, 3), RED), Image.new("RGBA", (4, 3), (0, 0, 255, 128))
    assert over(rgb, rgb, (1, 1)).mode == over(rgb, rgba, (1, 1)).mode == "RGB"
    assert over(rgba, rgb, (0, 0)).mode == over(rgba, rgba, (0, 0)).mode == "RGBA"
    assert over(rgba, rgb, (0, 0)).getpixel((2, 2)) == (*RED, 255)
    assert fill(rgba, read_color("00ff00")).mode == fill(rgb, read_color("00ff0080")).mode == "RGB"
    assert fade(rgb, 1.0) is rgb
    assert fade(rgb, 0.5).mode == "RGBA"
    assert solid((4, 3), read_color("00ff00")).mode == "RGB"
    assert solid((4, 3), read_color("00ff0080")).mode == "RGBA"
    assert masked(rgb, Image.new("L", (4, 3), 255), invert=False).mode == "RGBA"


@pytest.mark.parametrize(
    "query", ["white", "white?layer=1&src=half&layer=2&src=red&opac=20", "half?color=ff0000", "clear?bgColor=ff0000&rotate=30"]
)
def test_an_opaque_composite_is_opaque_all_over(gallery: Gallery, query: str) -> None:
    assert gallery.pixels(query)[..., 3].min() == 255


def test_the_canvas_is_not_drawn_upon() -> None:
    canvas, layer = Image.new("RGB", (4, 3), RED), Image.new("RGB", (2, 2), BLUE)
    over(canvas, layer, (1, 1))
    assert canvas.getcolors() == [(12, RED)]
