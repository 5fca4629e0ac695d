"""What laws are tried on: queries, values of every row, requests, headers."""

import string
from typing import Any

from hypothesis import strategies as st

from proxy.protocol.command import Command
from proxy.protocol.values import Choice, ColorValue, Flag, Int, PathValue, QuadValue, Real, ValueType
from proxy.vocabulary import words

PIECES = (
    *("&", "=", "$", "{", "}", "(", ")", "%7B", "%7d", "%28", "%29", "%24", "%26", "%3D", "%2E", "%25", "%", "%E9", "%C3%A9"),
    *(".", ",", "+", " ", "?", "/", "is{", "ir(", "fxg", "wid=", "layer=", "src=", "$a$", "$a=", "text=", "é", "x", "1", "\t"),
)
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
QUERIES = st.lists(st.sampled_from(PIECES) | ANY_TEXT, max_size=30).map("".join)
"""Texts with much of what the grammar looks for."""

TARGETS = st.tuples(st.sampled_from(("", "a", "a/b.jpg", "shop/shoe", "$a$/%2F")), QUERIES).map("?".join)

NUMBERS = st.floats(-1e4, 1e4, allow_nan=False) | st.integers(-10_000, 10_000).map(float)
_SPELLINGS = (
    st.builds("{}".format, NUMBERS)
    | st.builds("{:+.3f}".format, NUMBERS)
    | st.builds("{:e}".format, NUMBERS)
    | st.builds("{:.0f}".format, NUMBERS)
)
NUMBER_TEXTS = _SPELLINGS | st.builds(" {} ".format, _SPELLINGS)

_BYTE = st.integers(0, 255)
_HEX = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(("", "0x", "0X", "#")),
    st.text("0123456789abcdefABCDEF", max_size=10),
    st.sampled_from(("", "g", "r", "k", "K")),
    st.sampled_from(("", "s", "S")),
)
_DECIMALS = st.builds(
    "{}{}".format,
    st.lists(_BYTE | st.integers(0, 100), min_size=1, max_size=6).map(lambda parts: ",".join(map(str, parts))),
    st.sampled_from(("", "g", "r", "k", "ks")),
)
COLOR_TEXTS = _HEX | _DECIMALS

PATH_TEXTS = st.builds(
    lambda first, rest: first + "".join(rest),
    st.builds("M{},{}".format, NUMBERS, NUMBERS),
    st.lists(
        st.builds("l{} {}".format, NUMBERS, NUMBERS)
        | st.builds("C{}".format, st.lists(NUMBERS, min_size=6, max_size=6).map(lambda many: ",".join(map(str, many))))
        | st.sampled_from(("z", "Z", "m1,2,3,4")),
        max_size=5,
    ),
)


_CORNER = st.integers(-3000, 3000).map(str)
QUAD_TEXTS = st.builds(
    lambda corners, options: ",".join((*corners, *options)),
    st.lists(_CORNER, min_size=7, max_size=9) | st.just(["0", "0", "90", "10", "80", "70", "5", "60"]),
    st.lists(st.sampled_from(("R1", "R2", "R3", "R3T9", "R4", "r1")), max_size=1),
)


def texts_of(type_: ValueType[Any]) -> st.SearchStrategy[str]:
    """Texts that a value type may read, among some that it may not."""
    match type_:
        case Int(low, high):
            return st.integers(int(max(low, -(10**9))), int(min(high, 10**9))).map(str) | NUMBER_TEXTS
        case Real(low, high):
            return st.floats(max(low, -1e9), min(high, 1e9)).map(str) | NUMBER_TEXTS
        case Flag():
            return st.sampled_from(("0", "1", "true", "FALSE", "On", "off", "yes", "No", "2"))
        case Choice(choices, spellings):
            return st.sampled_from((*choices, *(spelling for spelling, _ in spellings))).map(str.swapcase)
        case ColorValue():
            return COLOR_TEXTS
        case PathValue():
            return PATH_TEXTS
        case QuadValue(far):
            return QUAD_TEXTS if far > 10**4 else st.sampled_from(("0,0,1,0,.9,.8,.1,1", "0,0,1,0,1,1,0,1,R1", "0,0,1,1,2,2,0,1"))
    return st.text(string.ascii_letters + string.digits + "/., ä", max_size=12)


def value_of(row: Command) -> st.SearchStrategy[str]:
    """Texts of all arguments of a row, some left out at the end."""
    parts = st.tuples(*(texts_of(arg.type) for arg in row.args))
    return st.builds(lambda texts, kept: ",".join(texts[: max(1, kept)]), parts, st.integers(0, len(row.args)))


COMMANDS = tuple(row for row in words().rows() if row.name not in ("layer", "effect"))
"""Rows that say something themselves."""

ROW_AND_TEXT = st.sampled_from(words().rows()).flatmap(lambda row: st.tuples(st.just(row), value_of(row)))

_SIDE = st.integers(1, 5000) | st.sampled_from((1, 2, 3, 100, 333, 4000))
SIZES = st.tuples(_SIDE, _SIDE)


def _command(name: str, *values: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    return st.tuples(*values).map(lambda given: f"{name}={','.join(map(str, given))}")


_PIXELS = st.integers(1, 3000)
_OFFSET = st.integers(-500, 3000)
_FRACTION = st.floats(0.05, 1.5).map(lambda value: round(value, 3))
_SIGNED = st.floats(-1, 1).map(lambda value: round(value, 3))
MODIFIERS = st.one_of(
    _command("wid", _PIXELS),
    _command("hei", _PIXELS),
    _command("fit", st.sampled_from(("fit", "constrain", "crop", "wrap", "stretch", "hfit", "vfit")), st.integers(0, 1)),
    _command("scl", st.floats(0.5, 50).map(lambda value: round(value, 3))),
    _command("rgn", _OFFSET, _OFFSET, _PIXELS, _PIXELS),
    _command("rect", _OFFSET, _OFFSET, _PIXELS, _PIXELS, _FRACTION),
    _command("align", _SIGNED, _SIGNED),
    _command("dpr", st.just("on"), st.floats(0.25, 4).map(lambda value: round(value, 2))),
    _command("crop", _OFFSET, _OFFSET, _PIXELS, _PIXELS),
    _command("cropN", _SIGNED, _SIGNED, _FRACTION, _FRACTION),
    _command("size", st.integers(0, 2000), st.integers(0, 2000)),
    _command("scale", _FRACTION),
    _command("res", st.floats(1, 300).map(lambda value: round(value, 1))),
    _command("rotate", st.sampled_from((0, 90, -90, 180, 270, 450)) | st.floats(-720, 720).map(lambda value: round(value, 2))),
    _command("flip", st.sampled_from(("lr", "ud", "lrud"))),
    _command("extend", *[st.integers(-200, 200)] * 4),
    _command("extendN", *[_SIGNED] * 4),
    _command("op_blur", st.floats(0, 100).map(lambda value: round(value, 2))),
    _command("op_usm", st.floats(0, 5).map(lambda value: round(value, 2)), st.floats(0, 250).map(lambda value: round(value, 1))),
    _command("op_brightness", st.integers(-100, 100)),
    _command("opac", st.integers(0, 100), st.integers(0, 100)),
    _command("bgc", st.sampled_from(("ff0000", "50", "0,0,0,50k"))),
    _command("fmt", st.sampled_from(("png", "png-alpha", "tif,cmyk", "gif", "webp", "pjpeg"))),
    _command("qlt", st.integers(1, 100), st.integers(0, 1)),
    st.sampled_from(("req=tmb", "layer=0", "layer=comp", "hide=1", "color=ff0000", "bgColor=00ff0080")),
)
_NESTED = st.lists(MODIFIERS, max_size=4).map(lambda parts: "is{photo.jpg?" + "&".join(parts) + "}")
_OF_LAYERS = st.one_of(
    _command("mask", st.just("photo.jpg") | _NESTED),
    _command("maskUse", st.sampled_from(("norm", "invert", "off"))),
    _command("op_growMask", st.integers(-100, 100)),
    _command("op_grow", st.integers(-100, 100)),
    _command("op_noise", st.integers(0, 100)),
    _command("op_blur", st.integers(0, 100)),
    _command("blendMode", st.sampled_from(("norm", "mult", "screen", "dissolve"))),
    _command("opac", st.integers(0, 100), st.integers(0, 100)),
    _command("pos", _OFFSET, _OFFSET),
    _command("posN", _SIGNED, _SIGNED),
    _command("origin", _OFFSET, _OFFSET),
    _command("originN", _SIGNED, _SIGNED),
    _command("anchor", _OFFSET, _OFFSET),
    _command("anchorN", _SIGNED, _SIGNED),
    _command("size", st.integers(1, 900), st.integers(1, 900)),
    _command("sizeN", _FRACTION, _FRACTION),
    _command("rotate", st.sampled_from((90, 45, -30))),
    _command("extend", *[st.integers(0, 200)] * 4),
)
_SEGMENTS = st.one_of(
    st.builds("layer={}&src={}".format, st.integers(1, 3), st.just("photo.jpg") | _NESTED),
    st.builds("layer={}&color=0000ff80&size={},{}".format, st.integers(1, 3), st.integers(1, 900), st.integers(1, 900)),
    st.builds("effect={}&color=00000080".format, st.sampled_from((-2, -1, 1, 2))),
    st.just("layer=comp&effect=-1&color=ff0000"),
)
_SEGMENT = st.tuples(_SEGMENTS, st.lists(_OF_LAYERS, max_size=4)).map(lambda parts: "&".join((parts[0], *parts[1])))
REQUESTS = st.lists(MODIFIERS, max_size=8).map(lambda parts: "photo.jpg?" + "&".join(parts))
"""Requests for one image."""

COMPOSITES = st.tuples(st.lists(MODIFIERS, max_size=3), st.lists(_SEGMENT, min_size=1, max_size=4)).map(
    lambda parts: "photo.jpg?" + "&".join((*parts[0], *parts[1]))
)
"""Requests for several images, masked, with effects, and nested."""
