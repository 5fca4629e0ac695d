"""The cells of a segment: clusters with their sizes, directions and places to break, and one line cut out of them.

Lengths are in pixels along the line. Knows nothing of where lines stand.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from proxy.recipe.text import TextPlan
from proxy.render.text.bidi import base, trails, turned, visual
from proxy.render.text.breaking import SOFT_HYPHEN, opportunities
from proxy.render.text.manners import TAB
from proxy.render.text.settings import Run, Segment, Setting, segments
from proxy.render.text.shaping import Glyph, cuts, scripts, shaped

Wrap = Literal["wrap", "noWrap", "nbWrap", "words"]
"""``words`` is wrapping that rather leaves a line empty than parts a word."""

_SLACK = 1e-6
_CHUNK = 1000


@dataclass(slots=True)
class Cell:
    """One cluster, set. ``start`` and ``end`` are characters of the segment."""

    start: int
    end: int
    advance: float
    setting: Setting
    glyphs: tuple[Glyph, ...]
    level: int
    joined: bool
    kind: Literal["", "space", "tab", "soft"]
    group: int
    most_lines: int


@dataclass(frozen=True, slots=True)
class Strip:
    """The cells of one line from left to right, each with its left edge; ``width`` is without hanging spaces."""

    cells: tuple[tuple[float, Cell], ...]
    width: float
    spaces: int


class Cells:
    """A shaped segment."""

    def __init__(self, segment: Segment, tab: float) -> None:
        self.segment = segment
        self.tab = tab
        self.text = segment.text
        turns = [(run.start, run.end) for run in segment.runs if run.setting.turned]
        self.levels = turned(self.text, turns)
        self.base = base(self.text)
        self._joined = self._alike()
        self.cells = self._shape(0, len(self.text))
        self.breaks = opportunities(self.text)

    def _shape(self, start: int, end: int) -> list[Cell]:
        made: list[Cell] = []
        first = bisect_right(self._joined, start, key=_ends)
        for run in islice(self._joined, first, None):
            low, high = max(run.start, start), min(run.end, end)
            if low >= high:
                break
            for one, other in _pieces(self.text[low:high], self.levels[low:high]):
                self._extend(made, run.setting, low + one, low + other)
        self._style(made)
        return made

    def _alike(self) -> list[Run]:
        """Join runs which differ in nothing that shaping sees, so that letters join across a change of colour."""
        joined: list[Run] = []
        for run in self.segment.runs:
            last = joined[-1] if joined else None
            if last and (last.setting.shape, last.setting.size) == (run.setting.shape, run.setting.size):
                joined[-1] = Run(last.start, run.end, last.setting)
            else:
                joined.append(run)
        return joined

    def _extend(self, made: list[Cell], setting: Setting, start: int, end: int) -> None:
        text = self.text[start:end]
        level = self.levels[start]
        if text == "\t":
            made.append(Cell(start, end, 0.0, setting, (), level, joined=False, kind="tab", group=0, most_lines=0))
            return
        for cluster in shaped(text, setting.shape, leftwards=bool(level & 1)):
            at = start + cluster.start
            character = self.text[at]
            kind: Literal["", "space", "soft"] = "space" if trails(character) else "soft" if character == SOFT_HYPHEN else ""
            glyphs = cluster.glyphs if kind != "soft" else ()
            made.append(
                Cell(
                    at, start + cluster.end, cluster.advance, setting, glyphs, level, cluster.joined, kind, group=0, most_lines=0
                )
            )

    def _style(self, made: list[Cell]) -> None:
        """Give every cell the setting of its own first character, and its length in pixels."""
        if not made:
            return
        runs = islice(self.segment.runs, bisect_right(self.segment.runs, made[0].start, key=_ends), None)
        run = next(runs, None)
        for cell in made:
            while run is not None and run.end <= cell.start:
                run = next(runs, None)
            if run is None:
                break
            setting = cell.setting = run.setting
            cell.group, cell.most_lines = run.group, run.most_lines
            along = abs(setting.scale_y if setting.shape.upright else setting.scale_x)
            if cell.kind == "soft":
                cell.advance = 0.0
            elif cell.kind != "tab":
                cell.advance = cell.advance * setting.size * along + setting.spacing

    def fit(self, start: int, width: float, wrap: Wrap, left: float = 0.0) -> tuple[int, bool]:
        """Find the cell before which a line of this width ends, and whether that is within a word.

        The line takes one cell at least, but for ``words``, where ``start`` says that nothing fits. ``left`` is where the
        line begins, for tabs.
        """
        pen, best = 0.0, start
        cells, breaks = self.cells, self.breaks
        for at in range(start, len(cells)):
            cell = cells[at]
            if at > start and cell.start in breaks and self._closes(cells[at - 1], pen, width):
                if pen > width + _SLACK and best == start and wrap == "nbWrap":
                    return at, False
                best = at
            ahead = cell.advance if cell.kind != "tab" else self._to_tab(left + pen)
            if wrap != "noWrap" and cell.kind != "space" and pen + ahead > width + _SLACK:
                if best > start:
                    return best, False
                if wrap == "words":
                    return start, True
                if wrap == "wrap" and at > start:
                    return at, True
            pen += ahead
        return len(cells), False

    def _closes(self, before: Cell, pen: float, width: float) -> bool:
        """Whether a line may end behind this cell: an optional hyphen needs its room."""
        return before.kind != "soft" or pen + self._hyphen(before, 0).advance <= width + _SLACK

    def _to_tab(self, at: float) -> float:
        return self.tab - at % self.tab if self.tab > _SLACK else 0.0

    def word_width(self, start: int) -> float:
        """How wide the text up to the next place to break is."""
        width = 0.0
        for at in range(start, len(self.cells)):
            cell = self.cells[at]
            if at > start and cell.start in self.breaks:
                break
            width += cell.advance if cell.kind != "space" else 0.0
        return width

    def strip(self, start: int, end: int, left: float = 0.0) -> Strip:
        """Cut a line's cells out, shape them anew where neighbours were joined, and order them from left to right."""
        line = self.cells[start:end]
        if line and (line[0].joined or (end < len(self.cells) and self.cells[end].joined)):
            line = self._shape(line[0].start, line[-1].end)
        if line and line[-1].kind == "soft" and end < len(self.cells):
            line.append(self._hyphen(line[-1], line[-1].level))
        content = len(line)
        while content and line[content - 1].kind == "space":
            content -= 1
        line = line[:content]
        placed: list[tuple[float, Cell]] = []
        pen = 0.0
        if any(cell.level for cell in line):
            line = [line[place] for place in visual([cell.level for cell in line])]
        for cell in line:
            placed.append((pen, cell))
            pen += cell.advance if cell.kind != "tab" else self._to_tab(left + pen)
        return Strip(tuple(placed), pen, sum(cell.kind == "space" for cell in line))

    def _hyphen(self, soft: Cell, level: int) -> Cell:
        """The hyphen which an optional one becomes at the end of a line."""
        setting = soft.setting
        (cluster, *_) = shaped("-", setting.shape, leftwards=False)
        advance = cluster.advance * setting.size * abs(setting.scale_x) + setting.spacing
        return Cell(
            soft.start, soft.end, advance, setting, cluster.glyphs, level, joined=False, kind="", group=soft.group, most_lines=0
        )

    def behind(self, group: int, start: int) -> int:
        """The first cell from ``start`` on that is not in this group."""
        return next((at for at in range(start, len(self.cells)) if self.cells[at].group != group), len(self.cells))


def _ends(run: Run) -> int:
    return run.end


def _pieces(text: str, levels: list[int]) -> list[tuple[int, int]]:
    """Cut a run at changes of direction and script, at tabs, and at a space where it becomes too long to be remembered."""
    turns = [at for at in range(1, len(levels)) if levels[at] != levels[at - 1]] if any(levels) else []
    tabs = [place for at, each in enumerate(text) if each == "\t" for place in (at, at + 1)] if "\t" in text else []
    long: list[int] = []
    while len(text) - (long[-1] if long else 0) > _CHUNK:
        since = long[-1] if long else 0
        space = text.rfind(" ", since + 1, since + _CHUNK)
        long.append((space if space > 0 else since + _CHUNK - 1) + 1)
    return cuts(len(text), turns, tabs, long, [start for start, _ in scripts(text)])


def cells_of(plan: TextPlan, fraction: float = 0.0) -> list[Cells]:
    """Shape all of a plan's text, copy-fitted text at a place between both of its sizes."""
    return [Cells(segment, TAB * plan.resolution / 72) for segment in segments(plan, fraction)]
