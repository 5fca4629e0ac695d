r"""Text in a box, and text without one about its origin (``r-text-layers``, ``r-text-positioning``).

Vertical flow (``\stextflow1``) is laid out as lines in a frame turned by 90°: its x is the page's y, its y goes to the left.
"""

from dataclasses import dataclass
from math import cos, inf, radians, sin

from proxy.recipe.text import TextPlan
from proxy.render.text.cells import Wrap
from proxy.render.text.compose import Composed, Slot
from proxy.render.text.extents import SLACK, Layout, reaching, whole
from proxy.render.text.fit import at_resolution, composed_at, fitted
from proxy.render.text.manners import MANNERS
from proxy.render.text.marks import Mark, Matrix, bounds, marks_of, moved, shifted, then

PLAIN: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SPARE = {"top": 0.0, "center": 0.5, "bottom": 1.0}
"""How much of the spare height stands above the text."""


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
        full = top >= self.bottom - SLACK if self.partial else bottom > self.bottom + SLACK
        return None if full else ((self.left, max(self.left, self.right)),)

    def step(self) -> float:
        """Never needed: something always fits."""
        return 1.0


def vertical(plan: TextPlan) -> bool:
    """Whether lines run downwards."""
    return plan.document.vertical_flow and MANNERS[plan.renderer].features


def upright(width: float) -> Matrix:
    """From the frame of vertical lines to a page of this width."""
    return (0.0, -1.0, width, 1.0, 0.0, 0.0)


def turned(plan: TextPlan) -> float:
    """The angle in radians at which text is laid out."""
    return radians(plan.angle % 360) if MANNERS[plan.renderer].features else 0.0


def turning(angle: float, x: float = 0.0, y: float = 0.0) -> Matrix:
    """Turn clockwise about a point."""
    c, s = cos(angle), sin(angle)
    return (c, -s, x - c * x + s * y, s, c, y - s * x - c * y)


def point(plan: TextPlan) -> Layout:
    """Text without a width: lines never wrap and stand about an origin, at the first baseline."""
    composed = fitted(plan, lambda: [Box(0.0, 0.0, 0.0, inf, partial=True)], "noWrap")
    marks = marks_of(composed.lines)
    left, top, right, bottom = _cells(composed, plan)
    origin = 0.0, composed.lines[0].baseline if composed.lines else 0.0
    area = bounds(marks)
    if MANNERS[plan.renderer].contained and area:
        left, top, right, bottom = min(left, area[0]), min(top, area[1]), max(right, area[2]), max(bottom, area[3])
    if vertical(plan):
        origin = 0.0, composed.lines[0].top if composed.lines else 0.0
    matrix = turning(turned(plan))
    if vertical(plan):
        matrix = then(upright(0.0), matrix)
    corners = [_apply(matrix, x, y) for x in (left, right) for y in (top, bottom)]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    right, bottom = max(x for x, _ in corners), max(y for _, y in corners)
    x, y = _apply(matrix, *origin)
    size = whole(right - left), plan.box[1] or whole(bottom - top)
    return reaching(shifted(moved(marks, matrix), -left, -top), size, (x - left, y - top))


def _cells(composed: Composed, plan: TextPlan) -> tuple[float, float, float, float]:
    """The rectangle of all lines with their spacing."""
    left = min((part.x for line in composed.lines for part in line.parts), default=0.0)
    right = max((part.x + part.strip.width for line in composed.lines for part in line.parts), default=0.0)
    bottom = composed.bottom
    if MANNERS[plan.renderer].leading and composed.lines:
        first = composed.lines[0]
        bottom += max(0.0, first.leading - first.ascent - first.descent)
    return left, 0.0, right, bottom


def boxed(plan: TextPlan) -> Layout:
    """Text in a box whose width is given, and whose height may be."""
    if vertical(plan):
        return _columns(plan)
    manner = MANNERS[plan.renderer]
    width, height = plan.box
    wrap: Wrap = "wrap" if manner.features else plan.wrap
    if height and not manner.features:
        plan = at_resolution(plan, lambda other: _fits(other, wrap))
    room = _room(plan)
    composed = fitted(plan, lambda: [room], wrap)
    if not height:
        below = plan.document.margins[3] * plan.resolution / 72 if manner.features else 0.0
        height = whole(composed.bottom + below)
    spare = max(0.0, room.bottom - composed.bottom) * SPARE[plan.document.vertical] if plan.box[1] else 0.0
    marks = shifted(marks_of(composed.lines), 0.0, spare)
    if manner.contained:
        extent = reaching([], (width, height)).extent
        return Layout(tuple(_contained(marks, width, height)), extent)
    return reaching(marks, (width, height))


def _columns(plan: TextPlan) -> Layout:
    """Vertical flow in a box: its columns begin at the right."""
    width, height = plan.box
    left, top, right, bottom = (margin * plan.resolution / 72 for margin in plan.document.margins)
    room = Box(top, right, height - bottom if height else top, width - left, partial=False)
    composed = fitted(plan, lambda: [room], "wrap" if height else "noWrap")
    spare = max(0.0, room.bottom - composed.bottom) * SPARE[plan.document.vertical] if height else 0.0
    marks = moved(shifted(marks_of(composed.lines), 0.0, spare), upright(width))
    return reaching(marks, (width, height or whole(composed.width + bottom)))


def _room(plan: TextPlan) -> Box:
    width, height = plan.box
    manner = MANNERS[plan.renderer]
    left, top, right, bottom = (margin * plan.resolution / 72 if manner.features else 0.0 for margin in plan.document.margins)
    return Box(left, top, width - right, height - bottom if height else inf, partial=manner.contained)


def _fits(plan: TextPlan, wrap: Wrap) -> bool:
    """Whether all of a text is in its box, its lines' cells and its ink."""
    width, height = plan.box
    composed, _ = composed_at(plan, lambda: [Box(0.0, 0.0, width, height, partial=False)], wrap, 0.0)
    if not composed.whole or composed.bottom > height + SLACK:
        return False
    if any(part.strip.width > width + SLACK for line in composed.lines for part in line.parts):
        return False
    area = bounds(marks_of(composed.lines))
    return area is None or (area[2] - area[0] <= width and area[3] - area[1] <= height)


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


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + b * y + c, d * x + e * y + f
