"""Operations that dilate and erode: the picture itself, or its mask.

All of them work with a disc, in any real radius (``proxy.ops._disc``).
"""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Self

import numpy as np
from PIL import Image

from proxy.ops._channels import put_together, rounded, take_apart
from proxy.ops._disc import grown
from proxy.protocol.command import OnComp
from proxy.protocol.values import Int, ValueType, write_number
from proxy.recipe.op import Op, Stage


@dataclass(frozen=True, slots=True)
class RadiusValue(ValueType[float]):
    """A whole number of pixels from -100 to 100, held as a real one: at another scale it need not be whole any more."""

    _whole: ClassVar[Int] = Int(-100, 100)

    @property
    def expects(self) -> str:
        """What would have been right."""
        return self._whole.expects

    def read(self, text: str) -> float:
        """Read it.

        Raises:
            ValueError: it is not a whole number or out of range.
        """
        return float(self._whole.read(text))

    def write(self, value: float) -> str:
        """Write it in its shortest form."""
        return write_number(value)


@dataclass(frozen=True, slots=True)
class Grow(Op):
    """Dilates the picture, or erodes it if the radius is negative.

    ``radius`` is in pixels of the composite; each component is worked on by itself. Alpha is one of them, so that layers of
    text and of one colour grow as well; an effect hands over its mask as a picture of mode L (``r-op-grow``, protocol
    decision 8).
    """

    name: ClassVar[str] = "op_grow"
    page: ClassVar[str] = "r-op-grow"
    in_effect: ClassVar[bool] = True
    shapes: ClassVar[bool] = True

    radius: Annotated[float, RadiusValue()] = 0.0

    @property
    def reach(self) -> float:
        """The radius; erosion needs to see what is around as well."""
        return abs(self.radius)

    @property
    def work(self) -> float:
        """It grows with the radius."""
        return _work(self.radius)

    def at(self, scale: float, *, stage: Stage | None) -> Self:  # noqa: ARG002  # it speaks in the same pixels everywhere
        """Scale the radius."""
        return replace(self, radius=self.radius * scale)

    @property
    def idle(self) -> bool:
        """True at 0."""
        return self.radius == 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Replace every component by the greatest around it, or the least.

        Colours take part as far as they are seen, that is multiplied by alpha.
        """
        if self.idle:
            return image
        colours, alpha = take_apart(image)
        if alpha is None:
            return put_together([rounded(grown(plane, self.radius)) for plane in colours], None, image)
        weight = grown(alpha, self.radius)
        planes = []
        for plane in colours:
            color = plane.astype(np.float32)
            np.divide(grown(plane.astype(np.uint16) * alpha, self.radius), weight, out=color, where=weight > 0)
            planes.append(rounded(color))
        return put_together(planes, rounded(weight), image)


@dataclass(frozen=True, slots=True)
class GrowMask(Op):
    """Dilates the mask of the source, or erodes it if the radius is negative.

    ``radius`` is in pixels of the mask at full size (``r-op-growmask``).
    """

    name: ClassVar[str] = "op_growMask"
    page: ClassVar[str] = "r-op-growmask"
    on_comp: ClassVar[OnComp] = OnComp.LAYER0

    radius: Annotated[float, RadiusValue()] = 0.0

    @property
    def work(self) -> float:
        """It grows with the radius."""
        return _work(self.radius)

    def at(self, scale: float, *, stage: Stage | None) -> Self:  # noqa: ARG002  # a mask is carried out in its layer alone
        """Scale the radius; ``scale`` is how many of the mask's pixels there are for one at full size."""
        return replace(self, radius=self.radius * scale)

    @property
    def idle(self) -> bool:
        """True at 0."""
        return self.radius == 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Replace every level of a mask, a picture of mode L, by the greatest around it, or the least."""
        return image if self.idle else Image.fromarray(rounded(grown(np.asarray(image), self.radius)))


@dataclass(frozen=True, slots=True)
class GrowMaskR(GrowMask):
    """Dilates the mask of the source by a radius in the pixels that are there.

    A negative ``radius`` erodes; the scale does not count (``r-op-growmaskr``).
    """

    name: ClassVar[str] = "op_growMaskR"
    page: ClassVar[str] = "r-op-growmaskr"

    def at(self, scale: float, *, stage: Stage | None) -> Self:  # noqa: ARG002  # as is, whatever the scale
        """Leave the radius as it is."""
        return self


def _work(radius: float) -> float:
    """A disc is a pile of as many chords as its radius has pixels; one between two whole radii is made of both."""
    return (1 + abs(radius) / 12) * (1 if radius == int(radius) else 2)
