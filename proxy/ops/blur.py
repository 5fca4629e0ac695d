"""Blur."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Self

from PIL import Image

from proxy.ops._channels import put_together, rounded, take_apart
from proxy.ops._gaussian import means
from proxy.protocol.values import Real
from proxy.recipe.op import Op, Stage


@dataclass(frozen=True, slots=True)
class Blur(Op):
    """Blurs the picture.

    ``radius`` is the standard deviation of a Gaussian in pixels of the composite. Colours are blurred as far as they are seen,
    alpha stays (``r-op-blur``, protocol decisions 8 and 23 (36)); an effect hands over its mask as a picture of mode L.
    """

    name: ClassVar[str] = "op_blur"
    page: ClassVar[str] = "r-op-blur"
    in_effect: ClassVar[bool] = True
    shapes: ClassVar[bool] = True

    radius: Annotated[float, Real(0, 100)] = 0.0

    @property
    def reach(self) -> float:
        """Three standard deviations: what is farther out is less than a level."""
        return 3 * self.radius

    @property
    def work(self) -> float:
        """About the same for every radius."""
        return 8.0

    def at(self, scale: float, *, stage: Stage | None) -> Self:  # noqa: ARG002  # it speaks in the same pixels everywhere
        """Scale the radius."""
        return replace(self, radius=self.radius * scale)

    @property
    def idle(self) -> bool:
        """True at radius 0."""
        return self.radius == 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Replace every colour by the mean of those around it."""
        if self.idle:
            return image
        colours, _ = means(*take_apart(image), self.radius)
        return put_together([rounded(plane) for plane in colours], None, image)
