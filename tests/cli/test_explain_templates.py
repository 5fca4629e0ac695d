"""The reference's examples of templates, explained: the layers are those that one would draw by hand.

Pages: ``c-templates``, ``r-example-a``, ``r-example-b``, ``r-example-c``. How to draw: ``r-layer-transforms`` and
``r-layer-placement``. A layer's corner lies at: origin of layer 0 + pos= − own origin. Where an example writes
text, a second template has a bar of solid colour and of a known size in its place, so that all the rest can be worked out.
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from proxy.cli import app
from tests.serving import configure

LABEL = r"text=%7B\rtf1\ansi $text$%7D"
BAR = "color=$ink$&size=$length$,60"
SIDE = "&rotate=-90&originN=0.5,0&posN=0.5,0"
A = "src=backdrop&size=1000,1000&originN=0,0&layer=1&src=$object$&size=800,800&originN=-0.5,0&posN=-0.5,0&layer=2&"
B = "layer=0&size=800,0&extend=0,100,200,100&src=$object$&originN=.5,0&layer=1&"

PICTURES = {
    "square.png": (1500, 1500),
    "frieze.png": (1500, 1000),
    "wide.png": (1600, 1200),
    "tall.png": (600, 1200),
    "stamp.png": (200, 100),
    "stencil.png": (300, 600),
    "mannequin.png": (1200, 2400),
    "top.png": (600, 300),
    "skirt.png": (480, 360),
    "jacket.png": (300, 240),
    "jacket-mask.png": (150, 120),
    "hat.png": (300, 150),
    "glasses.png": (240, 60),
    "shoes.png": (360, 120),
    "loose/mannequin.tif": (1200, 2400),
    "loose/apparel/top.tif": (600, 300),
    "loose/apparel/skirt": (500, 250),
}
"""Originals, by path: width, height."""

RECORDS = (
    # Id, Path, MaskPath, Modifier, Resolution, Anchor
    ("backdrop", "square.png"),
    ("frieze", "frieze.png"),
    ("wide", "wide.png"),
    ("tall", "tall.png"),
    ("stamp", "stamp.png"),
    ("cut", "tall.png", "stencil.png"),
    ("A", "", "", f"{A}$text=no+text+yet&{LABEL}{SIDE}"),
    ("Abar", "", "", f"$ink=ff0000&$length=300&{A}{BAR}{SIDE}"),
    ("B", "", "", f"$text=no+text+yet&{B}{LABEL}{SIDE}"),
    ("Bbar", "", "", f"$ink=ff0000&$length=300&{B}{BAR}{SIDE}"),
    ("mannequin", "mannequin.png", "", "", "999", "600,800"),
    ("top", "top.png", "", "", "1998", "300,60"),
    ("skirt", "skirt.png", "", "", "999", "240,-120"),
    ("jacket", "jacket.png", "jacket-mask.png", "", "333", "150,40"),
    ("hat", "hat.png", "", "", "999", "150,450"),
    ("glasses", "glasses.png", "", "", "1998", "120,560"),
    ("shoes", "shoes.png", "", "", "999", "180,-1200"),
)

Layer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A request, and its layers as drawn by hand at the size of the reply; what is not named has its default.

    ``canvas`` is the composite image, ``offset`` its corner in the reply of ``reply`` pixels.
    """

    name: str
    url: str
    canvas: tuple[int, int]
    layers: tuple[Layer, ...]
    offset: tuple[int, int] = (0, 0)
    reply: tuple[int, int] | None = None


def picture(number: int, source: str, of: tuple[int, int], size: tuple[int, int], **more: Any) -> Layer:
    """A layer that shows all of an original of ``of`` pixels, not turned."""
    return {"number": number, "source": source, "crop": (0, 0, *of), "size": size, "turned": size, **more}


def bar(number: int, length: int, offset: tuple[int, int], color: tuple[int, int, int] = (255, 0, 0)) -> Layer:
    """A bar 60 high, turned by a quarter: 60 wide then, and as high as it was long."""
    return {
        "number": number,
        "source": None,
        "crop": (0, 0, length, 60),
        "size": (length, 60),
        "color": color,
        "angle": -90.0,
        "turned": (60, length),
        "offset": offset,
    }


# 1500×1500 into 1000×1000; its origin is its middle, (500, 500)
BACKDROP = picture(0, "backdrop", (1500, 1500), (1000, 1000))
# the bar's origin, the middle of its right edge, goes to (500, 500) + (500, 0): left edge 1000 − 60, top 500 − 150
A_BAR = bar(2, 300, (940, 350))

EXAMPLE_A = (
    # 1600×1200 into 800×800 is 800×600; the middle of its left edge (0, 300) goes to (500, 500) − (500, 0): top 500 − 300
    Drawn(
        "a wide image",
        "hall/wide?template=Abar",
        (1000, 1000),
        (BACKDROP, picture(1, "hall/wide", (1600, 1200), (800, 600), offset=(0, 200)), A_BAR),
    ),
    # 600×1200 is 400×800: top 500 − 400. The bar is as long as it is told to be, its right edge and middle stay: top 500 − 220
    Drawn(
        "a tall image and variables",
        "hall/tall?template=Abar&$length=440&$ink=0000ff",
        (1000, 1000),
        (BACKDROP, picture(1, "hall/tall", (600, 1200), (400, 800), offset=(0, 100)), bar(2, 440, (940, 280), (0, 0, 255))),
    ),
    # 200×100 is enlarged by 4: top 500 − 200
    Drawn(
        "a small image, the template with its catalog's name",
        "hall/stamp?template=hall/Abar",
        (1000, 1000),
        (BACKDROP, picture(1, "hall/stamp", (200, 100), (800, 400), offset=(0, 300)), A_BAR),
    ),
    # its mask is brought to the same 400×800, whatever its own size
    Drawn(
        "an image with a mask",
        "hall/cut?template=Abar",
        (1000, 1000),
        (
            BACKDROP,
            picture(1, "hall/cut", (600, 1200), (400, 800), offset=(0, 100), mask="hall/cut", mask_crop=(0, 0, 300, 600)),
            A_BAR,
        ),
    ),
    # 1500×1000 is 1000×667, its middle (500, 333½): tops 333½ − 300, 333½ − 150; above it are (1000 − 667) / 2 of the reply
    Drawn(
        "a background of another shape in the middle of the reply",
        "hall/wide?template=Abar&wid=1000&hei=1000&layer=0&src=frieze",
        (1000, 667),
        (
            picture(0, "frieze", (1500, 1000), (1000, 667)),
            picture(1, "hall/wide", (1600, 1200), (800, 600), offset=(0, 34)),
            bar(2, 300, (940, 184)),
        ),
        offset=(0, 167),
        reply=(1000, 1000),
    ),
    # everything by a quarter: the bar's top is 350 / 4 = 87½, the edges of the others are whole
    Drawn(
        "a quarter of its size",
        "hall/wide?template=Abar&wid=250",
        (250, 250),
        (
            picture(0, "backdrop", (1500, 1500), (250, 250)),
            picture(1, "hall/wide", (1600, 1200), (200, 150), offset=(0, 50)),
            {**bar(2, 75, (235, 88)), "crop": (0, 0, 75, 15), "size": (75, 15), "turned": (15, 75)},
        ),
    ),
    Drawn(
        "without the bar",
        "hall/wide?template=Abar&layer=2&hide=1",
        (1000, 1000),
        (BACKDROP, picture(1, "hall/wide", (1600, 1200), (800, 600), offset=(0, 200))),
    ),
)

EXAMPLE_B = (
    # 1600×1200 is 800×600, with margins 1000×800. Layer 0's origin is the middle of its right edge already, (1000, 400), and
    # posN= goes half a width further, to (1500, 400): by the letter the bar lies beyond the canvas, at 1500 − 60, 400 − 150
    Drawn(
        "a wide image",
        "hall/wide?template=Bbar",
        (1000, 800),
        (picture(0, "hall/wide", (1600, 1200), (800, 600), margins=(0, 100, 200, 100)), bar(1, 300, (1440, 250))),
    ),
    # with origin on origin it lies where the page says, in the margin on the right: 1000 − 60
    Drawn(
        "a wide image, origin on origin",
        "hall/wide?template=Bbar&layer=1&posN=0,0",
        (1000, 800),
        (picture(0, "hall/wide", (1600, 1200), (800, 600), margins=(0, 100, 200, 100)), bar(1, 300, (940, 250))),
    ),
    # 600×1200 is 800×1600, with margins 1000×1800; the right edge's middle is (1000, 900)
    Drawn(
        "a tall image and variables, origin on origin",
        "hall/tall?template=Bbar&$length=200&$ink=00ff00&layer=1&posN=0,0",
        (1000, 1800),
        (
            picture(0, "hall/tall", (600, 1200), (800, 1600), margins=(0, 100, 200, 100)),
            bar(1, 200, (940, 800), (0, 255, 0)),
        ),
    ),
    Drawn(
        "the template in the path, the image in a variable",
        "hall/Bbar?$object=hall/tall&layer=1&posN=0,0",
        (1000, 1800),
        (picture(0, "hall/tall", (600, 1200), (800, 1600), margins=(0, 100, 200, 100)), bar(1, 300, (940, 750))),
    ),
)

# The mannequin is 1200×2400 and its anchor (600, 800); hei=400 makes a sixth of everything, edges go to the nearest pixel.
# res=999 scales by 999 / Resolution. Corners and far edges at full size, then in the reply:
#   top      ½: 300×150, anchor (150, 30):    (450, 770)–(750, 920)    (75, 128⅓)–(125, 153⅓)
#   skirt    1: 480×360, anchor (240, −120):  (360, 920)–(840, 1280)   (60, 153⅓)–(140, 213⅓)
#   jacket   3: 900×720, anchor (450, 120):   (150, 680)–(1050, 1400)  (25, 113⅓)–(175, 233⅓)
#   hat      1: 300×150, anchor (150, 450):   (450, 350)–(750, 500)    (75, 58⅓)–(125, 83⅓)
#   glasses  ½: 120×30, anchor (60, 280):     (540, 520)–(660, 550)    (90, 86⅔)–(110, 91⅔)
#   shoes    1: 360×120, anchor (180, −1200): (420, 2000)–(780, 2120)  (70, 333⅓)–(130, 353⅓)
MANNEQUIN = picture(0, "closet/mannequin", (1200, 2400), (200, 400))
TOP = picture(1, "closet/top", (600, 300), (50, 25), offset=(75, 128))
SKIRT = picture(2, "closet/skirt", (480, 360), (80, 60), offset=(60, 153))
JACKET = picture(3, "closet/jacket", (300, 240), (150, 120), offset=(25, 113), mask="closet/jacket", mask_crop=(0, 0, 150, 120))
HAT = picture(4, "closet/hat", (300, 150), (50, 25), offset=(75, 58))
GLASSES = picture(5, "closet/glasses", (240, 60), (20, 5), offset=(90, 87))
SHOES = picture(6, "closet/shoes", (360, 120), (60, 20), offset=(70, 333))


def dressed(res: str, color: str = "colorize", base: str = "") -> str:
    """The page's request: six items, two of them coloured, each brought to a resolution."""
    tints = {"top": f"&{color}=240,122,17", "hat": f"&{color}=12,15,34"}
    items = ("top", "skirt", "jacket", "hat", "glasses", "shoes")
    layers = (f"layer={n}{res}&src=closet/{item}{tints.get(item, '')}" for n, item in enumerate(items, 1))
    return f"closet/mannequin?{base}&hei=400&qlt=90&{'&'.join(layers)}"


def tinted(layer: Layer, color: tuple[int, int, int]) -> Layer:
    return {**layer, "ops": [{"is": "Colorize", "tint": {"is": "Tint", "color": color}}]}


EXAMPLE_C = (
    Drawn("with a catalog", dressed("&res=999"), (200, 400), (MANNEQUIN, TOP, SKIRT, JACKET, HAT, GLASSES, SHOES)),
    Drawn(
        "coloured",
        dressed("&res=999", "op_colorize"),
        (200, 400),
        (MANNEQUIN, tinted(TOP, (240, 122, 17)), SKIRT, JACKET, tinted(HAT, (12, 15, 34)), GLASSES, SHOES),
    ),
    # Without a catalog the mannequin's anchor is its middle, (600, 1200).
    #   top    0.5: 300×150, anchor (150, 30):                      (450, 1170)–(750, 1320)      (75, 195)–(125, 220)
    #   skirt  0.8544: 427×214, anchor about (119.6, −134.3):       (480.4, 1334.3)–(907.4, 1548.3)   (80.1, 222.4)–(151.2, 258.1)
    Drawn(
        "without a catalog, with the page's stray blank",
        "loose/mannequin.tif?&hei=400&qlt=90&layer=%201&scale=0.5&anchor=300,60&src=loose/apparel/top.tif&"
        "layer=2&scale=0.8544&anchor=140,-157&src=loose/apparel/skirt",
        (200, 400),
        (
            picture(0, "loose/mannequin.tif", (1200, 2400), (200, 400)),
            picture(1, "loose/apparel/top.tif", (600, 300), (50, 25), offset=(75, 195)),
            picture(2, "loose/apparel/skirt", (500, 250), (71, 36), offset=(80, 222)),
        ),
    ),
    # told what the catalog would say, the top lies where it lies with one
    Drawn(
        "without a catalog, the mannequin's anchor named",
        "loose/mannequin.tif?anchor=600,800&hei=400&layer=1&scale=0.5&anchor=300,60&src=loose/apparel/top.tif",
        (200, 400),
        (
            picture(0, "loose/mannequin.tif", (1200, 2400), (200, 400)),
            picture(1, "loose/apparel/top.tif", (600, 300), (50, 25), offset=(75, 128)),
        ),
    ),
)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "catalogs").mkdir()
    (folder / "catalogs/default.ini").write_text("RootId=\nBkgColor=102030\n")
    for name in ("hall", "closet"):
        (folder / f"catalogs/{name}.ini").write_text(f"RootId={name}\nCatalogFile=records.tab\n")
    rows = [("Id", "Path", "MaskPath", "Modifier", "Resolution", "Anchor"), *((*row, *[""] * (6 - len(row))) for row in RECORDS)]
    (folder / "catalogs/records.tab").write_text("".join("\t".join(row) + "\n" for row in rows))
    # the layers in the pixels of the reply, which is what is worked out by hand
    path = configure(folder, {"limits": {"fine_pixels": 0}})
    for name, size in PICTURES.items():
        file = folder / "images" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", size).save(file, "PNG" if file.suffix == ".png" else "TIFF", compression="tiff_deflate")
    return path


def explained(config: Path, url: str) -> Result:
    return CliRunner().invoke(app, ["explain", url, "--config", str(config)])


def sections(output: str) -> dict[str, list[str]]:
    """The lines below each line that is not indented, with two columns less."""
    found: dict[str, list[str]] = {}
    head = ""
    for line in output.splitlines():
        if line.startswith("  "):
            found[head].append(line[2:])
        else:
            head = line
            found[head] = []
    return found


def recipe_of(result: Result) -> dict[str, Any]:
    """The recipe that was printed, as nested values."""
    assert result.exit_code == 0, result.output
    return dict(_fields(sections(result.output)["recipe"][2:]))


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _blocks(lines: Sequence[str]) -> list[list[str]]:
    """Each line of the least indentation with those below it."""
    blocks: list[list[str]] = []
    for line in lines:
        if _indentation(line) == _indentation(lines[0]):
            blocks.append([])
        blocks[-1].append(line)
    return blocks


def _fields(lines: Sequence[str]) -> Iterable[tuple[str, Any]]:
    for first, *below in _blocks(lines):
        name, _, value = first.strip().partition(":")
        if value.strip():
            yield name, _value(value.strip(), below)
        else:
            items = _blocks(below)
            yield name, [_value(head.strip().removeprefix("- "), rest) for head, *rest in items]


def _value(written: str, below: Sequence[str]) -> Any:
    """A plain value; of an original its name, of a rectangle its edges, of a colour its components, else all fields."""
    if not below:
        return ast.literal_eval(written)
    fields = dict(_fields(below))
    match written:
        case "Source":
            return fields["name"]
        case "Box":
            return fields["left"], fields["top"], fields["right"], fields["bottom"]
        case "Color":
            return fields["components"]
    return {"is": written, **fields}


def test_the_catalogs_can_be_read(config: Path) -> None:
    result = CliRunner().invoke(app, ["check", "--config", str(config)])
    assert result.exit_code == 0, result.output


DRAWN = {
    f"{letter}: {drawn.name}": drawn
    for letter, table in zip("ABC", (EXAMPLE_A, EXAMPLE_B, EXAMPLE_C), strict=True)
    for drawn in table
}


@pytest.mark.parametrize("drawn", DRAWN.values(), ids=DRAWN.keys())
def test_layers_are_those_drawn_by_hand(config: Path, drawn: Drawn) -> None:
    recipe = recipe_of(explained(config, drawn.url))
    layers = [{name: value for name, value in layer.items() if name != "is"} for layer in recipe["layers"]]
    assert layers == list(drawn.layers)
    view = recipe["view"]
    assert (view["canvas"], view["offset"], view["size"]) == (drawn.canvas, drawn.offset, drawn.reply or drawn.canvas)
    assert view["background"] == (0x10, 0x20, 0x30)
    assert recipe["output"].get("quality", 80) == (90 if "qlt=90" in drawn.url else 80)


SAID_OF_A = {
    "layer 0": ["src=backdrop", "size=1000,1000", "originN=0,0"],
    "layer 1": ["src={object}", "size=800,800", "originN=-0.5,0", "posN=-0.5,0"],
    "layer 2": [r"text={{\rtf1\ansi {text}}}", "rotate=-90", "originN=0.5,0", "posN=0.5,0"],
}
SAID_OF_B = {
    "layer 0": ["size=800,0", "extend=0,100,200,100", "src={object}", "originN=0.5,0"],
    "layer 1": [r"text={{\rtf1\ansi {text}}}", "rotate=-90", "originN=0.5,0", "posN=0.5,0"],
}


@pytest.mark.parametrize(
    ("url", "said", "object_", "text"),
    [
        ("hall/wide?template=A", SAID_OF_A, "hall/wide", "no text yet"),
        ("hall/tall?template=A&$text=of+this+image", SAID_OF_A, "hall/tall", "of this image"),
        ("hall/tall?$TEXT=50%25%20off%20%26%20more&template=hall/A", SAID_OF_A, "hall/tall", "50% off & more"),
        ("hall/A?$object=stamp", SAID_OF_A, "stamp", "no text yet"),
        ("hall/wide?template=B", SAID_OF_B, "hall/wide", "no text yet"),
        ("hall/tall?template=B&$text=of+this+image", SAID_OF_B, "hall/tall", "of this image"),
        ("hall/B?$object=hall/stamp&$text=$object$", SAID_OF_B, "hall/stamp", "$object$"),
    ],
)
def test_text_layers_are_read_and_planned(config: Path, url: str, said: dict[str, list[str]], object_: str, text: str) -> None:
    """The last one: a reference within a variable's value is not replaced (``r-is-http-substitution-variables``)."""
    result = explained(config, url)
    told = sections(result.output)
    expected = {name: [line.format(object=object_, text=text) for line in lines] for name, lines in said.items()}
    assert {name: lines for name, lines in told.items() if name.startswith("layer ")} == expected
    assert result.exit_code == 0
    assert f"text: {text!r}" in result.output
    assert "recipe" in told


def test_a_command_that_only_the_example_knows_is_named(config: Path) -> None:
    told = sections(explained(config, dressed("&res=999")).output)
    assert told["ignored"] == ["colorize=240,122,17: no such command", "colorize=12,15,34: no such command"]
    assert told["layer 1"] == ["res=999", "src=closet/top"]


def test_any_one_resolution_will_do(config: Path) -> None:
    """What matters is that all layers have the same, the mannequin's too: the reply has its own size."""
    keys = {
        explained(config, dressed(f"&res={res}", "op_colorize", base=f"res={res}")).output.splitlines()[-1]
        for res in ("333", "499.5", "999", "1998")
    }
    assert len(keys) == 1
    assert keys.pop().startswith("key ")


def test_resolution_may_be_left_out_where_all_have_the_same(config: Path) -> None:
    request = "closet/mannequin?hei=400&layer=1{res}&src=closet/skirt&layer=2{res}&src=closet/hat&layer=3{res}&src=closet/shoes"
    said, unsaid = (explained(config, request.format(res=res)) for res in ("&res=999", ""))
    layers = recipe_of(said)["layers"]
    assert [layer["offset"] for layer in layers[1:]] == [SKIRT["offset"], HAT["offset"], SHOES["offset"]]
    assert said.output.splitlines()[-1] == unsaid.output.splitlines()[-1]
