"""WebP (``r-is-http-fmt``)."""

from typing import ClassVar

from PIL import Image

from proxy.formats._base import Embedded, Format
from proxy.formats._save import saved
from proxy.recipe.model import Output

_LONGEST_SIDE = 16383
_LOSSY = {"method": 2}
"""Measured: 4, the library's default, takes twice the time of 2 for at most 4 % fewer bytes; 0 takes half and 15 % more."""
_LOSSLESS = {"lossless": True, "method": 1, "quality": 20}
"""Here quality is effort. Measured: 4 and 75 take three times as long for 0 to 12 % fewer bytes, 6 and 100 half a minute."""


class Webp(Format):
    """WebP, lossy unless ``lossless`` is asked for. Its chroma is always halved."""

    name: ClassVar[str] = "webp"
    media_type: ClassVar[str] = "image/webp"
    suffix: ClassVar[str] = ".webp"
    alpha: ClassVar[bool] = True
    compressions: ClassVar[tuple[str, ...]] = ("lossy", "lossless")
    lossy_compressions: ClassVar[tuple[str, ...]] = ("", "lossy")

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:  # noqa: ARG002  # the page: nothing is
        """Encode mode RGB or RGBA.

        Raises:
            LimitExceeded: more pixels a side than WebP can count.
        """
        how = _LOSSLESS if output.compression == "lossless" else _LOSSY | {"quality": output.quality}
        return saved(image, "WEBP", _LONGEST_SIDE, icc_profile=None, **how)
