"""TIFF (``r-is-http-fmt``)."""

import io
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from proxy.formats._base import Embedded, Format
from proxy.formats._ink import cmyk
from proxy.formats._resources import path_resources
from proxy.formats._save import check_sides, resolution, saved
from proxy.formats._segments import wrapped
from proxy.recipe.model import Output, PixelType

_LONGEST_SIDE = 2**31 - 1
_LONGEST_JPEG = 65500
_ROWS = 1024
"""Of a strip, which is a JPEG of its own; whole blocks of halved chroma."""

_COMPRESSIONS = {"lzw": "tiff_lzw", "zip": "tiff_adobe_deflate", "jpeg": "jpeg"}
_PREDICTOR, _XMP, _RESOURCES = 317, 700, 34377
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
    resolution: ClassVar[bool] = True
    xmp: ClassVar[bool] = True
    paths: ClassVar[bool] = True

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:
        """Encode mode L, LA, RGB, RGBA or CMYK.

        Pillow has no mode for inks with alpha: for those give RGBA, which is separated here by the naive rule. JPEG
        compression is ignored where there is alpha.
        """
        compression = output.compression
        if compression == "jpeg" and image.mode in ("LA", "RGBA"):
            compression = "none"
        if output.pixels == "cmyk" and image.mode == "RGBA":
            return self.encode_inks(cmyk(image.convert("RGB")), image.getchannel("A"), output, embedded)
        if compression == "jpeg" and image.mode == "RGB":
            return _luma_and_chroma(image, output, embedded)
        blocks = _blocks(image, output, embedded)
        options: dict[str, object] = {"compression": _COMPRESSIONS.get(compression, "raw"), "tiffinfo": blocks}
        if compression in ("lzw", "zip"):
            options["tiffinfo"] = blocks | {_PREDICTOR: _DIFFERENCES}
        if compression == "jpeg":
            options["quality"] = output.quality
        return saved(image, "TIFF", _LONGEST_SIDE, icc_profile=embedded.profile, **resolution(output.dpi), **options)

    def encode_inks(self, inks: Image.Image, alpha: Image.Image, output: Output, embedded: Embedded) -> bytes:
        """Encode mode CMYK with an alpha channel; never by JPEG."""
        return _inks_with_alpha(inks, alpha, output, embedded)


def _blocks(image: Image.Image, output: Output, embedded: Embedded) -> dict[int, bytes]:
    """The tags of what is not the picture."""
    blocks = {_XMP: wrapped(embedded.xmp)} if embedded.xmp else {}
    return blocks | ({_RESOURCES: b"".join(path_resources(output.paths, image.size))} if output.paths else {})


def _inks_with_alpha(inks: Image.Image, alpha: Image.Image, output: Output, embedded: Embedded) -> bytes:
    compression = output.compression
    return _written(
        np.dstack((np.asarray(inks), np.asarray(alpha))),
        output,
        _blocks(inks, output, embedded),
        embedded.profile,
        photometric="separated",
        planarconfig="contig",
        extrasamples=["unassalpha"],
        compression={"lzw": "lzw", "zip": "adobe_deflate"}.get(compression),
        predictor=compression in ("lzw", "zip"),
    )


def _luma_and_chroma(image: Image.Image, output: Output, embedded: Embedded) -> bytes:
    """JPEG as it is in JPEG files. Pillow would compress red, green and blue, which takes twice the bytes."""
    check_sides(image, "TIFF with JPEG compression", _LONGEST_JPEG)
    return _written(
        np.asarray(image.convert("YCbCr")),
        output,
        _blocks(image, output, embedded),
        embedded.profile,
        photometric="ycbcr",
        subsampling=(1, 1) if output.chroma else (2, 2),
        rowsperstrip=_ROWS,
        compression="jpeg",
        compressionargs={"level": output.quality},
    )


def _written(samples: NDArray[np.uint8], output: Output, blocks: dict[int, bytes], profile: bytes | None, **how: Any) -> bytes:
    """Write what Pillow cannot."""
    import tifffile  # noqa: PLC0415  # takes as long to import as many replies to make, and hardly ever needed

    out = io.BytesIO()
    tifffile.imwrite(
        out,
        samples,
        resolution=(output.dpi, output.dpi) if output.dpi else None,
        resolutionunit="inch" if output.dpi else None,
        iccprofile=profile,
        extratags=[(tag, "B", len(data), data, True) for tag, data in blocks.items()],
        metadata=None,
        software=False,
        **how,
    )
    return out.getvalue()
