"""Opens originals and decodes them to eight bits: what kind of file it is, which way up, how large it may be.

Knows Pillow's decoders and their oddities; knows nothing of crops, scales or colour spaces. The content decides what a file
is, never its name. Everything that a decoder may raise leaves here as one of the errors of ``proxy.errors``.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    PsdImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from proxy.errors import BadSource, IsproxyError, LimitExceeded, Missing
from proxy.recipe.model import NamedPath
from proxy.render import psd
from proxy.render.containers import open_rarer
from proxy.render.depth import eight_bits
from proxy.render.orientation import AS_STORED, TURNS, UNDONE, Turn, orientation
from proxy.render.tiff import seek_picture

# One by one, since Pillow would otherwise import all its plug-ins as soon as it meets a file that it does not know.
_PLUGINS = (
    *(JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin, GifImagePlugin),
    *(TiffImagePlugin, AvifImagePlugin, BmpImagePlugin, PsdImagePlugin),
)
_ORDINARY = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "BMP", psd.KIND, "PSD")
KINDS = (*(kind for kind in _ORDINARY if kind != psd.KIND), "HEIF", "JPEG2000", "JPEGXR", "SVG")
"""What can be an original, as Pillow calls it; the last four are opened by ``proxy.render.containers`` and ``svg``."""

# ``Limits`` stands in for Pillow's own limit, which is a process-wide setting and warns before it refuses.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest originals that are opened: pixels (width × height) and bytes of the file; 0 is no limit.

    ``svg_bytes`` are those of an SVG document once unpacked, ``svg_pixels`` as many as one is drawn at (``r-svg``).
    """

    source_pixels: int = 250_000_000
    source_bytes: int = 0
    svg_bytes: int = 4 * 2**20
    svg_pixels: int = 50_000_000


@dataclass(frozen=True, slots=True)
class Opened:
    """An original whose header has been read. ``size`` is that of the stored pixels as ``decoded`` returns them.

    ``turn`` is what brings these upright, ``outline`` what brings coordinates upright that the file counts in its own order.
    """

    name: str
    path: str
    image: ImageFile.ImageFile
    size: tuple[int, int]
    turn: Turn
    undo: Turn
    outline: Turn

    def upright_paths(self, paths: tuple[NamedPath, ...]) -> tuple[NamedPath, ...]:
        """Paths in fractions of the stored picture, in pixels of the upright one."""
        return tuple(NamedPath(item.name, self.outline.upright_path(item.path, self.upright_size)) for item in paths)

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height of the picture once turned."""
        return self.turn.size(self.size)


@contextmanager
def opened(path: str, limits: Limits, name: str, *, orient: bool = True) -> Iterator[Opened]:
    """Open an original and read its header; no pixels.

    Raises:
        Missing: there is no such file any more.
        BadSource: it is not a picture of a known kind.
        LimitExceeded: it has more bytes or pixels than ``limits`` allow.
    """
    with plainly(name, f"its content is none of {', '.join(KINDS)}, or its header is damaged"):
        check_limit(name, "bytes", os.stat(path).st_size, limits.source_bytes)  # noqa: PTH116  # twice as fast as by Path
        image = _image(path, name)
    with image:
        with plainly(name, "its header is damaged"):
            if isinstance(image, TiffImagePlugin.TiffImageFile):
                seek_picture(image)
            way_up = orientation(image)
        width, height = image.size
        check_limit(name, f"pixels ({width}×{height})", width * height, limits.source_pixels)
        turn = undo = AS_STORED
        size = image.size
        if not isinstance(image, TiffImagePlugin.TiffImageFile):
            turn = TURNS.get(way_up, AS_STORED) if orient else AS_STORED
        elif not orient:
            # Pillow turns a TIFF while it decodes, and gives its upright size before.
            undo = UNDONE.get(way_up, AS_STORED)
            size = undo.size(size)
        outline = TURNS.get(way_up, AS_STORED) if orient else AS_STORED
        yield Opened(name, path, image, size, turn, undo, outline)


def decoded(original: Opened, shrink: int = 1) -> Image.Image:
    """Decode the pixels, not yet turned: mode L, LA, RGB, RGBA or CMYK, eight bits a component.

    Args:
        original: an opened file; it can be decoded once.
        shrink: 2, 4 or 8 has a JPEG decoded to that fraction of its size, for a fraction of the time. A pixel of the result then
            covers exactly that many stored ones, also at the right and lower edge.

    Raises:
        BadSource: the pixels are damaged, cut short or of a kind that cannot be converted.
    """
    image = original.image
    with plainly(original.name, "its picture data is damaged or cut short"):
        if shrink > 1:
            image.draft(None, (image.width // shrink, image.height // shrink))
        return original.undo.upright(eight_bits(original))


@contextmanager
def plainly(name: str, otherwise: str) -> Iterator[None]:
    """Let nothing out but this program's errors. ``otherwise`` is said of an exception that only a decoder understands."""
    try:
        yield
    except IsproxyError:
        raise
    except FileNotFoundError as error:
        raise Missing(name) from error
    except PermissionError as error:
        raise BadSource(name, "the file may not be read") from error
    except MemoryError as error:
        raise BadSource(name, "decoding it takes more memory than there is") from error
    except UnidentifiedImageError as error:
        raise BadSource(name, f"not a picture that can be read: {otherwise}") from error
    except Exception as error:  # a dozen decoders written by as many people: there is no list of what they raise
        raise BadSource(name, f"not a picture that can be read: {otherwise}") from error


def block(value: object) -> bytes:
    """The bytes of a metadata block, none where the file has it in a wrong type."""
    return value if isinstance(value, bytes) else b""


def _image(path: str, name: str) -> ImageFile.ImageFile:
    try:
        return Image.open(path, formats=_ORDINARY)
    except UnidentifiedImageError:
        image = open_rarer(path, name)
        if image is None:
            raise
        return image


def check_limit(name: str, what: str, value: int, limit: int) -> None:
    """Refuse an original that has more of something than is allowed; 0 is no limit.

    Raises:
        LimitExceeded: naming it.
    """
    if limit and value > limit:
        raise LimitExceeded(f"{name}: {value} {what} are more than the limit of {limit} for an original")
