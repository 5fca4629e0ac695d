"""What a measurement is: rows of figures, each with the limit that it has to keep. Knows no pictures and no programs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

S = TypeVar("S")

Pixels = NDArray[Any]
"""A picture as numbers of 0 to 255, shape (height, width) or (height, width, bands), of any type of number."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that was measured and the limit it has to keep: at most that, or ``at_least``."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether the limit is kept; what is no number keeps none."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{self.name} {_short(self.value)} ({sign} {_short(self.limit)})"


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison.

    ``what`` was made and ``against`` what it was held, ``picture`` is what both were made of. ``pair`` is both results, from
    which a picture of their difference can be drawn.
    """

    what: str
    against: str
    picture: str
    figures: tuple[Figure, ...]
    pair: tuple[Pixels, Pixels] | None = None

    @property
    def broken(self) -> list[str]:
        """The figures whose limits are not kept."""
        return [f"{self.what} against {self.against} on {self.picture}: {figure}" for figure in self.figures if not figure.kept]


@dataclass(frozen=True, slots=True)
class Measurement(Generic[S]):
    """Rows of one subject, measured together.

    ``reading`` says what the rows tell. ``needs`` are programs without which it cannot be made. ``slow`` ones are made only
    for the page, not in tests.
    """

    name: str
    title: str
    reading: str
    run: Callable[[S], Iterable[Row]]
    needs: tuple[str, ...] = ()
    slow: bool = False


def most(name: str, value: float, limit: float) -> Figure:
    """A figure that may be ``limit`` at most."""
    return Figure(name, float(value), limit)


def least(name: str, value: float, limit: float) -> Figure:
    """A figure that has to be ``limit`` at least."""
    return Figure(name, float(value), limit, at_least=True)


def _short(value: float) -> str:
    """Three significant digits are as many as stay the same on another machine; equal pictures have an endless PSNR."""
    if np.isposinf(value):
        return "∞"
    return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) <= 1 else f"{value:.3g}"
