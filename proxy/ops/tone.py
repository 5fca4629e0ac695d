"""Operations on tone: brightness and contrast."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from PIL import Image

from proxy.ops._channels import level, mapped
from proxy.protocol.values import Int
from proxy.recipe.op import Op


@dataclass(frozen=True, slots=True)
class Brightness(Op):
    """Makes the picture brighter or darker.

    ``adj`` is per cent of the whole range, added to every component: 100 makes all white, -100 all black
    (``r-op-brightness``).
    """

    name: ClassVar[str] = "op_brightness"
    page: ClassVar[str] = "r-op-brightness"

    adj: Annotated[int, Int(-100, 100)] = 0

    @property
    def idle(self) -> bool:
        """True at 0."""
        return self.adj == 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Add to every colour component."""
        return mapped(image, [level(value + self.adj * 2.55) for value in range(256)])


@dataclass(frozen=True, slots=True)
class Contrast(Op):
    """Moves tones away from half brightness or towards it.

    ``adj`` is per cent: the distance from half brightness is multiplied by 1 + adj/100 if that is negative, divided by
    1 - adj/100 if it is positive. So -100 leaves one gray, 100 only black and white (``r-op-contrast``).
    """

    name: ClassVar[str] = "op_contrast"
    page: ClassVar[str] = "r-op-contrast"

    adj: Annotated[int, Int(-100, 100)] = 0

    @property
    def idle(self) -> bool:
        """True at 0."""
        return self.adj == 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Spread or press the tones around 127.5."""
        # never a division by 0: at 100 a slope of 1000 sends every tone to an end
        slope = (100 + min(self.adj, 0)) / max(100 - max(self.adj, 0), 0.1)
        return mapped(image, [level(127.5 + (value - 127.5) * slope) for value in range(256)])
