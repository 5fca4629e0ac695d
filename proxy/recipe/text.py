"""A text layer as a recipe has it: the document, the font files it needs, and the room it is laid out in (``c-text-formatting``).

Lengths are in composite pixels at full size, so a layout is the same at every scale of the reply; y grows downwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from proxy.protocol.color import Color
from proxy.protocol.path import Path
from proxy.protocol.rtf.document import Document, Span

Renderer = Literal["text", "textPs"]


@dataclass(frozen=True, slots=True)
class FontFile:
    """A font file and which version of it. ``name`` is what messages may show, ``location`` is what a worker opens.

    ``metrics`` is the absolute path of a metrics file, empty for none. ``weight`` sets the ``wght`` axis of a variable font, 0
    for none.
    """

    name: str
    location: str
    size: int
    mtime_ns: int
    metrics: str = ""
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Face:
    """The font of the spans whose style has this face, bold and italic. What the file is not is synthesized."""

    face: str
    bold: bool
    italic: bool
    file: FontFile
    synthesize_bold: bool = False
    synthesize_italic: bool = False


@dataclass(frozen=True, slots=True)
class TextPlan:
    """A text to be laid out and drawn.

    ``faces`` has each (face, bold, italic) of the document's styles once, in their order. ``box`` is the layer's size, 0 where
    a dimension is free. ``resolution`` is in dots per inch: a point is resolution/72 pixels. ``angle`` is ``textAngle=``.
    ``path`` is ``textPath=``, with ``reverse``, ``start`` and ``end`` of ``pathAttr=``; ``flow`` and ``exclude`` are
    ``textFlowPath=`` and ``textFlowXPath=``.
    """

    document: Document
    faces: tuple[Face, ...]
    renderer: Renderer = "text"
    box: tuple[int, int] = (0, 0)
    resolution: float = 72.0
    anti_aliasing: Literal["off", "norm", "crisp", "sharp", "strong", "smooth"] = "norm"
    resolution_mode: Literal["fixedRes", "autoRes", "maxRes"] = "fixedRes"
    wrap: Literal["wrap", "noWrap", "nbWrap"] = "wrap"
    angle: float = 0.0
    path: Path | None = None
    reverse: bool = False
    start: float = 0.0
    end: float = 1.0
    flow: Path | None = None
    exclude: Path | None = None

    @property
    def managed_colors(self) -> tuple[Color, ...]:
        """The colours that are converted by their profiles, as ``textPs=`` alone does it (``r-color-handling``)."""
        if self.renderer == "text":
            return ()
        return tuple(span.style.color for paragraph in self.document.paragraphs for span in paragraph.spans)

    def recolored(self, change: Callable[[Color], Color]) -> "TextPlan":
        """The same text with its managed colours changed."""
        if not self.managed_colors:
            return self
        document = self.document
        paragraphs = (
            replace(paragraph, spans=tuple(_recolored(span, change) for span in paragraph.spans))
            for paragraph in document.paragraphs
        )
        return replace(self, document=replace(document, paragraphs=tuple(paragraphs)))


def _recolored(span: Span, change: Callable[[Color], Color]) -> Span:
    return replace(span, style=replace(span.style, color=change(span.style.color)))


@dataclass(frozen=True, slots=True)
class TextExtent:
    """How large a text came out, in whole composite pixels.

    ``size`` is the layer rectangle, the box where it was given. ``anchor`` is the point of the layer rectangle that is its
    default anchor, ``None`` for the middle. ``overhang`` is how far glyphs reach out of the rectangle to the left and right, and
    to the top and bottom (the larger side of each counts, so that the middle stays the middle).
    """

    size: tuple[int, int]
    anchor: tuple[float, float] | None = None
    overhang: tuple[int, int] = (0, 0)
