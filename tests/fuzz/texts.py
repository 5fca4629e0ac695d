"""Texts for value types: such as can be read, such as lie at the border of what can be, and such as should be refused.

Everything follows from the type of an argument as the command table has it, and from a generator of random numbers.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any, Final
from urllib.parse import quote

from proxy.protocol.command import Arg, Command
from proxy.protocol.values import Choice, ColorValue, Flag, Int, PathValue, Real, ValueType

MANY: Final = 10**9
NUMBERS: Final = (
    *("0", "1", "-1", "-0", "+0", "0.5", "1e3", "1e-3", "1e308", "1e309", "-1e308", "1e-400", "nan", "inf", "-inf", "Infinity"),
    *("1000000", "1000001", "999999999999999999", "9999999999999999999", "9" * 40, "9" * 400, "0" * 300 + "1", "2147483647"),
    *("2147483648", "4294967296", "-2147483649", "9223372036854775807", "0x10", "1,5", "1.", ".5", ".", "-", "+", "1e", "1e+"),
    *("١٢", "½", "²", "1_000", " 7 ", "%207%20", "+7", "7%00", "true", "None", "0.1e1", "00", "1.0000000000000000001"),
)
"""Texts that mean numbers to somebody."""

PIECES: Final = (
    *("&", "=", "$", "{", "}", "(", ")", "%7B", "%7d", "%28", "%29", "%24", "%26", "%3D", "%2E", "%25", "%", "%E9", "%C3%A9"),
    *(".", ",", "+", "%20", "?", "/", "is{", "is(", "ir(", "fxg{", "wid=", "layer=", "src=", "$a$", "$a=", "text=", "é", "x"),
    *("%00", "%0A", "%0d%0a", "%FF%FE", "%ED%A0%80", "\udcff", "..", "%2e%2e%2f", "%5C", "%u0041", "%zz", "#", ";", "|", "\\"),
    *("\u202e", "\U0001f600", "%F0%9F%98%80", "e\u0301", "\x01", "\x7f", "''", '"', "<b>", "%3Cscript%3E", "*", "^", "~", "`"),
    *("$object$", "$$", "$", "effect=", "layer=comp", "template=", "%2524x%2524", "\ufeff", "\x80", "0", "-1", "conf/red"),
)
"""What grammars look for, and what decoders stumble over."""

_SMALL = 60
_HEX = "0123456789abcdefABCDEF"
_SAFE = "/,.:-_~!*'$"


def spelled(rng: Random, number: float) -> str:
    """A number in one of the ways in which it may be written."""
    if number == int(number) and rng.random() < 0.7:
        return str(int(number))
    return rng.choice(("{:.3f}", "{:.1f}", "{:g}", "{:+.2f}", "{:.4g}")).format(number)


def valid(rng: Random, type_: ValueType[Any]) -> str:
    """A text that a type reads, mostly with a value of everyday size."""
    match type_:
        case Int(low, high):
            return str(_within(rng, low, high, whole=True))
        case Real(low, high, above):
            number = _within(rng, low, high, whole=False)
            return spelled(rng, number or 0.5 if above else number)
        case Flag():
            return rng.choice(("0", "1", "1", "on", "off", "true", "false", "yes", "no"))
        case Choice(words, spellings):
            word = rng.choice((*words, *(spelling for spelling, _ in spellings)))
            return word if rng.random() < 0.9 else word.swapcase()
        case ColorValue():
            return color(rng)
        case PathValue():
            return path_data(rng)
    for _ in range(9):
        # a type of somebody's own: a few texts that types take, until it takes one
        text = rng.choice((str(rng.randint(-20, 20)), color(rng), "x1", "some text", "conf/red", "Größe"))
        with suppress(ValueError):
            type_.read(text)
            return text
    return "1"


def _within(rng: Random, low: float, high: float, *, whole: bool) -> float:
    """A value between two ends, rather a small one."""
    if rng.random() < 0.06:
        ends = [int(end) if whole else end for end in (low, high) if math.isfinite(end)]
        return rng.choice(ends or [0])
    bottom = max(low, -_SMALL if rng.random() < 0.7 else -1000)
    top = min(high, _SMALL if rng.random() < 0.7 else 1000)
    number = rng.uniform(bottom, top)
    return round(number) if whole else round(number, 3)


def border(rng: Random, type_: ValueType[Any]) -> str:
    """A text at the end of what a type reads, or just beyond it."""
    match type_:
        case Int(low, high) | Real(low, high):
            ends = [end for end in (low, high) if math.isfinite(end)] or [MANY]
            end = rng.choice(ends)
            return f"{end + rng.choice((0, 0, 0, 1, -1, 0.001, -0.001)):.10g}"
        case ColorValue():
            return rng.choice(("0,0,0,0,0,0", "256,0,0", "fffffffff", "ff", "", "255,255,255,0", "0,0,0,100k", "101g", "0x", "#"))
        case PathValue():
            return rng.choice(
                ("M0,0", "M0,0z", "M-1e9,1e9l1e9,1e9z", "M0,0C1,2,3,4,5,6,7", "Z", "L1,1", "M1e308,1e308L-1e308,0z")
            )
    return rng.choice(NUMBERS)


def garbage(rng: Random) -> str:
    """Anything."""
    kind = rng.random()
    if kind < 0.4:
        return rng.choice(NUMBERS)
    if kind < 0.85:
        return "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 8)))
    return rng.choice(PIECES) * rng.choice((3, 30, 300))


def color(rng: Random) -> str:
    """A colour in one of its spellings."""
    match rng.randrange(7):
        case 0:
            return "".join(rng.choice(_HEX) for _ in range(8))
        case 1:
            return f"{rng.randrange(256)},{rng.randrange(256)},{rng.randrange(256)}"
        case 2:
            return f"{rng.randrange(256)},{rng.randrange(256)},{rng.randrange(256)},{rng.randrange(256)}"
        case 3:
            return f"{rng.randrange(101)}g"
        case 4:
            return f"{rng.randrange(101)},{rng.randrange(101)},{rng.randrange(101)},{rng.randrange(101)}k"
        case 5:
            return "0x" + "".join(rng.choice(_HEX) for _ in range(6))
    return "".join(rng.choice(_HEX) for _ in range(6))


def path_data(rng: Random) -> str:
    """A path, or what looks like one."""
    steps = [f"M{rng.randint(-50, 300)},{rng.randint(-50, 300)}"]
    for _ in range(rng.randint(0, 9)):
        letter = rng.choice("LlLlCcMmZz")
        count = {"C": 6, "Z": 0}.get(letter.upper(), 2) * rng.choice((1, 1, 2))
        separator = rng.choice((",", ",", "%20"))
        steps.append(letter + separator.join(str(rng.randint(-100, 300)) for _ in range(count)))
    return rng.choice(("", "", ",")).join(steps) + rng.choice(("z", "Z", ""))


_CONTROLS = (
    *("\\b", "\\b0", "\\i", "\\i0", "\\ul", "\\strike", "\\fs20", "\\fs1", "\\fs400", "\\cf1", "\\cf9", "\\f0", "\\f7", "\\par"),
    *("\\line", "\\tab", "\\qc", "\\qr", "\\qj", "\\ql", "\\li200", "\\fi-300", "\\sl-200", "\\sl4000", "\\slmult1", "\\up6"),
    *("\\dn9", "\\super", "\\sub", "\\caps", "\\scaps", "\\expndtw40", "\\charscalex150", "\\kerning1", "\\u8364?", "\\'e4"),
    *(
        "\\u-10179?",
        "\\sb100",
        "\\sa100",
        "\\rtlpar",
        "\\vertalc",
        "\\margl100",
        "\\trowd",
        "\\bin5",
        "\\*\\unknown",
        "\\~",
        "\\_",
    ),
    *(
        "\\fs99999999999",
        "\\li-2147483649",
        "\\copyright1",
        "{",
        "}",
        "\\",
        "\\cf-1",
        "\\u99999?",
        "\\pard",
        "\\plain",
        "\\{",
        "\\}",
    ),
)
_STRINGS = (
    "Hello",
    "Größe",
    "東京",
    "مرحبا بالعالم",
    "שלום",
    "e\u0301\u0302",
    "a" * 60,
    "1 2 3 4 5 6 7 8",
    "\U0001f600",
    "%FF",
    "x\u00adx",
    "W",
)


def rtf(rng: Random) -> str:
    """Text of a layer: plain, or RTF of more or less sense, not encoded."""
    if rng.random() < 0.3:
        return rng.choice(_STRINGS)
    head = rng.choice(
        (
            "{\\rtf1\\ansi{\\fonttbl{\\f0 Arimo;}{\\f1 Nowhere;}}{\\colortbl;\\red255\\green0\\blue0;\\red0\\green0\\blue255;}",
            "{\\rtf1\\ansi ",
            "\\fs24 ",
            "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\colortbl\\red300\\green-1;}",
            "{\\rtf1{\\fonttbl",
            "",
        )
    )
    count = rng.randint(1, 14)
    parts = [rng.choice(_CONTROLS) + " " if rng.random() < 0.55 else rng.choice(_STRINGS) for _ in range(count)]
    return head + "".join(parts) + rng.choice(("}", "}", "", "}}"))


def encoded(rng: Random, text: str) -> str:
    """A value as a client may encode it: not at all, by the book, everything, or twice."""
    kind = rng.random()
    if kind < 0.55:
        plain = text.replace(" ", rng.choice(("%20", "+")))
        return plain if not any(sign in plain for sign in "\r\n#") else quote(text, safe=_SAFE, errors="surrogateescape")
    if kind < 0.92:
        return quote(text, safe=_SAFE + "%", errors="surrogateescape")
    if kind < 0.97:
        return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogateescape"))
    return quote(quote(text, errors="surrogateescape"))


def value(rng: Random, row: Command, wildness: float, one: Callable[[Arg], str] | None = None) -> str:
    """The value of a command, its arguments by their types; each is spoilt with a probability of ``wildness``.

    ``one`` gives the text of an argument that is not spoilt.
    """
    needed = sum(arg.required for arg in row.args) or 1
    given = row.args[: rng.randint(needed, len(row.args)) if rng.random() < 0.6 else needed]  # a share
    repeated = (arg for arg in given for _ in range(rng.randint(0, 5) if arg.rest else 1))
    texts = [_maybe_spoilt(rng, arg, wildness, one) for arg in repeated]
    if wildness and rng.random() < wildness / 3:
        texts = rng.choice((texts[:-1], [*texts, "1"], [*texts, ""], [""] * len(texts), texts * 3))
    return ",".join(texts)


def _maybe_spoilt(rng: Random, arg: Arg, wildness: float, one: Callable[[Arg], str] | None) -> str:
    if rng.random() < wildness:
        return border(rng, arg.type) if rng.random() < 0.6 else garbage(rng)
    return one(arg) if one is not None else valid(rng, arg.type)
