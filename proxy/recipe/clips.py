"""What clipping and cropping by paths come to, at full size.

Pages: ``r-clippath``, ``r-clipxpath``, ``r-croppath``; protocol decision 23 (14 to 16): boxes of several paths are intersected, a
clip path counts in the final layer rectangle, and exclusion needs some inclusion beside it, in either form. A path that is not
in the file, or draws nothing, is as if it had not been named. Of several paths that are cut out each is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from proxy.errors import LimitExceeded, RequestError
from proxy.protocol.layers import Settings
from proxy.protocol.path import MOST_POINTS, Path, Point
from proxy.recipe.geometry import Extent, Rectangle, half_up
from proxy.recipe.model import Box, Clip, NamedPath

_DIGITS = 4
"""Decimals of a pixel that a recipe keeps; finer ones are what is left of dividing and multiplying."""


@dataclass(slots=True)
class Allowance:
    """How many points may still be read, or be clipped and cropped with; nothing else is planned while they are moved."""

    points: int = MOST_POINTS

    def spend(self, points: int) -> None:
        """Take so many away.

        Raises:
            LimitExceeded: there are not so many left.
        """
        self.points -= points
        if self.points < 0:
            raise LimitExceeded(
                f"the paths that this request uses have more than {MOST_POINTS} points: each counts as often as it is used, "
                "and curves in perspective count as lines"
            )


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths embedded in a source, and what the request may still do with paths."""

    found: tuple[NamedPath, ...] = ()
    allowance: Allowance = field(default_factory=Allowance)

    def without(self) -> "Paths":
        """The same for a source that has none."""
        return Paths((), self.allowance)


def _as_it_is(path: Path) -> Path:
    return path


def crop_to_paths(settings: Settings, paths: Paths, box: Box, carry: Callable[[Path], Path] = _as_it_is) -> Box:
    """What is left of a box when it is cropped to the boxes of the paths that ``cropPathE=`` names, in whole pixels.

    ``carry`` brings a path into pixels of the box.

    Raises:
        RequestError: nothing is left.
    """
    for path in _named(settings, "cropPathE", paths):
        left, top, right, bottom = carry(path).bounds or (0.0, 0.0, 0.0, 0.0)
        before, above, behind, below = (float(half_up(edge)) for edge in (left, top, right, bottom))
        box = Box(max(box.left, before), max(box.top, above), min(box.right, behind), min(box.bottom, below))
        if box.right - box.left < 1 or box.bottom - box.top < 1:
            names = ",".join((settings.get("cropPathE") or ((),))[0])
            raise RequestError(f"cropPathE={names}: the box of this path holds nothing of the image")
    return box


def clip_of(settings: Settings, paths: Paths, carry: Callable[[Path], Path], shift: Point = (0.0, 0.0)) -> Clip | None:
    """What some settings clip a rectangle to, ``None`` for nothing.

    Args:
        settings: those of a layer or of the composite image.
        paths: the paths embedded in the source.
        carry: brings such a path into pixels of the rectangle.
        shift: where the origin of path data lies in the rectangle.
    """
    within = tuple(_clips(settings, "clipPath", paths, carry, shift))
    return Clip(within, tuple(_clips(settings, "clipXPath", paths, carry, shift))) if within else None


def _clips(settings: Settings, name: str, paths: Paths, carry: Callable[[Path], Path], shift: Point) -> Iterator[Path]:
    if (given := settings.one(name, Path)) is not None:
        paths.allowance.spend(given.points)
        yield given.moved(*shift) if any(shift) else given
    yield from map(carry, _named(settings, name + "E", paths))


def _named(settings: Settings, command: str, paths: Paths) -> Iterator[Path]:
    """The paths that a command names, in its order, as far as the source has them."""
    values: tuple[Any, ...] = settings.get(command) or ((),)
    found = {item.name.strip(): item.path for item in reversed(paths.found) if item.path.draws}
    for name in dict.fromkeys(name.strip() for name in values[0]):
        if (path := found.get(name)) is not None:
            paths.allowance.spend(path.points)
            yield path


def self_sized(settings: Settings, number: int) -> Rectangle | None:
    """The box of the path that gives a layer its size, in whole pixels around it, where no ``size=`` does.

    Left and top are in the coordinates of the path data, whose origin is the layer's unless another one is given.

    Raises:
        RequestError: commands that are not permitted for such a layer.
    """
    size = settings.get("size") or settings.get("sizeN")
    path = settings.one("clipPath", Path)
    if path is None or (size is not None and any(size)):
        return None
    for name in ("scale", "rotate", "anchor", "anchorN"):
        if name in settings:
            raise RequestError(f"{name}= is not permitted in layer {number}, whose size is that of its clipPath=: expected size=")
    bounds = path.bounds
    if bounds is None:
        raise RequestError(f"clipPath= draws nothing, so that layer {number} has no size: expected lines or curves, or size=")
    left, top = int(bounds[0] // 1), int(bounds[1] // 1)
    return left, top, max(1, int(-(-bounds[2] // 1)) - left), max(1, int(-(-bounds[3] // 1)) - top)


def mirrored(path: Path, axis: str, size: Extent) -> Path:
    """A path in a rectangle that is mirrored as ``flip=`` says."""
    if "lr" in axis:
        path = path.scaled(-1.0, 1.0).moved(size[0], 0.0)
    return path.scaled(1.0, -1.0).moved(0.0, size[1]) if "ud" in axis else path


def clip_moved(clip: Clip | None, shift: Point) -> Clip | None:
    """A clip in a rectangle whose corner lies elsewhere."""
    return _each(clip, lambda path: path.moved(*shift)) if any(shift) else clip


def clip_at(clip: Clip | None, scale: Extent, shift: Point = (0.0, 0.0)) -> Clip | None:
    """A clip brought to another scale, then moved, its numbers rounded as a recipe has them."""
    return _each(clip, lambda path: path.affine(scale[0], 0.0, 0.0, scale[1], *shift).rounded(_DIGITS))


def _each(clip: Clip | None, change: Callable[[Path], Path]) -> Clip | None:
    return None if clip is None else Clip(tuple(map(change, clip.within)), tuple(map(change, clip.without)))
