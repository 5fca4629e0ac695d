"""Reads an original in pieces, in threads: a slow disk must not stop the server."""

import asyncio
import hashlib
import io
import os
from collections.abc import Callable
from typing import TypeVar

from proxy.errors import BadSource, Missing
from proxy.export.archive import PIECE

T = TypeVar("T")


class Original:
    """An original that is being read. Its methods may block, and only one of them may be at work at a time.

    Args:
        location: the absolute path.
        name: what messages may call it.
    """

    def __init__(self, location: str, name: str) -> None:
        self._location, self._name = location, name
        self._file: io.FileIO | None = None
        self._left = 0
        self._sha256 = hashlib.sha256()

    def open(self) -> tuple[int, int]:
        """Open it and give its size in bytes and when it changed, in nanoseconds since 1970.

        Raises:
            Missing: it is gone.
            BadSource: it cannot be read.
        """
        try:
            self._file = io.FileIO(self._location)
            status = os.fstat(self._file.fileno())
        except FileNotFoundError:
            raise Missing(self._name, "original") from None
        except OSError as error:
            raise BadSource(self._name, _reason(error)) from None
        self._left = status.st_size
        return status.st_size, status.st_mtime_ns

    def read(self) -> bytes:
        """Give the next piece, empty at the end: as many bytes in all as it had when it was opened.

        Raises:
            BadSource: it cannot be read on, or has become shorter.
        """
        assert self._file is not None  # noqa: S101  # open comes first
        try:
            piece = self._file.read(min(PIECE, self._left))
        except OSError as error:
            raise BadSource(self._name, _reason(error)) from None
        if self._left and not piece:
            raise BadSource(self._name, f"{self._left} bytes are missing: it became shorter while it was read")
        self._left -= len(piece)
        self._sha256.update(piece)
        return piece

    def sha256(self) -> str:
        """Give the digest of what was read, in hexadecimal digits."""
        return self._sha256.hexdigest()

    def close(self) -> None:
        """Close it, whether it was opened or not."""
        if self._file is not None:
            self._file.close()


async def off_loop(step: Callable[[], T]) -> T:
    """Do something that blocks in a thread, and see it through where the caller is cancelled.

    A thread cannot be interrupted, and what it works on is about to be closed.
    """
    work = asyncio.ensure_future(asyncio.to_thread(step))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait((work,))
        if not work.cancelled():
            work.exception()
        raise


def _reason(error: OSError) -> str:
    """Say why without the path, which the text of the error itself would tell."""
    return error.strerror or "it cannot be read"
