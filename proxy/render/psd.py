"""Photoshop documents, small and large (PSD and PSB): their merged image, of 1, 8 or 16 bits, in gray, RGB or inks, with alpha.

Pillow's own plug-in reads no more than eight bits, leaves the alpha channel of gray and ink images out, and shows the white
that Photoshop mixes into what is half transparent. It is still used for indexed colours and Lab.
"""

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from proxy.render.whole import Samples, WholeFile, image_of, mode_of, rounded

KIND: Final = "MERGED"
"""What Pillow calls the plug-in; the format of the files that it opens is PSD."""

_SIGNATURE: Final = b"8BPS"
_BITMAP, _GRAY, _INDEXED, _RGB, _CMYK, _DUOTONE, _LAB = 0, 1, 2, 3, 4, 8, 9
_MODES: Final = {_BITMAP: ("1", 1), _GRAY: ("L", 1), _DUOTONE: ("L", 1), _RGB: ("RGB", 3), _CMYK: ("CMYK", 4)}
_RAW, _PACKBITS = 0, 1
_PROFILE: Final = 1039
_MOST_CHANNELS: Final = 56


class MergedFile(WholeFile):
    """A document, opened by ``Image.open``. ``resources`` are its image resource blocks: number, name, data."""

    format = "PSD"
    format_description = "Adobe Photoshop"

    def _open(self) -> None:
        assert self.fp is not None  # noqa: S101  # Pillow has opened it
        head = self.fp.read(26)
        signature, version, channels, height, width, depth, colour = struct.unpack(">4sH6xHIIHH", head)
        if signature != _SIGNATURE or version not in (1, 2):
            raise SyntaxError("not a Photoshop document")
        if colour not in _MODES or depth not in (1, 8, 16):
            raise SyntaxError("a Photoshop document of another kind than gray, RGB or CMYK of 1, 8 or 16 bits")
        self._large = version == 2  # noqa: PLR2004  # PSB
        mode, needed = _MODES[colour]
        if not needed <= channels <= _MOST_CHANNELS:
            raise SyntaxError("too few channels, or too many")
        self._channels, self.depth = channels, depth
        self._inks = mode == "CMYK"
        self._planes = mode + "A" if channels > needed and depth > 1 else mode
        self._mode, self._size = mode_of(self._planes), (width, height)
        self._skip(">I", 4)
        self.resources = self._read_resources()
        self._matted = self._skip_layers()
        self._data = self.fp.tell()

    def _read_resources(self) -> list[tuple[int, bytes, bytes]]:
        assert self.fp is not None  # noqa: S101  # likewise
        end = struct.unpack(">I", self.fp.read(4))[0] + self.fp.tell()
        found = []
        while self.fp.tell() < end:
            head = self.fp.read(6)
            if len(head) < 6 or not head.startswith((b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR")):  # noqa: PLR2004  # its length
                break
            length = self.fp.read(1)[0]
            name = self.fp.read(length)
            self.fp.seek(1 - (length & 1), 1)
            size = struct.unpack(">I", self.fp.read(4))[0]
            if size > end - self.fp.tell():
                break
            number, data = struct.unpack(">H", head[4:])[0], self.fp.read(size)
            self.fp.seek(size & 1, 1)
            found.append((number, name, data))
            if number == _PROFILE:
                self.info["icc_profile"] = data
        self.fp.seek(end)
        return found

    def _skip_layers(self) -> bool:
        """Pass over the layers; whether the first extra channel is how transparent the merged image is."""
        assert self.fp is not None  # noqa: S101  # likewise
        form, size = (">Q", 8) if self._large else (">I", 4)
        length = struct.unpack(form, self.fp.read(size))[0]
        start = self.fp.tell()
        inner = self.fp.read(size + 2) if length >= size + 2 else b""
        self.fp.seek(start + length)
        # the number of layers is negative then
        return len(inner) == size + 2 and any(inner[:size]) and struct.unpack(">h", inner[size:])[0] < 0

    def _skip(self, form: str, size: int) -> None:
        assert self.fp is not None  # noqa: S101  # likewise
        self.fp.seek(struct.unpack(form, self.fp.read(size))[0], 1)

    def picture(self) -> Image.Image:
        """Decode the merged image."""
        wanted = 4 if self._inks else 3 if self._planes.startswith("RGB") else 1
        planes = self._decoded(wanted + self._planes.endswith("A"))
        if self.depth == 1:
            return Image.fromarray(255 - planes[0]).convert("1")
        if self._inks:
            planes[:4] = 255 - planes[:4]
        samples = np.ascontiguousarray(np.moveaxis(planes, 0, 2))
        if self._matted and self._planes == "RGBA":
            samples = _unmatted(samples)
        return image_of(samples, self._planes)

    def _decoded(self, count: int) -> NDArray[np.uint8]:
        """The first ``count`` channels."""
        assert self.fp is not None  # noqa: S101  # likewise
        width, height = self.size
        row = (width + 7) // 8 if self.depth == 1 else width * self.depth // 8
        self.fp.seek(self._data)
        compression = struct.unpack(">H", self.fp.read(2))[0]
        if compression == _RAW:
            data = self.fp.read(row * height * count)
        elif compression == _PACKBITS:
            data = self._unpacked(count, row)
        else:
            raise ValueError(f"compression {compression} of the merged image")
        if len(data) != row * height * count:
            raise EOFError("the merged image is cut short")
        samples: Samples = np.frombuffer(data, np.dtype(">u2") if self.depth == 16 else np.uint8)  # noqa: PLR2004  # bits
        if self.depth == 1:
            return rounded(np.unpackbits(samples.reshape(count, height, row), axis=2)[..., :width].astype(np.bool_))
        return rounded(samples.reshape(count, height, width).astype(samples.dtype.newbyteorder("="))).copy()

    def _unpacked(self, count: int, row: int) -> bytes:
        import imagecodecs  # noqa: PLC0415  # a package of many decoders

        assert self.fp is not None  # noqa: S101  # likewise
        height = self.size[1]
        lengths = np.frombuffer(
            self.fp.read(self._channels * height * (4 if self._large else 2)), ">u4" if self._large else ">u2"
        )
        packed = [self.fp.read(int(lengths[line])) for line in range(count * height)]
        return b"".join(bytes(imagecodecs.packbits_decode(line))[:row].ljust(row, b"\0") for line in packed)


Image.register_open(KIND, MergedFile, lambda prefix: prefix.startswith(_SIGNATURE))


def _unmatted(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Take out the white that Photoshop mixes into transparent parts of the merged image."""
    alpha = samples[..., -1:].astype(np.float32) / 255
    colours = samples[..., :-1].astype(np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        pure = np.where(alpha > 0, (colours - (1 - alpha) * 255) / alpha, colours)
    result = samples.copy()
    result[..., :-1] = np.clip(np.rint(pure), 0, 255).astype(np.uint8)
    return result
