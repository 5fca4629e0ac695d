"""Text plans for tests: documents of few words, and the fonts that tests rely on."""

from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

import fontpkg_arimo
from PIL import Image

from proxy.protocol.path import Path, Subpath
from proxy.protocol.rtf.document import Document, Paragraph, Span, Style
from proxy.recipe.text import Face, FontFile, TextPlan

_ARIMO = FilePath(fontpkg_arimo.__file__).parent / "files"
_DEBIAN = FilePath("/usr/share/fonts/truetype")
FILES = {
    "": _ARIMO / "Arimo[wght].ttf",
    "sans": _DEBIAN / "dejavu/DejaVuSans.ttf",
    "mono": _DEBIAN / "dejavu/DejaVuSansMono.ttf",
    "deva": _DEBIAN / "lohit-devanagari/Lohit-Devanagari.ttf",
}
MONO = 1233 / 2048
"""The width of each letter of ``mono``, in ems."""


def font(name: str, weight: int = 0) -> FontFile:
    """A font file by the name of its face here."""
    return font_at(FILES[name], weight)


def font_at(path: FilePath, weight: int = 0) -> FontFile:
    """A font file by its place."""
    state = path.stat()
    return FontFile(path.name, str(path), state.st_size, state.st_mtime_ns, weight=weight)


def document(*spans: str | Span, style: Style | None = None, paragraph: Paragraph | None = None, **properties: Any) -> Document:
    """A document of one paragraph."""
    style = style or Style(face="mono", size=10)
    made = tuple(span if isinstance(span, Span) else Span(span, style) for span in spans)
    return Document((replace(paragraph or Paragraph(), spans=made, end=style),), **properties)


def plan(given: Document | str, **settings: Any) -> TextPlan:
    """A plan whose faces are those of the fonts here; bold and italic are synthesized, bold Arimo is real."""
    given = document(given) if isinstance(given, str) else given
    styles = [style for each in given.paragraphs for style in (*(span.style for span in each.spans), each.end)]
    keys = dict.fromkeys((style.face, style.bold, style.italic) for style in styles)
    faces = tuple(
        Face(face, bold, italic, font(face, 0 if face else 700 if bold else 400), bool(face) and bold, italic)
        for face, bold, italic in keys
    )
    return TextPlan(given, faces, **settings)


def ink(image: Image.Image, least: int = 40) -> tuple[int, int, int, int]:
    """The box of what is drawn at all: left, top, right, bottom."""
    box = image.getchannel("A").point([0] * least + [255] * (256 - least)).getbbox()
    assert box is not None, "nothing was drawn"
    return box


def circle(x: float, y: float, radius: float) -> Path:
    """A circle, clockwise from its left."""
    k = 0.5523 * radius
    left, right, top, bottom = x - radius, x + radius, y - radius, y + radius
    return Path(
        (
            Subpath(
                (left, y),
                (
                    ((left, y - k), (x - k, top), (x, top)),
                    ((x + k, top), (right, y - k), (right, y)),
                    ((right, y + k), (x + k, bottom), (x, bottom)),
                    ((x - k, bottom), (left, y + k), (left, y)),
                ),
                closed=True,
            ),
        )
    )


def polygon(*points: tuple[float, float], closed: bool = True) -> Path:
    """A path of straight lines."""
    return Path((Subpath(points[0], tuple((point,) for point in points[1:]), closed),))
