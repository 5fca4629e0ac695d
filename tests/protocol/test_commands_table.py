"""The command table against what the reference says, and the reading of requests against the table."""

import pytest

from proxy.protocol.command import Arg, Command, OnComp, Scope, Vocabulary, vocabulary
from proxy.protocol.commands import COMMANDS, FORMATS, GONE_FORMATS
from proxy.protocol.layers import Request, Settings, collect
from proxy.protocol.parser import parse
from proxy.protocol.values import Int, Text
from proxy.vocabulary import words

LAYER0 = (
    *("anchor", "anchorN", "bgColor", "blendMode", "color", "crop", "cropN", "extend", "extendN", "hide", "mask", "maskUse"),
    *("op_growMask", "op_growMaskR", "origin", "originN", "perspective", "perspectiveN", "res", "rotate", "scale"),
    *("size", "sizeN", "src", "text", "textAngle", "textAttr", "textFlowPath", "textFlowXPath", "textPath", "textPs"),
    # r-pathattr does not say; it belongs to textPath=, which does
    "pathAttr",
)
COMPOSITE = (
    *("clipPath", "clipPathE", "clipXPath", "clipXPathE", "cropPathE", "flip", "map", "mapA", "op_blur"),
    *("op_brightness", "op_colorbalance", "op_colorize", "op_contrast", "op_grow", "op_hue", "op_invert", "op_noise"),
    *("op_saturation", "opac"),
)
VIEW = ("op_sharpen", "op_usm", "op_usmR")
IGNORED = ("pos", "posN")
"""What the pages say of layer=comp under "Properties"; that ``blendMode`` counts in a watermark is said by ``r-watermarks``."""

EFFECTS = ("blendMode", "color", "maskUse", "op_blur", "op_grow", "op_noise", "opac", "pos", "posN")
"""``r-layer-effect-commands-and-attributes``: effect layers ignore all other commands. ``pos`` names the page of both forms."""

NOT_IN_NESTED = ("bgc", "fmt", "iccEmbed", "printRes", "qlt", "quantize", "req")
"""``r-request-nesting-and-embedding``."""

ONCE = ("locale",)
"""One holds for the whole request, with all that is nested in it (``r-locale``); it is known before any of that is read."""

VIEW_COMMANDS = ("align", "bgc", "fit", "hei", "rect", "rgn", "scl", "wid")
"""``r-view-commands-and-attributes``."""

LAYERED = tuple(row for row in words().rows() if row.scope in (Scope.LAYER, Scope.SOURCE))
SAMPLES = {"fmt": "png", "req": "props", "cache": "on", "resMode": "bicub", "pscan": "3", "fit": "crop", "flip": "lr"}
SAMPLES |= {"blendMode": "mult", "maskUse": "invert", "dpr": "on", "quantize": "web", "scl": "2", "bgc": "10,20,30"}
SAMPLES |= {"op_colorize": "a0b0c0", "pathAttr": "reverse"}


def sample(row: Command) -> str:
    """A value of a command: by hand where only some words will do, else a 1 for each argument."""
    kinds = {"ColorValue": "102030", "PathValue": "M1,1,2,2", "QuadValue": "0,0,1,0,1,1,0,1"}
    given = [kinds.get(type(arg.type).__name__, "1") for arg in row.args if arg.required or arg.rest]
    return SAMPLES.get(row.name) or ",".join(given) or "1"


def request(query: str) -> Request:
    return collect((parse(query),), words())


def places(read: Request) -> dict[str, Settings]:
    """Everybody who was told something."""
    told = {"request": read.settings, "composite": read.composite, "view": read.view_ops}
    told |= {f"layer {layer.number}": layer.settings for layer in read.layers}
    told |= {f"effect {number}": settings for number, settings in read.effects.items()}
    return {name: settings for name, settings in told.items() if settings.values}


def test_what_layer_comp_means_is_what_the_pages_say() -> None:
    said = {OnComp.LAYER0: LAYER0, OnComp.COMPOSITE: COMPOSITE, OnComp.VIEW: VIEW, OnComp.IGNORED: IGNORED}
    for meaning, names in said.items():
        assert sorted(row.name for row in LAYERED if row.on_comp is meaning) == sorted(names), meaning


def test_what_effects_honour_is_what_the_page_says() -> None:
    assert sorted(row.name for row in words().rows() if row.in_effect) == sorted(EFFECTS)


def test_what_nested_requests_ignore_is_what_the_page_says() -> None:
    assert sorted(row.name for row in words().rows() if not row.in_nested) == sorted((*NOT_IN_NESTED, *ONCE))


def test_view_commands_are_those_of_the_page() -> None:
    assert sorted(row.name for row in words().rows() if row.scope is Scope.VIEW) == sorted(VIEW_COMMANDS)


@pytest.mark.parametrize("row", words().rows(), ids=lambda row: row.name)
def test_every_row_goes_where_the_table_says(row: Command) -> None:
    if row.scope is Scope.SELECT:
        assert request(f"{row.name}=1").settings.values == {}
        return
    text = f"{row.name}={sample(row)}"
    expected = {
        OnComp.LAYER0: "layer 0",
        OnComp.COMPOSITE: "composite",
        OnComp.VIEW: "view",
        OnComp.IGNORED: None,
    }[row.on_comp]
    if row.scope in (Scope.REQUEST, Scope.VIEW):
        expected = "request"
    read = request(text)
    assert list(places(read)) == ([] if expected is None else [expected])
    assert [item.text for item in read.ignored] == ([text] if expected is None else [])
    # behind layer=comp it is the same; behind a layer it is that layer's, behind an effect the effect's or nobody's
    assert places(request(f"layer=3&layer=comp&{text}")) == places(read)
    in_layer = request(f"layer=3&{text}")
    assert list(places(in_layer)) == ["request" if expected == "request" else "layer 3"]
    in_effect = request(f"effect=-2&{text}")
    honoured = ["effect -2"] if row.in_effect else []
    assert list(places(in_effect)) == (["request"] if expected == "request" else honoured)
    assert bool(in_effect.ignored) == (not places(in_effect))


@pytest.mark.parametrize("row", words().rows(), ids=lambda row: row.name)
def test_every_row_reads_back_what_it_writes(row: Command) -> None:
    values = row.read(sample(row))
    written = row.write(values)
    assert row.read(written) == values
    assert row.write(row.read(written)) == written


@pytest.mark.parametrize("row", [row for row in words().rows() if row.empty is None], ids=lambda row: row.name)
def test_an_empty_value_is_as_if_absent(row: Command) -> None:
    read = request(f"{row.name}=&{row.name}=%20")
    assert places(read) == {}
    assert len(read.ignored) == 2


@pytest.mark.parametrize("name", ["defaultImage", "map", "mapA"])
def test_an_empty_value_that_says_something(name: str) -> None:
    (settings,) = places(request(f"{name}=")).values()
    assert settings.values == {name: (None,)}


def test_groups_hold_what_excludes_one_another() -> None:
    groups = {name: sorted(members) for name, members in words().groups.items() if name}
    assert groups == {
        "anchor": ["anchor", "anchorN"],
        "content": ["src", "text", "textPs"],
        "crop": ["crop", "cropN"],
        "extend": ["extend", "extendN"],
        "origin": ["origin", "originN"],
        "perspective": ["perspective", "perspectiveN"],
        "pos": ["pos", "posN"],
        "size": ["size", "sizeN"],
    }
    for row in words().rows():
        for other in words().groups[row.group] - {row.name} if row.group else ():
            both = f"layer=1&{other}={sample(words().commands[other.lower()])}&{row.name}={sample(row)}"
            assert list(request(both).layer(1).settings.values) == [row.name]


def test_variables_are_not_for_what_selects() -> None:
    assert sorted(row.name for row in words().rows() if not row.variables) == ["effect", "layer"]


def test_formats_are_those_of_the_page() -> None:
    assert len(set(FORMATS) | set(GONE_FORMATS)) == len(FORMATS) + len(GONE_FORMATS)
    for base in ("avif", "gif", "jpeg2000", "jpegxr", "png", "png8", "tif", "webp"):
        assert {base, f"{base}-alpha"} <= set(FORMATS)


def test_only_the_last_argument_takes_the_rest() -> None:
    assert not [row.name for row in words().rows() if any(arg.rest for arg in row.args[:-1])]
    assert not [row.name for row in words().rows() if row.whole and len(row.args) != 1]


def test_syntax_for_readers() -> None:
    table = {row.name: row.syntax for row in words().rows()}
    assert table["align"] == "align=horiz,vert"
    assert table["op_usm"] == "op_usm=amount[,radius][,threshold][,monochrome]"
    assert table["fmt"] == "fmt=[format][,pixelType][,compression]"
    assert table["quantize"] == "quantize=[type][,dither][,numColors][,colorList…]"


def test_a_name_stands_once() -> None:
    one = Command("a", Scope.VIEW, (Arg("x", Int()),), "", "")
    two = Command("A", Scope.VIEW, (Arg("x", Text()),), "", "")
    with pytest.raises(ValueError, match="stands twice"):
        vocabulary((one, two))


def test_names_are_found_in_any_letter_case(words: Vocabulary) -> None:
    for row in COMMANDS:
        assert words.find(row.name.upper()) is row
        assert words.find(row.name.lower()) is row
    assert words.find("no such") is None
