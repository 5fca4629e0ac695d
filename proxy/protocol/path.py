"""Paths of lines and cubic Bézier curves (``r-clippath``): what ``pathDefinition`` means.

Pure geometry; y grows downwards. Knows nothing of pixels or of what a path is used for.
"""

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Subpath:
    """One run of segments, each from where the last one ended: ``(end,)`` is a line, ``(control, control, end)`` a curve."""

    start: Point
    segments: tuple[tuple[Point, ...], ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """Subpaths in their order."""

    subpaths: tuple[Subpath, ...] = ()
