"""Operations on focus: sharpening and unsharp masking, in a layer or on the final view."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Self

import numpy as np
from PIL import Image

from proxy.ops._channels import TIE, Levels, Plane, is_colour, luma, put_together, rounded, take_apart
from proxy.ops._gaussian import means
from proxy.protocol.command import OnComp
from proxy.protocol.values import Flag, Int, Real
from proxy.recipe.op import Op, Stage


@dataclass(frozen=True, slots=True)
class Sharpen(Op):
    """Sharpens the picture and its mask a little.

    That is an unsharp mask of amount 1, radius 0.7 pixels and no threshold, in the pixels that are there (``r-op-sharpen``).
    """

    name: ClassVar[str] = "op_sharpen"
    page: ClassVar[str] = "r-op-sharpen"
    on_comp: ClassVar[OnComp] = OnComp.VIEW

    sharpened: Annotated[bool, Flag()] = False

    @property
    def work(self) -> float:
        """As much as that of a blur."""
        return 8.0

    @property
    def idle(self) -> bool:
        """True at 0."""
        return not self.sharpened

    def apply(self, image: Image.Image) -> Image.Image:
        """Sharpen colours and alpha."""
        return _unsharp(image, 1.0, 0.7, 0, monochrome=False) if self.sharpened else image


@dataclass(frozen=True, slots=True)
class Usm(Op):
    """Unsharp mask: takes every pixel farther from the mean around it.

    ``radius`` is the standard deviation of the mean's Gaussian: in a layer in pixels of the composite at full size, in the
    final view in those of the reply (protocol decision 8). What differs by less than ``threshold`` levels stays.
    ``monochrome`` adds the same to all components, so that only brightness changes. The mask is sharpened as well
    (``r-op-usm``).
    """

    name: ClassVar[str] = "op_usm"
    page: ClassVar[str] = "r-op-usm"
    on_comp: ClassVar[OnComp] = OnComp.VIEW

    amount: Annotated[float, Real(0, 5)] = 0.0
    radius: Annotated[float, Real(0, 250)] = 0.0
    threshold: Annotated[int, Int(0, 255)] = 0
    monochrome: Annotated[bool, Flag()] = False

    @property
    def work(self) -> float:
        """As much as that of a blur."""
        return 8.0

    def at(self, scale: float, *, stage: Stage | None) -> Self:
        """Scale the radius in a layer; in the final view it speaks of the pixels that are there."""
        return replace(self, radius=self.radius * scale) if stage is None else self

    @property
    def idle(self) -> bool:
        """True if amount or radius is 0."""
        return self.amount == 0 or self.radius == 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Sharpen colours and alpha."""
        if self.idle:
            return image
        return _unsharp(image, self.amount, self.radius, self.threshold, monochrome=self.monochrome)


@dataclass(frozen=True, slots=True)
class UsmR(Usm):
    """Unsharp mask whose radius is in the pixels that are there.

    All else is as in ``op_usm`` (``r-op-usmr``).
    """

    name: ClassVar[str] = "op_usmR"
    page: ClassVar[str] = "r-op-usmr"

    def at(self, scale: float, *, stage: Stage | None) -> Self:  # noqa: ARG002  # as is, whatever the scale
        """Leave the radius as it is."""
        return self


def _unsharp(image: Image.Image, amount: float, radius: float, threshold: int, *, monochrome: bool) -> Image.Image:
    """Sharpen colours, the mean counting neighbours by their alpha, and alpha itself."""
    colours, alpha = take_apart(image)
    if monochrome and is_colour(image):
        bright = luma(colours)
        (around,), mask = means([bright], alpha, radius)
        step = _step(bright, around, amount, threshold)
        steps = [step, step.copy(), step.copy()]
    else:
        many, mask = means(colours, alpha, radius)
        steps = [_step(plane, around, amount, threshold) for plane, around in zip(colours, many, strict=True)]
    sharp = [rounded(np.add(plane, step, out=step)) for plane, step in zip(colours, steps, strict=True)]
    if alpha is not None and mask is not None:
        step = _step(alpha, mask, amount, threshold)
        alpha = rounded(np.add(alpha, step, out=step))
    return put_together(sharp, alpha, image)


def _step(plane: Levels | Plane, mean: Plane, amount: float, threshold: int) -> Plane:
    """How far every pixel moves. It is made in place of ``mean``."""
    np.subtract(plane, mean, out=mean)
    if threshold:
        mean *= np.abs(mean) >= threshold - TIE
    mean *= np.float32(amount)
    return mean
