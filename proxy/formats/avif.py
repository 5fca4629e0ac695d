"""AVIF (``r-is-http-fmt``)."""

from typing import ClassVar

import numpy as np
from PIL import Image

from proxy.formats._base import Embedded, Format
from proxy.formats._save import saved
from proxy.recipe.model import Output

_LONGEST_SIDE = 65535
_SPEED = 8
"""Measured: 6, Pillow's default, takes five times as long for 10 to 20 % fewer bytes; 9 takes half for 3 % more."""


class Avif(Format):
    """AVIF, lossy unless ``lossless`` is asked for."""

    name: ClassVar[str] = "avif"
    media_type: ClassVar[str] = "image/avif"
    suffix: ClassVar[str] = ".avif"
    alpha: ClassVar[bool] = True
    compressions: ClassVar[tuple[str, ...]] = ("lossy", "lossless")
    lossy_compressions: ClassVar[tuple[str, ...]] = ("", "lossy")

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:  # noqa: ARG002  # the page: nothing is
        """Encode mode RGB or RGBA.

        Raises:
            LimitExceeded: more pixels a side than AVIF can count.
        """
        # One thread: the workers share the cores already, and the bytes must not depend on how many there are.
        if output.compression == "lossless":
            return _lossless(image)
        return saved(
            image,
            "AVIF",
            _LONGEST_SIDE,
            quality=output.quality,
            subsampling="4:2:0",
            speed=_SPEED,
            codec="aom",
            max_threads=1,
            autotiling=False,
            icc_profile=None,
        )


def _lossless(image: Image.Image) -> bytes:
    """Encode without any loss. Pillow always turns RGB into luma and chroma, which rounds by up to three levels."""
    import imagecodecs  # noqa: PLC0415  # most replies need it not, and it is slow to import

    return bytes(imagecodecs.avif_encode(np.asarray(image), level=100, speed=_SPEED, codec="aom", numthreads=1))
