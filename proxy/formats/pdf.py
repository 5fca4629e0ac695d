"""PDF: one page, which the picture fills (``r-is-http-fmt``).

Written here, since such a document is six objects and their table; nothing in it depends on time or place. ISO 32000-1 is where
the entries are described.
"""

import math
import zlib
from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np
from PIL import Image

from proxy.formats._base import Embedded, Format
from proxy.formats._page import components, extent, number
from proxy.formats._save import check_sides, saved
from proxy.recipe.model import Output, PixelType

_LONGEST_SIDE: Final = 2**31 - 1
_LONGEST_JPEG: Final = 65500
_LARGEST_PAGE: Final = 14400
"""Units a side that readers take (annex C); beyond that a unit is made larger than a point."""

_SPACES: Final = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
_LEVEL: Final = 4
_MARK: Final = b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"
"""Version, and bytes that show that the file is binary."""

_FULL_COLOUR, _HALF_COLOUR = 0, 2  # Pillow's numbers of 4:4:4 and 4:2:0


class Pdf(Format):
    """PDF. The page has the size that the print resolution gives the picture, a pixel being a point without one."""

    name: ClassVar[str] = "pdf"
    media_type: ClassVar[str] = "application/pdf"
    suffix: ClassVar[str] = ".pdf"
    pixels: ClassVar[tuple[PixelType, ...]] = ("rgb", "gray", "cmyk")
    compressions: ClassVar[tuple[str, ...]] = ("none", "zip", "jpeg")
    profile: ClassVar[bool] = True
    lossy_compressions: ClassVar[tuple[str, ...]] = ("jpeg",)
    subsampling: ClassVar[bool] = True
    resolution: ClassVar[bool] = True

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:
        """Encode mode L, RGB or CMYK.

        Raises:
            LimitExceeded: more pixels a side than the compression can count.
        """
        check_sides(image, "PDF", _LONGEST_SIDE)
        width, height = extent(image, output.dpi)
        unit = max(1, math.ceil(max(width, height) / _LARGEST_PAGE))
        page = f"{number(width / unit)} {number(height / unit)}"
        entries, data = _packed(image, output)
        bands = components(image)
        space = f"[/ICCBased {_PROFILE} 0 R]" if embedded.profile else _SPACES[bands]
        picture = (
            f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /BitsPerComponent 8 "
            f"/ColorSpace {space}{entries}"
        )
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page}] /UserUnit {unit} "
                f"/Resources << /XObject << /Im 5 0 R >> >> /Contents 4 0 R >>"
            ).encode(),
            _stream("", f"{number(width / unit)} 0 0 {number(height / unit)} 0 0 cm /Im Do\n".encode()),
            _stream(picture, data),
        ]
        if embedded.profile:
            packed = zlib.compress(embedded.profile, _LEVEL)
            objects.append(_stream(f"/N {bands} /Alternate {_SPACES[bands]} /Filter /FlateDecode", packed))
        return _document(objects)


_PROFILE: Final = 6
"""The number of the object that the profile is, behind the five that are always there."""


def _packed(image: Image.Image, output: Output) -> tuple[str, bytes]:
    """The entries that say how an image is compressed, and its data."""
    if output.compression == "jpeg":
        full = output.chroma or image.mode != "RGB"
        how = {"quality": output.quality, "subsampling": _FULL_COLOUR if full else _HALF_COLOUR}
        # inks are inverted in the JPEG, as Photoshop has them
        decode = " /Decode [1 0 1 0 1 0 1 0]" if image.mode == "CMYK" else ""
        return f" /Filter /DCTDecode{decode}", saved(image, "JPEG", _LONGEST_JPEG, **how)
    if output.compression == "zip":
        bands = components(image)
        samples = np.asarray(image).reshape(image.height, image.width, bands)
        differences = samples.copy()
        np.subtract(samples[:, 1:], samples[:, :-1], out=differences[:, 1:])
        parameters = f" /DecodeParms << /Predictor 2 /Colors {bands} /BitsPerComponent 8 /Columns {image.width} >>"
        return f" /Filter /FlateDecode{parameters}", zlib.compress(differences.tobytes(), _LEVEL)
    return "", image.tobytes()


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _document(objects: Sequence[bytes]) -> bytes:
    """The objects, numbered from 1, and the table of where each begins; the first is the catalog."""
    out = bytearray(_MARK)
    places = []
    for count, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % count + content + b"\nendobj\n"
    table = len(out)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size + rows
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, table)
    return bytes(out)
