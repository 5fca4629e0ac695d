r"""THE table of control words: what each sets, from which number, and which renderer honours it.

Pages: ``r-basic-character-formatting``, ``r-advanced-text-formatting``, ``r-paragraph-formatting``,
``r-document-text-box-properties``, ``r-special-text-entities``, ``r-is-http-character-encoding``, ``r-copy-fitting``. A word that
is not here is ignored, as is one of the other renderer. Knows values and nothing of groups or of where they are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from proxy.protocol.rtf.document import LINE

TEXT: Final = frozenset({"text"})
PS: Final = frozenset({"textPs"})
BOTH: Final = TEXT | PS

LARGEST: Final = 32767
"""The largest number of RTF; larger ones count as this."""


class Sets(Enum):
    """What a word is about."""

    STYLE = "characters"
    GROUP = "the group, beside the style: font, colour, stand-ins"
    PARAGRAPH = "paragraphs"
    BOX = "the whole text"
    COLOR = "an entry of a colour table"
    CHARSET = "an entry of the font table"
    ENCODING = "the code page of the text"
    RESET = "back to the defaults"
    CHARACTER = "a character"
    UNICODE = "a character by its number"
    TABLE = "a table"


@dataclass(frozen=True, slots=True)
class Control:
    """A control word. ``field`` is what it sets; ``value`` makes a value of its number, which is ``default`` when none is given.

    A number outside ``low`` to ``high`` is an error where the manual names a range (``strict``), else the nearest one counts.
    """

    name: str
    sets: Sets
    field: str = ""
    value: Callable[[int], Any] = int
    default: int = 1
    renderers: frozenset[str] = BOTH
    low: int = -LARGEST
    high: int = LARGEST
    strict: bool = False


def _half_points(number: int) -> float:
    return number / 2


def _twips(number: int) -> float:
    return number / 20


def _always(value: object) -> Callable[[int], object]:
    return lambda _: value


def _switch(on: object, off: object = "") -> Callable[[int], object]:
    """A word that 0 turns off."""
    return lambda number: on if number else off


def _part(highest: int) -> Callable[[int], int]:
    """A component of a colour, brought to 0 to 255."""
    return lambda number: (number * 255 + highest // 2) // highest


def _style(name: str, field: str, value: Callable[[int], Any] = bool, default: int = 1, **more: Any) -> Control:
    return Control(name, Sets.STYLE, field, value, default, **more)


def _paragraph(name: str, field: str, value: Callable[[int], Any], default: int = 0, **more: Any) -> Control:
    return Control(name, Sets.PARAGRAPH, field, value, default, **more)


def _box(name: str, field: str, value: Callable[[int], Any], **more: Any) -> Control:
    return Control(name, Sets.BOX, field, value, 0, **more)


_UNDERLINES: Final = ("ul", "uld", "uldash", "uldashd", "uldashdd", "uldb", "ulth", "ulw", "ulwave")
_ALIGNMENTS: Final = (("l", "left"), ("r", "right"), ("c", "center"), ("j", "justify"))
_MARGINS: Final = (("l", "left"), ("r", "right"), ("t", "top"), ("b", "bottom"))
_COMPONENTS: Final = (
    ("colortbl", BOTH, 255, ("red", "green", "blue")),
    ("cmykcolortbl", TEXT, 100, ("cyan", "magenta", "yellow", "black")),
)

_ROWS: Final = (
    # r-basic-character-formatting
    Control("plain", Sets.RESET, "style", renderers=PS),
    Control("f", Sets.GROUP, "font", default=0),
    _style("fs", "size", _half_points, 24, low=1),
    Control("cf", Sets.GROUP, "color", default=0),
    _style("b", "bold"),
    _style("i", "italic"),
    _style("sub", "script", _switch("sub")),
    _style("super", "script", _switch("super")),
    *(_style(name, "underline") for name in _UNDERLINES),
    _style("ulnone", "underline", _always(value=False)),
    _style("caps", "caps", _switch("all"), renderers=PS),
    _style("scaps", "caps", _switch("small"), renderers=PS),
    # r-advanced-text-formatting
    _style("dn", "rise", lambda number: -number / 2 + 0.0, 6),
    _style("up", "rise", _half_points, 6),
    _style("kerning", "kerning", lambda number: number / 2 if number > 0 else None),
    _style("kerningoptical", "optical", _always(value=True), renderers=PS),
    _style("kerningmetric", "optical", _always(value=False)),
    _style("expnd", "spacing", lambda number: number / 4, 0),
    _style("expndtw", "spacing", _twips, 0),
    _style("charscalex", "scale_x", lambda number: (number or 100) / 100, 100),
    _style("charscaley", "scale_y", lambda number: (number or 100) / 100, 100),
    _style("ltrch", "right_to_left", _always(value=False)),
    _style("rtlch", "right_to_left", _always(value=True), renderers=TEXT),
    _style("copyfit", "copyfit", _half_points, 0, low=0, renderers=PS),
    _style("copyfitlines", "copyfit_lines", int, 0, low=0, renderers=PS),
    _style("copyfitmaxlines", "copyfit_max_lines", int, 0, low=0, renderers=PS),
    _style("baselinedir", "sideways", lambda number: number == 1, 0, renderers=PS),
    # r-paragraph-formatting
    Control("pard", Sets.RESET, "paragraph", renderers=PS),
    *(
        _paragraph(f"q{letter}", "align", _always(word), renderers=PS if letter == "j" else BOTH)
        for letter, word in _ALIGNMENTS
    ),
    *(_paragraph(f"lastq{letter}", "last", _always(word), renderers=PS) for letter, word in _ALIGNMENTS),
    _paragraph("fi", "first_indent", _twips, renderers=PS),
    _paragraph("li", "left_indent", _twips, renderers=PS),
    _paragraph("ri", "right_indent", _twips, renderers=PS),
    _paragraph("sl", "spacing", int),
    _paragraph("slmult", "multiple", bool),
    _paragraph("sb", "before", _twips),
    _paragraph("sa", "after", _twips),
    # r-document-text-box-properties
    *(Control(name, Sets.TABLE) for name in ("fonttbl", "colortbl")),
    Control("cmykcolortbl", Sets.TABLE, renderers=TEXT),
    Control("iscolortbl", Sets.TABLE, renderers=PS),
    Control("fcharset", Sets.CHARSET, default=0),
    *(
        Control(name, Sets.COLOR, table, _part(high), 0, renderers, 0, high, strict=True)
        for table, renderers, high, names in _COMPONENTS
        for name in names
    ),
    *(_box(f"marg{letter}", f"margin_{side}", _twips, renderers=PS) for letter, side in _MARGINS),
    _box("vertalt", "vertical", _always("top")),
    _box("vertalb", "vertical", _always("bottom")),
    _box("vertalc", "vertical", _always("center")),
    _box("stextflow", "vertical_flow", lambda number: number == 1, renderers=PS),
    # r-special-text-entities; a tab is RTF's own
    Control("par", Sets.CHARACTER, "par"),
    Control("line", Sets.CHARACTER, LINE),
    Control("tab", Sets.CHARACTER, "\t"),
    # r-is-http-character-encoding; loch, hich and dbch change nothing, since the code page says how many bytes a character has
    Control("u", Sets.UNICODE, default=0, low=-32768, high=0x10FFFF),
    Control("uc", Sets.GROUP, "stand_ins", low=0),
    *(Control(name, Sets.ENCODING, name) for name in ("ansi", "mac", "pc", "pca", "ansicpg")),
)  # fmt: skip

CONTROLS: Final = {row.name: row for row in _ROWS}
"""The table by name."""

SYMBOLS: Final = {
    "\\": ("\\", BOTH),
    "{": ("{", BOTH),
    "}": ("}", BOTH),
    "~": ("\u00a0", PS),
    "_": ("\u2011", PS),
    "-": ("\u00ad", PS),
    "\t": ("\t", BOTH),
    "\n": ("par", BOTH),
    "\r": ("par", BOTH),
}
"""What control symbols stand for, and which renderer honours them."""

HIDDEN: Final = frozenset(
    {
        *("annotation", "atnauthor", "atnid", "colorschememapping", "datastore", "factoidname", "filetbl", "fldinst"),
        *("footer", "footerf", "footerl", "footerr", "footnote", "generator", "header", "headerf", "headerl", "headerr"),
        *("info", "latentstyles", "listoverridetable", "listtable", "listtext", "nonshppict", "object", "pict", "pntext"),
        *("private", "revtbl", "rsidtbl", "stylesheet", "tc", "template", "themedata", "xe", "xmlnstbl"),
    }
)
"""Words of RTF 1.6 that begin a group which holds no text of the document."""
