"""Operations on colour: balance, hue, saturation, colorizing, inversion."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from proxy.ops._channels import Levels, Plane, in_colour, is_colour, level, mapped, put_together, rounded, take_apart
from proxy.protocol.color import Color, read_color
from proxy.protocol.command import Command
from proxy.protocol.values import Flag, Int, Real, ValueType, write_number
from proxy.recipe.op import Op


@dataclass(frozen=True, slots=True)
class ColorBalance(Op):
    """Adds to red, green and blue each by itself.

    The adjustments are per cent of the whole range. A gray picture becomes one in colour (``r-op-colorbalance``).
    """

    name: ClassVar[str] = "op_colorbalance"
    page: ClassVar[str] = "r-op-colorbalance"

    red_adj: Annotated[int, Int(-100, 100)] = 0
    green_adj: Annotated[int, Int(-100, 100)] = 0
    blue_adj: Annotated[int, Int(-100, 100)] = 0

    @property
    def idle(self) -> bool:
        """True if all three are 0."""
        return self.red_adj == self.green_adj == self.blue_adj == 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Add to each component; L becomes RGB, LA becomes RGBA."""
        steps = (self.red_adj, self.green_adj, self.blue_adj)
        return mapped(in_colour(image), *([level(value + step * 2.55) for value in range(256)] for step in steps))


@dataclass(frozen=True, slots=True)
class Hue(Op):
    """Turns the hue around the colour circle.

    ``adj`` is degrees of the hue angle of HSL; lightness and saturation stay (``r-op-hue``, protocol decision 23 (33)).
    """

    name: ClassVar[str] = "op_hue"
    page: ClassVar[str] = "r-op-hue"

    adj: Annotated[int, Int(-180, 180)] = 0

    @property
    def idle(self) -> bool:
        """True at 0."""
        return self.adj == 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Turn the hue; gray has none."""
        if not is_colour(image):
            return image
        colours, _ = take_apart(image)
        tops = range(0, image.height, _ROWS)
        stripes = [_turned([plane[top : top + _ROWS] for plane in colours], self.adj / 60) for top in tops]
        return put_together([np.concatenate(parts) for parts in zip(*stripes, strict=True)], None, image)


_ROWS = 32
"""Rows worked on at a time: what they need stays in the processor's cache."""


def _turned(colours: Sequence[Levels], sixths: float) -> list[Levels]:
    """Add ``sixths`` of the circle to the hue.

    Least and greatest component stay what they are; which band has them, and what the third one is, follows from the angle.
    """
    red, green, blue = (plane.astype(np.float32) for plane in colours)
    high = np.maximum(np.maximum(red, green), blue)
    span = high - np.minimum(np.minimum(red, green), blue)
    reddest, greenest = high == red, high == green
    hue = np.where(reddest, green - blue, np.where(greenest, blue - red, red - green))
    hue /= np.maximum(span, 1)
    at_red, at_green, at_blue = (np.float32(sixths + place) for place in (0, 2, 4))
    hue += np.where(reddest, at_red, np.where(greenest, at_green, at_blue))
    return [_component(hue, high, span, place) for place in (5, 3, 1)]


def _component(hue: Plane, high: Plane, span: Plane, place: int) -> Levels:
    """One component of a hue in sixths of the circle: least for a third of it, greatest for a third, a slope between."""
    part = hue + np.float32(place)
    part -= np.floor(part / 6) * 6
    np.minimum(part, 4 - part, out=part)
    np.clip(part, 0, 1, out=part)
    part *= span
    return rounded(np.subtract(high, part, out=part))


@dataclass(frozen=True, slots=True)
class Saturation(Op):
    """Makes colours purer or paler.

    ``adj`` is per cent: the distance from the gray of the same brightness is multiplied by 1 + adj/100; -100 leaves the
    gray, 100 doubles the distance (``r-op-saturation``).
    """

    name: ClassVar[str] = "op_saturation"
    page: ClassVar[str] = "r-op-saturation"

    adj: Annotated[int, Int(-100, 100)] = 0

    @property
    def idle(self) -> bool:
        """True at 0."""
        return self.adj == 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Mix with the gray of the same brightness, or away from it."""
        if not is_colour(image):
            return image
        kept = 1 + self.adj / 100
        red, green, blue = ((1 - kept) * weight for weight in (0.299, 0.587, 0.114))
        matrix = (red + kept, green, blue, 0.0, red, green + kept, blue, 0.0, red, green, blue + kept, 0.0)
        mixed = image.convert("RGB").convert("RGB", matrix)
        if image.mode == "RGBA":
            mixed.putalpha(image.getchannel("A"))
        return mixed


@dataclass(frozen=True, slots=True)
class Tint:
    """What ``op_colorize`` says.

    ``color`` is RGB, its alpha does not count; ``norm`` evens out brightness first; ``contrast`` is the range wanted, in per
    cent of the whole one, 0 for that of the picture.
    """

    color: Color
    norm: bool = True
    contrast: float = 0.0


@dataclass(frozen=True, slots=True)
class TintValue(ValueType[Tint]):
    """A colour, which may hold commas itself, then ``off`` or ``norm``, then the contrast range (``r-op-colorize``)."""

    _contrast: ClassVar[Real] = Real(0, 100)

    @property
    def expects(self) -> str:
        """What would have been right."""
        return f"an RGB colour such as a0b0c0 or 160,176,192, then off or norm, then {self._contrast.expects}"

    def read(self, text: str) -> Tint:
        """Read it. An empty second argument is ``norm``; with ``off`` the contrast is of no account.

        Raises:
            ValueError: it is not of this form, or the colour is gray or CMYK.
        """
        parts = [part.strip().lower() for part in text.split(",")]
        ends = [place for place, part in enumerate(parts) if place and part in {"off", "norm", ""}]
        end = ends[0] if ends else len(parts)
        mode, *contrast = parts[end:] or ["norm"]
        color = read_color(",".join(parts[:end]))
        if color.space != "rgb" or len(contrast) > 1:
            raise ValueError(text)
        spread = self._contrast.read(contrast[0]) if contrast and contrast[0] else 0.0
        return Tint(color, norm=False) if mode == "off" else Tint(color, contrast=spread)

    def write(self, value: Tint) -> str:
        """Write it in its shortest form."""
        if not value.norm:
            return f"{value.color},off"
        return f"{value.color},norm,{write_number(value.contrast)}" if value.contrast else str(value.color)


@dataclass(frozen=True, slots=True)
class Colorize(Op):
    """Gives the picture one colour, keeping shadows and highlights.

    Black stays black, white stays white, and half brightness becomes the colour; between them colours are mixed. With
    ``norm`` the median is first moved to half brightness. Its one value is a ``Tint``, since the colour may hold commas
    (``r-op-colorize``).
    """

    name: ClassVar[str] = "op_colorize"
    page: ClassVar[str] = "r-op-colorize"

    tint: Annotated[Tint | None, TintValue()] = None

    @classmethod
    def row(cls) -> Command:
        """The row of the command table; its text is not split at commas."""
        return replace(super(Colorize, cls).row(), whole=True)  # slots make the class anew: super() alone would miss

    @property
    def idle(self) -> bool:
        """True without a colour."""
        return self.tint is None

    def apply(self, image: Image.Image) -> Image.Image:
        """Replace brightness by shades of the colour; L becomes RGB, LA becomes RGBA."""
        if self.tint is None:
            return image
        gray = image.convert("L")
        tones = [float(tone) for tone in range(256)]
        if self.tint.norm:
            _, alpha = take_apart(image)
            tones = _evened(_counts(gray, alpha), self.tint.contrast)
        colored = gray.convert("RGB")
        if image.mode in {"LA", "RGBA"}:
            colored.putalpha(image.getchannel("A"))
        return mapped(colored, *([_shade(tone, component) for tone in tones] for component in self.tint.color.components))


_HALF = 127.5
_TAIL = 0.01
"""The share of the darkest and of the lightest pixels that do not count in the range of a picture's contrast."""


def _counts(gray: Image.Image, alpha: Levels | None) -> NDArray[np.float64]:
    """How many pixels each of the 256 levels has, every pixel counting by its alpha."""
    if alpha is None:
        return np.array(gray.histogram(), np.float64)
    return np.bincount(np.asarray(gray).ravel(), weights=alpha.ravel(), minlength=256).astype(np.float64)


def _evened(counts: NDArray[np.float64], contrast: float) -> list[float]:
    """What the 256 levels become when the median goes to half brightness and the range to ``contrast`` per cent.

    At 0, and where all pixels are alike, the range is kept.
    """
    sums = np.cumsum(counts)
    middle = (np.searchsorted(sums, sums[-1] / 2) + np.searchsorted(sums, sums[-1] / 2, side="right")) / 2
    darkest, lightest = np.searchsorted(sums, (sums[-1] * _TAIL, sums[-1] * (1 - _TAIL)))
    slope = contrast * 2.55 / float(lightest - darkest) if contrast and lightest > darkest else 1.0
    return [_HALF + (tone - float(middle)) * slope for tone in range(256)]


def _shade(tone: float, component: int) -> int:
    """A component of the colour at a brightness of 0 to 255: from black over the component itself to white."""
    if tone <= _HALF:
        return level(component * max(tone, 0.0) / _HALF)
    return level(component + (255 - component) * (min(tone, 255.0) - _HALF) / _HALF)


@dataclass(frozen=True, slots=True)
class Invert(Op):
    """Makes a negative of the picture.

    Every component becomes 255 less itself; alpha stays (``r-op-invert``).
    """

    name: ClassVar[str] = "op_invert"
    page: ClassVar[str] = "r-op-invert"

    inverted: Annotated[bool, Flag()] = False

    @property
    def idle(self) -> bool:
        """True at 0."""
        return not self.inverted

    def apply(self, image: Image.Image) -> Image.Image:
        """Invert every colour component."""
        return mapped(image, range(255, -1, -1)) if self.inverted else image
