"""GIF, one frame (``r-is-http-fmt``, ``r-is-http-quantize``)."""

from typing import ClassVar

from PIL import Image

from proxy.formats._base import Embedded, Format
from proxy.formats._palette import quantized
from proxy.formats._save import saved
from proxy.recipe.model import Output, PixelType


class Gif(Format):
    """GIF with up to 256 colours; with alpha up to 255 and one that is transparent."""

    name: ClassVar[str] = "gif"
    media_type: ClassVar[str] = "image/gif"
    suffix: ClassVar[str] = ".gif"
    alpha: ClassVar[bool] = True
    palette: ClassVar[bool] = True
    pixels: ClassVar[tuple[PixelType, ...]] = ("rgb", "gray")

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:  # noqa: ARG002  # GIF holds none
        """Encode mode L, LA, RGB or RGBA. Pixels less than half opaque become the transparent colour.

        Raises:
            BadValue: the ``mac`` palette with alpha.
        """
        indexed = quantized(image, output.quantize, partial=False)
        key = {"transparency": indexed.alphas.index(0)} if 0 in indexed.alphas else {}
        return saved(indexed.image, "GIF", 65535, optimize=False, interlace=0, **key)
