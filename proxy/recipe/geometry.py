"""Rectangles and scales: pure arithmetic, before any pixel.

Pages: ``r-view-transform-for-images``, ``r-view-transform-for-thumbnails``, ``r-fit``, ``r-rgn``, ``r-rect``,
``r-layer-transforms``, ``r-size-reference``; protocol decisions 3 and 4 (no enlarging unless asked; half rounds up;
nothing is smaller than 1).
"""

import math
from dataclasses import dataclass

Extent = tuple[float, float]
Pixels = tuple[int, int]
Extent4 = tuple[float, float, float, float]
Rectangle = tuple[int, int, int, int]
"""left, top, width, height."""

_TINY = 1e-6
"""Absorbs the error of binary fractions: 34.5 computed as 34.49999999 still rounds up."""


def half_up(value: float) -> int:
    """The nearest whole number, halves upwards."""
    return math.floor(value + 0.5 + _TINY)


def whole(extent: Extent) -> Pixels:
    """An extent in whole pixels, at least 1 each."""
    return max(1, half_up(extent[0])), max(1, half_up(extent[1]))


def fit_box(extent: Extent, box: Extent) -> float:
    """The scale that brings an extent to the largest size within a box; a 0 leaves that dimension free."""
    return min((limit / side for limit, side in zip(box, extent, strict=True) if limit), default=1.0)


def turned(extent: Extent, angle: float) -> Extent:
    """The box around an extent turned by an angle in degrees; exact for quarter turns."""
    width, height = extent
    quarters, rest = divmod(angle % 360, 90)
    if rest == 0:
        return (height, width) if quarters % 2 else (width, height)
    cosine, sine = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    return width * cosine + height * sine, width * sine + height * cosine


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """What request and catalog say of the view. ``width`` and ``height`` are 0 where they are not given, ``scale`` likewise.

    ``align`` is -1 to 1 each way. ``default`` is DefaultPix, 0 where unconstrained. ``region`` is ``rgn=``.
    """

    width: int = 0
    height: int = 0
    mode: str = "fit"
    upscale: bool = False
    scale: float = 0.0
    region: Rectangle | None = None
    align: Extent = (0.0, 0.0)
    default: Pixels = (0, 0)


@dataclass(frozen=True, slots=True)
class Placed:
    """A view worked out: the composite is scaled by ``scale`` (x, y) and its top left corner lies at ``offset`` in ``size``."""

    scale: Extent
    size: Pixels
    offset: Extent


def place_view(composite: Pixels, spec: ViewSpec, factor: float = 1.0) -> Placed:
    """Scale and place a composite image in the view (``r-view-transform-for-images``).

    ``factor`` makes the same view in that many times as many pixels each way. It is worked out anew at that scale, since
    a rounded size that is multiplied would leave a line free at the edge.
    """
    left, top, width, height = spec.region or (0, 0, *composite)
    scale = _view_scale((width, height), spec)
    size = whole(_times(_view_extent((width * scale[0], height * scale[1]), spec), factor))
    scale = _times(scale, factor)
    fitted = whole((width * scale[0], height * scale[1]))
    across, down = _aligned(size, fitted, _view_align(spec))
    return Placed(scale, size, (across - left * scale[0], down - top * scale[1]))


def view_extent(composite: Pixels, spec: ViewSpec) -> Extent:
    """The size of a view before it is rounded to whole pixels."""
    width, height = spec.region[2:] if spec.region else composite
    scale = _view_scale((width, height), spec)
    return _view_extent((width * scale[0], height * scale[1]), spec)


def _times(extent: Extent, factor: float) -> Extent:
    return extent[0] * factor, extent[1] * factor


def _aligned(size: Pixels, fitted: Pixels, align: Extent) -> Pixels:
    """Where the corner of a picture lies in a view: -1 to 1 is left to right and top to bottom."""
    return half_up((size[0] - fitted[0]) * (align[0] + 1) / 2), half_up((size[1] - fitted[1]) * (align[1] + 1) / 2)


def _view_align(spec: ViewSpec) -> Extent:
    """``align=`` counts only where both dimensions are given, and not while ``fit=stretch`` does (``r-align``)."""
    stretched = spec.mode == "stretch" and not spec.scale
    return spec.align if spec.width and spec.height and not stretched else (0.0, 0.0)


def _view_scale(region: Extent, spec: ViewSpec) -> Extent:
    """The scale in x and y (``r-fit``)."""
    if spec.scale:
        return 1 / spec.scale, 1 / spec.scale
    if not spec.width and not spec.height:
        scale = min(1.0, fit_box(region, spec.default))
        return scale, scale
    across = spec.width / region[0] if spec.width else spec.height / region[1]
    down = spec.height / region[1] if spec.height else spec.width / region[0]
    if not spec.upscale:
        across, down = min(across, 1.0), min(down, 1.0)
    match spec.mode:
        case "stretch":
            return across, down
        case "crop" | "wrap":
            scale = max(across, down)
        case "hfit":
            scale = across
        case "vfit":
            scale = down
        case _:
            scale = min(across, down)
    return scale, scale


def _view_extent(fitted: Extent, spec: ViewSpec) -> Extent:
    """The size of the view; a dimension that was not asked for is that of the scaled picture."""
    if not spec.scale and spec.mode in ("constrain", "wrap"):
        return fitted
    return spec.width or fitted[0], spec.height or fitted[1]


@dataclass(frozen=True, slots=True)
class ThumbSpec:
    """What request and catalog say of a thumbnail; a ``width`` or ``height`` of 0 is free.

    ``type`` is crop, fit or texture; ``texture`` its ThumbRes / Resolution.
    """

    width: int
    height: int
    type: str
    texture: float
    align: Extent


def place_thumbnail(composite: Pixels, spec: ThumbSpec, factor: float = 1.0) -> Placed:
    """Scale and place a composite image by the thumbnail rules (``r-thumbnail-rules``); they may enlarge.

    A free dimension is that of the scaled picture. ``factor`` is as in ``place_view``.
    """
    scale = _thumb_scale(composite, spec)
    size = whole(_times((spec.width or composite[0] * scale, spec.height or composite[1] * scale), factor))
    scale *= factor
    fitted = whole(_times(composite, scale))
    return Placed((scale, scale), size, _aligned(size, fitted, spec.align))


def _thumb_scale(composite: Pixels, spec: ThumbSpec) -> float:
    if spec.type == "texture":
        return spec.texture
    sides = [side / length for side, length in zip((spec.width, spec.height), composite, strict=True) if side]
    choose = max if spec.type == "crop" else min
    return choose(sides, default=1.0)


@dataclass(frozen=True, slots=True)
class LayerShape:
    """A layer in composite pixels at full size: the picture after scaling, its box after rotation, its margins."""

    size: Pixels
    angle: float = 0.0
    box: Pixels = (0, 0)
    margins: Rectangle = (0, 0, 0, 0)
    """left, top, right, bottom."""

    @property
    def rectangle(self) -> Pixels:
        """The layer rectangle with its margins. A dimension may be 0 or less where the margins take all of it away."""
        left, top, right, bottom = self.margins
        return self.box[0] + left + right, self.box[1] + top + bottom


def shape_layer(size: Pixels, angle: float, margins: Extent4, *, normalized: bool) -> LayerShape:
    """Turn and extend a picture of ``size``; normalized margins count in sizes of the turned box (``r-extend``)."""
    box = whole(turned(size, angle))
    factors = (*box, *box) if normalized else (1, 1, 1, 1)
    left, top, right, bottom = (half_up(margin * factor) for margin, factor in zip(margins, factors, strict=True))
    return LayerShape(size, angle, box, (left, top, right, bottom))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A layer in render pixels: picture, box after rotation, margins (left, top, right, bottom), rectangle, and its place."""

    size: Pixels
    box: Pixels
    margins: Rectangle
    rectangle: Pixels
    offset: Pixels


def render_layer(shape: LayerShape, scale: Extent, place: Extent = (0.0, 0.0)) -> Rendered:
    """Bring a layer to another scale. Its edges are rounded, not its parts, so that parts always add up to the whole."""
    left, top, right, bottom = shape.margins
    columns = _edges(place[0], (left, shape.box[0], right), scale[0])
    rows = _edges(place[1], (top, shape.box[1], bottom), scale[1])
    box = (max(1, columns[2] - columns[1]), max(1, rows[2] - rows[1]))
    quarters, rest = divmod(shape.angle % 360, 90)
    if rest == 0:
        size = (box[1], box[0]) if quarters % 2 else box
    else:
        size = whole((shape.size[0] * scale[0], shape.size[1] * scale[1]))
    rectangle = max(1, columns[3] - columns[0]), max(1, rows[3] - rows[0])
    before = columns[1] - columns[0], rows[1] - rows[0]
    margins = (*before, rectangle[0] - before[0] - box[0], rectangle[1] - before[1] - box[1])
    return Rendered(size, box, margins, rectangle, (columns[0], rows[0]))


def _edges(start: float, parts: tuple[int, int, int], scale: float) -> tuple[int, int, int, int]:
    first, second, third = parts
    return (
        half_up(start * scale),
        half_up((start + first) * scale),
        half_up((start + first + second) * scale),
        half_up((start + first + second + third) * scale),
    )


def scaled_rectangle(rect: Rectangle, size: Pixels, other: Pixels) -> Rectangle:
    """The same rectangle of a view that has another number of pixels: what ends with the view still does."""
    left, width = _span(rect[0], rect[2], other[0] / size[0])
    top, height = _span(rect[1], rect[3], other[1] / size[1])
    return left, top, width, height


def _span(start: int, length: int, scale: float) -> tuple[int, int]:
    """Start and length of what has its edges at another scale; never nothing."""
    low, high = half_up(start * scale), half_up((start + length) * scale)
    return (low, high - low) if low < high else (math.floor(start * scale), 1)


_FINER = 3.0
"""How many times as wide as in its reply a composite of several parts is made at most."""


def render_scale(shape: LayerShape, placed: Placed, fine_pixels: int = 0) -> tuple[Extent, Pixels]:
    """The scale at which the composite is made, and its size in the view.

    They differ where a view stretches a picture that is turned by other than quarters: that has to be turned first. And where
    the composite may have ``fine_pixels``, more than it has in a small reply: its parts begin at whole pixels, which are finer
    ones before it is reduced. No composite is made larger than at full size for that.
    """
    fitted = whole((shape.rectangle[0] * placed.scale[0], shape.rectangle[1] * placed.scale[1]))
    scale, larger = placed.scale, max(placed.scale)
    if shape.angle % 90 and scale[0] != scale[1]:
        scale = (larger, larger)
    finer = min(_FINER, 1 / larger, math.sqrt(fine_pixels / (fitted[0] * fitted[1])))
    return _times(scale, max(finer, 1.0)), fitted
