"""From what was asked for to the recipe: every default applied, every size a number.

Two steps. *Measuring* finds out how large everything is at full size; it asks what originals' headers say. *Realising* brings
what was measured to the scale of the reply, nested requests included, so that no more pixels are ever made than the reply
needs. The planner is a generator: it yields a ``Look`` for each original and is sent what its header says, and asks about texts
(``text_layers``), so that it needs no input of its own and a driver may answer from a cache, a worker or a test. Pages:
``r-layer-transforms``, ``r-view-transform-for-images``, ``c-notes-on-server-behavior`` and those of the commands.
"""

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from proxy.errors import Missing
from proxy.protocol.color import Color
from proxy.protocol.command import OnComp, Vocabulary
from proxy.recipe.asked import Asked, AskedLayer, Content, is_text
from proxy.recipe.clips import Allowance, Paths, clip_at, clip_moved
from proxy.recipe.colour import ProfileLook, ProfileSeen, managed, named_output
from proxy.recipe.composite import composite_clip, cropped
from proxy.recipe.drawing import with_images
from proxy.recipe.effects import plan_effects
from proxy.recipe.geometry import (
    Extent,
    LayerShape,
    Pixels,
    Placed,
    Rectangle,
    half_up,
    render_layer,
    render_scale,
    scaled_rectangle,
)
from proxy.recipe.limits import check_drawn, check_max_pix, check_pixels
from proxy.recipe.looks import Look, Seen, look_for
from proxy.recipe.model import WHITE, Box, Clip, LayerPlan, NamedPath, Picture, Recipe, Source, View
from proxy.recipe.op import Op, Stage
from proxy.recipe.output import Abilities, plan_output
from proxy.recipe.perspective import enlargement, perspective_at, picture_size
from proxy.recipe.placement import Laid, clip_in, lay, lay_base
from proxy.recipe.settled import of_picture, opacity, operations, primary
from proxy.recipe.text import FontFile, TextExtent, TextPlan
from proxy.recipe.text_layers import Scaled, TextQuestion, Typeset, at_scale, extent_of, typeset
from proxy.recipe.unbuilt import refuse
from proxy.recipe.views import Viewed, background, rectangle, view
from proxy.recipe.work import drawn, sheet


@dataclass(frozen=True, slots=True)
class Limits:
    """What a recipe may ask for, in pixels of any picture made on the way, and of all of them together; 0 is no limit.

    ``fine_pixels`` is how many a composite of several parts may have where its reply is smaller, 0 for as many as there.
    """

    reply_pixels: int = 0
    drawn_pixels: int = 0
    fine_pixels: int = 0


@dataclass(frozen=True, slots=True)
class Language:
    """The words of the language and the operations, in the order in which they are carried out."""

    words: Vocabulary
    operations: tuple[type[Op], ...]
    formats: Mapping[str, Abilities]
    """What this version encodes, by base word."""


@dataclass(frozen=True, slots=True)
class MeasuredLayer:
    """A layer at full size: what it is made of (original, nested request, text, or none), its mask, and where it lies."""

    asked: AskedLayer
    content: "Seen | Measured | Typeset | None"
    mask: "Seen | Measured | None"
    laid: Laid


@dataclass(frozen=True, slots=True)
class Measured:
    """A request at full size: its layers, layer 0 first, and how their composite is placed in the view."""

    asked: Asked
    layers: tuple[MeasuredLayer, ...]
    viewed: Viewed
    rect: Rectangle
    clip: Clip | None = None
    watermark: "Measured | None" = None

    @property
    def composite(self) -> Pixels:
        """Width and height of the composite image."""
        return self.layers[0].laid.shape.rectangle

    @property
    def placed(self) -> Placed:
        """The composite image in the view, in as many pixels as were asked for."""
        return self.viewed.at(self.composite)

    @property
    def size(self) -> Pixels:
        """Width and height of the reply image."""
        return self.rect[2:]


Question = Look | ProfileLook | TextQuestion
Answer = Seen | ProfileSeen | FontFile | TextExtent | None
"""To a ``Look`` what was seen, to a ``ProfileLook`` what the profile is or ``None``, about a text what it asks for."""


def plan(asked: Asked, language: Language, limits: Limits) -> Generator[Question, Any, tuple[Recipe, Measured]]:
    """Work out the recipe, and what it was worked out from.

    Raises:
        RequestError: commands that contradict each other, a reply larger than is allowed.
        Missing: no image for layer 0.
        Unbuilt: a command without an effect in this version.
    """
    icc = yield from named_output(asked)
    output = plan_output(asked, language.formats, icc.space.pixels if icc is not None else None)
    measured = yield from measure(asked, language, cmyk=output(None, None).pixels == "cmyk")
    check_max_pix(asked.main, measured.size)
    picture = realise(measured, 1.0, language, limits)
    check_drawn(limits.drawn_pixels, drawn(picture) + _decoded(measured) // 4)
    content = measured.layers[0].content
    seen = content if isinstance(content, tuple) else None
    recipe = yield from managed(measured, picture, output(seen, picture), icc)
    return recipe, measured


def measure(
    asked: Asked, language: Language, target: Pixels | None = None, allowance: Allowance | None = None, *, cmyk: bool = False
) -> Generator[Question, Any, Measured]:
    """Find out how large everything is.

    ``target`` is the composite image that a watermark is laid over, ``allowance`` what may be done with paths by a request that
    this one is part of. ``cmyk`` says that the reply is CMYK.

    Raises:
        RequestError, Missing, Unbuilt: as ``plan`` does.
    """
    refuse(asked, language.words, language.operations)
    first, *others = asked.layers
    allowance = allowance or Allowance()
    if first.content is None and "color" not in first.layer.settings and not is_text(first.layer.settings):
        raise Missing(asked.object)
    content, mask = yield from _contents(asked, first, language, allowance, target, cmyk=cmyk)
    paths = Paths(_paths(content), allowance)
    base = lay_base(first, _extent(content or mask), target, paths, extent_of(content))
    layers = [MeasuredLayer(first, content, mask, base)]
    for layer in others:
        if layer.layer.settings.one("hide", bool):
            continue
        content, mask = yield from _contents(asked, layer, language, allowance, base.shape.rectangle, cmyk=cmyk)
        laid = lay(layer, _extent(content or mask), base, Paths(_paths(content), allowance), extent_of(content))
        layers.append(MeasuredLayer(layer, content, mask, laid))
    composite = asked.request.composite
    laids = cropped([layer.laid for layer in layers], composite, first, paths)
    base = laids[0]
    viewed = view(asked, base.shape.rectangle, first)
    rect = rectangle(asked.request.settings, viewed.at(base.shape.rectangle))
    watermark: Measured | None = None
    if asked.watermark is not None:
        watermark = yield from measure(asked.watermark, language, base.shape.rectangle, allowance, cmyk=cmyk)
    clip = composite_clip(base, composite, first, paths)
    measured = tuple(replace(layer, laid=laid) for layer, laid in zip(layers, laids, strict=True))
    return Measured(asked, measured, viewed, rect, clip, watermark)


Shown = Seen | Measured | None
Found = Shown | Typeset
_ABOVE_ALL: Final = 10_000
"""The number of the watermark, which stands for no layer."""
_EMBEDDED: Final = Limits(reply_pixels=16_000_000)
"""What an image request of an SVG document may ask for."""


def _contents(
    asked: Asked, layer: AskedLayer, language: Language, allowance: Allowance, canvas: Pixels | None, *, cmyk: bool
) -> Generator[Question, Any, tuple[Found, Shown]]:
    """What a layer is made of, and its separate mask."""
    content: Found
    if is_text(layer.layer.settings):
        content = yield from typeset(asked, layer, canvas, cmyk=cmyk)
    else:
        content = yield from _content(asked, layer.content, language, allowance, cmyk=cmyk)
    mask = yield from _content(asked, layer.mask, language, allowance, cmyk=cmyk)
    return content, mask


def _content(
    asked: Asked, content: Content | None, language: Language, allowance: Allowance, *, cmyk: bool
) -> Generator[Question, Any, Shown]:
    if content is None:
        return None
    if content.nested is not None:
        return (yield from measure(content.nested, language, None, allowance, cmyk=cmyk))
    seen: Seen = yield look_for(asked, content)
    source, header = seen
    if header.references:
        source = yield from with_images(asked, source, header.references, lambda inner: plan(inner, language, _EMBEDDED))
    return source, header


def _extent(content: Found) -> Pixels | None:
    if content is None:
        return None
    if isinstance(content, Typeset):
        return content.extent.size
    return content.size if isinstance(content, Measured) else (content[1].width, content[1].height)


def _paths(content: Found) -> tuple[NamedPath, ...]:
    """The paths embedded in what a layer shows."""
    return content[1].paths if isinstance(content, tuple) else ()


def realise(measured: Measured, factor: float, language: Language, limits: Limits) -> Picture:
    """Bring what was measured to ``factor`` times the size of its view.

    Raises:
        LimitExceeded: a picture on the way would be larger than is allowed.
    """
    asked, settings = measured.asked, measured.asked.request.settings
    placed = measured.viewed.at(measured.composite, factor)
    rect = measured.rect if factor == 1 else scaled_rectangle(measured.rect, measured.placed.size, placed.size)
    base = measured.layers[0].laid.shape
    # one picture needs no finer pixels, and what a nested one is made for has them already
    assembled = not asked.depth and (len(measured.layers) > 1 or base.angle % 90 != 0)
    scale, fitted = render_scale(base, placed, limits.fine_pixels if assembled else 0)
    canvas = render_layer(base, scale).rectangle
    for size in (rect[2:], placed.size, canvas, fitted):
        check_pixels(limits.reply_pixels, size)
    mean = math.sqrt(scale[0] * scale[1])
    composite = asked.request.composite
    offset = (half_up(placed.offset[0]), half_up(placed.offset[1]))
    # a nested picture keeps what is transparent: its background is never seen
    behind = WHITE if asked.depth else background(asked)
    picture = Picture(
        layers=tuple(_layer(measured, layer, scale, language, limits) for layer in measured.layers),
        view=View(canvas, fitted, offset, placed.size, rect, behind),
        resample=settings.one("resMode", str) or asked.main.text("ResMode"),
        ops=operations(composite, language.operations, mean, Stage.COMPOSITE),
        opacity=opacity(composite),
        flip=composite.one("flip", str) or "",
        clip=clip_at(measured.clip, (canvas[0] / measured.composite[0], canvas[1] / measured.composite[1])),
        effects=plan_effects(asked.request.effects, asked, measured.composite, primary(composite), scale, language.operations),
        watermark=None if measured.watermark is None else _watermark(measured, measured.watermark, scale, language, limits),
        view_ops=operations(asked.request.view_ops, language.operations, 1.0, Stage.VIEW),
    )
    for effect in picture.effects:
        check_pixels(limits.reply_pixels, sheet(effect, canvas))
    return picture


def _layer(measured: Measured, layer: MeasuredLayer, scale: Extent, language: Language, limits: Limits) -> LayerPlan:
    """Bring a layer to the scale of the composite."""
    laid, settings = layer.laid, layer.asked.layer.settings
    rendered = render_layer(laid.shape, scale, laid.place)
    size, sharpness, mirror = rendered.size, math.sqrt(scale[0] * scale[1]), settings.one("flip", str) or ""
    perspective = None
    if laid.quad is not None:
        perspective, mirror = perspective_at(laid.quad, laid.place, scale, rendered), ""
        size = picture_size(perspective, laid.shape.size, limits.reply_pixels)
        sharpness /= enlargement(perspective, size)
    for pixels in (size, rendered.box, rendered.rectangle):
        check_pixels(limits.reply_pixels, pixels)
    source: Source | Picture | TextPlan | None
    text = Scaled()
    if isinstance(layer.content, Typeset):
        source, crop = layer.content.plan, laid.crop
        cut = not layer.asked.layer.number or "extend" in settings or "extendN" in settings
        text = at_scale(layer.content, laid.shape, scale, size if laid.quad is not None else None, cut=cut)
        check_pixels(limits.reply_pixels, (size[0] + 2 * text.overhang[0], size[1] + 2 * text.overhang[1]))
    else:
        source, crop = _source(layer.content, laid.crop, size, language, limits)
    masking = _masking(layer, size, language, limits)
    hidden = masking is None or (settings.one("hide", bool) or False)
    effects = {} if hidden else layer.asked.layer.effects
    mask, mask_crop, use = masking or (None, None, "norm")
    plan = LayerPlan(
        number=layer.asked.layer.number,
        source=source,
        crop=crop,
        size=size,
        mask=mask,
        mask_crop=mask_crop,
        mask_use=use,
        mask_ops=_mask_operations(layer, size, language),
        ops=operations(settings, of_picture(language.operations), sharpness, None),
        opacity=0.0 if hidden else opacity(settings),
        color=None if hidden and source is not None else settings.one("color", Color),
        flip=mirror,
        angle=laid.shape.angle,
        turned=rendered.box,
        margins=rendered.margins,
        background=None if hidden else settings.one("bgColor", Color),
        offset=rendered.offset,
        blend=(settings.one("blendMode", str) or "norm") if layer.asked.layer.number else "norm",
        effects=plan_effects(effects, measured.asked, measured.composite, primary(settings), scale, language.operations),
        perspective=perspective,
        clip=clip_moved(clip_in(laid, rendered, scale), text.spill),
        text_scale=text.scale,
        overhang=text.overhang,
        spill=text.spill,
    )
    for effect in plan.effects:
        check_pixels(limits.reply_pixels, sheet(effect, rendered.rectangle))
    return plan


def _watermark(measured: Measured, mark: Measured, scale: Extent, language: Language, limits: Limits) -> LayerPlan:
    """Lay a watermark over the composite image, where its ``align=`` says (``r-watermarks``)."""
    size, align = mark.size, mark.asked.request.settings.get("align") or (0.0, 0.0)
    left, top = ((length - part) * (1 + side) / 2 for length, part, side in zip(measured.composite, size, align, strict=True))
    rendered = render_layer(LayerShape(size, box=size), scale, (left, top))
    check_pixels(limits.reply_pixels, rendered.size)
    source, crop = _source(mark, Box(0.0, 0.0, float(size[0]), float(size[1])), rendered.size, language, limits)
    blend = mark.layers[0].asked.layer.settings.one("blendMode", str) or "norm"
    return LayerPlan(_ABOVE_ALL, source, crop, rendered.size, turned=rendered.size, offset=rendered.offset, blend=blend)


def _source(content: Shown, crop: Box, size: Pixels, language: Language, limits: Limits) -> tuple[Source | Picture | None, Box]:
    """What is drawn, and the part of it that is used.

    A nested picture is made no larger than the layer needs it, and its part is then counted in the pixels it is made of.
    """
    if content is None:
        return None, Box(0.0, 0.0, float(size[0]), float(size[1]))
    if isinstance(content, tuple):
        return content[0], crop
    needed = max(size[0] / (crop.right - crop.left), size[1] / (crop.bottom - crop.top))
    picture = realise(content, min(1.0, needed), language, limits)
    return picture, _within(crop, content.size, picture.view.rect[2:])


def _within(crop: Box, extent: Pixels, other: Pixels) -> Box:
    """The same part of a picture that has another number of pixels."""
    across, down = other[0] / extent[0], other[1] / extent[1]
    return Box(crop.left * across, crop.top * down, crop.right * across, crop.bottom * down)


def _mask_operations(layer: MeasuredLayer, size: Pixels, language: Language) -> tuple[Op, ...]:
    """The operations on the mask or alpha alone; they speak in pixels of it at full resolution (``r-op-growmask``)."""
    settings = layer.asked.layer.settings
    if settings.one("maskUse", str) == "off" or (layer.mask is None and not _has_alpha(layer.content)):
        return ()
    crop, extent, other = layer.laid.crop, _extent(layer.content), _extent(layer.mask)
    if extent is not None and other is not None:
        crop = _within(crop, extent, other)
    scale = math.sqrt(size[0] * size[1] / ((crop.right - crop.left) * (crop.bottom - crop.top)))
    kinds = tuple(kind for kind in language.operations if kind.on_comp is OnComp.LAYER0)
    return operations(settings, kinds, scale, None)


def _has_alpha(content: Found) -> bool:
    return isinstance(content, Measured) or (isinstance(content, tuple) and content[1].alpha)


def _masking(
    layer: MeasuredLayer, size: Pixels, language: Language, limits: Limits
) -> tuple[Source | Picture | None, Box | None, str] | None:
    """Mask, the part of it that is used, and how; ``None`` where nothing is to be seen (``r-maskuse``).

    Without a mask it is the picture's own alpha that is used.
    """
    use = layer.asked.layer.settings.one("maskUse", str) or "norm"
    content, crop = layer.content, layer.laid.crop
    if layer.mask is not None:
        extent = _extent(layer.mask)
        part = _within(crop, _extent(content) or extent or size, extent or size)
        return (*_source(layer.mask, part, size, language, limits), use)
    if _has_alpha(content):
        return None, None, use
    if isinstance(content, Typeset):
        # without a mask the manual leaves it undefined
        return None, None, "norm"
    return None if use == "invert" else (None, None, "norm")


def _decoded(measured: Measured) -> int:
    """Pixels of all originals, those of nested requests included."""
    layers = measured.layers if measured.watermark is None else (*measured.layers, *measured.watermark.layers)
    found = [content for layer in layers for content in (layer.content, layer.mask) if isinstance(content, (tuple, Measured))]
    return sum(_decoded(content) if isinstance(content, Measured) else content[1].width * content[1].height for content in found)
