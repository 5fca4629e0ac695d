"""JPEG 2000 (``r-is-http-fmt``)."""

import math
import struct
from fractions import Fraction
from typing import ClassVar, Final

from PIL import Image

from proxy.formats._base import Embedded, Format
from proxy.formats._save import saved
from proxy.recipe.model import Output, PixelType

_LONGEST_SIDE: Final = 2**31 - 1
_LOWEST, _STEP = 26.0, 0.18
"""``qlt=`` is heard as a ratio of signal to noise: this many decibels, and this many more for each step of quality."""

_INCHES_IN_METRE: Final = Fraction(10000, 254)
_LARGEST_DENOMINATOR: Final = 65535 // 10
"""Of a number below ten, so that its numerator has no more than 16 bits either."""

_HEADER: Final = b"jp2h"


class Jpeg2000(Format):
    """JPEG 2000 in a JP2 file, lossy unless ``lossless`` is asked for."""

    name: ClassVar[str] = "jpeg2000"
    media_type: ClassVar[str] = "image/jp2"
    suffix: ClassVar[str] = ".jp2"
    alpha: ClassVar[bool] = True
    pixels: ClassVar[tuple[PixelType, ...]] = ("rgb", "gray")
    compressions: ClassVar[tuple[str, ...]] = ("lossy", "lossless")
    lossy_compressions: ClassVar[tuple[str, ...]] = ("", "lossy")
    resolution: ClassVar[bool] = True

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:  # noqa: ARG002  # the page: nothing is
        """Encode mode L, LA, RGB or RGBA.

        Raises:
            LimitExceeded: more pixels a side than JPEG 2000 can count.
        """
        how: dict[str, object] = {"irreversible": False}
        if output.compression != "lossless":
            decibels = _LOWEST + _STEP * output.quality
            how = {"irreversible": True, "quality_mode": "dB", "quality_layers": [decibels]}
        data = saved(image, "JPEG2000", _LONGEST_SIDE, no_jp2=False, num_threads=1, **how)
        return _with_resolution(data, output.dpi) if output.dpi else data


def _with_resolution(data: bytes, dpi: float) -> bytes:
    """Add the box that says how many pixels a metre has (ISO 15444-1, I.5.3.7) at the end of the JP2 header."""
    ratio, exponent = _per_metre(dpi)
    parts = struct.pack(">HHHHbb", *ratio.as_integer_ratio(), *ratio.as_integer_ratio(), exponent, exponent)
    box = _box(b"res ", _box(b"resc", parts))
    begin = data.index(_HEADER) - 4
    (length,) = struct.unpack_from(">I", data, begin)
    end = begin + length
    return data[:begin] + struct.pack(">I", length + len(box)) + data[begin + 4 : end] + box + data[end:]


def _per_metre(dpi: float) -> tuple[Fraction, int]:
    """Pixels in a metre: a fraction of two numbers of 16 bits, as near as those come, times a power of ten."""
    exponent = math.floor(math.log10(dpi * _INCHES_IN_METRE))
    ratio = Fraction(dpi) * _INCHES_IN_METRE / Fraction(10) ** exponent
    return ratio.limit_denominator(_LARGEST_DENOMINATOR), exponent


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content
