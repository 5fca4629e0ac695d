"""The grammar of ``catalog::ImageSet`` and ``imageSet=`` (``r-imageset-cat``, ``r-imageset``).

    set   = item *( "," item )
    item  = field *( ";" field )
    field = part *( ":" part )
    part  = name | color | "{" set "}"          parentheses may stand for braces
    color = "{0x" 6HEXDIG [ label ] "}"

A delimiter that is percent-encoded is an ordinary character, so names keep their escapes. Knows nothing of what names mean,
which type a set has, or catalogs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from proxy.errors import BadSyntax, LimitExceeded
from proxy.protocol.grammar import decode

MOST_ITEMS: Final = 5000
"""Items of one set, those of in-line sets included: more than any viewer shows, a bound on what one request costs."""

DEEPEST: Final = 8
"""In-line sets inside in-line sets; the reference knows two levels."""

_TOKEN = re.compile(r"[,;:{}()]")
_BRACKET = re.compile(r"[{}()]")
_CLOSES = {"{": "}", "(": ")"}
_COLOR = re.compile(r"\s*0x(?P<rgb>[0-9a-f]{6})(?P<label>.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Name:
    """An id, a path or a word, as it is written: percent escapes and all. Empty where nothing stands between delimiters."""

    raw: str

    @property
    def text(self) -> str:
        """What it says, without escapes."""
        return decode(self.raw)

    def __str__(self) -> str:
        """Write it."""
        return self.raw


@dataclass(frozen=True, slots=True)
class SolidColor:
    """A swatch of one colour: six hexadecimal digits in lower case, and a decoded label that may be empty."""

    rgb: str
    raw_label: str = ""

    @property
    def label(self) -> str:
        """The label without escapes."""
        return decode(self.raw_label).strip()

    def __str__(self) -> str:
        """Write it."""
        return f"{{0x{self.rgb}{self.raw_label}}}"


@dataclass(frozen=True, slots=True)
class InlineSet:
    """A set inside a set."""

    items: tuple["Item", ...]

    def __str__(self) -> str:
        """Write it with braces."""
        return f"{{{write_image_set(self.items)}}}"


Part = Name | SolidColor | InlineSet


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: fields between semicolons, each of parts between colons. There is at least one field of one part."""

    fields: tuple[tuple[Part, ...], ...]

    @property
    def first(self) -> Part:
        """What the entry shows."""
        return self.fields[0][0]

    def field(self, number: int) -> Part | None:
        """The first part of a field, ``None`` where the entry does not have it or it is empty."""
        part = self.fields[number][0] if number < len(self.fields) else None
        return None if part == Name("") else part

    def parts(self) -> Iterator[Part]:
        """All parts, in their order."""
        for field in self.fields:
            yield from field

    def __str__(self) -> str:
        """Write it."""
        return ";".join(":".join(map(str, field)) for field in self.fields)


def write_image_set(items: tuple[Item, ...]) -> str:
    """Write a set so that reading it gives the same items."""
    return ",".join(map(str, items))


def read_image_set(text: str, what: str = "imageSet", most: int = MOST_ITEMS) -> tuple[Item, ...]:
    """Read a set; entries with nothing in them are passed over.

    Args:
        text: the set, its percent escapes not undone.
        what: what messages call it.
        most: how many items it may have, those of in-line sets included.

    Raises:
        BadSyntax: braces or parentheses that do not match.
        LimitExceeded: too many items, or in-line sets nested too deeply.
    """
    return _Reader(text, what, most).items(0, len(text))


class _Reader:
    """Cuts a text whose brackets have been found to match; counts the items on the way."""

    def __init__(self, text: str, what: str, most: int) -> None:
        self.text, self.what, self.most = text, what, most
        self.closed = _matched(text, what)
        self.count = 0

    def items(self, at: int, end: int) -> tuple[Item, ...]:
        """Read the items between two places."""
        found: list[Item] = []
        fields: list[tuple[Part, ...]] = []
        parts: list[Part] = []
        for start, stop, delimiter in self._pieces(at, end):
            parts.append(self._part(start, stop))
            if delimiter != ":":
                fields.append(tuple(parts))
                parts = []
            if delimiter in (",", ""):
                if fields != [(Name(""),)]:
                    found.append(self._counted(Item(tuple(fields))))
                fields = []
        return tuple(found)

    def _pieces(self, at: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Begin and end of each part, and the delimiter behind it, which is empty behind the last."""
        start = at
        while (token := _TOKEN.search(self.text, at, end)) is not None:
            at = token.end()
            if token.start() in self.closed:
                at = self.closed[token.start()] + 1
            else:
                yield start, token.start(), token.group()
                start = at
        yield start, end, ""

    def _part(self, start: int, stop: int) -> Part:
        raw = self.text[start:stop]
        start += len(raw) - len(raw.lstrip())
        raw = raw.strip()
        last = start + len(raw) - 1
        if not raw or self.closed.get(start) != last:
            return Name(raw)
        color = _COLOR.fullmatch(raw[1:-1])
        if color is not None and not _BRACKET.search(color["label"]):
            return SolidColor(color["rgb"].lower(), color["label"])
        return InlineSet(self.items(start + 1, last))

    def _counted(self, item: Item) -> Item:
        self.count += 1
        if self.count > self.most:
            raise LimitExceeded(f"{self.what}: a set of more than {self.most} items")
        return item


def _matched(text: str, what: str) -> dict[int, int]:
    """Where each opening bracket is closed."""
    closed: dict[int, int] = {}
    open_: list[int] = []
    for token in _BRACKET.finditer(text):
        if token.group() in _CLOSES:
            open_.append(token.start())
            if len(open_) > DEEPEST:
                raise LimitExceeded(f"{what}: sets nested more than {DEEPEST} deep")
        elif open_ and _CLOSES[text[open_[-1]]] == token.group():
            closed[open_.pop()] = token.start()
        else:
            raise BadSyntax(f"{what}: {token.group()} at position {token.start() + 1} closes nothing")
    if open_:
        raise BadSyntax(f"{what}: {text[open_[-1]]} at position {open_[-1] + 1} is never closed")
    return closed


def without_brackets(text: str) -> str:
    """Take off one pair of brackets that encloses a whole value of ``imageSet=``, there to keep it in one piece (``r-imageset``).

    Raises:
        BadSyntax, LimitExceeded: as ``read_image_set`` does.
    """
    text = text.strip()
    return text[1:-1] if text and _matched(text, "imageSet").get(0) == len(text) - 1 else text
