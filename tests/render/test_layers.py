"""Pixels of composites: layers made by the planner from small pictures, against formulas computed here.

Where a figure is exact it says so by comparing for equality; alpha arithmetic in eight bits may be one level off for each
time that something is laid over something else.
"""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from proxy.catalog.records import Record
from proxy.protocol.color import read_color
from proxy.recipe.model import Recipe
from proxy.render.blend import over
from proxy.render.decode import Limits
from proxy.render.load import probe
from proxy.render.pipeline import Opening, render
from proxy.render.transform import fade, fill, masked, solid
from tests.composed import Desk, catalog, catalogs

Array = NDArray[np.float64]
Rgba = tuple[int, int, int, int]

LIMITS = Limits(source_pixels=1_000_000)
RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


def ramp(width: int, height: int) -> Image.Image:
    """A mask: black at the left, white at the right, a step of 255/(width−1) a column."""
    return Image.fromarray(np.tile(np.rint(np.linspace(0, 255, width)).astype(np.uint8), (height, 1)))


def photograph(width: int, height: int) -> Image.Image:
    """Smooth colours, a disc and thin lines."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    bands = [128 + 100 * np.sin(9 * x + 3 * y + 2 * band) * np.cos(7 * y - 2 * x + band) for band in range(3)]
    picture = np.stack(bands, axis=2)
    picture[(x - 0.4) ** 2 + (y - 0.3) ** 2 < 0.03] = (250, 240, 20)
    picture[:, :: max(1, width // 10)] //= 2
    return Image.fromarray(picture.astype(np.uint8))


def disc(size: int) -> Image.Image:
    """Blue where it is seen, red where it is not: what is hidden shows where alpha is taken away."""
    y, x = np.mgrid[0:size, 0:size] + 0.5
    inside = (x - size / 2) ** 2 + (y - size / 2) ** 2 < (size / 2.5) ** 2
    picture = np.where(inside[..., None], (0, 0, 255, 255), (255, 0, 0, 0))
    return Image.fromarray(picture.astype(np.uint8))


PICTURES: Mapping[str, Image.Image] = {
    "white": Image.new("RGB", (40, 30), WHITE),
    "black": Image.new("RGB", (40, 30), BLACK),
    "clear": Image.new("RGBA", (40, 30)),
    "red": Image.new("RGB", (20, 10), RED),
    "green": Image.new("RGB", (20, 10), GREEN),
    "half": Image.new("RGBA", (40, 30), (0, 100, 200, 128)),
    "faint": Image.new("RGBA", (40, 30), (200, 40, 0, 50)),
    "strong": Image.new("RGBA", (40, 30), (10, 220, 90, 201)),
    "ramp": ramp(40, 30),
    "wideRamp": ramp(80, 60),
    "disc": disc(40),
    "photo": photograph(200, 150),
    "corner": Image.fromarray(np.arange(60, dtype=np.uint8).reshape(4, 5, 3) * 4),
}


class Gallery:
    """The pictures in files, and requests to them."""

    def __init__(self, folder: Path) -> None:
        records, headers = [Record("nothing")], {}
        for name, image in PICTURES.items():
            path = folder / f"{name}.png"
            image.save(path)
            headers[str(path)] = probe(str(path), LIMITS)
            records.append(Record(name, path=str(path)))
        # the mask of a record
        records.append(Record("masked", path=str(folder / "white.png"), mask_path=str(folder / "ramp.png")))
        records.append(Record("maskedDisc", path=str(folder / "half.png"), mask_path=str(folder / "ramp.png")))
        self.desk = Desk(catalogs(catalog("g", *records)), headers)

    def recipe(self, query: str) -> Recipe:
        """What follows ``g/``, planned; the reply is PNG with alpha unless the query says something else."""
        path, _, modifiers = query.partition("?")
        return self.desk.recipe(f"g/{path}?fmt=png-alpha&{modifiers}")

    def image(self, query: str) -> Image.Image:
        """The reply image."""
        data = render(self.recipe(query), Opening(LIMITS)).data
        with Image.open(io.BytesIO(data)) as image:
            return image.copy()

    def pixels(self, query: str) -> Array:
        """The reply image as numbers, rows first."""
        return np.asarray(self.image(query)).astype(np.float64)

    def at(self, query: str, x: int, y: int) -> tuple[float, ...]:
        """One pixel."""
        return tuple(self.pixels(query)[y, x])


@pytest.fixture(scope="module", name="gallery")
def _gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(tmp_path_factory.mktemp("originals"))


def over_exactly(above: Array, below: Array) -> Array:
    """Source over destination (Porter and Duff, 1984), RGBA of 0 to 255, alpha not premultiplied."""
    top, bottom = above[..., 3:] / 255, below[..., 3:] / 255
    alpha = top + bottom * (1 - top)
    sums = above[..., :3] * top + below[..., :3] * bottom * (1 - top)
    color = np.divide(sums, alpha, out=np.zeros_like(sums), where=alpha > 0)
    return np.concatenate([color, alpha * 255], axis=-1)


def sheet(size: tuple[int, int], color: tuple[float, ...]) -> Array:
    """A picture of one colour."""
    return np.full((size[1], size[0], 4), color, dtype=np.float64)


def assert_near(pixels: Array, expected: Array, levels: float) -> None:
    """Compare alpha, and colours as far as they are seen."""
    assert pixels.shape == expected.shape
    assert np.abs(pixels[..., 3] - expected[..., 3]).max() <= levels
    assert (np.abs(pixels[..., :3] - expected[..., :3]) * expected[..., 3:] / 255).max() <= levels


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
def test_what_lies_outside_the_canvas_is_cut_off(
    gallery: Gallery, base: str, x: int, y: int, rows: slice, columns: slice
) -> None:
    pixels = gallery.pixels(f"{base}?origin=0,0&layer=1&src=red&origin=0,0&pos={x},{y}")
    expected = sheet((40, 30), (*WHITE, 255) if base == "white" else (0, 0, 0, 0))
    expected[rows, columns] = (*RED, 255)
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


# ---- masks


RAMP = np.asarray(PICTURES["ramp"]).astype(float)
ALPHA = np.asarray(PICTURES["disc"]).astype(float)[..., 3]
OPAQUE = np.full((30, 40), 255.0)


@pytest.mark.parametrize(
    ("query", "alpha"),
    [
        ("white?mask=ramp", RAMP),
        ("white?mask=ramp&maskUse=norm", RAMP),
        ("white?mask=ramp&maskUse=invert", 255 - RAMP),
        ("white?mask=ramp&maskUse=off", OPAQUE),
        ("masked", RAMP),
        ("masked?maskUse=invert", 255 - RAMP),
        ("masked?maskUse=off", OPAQUE),
        ("masked?mask=white", OPAQUE),
        ("masked?mask=black", 0 * OPAQUE),
        # a mask takes the place of the picture's own alpha
        ("half?mask=ramp", RAMP),
        ("maskedDisc", RAMP),
        # that of the mask image counts more than its brightness
        ("white?mask=half", OPAQUE * 128 / 255),
        ("white?mask=half&maskUse=invert", OPAQUE * 127 / 255),
        # own alpha
        ("disc", ALPHA),
        ("disc?maskUse=invert", 255 - ALPHA),
        ("disc?maskUse=off", np.full((40, 40), 255.0)),
        # no mask at all
        ("white?maskUse=off", OPAQUE),
        ("white?maskUse=invert", 0 * OPAQUE),
        # cropped together
        ("white?mask=ramp&crop=10,5,20,10", RAMP[5:15, 10:30]),
        ("white?mask=ramp&maskUse=invert&crop=10,5,20,10", 255 - RAMP[5:15, 10:30]),
        ("disc?maskUse=invert&crop=0,0,20,20", 255 - ALPHA[:20, :20]),
        ("white?mask=ramp&flip=lr&layer=0&flip=lr", RAMP),
        ("white?mask=ramp&layer=0&flip=lr", RAMP[:, ::-1]),
        ("white?mask=ramp&rotate=90", np.rot90(RAMP, -1)),
        # nested
        ("white?mask=is{g/ramp}", RAMP),
        ("white?mask=is{g/ramp}&maskUse=invert", 255 - RAMP),
        ("white?mask=is{g/masked}", RAMP),
        ("white?mask=is{g/ramp?layer=0&flip=lr}", RAMP[:, ::-1]),
        ("nothing?src=is{g/disc}", ALPHA),
        ("nothing?src=is{g/disc}&maskUse=invert", 255 - ALPHA),
        ("nothing?src=is{g/disc}&maskUse=off", np.full((40, 40), 255.0)),
        ("nothing?src=is{g/ramp}&mask=is{g/ramp}", RAMP),
        # a nested picture that is opaque has no mask
        ("nothing?src=is{g/ramp}", OPAQUE),
        ("nothing?src=is{g/ramp}&maskUse=off", OPAQUE),
        ("nothing?src=is{g/ramp}&maskUse=invert", 0 * OPAQUE),
        # a solid colour takes the size and the shape of its mask
        ("nothing?color=ff0000&mask=ramp", RAMP),
        ("nothing?color=ff000080&mask=ramp", RAMP * 128 / 255),
        ("nothing?color=ff0000&mask=ramp&maskUse=invert", 255 - RAMP),
        ("nothing?color=ff0000&mask=disc", ALPHA),
    ],
)
def test_masks(gallery: Gallery, query: str, alpha: Array) -> None:
    pixels = gallery.pixels(query)
    assert pixels.shape == (*alpha.shape, 4)
    assert np.abs(pixels[..., 3] - alpha).max() <= 1


@pytest.mark.parametrize("use", ["norm", "invert", "off"])
@pytest.mark.parametrize("source", ["white?mask=ramp", "half?mask=ramp", "disc?", "nothing?src=is{g/disc}"])
def test_what_a_crop_adds_is_hidden_whatever_the_use(gallery: Gallery, use: str, source: str) -> None:
    inside = gallery.pixels(f"{source}&maskUse={use}")
    height, width = inside.shape[:2]
    pixels = gallery.pixels(f"{source}&maskUse={use}&crop=-7,-3,{width + 12},{height + 5}")
    assert pixels.shape == (height + 5, width + 12, 4)
    assert np.array_equal(pixels[3 : 3 + height, 7 : 7 + width, 3], inside[..., 3])
    assert pixels[..., 3].sum() == inside[..., 3].sum()


def test_without_the_mask_what_it_hides_is_seen(gallery: Gallery) -> None:
    assert gallery.at("disc?maskUse=off", 0, 0) == (*RED, 255)
    assert gallery.at("disc?maskUse=off", 20, 20) == (*BLUE, 255)
    assert gallery.at("disc?maskUse=invert", 0, 0) == (*RED, 255)


def test_a_mask_of_another_size_is_fitted(gallery: Gallery) -> None:
    # 80×60 to 40×30: a column of the one is the mean of two of the other
    wide = np.asarray(PICTURES["wideRamp"]).astype(float)
    expected = (wide[:30, 0::2] + wide[:30, 1::2]) / 2
    assert np.abs(gallery.pixels("white?mask=wideRamp&resMode=bilin")[..., 3] - expected).max() <= 2
    # the part of it is that of the picture
    part = gallery.pixels("white?mask=wideRamp&crop=20,0,20,30&resMode=bilin")[..., 3]
    assert np.abs(part - expected[:, 20:]).max() <= 2


def test_the_mask_alone(gallery: Gallery) -> None:
    for query in ("masked", "disc", "half", "white", "clear", "disc?layer=1&src=red", "white?opac=50"):
        path, _, modifiers = query.partition("?")
        image = gallery.image(f"{path}?{modifiers}&req=mask&fmt=png")
        assert image.mode == "L"
        assert np.array_equal(np.asarray(image), gallery.pixels(query)[..., 3].astype(np.uint8)), query


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
