r"""Which font file is meant: by face, bold and italic, in the font maps of the catalogs or among the built-in families.

Pages: ``r-font-handling``, ``c-font-map-reference``, ``r-defaultfont``, ``r-synthesizefontstyles``. Knows the tables and opens
nothing: that is a question, answered by whoever drives the planner.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final

from proxy.catalog.catalog import Catalog
from proxy.catalog.records import Font
from proxy.errors import RequestError
from proxy.recipe.text import Face, FontFile

DEFAULT: Final = "Arial"
"""The face of texts that name none, where no catalog has a DefaultFont."""

Style = tuple[bool, bool]
"""Bold and italic."""

_UPRIGHT, _SLANTED = "Arimo[wght].ttf", "Arimo-Italic[wght].ttf"
_REGULAR, _HEAVY = 400, 700
_ARIMO: Final = {
    (bold, italic): (_SLANTED if italic else _UPRIGHT, _HEAVY if bold else _REGULAR)
    for bold, italic in ((False, False), (True, False), (False, True), (True, True))
}
BUILT_IN: Final = dict.fromkeys(("arial", "arimo", "helvetica"), _ARIMO)
"""Families for which no font map is needed, by name in lower case: file and weight of each style."""


@dataclass(frozen=True, slots=True)
class FontLook:
    """The planner's question: which version of a font file is there?

    ``name`` is what messages may call it, ``path`` below the roots of the originals or, if ``built_in``, the name of a file that
    comes with this program. ``metrics`` is the path of a metrics file, empty for none; ``weight`` as in ``FontFile``.
    """

    name: str
    path: str
    built_in: bool = False
    metrics: str = ""
    weight: int = 0


def look_for(row: Font) -> FontLook:
    """The question about a row of a font map, whose paths have their RootPath."""
    return FontLook(f"{row.name} ({row.path})", row.path, metrics=row.metrics_path or "")


def faces(wanted: tuple[tuple[str, Style], ...], catalog: Catalog) -> Generator[FontLook, Any, tuple[Face, ...]]:
    """Find the fonts of some faces and styles; an empty face is the default one. It is sent ``FontFile``s.

    Raises:
        RequestError: a face or style that is in no font map.
    """
    found: list[Face] = []
    for face, (bold, italic) in wanted:
        name = face or catalog.text("DefaultFont") or DEFAULT
        look, (has_bold, has_italic) = _find(name, (bold, italic), catalog)
        file: FontFile = yield look
        found.append(Face(face, bold, italic, file, bold and not has_bold, italic and not has_italic))
    return tuple(found)


def _find(name: str, style: Style, catalog: Catalog) -> tuple[FontLook, Style]:
    """The file for a style, and which style it is of: another one where that may be synthesized from it."""
    for candidate in _candidates(style):
        row = catalog.font(name, bold=candidate[0], italic=candidate[1])
        if row is None:
            continue
        if candidate != style and not catalog.flag("SynthesizeFontStyles"):
            raise RequestError(f"font {name} has no {_words(style)} style in its font map, and none may be synthesized")
        return look_for(row), candidate
    family = BUILT_IN.get(name.lower())
    if family is not None:
        file, weight = family[style]
        return FontLook(f"{name} ({file})", file, built_in=True, weight=weight), style
    if any(catalog.font(name, bold=bold, italic=italic) is not None for bold in (False, True) for italic in (False, True)):
        raise RequestError(f"font {name} has no {_words(style)} style in its font map")
    raise RequestError(f"font {name} is in no font map")


def _candidates(style: Style) -> tuple[Style, ...]:
    """The styles that a style can be made of, the nearest first: weight and slant can be added, never taken away."""
    bold, italic = style
    return tuple(dict.fromkeys(((bold, italic), (bold, False), (False, italic), (False, False))))


def _words(style: Style) -> str:
    words = [word for word, wanted in zip(("bold", "italic"), style, strict=True) if wanted]
    return " ".join(words) or "plain"
