"""Noise."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from proxy.protocol.values import Choice, Flag, Int
from proxy.recipe.op import Op


@dataclass(frozen=True, slots=True)
class Noise(Op):
    """Adds random noise.

    ``val`` is per cent; ``monochrome`` makes it gray (``r-op-noise``).
    """

    name: ClassVar[str] = "op_noise"
    page: ClassVar[str] = "r-op-noise"
    in_effect: ClassVar[bool] = True
    built: ClassVar[bool] = False

    val: Annotated[int, Int(0, 100)] = 0
    distribution: Annotated[str, Choice(("uniform", "gaussian"))] = "uniform"
    monochrome: Annotated[bool, Flag()] = False

    @property
    def idle(self) -> bool:
        """True at 0."""
        return self.val == 0
