"""A formatted text: paragraphs of spans with their styles, every RTF command resolved.

All lengths are in points (1/72 inch); what RTF counts in twips, half-points or quarter-points was divided when it was read.
Knows nothing of RTF's spelling, of font files or of pixels.
"""

from dataclasses import dataclass
from typing import Literal

from proxy.protocol.color import Color

Align = Literal["left", "right", "center", "justify"]
BLACK = Color("rgb", (0, 0, 0))

LINE = "\n"
"""A forced line break (``\\line``) within a span's text."""


@dataclass(frozen=True, slots=True)
class Style:
    r"""How characters look (``r-basic-character-formatting``, ``r-advanced-text-formatting``, ``r-copy-fitting``).

    ``face`` is ``font::Name``, empty for ``attribute::DefaultFont``. ``rise`` lifts the baseline (``\up``, negative for ``\dn``)
    and leaves the size; ``script`` changes both. ``kerning`` is the size above which pairs are kerned, ``None`` for never.
    ``spacing`` is added behind each character. ``copyfit`` is the largest size of copy-fitting, 0 for none; its limits of
    lines are 0 for none, ``copyfit_lines`` may overflow, ``copyfit_max_lines`` cuts. ``sideways`` turns Roman
    letters in vertical flow.
    """

    face: str = ""
    bold: bool = False
    italic: bool = False
    underline: bool = False
    size: float = 12.0
    color: Color = BLACK
    rise: float = 0.0
    script: Literal["", "sub", "super"] = ""
    caps: Literal["", "all", "small"] = ""
    kerning: float | None = 0.5
    optical: bool = False
    spacing: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0
    right_to_left: bool = False
    copyfit: float = 0.0
    copyfit_lines: int = 0
    copyfit_max_lines: int = 0
    sideways: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of one style. ``text`` holds no control characters but ``LINE`` and tabs.

    Of the special entities it has U+00A0, U+2011 and U+00AD (``r-special-text-entities``).
    """

    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph (``r-paragraph-formatting``).

    ``end`` is the style at its end: an empty paragraph has its height. ``last`` aligns the last line of a justified one.
    ``line_spacing`` is 0 for automatic; else, with ``multiple``, a factor of the automatic spacing, without it points: positive
    ones are the least, negative ones the exact distance.
    """

    spans: tuple[Span, ...] = ()
    end: Style = Style()
    align: Align = "left"
    last: Align = "left"
    first_indent: float = 0.0
    left_indent: float = 0.0
    right_indent: float = 0.0
    line_spacing: float = 0.0
    multiple: bool = False
    before: float = 0.0
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Document:
    r"""A whole text (``r-document-text-box-properties``).

    ``margins`` are left, top, right, bottom; ``vertical_flow`` is ``\stextflow1``.
    """

    paragraphs: tuple[Paragraph, ...] = ()
    margins: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    vertical: Literal["top", "center", "bottom"] = "top"
    vertical_flow: bool = False
