"""Layers in composite pixels at full size: how large, turned how, with what margins, and where on the canvas.

Pages: ``r-layer-transforms``, ``r-layer-placement``, ``r-size-reference``, ``r-anchor``, ``r-origin``, ``r-pos``,
``r-extend``, ``r-crop``, ``r-croppath``, ``r-perspective``. Needs to know how large a source is, not what it shows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from proxy.errors import BadValue, RequestError
from proxy.protocol.layers import Settings
from proxy.protocol.path import Path, Point
from proxy.protocol.values import write_number
from proxy.recipe.asked import AskedLayer
from proxy.recipe.clips import Allowance, Paths, clip_at, clip_moved, clip_of, crop_to_paths, self_sized
from proxy.recipe.geometry import Extent, LayerShape, Pixels, Rectangle, Rendered, fit_box, shape_layer, whole
from proxy.recipe.model import Box, Clip
from proxy.recipe.perspective import Quad, has_quad, quad_of
from proxy.recipe.text import TextExtent


@dataclass(frozen=True, slots=True)
class Laid:
    """A layer worked out: its part of the source, its shape, its origin within its rectangle and where that corner lies.

    ``place`` is the top left corner of the layer rectangle in the composite image, (0, 0) for layer 0. ``quad`` and ``clip``
    are in pixels of the layer rectangle; a ``quad`` says where the picture lies in it, whatever way that is turned.
    """

    crop: Box
    shape: LayerShape
    origin: Point
    place: Point = (0.0, 0.0)
    quad: Quad | None = None
    clip: Clip | None = None


def lay_base(
    layer: AskedLayer,
    extent: Pixels | None,
    target: Pixels | None = None,
    paths: Paths | None = None,
    text: TextExtent | None = None,
) -> Laid:
    """Work out layer 0, whose rectangle is the canvas. ``extent`` is the size of its source, ``None`` for a solid colour.

    ``target`` is the picture that a watermark is laid over: its ``sizeN=`` is relative to that. ``paths`` are the source's, and
    ``text`` says how large the text of a text layer came out.

    Raises:
        RequestError: its size cannot be known, or nothing of it is left.
    """
    return _laid(layer, extent, target, paths or Paths(), text, base=True)


def lay(layer: AskedLayer, extent: Pixels | None, base: Laid, paths: Paths | None = None, text: TextExtent | None = None) -> Laid:
    """Work out a layer above layer 0 and place it: its origin comes to lie at the origin of layer 0 plus ``pos=``.

    Raises:
        RequestError: as ``lay_base`` does.
    """
    canvas = base.shape.rectangle
    laid = _laid(layer, extent, canvas, paths or Paths(), text, base=False)
    settings = layer.layer.settings
    shift: Point = (0.0, 0.0)
    if (pos := settings.get("pos")) is not None:
        shift = (pos[0], pos[1])
    elif (pos := settings.get("posN")) is not None:
        shift = (pos[0] * canvas[0], pos[1] * canvas[1])
    if laid.quad is None:
        shift = (base.origin[0] + shift[0] - laid.origin[0], base.origin[1] + shift[1] - laid.origin[1])
    else:
        # its rectangle is that of layer 0, whatever its origin
        shift = (shift[0] - laid.shape.margins[0], shift[1] - laid.shape.margins[1])
    return replace(laid, place=shift)


def _laid(
    layer: AskedLayer, extent: Pixels | None, canvas: Pixels | None, paths: Paths, text: TextExtent | None, *, base: bool
) -> Laid:
    settings = layer.layer.settings
    if layer.content is None and text is None and "color" not in settings:
        raise RequestError(
            f"layer {layer.layer.number} has neither an image, a text nor a colour: expected src=, text= or color="
        )
    flat = not has_quad(settings)
    own = self_sized(settings, layer.layer.number) if extent is None and flat else None
    if text is not None:
        # crop= and scaling are for images
        size, paths = whole(text.size), paths.without()
        crop = Box(0.0, 0.0, float(size[0]), float(size[1]))
    elif own is not None or extent is None:
        size = _solid_size(layer, canvas) if own is None else own[2:]
        crop = Box(0.0, 0.0, float(size[0]), float(size[1]))
    else:
        crop = crop_to_paths(settings, paths, _crop(settings, extent))
        size = _scaled(layer, (crop.right - crop.left, crop.bottom - crop.top), canvas)
    laid = Laid(crop, _shape(settings, size), (0.0, 0.0))
    if not flat:
        laid = _projected(laid, settings, None if base else canvas)
    if min(laid.shape.rectangle) < 1:
        raise RequestError(f"extend= leaves nothing of layer {layer.layer.number}")
    start = (0.0, 0.0) if own is None else (float(laid.shape.margins[0] - own[0]), float(laid.shape.margins[1] - own[1]))
    flip = settings.one("flip", str) or ""
    clip = clip_of(settings, paths, lambda path: carry_path(path, laid, flip, paths.allowance), start)
    return replace(laid, origin=_origin(layer, laid, extent or size, None if own is None else start, text), clip=clip)


def _projected(laid: Laid, settings: Settings, canvas: Pixels | None) -> Laid:
    """Bring a layer onto its quadrilateral. Its rectangle is ``canvas``, before its margins; that of layer 0 is its own."""
    shape = laid.shape if canvas is None else _shape(settings, canvas, angle=0.0)
    quad = quad_of(settings, canvas or shape.rectangle)
    assert quad is not None  # noqa: S101  # the caller has seen the command
    turned = LayerShape(laid.shape.size, laid.shape.angle, laid.shape.box)
    flip = settings.one("flip", str) or ""

    def in_box(point: Point) -> Point:
        across, down = carried(point, turned, Box(0.0, 0.0, 1.0, 1.0), flip)
        return across / turned.box[0], down / turned.box[1]

    quad = quad.of(in_box)
    if canvas is not None:
        quad = quad.moved(shape.margins[0], shape.margins[1])
    return replace(laid, shape=LayerShape(laid.shape.size, 0.0, shape.box, shape.margins), quad=quad)


def clip_in(laid: Laid, rendered: Rendered, scale: Extent) -> Clip | None:
    """The clip of a layer in render pixels of its rectangle.

    It keeps to the edges of the rectangle, which are rounded; a quadrilateral counts from the corner of the composite image.
    """
    rectangle, place = laid.shape.rectangle, laid.place
    if laid.quad is None:
        return clip_at(laid.clip, (rendered.rectangle[0] / rectangle[0], rendered.rectangle[1] / rectangle[1]))
    shift = place[0] * scale[0] - rendered.offset[0], place[1] * scale[1] - rendered.offset[1]
    return clip_at(laid.clip, scale, shift)


def trimmed(laid: Laid, box: Rectangle) -> Laid:
    """Layer 0 with its rectangle cut down to a part of it."""
    left, top, width, height = box
    shape = laid.shape
    before, above, behind, below = shape.margins
    right, bottom = shape.rectangle[0] - left - width, shape.rectangle[1] - top - height
    shape = replace(shape, margins=(before - left, above - top, behind - right, below - bottom))
    return replace(
        laid,
        shape=shape,
        origin=(laid.origin[0] - left, laid.origin[1] - top),
        quad=None if laid.quad is None else laid.quad.moved(-left, -top),
        clip=clip_moved(laid.clip, (-left, -top)),
    )


def _solid_size(layer: AskedLayer, canvas: Pixels | None) -> Pixels:
    """The exact size of a solid colour layer (``r-size-reference``); it does not count on a quadrilateral."""
    settings = layer.layer.settings
    if canvas is not None and has_quad(settings):
        return canvas
    if (size := settings.get("size")) is not None and all(size):
        return size[0], size[1]
    if (size := settings.get("sizeN")) is not None and all(size) and canvas is not None:
        return whole((size[0] * canvas[0], size[1] * canvas[1]))
    raise RequestError(f"layer {layer.layer.number} is a solid colour: expected size= with a width and a height")


def _crop(settings: Settings, extent: Pixels) -> Box:
    """The part of the source that is used; a crop of no size is none (protocol decisions 19 and 23 (12))."""
    name, factors = "crop", (1, 1)
    values = settings.get("crop")
    if values is None and (values := settings.get("cropN")) is not None:
        name, factors = "cropN", extent
    if values is not None:
        left, top, width, height = _four(values)
        if width and height:
            left, top = left * factors[0], top * factors[1]
            box = Box(left, top, left + width * factors[0], top + height * factors[1])
            if box.right <= 0 or box.bottom <= 0 or box.left >= extent[0] or box.top >= extent[1]:
                value = ",".join(map(write_number, values))
                raise BadValue(name, value, f"a part of the image, which is {extent[0]} by {extent[1]} pixels")
            return box
    return Box(0.0, 0.0, float(extent[0]), float(extent[1]))


def _scaled(layer: AskedLayer, extent: Extent, canvas: Pixels | None) -> Pixels:
    """The picture's size: ``size=``, else ``scale=``, else ``res=``, else that of the source (``r-layer-transforms``)."""
    settings = layer.layer.settings
    scale = 1.0
    if has_quad(settings):
        # size= and res= are ignored beside it (r-perspective)
        scale = settings.one("scale", float) or 1.0
    elif (size := settings.get("size")) is not None and any(size):
        scale = fit_box(extent, (size[0], size[1]))
    elif (size := settings.get("sizeN")) is not None and any(size):
        if canvas is None:
            raise RequestError("sizeN= is relative to layer 0 and cannot be given for layer 0 itself")
        scale = fit_box(extent, (size[0] * canvas[0], size[1] * canvas[1]))
    elif (factor := settings.one("scale", float)) is not None:
        scale = factor
    elif (wanted := settings.one("res", float)) is not None and layer.image is not None:
        scale = wanted / resolution(layer)
    return whole((extent[0] * scale, extent[1] * scale))


def resolution(layer: AskedLayer) -> float:
    """Object resolution of a layer's image: that of its record, else its catalog's (``r-resolution-cat``)."""
    if layer.image is None:
        return 1.0
    record = layer.image.record
    if record is not None and record.resolution:
        return record.resolution
    return layer.image.catalog.number("Resolution")


def _shape(settings: Settings, size: Pixels, angle: float | None = None) -> LayerShape:
    margins, normalized = (0.0, 0.0, 0.0, 0.0), False
    if (values := settings.get("extend")) is not None:
        margins = _four(values)
    elif (values := settings.get("extendN")) is not None:
        margins, normalized = _four(values), True
    turn = settings.one("rotate", float) or 0.0 if angle is None else angle
    return shape_layer(size, turn, margins, normalized=normalized)


def _four(values: Sequence[Any]) -> tuple[float, float, float, float]:
    first, second, third, fourth = map(float, values)
    return first, second, third, fourth


def _origin(layer: AskedLayer, laid: Laid, extent: Pixels, own: Point | None, text: TextExtent | None) -> Point:
    """The point of the layer rectangle that is placed: ``origin=``, else the anchor carried along, else the middle.

    A layer that has its size of a path has its ``own`` instead of the middle, and a ``text`` that finds its size by itself has an
    anchor of its own (``r-text-layers``).
    """
    settings = layer.layer.settings
    rectangle = laid.shape.rectangle
    if (values := settings.get("origin")) is not None:
        return float(values[0]), float(values[1])
    if (values := settings.get("originN")) is not None:
        return (values[0] + 0.5) * rectangle[0], (values[1] + 0.5) * rectangle[1]
    if own is not None:
        return own
    anchor = _anchor(layer, extent) or (None if text is None else text.anchor)
    if anchor is None:
        return rectangle[0] / 2, rectangle[1] / 2
    return carry(anchor, laid, settings.one("flip", str) or "")


def _anchor(layer: AskedLayer, extent: Pixels) -> Point | None:
    """The anchor in source pixels, if one is defined (``r-anchor``)."""
    settings = layer.layer.settings
    if (values := settings.get("anchor")) is not None:
        return float(values[0]), float(values[1])
    if (values := settings.get("anchorN")) is not None:
        return (values[0] + 0.5) * extent[0], (values[1] + 0.5) * extent[1]
    record = layer.image.record if layer.image is not None else None
    return None if record is None or record.anchor is None else (float(record.anchor[0]), float(record.anchor[1]))


def carry(point: Point, laid: Laid, flip: str) -> Point:
    """Where a point of the source comes to lie in the layer rectangle."""
    if laid.quad is None:
        return carried(point, laid.shape, laid.crop, flip)
    crop = laid.crop
    across, down = (point[0] - crop.left) / (crop.right - crop.left), (point[1] - crop.top) / (crop.bottom - crop.top)
    # what lies beyond the picture may have no place at all
    return laid.quad.at(min(max(across, 0.0), 1.0), min(max(down, 0.0), 1.0))


def carry_path(path: Path, laid: Laid, flip: str, allowance: Allowance) -> Path:
    """Where a path of the source comes to lie in the layer rectangle.

    Raises:
        LimitExceeded: it becomes too many lines in perspective.
    """
    if laid.quad is not None:
        allowance.spend(laid.quad.lines(path))
        return laid.quad.carry(path, laid.crop)
    start, right, down = (carry(point, laid, flip) for point in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))
    return path.affine(right[0] - start[0], right[1] - start[1], down[0] - start[0], down[1] - start[1], *start)


def carried(anchor: Point, shape: LayerShape, crop: Box, flip: str) -> Point:
    """Where a point of the source comes to lie in the layer rectangle: crop, scale, flip, rotate about it, extend.

    Rotation about the point moves the box around it; within the box the point lies as if the picture were turned about its
    middle.
    """
    width, height = shape.size
    across = (anchor[0] - crop.left) * width / (crop.right - crop.left)
    down = (anchor[1] - crop.top) * height / (crop.bottom - crop.top)
    if "lr" in flip:
        across = width - across
    if "ud" in flip:
        down = height - down
    cosine, sine = math.cos(math.radians(shape.angle)), math.sin(math.radians(shape.angle))
    across, down = across - width / 2, down - height / 2
    turned = (across * cosine - down * sine, across * sine + down * cosine)
    return turned[0] + shape.box[0] / 2 + shape.margins[0], turned[1] + shape.box[1] / 2 + shape.margins[1]
