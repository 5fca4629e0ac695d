"""What an output format says of itself."""

from dataclasses import dataclass
from typing import ClassVar

from PIL import Image

from proxy.recipe.model import Output, PixelType


@dataclass(frozen=True, slots=True)
class Embedded:
    """What goes into the file beside the picture, as far as the format can hold it; empty where there is none.

    ``profile`` is the colour profile of the pixels, ``xmp`` the packet of layer 0's original, UTF-8, without its wrapper.
    """

    profile: bytes | None = None
    xmp: bytes = b""


NOTHING = Embedded()


class Format:
    """One format of ``fmt=`` (``r-is-http-fmt``). Subclasses in this package are found by themselves.

    ``name`` is the base word; ``name-alpha`` exists where ``alpha`` is true. ``pixels`` are the pixel types it may hold,
    ``compressions`` the words it takes as the third argument of ``fmt=``.
    """

    name: ClassVar[str]
    media_type: ClassVar[str]
    suffix: ClassVar[str]
    alpha: ClassVar[bool] = False
    pixels: ClassVar[tuple[PixelType, ...]] = ("rgb",)
    compressions: ClassVar[tuple[str, ...]] = ()
    profile: ClassVar[bool] = False
    """It can embed a colour profile."""
    lossy_compressions: ClassVar[tuple[str, ...]] = ()
    """The compressions for which ``qlt=`` counts; an empty word stands for none given."""
    subsampling: ClassVar[bool] = False
    """The second value of ``qlt=`` counts."""
    palette: ClassVar[bool] = False
    """``quantize=`` counts."""
    resolution: ClassVar[bool] = False
    """It can carry a print resolution."""
    xmp: ClassVar[bool] = False
    """``xmpEmbed=`` counts."""
    paths: ClassVar[bool] = False
    """``pathEmbed=`` counts."""
    size_limit: ClassVar[bool] = False
    """``jpegSize=`` counts."""

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:
        """Encode an image of mode L, LA, RGB, RGBA or CMYK, as ``output.pixels`` and ``output.alpha`` say.

        Args:
            image: of the mode that fits.
            output: how; its paths are in pixels of the image.
            embedded: what is to be embedded where the format can.

        Raises:
            LimitExceeded: ``output.size_limit`` cannot be met.
        """
        raise NotImplementedError

    def encode_inks(self, inks: Image.Image, alpha: Image.Image, output: Output, embedded: Embedded) -> bytes:
        """Encode an image of mode CMYK with an alpha channel, for which Pillow has no mode.

        For formats that have both ``cmyk`` and ``alpha``; raises as ``encode`` does.
        """
        raise NotImplementedError
