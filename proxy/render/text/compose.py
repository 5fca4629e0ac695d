"""Lines filled with cells and put below each other: breaking, line spacing, indents, alignment (``r-paragraph-formatting``).

Works in a frame of its own, x along the lines and y across them, in pixels. Knows rooms only as bands with slots, so a box, a
shape that text flows into and columns of vertical text are all the same to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from proxy.protocol.rtf.document import Align, Paragraph
from proxy.render.text.cells import Cell, Cells, Strip, Wrap
from proxy.render.text.manners import Manner
from proxy.render.text.settings import Setting

Slot = tuple[float, float]
_TRIES = 4


class Room(Protocol):
    """Where lines may stand."""

    @property
    def top(self) -> float:
        """Where the first line begins."""
        ...

    @property
    def widest(self) -> float:
        """The greatest width there may be in it."""
        ...

    def slots(self, top: float, bottom: float) -> Sequence[Slot] | None:
        """The free widths of a band from left to right, ``None`` below the end of the room."""
        ...

    def step(self) -> float:
        """How far to go down where a band has no room for a word."""
        ...


@dataclass(frozen=True, slots=True)
class Placed:
    """A part of a line: its cells' left edges, counted from ``x``; ``stretch`` is added to every space in it."""

    x: float
    strip: Strip
    stretch: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line. ``baseline`` is from the top of the room, ``leading`` the automatic distance of lines of its sizes."""

    baseline: float
    ascent: float
    descent: float
    leading: float
    parts: tuple[Placed, ...]
    groups: frozenset[int]

    @property
    def top(self) -> float:
        """Where its cell begins."""
        return self.baseline - self.ascent

    @property
    def bottom(self) -> float:
        """Where its cell ends."""
        return self.baseline + self.descent


@dataclass(frozen=True, slots=True)
class Composed:
    """All lines that found room.

    ``bottom`` is where the text with its spacing ends, ``width`` how far the widest line reaches. ``whole`` says that no text was
    left over, ``parted`` that a word was broken.
    """

    lines: tuple[Line, ...]
    bottom: float
    width: float
    whole: bool
    parted: bool


@dataclass(frozen=True, slots=True)
class _Height:
    ascent: float
    descent: float
    leading: float

    def covers(self, other: "_Height") -> bool:
        return self.ascent >= other.ascent and self.descent >= other.descent and self.leading >= other.leading

    def with_(self, other: "_Height") -> "_Height":
        return _Height(max(self.ascent, other.ascent), max(self.descent, other.descent), max(self.leading, other.leading))


def _height(settings: Sequence[Setting]) -> _Height:
    return _Height(
        max(each.ascent for each in settings), max(each.descent for each in settings), max(each.leading for each in settings)
    )


class Composer:
    """Fills one or several rooms, one after the other, with the segments of a document."""

    def __init__(self, rooms: Sequence[Room], manner: Manner, wrap: Wrap, scale: float) -> None:
        self.rooms = list(rooms)
        self.manner = manner
        self.wrap = wrap
        self.scale = scale
        self.lines: list[Line] = []
        self.parted = False
        self.whole = True
        self._counted: dict[int, int] = {}
        self._enter()

    def _enter(self) -> None:
        """Begin the next room."""
        self.bottom = self.rooms[0].top if self.rooms else 0.0
        self._below = 0.0
        self._fresh = True

    def compose(self, segments: Sequence[Cells]) -> Composed:
        """Place the segments until the rooms are full."""
        after = 0.0
        for number, cells in enumerate(segments):
            paragraph = cells.segment.paragraph
            if cells.segment.first:
                before = paragraph.before if number or self.manner.outer_spacing else 0.0
                self.bottom += (before + after) * self.scale
                after = paragraph.after
            if not self._segment(cells):
                self.whole = False
                break
        if self.whole and self.manner.outer_spacing:
            self.bottom += after * self.scale
        width = max((part.x + part.strip.width for line in self.lines for part in line.parts), default=0.0)
        return Composed(tuple(self.lines), self.bottom, width, self.whole, self.parted)

    def _segment(self, cells: Cells) -> bool:
        """Place one segment's lines; whether all of it found room."""
        at, first = 0, cells.segment.first
        while True:
            at = self._skip(cells, at)
            if at >= len(cells.cells) > 0:
                return True
            following = self._line(cells, at, first=first)
            if following is None:
                return False
            if following >= len(cells.cells):
                return True
            at, first = following, False

    def _skip(self, cells: Cells, at: int) -> int:
        """Pass over text that is beyond its limit of lines."""
        while at < len(cells.cells):
            cell = cells.cells[at]
            if not (cell.group and cell.most_lines and self._counted.get(cell.group, 0) >= cell.most_lines):
                break
            self.whole = False
            at = cells.behind(cell.group, at)
        return at

    def _line(self, cells: Cells, at: int, *, first: bool) -> int | None:
        """Place one line; the cell at which the next one begins, or nothing where the rooms are full."""
        paragraph = cells.segment.paragraph
        height = _height([cells.cells[at].setting if cells.cells else cells.segment.end])
        while self.rooms:
            for _ in range(_TRIES):
                baseline, used = self._baseline(height, paragraph)
                slots = self.rooms[0].slots(baseline - used.ascent, baseline + used.descent)
                filled, following = self._fill(cells, at, slots or (), first=first)
                actual = _height([cell.setting for cell in cells.cells[at:following]]) if following > at else height
                if height.covers(actual):
                    break
                height = height.with_(actual)
            if slots is None:
                self.rooms.pop(0)
                self._enter()
                continue
            if following > at or (not cells.cells and slots):
                self._place(filled, baseline, used, height, paragraph)
                return following
            self.bottom += max(self.rooms[0].step(), 1.0)
            self._fresh = self._fresh or not self.manner.leading
        return None

    def _baseline(self, height: _Height, paragraph: Paragraph) -> tuple[float, _Height]:
        """Where the next baseline is, and the heights about it."""
        leading = _spacing(paragraph, height.leading, self.scale)
        if self._fresh or not self.manner.leading:
            return self.bottom + height.ascent, height
        return self.bottom - self._below + leading, height

    def _place(self, filled: Sequence[Placed], baseline: float, used: _Height, height: _Height, paragraph: Paragraph) -> None:
        cells = [cell for part in filled for _, cell in part.strip.cells]
        groups = frozenset(cell.group for cell in cells if cell.group)
        for group in groups:
            self._counted[group] = self._counted.get(group, 0) + 1
        self.lines.append(Line(baseline, used.ascent, used.descent, used.leading, tuple(filled), groups))
        if self.manner.leading:
            self.bottom, self._below = baseline + used.descent, used.descent
        else:
            self.bottom = baseline - used.ascent + _spacing(paragraph, height.leading, self.scale)
        self._fresh = False

    def _fill(self, cells: Cells, at: int, slots: Sequence[Slot], *, first: bool) -> tuple[list[Placed], int]:
        """Fill a band's slots; what was placed and the next cell."""
        paragraph, scale = cells.segment.paragraph, self.scale
        filled: list[Placed] = []
        for number, (low, high) in enumerate(slots):
            left, right = low, high
            if self.manner.features:
                indent = paragraph.left_indent + (paragraph.first_indent if first and not number else 0.0)
                left, right = low + indent * scale, high - paragraph.right_indent * scale
            end, parted = cells.fit(at, max(right - left, 0.0), self._wrap(cells, at), left - low)
            end = self._limited(cells, at, end)
            if cells.cells and (end == at or self._sticks_out(cells, at, end, right - left)):
                continue
            self.parted = self.parted or parted
            strip = cells.strip(at, end, left - low)
            complete = end >= len(cells.cells)
            last = complete and cells.segment.last
            filled.append(_aligned(strip, left, right, paragraph, last=last, manner=self.manner, leftwards=bool(cells.base)))
            at = end
            if complete:
                break
        return filled, at

    def _limited(self, cells: Cells, at: int, end: int) -> int:
        """End a line before text whose lines are used up."""
        for place in range(at, end):
            cell = cells.cells[place]
            if cell.most_lines and self._counted.get(cell.group, 0) >= cell.most_lines:
                return place
        return end

    def _sticks_out(self, cells: Cells, at: int, end: int, width: float) -> bool:
        """Whether a single letter is wider than its slot in a shape."""
        return self.wrap == "words" and end == at + 1 and cells.cells[at].advance > width > 0

    def _wrap(self, cells: Cells, at: int) -> Wrap:
        if self.wrap == "words" and cells.cells and cells.word_width(at) > self.rooms[0].widest:
            return "wrap"
        return self.wrap


def _spacing(paragraph: Paragraph, automatic: float, scale: float) -> float:
    r"""Apply ``\sl`` and ``\slmult``."""
    wanted = paragraph.line_spacing
    if not wanted:
        return automatic
    if paragraph.multiple:
        return automatic * abs(wanted)
    return max(automatic, wanted * scale) if wanted > 0 else -wanted * scale


def _aligned(
    strip: Strip, left: float, right: float, paragraph: Paragraph, *, last: bool, manner: Manner, leftwards: bool
) -> Placed:
    align: Align = paragraph.align
    if align == "justify":
        align = (paragraph.last if last else "justify") if manner.features else "left"
    spare = right - left - strip.width
    if align == "justify":
        if strip.spaces and spare > 0:
            return Placed(left, strip, spare / strip.spaces)
        align = "right" if leftwards else "left"
    return Placed(left + spare * {"left": 0.0, "center": 0.5, "right": 1.0}[align], strip)


def edges(part: Placed) -> list[tuple[float, float, Cell]]:
    """The left and right edges of a part's cells, stretched."""
    placed: list[tuple[float, float, Cell]] = []
    more = 0.0
    cells = part.strip.cells
    rights = [right for (_, _), (right, _) in pairwise(cells)] + [part.strip.width]
    for (left, cell), right in zip(cells, rights, strict=False):
        grown = part.stretch if cell.kind == "space" else 0.0
        placed.append((part.x + left + more, part.x + right + more + grown, cell))
        more += grown
    return placed
