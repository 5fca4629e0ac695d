"""HTTP/1.1 over one connection that is kept: what is written is what was given, byte for byte.

Knows replies with a length, in chunks, and such as end with the connection.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

from tests.fuzz.ask import Ask

_BODILESS: Final = (204, 304)
_MOST: Final = 64 * 2**20


class NoReplyError(Exception):
    """Nothing came, or not all of a reply; the message says what."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, and the seconds from the last byte of the request to the last byte of it."""

    status: int
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    seconds: float

    @property
    def media_type(self) -> str:
        """The media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Connection:
    """A connection to the server; a new one is opened whenever the last was closed."""

    def __init__(self, port: int, patience: float) -> None:
        self._port, self._patience = port, patience
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, ask: Ask) -> Reply:
        """Ask, and wait for the whole reply.

        Raises:
            NoReplyError: there was none.
        """
        kept = self._streams is not None
        try:
            async with asyncio.timeout(self._patience):
                try:
                    return await self._exchange(ask)
                except (ConnectionError, asyncio.IncompleteReadError):
                    self.close()
                    if not kept:
                        raise
                    # a server may close a kept connection at any time
                    return await self._exchange(ask)
        except TimeoutError as error:
            self.close()
            raise NoReplyError(f"no reply within {self._patience:g} seconds") from error
        except (ConnectionError, asyncio.IncompleteReadError, ValueError) as error:
            self.close()
            raise NoReplyError(f"{type(error).__name__}: {error}") from None

    async def _exchange(self, ask: Ask) -> Reply:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader, writer = self._streams
        started = time.monotonic()
        try:
            writer.write(ask.wire(self._port))
            await writer.drain()
        except ConnectionError:
            # a refusal may have been sent before all was read
            if not reader._buffer:  # type: ignore[attr-defined]  # noqa: SLF001  # there is no other way to see it
                raise
        status, headers = await _head(reader)
        body = b"" if ask.method == "HEAD" or status in _BODILESS else await _body(reader, headers)
        if headers.get("connection", "").lower() == "close" or ask.headers.get("Connection") == "close":
            self.close()
        return Reply(status, headers, body, time.monotonic() - started)

    def close(self) -> None:
        """Close it."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "surrogateescape")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        status = int(first.split(" ")[1])
        # 100 Continue and its like come before the reply
        if status >= 200:
            pairs = (line.partition(":") for line in lines)
            return status, {name.strip().lower(): value.strip() for name, _, value in pairs}


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts: list[bytes] = []
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readuntil(b"\r\n")
        return b"".join(parts)
    if "content-length" in headers:
        length = int(headers["content-length"])
        if length > _MOST:
            raise ValueError(f"a body of {length} bytes")
        return await reader.readexactly(length)
    return await reader.read()
