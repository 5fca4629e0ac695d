"""Operations that dilate and erode: the picture itself, or its mask."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from proxy.protocol.command import OnComp
from proxy.protocol.values import Int
from proxy.recipe.op import Op


@dataclass(frozen=True, slots=True)
class Grow(Op):
    """Dilates the picture, or erodes it if the radius is negative.

    ``radius`` is in pixels of the composite; each component is worked on by itself (``r-op-grow``).
    """

    name: ClassVar[str] = "op_grow"
    page: ClassVar[str] = "r-op-grow"
    in_effect: ClassVar[bool] = True
    built: ClassVar[bool] = False

    radius: Annotated[int, Int(-100, 100)] = 0

    @property
    def idle(self) -> bool:
        """True at 0."""
        return self.radius == 0


@dataclass(frozen=True, slots=True)
class GrowMask(Op):
    """Dilates the mask of the source, or erodes it if the radius is negative.

    ``radius`` is in pixels of the mask at full size (``r-op-growmask``).
    """

    name: ClassVar[str] = "op_growMask"
    page: ClassVar[str] = "r-op-growmask"
    on_comp: ClassVar[OnComp] = OnComp.LAYER0
    built: ClassVar[bool] = False

    radius: Annotated[int, Int(-100, 100)] = 0

    @property
    def idle(self) -> bool:
        """True at 0."""
        return self.radius == 0


@dataclass(frozen=True, slots=True)
class GrowMaskR(Op):
    """Dilates the mask of the source by a radius in the pixels that are there.

    A negative ``radius`` erodes; the scale does not count (``r-op-growmaskr``).
    """

    name: ClassVar[str] = "op_growMaskR"
    page: ClassVar[str] = "r-op-growmaskr"
    on_comp: ClassVar[OnComp] = OnComp.LAYER0
    built: ClassVar[bool] = False

    radius: Annotated[int, Int(-100, 100)] = 0

    @property
    def idle(self) -> bool:
        """True at 0."""
        return self.radius == 0
