"""Image maps: HTML AREA elements carried through the geometry of a request (``r-image-maps``, ``r-map``, ``r-map-req``).

Coordinates go from source pixels to the layer rectangle, to the composite image, to the view, and are clipped at each border;
what becomes empty is left out. Attributes other than SHAPE and COORDS are passed on as they were written. Areas stand front
to back.
"""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from proxy.catalog.locale import localized_map
from proxy.protocol.layers import Settings
from proxy.recipe.geometry import half_up
from proxy.recipe.placement import carry
from proxy.recipe.planner import Measured, MeasuredLayer
from proxy.recipe.polygon import clipped

Point = tuple[float, float]
Bounds = tuple[float, float, float, float]
"""left, top, right, bottom."""

_TAG = re.compile(r"<\s*area\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([^\s=/>\"']+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+))?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_CORNERS = 4
_CIRCLE_NUMBERS = 3


@dataclass(frozen=True, slots=True)
class Area:
    """One AREA element. ``shape`` is rect, poly or default; a default one has no points and means the whole rectangle.

    ``others`` are the other attributes, name and value as they were written.
    """

    shape: str
    points: tuple[Point, ...]
    others: tuple[tuple[str, str], ...]

    @property
    def coords(self) -> tuple[int, ...]:
        """COORDS in whole pixels: left, top, right, bottom of a rectangle, else the corners."""
        if self.shape == "rect":
            left, top, right, bottom = _bounds(self.points)
            return half_up(left), half_up(top), half_up(right), half_up(bottom)
        return tuple(half_up(value) for point in self.points for value in point)

    def html(self) -> str:
        """Write the element."""
        coords = ",".join(map(str, self.coords))
        others = "".join(f" {name}={value}" if value else f" {name}" for name, value in self.others)
        return f'<AREA SHAPE="{self.shape.upper()}" COORDS="{coords}"{others}>'

    def attributes(self) -> dict[str, str]:
        """The other attributes with lower-case names and without quotes, references replaced."""
        return {name.lower(): html.unescape(_unquoted(value)) for name, value in self.others}


def read_areas(text: str) -> tuple[Area, ...]:
    """Read AREA elements; anything between them is passed over, as is an area whose coordinates cannot be read."""
    areas: list[Area] = []
    for tag in _TAG.finditer(text):
        attributes = [(name, value or "") for name, value in _ATTRIBUTE.findall(tag[1])]
        found = {name.lower(): _unquoted(value) for name, value in attributes}
        others = tuple(pair for pair in attributes if pair[0].lower() not in ("shape", "coords"))
        shaped = _shape(found.get("shape", "default").lower(), [float(n) for n in _NUMBER.findall(found.get("coords", ""))])
        if shaped is not None:
            areas.append(Area(*shaped, others))
    return tuple(areas)


def _shape(shape: str, numbers: list[float]) -> tuple[str, tuple[Point, ...]] | None:
    if shape.startswith("rect") and len(numbers) == _CORNERS:
        return "rect", ((numbers[0], numbers[1]), (numbers[2], numbers[1]), (numbers[2], numbers[3]), (numbers[0], numbers[3]))
    if shape.startswith("poly") and len(numbers) >= 2 * 3 and len(numbers) % 2 == 0:
        return "poly", tuple(zip(numbers[::2], numbers[1::2], strict=True))
    if shape.startswith("circ") and len(numbers) == _CIRCLE_NUMBERS:
        # the manual has no circles; the square around one is at least a place to click
        across, down, radius = numbers
        return _shape("rect", [across - radius, down - radius, across + radius, down + radius])
    return ("default", ()) if shape == "default" or not numbers else None


def composite_map(measured: Measured) -> tuple[Area, ...]:
    """The image map of the reply image, front to back, in its pixels."""
    canvas, strings = measured.composite, measured.asked.localization.strings
    areas = [area for layer in reversed(measured.layers) for area in _of_layer(layer, canvas, strings)]
    areas += [_whole(area, canvas) for area in _given(measured.asked.request.composite) or ()]
    flip = measured.asked.request.composite.one("flip", str) or ""
    placed, rect = measured.placed, measured.rect

    def in_reply(point: Point) -> Point:
        across = canvas[0] - point[0] if "lr" in flip else point[0]
        down = canvas[1] - point[1] if "ud" in flip else point[1]
        return across * placed.scale[0] + placed.offset[0] - rect[0], down * placed.scale[1] + placed.offset[1] - rect[1]

    return tuple(_carry(areas, in_reply, (0.0, 0.0, float(rect[2]), float(rect[3])), upright=True))


def _of_layer(layer: MeasuredLayer, canvas: tuple[int, int], strings: Sequence[str] | None) -> Iterator[Area]:
    """The areas of a layer in composite pixels, clipped to its rectangle and to the canvas."""
    settings, laid = layer.asked.layer.settings, layer.laid
    left, top = laid.place
    rectangle = laid.shape.rectangle
    borders = (max(left, 0.0), max(top, 0.0), min(left + rectangle[0], canvas[0]), min(top + rectangle[1], canvas[1]))
    given = settings.get("map")
    if given is not None:
        areas = [_whole(area, rectangle) for area in read_areas(str(given[0] or ""))]
        return _carry(areas, lambda point: (point[0] + left, point[1] + top), borders, upright=True)
    flip = settings.one("flip", str) or ""
    size = (laid.crop.right - laid.crop.left, laid.crop.bottom - laid.crop.top)
    whole = (laid.crop.left, laid.crop.top, laid.crop.left + size[0], laid.crop.top + size[1])

    def in_composite(point: Point) -> Point:
        across, down = carry(point, laid, flip)
        return across + left, down + top

    areas = [area if area.points else _rectangle(area, whole) for area in _of_source(layer, strings)]
    if laid.quad is not None:
        # what lies beyond the picture may have no place at all
        areas = [replace(area, points=tuple(clipped(area.points, whole))) for area in areas]
    return _carry(areas, in_composite, borders, upright=laid.quad is None and laid.shape.angle % 90 == 0)


def _of_source(layer: MeasuredLayer, strings: Sequence[str] | None) -> Sequence[Area]:
    """The areas of a layer in source pixels: ``mapA=``, else those of a nested request, else the record's."""
    given = layer.asked.layer.settings.get("mapA")
    if given is not None:
        return read_areas(str(given[0] or ""))
    if isinstance(layer.content, Measured):
        return composite_map(layer.content)
    image = layer.asked.image
    text = (image.record.map if image is not None and image.record is not None else None) or ""
    return read_areas(localized_map(text, strings))


def _given(composite: Settings) -> tuple[Area, ...] | None:
    values = composite.get("map") or composite.get("mapA")
    return None if values is None else read_areas(str(values[0] or ""))


def _whole(area: Area, size: tuple[int, int]) -> Area:
    return area if area.points else _rectangle(area, (0.0, 0.0, float(size[0]), float(size[1])))


def _rectangle(area: Area, bounds: Bounds) -> Area:
    left, top, right, bottom = bounds
    return replace(area, shape="rect", points=((left, top), (right, top), (right, bottom), (left, bottom)))


def _carry(areas: Sequence[Area], move: Callable[[Point], Point], borders: Bounds, *, upright: bool) -> Iterator[Area]:
    """Move areas and clip them; a rectangle that is turned by other than quarters becomes a polygon."""
    for area in areas:
        points = clipped([move(point) for point in area.points], borders)
        if not points:
            continue
        left, top, right, bottom = _bounds(points)
        if half_up(right) > half_up(left) and half_up(bottom) > half_up(top):
            shape = area.shape if upright else "poly"
            yield _rectangle(area, (left, top, right, bottom)) if shape == "rect" else Area(shape, tuple(points), area.others)


def _bounds(points: Sequence[Point]) -> Bounds:
    columns, rows = [point[0] for point in points], [point[1] for point in points]
    return min(columns), min(rows), max(columns), max(rows)


def _unquoted(value: str) -> str:
    return value[1:-1] if value[:1] in ("'", '"') and value[-1:] == value[:1] and len(value) > 1 else value
