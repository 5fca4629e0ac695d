"""Marks drawn with AGG: outlines scaled, filled by the non-zero rule, coverage by the curve of an anti-aliasing mode.

Knows pixels of the reply. Knows nothing of texts.
"""

from collections import OrderedDict
from collections.abc import Iterable
from itertools import groupby
from math import hypot
from typing import Any

import aggdraw
import numpy as np
from PIL import Image

from proxy.errors import LimitExceeded
from proxy.protocol.color import OPAQUE, Color
from proxy.recipe.text import TextPlan
from proxy.render.text.clipping import clipped
from proxy.render.text.extents import Layout
from proxy.render.text.fonts import Font, Outline
from proxy.render.text.marks import Bounds, Mark, ink, then

MOST_PIXELS = 100_000_000
"""Pixels of one drawn text layer."""

_UNIT = 256
_WIDE = 4096.0
_SYMBOLS = 4096
_symbols: OrderedDict[tuple[Font, int, int], Any] = OrderedDict()
_NEAR = 2


def _curve(slope: float, gamma: float = 1.0) -> list[int]:
    """A table from coverage to alpha: contrast about the middle, then a gamma below 1 to make heavier."""
    steep = ((each / 255 - 0.5) * slope + 0.5 for each in range(256))
    return [round(255 * min(max(value, 0.0), 1.0) ** gamma) for value in steep]


CURVES: dict[str, list[int] | None] = {
    "off": None,
    "norm": None,
    "crisp": _curve(1.35),
    "sharp": _curve(1.7),
    "strong": _curve(1.35, 0.65),
    "smooth": _curve(1.0, 0.85),
}
"""How each mode sees coverage: ``sharp`` and ``crisp`` have steeper edges, ``strong`` and ``smooth`` are heavier. ``off`` has
hard edges, which AGG makes itself."""


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
    colors = list(dict.fromkeys(mark.color for mark in marks))
    if len(colors) <= 1:
        color = colors[0] if colors else Color("rgb", (0, 0, 0))
        image = Image.new("RGBA", size, (*color.rgb(), 0))
        image.putalpha(_dimmed(_coverage(marks, size, plan.anti_aliasing), color))
        return image
    return _several(marks, size, plan.anti_aliasing)


def _several(marks: list[Mark], size: tuple[int, int], mode: str) -> Image.Image:
    """Lay text of several colours over each other, in order, run by run of one colour."""
    ground = Image.new("RGBA", size, (*marks[0].color.rgb(), 0))
    runs = [(color, list(run)) for color, run in groupby(marks, key=lambda mark: mark.color)]
    boxes = [_box(run, size) for _, run in runs]
    for (color, _), box in zip(runs, boxes, strict=True):
        ground.paste((*color.rgb(), 0), box)
    for (color, run), (left, top, right, bottom) in zip(runs, boxes, strict=True):
        if right <= left or bottom <= top:
            continue
        part = right - left, bottom - top
        here = [Mark(each.font, each.glyph, then(each.matrix, (1, 0, -left, 0, 1, -top)), each.color) for each in run]
        alpha = _dimmed(_coverage(here, part, mode), color)
        _over(ground, alpha, color.rgb(), (left, top, right, bottom))
    return ground


def _over(ground: Image.Image, alpha: Image.Image, rgb: tuple[int, int, int], box: tuple[int, int, int, int]) -> None:
    """Compose one colour over a part of the picture, colours not premultiplied."""
    below = np.asarray(ground.crop(box), dtype=np.float32)
    above = np.asarray(alpha, dtype=np.float32)[..., None] / OPAQUE
    under = below[..., 3:] / OPAQUE * (1 - above)
    total = above + under
    mixed = np.where(
        total > 0, (np.array(rgb, dtype=np.float32) * above + below[..., :3] * under) / np.maximum(total, 1e-6), below[..., :3]
    )
    result = np.concatenate([mixed, total * OPAQUE], axis=2)
    ground.paste(Image.fromarray(np.rint(result).astype(np.uint8), "RGBA"), box)


def _box(marks: Iterable[Mark], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The pixels which marks may touch, and a little more, within the picture."""
    areas = [area for area in map(ink, marks) if area]
    if not areas:
        return 0, 0, 0, 0
    left, top = min(area[0] for area in areas), min(area[1] for area in areas)
    right, bottom = max(area[2] for area in areas), max(area[3] for area in areas)

    def within(value: float, most: int) -> int:
        return int(min(max(value, 0), most))

    return (
        within(left - _NEAR, size[0]),
        within(top - _NEAR, size[1]),
        within(right + _NEAR + 1, size[0]),
        within(bottom + _NEAR + 1, size[1]),
    )


def _dimmed(alpha: Image.Image, color: Color) -> Image.Image:
    return alpha if color.alpha == OPAQUE else alpha.point([round(each * color.alpha / OPAQUE) for each in range(256)])


def _coverage(marks: Iterable[Mark], size: tuple[int, int], mode: str) -> Image.Image:
    canvas = aggdraw.Draw("L", size, 0)
    canvas.setantialias(mode != "off")
    brush = aggdraw.Brush(OPAQUE)
    for mark in marks:
        area = ink(mark)
        if area is None or area[2] < 0 or area[3] < 0 or area[0] > size[0] or area[1] > size[1]:
            continue
        if _reaches_far(area, size):
            canvas.settransform()
            canvas.path(_path(clipped(_outline(mark), mark.matrix, size)), None, brush)
            continue
        _stamp(canvas, mark, brush)
    canvas.flush()
    image = Image.frombytes("L", size, canvas.tobytes())
    curve = CURVES[mode]
    return image if curve is None else image.point(curve)


def _path(polygons: list[list[tuple[float, float]]]) -> Any:
    path = aggdraw.Path()
    for polygon in polygons:
        path.moveto(*polygon[0])
        for point in polygon[1:]:
            path.lineto(*point)
        path.close()
    return path


def _reaches_far(area: Bounds, size: tuple[int, int]) -> bool:
    return area[0] < -_WIDE or area[1] < -_WIDE or area[2] > size[0] + _WIDE or area[3] > size[1] + _WIDE


def _stamp(canvas: Any, mark: Mark, brush: Any) -> None:
    a, b, c, d, e, f = mark.matrix
    pixels = max(hypot(a, d), hypot(b, e))
    unit = _UNIT
    while unit < pixels:
        unit *= 2
    canvas.settransform((a / unit, b / unit, c, d / unit, e / unit, f))
    canvas.symbol((0, 0), _symbol(mark, unit), None, brush)


def _symbol(mark: Mark, unit: int) -> Any:
    """A glyph at so many units an em: AGG flattens curves before it scales, so the unit is no smaller than the glyph drawn."""
    if mark.font is None:
        return aggdraw.Symbol(f"M0,0 L{unit},0 L{unit},{unit} L0,{unit} Z")
    key = (mark.font, mark.glyph, unit)
    symbol = _symbols.get(key)
    if symbol is None:
        symbol = _symbols[key] = aggdraw.Symbol(_described(_outline(mark), unit))
        if len(_symbols) > _SYMBOLS:
            _symbols.popitem(last=False)
    return symbol


_BAR: Outline = (("M", (0.0, 0.0)), ("L", (1.0, 0.0)), ("L", (1.0, 1.0)), ("L", (0.0, 1.0)), ("Z", ()))


def _outline(mark: Mark) -> Outline:
    return mark.font.outline(mark.glyph) if mark.font else _BAR


def _described(outline: Outline, unit: int) -> str:
    return " ".join(letter + ",".join(f"{value * unit:.3f}" for value in values) for letter, values in outline)
