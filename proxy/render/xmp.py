"""XMP packets: found in the bytes of a file, whatever kind of file it is (XMP specification part 3, packet scanning).

Reads bytes and decodes no picture. A PNG is read chunk by chunk, since it may hold its packet compressed.
"""

import struct
import zlib
from typing import BinaryIO, Final

from proxy.recipe.model import Header, Source
from proxy.recipe.output import TELLING_OF_XMP

LONGEST: Final = 16 * 2**20
"""Bytes of a packet; one that is longer is passed over."""

MOST_SCANNED: Final = 64 * 2**20
"""Bytes that are looked through in a file whose header does not say that there is a packet."""

_STARTS, _ENDS = (b"<x:xmpmeta", b"<x:xapmeta"), (b"</x:xmpmeta>", b"</x:xapmeta>")
_BLOCK = 2**20
_PNG = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"XML:com.adobe.xmp"


def read_packet(source: Source, header: Header) -> bytes | None:
    """The XMP packet of an original without its wrapper, UTF-8; ``None`` if it has none. Blocks: call it in a thread.

    Raises:
        OSError: the file has gone or cannot be read.
    """
    if not header.xmp and header.format in TELLING_OF_XMP:
        return None
    return packet_in(source, None if header.xmp else MOST_SCANNED)


def packet_in(source: Source, most: int | None = None) -> bytes | None:
    """The XMP packet of an original without its wrapper, UTF-8; ``None`` if there is none in its first ``most`` bytes.

    Raises:
        OSError: the file has gone or cannot be read.
    """
    with open(source.location, "rb") as file:  # noqa: PTH123  # the location is a text, and this is one call
        if file.read(len(_PNG)) == _PNG:
            return _trimmed(_from_png(file))
        file.seek(0)
        return _scanned(file, source.size if most is None else most)


def _scanned(file: BinaryIO, most: int) -> bytes | None:
    """Look for the packet's outermost element in a file of any kind."""
    kept = b""
    read = 0
    while read < most and (block := file.read(_BLOCK)):
        read += len(block)
        kept += block
        begin = min((at for start in _STARTS if (at := kept.find(start)) >= 0), default=-1)
        if begin < 0:
            # a start may lie across two blocks
            kept = kept[-len(_STARTS[0]) :]
            continue
        kept = kept[begin:]
        found = _trimmed(kept)
        if found is not None or len(kept) > LONGEST:
            return found
        most += _BLOCK
    return None


def _trimmed(data: bytes) -> bytes | None:
    """The packet's outermost element alone."""
    for start, end in zip(_STARTS, _ENDS, strict=True):
        begin = data.find(start)
        stop = data.find(end, begin) if begin >= 0 else -1
        if stop >= 0:
            return data[begin : stop + len(end)]
    return None


def _from_png(file: BinaryIO) -> bytes:
    """The text of the chunk that PNG files keep their packet in; empty if there is none."""
    while len(head := file.read(8)) == 8:  # noqa: PLR2004  # length and name
        length, name = struct.unpack(">I4s", head)
        if name == b"iTXt" and length <= LONGEST:
            data = file.read(length)
            if data.startswith(_KEYWORD + b"\0"):
                return _international(data[len(_KEYWORD) + 1 :])
            file.seek(4, 1)
        else:
            file.seek(length + 4, 1)
    return b""


def _international(data: bytes) -> bytes:
    """The text of an iTXt chunk behind its keyword: flag, method, language, translated keyword, text (PNG, 11.3.4.5)."""
    compressed, rest = data[:1] == b"\1", data[2:].split(b"\0", 2)
    text = rest[2] if len(rest) == 3 else b""  # noqa: PLR2004
    if not compressed:
        return text
    unpacker = zlib.decompressobj()
    try:
        return unpacker.decompress(text, LONGEST)
    except zlib.error:
        return b""
