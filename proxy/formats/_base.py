"""What an output format says of itself."""

from typing import ClassVar

from PIL import Image

from proxy.recipe.model import Output, PixelType


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
    scans: ClassVar[bool] = False
    """``pscan=`` counts."""
    size_limit: ClassVar[bool] = False
    """``jpegSize=`` counts."""

    def encode(self, image: Image.Image, output: Output, profile: bytes | None) -> bytes:
        """Encode an image of mode L, LA, RGB, RGBA or CMYK, as ``output.pixels`` and ``output.alpha`` say.

        ``profile`` is to be embedded where it is given and the format can.

        Raises:
            LimitExceeded: ``output.size_limit`` cannot be met.
        """
        raise NotImplementedError

    def encode_inks(self, inks: Image.Image, alpha: Image.Image, output: Output, profile: bytes | None) -> bytes:
        """Encode an image of mode CMYK with an alpha channel, for which Pillow has no mode.

        For formats that have both ``cmyk`` and ``alpha``; raises as ``encode`` does.
        """
        raise NotImplementedError
