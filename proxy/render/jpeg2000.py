"""JPEG 2000 originals: Pillow's plug-in, corrected for components of more than eight bits, of which it cuts the lower ones off.

Knows the few bytes of a code stream's header that say how deep components are. A file is decoded at its full size: the smaller
pictures within it do not lie where the average of so many pixels would, but half a pixel beside it.
"""

import struct
from typing import Any, Final

import numpy as np
from PIL import Image, Jpeg2KImagePlugin

from proxy.render.whole import image_of, rounded

_START: Final = b"\xff\x4f\xff\x51"
_SEARCHED: Final = 1 << 20
_JP2: Final = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_DEEPEST: Final = 16


class Jpeg2000File(Jpeg2KImagePlugin.Jpeg2KImageFile):
    """A file, opened by ``Image.open``. ``depth`` is the bits of its deepest component."""

    depth = 8

    def _open(self) -> None:
        super()._open()
        assert self.fp is not None  # noqa: S101  # Pillow has opened it
        at = self.fp.tell()
        self.fp.seek(0)
        self.depth = _depth(self.fp.read(_SEARCHED))
        self.fp.seek(at)

    def load(self) -> Any:
        """Decode the pixels, once; deep ones are rounded."""
        if 8 < self.depth <= _DEEPEST and self.mode in ("LA", "RGB", "RGBA") and self.tile:  # noqa: PLR2004  # a byte
            import imagecodecs  # noqa: PLC0415  # a package of many decoders

            assert self.fp is not None  # noqa: S101  # likewise
            self.fp.seek(0)
            samples = imagecodecs.jpeg2k_decode(self.fp.read())
            if samples.shape == (self.size[1], self.size[0], len(self.mode)) and samples.dtype == np.uint16:
                top = (1 << self.depth) - 1
                full = (samples.astype(np.uint32) * 65535 + top // 2) // top
                self.im = image_of(rounded(np.minimum(full, 65535).astype(np.uint16)), self.mode).im
                self.tile = []
        return super().load()


def register() -> None:
    """Have Pillow use this plug-in for the format."""
    Image.register_open("JPEG2000", Jpeg2000File, lambda prefix: prefix.startswith((_START, _JP2)))


def _depth(data: bytes) -> int:
    """Bits of the deepest component, as the header SIZ of the code stream says (ITU-T T.800, A.5.1)."""
    start = data.find(_START)
    if start < 0:
        raise SyntaxError("no JPEG 2000 code stream")
    (count,) = struct.unpack_from(">H", data, start + 40)
    components = data[start + 42 : start + 42 + 3 * min(count, 4)]
    return max((value & 127) + 1 for value in components[::3])
