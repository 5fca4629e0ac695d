"""PNG with 24 or 32 bits, gray, or a palette of eight (``r-is-http-fmt``)."""

from typing import ClassVar

from PIL import Image

from proxy.formats._base import Embedded, Format
from proxy.formats._palette import quantized
from proxy.formats._save import resolution, saved
from proxy.recipe.model import Output, PixelType

_LONGEST_SIDE = 2**31 - 1

_COMPRESS_LEVEL = 4
"""Measured with zlib-ng: 1 takes half the time of 4, but four times the bytes where areas are plain; 6 takes twice the time
of 4 for two per cent at most."""

_FEW_COLOURS = 1024
_RUN_LENGTHS = 3
"""zlib's Z_RLE. A photograph repeats nothing that is worth looking for: runs alone give the same bytes in half the time."""


class Png(Format):
    """PNG in true colour or gray."""

    name: ClassVar[str] = "png"
    media_type: ClassVar[str] = "image/png"
    suffix: ClassVar[str] = ".png"
    alpha: ClassVar[bool] = True
    pixels: ClassVar[tuple[PixelType, ...]] = ("rgb", "gray")
    profile: ClassVar[bool] = True
    resolution: ClassVar[bool] = True

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:
        """Encode mode L, LA, RGB or RGBA."""
        return _png(image, output, embedded.profile)


class Png8(Format):
    """PNG with a palette (``r-is-http-quantize``); with alpha, entries of the palette are transparent to any degree."""

    name: ClassVar[str] = "png8"
    media_type: ClassVar[str] = "image/png"
    suffix: ClassVar[str] = ".png"
    alpha: ClassVar[bool] = True
    palette: ClassVar[bool] = True
    profile: ClassVar[bool] = True
    resolution: ClassVar[bool] = True

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:
        """Encode mode L, LA, RGB or RGBA.

        Raises:
            BadValue: the ``mac`` palette with alpha.
        """
        indexed = quantized(image, output.quantize, partial=True)
        transparency = bytes(indexed.alphas).rstrip(b"\xff")
        return _png(indexed.image, output, embedded.profile, **({"transparency": transparency} if transparency else {}))


def _png(image: Image.Image, output: Output, profile: bytes | None, **options: bytes) -> bytes:
    drawn = image.mode == "P" or image.getcolors(_FEW_COLOURS) is not None
    return saved(
        image,
        "PNG",
        _LONGEST_SIDE,
        compress_level=_COMPRESS_LEVEL,
        compress_type=-1 if drawn else _RUN_LENGTHS,
        icc_profile=profile,
        **resolution(output.dpi),
        **options,
    )
