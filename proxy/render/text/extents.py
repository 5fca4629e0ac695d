"""What a layout comes to: marks and the layer rectangle about them (``r-text-layers``). Knows nothing of how it was laid out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from proxy.recipe.text import TextExtent
from proxy.render.text.marks import Mark, bounds, shifted

SLACK = 1e-6
_MOST = 2.0**30


@dataclass(frozen=True, slots=True)
class Layout:
    """A text's marks, counted from the top left corner of its layer rectangle, and how much room they take."""

    marks: tuple[Mark, ...]
    extent: TextExtent


def whole(length: float) -> int:
    """Round a length up to pixels, to one at least."""
    return max(1, ceil(min(length, _MOST) - SLACK))


def reaching(marks: Sequence[Mark], size: tuple[int, int], anchor: tuple[float, float] | None = None) -> Layout:
    """A layer of a given size whose ink may leave it."""
    area = bounds(marks)
    if area is None:
        return Layout(tuple(marks), TextExtent(size, anchor))
    left, top, right, bottom = area
    aside, above = max(-left, right - size[0]), max(-top, bottom - size[1])
    overhang = max(0, ceil(min(aside, _MOST) - SLACK)), max(0, ceil(min(above, _MOST) - SLACK))
    return Layout(tuple(marks), TextExtent(size, anchor, overhang))


def about_ink(marks: Sequence[Mark]) -> Layout:
    """A layer as large as its ink, whose anchor is the origin of the frame."""
    area = bounds(marks)
    if area is None:
        return Layout((), TextExtent((1, 1), (0.0, 0.0)))
    left, top = floor(max(area[0], -_MOST) + SLACK), floor(max(area[1], -_MOST) + SLACK)
    size = whole(area[2] - left), whole(area[3] - top)
    return Layout(tuple(shifted(marks, -left, -top)), TextExtent(size, (float(-left), float(-top))))
