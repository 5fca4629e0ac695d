"""JPEG XR (``r-is-http-fmt``)."""

from typing import ClassVar, Final

import numpy as np
from PIL import Image

from proxy.formats._base import Embedded, Format
from proxy.formats._save import check_sides
from proxy.recipe.model import Output

_LONGEST_SIDE: Final = 2**31 - 1
_HIGHEST: Final = 99
"""Of a hundred; the encoder takes a hundred as without loss."""

_LOSSLESS: Final = 1.0


class JpegXr(Format):
    """JPEG XR, lossy unless ``lossless`` is asked for; alpha never loses anything."""

    name: ClassVar[str] = "jpegxr"
    media_type: ClassVar[str] = "image/vnd.ms-photo"
    suffix: ClassVar[str] = ".jxr"
    alpha: ClassVar[bool] = True
    compressions: ClassVar[tuple[str, ...]] = ("lossy", "lossless")
    lossy_compressions: ClassVar[tuple[str, ...]] = ("", "lossy")
    resolution: ClassVar[bool] = True

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:  # noqa: ARG002  # the page: nothing is
        """Encode mode RGB or RGBA.

        Raises:
            LimitExceeded: more pixels a side than JPEG XR can count.
        """
        import imagecodecs  # noqa: PLC0415  # most replies need it not, and it is slow to import

        check_sides(image, "JPEG XR", _LONGEST_SIDE)
        level = _LOSSLESS if output.compression == "lossless" else min(output.quality, _HIGHEST) / 100
        resolution = (output.dpi, output.dpi) if output.dpi else None
        return bytes(imagecodecs.jpegxr_encode(np.asarray(image), level=level, resolution=resolution))
