"""From what was asked for to the recipe: every default applied, every size a number.

The planner is a generator: it yields a ``Look`` for each original and is sent what its header says, so that it needs no
input of its own and a driver may answer from a cache, a worker or a test. Pages: ``r-layer-transforms``,
``r-view-transform-for-images``, ``c-notes-on-server-behavior`` and those of the commands.
"""

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proxy.catalog.catalog import Catalog
from proxy.errors import BadValue, LimitExceeded, Missing, RequestError
from proxy.protocol.color import Color
from proxy.protocol.command import Vocabulary
from proxy.protocol.layers import Settings
from proxy.protocol.values import write_number
from proxy.recipe.asked import Asked, AskedLayer
from proxy.recipe.geometry import (
    Extent,
    LayerShape,
    Pixels,
    Placed,
    ThumbSpec,
    ViewSpec,
    fit_box,
    half_up,
    place_thumbnail,
    place_view,
    render_layer,
    shape_layer,
    view_extent,
    whole,
)
from proxy.recipe.model import Box, Header, LayerPlan, Recipe, Source, View
from proxy.recipe.op import Op, Stage
from proxy.recipe.output import Abilities, plan_output
from proxy.recipe.unbuilt import refuse


@dataclass(frozen=True, slots=True)
class Look:
    """The planner's question: which original is at this path below the roots, and what does its header say?

    ``name`` is what messages may call it.
    """

    path: str
    name: str


Seen = tuple[Source, Header]
Steps = Generator[Look, Seen, Recipe]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a recipe may ask for, in pixels of any picture made on the way; 0 is no limit."""

    reply_pixels: int = 0


@dataclass(frozen=True, slots=True)
class Language:
    """The words of the language and the operations, in the order in which they are carried out."""

    words: Vocabulary
    operations: tuple[type[Op], ...]
    formats: Mapping[str, Abilities]
    """What this version encodes, by base word."""


def plan(asked: Asked, language: Language, limits: Limits) -> Steps:
    """Work out the recipe.

    Raises:
        RequestError: commands that contradict each other, a reply larger than is allowed.
        Missing: no image for layer 0.
        Unbuilt: a command without an effect in this version.
    """
    refuse(asked, language.words, language.operations)
    layer = asked.layers[0]
    if layer.image is None or layer.image.path is None:
        raise Missing(asked.object)
    output = plan_output(asked, language.formats)
    source, header = yield Look(layer.image.path, layer.image.object)
    crop, shape = _layer_shape(layer, header)
    if min(shape.rectangle) < 1:
        raise RequestError(f"extend= leaves nothing of layer {layer.layer.number}")
    view_spec = asked.request.settings
    placed = _place(asked, shape.rectangle, layer)
    scale, fitted = _render_scale(shape, placed)
    rendered = render_layer(shape, scale)
    rect = _rect(view_spec, placed)
    _check_sizes(asked.main, limits, rect, placed.size, rendered.rectangle, fitted, rendered.size)
    mean = math.sqrt(scale[0] * scale[1])
    settings = layer.layer.settings
    hidden = settings.one("hide", bool) or False
    layer_plan = LayerPlan(
        number=layer.layer.number,
        source=source,
        crop=crop,
        size=rendered.size,
        ops=_operations(settings, language.operations, mean, None),
        opacity=0.0 if hidden else _opacity(settings),
        color=None if hidden else settings.one("color", Color),
        flip=settings.one("flip", str) or "",
        angle=shape.angle,
        turned=rendered.box,
        margins=rendered.margins,
        background=None if hidden else settings.one("bgColor", Color),
    )
    composite = asked.request.composite
    return Recipe(
        layers=(layer_plan,),
        view=View(
            canvas=rendered.rectangle,
            fitted=fitted,
            offset=(half_up(placed.offset[0]), half_up(placed.offset[1])),
            size=placed.size,
            rect=rect,
            background=_background(asked),
        ),
        output=output(header),
        resample=asked.request.settings.one("resMode", str) or asked.main.text("ResMode"),
        ops=_operations(composite, language.operations, mean, Stage.COMPOSITE),
        opacity=_opacity(composite),
        flip=composite.one("flip", str) or "",
        view_ops=_operations(asked.request.view_ops, language.operations, 1.0, Stage.VIEW),
    )


def _layer_shape(layer: AskedLayer, header: Header) -> tuple[Box, LayerShape]:
    """Crop, scale, turn and extend, in composite pixels at full size (``r-layer-transforms``)."""
    settings = layer.layer.settings
    crop = _crop(settings, header)
    extent = (crop.right - crop.left, crop.bottom - crop.top)
    size = _scaled(settings, extent, layer)
    margins, normalized = (0.0, 0.0, 0.0, 0.0), False
    if (values := settings.get("extend")) is not None:
        margins = _four(values)
    elif (values := settings.get("extendN")) is not None:
        margins, normalized = _four(values), True
    return crop, shape_layer(size, settings.one("rotate", float) or 0.0, margins, normalized=normalized)


def _four(values: Sequence[Any]) -> tuple[float, float, float, float]:
    first, second, third, fourth = map(float, values)
    return first, second, third, fourth


def _crop(settings: Settings, header: Header) -> Box:
    """The part of the source that is used; a crop of no size is none (protocol decisions 19 and 23 (12))."""
    name, factors = "crop", (1, 1)
    values = settings.get("crop")
    if values is None and (values := settings.get("cropN")) is not None:
        name, factors = "cropN", (header.width, header.height)
    if values is not None:
        left, top, width, height = _four(values)
        if width and height:
            left, top = left * factors[0], top * factors[1]
            box = Box(left, top, left + width * factors[0], top + height * factors[1])
            if box.right <= 0 or box.bottom <= 0 or box.left >= header.width or box.top >= header.height:
                value = ",".join(map(write_number, values))
                raise BadValue(name, value, f"a part of the image, which is {header.width} by {header.height} pixels")
            return box
    return Box(0.0, 0.0, float(header.width), float(header.height))


def _scaled(settings: Settings, extent: Extent, layer: AskedLayer) -> Pixels:
    """The picture's size: ``size=``, else ``scale=``, else ``res=``, else that of the source (``r-layer-transforms``)."""
    scale = 1.0
    if (size := settings.get("size")) is not None and any(size):
        scale = fit_box(extent, (size[0], size[1]))
    elif "sizeN" in settings and layer.layer.number == 0:
        raise RequestError("sizeN= is relative to layer 0 and cannot be given for layer 0 itself")
    elif (factor := settings.one("scale", float)) is not None:
        scale = factor
    elif (resolution := settings.one("res", float)) is not None:
        scale = resolution / _resolution(layer)
    return whole((extent[0] * scale, extent[1] * scale))


def _resolution(layer: AskedLayer) -> float:
    """Object resolution of a layer's image: that of its record, else its catalog's (``r-resolution-cat``)."""
    if layer.image is None:
        raise Missing("")
    record = layer.image.record
    if record is not None and record.resolution:
        return record.resolution
    return layer.image.catalog.number("Resolution")


def _place(asked: Asked, composite: Pixels, layer: AskedLayer) -> Placed:
    """Place the composite image in the view, as a thumbnail or as an image; ``dpr=`` and ``rect=`` scale the whole view."""
    settings, main = asked.request.settings, asked.main
    width, height = settings.one("wid", int) or 0, settings.one("hei", int) or 0
    fit = settings.get("fit")
    ratio = _pixel_ratio(settings)
    rect = settings.get("rect")
    zoom = 1.0 if rect is None else float(rect[4])
    if asked.kind == "tmb":
        if fit is not None:
            raise RequestError("fit= cannot be used with req=tmb")
        thumb = _thumb_spec(asked, layer, width, height)
        size = place_thumbnail(composite, thumb).size
        return place_thumbnail(composite, thumb, _within_max_pix(size, ratio, main.pair("MaxPix")) * zoom)
    scale = settings.one("scl", float) or 0.0
    if fit is not None and not (width or height):
        raise BadValue("fit", fit[0], "wid= or hei= beside it")
    region = settings.get("rgn")
    if region is not None and not all(region[2:]):
        raise BadValue("rgn", ",".join(map(str, region)), "a width and a height of at least 1")
    align = settings.get("align") or (0.0, 0.0)
    mode, upscale = fit or ("fit", False)
    spec = ViewSpec(width, height, mode, upscale, scale, region, (align[0], align[1]), main.pair("DefaultPix"))
    return place_view(composite, spec, _within_max_pix(view_extent(composite, spec), ratio, main.pair("MaxPix")) * zoom)


def _pixel_ratio(settings: Settings) -> float:
    """The device pixel ratio (``r-dpr``); ``dpr=on`` alone leaves it to the client, which said nothing."""
    values = settings.get("dpr")
    return 1.0 if values is None or not values[0] or values[1] is None else float(values[1])


def _within_max_pix(size: Extent, factor: float, largest: Pixels) -> float:
    """Lower a device pixel ratio so that the reply stays within MaxPix; a view too large without it stays an error."""
    if factor <= 1:
        return factor
    return max(1.0, min(factor, fit_box(size, largest))) if any(largest) else factor


def _thumb_spec(asked: Asked, layer: AskedLayer, width: int, height: int) -> ThumbSpec:
    """The thumbnail rules of record and catalog (``r-view-transform-for-thumbnails``)."""
    main, record = asked.main, asked.resolved.record
    default = main.pair("DefaultThumbPix")
    sides = {"left": -1.0, "top": -1.0, "center": 0.0, "right": 1.0, "bottom": 1.0}
    thumb_type = (record and record.thumb_type) or main.text("ThumbType")
    thumb_res = (record and record.thumb_res) or main.number("ThumbRes")
    return ThumbSpec(
        width or default[0],
        height or default[1],
        thumb_type,
        thumb_res / _resolution(layer),
        (sides[main.text("ThumbHorizAlign")], sides[main.text("ThumbVertAlign")]),
    )


def _render_scale(shape: LayerShape, placed: Placed) -> tuple[Extent, Pixels]:
    """The scale at which the composite is made, and its size in the view.

    They differ only where a view stretches a picture that is turned by other than quarters: that has to be turned first.
    """
    fitted = whole((shape.rectangle[0] * placed.scale[0], shape.rectangle[1] * placed.scale[1]))
    if shape.angle % 90 and placed.scale[0] != placed.scale[1]:
        larger = max(placed.scale)
        return (larger, larger), fitted
    return placed.scale, fitted


def _rect(settings: Settings, placed: Placed) -> tuple[int, int, int, int]:
    """The final rectangle of the view (``r-rect``), the whole of it by default."""
    values = settings.get("rect")
    if values is None:
        return 0, 0, *placed.size
    left, top, width, height = (int(value) for value in values[:4])
    if not (width and height):
        raise BadValue("rect", f"{left},{top},{width},{height}", "a width and a height of at least 1")
    return left, top, width, height


def _check_sizes(main: Catalog, limits: Limits, rect: tuple[int, int, int, int], *made: Pixels) -> None:
    """Refuse a reply larger than the catalog's MaxPix and any picture on the way larger than the server's limit."""
    width, height = rect[2:]
    for side, largest, name in zip((width, height), main.pair("MaxPix"), ("wide", "high"), strict=True):
        if largest and side > largest:
            raise LimitExceeded(f"the reply image would be {side} pixels {name}: this catalog's MaxPix is {largest}")
    for across, down in ((width, height), *made):
        if limits.reply_pixels and across * down > limits.reply_pixels:
            raise LimitExceeded(f"an image of {across} by {down} pixels: this server's limit is {limits.reply_pixels} pixels")


def _operations(settings: Settings, kinds: tuple[type[Op], ...], scale: float, stage: Stage | None) -> tuple[Op, ...]:
    """The operations of one stage, in the order in which they are carried out, without those that change nothing."""
    found = (kind.of(values).at(scale, stage=stage) for kind in kinds if (values := settings.get(kind.name)) is not None)
    return tuple(op for op in found if not op.idle)


def _opacity(settings: Settings) -> float:
    """Opacity times fill opacity, 0 to 1 (``r-opac``)."""
    values = settings.get("opac")
    return 1.0 if values is None else values[0] * values[1] / 10000


def _background(asked: Asked) -> Color:
    """The colour of what the composite leaves free; its alpha value is ignored (``r-bgc``)."""
    attribute = "ThumbBkgColor" if asked.kind == "tmb" else "BkgColor"
    color = asked.request.settings.one("bgc", Color) or asked.main.color(attribute)
    return Color(color.space, color.components)
