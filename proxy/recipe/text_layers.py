r"""Text layers: from what a layer says to a text plan, and how large it comes out.

Pages: ``r-text-layers``, ``r-text``, ``r-textps``, ``r-textattr``, ``r-textangle``, ``r-textpath``, ``r-pathattr``,
``r-textflowpath``, ``r-textflowxpath``, ``r-size-reference``. What a renderer does not support is left out of its plan, so that
equal pictures have equal plans. Knows no glyph: fonts and extents are questions.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from proxy.errors import BadValue, RequestError
from proxy.protocol.layers import Settings
from proxy.protocol.path import Path
from proxy.protocol.rtf.document import Document
from proxy.protocol.rtf.reader import read
from proxy.protocol.values import write_number
from proxy.recipe.asked import Asked, AskedLayer
from proxy.recipe.fonts import FontLook, Style, faces
from proxy.recipe.geometry import Extent, LayerShape, Pixels, half_up, turned
from proxy.recipe.text import Renderer, TextExtent, TextPlan


@dataclass(frozen=True, slots=True)
class TextLook:
    """The planner's question: how large does a text come out?"""

    plan: TextPlan


TextQuestion = FontLook | TextLook


@dataclass(frozen=True, slots=True)
class Typeset:
    """A text layer measured."""

    plan: TextPlan
    extent: TextExtent


def extent_of(content: object) -> TextExtent | None:
    """How large a text came out; ``None`` of a layer that is made of something else."""
    return content.extent if isinstance(content, Typeset) else None


def typeset(asked: Asked, layer: AskedLayer, canvas: Pixels | None, *, cmyk: bool) -> Generator[TextQuestion, Any, Typeset]:
    """Plan the text of a layer and ask how large it is.

    Args:
        asked: the request, whose main catalog has the fonts.
        layer: a layer for which ``is_text`` is true.
        canvas: the size of layer 0, which ``sizeN=`` is relative to; ``None`` for layer 0 itself.
        cmyk: whether the reply is CMYK.

    Raises:
        RequestError: a text that cannot be read, a font that is in no font map, attributes that contradict each other.
    """
    plan = yield from _plan(asked, layer, canvas, cmyk=cmyk)
    if not plan.document.paragraphs:
        # nothing to be drawn: the box that was given, or as little as there can be
        return Typeset(plan, TextExtent((max(1, plan.box[0]), max(1, plan.box[1])), (0.0, 0.0)))
    extent: TextExtent = yield TextLook(plan)
    return Typeset(plan, extent)


def _plan(asked: Asked, layer: AskedLayer, canvas: Pixels | None, *, cmyk: bool) -> Generator[TextQuestion, Any, TextPlan]:
    settings = layer.layer.settings
    renderer: Renderer = "textPs" if "textPs" in settings else "text"
    document = read(settings.one(renderer, str) or "", renderer, cmyk=cmyk)
    box = _box(layer, canvas)
    attributes = _attributes(settings, renderer, pre_sized=all(box))
    if renderer == "text":
        _one_alignment(document, box)
    else:
        attributes |= _of_photoshop(settings)
    found = yield from faces(_wanted(document), asked.main)
    return TextPlan(document, found, renderer, box, **attributes)


def _wanted(document: Document) -> tuple[tuple[str, Style], ...]:
    """The faces of a document and their styles, each once."""
    styles = [style for paragraph in document.paragraphs for style in (*(span.style for span in paragraph.spans), paragraph.end)]
    return tuple(dict.fromkeys((style.face, (style.bold, style.italic)) for style in styles))


def _box(layer: AskedLayer, canvas: Pixels | None) -> Pixels:
    """The size of the text box, 0 where a dimension is free."""
    settings, number = layer.layer.settings, layer.layer.number
    if (size := settings.get("size")) is not None and any(size):
        width, height = size
    elif (size := settings.get("sizeN")) is not None and any(size):
        if canvas is None:
            raise RequestError("sizeN= is relative to layer 0 and cannot be given for layer 0 itself")
        width, height = (max(1, half_up(part * length)) if part else 0 for part, length in zip(size, canvas, strict=True))
    else:
        return 0, 0
    if not width:
        raise RequestError(f"layer {number} is a text: expected size= with a width")
    return int(width), int(height)


def _attributes(settings: Settings, renderer: Renderer, *, pre_sized: bool) -> dict[str, Any]:
    """``textAttr=``, as far as the renderer supports it."""
    resolution, smoothing, mode, wrap = settings.get("textAttr") or (72, "norm", "fixedRes", "wrap")
    if renderer == "textPs":
        mode, wrap = "fixedRes", "wrap"
    elif smoothing in ("crisp", "sharp", "strong"):
        smoothing = "norm"
    if not pre_sized:
        mode = "fixedRes"
    if mode == "autoRes":
        resolution = 72
    return {"resolution": float(resolution), "anti_aliasing": smoothing, "resolution_mode": mode, "wrap": wrap}


def _one_alignment(document: Document, box: Pixels) -> None:
    """Refuse several alignments where the layer finds its size by itself (``r-text``)."""
    found = tuple(dict.fromkeys(paragraph.align for paragraph in document.paragraphs))
    if not all(box) and len(found) > 1:
        raise RequestError(f"text= without a size of its own is aligned {' and '.join(found)}: expected one alignment")


def _of_photoshop(settings: Settings) -> dict[str, Any]:
    """What ``textPs=`` alone has: direction and paths."""
    path, flow = settings.one("textPath", Path), settings.one("textFlowPath", Path)
    if path is not None and flow is not None:
        raise RequestError("textPath= and textFlowPath= cannot be used together")
    if path is not None and path.draws:
        return {"path": path, **_on_path(settings, path)}
    angle = (settings.one("textAngle", float) or 0.0) % 360
    if flow is None or not flow.draws:
        return {"angle": angle}
    exclude = settings.one("textFlowXPath", Path)
    return {"angle": angle, "flow": flow, "exclude": exclude if exclude is not None and exclude.draws else None}


def _on_path(settings: Settings, path: Path) -> dict[str, Any]:
    """``pathAttr=``: a closed path may be begun anywhere and gone round once."""
    direction, start, end = settings.get("pathAttr") or ("norm", 0.0, 1.0)
    closed = all(subpath.closed for subpath in path.subpaths)
    last = start + 1 if closed else 1.0
    if start >= 1 or not start < end <= last:
        value = f"{direction},{write_number(start)},{write_number(end)}"
        expected = f"startPos below 1, and endPos above it and at most {write_number(last)} on this path"
        raise BadValue("pathAttr", value, expected)
    return {"reverse": direction == "reverse", "start": start, "end": end}


@dataclass(frozen=True, slots=True)
class Scaled:
    """A text at the scale of the composite, in render pixels; see ``LayerPlan``."""

    scale: Extent = (1.0, 1.0)
    overhang: Pixels = (0, 0)
    spill: Pixels = (0, 0)


def at_scale(text: Typeset, shape: LayerShape, scale: Extent, projected: Pixels | None, *, cut: bool) -> Scaled:
    """Bring a text to the scale of the composite.

    ``cut`` says that the layer is cut to its rectangle; ``projected`` is the size of the picture that is brought onto a
    quadrilateral, where what reaches out of the text's box has no place.
    """
    if projected is not None:
        own = projected[0] / shape.size[0], projected[1] / shape.size[1]
    else:
        quarters, rest = divmod(shape.angle % 360, 90)
        own = (scale[1], scale[0]) if rest == 0 and quarters % 2 else scale
    across, down = (half_up(part * factor) for part, factor in zip(text.extent.overhang, own, strict=True))
    box = turned((across, down), shape.angle)
    kept = not cut and projected is None and (across or down)
    return Scaled(own, (across, down), (math.ceil(box[0]), math.ceil(box[1])) if kept else (0, 0))
