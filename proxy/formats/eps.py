"""Encapsulated PostScript: the pixels as they are, in binary, in a file of language level 2 (``r-is-http-fmt``)."""

import math
from typing import ClassVar, Final

from PIL import Image

from proxy.formats._base import Embedded, Format
from proxy.formats._page import components, extent, number
from proxy.formats._resources import path_resources
from proxy.formats._save import check_sides
from proxy.recipe.model import Output, PixelType

_LONGEST_SIDE: Final = 2**31 - 1
_SPACES: Final = {1: "DeviceGray", 3: "DeviceRGB", 4: "DeviceCMYK"}
_ROW: Final = 64
"""Hexadecimal digits in a line of a comment; a line of PostScript's comments has at most 255 characters."""


class Eps(Format):
    """EPS, one picture that fills the bounding box; a point is 1/72 inch at the print resolution, 1 pixel without one.

    A profile stands in the comments that ICC.1:2010 (annex on embedding, EPS) describes.
    """

    name: ClassVar[str] = "eps"
    media_type: ClassVar[str] = "image/eps"
    suffix: ClassVar[str] = ".eps"
    pixels: ClassVar[tuple[PixelType, ...]] = ("rgb", "gray", "cmyk")
    profile: ClassVar[bool] = True
    paths: ClassVar[bool] = True
    resolution: ClassVar[bool] = True

    def encode(self, image: Image.Image, output: Output, embedded: Embedded) -> bytes:
        """Encode mode L, RGB or CMYK.

        Raises:
            LimitExceeded: more pixels a side than PostScript can count.
        """
        check_sides(image, "EPS", _LONGEST_SIDE)
        width, height = extent(image, output.dpi)
        data = image.tobytes()
        operator = b"image\n"
        head = [
            "%!PS-Adobe-3.0 EPSF-3.0",
            f"%%BoundingBox: 0 0 {math.ceil(width)} {math.ceil(height)}",
            f"%%HiResBoundingBox: 0 0 {number(width)} {number(height)}",
            "%%LanguageLevel: 2",
            "%%DocumentData: Binary",
            "%%EndComments",
            *_profile(embedded.profile),
            *_resources(b"".join(path_resources(output.paths, image.size))),
            "gsave",
            f"{number(width)} {number(height)} scale",
            f"/{_SPACES[components(image)]} setcolorspace",
            f"<< /ImageType 1 /Width {image.width} /Height {image.height} /BitsPerComponent 8",
            f"/Decode [{' '.join(['0 1'] * components(image))}]",
            f"/ImageMatrix [{image.width} 0 0 -{image.height} 0 {image.height}]",
            "/DataSource currentfile >>",
            f"%%BeginData: {len(operator) + len(data)} Binary Bytes",
        ]
        tail = ["", "%%EndData", "grestore", "showpage", "%%EOF", ""]
        return "\n".join(head).encode("ascii") + b"\n" + operator + data + "\n".join(tail).encode("ascii")


def _profile(profile: bytes | None) -> list[str]:
    if profile is None:
        return []
    return ["%%BeginICCProfile: (profile) -1 Hex", *_comment(profile), "%%EndICCProfile"]


def _resources(data: bytes) -> list[str]:
    """Image resources as Photoshop has them in an EPS."""
    return [f"%BeginPhotoshop: {len(data)}", *_comment(data), "%EndPhotoshop"] if data else []


def _comment(data: bytes) -> list[str]:
    """Bytes in comment lines, as hexadecimal digits."""
    digits = data.hex().upper()
    return [f"% {digits[at : at + _ROW]}" for at in range(0, len(digits), _ROW)]
