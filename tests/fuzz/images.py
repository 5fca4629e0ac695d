"""Image requests made from the command table: any command, in any order, with sensible, bordering or senseless values.

Knows the table, the names of pictures and macros, and requests that are known to mean something; asks nobody anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from proxy.protocol.command import Arg, Command, Scope
from proxy.vocabulary import words
from tests.fuzz.texts import NUMBERS, PIECES, color, encoded, garbage, path_data, rtf, valid, value

PREFIX: Final = "/is/image/"


@dataclass(frozen=True, slots=True)
class Names:
    """What a request may name. ``known`` are targets, without prefix, of which most are answered with pixels."""

    pictures: Sequence[str]
    others: Sequence[str]
    macros: Sequence[str]
    known: Sequence[str]
    foreign: Sequence[str]


_ROWS: Final = words().rows()
_BUILT: Final = tuple(row for row in _ROWS if row.built)
_OF_REQUEST: Final = tuple(row for row in _ROWS if row.scope is Scope.REQUEST)
_OF_VIEW: Final = tuple(row for row in _ROWS if row.scope is Scope.VIEW)
_OF_LAYER: Final = tuple(row for row in _ROWS if row.scope in (Scope.LAYER, Scope.SOURCE) and row.name not in ("src", "size"))
_OPERATIONS: Final = tuple(row for row in _ROWS if row.name.startswith("op_"))
_IN_EFFECT: Final = tuple(row for row in _ROWS if row.in_effect)
_BY_NAME: Final = {row.name: row for row in _ROWS}
_FORMATS: Final = ("png", "png", "jpeg", "jpeg", "png-alpha", "webp", "gif", "tif", "png8", "avif")
_PROFILES: Final = ("srgb", "swap", "sRGB", "profiles/srgb.icc", "conf/srgb", "quad.png", "../srgb.icc", "nowhere", "Adobe1998")
_PATH_NAMES: Final = ("Path 1", "Path 2", "path 1", "Path%201", "nowhere", "*", "Path 1,Path 2", "")
_TEXT_ATTRIBUTES: Final = (
    "300",
    "72",
    "norm",
    "aa",
    "none",
    "sharp",
    "copyfit",
    "1",
    "0",
    "strong",
    "crisp",
    "smooth",
    "9999999",
)
_UNBUILT_SHARE: Final = 0.08
_TEXT_SHARE: Final = 0.2
_TEXTS: Final = (_BY_NAME["text"], _BY_NAME["textPs"])
_OF_TEXT: Final = tuple(row for row in _ROWS if row.name.startswith(("text", "pathAttr")) and row not in _TEXTS)


class Images:
    """Makes targets. Every method takes the random numbers it is to use, so that nothing but they decides."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def target(self, rng: Random) -> str:
        """A target with its prefix."""
        kind = rng.random()
        if kind < 0.34:
            return PREFIX + self._known(rng)
        if kind < 0.92:
            wildness = rng.choice((0.0, 0.0, 0.0, 0.0, 0.0, 0.05, 0.3))
            return PREFIX + self.request(rng, wildness)
        return PREFIX + rng.choice((self._soup, self._deep, self._many, self._long, self._macros, self._hungry))(rng)

    def request(self, rng: Random, wildness: float, depth: int = 0) -> str:
        """A path and a query with view, layers and effects."""
        path = self._path(rng, wildness)
        parts = [self._command(rng, row, wildness, depth) for row in self._request_rows(rng, wildness)]
        parts += self._layer_commands(rng, wildness, depth, 2)
        layers = 0 if rng.random() < 0.5 else rng.randint(1, 3)
        for number in range(1, layers + 1):
            parts += self._layer(rng, number, wildness, depth)
        if rng.random() < 0.12:
            parts += ["layer=comp", *self._layer_commands(rng, wildness, depth, 2)]
            if rng.random() < 0.4:
                parts += self._effect(rng, wildness)
        parts += [self._variable(rng, wildness) for _ in range(rng.choice((0, 0, 0, 0, 1, 2)))]
        if rng.random() < 0.06 and self.names.macros:
            parts.append(f"${rng.choice(self.names.macros)}$")
        if wildness and rng.random() < wildness:
            rng.shuffle(parts)
        if wildness and rng.random() < wildness:
            parts.insert(rng.randint(0, len(parts)), garbage(rng))
        return path + "?" + "&".join(parts)

    def _path(self, rng: Random, wildness: float) -> str:
        if rng.random() < wildness / 3:
            return rng.choice((garbage(rng), "../" + rng.choice(self.names.pictures), "", "$a$", "conf", "conf/"))
        return rng.choice(self.names.pictures if rng.random() < 0.85 else self.names.others)

    def _request_rows(self, rng: Random, wildness: float) -> list[Command]:
        rows = [_BY_NAME["wid"]] if rng.random() < 0.75 else []
        rows += [_BY_NAME["fmt"]] if rng.random() < 0.7 else []
        rows += [_BY_NAME["hei"]] if rng.random() < 0.3 else []
        rows += self._chosen(rng, _OF_REQUEST, rng.choice((0, 0, 1, 2)), wildness)
        rows += self._chosen(rng, _OF_VIEW, rng.choice((0, 1, 1, 2)), wildness)
        return rows

    def _chosen(self, rng: Random, rows: Sequence[Command], count: int, wildness: float) -> list[Command]:
        """Some of the rows. Such as are not built are rare, since their requests all end in the same way."""
        share = _UNBUILT_SHARE + wildness / 3
        found = (rng.choice(rows) for _ in range(count))
        return [row for row in found if row.built or rng.random() < share]

    def _layer_commands(self, rng: Random, wildness: float, depth: int, most: int) -> list[str]:
        rows = self._chosen(rng, _OF_LAYER, rng.randint(0, most), wildness)
        rows += self._chosen(rng, _OPERATIONS, rng.choice((0, 0, 1, 2)), wildness)
        return [self._command(rng, row, wildness, depth) for row in rows]

    def _layer(self, rng: Random, number: int, wildness: float, depth: int) -> list[str]:
        said = rng.choice((f"{number}", f"{number}", f"{number},name{number}"))
        parts = [f"layer={said}"]
        kind = rng.random()
        if kind < (_TEXT_SHARE if _BY_NAME["text"].built else 0):
            parts += [
                self._command(rng, row, wildness, depth)
                for row in (rng.choice(_TEXTS), *rng.choices(_OF_TEXT, k=rng.randint(0, 2)))
            ]
            parts += [f"size={rng.randint(0, 300)},{rng.randint(0, 200)}"] if rng.random() < 0.7 else []
        elif kind < 0.4:
            parts.append(f"color={color(rng)}")
            parts.append(f"size={rng.randint(1, 200)},{rng.randint(1, 200)}")
        else:
            parts.append("src=" + self._content(rng, wildness, depth))
            if rng.random() < 0.6:
                parts.append(f"size={rng.randint(0, 200)},{rng.randint(1, 200)}")
        parts += self._layer_commands(rng, wildness, depth, 3)
        for _ in range(rng.choice((0, 0, 0, 1, 2))):
            parts += self._effect(rng, wildness)
        return parts

    def _effect(self, rng: Random, wildness: float) -> list[str]:
        rows = self._chosen(rng, _IN_EFFECT, rng.randint(0, 3), wildness)
        number = rng.choice((-1, -1, -2, 1, 2, 0, 99999)) if wildness else rng.choice((-1, -2, 1))
        return [f"effect={number}", f"color={color(rng)}", *(self._command(rng, row, wildness, 9) for row in rows)]

    def _variable(self, rng: Random, wildness: float) -> str:
        name = rng.choice(("a", "b", "img", "object", "x", "txt", "color", "size"))
        text = rng.choice((rng.choice(self.names.pictures), "100", "$b$", "$a$", "ff0000", "1&wid=5", "is{conf/red}", "a+b"))
        return f"${name}={encoded(rng, garbage(rng) if rng.random() < wildness else text)}"

    def _command(self, rng: Random, row: Command, wildness: float, depth: int) -> str:
        name = row.name if rng.random() < 0.95 else rng.choice((row.name.upper(), row.name.lower(), f"{row.name}%20"))
        if rng.random() < 0.02:
            return f"{name}={rng.choice(('$a$', '$b$', '', '$object$'))}"
        if rng.random() >= wildness / 2 and row.name in _EVERYDAY:
            return f"{name}={_EVERYDAY[row.name](self, rng, wildness, depth)}"
        text = value(rng, row, wildness, lambda arg: self._argument(rng, arg, wildness, depth))
        return f"{name}={encoded(rng, text)}"

    def _argument(self, rng: Random, arg: Arg, wildness: float, depth: int) -> str:
        if arg.name == "object":
            return self._content(rng, wildness, depth)
        return valid(rng, arg.type)

    def _content(self, rng: Random, wildness: float, depth: int) -> str:
        """What ``src=`` and ``mask=`` take: a picture, a nested request, a picture of another server, or nonsense."""
        kind = rng.random()
        if kind < 0.25 and depth < 3:
            begin, end = rng.choice((("is{", "}"), ("is(", ")"), ("IS%7B", "%7D"), ("is%28", "%29")))
            return begin + self.request(rng, wildness, depth + 1) + end
        if kind < 0.29 and self.names.foreign:
            begin, end = rng.choice((("{", "}"), ("(", ")")))
            return begin + rng.choice(self.names.foreign) + end
        if kind < 0.29 + wildness / 2:
            return rng.choice((garbage(rng), "ir{x}", "fxg(y)", "is{", "is()", "{}", "/", "..", "$object$", "$a$", "{../x}"))
        return self._path(rng, wildness)

    def _text(self, rng: Random, wildness: float, depth: int) -> str:
        del wildness, depth
        return encoded(rng, rtf(rng))

    def _known(self, rng: Random) -> str:
        """A request that means something, as it is or with some of its modifiers changed, taken out or put in."""
        target = rng.choice(self.names.known)
        changes = rng.choice((0, 1, 1, 2, 4))
        path, mark, query = target.partition("?")
        parts = query.split("&") if mark else []
        for _ in range(changes):
            parts = self._changed(rng, parts)
        if changes > 2:
            path = self._path(rng, 0.3)
        return path + ("?" + "&".join(parts) if parts else "")

    def _changed(self, rng: Random, parts: list[str]) -> list[str]:
        wildness = rng.choice((0.0, 0.0, 0.0, 0.5))
        rows = _BUILT if rng.random() < 1 - _UNBUILT_SHARE else _ROWS
        match rng.randrange(5) if parts else 3:
            case 0:
                at = rng.randrange(len(parts))
                return parts[:at] + parts[at + 1 :]
            case 1:
                at = rng.randrange(len(parts))
                name, equals, old = parts[at].partition("=")
                row = words().find(name)
                if row is None or not equals:
                    return [*parts, garbage(rng)]
                new = f"{old},{rng.choice(NUMBERS)}" if rng.random() < 0.1 else value(rng, row, wildness)
                return [*parts[:at], f"{name}={encoded(rng, new)}", *parts[at + 1 :]]
            case 2:
                first, second = rng.randrange(len(parts)), rng.randrange(len(parts))
                parts[first], parts[second] = parts[second], parts[first]
                return parts
        at = rng.randint(0, len(parts))
        return [*parts[:at], self._command(rng, rng.choice(rows), wildness, 1), *parts[at:]]

    # ---- what is made to hurt

    def _soup(self, rng: Random) -> str:
        """Delimiters in no order."""
        return self._path(rng, 0.5) + "?" + "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 60)))

    def _deep(self, rng: Random) -> str:
        """Requests within requests, or braces that only look so."""
        deep = rng.choice((2, 4, 7, 8, 9, 30, 300))
        begin, end = rng.choice((("is{", "}"), ("is(", ")"), ("{", "}"), ("(", ")"), ("is{?src=", "}")))
        inner = rng.choice(("conf/red", "conf/quad?wid=50", "?src=conf/red", "conf/tmpl-nested", ""))
        step = rng.choice((f"conf/white?layer=1&src={begin}", f"?src={begin}", f"conf/quad?crop=0,0,90,90&mask={begin}"))
        return "conf/quad?wid=60&layer=1&src=" + begin + step * (deep - 1) + inner + end * (deep - rng.choice((0, 0, 0, 1)))

    def _many(self, rng: Random) -> str:
        """One kind of thing many times over."""
        count = rng.choice((20, 100, 199, 200, 201, 400))
        part = rng.choice(
            (
                "layer={n}&color=ff000080&size=9,9",
                "layer={n}&src=conf/red&size=20,20&pos={n},0",
                "layer=1&color=00ff00&size=50,50&effect={n}&color=0000ff&op_blur=9&op_grow=9",
                "effect=-{n}&color=0000ff&op_blur=30",
                "layer={n}&src=is{{conf/quad?wid=9}}",
                "op_blur={n}",
                "$v{n}=$v{n}x",
                ".c{n}",
                "layer=name{n}&src=conf/ring&size=30,30&effect=-1&color=ff0000&op_grow=40&op_blur=60",
                "{n}=1",
                "&&&&&&&&&&&&&&&&&&&&",
            )
        )
        return "conf/quad?wid=100&" + "&".join(part.format(n=number) for number in range(1, count + 1))

    def _long(self, rng: Random) -> str:
        """Values as long as a line may be, and longer."""
        length = rng.choice((1000, 8000, 16000, 16400, 20000))
        name = rng.choice((*_BY_NAME, ".", "$a", "conf/quad?x", "$"))
        unit = rng.choice((*PIECES, "9", "1,", "M1,1", "{\\b ", "is{", "%41", "a%20"))
        return f"conf/quad?wid=50&{name}=" + (unit * (length // len(unit) + 1))[:length]

    def _macros(self, rng: Random) -> str:
        """Macros and variables that refer to each other."""
        names = [*self.names.macros, "nowhere", "", "a$b", "x" * 200]
        parts = [f"${rng.choice(names)}$" for _ in range(rng.choice((1, 2, 30, 300)))]
        parts += [f"${one}=" + f"${two}$" * rng.choice((1, 3, 50)) for one, two in (("a", "b"), ("b", "c"), ("c", "a"))]
        parts += ["wid=$a$", "text=$b$", "layer=1", "src=$c$"]
        rng.shuffle(parts)
        return "conf/quad?" + "&".join(parts)

    def _hungry(self, rng: Random) -> str:
        """Numbers that are allowed one by one and ask for much work together."""

        def big(*choices: float) -> str:
            return str(rng.choice(choices))

        parts = [
            rng.choice((f"wid={big(1, 300, 1000, 2000, 10**6)}", f"scl={big(0.0001, 0.01, 1, 10**6)}", "")),
            rng.choice((f"hei={big(1, 300, 1000, 2000, 10**6)}", f"rect={big(-(10**9), 0, 10**9)},0,{big(1, 10**6)},1", "")),
            rng.choice((f"size={big(1, 10**6)},{big(0, 1, 10**6)}", f"scale={big(0.001, 10, 10**4)}", "", "cropN=0,0,1e4,1e4")),
            rng.choice((f"extend={','.join(big(-9, 0, 300, 10**6) for _ in range(4))}", "extendN=1000,1000,1000,1000", "")),
            rng.choice((f"rotate={big(1, 45, 89.9, 36000)}", f"op_blur={big(0.01, 100, 1000)}", "", "dpr=on,100", "jpegSize=1")),
            rng.choice(
                (f"op_grow={big(-1000, -100, 99.5, 100, 1000)}", f"op_usm=5,{big(0.1, 250)},0,1", "op_noise=100,gaussian", "")
            ),
            rng.choice(("layer=1&src=conf/big&pos=1000000,-1000000", "layer=1&src=conf/photo&rotate=33", "", "layer=comp")),
            rng.choice((f"size={big(1, 300, 10**6)},{big(1, 10**6)}", f"scale={big(0.001, 10**4)}", "", "sizeN=10000,10000")),
            rng.choice((f"extend={','.join(big(-9, 0, 300, 10**6) for _ in range(4))}", "extendN=1000,1000,1000,1000", "", "")),
            rng.choice((f"effect=-1&color=ff0000&op_grow={big(1, 100)}&op_blur={big(1, 100)}&pos={big(0, 20000)},0", "", "")),
            rng.choice(
                ("fmt=gif&quantize=adaptive,diffuse,256", "fmt=png8,rgb&quantize=adaptive,off,2", "fmt=tif,cmyk", "fmt=avif")
            ),
            rng.choice((f"crop={big(-(10**9), 0, 10**9)},0,{big(1, 10**9)},{big(1, 10**9)}", f"res={big(0.001, 10**6)}", "", "")),
        ]
        return rng.choice(("conf/big", "conf/photo", "conf/quad", "conf/ring")) + "?" + "&".join(filter(None, parts))


def _number_text(low: int, high: int) -> Callable[[Images, Random, float, int], str]:
    return lambda _, rng, __, ___: str(rng.randint(low, high))


def _four(low: int, high: int) -> Callable[[Images, Random, float, int], str]:
    return lambda _, rng, __, ___: ",".join(str(rng.randint(low, high)) for _ in range(4))


def _pair(low: float, high: float, digits: int) -> Callable[[Images, Random, float, int], str]:
    return lambda _, rng, __, ___: f"{round(rng.uniform(low, high), digits):g},{round(rng.uniform(low, high), digits):g}"


def _one_of(*texts: str) -> Callable[[Images, Random, float, int], str]:
    return lambda _, rng, __, ___: encoded(rng, rng.choice(texts))


def _box(_: Images, rng: Random, __: float, ___: int) -> str:
    return f"{rng.randint(-40, 200)},{rng.randint(-40, 200)},{rng.randint(1, 300)},{rng.randint(1, 300)}"


def _quad(scale: float) -> Callable[[Images, Random, float, int], str]:
    return lambda _, rng, __, ___: ",".join(
        f"{(corner + rng.uniform(-0.4, 0.4)) * scale:.4g}" for corner in (0, 0, 1, 0, 1, 1, 0, 1)
    )


def _format(_: Images, rng: Random, __: float, ___: int) -> str:
    kind = rng.random()
    if kind < 0.7:
        return rng.choice(_FORMATS)
    choices = _BY_NAME["fmt"].args
    word = rng.choice(_FORMATS) if kind < 0.95 else valid(rng, choices[0].type)
    return ",".join((word, *(valid(rng, choice.type) if rng.random() < 0.7 else "" for choice in choices[1:])))


def _kind(_: Images, rng: Random, __: float, ___: int) -> str:
    choices = _BY_NAME["req"].args
    more = ",".join(valid(rng, choice.type) for choice in choices[1 : rng.choice((1, 2, 3))])
    return ",".join(filter(None, (valid(rng, choices[0].type), more)))


_EVERYDAY: Final[dict[str, Callable[[Images, Random, float, int], str]]] = {
    "wid": _number_text(1, 300),
    "hei": _number_text(1, 300),
    "scl": _one_of("1", "2", "3.5", "8", "20", "100", "0.9"),
    "fmt": _format,
    "req": _kind,
    "rgn": _box,
    "rect": _box,
    "crop": _box,
    "size": lambda *args: f"{args[1].randint(0, 300)},{args[1].randint(1, 300)}",
    "sizeN": _pair(0.05, 1.5, 2),
    "scale": _one_of("0.1", "0.5", "1", "1.7", "3"),
    "res": _one_of("10", "50", "72", "100", "150", "300"),
    "cropN": lambda *args: ",".join(f"{args[1].uniform(*ends):.2f}" for ends in ((-0.2, 0.5), (-0.2, 0.5), (0.1, 1), (0.1, 1))),
    "extend": _four(-20, 60),
    "extendN": lambda *args: ",".join(f"{args[1].uniform(-0.2, 0.5):.2f}" for _ in range(4)),
    "dpr": _one_of("on,2", "off,2", "on,0.5", "1,1.5", "on", "on,3"),
    "rotate": _one_of("90", "-90", "180", "45", "10.5", "-30", "359", "720"),
    "op_colorize": _one_of("160,176,192", "a0b0c0", "a0b0c0,off", "160,176,192,norm,20", "255,0,0,off,-30"),
    "op_blur": _one_of("1", "3", "10", "0.4", "25.5", "60"),
    "op_grow": _one_of("1", "3", "-2", "10", "-10", "4.0"),
    "text": Images._text,  # noqa: SLF001  # a table of this class's own methods
    "textPs": Images._text,  # noqa: SLF001  # likewise
    "textAttr": lambda *args: ",".join(args[1].choice(_TEXT_ATTRIBUTES) for _ in range(args[1].randint(1, 5))),
    "perspective": _quad(150),
    "perspectiveN": _quad(1),
    "icc": lambda *args: encoded(
        args[1], ",".join((args[1].choice(_PROFILES), *args[1].choice(((), ("relative",), ("perceptual", "1", "0")))))
    ),
    "clipPathE": _one_of(*_PATH_NAMES),
    "clipXPathE": _one_of(*_PATH_NAMES),
    "cropPathE": _one_of(*_PATH_NAMES),
    "clipPath": lambda *args: encoded(args[1], path_data(args[1])),
    "defaultImage": _one_of("", "conf/green", "nowhere", "/dflt-only", "conf/tmpl-layers"),
    "template": _one_of("conf/tmplA", "conf/tmplB", "conf/tmpl-object", "tmpl-vars", "conf/tmpl-nested", "conf/red", "nowhere"),
    "locale": _one_of("de", "de_AT", "fr", "en_US", "xx", "_", "de-at", "東京"),
    "imageSet": _one_of(
        "conf/red,conf/green", "conf/red;conf/green,conf/blue", "{conf/red,conf/green}", "conf/set-loop", "{{{", "a;b;c;d", ""
    ),
    "name": _one_of("out.png", "a/b.png", "../x.png", "x", "a%00b", "/abs.png", "saved/../y.png", "é.jpg"),
    "timeout": _one_of("1", "1000", "60000", "0", "-1", "x"),
}
"""Values that mean something together, for commands whose ranges alone do not make them."""
