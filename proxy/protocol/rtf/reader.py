r"""From a text with RTF in it to a document.

Pages: ``c-text-formatting`` and those below it, ``r-color-handling``, ``r-font-handling``, ``r-reserved-characters``; protocol
decision 20. Plain text is RTF without control words. What a group sets ends with it, but for what is about the whole text. A
paragraph has the format that held at its last character, so that ``{\qc text}`` is centred whatever closes behind it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from proxy.errors import BadSyntax, LimitExceeded
from proxy.protocol.rtf.charsets import Bytes
from proxy.protocol.rtf.controls import CONTROLS, HIDDEN, SYMBOLS, Control, Sets
from proxy.protocol.rtf.document import BLACK, LINE, Align, Document, Paragraph, Span, Style
from proxy.protocol.rtf.tables import Colors, Fonts
from proxy.protocol.rtf.tokens import Kind, Token, tokens

LONGEST: Final = 100_000
"""Characters of RTF that one text may have."""

DEEPEST: Final = 100
"""Groups that may be open at a time."""

_LOST: Final = "\ufffd"
_TWIPS: Final = 20
_LINE_UNITS: Final = 240
r"""``\sl`` counts in so many parts of a line where ``\slmult`` is 1."""

_PRINTED: Final = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if code != ord("\t")} | {
    **dict.fromkeys(range(0xD800, 0xE000), _LOST),
    0x2028: LINE,
    0x2029: LINE,
    0xFEFF: None,
}
"""Control characters are never drawn; what Unicode calls a line separator is a line break."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """Paragraph formatting while it is read; ``spacing`` is the number of ``sl``."""

    align: Align = "left"
    last: Align = "left"
    first_indent: float = 0.0
    left_indent: float = 0.0
    right_indent: float = 0.0
    spacing: int = 0
    multiple: bool = False
    before: float = 0.0
    after: float = 0.0

    def paragraph(self, spans: tuple[Span, ...], end: Style) -> Paragraph:
        """A paragraph in this format."""
        # a multiple has no sign; none at all is automatic
        multiple = self.multiple and self.spacing != 0
        spacing = abs(self.spacing) / _LINE_UNITS if multiple else self.spacing / _TWIPS
        last = self.last if self.align == "justify" else "left"
        indents = (self.first_indent, self.left_indent, self.right_indent)
        return Paragraph(spans, end, self.align, last, *indents, spacing, multiple, self.before, self.after)


_PLAIN: Final = Style()
_FLUSH: Final = _Lines()


@dataclass(slots=True)
class _Group:
    """What holds in a group. ``into`` is the table that its text belongs to, empty for the document, ``-`` for nothing."""

    style: Style = _PLAIN
    font: int | None = None
    color: int | None = None
    stand_ins: int = 1
    lines: _Lines = _FLUSH
    into: str = ""


@dataclass(slots=True)
class _Box:
    margin_left: float = 0.0
    margin_top: float = 0.0
    margin_right: float = 0.0
    margin_bottom: float = 0.0
    vertical: Any = "top"
    vertical_flow: bool = False


@dataclass(slots=True)
class _Open:
    """The paragraph that is being read."""

    spans: list[tuple[list[str], Style]] = field(default_factory=list)
    lines: _Lines | None = None


class _Reader:
    """Takes one token after the other."""

    def __init__(self, renderer: str, *, cmyk: bool) -> None:
        self._renderer = renderer
        self._fonts, self._colors = Fonts(), Colors(cmyk=cmyk)
        self._group, self._outer = _Group(), list[tuple[_Group, int]]()
        self._box, self._open, self._paragraphs = _Box(), _Open(), list[Paragraph]()
        self._bytes, self._encoding = Bytes(), "cp1252"
        self._high, self._stand_ins, self._starred = 0, 0, False
        self._styles: dict[tuple[Style, int | None, int | None], Style] = {}

    def take(self, token: Token) -> None:
        if token.kind not in (Kind.BYTE, Kind.TEXT):
            self._put(self._bytes.end())
        match token.kind:
            case Kind.OPEN:
                self._begin(token.at)
            case Kind.CLOSE:
                self._end(token.at)
            case Kind.WORD:
                self._stand_ins = 0
                self._word(token)
            case Kind.SYMBOL:
                self._symbol(token.text)
            case Kind.BYTE:
                if self._counts(1):
                    self._put(self._bytes.take(token.number or 0, self._code_page()))
            case Kind.TEXT:
                self._put("".join(self._bytes.trail(token.text[self._skipped(len(token.text)) :])))
        if token.kind is not Kind.SYMBOL:
            self._starred = False

    def _begin(self, at: int) -> None:
        if len(self._outer) >= DEEPEST:
            raise LimitExceeded(f"character {at}: more than {DEEPEST} groups are open")
        self._outer.append((self._group, at))
        self._group = replace(self._group)
        self._stand_ins = 0

    def _end(self, at: int) -> None:
        if not self._outer:
            raise BadSyntax(f"character {at}: a closing brace without an opening one")
        if self._group.into == "fonttbl":
            self._fonts.end()
        elif self._group.into and self._group.into != self._outer[-1][0].into:
            self._colors.end(self._group.into, at)
        self._group = self._outer.pop()[0]
        self._stand_ins = 0

    def _skipped(self, length: int) -> int:
        """How many of some characters only stand in for one that was given by its number."""
        skipped = min(self._stand_ins, length)
        self._stand_ins -= skipped
        return skipped

    def _counts(self, length: int) -> bool:
        return self._skipped(length) == 0

    def _symbol(self, character: str) -> None:
        if character == "*":
            self._starred = True
            return
        self._starred = False
        text, renderers = SYMBOLS.get(character, ("", frozenset()))
        if self._renderer in renderers and self._counts(1):
            self._character(text)

    def _word(self, token: Token) -> None:
        row = CONTROLS.get(token.text)
        honoured = row is not None and self._renderer in row.renderers
        table = row is not None and row.sets is Sets.TABLE
        if token.text in HIDDEN or (table and not honoured) or (self._starred and not table):
            if self._outer:
                self._group.into = "-"
        elif row is not None and honoured and self._group.into != "-":
            self._obey(row, row.default if token.number is None else token.number, token)

    def _obey(self, row: Control, number: int, token: Token) -> None:
        if row.strict and not row.low <= number <= row.high:
            raise BadSyntax(f"character {token.at}: \\{row.name}{number}: expected a number from {row.low} to {row.high}")
        number = min(max(number, row.low), row.high)
        group = self._group
        if group.into:
            self._tabulate(row, number)
            return
        match row.sets:
            case Sets.TABLE:
                # a table outside any group would be all that follows
                group.into = row.name if self._outer else ""
            case Sets.ENCODING:
                self._encoding = self._fonts.document(row.name, number)
            case Sets.CHARACTER:
                self._character(row.field)
            case Sets.UNICODE:
                self._unicode(number)
            case _:
                self._format(row, number)

    def _format(self, row: Control, number: int) -> None:
        """Obey a word about characters, paragraphs or the whole text."""
        group = self._group
        match row.sets:
            case Sets.STYLE:
                group.style = replace(group.style, **{row.field: row.value(number)})
            case Sets.GROUP:
                setattr(group, row.field, row.value(number))
            case Sets.PARAGRAPH:
                group.lines = replace(group.lines, **{row.field: row.value(number)})
                self._open.lines = group.lines
            case Sets.BOX:
                setattr(self._box, row.field, row.value(number))
            case Sets.RESET if row.field == "style":
                group.style, group.font, group.color = _PLAIN, None, None
            case Sets.RESET:
                self._open.lines = group.lines = _FLUSH

    def _tabulate(self, row: Control, number: int) -> None:
        """Obey a word within a table: in the font table the name of a font may hold characters by their numbers."""
        match row.sets:
            case Sets.GROUP if row.field == "font" and self._group.into == "fonttbl":
                self._fonts.begin(number)
            case Sets.GROUP if row.field == "stand_ins":
                self._group.stand_ins = number
            case Sets.CHARSET:
                self._fonts.charset(number)
            case Sets.COLOR if row.field == self._group.into:
                self._colors.component(row.name, row.value(number))
            case Sets.UNICODE:
                self._unicode(number)

    def _code_page(self) -> str:
        if self._group.into == "fonttbl":
            return self._fonts.code_page(None, self._encoding)
        return self._fonts.code_page(self._group.font, self._encoding)

    def _unicode(self, number: int) -> None:
        number += 0x10000 if number < 0 else 0
        self._stand_ins = self._group.stand_ins
        if 0xD800 <= number < 0xDC00:  # noqa: PLR2004  # the first halves of surrogate pairs
            self._high = number
        elif 0xDC00 <= number < 0xE000 and self._high:  # noqa: PLR2004  # their second halves
            high, self._high = self._high, 0
            self._put(chr(0x10000 + ((high - 0xD800) << 10) + number - 0xDC00))
        else:
            self._put(chr(number))

    def _character(self, text: str) -> None:
        if self._group.into:
            self._put(text if text not in ("par", LINE) else " ")
        elif text == "par":
            self._lost_half()
            self._close()
        else:
            self._put(text)

    def _lost_half(self) -> None:
        if self._high:
            self._high = 0
            self._put(_LOST)

    def _put(self, text: str) -> None:
        """Put text where it belongs: to the document, into a table, or nowhere."""
        if not text:
            return
        self._lost_half()
        match self._group.into:
            case "fonttbl":
                self._fonts.text(text.translate(_PRINTED))
            case "":
                # a forced line break is no control character here
                self._write(text if text == LINE else text.translate(_PRINTED))
            case "-":
                pass
            case table:
                self._colors.text(table, text)

    def _write(self, text: str) -> None:
        if not text:
            return
        spans, style = self._open.spans, self._style()
        if spans and spans[-1][1] == style:
            spans[-1][0].append(text)
        else:
            spans.append(([text], style))
        self._open.lines = self._group.lines

    def _style(self) -> Style:
        """The style of the group, its font and colour looked up."""
        group = self._group
        key = (group.style, group.font, group.color)
        style = self._styles.get(key)
        if style is None:
            color = self._colors.find(group.color)
            style = self._styles[key] = replace(group.style, face=self._fonts.face(group.font), color=color or BLACK)
        return style

    def _close(self) -> None:
        """End the paragraph."""
        spans = tuple(Span("".join(texts), style) for texts, style in self._open.spans)
        lines = self._open.lines or self._group.lines
        self._paragraphs.append(lines.paragraph(spans, spans[-1].style if spans else self._style()))
        self._open = _Open()

    def document(self, length: int) -> Document:
        self._put(self._bytes.end())
        self._lost_half()
        if self._outer:
            raise BadSyntax(f"character {self._outer[-1][1]}: an opening brace without a closing one (of {length} characters)")
        if self._open.spans:
            self._close()
        box = self._box
        margins = (box.margin_left, box.margin_top, box.margin_right, box.margin_bottom)
        return Document(tuple(self._paragraphs), margins, box.vertical, box.vertical_flow)


def read(text: str, renderer: str = "text", *, cmyk: bool = False) -> Document:
    """Read a text.

    Args:
        text: RTF or plain text, decoded.
        renderer: ``text`` or ``textPs``: what it does not support is ignored.
        cmyk: whether the text layer is CMYK, so that ``cmykcolortbl`` counts (``r-color-handling``).

    Raises:
        BadSyntax: braces that do not match, a colour or a byte that is none; the message names command and place.
        LimitExceeded: it is longer than ``LONGEST``, or groups are nested deeper than ``DEEPEST``.
    """
    if len(text) > LONGEST:
        raise LimitExceeded(f"{renderer}=: {len(text)} characters; at most {LONGEST} are read")
    try:
        return _read(tokens(text), _Reader(renderer, cmyk=cmyk), len(text))
    except (BadSyntax, LimitExceeded) as error:
        raise type(error)(f"{renderer}=: {error.detail}") from None


def _read(stream: Iterable[Token], reader: _Reader, length: int) -> Document:
    for token in stream:
        reader.take(token)
    return reader.document(length)
