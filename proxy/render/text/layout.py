"""The layout of a text layer at full size, once for measuring and drawing: which way it is composed, and what it may not exceed.

Works in composite pixels. Knows nothing of drawing.
"""

from functools import lru_cache

from proxy.errors import LimitExceeded
from proxy.recipe.text import TextPlan
from proxy.render.text.boxes import boxed, point, turned
from proxy.render.text.curve import on_path
from proxy.render.text.extents import Layout
from proxy.render.text.fit import searched
from proxy.render.text.flow import at_angle, in_path
from proxy.render.text.manners import MANNERS

LONGEST = 32_768
"""Characters of a text."""

LONGEST_FITTED = 8_192
"""Characters of a text whose size is searched for."""

LARGEST = 2**17
"""Pixels of a layer's side."""


@lru_cache(maxsize=16)
def lay_out(plan: TextPlan) -> Layout:
    """Lay a text out.

    Raises:
        LimitExceeded: the text is too long, or it comes out too large.
        Missing, BadSource: a font is not there or cannot be read.
    """
    length = sum(len(span.text) + 1 for paragraph in plan.document.paragraphs for span in paragraph.spans)
    most = LONGEST_FITTED if searched(plan) else LONGEST
    if length > most:
        raise LimitExceeded(f"{plan.renderer}=: the text has {length} characters, {most} are allowed")
    layout = _chosen(plan)
    size, overhang = layout.extent.size, layout.extent.overhang
    if max(size[0] + 2 * overhang[0], size[1] + 2 * overhang[1]) > LARGEST:
        raise LimitExceeded(f"{plan.renderer}=: the text comes out larger than {LARGEST} pixels")
    return layout


def _chosen(plan: TextPlan) -> Layout:
    if MANNERS[plan.renderer].features:
        if plan.path is not None:
            return on_path(plan, plan.path)
        if plan.flow is not None:
            return in_path(plan, plan.flow)
        if turned(plan) and plan.box[0]:
            return at_angle(plan)
    return boxed(plan) if plan.box[0] else point(plan)
