r"""Text along paths (``r-textpath``, ``r-pathattr``): each letter stands upon the path where its own middle is.

Text goes on from sub-path to sub-path; what finds no room is left out, and so is what follows the first line or paragraph break.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from proxy.protocol.path import Path
from proxy.protocol.rtf.document import Align, Paragraph
from proxy.recipe.text import TextPlan
from proxy.render.text.cells import Cells, Strip, cells_of
from proxy.render.text.compose import Line, Placed, edges
from proxy.render.text.extents import SLACK, Layout, about_ink, reaching
from proxy.render.text.fit import copyfitted, largest_fraction
from proxy.render.text.marks import Mark, Matrix, marks_of, then
from proxy.render.text.outline import Track, flattened, track


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a track that text may stand on, in distances along it."""

    track: Track
    start: float
    end: float


def on_path(plan: TextPlan, path: Path) -> Layout:
    """Set text upon a path. Its origin is the path's."""
    fraction = largest_fraction(lambda each: _set(plan, path, each)[1]) if copyfitted(plan) else 0.0
    marks, _ = _set(plan, path, fraction)
    if not plan.box[0]:
        return about_ink(marks)
    if plan.box[1]:
        return reaching(marks, plan.box)
    grown = about_ink(marks).extent
    return reaching(marks, (plan.box[0], max(1, round(grown.size[1] - (grown.anchor or (0.0, 0.0))[1]))))


def _set(plan: TextPlan, path: Path, fraction: float) -> tuple[list[Mark], bool]:
    """Set as much text as there is room for; whether that is all of it."""
    segments = cells_of(plan, fraction)
    if not segments:
        return [], True
    cells = segments[0]
    marks: list[Mark] = []
    at = 0
    for stretch in _stretches(plan, path):
        while at < len(cells.cells) and at and cells.cells[at].kind == "space":
            at += 1
        if at >= len(cells.cells):
            break
        at = _stand(marks, cells, at, stretch, plan)
    return marks, at >= len(cells.cells)


def _stretches(plan: TextPlan, path: Path) -> Iterator[_Stretch]:
    """The parts of the sub-paths between both positions, in the direction of the text.

    Positions count from the first vertex in both directions; text that is reversed begins at the end position.
    """
    for points, closed in flattened(path):
        whole = track(points, closed=closed, backwards=plan.reverse)
        most = plan.start + 1.0 if closed else 1.0
        start, end = plan.start, min(max(plan.end, plan.start), most)
        if plan.reverse:
            start, end = 1.0 - end, 1.0 - start
        yield _Stretch(whole, start * whole.length, end * whole.length)


def _stand(marks: list[Mark], cells: Cells, at: int, stretch: _Stretch, plan: TextPlan) -> int:
    """Set one line upon a part of a track; the cell that comes next."""
    paragraph, scale = cells.segment.paragraph, plan.resolution / 72
    low = stretch.start + (paragraph.left_indent + paragraph.first_indent) * scale
    high = stretch.end - paragraph.right_indent * scale
    if high <= low:
        return at
    last = _reach(cells, at, high - low)
    if last == at:
        return at
    strip = cells.strip(at, last)
    placed = _aligned(strip, low, high, paragraph, given=bool(plan.box[0]))
    marks += _bent(placed, stretch.track)
    return last


def _reach(cells: Cells, at: int, room: float) -> int:
    """The cell behind the last one that has room, at the end of a word where it can be."""
    end, _ = cells.fit(at, room, "wrap")
    if end == at + 1 and cells.cells[at].advance > room + SLACK:
        return at
    return end


def _aligned(strip: Strip, low: float, high: float, paragraph: Paragraph, *, given: bool) -> Placed:
    r"""Place along the path; alignment is ignored where the layer's size is given (``r-text-layers``)."""
    align: Align = "left" if given else paragraph.align
    spare = high - low - strip.width
    if align == "justify" and strip.spaces and spare > 0 and paragraph.last == "justify":
        return Placed(low, strip, spare / strip.spaces)
    last: Align = paragraph.last if align == "justify" else align
    return Placed(low + spare * {"left": 0.0, "justify": 0.0, "center": 0.5, "right": 1.0}[last], strip)


def _bent(placed: Placed, along: Track) -> Iterator[Mark]:
    """Every letter with its underline, moved to the path as one."""
    for left, right, cell in edges(placed):
        middle = (left + right) / 2
        (x, y), (dx, dy) = along.at(middle)
        matrix: Matrix = (dx, -dy, x, dy, dx, y)
        single = Placed(left - middle, Strip(((0.0, cell),), right - left, 0))
        line = Line(0.0, cell.setting.ascent, cell.setting.descent, cell.setting.leading, (single,), frozenset())
        for mark in marks_of([line]):
            yield Mark(mark.font, mark.glyph, then(mark.matrix, matrix), mark.color)
