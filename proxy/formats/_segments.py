"""Marker segments that a JPEG carries beside its picture: XMP packets and Photoshop's image resources.

XMP specification part 3, 1.1.3. A segment holds no more than 64 kilobytes, so what is longer is spread over several.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from typing import Final

LONGEST: Final = 65533
"""Bytes in a segment behind its length."""

_APP1, _APP13 = 0xE1, 0xED
_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED: Final = b"http://ns.adobe.com/xmp/extension/\0"
_EXTENDED_HEAD: Final = len(_EXTENDED) + 32 + 8
_PHOTOSHOP: Final = b"Photoshop 3.0\0"

_STAND_IN: Final = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="{digest}"/>'
    "</rdf:RDF></x:xmpmeta>"
)
"""What stands in the first segment where the packet itself is too long: it names the rest by its MD5."""

_BEGIN: Final = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode()
_END: Final = b'\n<?xpacket end="r"?>'


def wrapped(packet: bytes) -> bytes:
    """A packet in its wrapper, read-only (XMP specification part 1, 7.3)."""
    return _BEGIN + packet + _END


def xmp_segments(packet: bytes) -> bytes:
    """The segments of a packet given without its wrapper: one, or one that names the others."""
    if not packet:
        return b""
    whole = wrapped(packet)
    if len(_XMP) + len(whole) <= LONGEST:
        return _segment(_APP1, _XMP + whole)
    # the extension is a packet without wrapper, whole, so nothing of it has to be understood
    digest = hashlib.md5(packet, usedforsecurity=False).hexdigest().upper().encode()
    out = [_segment(_APP1, _XMP + wrapped(_STAND_IN.format(digest=digest.decode()).encode()))]
    step = LONGEST - _EXTENDED_HEAD
    for at in range(0, len(packet), step):
        place = struct.pack(">II", len(packet), at)
        out.append(_segment(_APP1, _EXTENDED + digest + place + packet[at : at + step]))
    return b"".join(out)


def resource_segments(resources: Iterable[bytes]) -> bytes:
    """The segments of Photoshop's image resources: as many whole ones in each as fit; one that is too long is spread."""
    return b"".join(_segment(_APP13, _PHOTOSHOP + part) for part in _gathered(resources, LONGEST - len(_PHOTOSHOP)))


def _gathered(resources: Iterable[bytes], room: int) -> Iterator[bytes]:
    kept = b""
    for resource in resources:
        if len(kept) + len(resource) > room:
            if kept:
                yield kept
            kept = resource
            while len(kept) > room:
                yield kept[:room]
                kept = kept[room:]
        else:
            kept += resource
    if kept:
        yield kept


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data
