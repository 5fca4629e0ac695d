"""The layout of a text layer at full size: how it is composed, how large it comes out, where its ink is (``r-text-layers``).

Works in composite pixels. Knows nothing of drawing.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, inf

from proxy.errors import LimitExceeded
from proxy.recipe.text import TextExtent, TextPlan
from proxy.render.text.cells import Cells
from proxy.render.text.compose import Composed, Composer, Slot
from proxy.render.text.manners import MANNERS, TAB
from proxy.render.text.marks import Mark, bounds, marks_of, shifted
from proxy.render.text.settings import segments

_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Layout:
    """A text's marks, counted from the top left corner of its layer rectangle. ``clipped`` ends them at the rectangle."""

    marks: tuple[Mark, ...]
    extent: TextExtent
    clipped: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle as a room. ``partial`` lets a last line in that only begins in it."""

    left: float
    top: float
    right: float
    bottom: float
    partial: bool

    @property
    def widest(self) -> float:
        """The width of its lines."""
        return self.right - self.left

    def slots(self, top: float, bottom: float) -> tuple[Slot, ...] | None:
        """One slot, while there is height."""
        full = top >= self.bottom - _SLACK if self.partial else bottom > self.bottom + _SLACK
        return None if full else ((self.left, max(self.left, self.right)),)

    def step(self) -> float:
        """Never needed: something always fits."""
        return 1.0


LONGEST = 100_000
"""Characters of a text."""

LARGEST = 2**17
"""Pixels of a layer's side, and of a glyph's size."""


@lru_cache(maxsize=16)
def lay_out(plan: TextPlan) -> Layout:
    """Lay a text out.

    Raises:
        LimitExceeded: the text is too long, or it comes out too large.
        Missing, BadSource: a font is not there or cannot be read.
    """
    length = sum(len(span.text) for paragraph in plan.document.paragraphs for span in paragraph.spans)
    if length > LONGEST:
        raise LimitExceeded(f"{plan.renderer}=: the text has {length} characters, {LONGEST} are allowed")
    layout = _boxed(plan) if plan.box[0] else _point(plan)
    size, overhang = layout.extent.size, layout.extent.overhang
    if max(size[0] + 2 * overhang[0], size[1] + 2 * overhang[1]) > LARGEST:
        raise LimitExceeded(f"{plan.renderer}=: the text comes out larger than {LARGEST} pixels")
    return layout


def shaped(plan: TextPlan, fraction: float = 0.0) -> list[Cells]:
    """Shape all of a plan's text."""
    cut = segments(plan, fraction)
    if any(run.setting.size > LARGEST for segment in cut for run in segment.runs):
        raise LimitExceeded(f"{plan.renderer}=: letters may be {LARGEST} pixels high at most")
    return [Cells(segment, TAB * plan.resolution / 72) for segment in cut]


def _point(plan: TextPlan) -> Layout:
    """Text without a width: lines never wrap and stand about an origin."""
    manner = MANNERS[plan.renderer]
    room = Box(0.0, 0.0, 0.0, inf, partial=True)
    composed = Composer([room], manner, "noWrap", plan.resolution / 72).compose(shaped(plan, 1.0))
    marks = marks_of(composed.lines)
    left = min((part.x for line in composed.lines for part in line.parts), default=0.0)
    right = max((part.x + part.strip.width for line in composed.lines for part in line.parts), default=0.0)
    top, bottom = 0.0, composed.bottom
    if manner.leading and composed.lines:
        first = composed.lines[0]
        bottom += max(0.0, first.leading - first.ascent - first.descent)
    area = bounds(marks)
    if manner.contained and area:
        left, top, right, bottom = min(left, area[0]), min(top, area[1]), max(right, area[2]), max(bottom, area[3])
    width, height = _whole(right - left), plan.box[1] or _whole(bottom - top)
    baseline = composed.lines[0].baseline if composed.lines else 0.0
    marks = shifted(marks, -left, -top)
    extent = TextExtent((width, height), (-left, baseline - top), _overhang(marks, width, height))
    return Layout(tuple(marks), extent)


def _boxed(plan: TextPlan) -> Layout:
    """Text in a box whose width is given, and whose height may be."""
    manner = MANNERS[plan.renderer]
    composed, room = _fitted(plan)
    width, height = plan.box
    if not height:
        height = _whole(composed.bottom + (plan.document.margins[3] * plan.resolution / 72 if manner.features else 0.0))
        room_bottom = composed.bottom
    else:
        room_bottom = room.bottom
    spare = max(0.0, room_bottom - composed.bottom) * {"top": 0.0, "center": 0.5, "bottom": 1.0}[plan.document.vertical]
    marks = shifted(marks_of(composed.lines), 0.0, spare)
    if manner.contained:
        marks = _contained(marks, width, height)
        return Layout(tuple(marks), TextExtent((width, height)), clipped=True)
    return Layout(tuple(marks), TextExtent((width, height), None, _overhang(marks, width, height)))


def _room(plan: TextPlan) -> Box:
    width, height = plan.box
    manner = MANNERS[plan.renderer]
    margins = plan.document.margins if manner.features else (0.0, 0.0, 0.0, 0.0)
    left, top, right, bottom = (margin * plan.resolution / 72 for margin in margins)
    return Box(left, top, width - right, height - bottom if height else inf, partial=manner.contained)


def _fitted(plan: TextPlan) -> tuple[Composed, Box]:
    """Compose at the resolution or with the sizes that fill the box best."""
    room = _room(plan)
    wrap = plan.wrap
    return Composer([room], MANNERS[plan.renderer], wrap, plan.resolution / 72).compose(shaped(plan)), room


def _contained(marks: list[Mark], width: int, height: int) -> list[Mark]:
    """Shift text so that its ink does not leave the box: never out at the top and left for the sake of the other side."""
    area = bounds(marks)
    if area is None:
        return marks
    return shifted(marks, _shift(area[0], area[2], width), _shift(area[1], area[3], height))


def _shift(low: float, high: float, room: float) -> float:
    if low < 0:
        return -low
    return -min(high - room, low) if high > room and high - low <= room else 0.0


def _overhang(marks: list[Mark], width: int, height: int) -> tuple[int, int]:
    area = bounds(marks)
    if area is None:
        return 0, 0
    left, top, right, bottom = area
    return max(0, ceil(max(-left, right - width) - _SLACK)), max(0, ceil(max(-top, bottom - height) - _SLACK))


def _whole(length: float) -> int:
    return max(1, ceil(min(length, 2.0**30) - _SLACK))
