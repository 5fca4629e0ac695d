"""Kinds of originals that are rarer: told by how a file begins, and opened by decoders that are imported only then.

A file that is known and not read is refused with what to do about it. Knows Pillow's plug-ins and those of other packages.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from PIL import Image, ImageFile

from proxy.errors import BadSource

_HEAD: Final = 64
_HEIF_BRANDS: Final = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_JP2: Final = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_CODESTREAM: Final = b"\xff\x4f\xff\x51"
_JXR: Final = b"II\xbc"
_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_CONVERT: Final = "convert it to TIFF, PNG or JPEG"

REFUSED: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        b"%!PS": f"an EPS original is a PostScript program, which this server does not run: {_CONVERT}",
        b"\xc5\xd0\xd3\xc6": f"an EPS original is a PostScript program, which this server does not run: {_CONVERT}",
        b"%PDF-": f"a PDF original is not read: {_CONVERT}",
        b"\xff\x0a": f"a JPEG XL original is not read: {_CONVERT}",
        b"\x00\x00\x00\x0cJXL ": f"a JPEG XL original is not read: {_CONVERT}",
        b"\xd0\xcf\x11\xe0": f"a FlashPix original is not read: {_CONVERT}",
    }
)
"""Files that are known and not read, by how they begin, and why."""


def open_rarer(path: str, name: str) -> ImageFile.ImageFile | None:
    """Open a file that none of Pillow's ordinary plug-ins knows; ``None`` if it is not known here either.

    Raises:
        BadSource: a kind that is known and not read.
    """
    with open(path, "rb") as file:  # noqa: PTH123  # as Pillow does
        head = file.read(_HEAD)
    for begin, why in REFUSED.items():
        if head.startswith(begin):
            raise BadSource(name, why)
    for begins, prepare, kind in _kinds():
        if begins(head):
            prepare()
            return Image.open(path, formats=(kind,))
    return None


def _kinds() -> Iterator[tuple[Callable[[bytes], bool], Callable[[], None], str]]:
    yield lambda head: head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS, _prepare_heif, "HEIF"
    yield lambda head: head.startswith((_JP2, _CODESTREAM)), _prepare_jpeg2000, "JPEG2000"
    yield lambda head: head.startswith(_JXR), _prepare_jpegxr, "JPEGXR"
    # those that Pillow knows do not come here
    yield lambda head: head.startswith(_TIFF), _prepare_tiff, "OTHERTIFF"


def _prepare_heif() -> None:
    import pillow_heif  # noqa: PLC0415  # takes longer to import than a thumbnail to make

    pillow_heif.register_heif_opener(thumbnails=False)


def _prepare_jpeg2000() -> None:
    from proxy.render import jpeg2000  # noqa: PLC0415  # hardly ever needed

    jpeg2000.register()


def _prepare_tiff() -> None:
    from proxy.render import tiff  # noqa: PLC0415  # likewise

    tiff.register()


def _prepare_jpegxr() -> None:
    from proxy.render import jpegxr  # noqa: PLC0415  # imports a package of many decoders

    jpegxr.register()
