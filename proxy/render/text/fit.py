r"""Composing at the size that fits best: resolutions (``r-textattr``) and copy-fitting (``r-copy-fitting``).

Searches; what fits is asked of the composer and of the marks. Knows nothing of what the rooms are.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import exp, log

from proxy.recipe.text import TextPlan
from proxy.render.text.cells import Cells, Wrap, cells_of
from proxy.render.text.compose import Composed, Composer, Room
from proxy.render.text.manners import MANNERS
from proxy.render.text.settings import LARGEST_LETTER

FRACTIONS = 512
_STEPS = 14
_RANGE = 10_000.0
_TALLEST = 8.0

Rooms = Callable[[], Sequence[Room]]


def fitted(plan: TextPlan, rooms: Rooms, wrap: Wrap) -> Composed:
    """Compose with the largest sizes between both limits of copy-fitted text, or as it is where there is none.

    A size fits when no text is left over, no word is broken that a smaller size would not break, and no text has more lines
    than it may. What has too much text for its lines is set as small as it may be, and overflows.
    """
    if not copyfitted(plan):
        return composed_at(plan, rooms, wrap, 0.0)[0]
    least, cells = composed_at(plan, rooms, wrap, 0.0)

    def fits(fraction: float) -> bool:
        composed, _ = composed_at(plan, rooms, wrap, fraction)
        parted = composed.parted and not least.parted
        return composed.whole and not parted and not _crowded(composed, cells)

    if not least.whole or _crowded(least, cells):
        return least
    return composed_at(plan, rooms, wrap, largest_fraction(fits))[0]


def copyfitted(plan: TextPlan) -> bool:
    """Whether any text is to be copy-fitted."""
    return MANNERS[plan.renderer].features and any(
        span.style.copyfit > span.style.size for paragraph in plan.document.paragraphs for span in paragraph.spans
    )


def searched(plan: TextPlan) -> bool:
    """Whether the size of a text is searched for."""
    return copyfitted(plan) or (plan.resolution_mode != "fixedRes" and not MANNERS[plan.renderer].features)


def composed_at(plan: TextPlan, rooms: Rooms, wrap: Wrap, fraction: float) -> tuple[Composed, list[Cells]]:
    """Compose at one place between both sizes."""
    cells = cells_of(plan, fraction)
    return Composer(rooms(), MANNERS[plan.renderer], wrap, plan.resolution / 72).compose(cells), cells


def _crowded(composed: Composed, cells: Sequence[Cells]) -> bool:
    """Whether a text has more lines than it should, its own line breaks allowed."""
    wanted: dict[int, int] = {}
    own: dict[int, int] = {}
    for segment in cells:
        for group, lines in {run.group: run.lines for run in segment.segment.runs if run.lines}.items():
            wanted[group] = lines
            own[group] = own.get(group, 0) + 1
    return any(sum(group in line.groups for line in composed.lines) > max(lines, own[group]) for group, lines in wanted.items())


def largest_fraction(fits: Callable[[float], bool]) -> float:
    """Find the largest fraction from 0 to 1, to a 512th, that fits, 0 if none does."""
    if fits(1.0):
        return 1.0
    low, high = 0, FRACTIONS
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle / FRACTIONS):
            low = middle
        else:
            high = middle
    return low / FRACTIONS


def at_resolution(plan: TextPlan, fits: Callable[[TextPlan], bool]) -> TextPlan:
    """Choose the resolution of a text whose box is given: the largest that fits, for ``maxRes`` no larger than its own."""
    if plan.resolution_mode == "fixedRes":
        return plan
    tallest = max((span.style.size for each in plan.document.paragraphs for span in each.spans), default=12.0)
    high = 72 * min(plan.box[1] * _TALLEST, float(LARGEST_LETTER)) / max(tallest, 0.01)
    if plan.resolution_mode == "maxRes" and plan.resolution <= high:
        if fits(plan):
            return plan
        high = plan.resolution
    below, above = log(high / _RANGE), log(high)
    for _ in range(_STEPS):
        middle = (below + above) / 2
        if fits(replace(plan, resolution=exp(middle))):
            below = middle
        else:
            above = middle
    return replace(plan, resolution=exp(below))
