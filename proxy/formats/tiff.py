"""TIFF (``r-is-http-fmt``)."""

import io
from typing import ClassVar

import numpy as np
from PIL import Image

from proxy.formats._base import Format
from proxy.formats._ink import cmyk
from proxy.formats._save import resolution, saved
from proxy.recipe.model import Output, PixelType

_LONGEST_SIDE = 2**31 - 1
_COMPRESSIONS = {"lzw": "tiff_lzw", "zip": "tiff_adobe_deflate", "jpeg": "jpeg"}
_PREDICTOR = 317
_DIFFERENCES = 2


class Tiff(Format):
    """TIFF, uncompressed unless something is asked for."""

    name: ClassVar[str] = "tif"
    media_type: ClassVar[str] = "image/tiff"
    suffix: ClassVar[str] = ".tiff"
    alpha: ClassVar[bool] = True
    pixels: ClassVar[tuple[PixelType, ...]] = ("rgb", "gray", "cmyk")
    compressions: ClassVar[tuple[str, ...]] = ("none", "lzw", "zip", "jpeg")
    profile: ClassVar[bool] = True
    lossy_compressions: ClassVar[tuple[str, ...]] = ("jpeg",)
    subsampling: ClassVar[bool] = True

    def encode(self, image: Image.Image, output: Output, profile: bytes | None) -> bytes:
        """Encode mode L, LA, RGB, RGBA or CMYK.

        Pillow has no mode for inks with alpha: for those give RGBA, which is separated here by the naive rule. JPEG
        compression is ignored where there is alpha.
        """
        compression = output.compression
        if compression == "jpeg" and image.mode in ("LA", "RGBA"):
            compression = "none"
        if output.pixels == "cmyk" and image.mode == "RGBA":
            return self.encode_inks(cmyk(image.convert("RGB")), image.getchannel("A"), output, profile)
        options: dict[str, object] = {"compression": _COMPRESSIONS.get(compression, "raw")}
        if compression in ("lzw", "zip"):
            options["tiffinfo"] = {_PREDICTOR: _DIFFERENCES}
        if compression == "jpeg":
            options["quality"] = output.quality
        return saved(image, "TIFF", _LONGEST_SIDE, icc_profile=profile, **resolution(output.dpi), **options)

    def encode_inks(self, inks: Image.Image, alpha: Image.Image, output: Output, profile: bytes | None) -> bytes:
        """Encode mode CMYK with an alpha channel; never by JPEG."""
        return _inks_with_alpha(inks, alpha, output.compression, output.dpi, profile)


def _inks_with_alpha(inks: Image.Image, alpha: Image.Image, compression: str, dpi: float, profile: bytes | None) -> bytes:
    import tifffile  # noqa: PLC0415  # takes as long to import as many replies to make, and hardly ever needed

    samples = np.dstack((np.asarray(inks), np.asarray(alpha)))
    out = io.BytesIO()
    tifffile.imwrite(
        out,
        samples,
        photometric="separated",
        planarconfig="contig",
        extrasamples=["unassalpha"],
        compression={"lzw": "lzw", "zip": "adobe_deflate"}.get(compression),
        predictor=compression in ("lzw", "zip"),
        resolution=(dpi, dpi) if dpi else None,
        resolutionunit="inch" if dpi else None,
        iccprofile=profile,
        metadata=None,
        software=False,
    )
    return out.getvalue()
