"""A zip written piece by piece: every call gives the bytes that are to be sent next. Does no I/O of its own.

Entries are stored, not deflated: pictures are compressed already. The archive is written by Python's ``zipfile`` into something
that cannot seek, so that sizes and checksums follow the data (data descriptors) and ZIP64 is used where it is needed. The library
made for streaming, zipstream-ng 1.9, can give no time to what is no file, and cannot leave out an entry once begun.
"""

import io
import struct
import time
import zipfile
from collections.abc import Iterator
from typing import IO, Final

PIECE: Final = 2**20
"""Bytes of an entry that are dealt with at once."""

_MODE = 0o100644 << 16
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
_LATEST: Final = (2107, 12, 31, 23, 59, 58)
_NANOSECONDS: Final = 10**9
_ZIP64_VERSION: Final = 45
_ZIPFILE_DOUBTS: Final = 1.05
"""What ``zipfile`` takes an entry to be longer than it was said to be."""


class Archive:
    """A zip that is being written.

    Entries follow one another: ``begin``, any number of ``more``, then ``end`` or ``abandon``. ``close`` ends the archive.
    """

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_STORED, allowZip64=True)
        self._entry: IO[bytes] | None = None

    def begin(self, name: str, size: int, modified_ns: int) -> bytes:
        """Begin an entry.

        Args:
            name: a file name, one that no entry has.
            size: its length in bytes; may be less in the end, never more.
            modified_ns: when it changed, in nanoseconds since 1970.
        """
        info = zipfile.ZipInfo(name, _dos_time(modified_ns))
        info.external_attr = _MODE
        info.extra = _unix_time(modified_ns)
        info.file_size = size
        if size * _ZIPFILE_DOUBTS > zipfile.ZIP64_LIMIT:
            # some versions of Python 3.11 write the header of a large entry and forget to say which version reads it
            info.extract_version = _ZIP64_VERSION
        self._entry = self._zip.open(info, "w")
        return self._sink.drained()

    def more(self, data: bytes) -> bytes:
        """Add to the entry that was begun."""
        assert self._entry is not None  # noqa: S101  # begin comes first
        self._entry.write(data)
        return self._sink.drained()

    def end(self) -> bytes:
        """End the entry that was begun."""
        assert self._entry is not None  # noqa: S101  # begin comes first
        self._entry.close()
        self._entry = None
        return self._sink.drained()

    def abandon(self) -> bytes:
        """Leave out the entry that was begun, if one was: what is sent of it already stays in no list, so no reader finds it."""
        if self._entry is None:
            return b""
        data = self.end()
        self._zip.filelist.pop()
        return data

    def whole(self, name: str, data: bytes, modified_ns: int) -> Iterator[bytes]:
        """Add an entry whose data is there already, in pieces short enough not to stop others for long."""
        yield self.begin(name, len(data), modified_ns)
        for at in range(0, len(data), PIECE):
            yield self.more(data if len(data) <= PIECE else data[at : at + PIECE])
        yield self.end()

    def close(self) -> bytes:
        """End the archive with the list of its entries."""
        self._zip.close()
        return self._sink.drained()


class _Sink(io.RawIOBase):
    """Collects what is written until it is asked for. It cannot seek, which tells ``zipfile`` to stream."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes and nothing else
        self._parts.append(data)
        return len(data)

    def drained(self) -> bytes:
        """Give what was written since the last time."""
        parts, self._parts = self._parts, []
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _dos_time(modified_ns: int) -> tuple[int, int, int, int, int, int]:
    """Give the time that every reader understands, without a zone: it is written in UTC, whatever the server's."""
    year, month, day, hour, minute, second = time.gmtime(modified_ns // _NANOSECONDS)[:6]
    return min(max(_EARLIEST, (year, month, day, hour, minute, second)), _LATEST)


def _unix_time(modified_ns: int) -> bytes:
    """Give the extended timestamp of Info-ZIP, exact and in a known zone, where the time fits into it."""
    seconds = modified_ns // _NANOSECONDS
    return struct.pack("<HHBi", 0x5455, 5, 1, seconds) if 0 <= seconds < 2**31 else b""
