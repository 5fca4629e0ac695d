"""Requests URLs so that a server makes and keeps their renditions: how many at once, how fast, how often again.

Knows HTTP and the replies to ``req=loadcache`` (``r-loadcache``). It must not know where the URLs come from, nor how a run is
told to a person. Nothing grows with the number of URLs: each worker takes the next one when it has dealt with the last.
"""

import asyncio
import math
import queue
import random
import re
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import IO, TypeVar

import aiohttp
import yarl

from proxy import __version__
from proxy.cli.warm_report import Tally
from proxy.cli.warm_target import request_url
from proxy.errors import BadSyntax, IsproxyError

T = TypeVar("T")

Failed = Callable[[str, str], object]
"""Takes a URL that failed, as it was given, and the reason in one line."""

_AGAIN = frozenset({429, 502, 503, 504})
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 30.0  # seconds
_LONGEST_RETRY_AFTER = 120.0  # seconds; whoever asks for more is not to be waited for
_CHUNK = 1 << 16
_LARGEST_SITEMAP = 1 << 30
_EXCERPT = 200
_LENGTH = re.compile(rb"^image\.length=([0-9]{1,18})\s*$", re.MULTILINE)
_REDIRECT = 300


class Via(StrEnum):
    """How the cache is filled."""

    LOADCACHE = "loadcache"
    GET = "get"


@dataclass(frozen=True, slots=True)
class Plan:
    """How requests are made. ``rate`` is requests per second, 0 for no limit; ``timeout`` is seconds."""

    base: str | None
    concurrency: int
    rate: float
    retries: int
    timeout: float
    via: Via


@dataclass(frozen=True, slots=True)
class Rendition:
    """A rendition that is in the cache now: its size in bytes, and whether it was there before."""

    size: int
    hit: bool


class NotWarmed(IsproxyError):
    """A request that failed. ``kind`` is a word for counting; ``again`` says in how many seconds it may succeed."""

    def __init__(self, kind: str, reason: str, again: float | None = None) -> None:
        super().__init__(_one_line(reason))
        self.kind, self.again = kind, again


class Feed:
    """Takes texts out of an iterator that may block, on a thread of its own, only as many as are asked for.

    The thread is a daemon, since nobody can wake it from reading a pipe that stays silent.
    """

    def __init__(self, texts: Generator[str]) -> None:
        self._texts = texts
        self._loop = asyncio.get_running_loop()
        self._wishes: queue.SimpleQueue[asyncio.Future[str | None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="warm-input", daemon=True).start()

    async def take(self) -> str | None:
        """Return the next text, ``None`` when there are no more."""
        wish: asyncio.Future[str | None] = self._loop.create_future()
        self._wishes.put(wish)
        return await wish

    def close(self) -> None:
        """End the thread as soon as it does not read."""
        self._wishes.put(None)

    def _serve(self) -> None:
        while (wish := self._wishes.get()) is not None:
            text: str | None = None
            failure: Exception | None = None
            try:
                text = next(self._texts, None)
            except Exception as error:  # noqa: BLE001  # it belongs to whoever waits for the text
                failure = error
            # The loop is closed when a run was interrupted while this thread was reading: nobody waits any more.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(_settle, wish, text, failure)
        self._texts.close()


def _settle(wish: asyncio.Future[str | None], text: str | None, failure: Exception | None) -> None:
    if wish.done():
        return
    if failure is not None:
        wish.set_exception(failure)
    else:
        wish.set_result(text)


class Pace:
    """Lets requests begin at most ``rate`` times a second, evenly; 0 lets all begin at once."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._next = time.monotonic()

    async def turn(self) -> None:
        """Wait until the next request may begin."""
        if not self._gap:
            return
        begin = max(time.monotonic(), self._next)
        self._next = begin + self._gap
        await asyncio.sleep(begin - time.monotonic())


class Client:
    """Makes requests as planned, each again where that may help. Retries are counted in ``tally``."""

    def __init__(self, session: aiohttp.ClientSession, plan: Plan, tally: Tally) -> None:
        self._session, self._plan, self._tally = session, plan, tally
        self._pace = Pace(plan.rate)
        self._loop = asyncio.get_running_loop()

    async def warm(self, text: str) -> None:
        """Request a URL or path and count what became of it.

        Raises:
            NotWarmed: it failed, and so did the retries.
        """
        plan = self._plan
        try:
            url = request_url(text, plan.base, loadcache=plan.via is Via.LOADCACHE)
        except BadSyntax as error:
            raise NotWarmed("unusable URL", error.detail) from None
        rendition, seconds = await self._tried(lambda: self._rendition(url))
        self._tally.count(rendition.size, seconds, hit=rendition.hit)

    async def _tried(self, once: Callable[[], Awaitable[T]]) -> tuple[T, float]:
        """Return the result, and the seconds that the last try took."""
        attempt = 0
        while True:
            await self._pace.turn()
            began = time.perf_counter()
            try:
                return await once(), time.perf_counter() - began
            except NotWarmed as failure:
                if failure.again is None or failure.again > _LONGEST_RETRY_AFTER or attempt >= self._plan.retries:
                    raise
                pause = max(failure.again, _pause(attempt))
            attempt += 1
            self._tally.retries += 1
            await asyncio.sleep(pause)

    async def _rendition(self, url: yarl.URL) -> Rendition:
        async with self._reply(url) as reply:
            hit = reply.headers.get("X-Cache", "").lower().startswith("hit")
            if self._plan.via is Via.GET:
                size = 0
                async for chunk in reply.content.iter_chunked(_CHUNK):
                    size += len(chunk)
                return Rendition(size, hit)
            length = _LENGTH.search(await _beginning(reply, _CHUNK))
            if not length:
                said = reply.headers.get("Content-Type", "no type")
                raise NotWarmed("no image.length", f"expected image.length in a text, got {said}: try --via get")
            return Rendition(int(length[1]), hit)

    async def _fetched(self, location: str) -> IO[bytes]:
        try:
            url = yarl.URL(location)
        except ValueError:
            raise NotWarmed("sitemap", "this is not a URL") from None
        with ExitStack() as held:
            async with self._reply(url) as reply:
                file = held.enter_context(tempfile.TemporaryFile())
                async for chunk in reply.content.iter_chunked(_CHUNK):
                    if file.tell() + len(chunk) > _LARGEST_SITEMAP:
                        raise NotWarmed("sitemap", f"more than {_LARGEST_SITEMAP} bytes")
                    file.write(chunk)
            file.seek(0)
            # The reader closes it, unless something went wrong before it had it.
            held.pop_all()
            return file

    def fetch(self, location: str) -> IO[bytes]:
        """Fetch a file and return it to another thread than the loop's, which waits here.

        Raises:
            NotWarmed: it cannot be had.
        """

        async def fetched() -> IO[bytes]:
            file, _ = await self._tried(lambda: self._fetched(location))
            return file

        return asyncio.run_coroutine_threadsafe(fetched(), self._loop).result()

    @asynccontextmanager
    async def _reply(self, url: yarl.URL) -> AsyncIterator[aiohttp.ClientResponse]:
        with _failures(self._plan.timeout):
            async with self._session.get(url) as reply:
                if reply.status >= _REDIRECT:
                    again = _retry_after(reply) if reply.status in _AGAIN else None
                    raise NotWarmed(f"HTTP {reply.status}", f"HTTP {reply.status} {await _excerpt(reply)}", again)
                yield reply


async def warm_all(
    texts: Callable[[Client], Generator[str]],
    plan: Plan,
    tally: Tally,
    failed: Failed,
) -> None:
    """Request everything that ``texts`` gives. ``texts`` runs on a thread of its own and may use the client's ``fetch``."""
    timeout = aiohttp.ClientTimeout(total=plan.timeout)
    async with aiohttp.ClientSession(
        timeout=timeout,
        # The workers are the limit.
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"isproxy-warm/{__version__}"},
    ) as session:
        client = Client(session, plan, tally)
        feed = Feed(texts(client))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(plan.concurrency):
                    group.create_task(_work(feed, client, tally, failed))
        finally:
            feed.close()


async def _work(feed: Feed, client: Client, tally: Tally, failed: Failed) -> None:
    while (text := await feed.take()) is not None:
        try:
            await client.warm(text)
        except NotWarmed as failure:
            tally.fail(_one_line(text), failure.kind, failure.detail)
            failed(text, failure.detail)


@contextmanager
def _failures(timeout: float) -> Iterator[None]:
    """Turn what the HTTP library raises into ``NotWarmed``."""
    try:
        yield
    except TimeoutError:
        raise NotWarmed("timeout", f"no reply within {timeout:g} s", 0) from None
    except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch) as error:
        raise NotWarmed("TLS", str(error)) from None
    except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
        raise NotWarmed("connection", str(error) or type(error).__name__, 0) from None
    except aiohttp.TooManyRedirects:
        raise NotWarmed("redirects", "too many redirects") from None
    except aiohttp.ClientError as error:
        raise NotWarmed("HTTP", f"{type(error).__name__}: {error}") from None


async def _beginning(reply: aiohttp.ClientResponse, size: int) -> bytes:
    """Read at most ``size`` bytes of a reply, which may be an image where a short text was expected."""
    data = bytearray()
    async for chunk in reply.content.iter_chunked(size):
        data += chunk[: size - len(data)]
        if len(data) == size:
            reply.close()
            break
    return bytes(data)


async def _excerpt(reply: aiohttp.ClientResponse) -> str:
    if not reply.content_type.startswith("text/") or reply.content_type == "text/html":
        return reply.reason or ""
    return (await _beginning(reply, _CHUNK)).decode("utf-8", "replace")


def _retry_after(reply: aiohttp.ClientResponse) -> float:
    """Return the seconds that the server asks to wait, 0 where it does not say or nobody can read it."""
    text = reply.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _pause(attempt: int) -> float:
    # Scattered, so that workers which failed together do not come back together.
    return min(_LONGEST_PAUSE, math.ldexp(_FIRST_PAUSE, min(attempt, 16))) * random.uniform(1, 1.5)  # noqa: S311  # no secret


def _one_line(text: str) -> str:
    shown = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return shown if len(shown) <= _EXCERPT else shown[: _EXCERPT - 1] + "…"
