"""JPEG, baseline and progressive (``r-is-http-fmt``, ``r-is-http-qlt``, ``r-pscan``, ``r-jpegsize``)."""

from typing import ClassVar, Final

from PIL import Image

from proxy.errors import LimitExceeded
from proxy.formats._base import Embedded, Format
from proxy.formats._resources import path_resources
from proxy.formats._save import resolution, saved
from proxy.formats._segments import resource_segments, xmp_segments
from proxy.recipe.model import Output, PixelType

_FULL_COLOUR, _HALF_COLOUR = 0, 2  # Pillow's numbers of 4:4:4 and 4:2:0

_DENSEST: Final = 65535
"""Dots per inch that JFIF can say."""


class Jpeg(Format):
    """Baseline JPEG. CMYK is written as Photoshop does, with Adobe's mark and inverted inks."""

    name: ClassVar[str] = "jpeg"
    media_type: ClassVar[str] = "image/jpeg"
    suffix: ClassVar[str] = ".jpg"
    pixels: ClassVar[tuple[PixelType, ...]] = ("rgb", "gray", "cmyk")
    profile: ClassVar[bool] = True
    lossy_compressions: ClassVar[tuple[str, ...]] = ("",)
    subsampling: ClassVar[bool] = True
    size_limit: ClassVar[bool] = True
    resolution: ClassVar[bool] = True
    xmp: ClassVar[bool] = True
    paths: ClassVar[bool] = True
    progressive: ClassVar[bool] = False

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:
        """Encode mode L, RGB or CMYK with the quality asked for or, under a size limit, the highest below it that fits.

        Raises:
            LimitExceeded: not even quality 1 fits into ``output.size_limit``.
        """
        extra = xmp_segments(embedded.xmp) + resource_segments(path_resources(output.paths, image.size))
        data = self._at(output.quality, image, output, embedded.profile, extra)
        if not output.size_limit or len(data) <= output.size_limit:
            return data
        # Size grows with quality, so bisecting finds the highest that fits in seven steps at most.
        fitting, low, high = b"", 1, output.quality - 1
        while low <= high:
            middle = (low + high + 1) // 2
            data = self._at(middle, image, output, embedded.profile, extra)
            if len(data) <= output.size_limit:
                fitting, low = data, middle + 1
            else:
                high = middle - 1
        if not fitting:
            raise LimitExceeded(
                f"jpegSize={output.size_limit / 1024:g}: even at quality 1 the image takes {len(data) / 1024:.1f} kilobytes"
            )
        return fitting

    def _at(self, quality: int, image: Image.Image, output: Output, profile: bytes | None, extra: bytes) -> bytes:
        # Ink planes are never halved: chroma says nothing of them.
        full = output.chroma or image.mode != "RGB"
        return saved(
            image,
            "JPEG",
            65500,
            quality=quality,
            subsampling=_FULL_COLOUR if full else _HALF_COLOUR,
            progressive=self.progressive,
            # tables made for the image save one per cent of the bytes and cost as much time as all the rest of the encoding
            optimize=False,
            icc_profile=profile,
            extra=extra,
            **resolution(output.dpi if 1 <= output.dpi <= _DENSEST else 0.0),
        )


class ProgressiveJpeg(Jpeg):
    """Progressive JPEG.

    Its scans are those of libjpeg: ``pscan=3``, ``4`` and ``5`` are accepted and give what ``auto`` gives, since no encoder that
    comes as a package takes a script of scans.
    """

    name: ClassVar[str] = "pjpeg"
    progressive: ClassVar[bool] = True
