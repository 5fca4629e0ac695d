r"""The tables of a text: fonts with their character sets, and colours in three spellings.

Pages: ``r-font-handling``, ``r-color-handling``, ``r-document-text-box-properties``. Fed piece by piece while the text is read;
knows no groups.
"""

from dataclasses import dataclass

from proxy.errors import BadSyntax
from proxy.protocol.color import Color, Space, read_color
from proxy.protocol.rtf.charsets import ANSI, DOCUMENT, FCHARSETS, code_page

_ORDER: dict[str, tuple[Space, tuple[str, ...]]] = {
    "colortbl": ("rgb", ("red", "green", "blue")),
    "cmykcolortbl": ("cmyk", ("cyan", "magenta", "yellow", "black")),
}


@dataclass(slots=True)
class _Font:
    name: str = ""
    charset: int | None = None
    finished: bool = False


class Fonts:
    """The font table: names and character sets by number."""

    def __init__(self) -> None:
        self._fonts: dict[int, _Font] = {}
        self._current = _Font(finished=True)

    def begin(self, number: int) -> None:
        """Begin an entry; a later one of the same number replaces the earlier."""
        self._current = self._fonts[number] = _Font()

    def charset(self, number: int) -> None:
        """Set the character set of the entry."""
        self._current.charset = number

    def text(self, text: str) -> None:
        """Add to the name of the entry, which a semicolon ends."""
        name, end, _ = text.partition(";")
        if not self._current.finished:
            self._current.name += name
        if end:
            self.end()

    def end(self) -> None:
        """End the entry."""
        self._current.finished = True

    def face(self, number: int | None) -> str:
        """The name of a font, empty for the default one, which also stands for a number that is not in the table."""
        font = None if number is None else self._fonts.get(number)
        return "" if font is None else font.name.strip()

    def code_page(self, number: int | None, document: str) -> str:
        """What bytes of a font mean; ``None`` is the entry that is being read."""
        font = self._current if number is None and not self._current.finished else self._fonts.get(number or 0)
        if font is None or font.charset is None:
            return document
        return FCHARSETS.get(font.charset, document)

    def document(self, word: str, number: int) -> str:
        r"""The code page of a document: of ``ansi``, ``mac``, ``pc``, ``pca``, or the number of ``ansicpg``."""
        return DOCUMENT.get(word) or code_page(number) or ANSI


class Colors:
    """The colour tables. ``cmyk`` says that the text layer is CMYK."""

    def __init__(self, *, cmyk: bool) -> None:
        self._cmyk = cmyk
        self._tables: dict[str, list[Color | None]] = {"iscolortbl": [], "cmykcolortbl": [], "colortbl": []}
        self._parts: dict[str, int] = {}
        self._raw = ""

    def component(self, name: str, value: int) -> None:
        """Set a component of the entry, 0 to 255."""
        self._parts[name] = value

    def text(self, table: str, text: str) -> None:
        """Take text of a table: semicolons end entries, colours stand in ``iscolortbl`` alone."""
        if table == "iscolortbl":
            self._raw += text
            return
        for _ in range(text.count(";")):
            self._enter(table)

    def end(self, table: str, at: int) -> None:
        """End a table that may lack its last semicolon.

        Raises:
            BadSyntax: a colour cannot be read.
        """
        if table == "iscolortbl":
            entries = self._raw.split(";")
            self._tables[table] = [_color(entry.strip(), at) for entry in (entries if entries[-1].strip() else entries[:-1])]
            self._raw = ""
        elif self._parts and table in _ORDER:
            self._enter(table)

    def _enter(self, table: str) -> None:
        space, names = _ORDER[table]
        self._tables[table].append(Color(space, tuple(self._parts.get(name, 0) for name in names)) if self._parts else None)
        self._parts = {}

    def find(self, number: int | None) -> Color | None:
        """The colour of a number, in the order of ``r-color-handling``; ``None`` if no table has one."""
        if number is None or number < 0:
            return None
        for name, table in self._tables.items():
            if (name != "cmykcolortbl" or self._cmyk) and number < len(table) and table[number] is not None:
                return table[number]
        return None


def _color(text: str, at: int) -> Color | None:
    if not text:
        return None
    try:
        return read_color(text)
    except ValueError:
        raise BadSyntax(f"the colour table that ends at character {at}: {text[:50]} is no colour") from None
