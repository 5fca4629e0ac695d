"""JPEG XR originals (ITU-T T.832, annex A): a plug-in for Pillow whose header is read here and whose pixels imagecodecs decodes.

The container is a TIFF directory with tags of its own. Samples of 8 and 16 bits in gray, RGB and CMYK are read, with alpha too.
"""

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import Image

from proxy.render.whole import WholeFile, image_of, rounded

_SIGNATURE: Final = b"II\xbc"
_PIXEL_FORMAT, _WIDTH, _HEIGHT, _TRANSFORM = 0xBC01, 0xBC80, 0xBC81, 0xBC02
_X_RESOLUTION, _PROFILE, _XMP = 0xBC82, 34675, 700
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 11: 4}
_MOST_TAGS: Final = 200
_FAMILY: Final = bytes.fromhex("24c3dd6f034efe4bb1853d77768dc9")
_RGBA: Final = bytes.fromhex("2dadc7f58d6add43a7a8a29935261ae9")


@dataclass(frozen=True, slots=True)
class _Format:
    """What a pixel format is: Pillow's mode of eight bits, and the bits of a component."""

    mode: str
    bits: int = 8


_FORMATS: Final = {
    **{
        _FAMILY + bytes([number]): form
        for number, form in (
            (0x05, _Format("1", 1)),
            (0x08, _Format("L")),
            (0x0B, _Format("L", 16)),
            (0x0C, _Format("RGB")),
            (0x0D, _Format("RGB")),
            (0x0E, _Format("RGB")),
            (0x0F, _Format("RGBA")),
            (0x15, _Format("RGB", 16)),
            (0x16, _Format("RGBA", 16)),
            (0x1C, _Format("CMYK")),
            (0x1F, _Format("CMYK", 16)),
        )
    },
    _RGBA: _Format("RGBA"),
}
"""The pixel formats that are read, by their identifiers (table A.6); imagecodecs brings all to red, green, blue."""


class JpegXrImageFile(WholeFile):
    """A JPEG XR file, opened by ``Image.open``."""

    format = "JPEGXR"
    format_description = "JPEG XR"

    def _open(self) -> None:
        assert self.fp is not None  # noqa: S101  # Pillow has opened it
        head = self.fp.read(8)
        if not head.startswith(_SIGNATURE):
            raise SyntaxError("not a JPEG XR file")
        tags = _tags(self.fp, struct.unpack_from("<I", head, 4)[0])
        found = _FORMATS.get(tags.get(_PIXEL_FORMAT, b""))
        if found is None:
            raise ValueError("a JPEG XR file of another pixel format than gray, RGB or CMYK of 8 or 16 bits")
        self._mode, self.depth = found.mode, found.bits
        self._size = (_number(tags[_WIDTH]), _number(tags[_HEIGHT]))
        if _PROFILE in tags:
            self.info["icc_profile"] = tags[_PROFILE]
        if _XMP in tags:
            self.info["xmp"] = tags[_XMP]
        if len(tags.get(_X_RESOLUTION, b"")) == 4:  # noqa: PLR2004  # a 32 bit float
            resolution = struct.unpack("<f", tags[_X_RESOLUTION])[0]
            self.info["dpi"] = (resolution, resolution)

    def picture(self) -> Image.Image:
        """Decode the pixels."""
        import imagecodecs  # noqa: PLC0415  # a package of many decoders

        assert self.fp is not None  # noqa: S101  # Pillow has opened it
        self.fp.seek(0)
        samples = rounded(imagecodecs.jpegxr_decode(self.fp.read()))
        return Image.fromarray(samples).convert("1") if self.mode == "1" else image_of(samples, self.mode)


def register() -> None:
    """Have Pillow know the format."""
    Image.register_open(JpegXrImageFile.format, JpegXrImageFile, lambda prefix: prefix.startswith(_SIGNATURE))


def _tags(file: Any, offset: int) -> dict[int, bytes]:
    """The bytes of the tags of the first directory."""
    file.seek(0, 2)
    end = file.tell()
    file.seek(offset)
    (count,) = struct.unpack("<H", file.read(2))
    table = BytesIO(file.read(12 * min(count, _MOST_TAGS)))
    found = {}
    while len(entry := table.read(12)) == 12:  # noqa: PLR2004  # of an entry
        tag, kind, number = struct.unpack("<HHI", entry[:8])
        length = _SIZES.get(kind, 0) * number
        if length <= 4:  # noqa: PLR2004  # what fits stands in the entry itself
            found[tag] = entry[8 : 8 + length]
        elif length <= end:
            file.seek(struct.unpack("<I", entry[8:])[0])
            found[tag] = file.read(length)
    return found


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
