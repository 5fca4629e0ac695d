"""Photoshop's image resources: the blocks that JPEG, TIFF and PSD files carry beside the picture (paths, resolution …).

Reads the container only. What a path's records mean is in ``photoshop_paths``.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

PATHS = range(2000, 2999)
"""Numbers of the resources that hold a saved path."""

_RESOLUTION = 1005
_SIGNATURES = (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR")


class Resource(NamedTuple):
    """One block: its number, its name (mostly empty) and its content."""

    number: int
    name: str
    data: bytes


def resources(block: bytes) -> Iterator[Resource]:
    """Split a run of resources. A damaged one ends the run: what stands before it is still good."""
    at = 0
    while block[at : at + 4] in _SIGNATURES and at + 11 < len(block):
        (number,) = struct.unpack_from(">H", block, at + 4)
        length = block[at + 6]
        name = block[at + 7 : at + 7 + length]
        at += 6 + (length + 2) // 2 * 2
        if at + 4 > len(block):
            return
        (size,) = struct.unpack_from(">I", block, at)
        yield Resource(number, text(name), block[at + 4 : at + 4 + size])
        at += 4 + (size + 1) // 2 * 2


def text(name: bytes) -> str:
    """The text of a name. Files do not say which encoding they use; UTF-8 shows by itself, else it is that of old Macs."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("mac_roman")


def resolution(found: Iterable[Resource]) -> float:
    """Horizontal resolution in dots per inch, 0 where there is none."""
    for resource in found:
        if resource.number == _RESOLUTION and len(resource.data) >= 4:  # noqa: PLR2004  # a 16.16 number
            return float(struct.unpack_from(">I", resource.data)[0] / 65536)
    return 0.0
