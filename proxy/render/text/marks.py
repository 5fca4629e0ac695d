"""Marks: glyphs and underlines with their places, and the room their ink takes.

Plain geometry between layout and drawing, in pixels with y downwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from proxy.protocol.color import Color
from proxy.render.text.compose import Line, Placed, edges
from proxy.render.text.fonts import Font
from proxy.render.text.settings import Setting

Matrix = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f): x' = a·x + b·y + c, y' = d·x + e·y + f."""

Bounds = tuple[float, float, float, float]
"""Left, top, right, bottom."""

_UPRIGHT_RULE = 0.6
_BAR: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A glyph of a font, in ems with y upwards before ``matrix``, or the unit square where there is no font."""

    font: Font | None
    glyph: int
    matrix: Matrix
    color: Color


def then(first: Matrix, second: Matrix) -> Matrix:
    """Apply one matrix after the other."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (g * a + h * d, g * b + h * e, g * c + h * f + i, j * a + k * d, j * b + k * e, j * c + k * f + m)


def moved(marks: Iterable[Mark], matrix: Matrix) -> list[Mark]:
    """Take marks to another frame."""
    return [Mark(mark.font, mark.glyph, then(mark.matrix, matrix), mark.color) for mark in marks]


def shifted(marks: Sequence[Mark], x: float, y: float) -> list[Mark]:
    """Move marks."""
    return moved(marks, (1.0, 0.0, x, 0.0, 1.0, y)) if x or y else list(marks)


def ink(mark: Mark) -> Bounds | None:
    """Bound a mark's ink."""
    box = mark.font.box(mark.glyph) if mark.font else _BAR
    if box is None:
        return None
    a, b, c, d, e, f = mark.matrix
    left, low, right, high = box
    xs = [a * x + b * y + c for x in (left, right) for y in (low, high)]
    ys = [d * x + e * y + f for x in (left, right) for y in (low, high)]
    return min(xs), min(ys), max(xs), max(ys)


def bounds(marks: Iterable[Mark]) -> Bounds | None:
    """Bound the ink of all marks; nothing where there is none."""
    boxes = [box for box in map(ink, marks) if box]
    if not boxes:
        return None
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def marks_of(lines: Iterable[Line]) -> list[Mark]:
    """Set all lines in the frame of their composition."""
    made: list[Mark] = []
    for line in lines:
        middle = line.baseline - (line.ascent - line.descent) / 2
        for part in line.parts:
            made += _letters(part, line.baseline, middle)
            made += _rules(part, line.baseline, middle)
    return made


def _letters(part: Placed, baseline: float, middle: float) -> Iterable[Mark]:
    for left, _, cell in edges(part):
        setting = cell.setting
        across, down = setting.size * setting.scale_x, setting.size * setting.scale_y
        if not across or not down:
            continue
        font = setting.shape.font
        pen = left + (setting.spacing if cell.level & 1 else 0.0)
        if setting.shape.upright:
            for glyph in cell.glyphs:
                matrix = (0.0, -down, pen - glyph.y * down, -across, 0.0, middle - glyph.x * across - setting.rise)
                yield Mark(font, glyph.number, matrix, setting.color)
            continue
        if across < 0:
            pen += cell.advance - setting.spacing
        y = _own_baseline(setting, baseline, middle) - setting.rise
        for glyph in cell.glyphs:
            yield Mark(font, glyph.number, (across, 0.0, pen + glyph.x * across, 0.0, -down, y - glyph.y * down), setting.color)


def _own_baseline(setting: Setting, baseline: float, middle: float) -> float:
    """Sideways letters stand about the middle of their column."""
    return middle + (setting.ascent - setting.descent) / 2 if setting.sideways else baseline


def _rules(part: Placed, baseline: float, middle: float) -> Iterable[Mark]:
    """One rule under neighbouring letters that are underlined alike."""
    start = end = 0.0
    now: Setting | None = None
    for left, right, cell in edges(part):
        setting = cell.setting if cell.setting.underline else None
        if now is not None and setting is not None and _same_rule(now, setting):
            end = right
            continue
        if now is not None:
            yield _rule(now, start, end, baseline, middle)
        now, start, end = setting, left, right
    if now is not None:
        yield _rule(now, start, end, baseline, middle)


def _same_rule(one: Setting, other: Setting) -> bool:
    return (one.color, one.rise, one.under, one.thickness, one.shape.upright) == (
        other.color,
        other.rise,
        other.under,
        other.thickness,
        other.shape.upright,
    )


def _rule(setting: Setting, left: float, right: float, baseline: float, middle: float) -> Mark:
    if setting.shape.upright:
        y = middle + _UPRIGHT_RULE * setting.size - setting.rise
    else:
        y = _own_baseline(setting, baseline, middle) - setting.rise + setting.under
    top = y - setting.thickness / 2
    if setting.whole_rule:
        top = float(round(top))
    return Mark(None, 0, (right - left, 0.0, left, 0.0, setting.thickness, top), setting.color)
