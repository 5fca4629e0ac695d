"""Which way up an original is: EXIF orientations, and how stored and upright coordinates belong together.

Knows Pillow's images and their metadata; knows nothing of limits or of how pixels are decoded (protocol decision 10).
"""

from dataclasses import dataclass
from typing import Final

from PIL import Image, TiffImagePlugin

from proxy.protocol.path import Path

_ORIENTATION: Final = 274


@dataclass(frozen=True, slots=True)
class Turn:
    """An EXIF orientation: how stored and upright coordinates belong together.

    A stored point is found from an upright one by exchanging x and y (``swap``), then counting x or y from the other side.
    """

    swap: bool = False
    from_right: bool = False
    from_bottom: bool = False
    transpose: Image.Transpose | None = None

    def size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Turn a (width, height), either way."""
        return (size[1], size[0]) if self.swap else size

    def stored(self, box: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[float, float, float, float]:
        """Where a (left, top, right, bottom) of the upright picture lies in the stored one, whose size is ``size``."""
        left, top, right, bottom = (box[1], box[0], box[3], box[2]) if self.swap else box
        if self.from_right:
            left, right = size[0] - right, size[0] - left
        if self.from_bottom:
            top, bottom = size[1] - bottom, size[1] - top
        return left, top, right, bottom

    def upright_path(self, path: Path, size: tuple[int, int]) -> Path:
        """A path in fractions of the stored picture, in pixels of the upright one, whose size is ``size``."""
        stored = self.size(size)
        path = path.scaled(*stored)
        if self.from_right:
            path = path.scaled(-1.0, 1.0).moved(stored[0], 0.0)
        if self.from_bottom:
            path = path.scaled(1.0, -1.0).moved(0.0, stored[1])
        return path.affine(0.0, 1.0, 1.0, 0.0, 0.0, 0.0) if self.swap else path

    def upright(self, image: Image.Image) -> Image.Image:
        """Turn stored pixels upright."""
        return image if self.transpose is None else image.transpose(self.transpose)


TURNS = {
    2: Turn(swap=False, from_right=True, from_bottom=False, transpose=Image.Transpose.FLIP_LEFT_RIGHT),
    3: Turn(swap=False, from_right=True, from_bottom=True, transpose=Image.Transpose.ROTATE_180),
    4: Turn(swap=False, from_right=False, from_bottom=True, transpose=Image.Transpose.FLIP_TOP_BOTTOM),
    5: Turn(swap=True, from_right=False, from_bottom=False, transpose=Image.Transpose.TRANSPOSE),
    6: Turn(swap=True, from_right=False, from_bottom=True, transpose=Image.Transpose.ROTATE_270),
    7: Turn(swap=True, from_right=True, from_bottom=True, transpose=Image.Transpose.TRANSVERSE),
    8: Turn(swap=True, from_right=True, from_bottom=False, transpose=Image.Transpose.ROTATE_90),
}
UNDONE = {**dict(TURNS), 6: TURNS[8], 8: TURNS[6]}
AS_STORED = Turn()


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 where there is none that makes sense."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return int(image.tag_v2.get(_ORIENTATION, 1))
    if not image.info.keys() & {"exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif"}:
        return 1
    try:
        # Not image.getexif(): for a PNG it would decode the pixels in search of a late chunk.
        return int(Image.Image.getexif(image).get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001  # the block is free-form and its reader raises anything: bad metadata leaves a good picture
        return 1
