"""Originals on other servers: ``src=(http…)``, guarded so that nobody can use this server to reach what only it can reach.

A host that is not listed is refused before any look-up. Its name is resolved once, every address is checked against private,
loopback, link-local, metadata and other special ranges, and one of the checked addresses is connected to; the same again at
each redirect. Size, type and time are bounded. Pages: ``r-request-nesting-and-embedding`` ("Foreign image sources"),
``r-rooturl``.
"""

import asyncio
import hashlib
import ipaddress
import socket
import tempfile
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from proxy.errors import BadSource, Refused, TimedOut
from proxy.recipe.model import Source
from proxy.sources.hosts import PORTS, ForeignConfig, Network, as_address, permitted, reachable

_REDIRECTS = (301, 302, 303, 307, 308)
_NOT_MODIFIED, _OK = 304, 200
_TYPES = ("image/", "application/octet-stream", "binary/octet-stream")
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file that was fetched: for how long it needs no look (a monotonic time), and what to ask with after that."""

    source: Source
    fresh_until: float
    etag: str
    modified: str


class _CheckedResolver(AbstractResolver):
    """Resolves a name and gives its addresses only if every one of them may be connected to."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        results: list[ResolveResult] = []
        for kind, _, protocol, _, where in found:
            address = str(where[0])
            if not reachable(ipaddress.ip_address(address.partition("%")[0]), self._allowed):
                raise Refused(f"{host}: its address is not a public one")
            flags = socket.AI_NUMERICHOST
            results.append({"hostname": host, "host": address, "port": port, "family": kind, "proto": protocol, "flags": flags})
        return results

    async def close(self) -> None:
        """There is nothing to close."""


class Foreign:
    """Fetches originals into files of a folder of its own and keeps them as their servers allow."""

    def __init__(self, config: ForeignConfig) -> None:
        self._config = config
        self._folder = tempfile.TemporaryDirectory(prefix="isproxy-foreign-")
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._gone: deque[tuple[float, str]] = deque()

    async def open(self, url: str) -> Source | None:
        """Find the original at a URL; ``None`` if its server has none.

        Raises:
            Refused: a host, address or scheme that may not be asked.
            BadSource: something that is no image, too large, or a server that does not answer properly.
            TimedOut: the server took too long.
        """
        try:
            where = URL(url, encoded=True)
            _ = where.port  # is read only when it is asked for
        except ValueError as error:
            raise Refused(f"{url}: not a URL") from error
        self._check(where)
        kept = self._kept.get(url)
        if kept is not None and time.monotonic() < kept.fresh_until:
            self._kept.move_to_end(url)
            return kept.source
        try:
            async with asyncio.timeout(self._config.seconds):
                return await self._fetch(url, where, kept)
        except TimeoutError:
            raise TimedOut(f"{where.host}: no image within {self._config.seconds:g} seconds") from None
        except aiohttp.ClientError as error:
            raise BadSource(url, f"its server cannot be asked ({type(error).__name__})") from error

    def close(self) -> None:
        """Remove what was fetched."""
        self._folder.cleanup()

    def _check(self, url: URL) -> None:
        if url.scheme not in PORTS or not url.host or url.user or url.password:
            raise Refused("a foreign URL: expected http or https, a host and no credentials")
        if not permitted(url, self._config.hosts):
            raise Refused(f"{url.host}: this host may not be asked ([content] foreign_hosts)")
        # a host that is an address is not resolved, so it is checked here
        address = as_address(url.host)
        if address is not None and not reachable(address, self._config.allowed):
            raise Refused(f"{url.host}: not a public address")

    async def _fetch(self, url: str, where: URL, kept: _Kept | None) -> Source | None:
        connector = aiohttp.TCPConnector(resolver=_CheckedResolver(self._config.allowed), use_dns_cache=False)
        conditions = {"If-None-Match": kept.etag, "If-Modified-Since": kept.modified} if kept is not None else {}
        headers = {name: value for name, value in conditions.items() if value} | {"Accept": "image/*", "User-Agent": "isproxy"}
        async with aiohttp.ClientSession(connector=connector, auto_decompress=True, trust_env=False) as session:
            for _ in range(self._config.redirects + 1):
                async with session.get(where, headers=headers, allow_redirects=False) as response:
                    if response.status in _REDIRECTS:
                        where = self._redirected(where, response)
                        continue
                    return await self._taken(url, response, kept)
        raise BadSource(url, f"more than {self._config.redirects} redirects")

    def _redirected(self, where: URL, response: aiohttp.ClientResponse) -> URL:
        location = response.headers.get("Location")
        if not location:
            raise BadSource(str(where), "a redirect without a place")
        try:
            target = where.join(URL(location))
        except ValueError as error:
            raise BadSource(str(where), "a redirect to no URL") from error
        self._check(target)
        return target

    async def _taken(self, url: str, response: aiohttp.ClientResponse, kept: _Kept | None) -> Source | None:
        """Keep the body of a reply, or what is there already."""
        if response.status == _NOT_MODIFIED and kept is not None:
            self._keep(url, kept.source, response, kept)
            return kept.source
        if response.status in (404, 410):
            gone = self._kept.pop(url, None)
            if gone is not None:
                self._remove_unused(gone.source)
            return None
        if response.status != _OK:
            raise BadSource(url, f"its server answered {response.status}")
        if not response.content_type.startswith(_TYPES):
            raise BadSource(url, f"its server sent {response.content_type}: expected an image")
        source = await self._written(url, response)
        self._keep(url, source, response, None)
        return source

    async def _written(self, url: str, response: aiohttp.ClientResponse) -> Source:
        """Write the body into a file that is called after its digest."""
        data = bytearray()
        async for piece in response.content.iter_chunked(_PIECE):
            data += piece
            if len(data) > self._config.largest:
                raise BadSource(url, f"larger than {self._config.largest} bytes")
        location = await asyncio.to_thread(self._stored, bytes(data))
        # the content names the file, so the date of the file says nothing
        return Source(url, location, len(data), 0)

    def _stored(self, data: bytes) -> str:
        """Write a file whole or not at all."""
        final = Path(self._folder.name, hashlib.sha256(data).hexdigest())
        if not final.exists():
            with tempfile.NamedTemporaryFile(dir=self._folder.name, delete=False) as file:
                file.write(data)
            Path(file.name).replace(final)
        return str(final)

    def _keep(self, url: str, source: Source, response: aiohttp.ClientResponse, before: _Kept | None) -> None:
        """Remember a file as its server allows; the oldest go when there are too many bytes."""
        etag = response.headers.get("ETag", before.etag if before is not None else "")
        modified = response.headers.get("Last-Modified", before.modified if before is not None else "")
        # without a validator it is not cached (the manual's rule): it is fetched again each time it is looked for
        fresh = time.monotonic() + (_lifetime(response) if etag or modified else 0.0)
        earlier = self._kept.pop(url, None)
        self._kept[url] = _Kept(source, fresh, etag, modified)
        if earlier is not None:
            self._remove_unused(earlier.source)
        total = sum(kept.source.size for kept in self._kept.values())
        while total > self._config.kept and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            total -= oldest.source.size
            self._remove_unused(oldest.source)

    def _remove_unused(self, source: Source) -> None:
        """Remove a file when nothing that was planned with it can still be at work, and others whose time has come."""
        now = time.monotonic()
        self._gone.append((now + self._config.grace, source.location))
        while self._gone and self._gone[0][0] <= now:
            _, location = self._gone.popleft()
            if all(kept.source.location != location for kept in self._kept.values()):
                Path(location).unlink(missing_ok=True)


def _lifetime(response: aiohttp.ClientResponse) -> float:
    """Seconds for which a reply may be used without asking again (RFC 9111, 4.2.1)."""
    directives = [part.strip().lower() for part in response.headers.get("Cache-Control", "").split(",")]
    if "no-store" in directives or "no-cache" in directives:
        return 0.0
    for directive in directives:
        name, _, value = directive.partition("=")
        if name == "max-age" and value.strip('"').isdigit():
            return float(value.strip('"'))
    expires, date = response.headers.get("Expires"), response.headers.get("Date")
    if expires is None or date is None:
        return 0.0
    try:
        return max(0.0, (parsedate_to_datetime(expires) - parsedate_to_datetime(date)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
