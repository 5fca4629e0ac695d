"""Marks drawn: outlines at the scale of the reply, filled, their coverage seen through the curve of an anti-aliasing mode.

Knows pixels of the reply. Knows nothing of texts.
"""

from itertools import groupby

import numpy as np
from PIL import Image

from proxy.errors import LimitExceeded
from proxy.protocol.color import OPAQUE, Color
from proxy.recipe.text import TextPlan
from proxy.render.text.contours import edges_of
from proxy.render.text.coverage import Edges, bounding, coverage
from proxy.render.text.extents import Layout
from proxy.render.text.marks import Mark, then

MOST_PIXELS = 100_000_000
"""Pixels of one drawn text layer."""

_NEAR = 2
_BLACK = Color("rgb", (0, 0, 0))
Box = tuple[int, int, int, int]


def _curve(slope: float, gamma: float = 1.0) -> list[int]:
    """A table from coverage to alpha: contrast about the middle, then a gamma below 1 to make heavier."""
    steep = ((each / 255 - 0.5) * slope + 0.5 for each in range(256))
    return [round(255 * min(max(value, 0.0), 1.0) ** gamma) for value in steep]


CURVES: dict[str, list[int]] = {
    "off": [0] * 128 + [255] * 128,
    "norm": list(range(256)),
    "crisp": _curve(1.35),
    "sharp": _curve(1.7),
    "strong": _curve(1.35, 0.65),
    "smooth": _curve(1.0, 0.85),
}
"""How each mode sees coverage: ``sharp`` and ``crisp`` have steeper edges, ``strong`` and ``smooth`` are heavier, ``off`` has
hard ones."""


def paint(plan: TextPlan, layout: Layout, scale: tuple[float, float]) -> Image.Image:
    """Draw a layout: RGBA, not premultiplied; under alpha 0 is the colour of the text that is near.

    Raises:
        LimitExceeded: the picture would have more than ``MOST_PIXELS``.
    """
    (width, height), (beside, above) = layout.extent.size, layout.extent.overhang
    size = max(1, round((width + 2 * beside) * scale[0])), max(1, round((height + 2 * above) * scale[1]))
    if size[0] * size[1] > MOST_PIXELS:
        raise LimitExceeded(f"{plan.renderer}=: a text layer of {size[0]}×{size[1]} pixels, {MOST_PIXELS} are allowed")
    matrix = (scale[0], 0.0, beside * scale[0], 0.0, scale[1], above * scale[1])
    marks = [Mark(mark.font, mark.glyph, then(mark.matrix, matrix), mark.color) for mark in layout.marks]
    curve = CURVES[plan.anti_aliasing]
    runs = [(color, edges_of(run)) for color, run in groupby(marks, key=lambda mark: mark.color)]
    ground = Image.new("RGBA", size, (*(runs[0][0] if runs else _BLACK).rgb(), 0))
    boxes = [bounding(edges, *size) for _, edges in runs]
    if len(runs) == 1:
        alpha = Image.new("L", size, 0)
        alpha.paste(_alpha(*runs[0], boxes[0], curve), boxes[0][:2])
        ground.putalpha(alpha)
        return ground
    for (color, _), (left, top, right, bottom) in zip(runs, boxes, strict=True):
        ground.paste((*color.rgb(), 0), (left - _NEAR, top - _NEAR, right + _NEAR, bottom + _NEAR))
    for (color, edges), box in zip(runs, boxes, strict=True):
        if box[2] > box[0] and box[3] > box[1]:
            _over(ground, _alpha(color, edges, box, curve), color.rgb(), box)
    return ground


def _alpha(color: Color, edges: Edges, box: Box, curve: list[int]) -> Image.Image:
    """The alpha of marks of one colour in a part of the picture."""
    left, top, right, bottom = box
    filled = Image.fromarray(coverage(edges - [left, top, left, top], right - left, bottom - top))
    return filled.point([round(value * color.alpha / OPAQUE) for value in curve])


def _over(ground: Image.Image, alpha: Image.Image, rgb: tuple[int, int, int], box: Box) -> None:
    """Compose one colour over a part of the picture, colours not premultiplied."""
    below = np.asarray(ground.crop(box), dtype=np.float32)
    above = np.asarray(alpha, dtype=np.float32)[..., None] / OPAQUE
    under = below[..., 3:] / OPAQUE * (1 - above)
    total = above + under
    mixed = (np.array(rgb, dtype=np.float32) * above + below[..., :3] * under) / np.maximum(total, 1e-6)
    result = np.concatenate([np.where(total > 0, mixed, below[..., :3]), total * OPAQUE], axis=2)
    ground.paste(Image.fromarray(np.rint(result).astype(np.uint8)), box)
