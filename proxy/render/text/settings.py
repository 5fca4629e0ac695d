"""Styles resolved to fonts and pixels, and a document cut into the segments that lines are made of.

Knows points and what the renderer of a plan does with a style. Knows nothing of where lines end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from proxy.errors import LimitExceeded
from proxy.protocol.color import Color
from proxy.protocol.rtf.document import LINE, Paragraph, Style
from proxy.recipe.text import Face, TextPlan
from proxy.render.text.fonts import Font, open_font
from proxy.render.text.manners import MANNERS, SMALL_CAPS, Manner
from proxy.render.text.shaping import Shape

LARGEST_LETTER = 2**17
"""Pixels of a letter's size."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How characters are set, in pixels.

    ``size`` is that of the glyphs; ``rise`` goes upwards. ``ascent`` and ``descent`` are heights about the baseline of the line,
    ``leading`` the automatic distance of lines. ``under`` is how far the underline's middle is below the baseline of the glyphs,
    ``whole_rule`` puts its edges upon whole pixels.
    """

    shape: Shape
    size: float
    scale_x: float
    scale_y: float
    rise: float
    spacing: float
    color: Color
    underline: bool
    ascent: float
    descent: float
    leading: float
    under: float
    thickness: float
    whole_rule: bool = False
    turned: bool = False
    sideways: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """The characters ``start`` to ``end`` of a segment.

    ``group`` numbers the copy-fitted texts that have a limit of lines, 0 has none; ``lines`` may be exceeded,
    ``most_lines`` may not.
    """

    start: int
    end: int
    setting: Setting
    group: int = 0
    lines: int = 0
    most_lines: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    r"""The text between two forced breaks. ``first`` and ``last`` are of its paragraph; ``end`` is how an empty one is set."""

    text: str
    runs: tuple[Run, ...]
    paragraph: Paragraph
    first: bool
    last: bool
    end: Setting


def segments(plan: TextPlan, fraction: float = 0.0) -> list[Segment]:
    """Cut a document at its paragraphs and line breaks; ``fraction`` is where between both sizes copy-fitted text is (0 to 1)."""
    book = _Book(plan, fraction)
    made: list[Segment] = []
    for paragraph in plan.document.paragraphs:
        pieces: list[str] = []
        runs: list[Run] = []
        length, first = 0, True
        end = book.setting(paragraph.end)
        for text, style, group in book.pieces(paragraph):
            if text == LINE:
                made.append(Segment("".join(pieces), tuple(runs), paragraph, first, last=False, end=book.setting(style)))
                pieces, runs, length, first = [], [], 0, False
                continue
            lines, most = (style.copyfit_lines, style.copyfit_max_lines) if group else (0, 0)
            runs.append(Run(length, length + len(text), book.setting(style), group, lines, most))
            pieces.append(text)
            length += len(text)
        made.append(Segment("".join(pieces), tuple(runs), paragraph, first, last=True, end=end))
    return made


class _Book:
    """The settings of one document's styles, each made once, and the number of the group that is being read."""

    def __init__(self, plan: TextPlan, fraction: float) -> None:
        self.scale = plan.resolution / 72
        self.manner = MANNERS[plan.renderer]
        self.fraction = fraction
        self.upright = plan.document.vertical_flow and self.manner.features and plan.path is None
        self.faces = {(face.face, face.bold, face.italic): face for face in plan.faces}
        self._settings: dict[Style, Setting] = {}
        self._limits = (0, 0)
        self._group = 0

    def setting(self, style: Style) -> Setting:
        known = self._settings.get(style)
        if known is None:
            known = self._settings[style] = self._resolve(style)
        return known

    def pieces(self, paragraph: Paragraph) -> Iterator[tuple[str, Style, int]]:
        """Spans cut at line breaks, with their capitals; every line break by itself."""
        for span in paragraph.spans:
            fitted = self.manner.features and span.style.copyfit > span.style.size
            limits = (span.style.copyfit_lines, span.style.copyfit_max_lines) if fitted else (0, 0)
            if limits != self._limits:
                self._limits = limits
                self._group += 1
            group = self._group if any(limits) else 0
            for number, text in enumerate(span.text.split(LINE)):
                if number:
                    yield LINE, span.style, group
                for part, style in self._capitals(text, span.style):
                    yield part, style, group

    def _capitals(self, text: str, style: Style) -> Iterator[tuple[str, Style]]:
        if not text:
            return
        if not self.manner.features or not style.caps:
            yield text, style
        elif style.caps == "all":
            yield text.upper(), style
        else:
            small = replace(style, caps="", size=style.size * SMALL_CAPS, copyfit=style.copyfit * SMALL_CAPS)
            start = 0
            lower = [each.islower() for each in text]
            for at in range(1, len(text) + 1):
                if at == len(text) or lower[at] != lower[start]:
                    yield (text[start:at].upper(), small) if lower[start] else (text[start:at], style)
                    start = at

    def _resolve(self, style: Style) -> Setting:
        manner, scale = self.manner, self.scale
        font = _font(self.faces[style.face, style.bold, style.italic], manner)
        points = style.size
        if manner.features and style.copyfit > points:
            points += (style.copyfit - points) * self.fraction
        whole = points * scale
        if whole > LARGEST_LETTER:
            raise LimitExceeded(f"text: letters of {points:g} points at {scale * 72:g} dpi, {LARGEST_LETTER} pixels are allowed")
        rise = style.rise * scale
        size = whole
        if style.script:
            size = whole * manner.script_size
            rise += whole * (manner.super_rise if style.script == "super" else manner.sub_rise)
        ascent, descent, leading = _heights(font, whole, manner)
        if manner.scaled_spacing:
            tall = abs(style.scale_y)
            ascent, descent, leading = ascent * tall, descent * tall, leading * tall
            ascent, descent = max(ascent, ascent * size / max(whole, size) + rise), max(descent, descent - rise)
        under, thickness = _underline(font, size, manner)
        return Setting(
            Shape(
                font,
                kerning=style.kerning is not None and points > style.kerning,
                ligatures=style.spacing == 0,
                upright=self.upright and not style.sideways,
            ),
            size,
            style.scale_x,
            style.scale_y,
            rise,
            style.spacing * scale,
            style.color,
            style.underline,
            ascent,
            descent,
            leading,
            under,
            thickness,
            whole_rule=manner.own_underline,
            turned=style.right_to_left and manner.rtlch,
            sideways=style.sideways,
        )


def _font(face: Face, manner: Manner) -> Font:
    embolden = manner.embolden if face.synthesize_bold else 0.0
    return open_font(face.file, embolden, manner.slant if face.synthesize_italic else 0.0)


def _heights(font: Font, size: float, manner: Manner) -> tuple[float, float, float]:
    """Ascent, descent and automatic leading of a size."""
    metrics = font.metrics
    if manner.leading:
        return metrics.cell_ascent * size, metrics.cell_descent * size, manner.leading * size
    return metrics.ascent * size, metrics.descent * size, (metrics.ascent + metrics.descent + metrics.gap) * size


def _underline(font: Font, size: float, manner: Manner) -> tuple[float, float]:
    """Place an underline below the baseline: its middle and its thickness."""
    if not manner.own_underline:
        return manner.underline * size, manner.thickness * size
    thickness = max(1.0, float(round(font.metrics.thickness * size)))
    return font.metrics.underline * size, thickness
