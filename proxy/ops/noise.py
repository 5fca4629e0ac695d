"""Noise: the same for the same arguments and size, in every process."""

import statistics
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from proxy.ops._channels import Levels, put_together, take_apart
from proxy.protocol.values import Choice, Flag, Int
from proxy.recipe.op import Op

Steps = NDArray[np.int16]

_DISTRIBUTIONS = ("uniform", "gaussian")
_DRAWS = 1 << 16


@dataclass(frozen=True, slots=True)
class Noise(Op):
    """Adds random noise.

    ``val`` is per cent of the whole range: how far uniform noise goes to either side, and the standard deviation of Gaussian
    noise. ``monochrome`` adds the same to all components. Alpha stays; an effect hands over its colour with the mask as
    alpha (``r-op-noise``).
    """

    name: ClassVar[str] = "op_noise"
    page: ClassVar[str] = "r-op-noise"
    in_effect: ClassVar[bool] = True

    val: Annotated[int, Int(0, 100)] = 0
    distribution: Annotated[str, Choice(_DISTRIBUTIONS)] = "uniform"
    monochrome: Annotated[bool, Flag()] = False

    @property
    def idle(self) -> bool:
        """True at 0."""
        return self.val == 0

    def apply(self, image: Image.Image) -> Image.Image:
        """Add noise to the colours; gray has but one component."""
        if self.idle:
            return image
        colours, _ = take_apart(image)
        kinds = 1 if self.monochrome else len(colours)
        seed = (*image.size, self.val, _DISTRIBUTIONS.index(self.distribution), kinds)
        steps = np.rint(_shape(self.distribution) * (self.val * 2.55)).astype(np.int16)
        # a generator of bits gives the same ones for ever, which numpy does not promise of the distributions it makes of them
        bits = np.random.PCG64(seed)
        noises = [steps[_draws(bits, image.size)] for _ in range(kinds)]
        noisy = [_added(plane, noises[place % kinds]) for place, plane in enumerate(colours)]
        return put_together(noisy, None, image)


@lru_cache
def _shape(distribution: str) -> NDArray[np.float64]:
    """The values of a distribution at the middles of 65536 equal shares, in the order of size.

    Uniform ones go from -1 to 1, Gaussian ones have the standard deviation 1.
    """
    shares = (np.arange(_DRAWS) + 0.5) / _DRAWS
    values = shares * 2 - 1 if distribution == "uniform" else np.array([*map(statistics.NormalDist().inv_cdf, shares)])
    values.flags.writeable = False
    return values


def _draws(bits: np.random.PCG64, size: tuple[int, int]) -> NDArray[np.uint16]:
    """A random number below 65536 for every pixel."""
    width, height = size
    words = bits.random_raw(-(-width * height // 4))
    return words.astype("<u8", copy=False).view("<u2")[: width * height].reshape(height, width)


def _added(plane: Levels, noise: Steps) -> Levels:
    noisy = noise + plane
    return np.clip(noisy, 0, 255, out=noisy).astype(np.uint8)
