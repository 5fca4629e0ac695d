"""What request and catalog say of the view: how the composite image is placed in it, what is cut out, what lies behind.

Pages: ``r-view-transform-for-images``, ``r-view-transform-for-thumbnails``, ``r-fit``, ``r-dpr``, ``r-rect``, ``r-bgc``. A
nested request knows no DefaultPix (``r-request-nesting-and-embedding``).
"""

from dataclasses import dataclass

from proxy.errors import BadValue, RequestError
from proxy.protocol.color import Color
from proxy.protocol.layers import Settings
from proxy.recipe.asked import Asked, AskedLayer
from proxy.recipe.geometry import (
    Extent,
    Pixels,
    Placed,
    Rectangle,
    ThumbSpec,
    ViewSpec,
    fit_box,
    place_thumbnail,
    place_view,
    view_extent,
)
from proxy.recipe.placement import resolution


@dataclass(frozen=True, slots=True)
class Viewed:
    """How a composite image is placed in the view, and in how many times as many pixels (``dpr=``, the scale of ``rect=``)."""

    spec: ViewSpec | ThumbSpec
    factor: float

    def at(self, composite: Pixels, factor: float = 1.0) -> Placed:
        """Place a composite image in ``factor`` times as many pixels as were asked for."""
        if isinstance(self.spec, ThumbSpec):
            return place_thumbnail(composite, self.spec, self.factor * factor)
        return place_view(composite, self.spec, self.factor * factor)


def view(asked: Asked, composite: Pixels, layer: AskedLayer) -> Viewed:
    """Work out how the composite image is placed in the view, as a thumbnail or as an image.

    Raises:
        RequestError: view commands that cannot be followed together.
    """
    settings, main = asked.request.settings, asked.main
    width, height = settings.one("wid", int) or 0, settings.one("hei", int) or 0
    fit = settings.get("fit")
    ratio, largest = _pixel_ratio(asked), main.pair("MaxPix")
    rect = settings.get("rect")
    zoom = 1.0 if rect is None else float(rect[4])
    if asked.kind == "tmb":
        if fit is not None:
            raise RequestError("fit= cannot be used with req=tmb")
        thumb = _thumb_spec(asked, layer, width, height)
        return Viewed(thumb, _within_max_pix(place_thumbnail(composite, thumb).size, ratio, largest) * zoom)
    if fit is not None and not (width or height):
        raise BadValue("fit", fit[0], "wid= or hei= beside it")
    region = settings.get("rgn")
    if region is not None and not all(region[2:]):
        raise BadValue("rgn", ",".join(map(str, region)), "a width and a height of at least 1")
    align = settings.get("align") or (0.0, 0.0)
    mode, upscale = fit or ("fit", False)
    scale = settings.one("scl", float) or 0.0
    default = (0, 0) if asked.depth else main.pair("DefaultPix")
    spec = ViewSpec(width, height, mode, upscale, scale, region, (align[0], align[1]), default)
    return Viewed(spec, _within_max_pix(view_extent(composite, spec), ratio, largest) * zoom)


def _pixel_ratio(asked: Asked) -> float:
    """The device pixel ratio (``r-dpr``): what is given, else what the client told; 1 over a poor network (``r-network``)."""
    values = asked.request.settings.get("dpr")
    if values is None or not values[0] or asked.client.network == "poor":
        return 1.0
    return asked.client.ratio or 1.0 if values[1] is None else float(values[1])


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
        thumb_res / resolution(layer),
        (sides[main.text("ThumbHorizAlign")], sides[main.text("ThumbVertAlign")]),
    )


def rectangle(settings: Settings, placed: Placed) -> Rectangle:
    """The final rectangle of the view (``r-rect``), the whole of it by default.

    Raises:
        BadValue: it is empty.
    """
    values = settings.get("rect")
    if values is None:
        return 0, 0, *placed.size
    left, top, width, height = (int(value) for value in values[:4])
    if not (width and height):
        raise BadValue("rect", f"{left},{top},{width},{height}", "a width and a height of at least 1")
    return left, top, width, height


def background(asked: Asked) -> Color:
    """The colour of what the composite leaves free; its alpha value is ignored (``r-bgc``)."""
    attribute = "ThumbBkgColor" if asked.kind == "tmb" else "BkgColor"
    color = asked.request.settings.one("bgc", Color) or asked.main.color(attribute)
    return Color(color.space, color.components)
