"""Originals on other servers: ``src=(http…)``, guarded so that nobody can use this server to reach what only it can reach.

A host that is not listed is refused before any look-up. Its name is resolved once, every address is checked against private,
loopback, link-local, metadata and other special ranges, and one of the checked addresses is connected to; the same again at
each redirect. Size, type and time are bounded. Pages: ``r-request-nesting-and-embedding`` ("Foreign image sources"),
``r-rooturl``.
"""

import asyncio
import hashlib
import ipaddress
import re
import socket
import tempfile
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from proxy.errors import BadSource, ConfigError, Refused, TimedOut
from proxy.recipe.model import Source

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_REDIRECTS = (301, 302, 303, 307, 308)
_NOT_MODIFIED, _OK = 304, 200
_TYPES = ("image/", "application/octet-stream", "binary/octet-stream")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_PIECE = 64 * 1024
_PORTS = {"http": 80, "https": 443}
_LISTED = re.compile(
    r"\[(?P<address>[0-9a-f:.]+)\](?::(?P<port6>[0-9]{1,5}))?|(?P<name>(?:\*\.)?[^\s:*/\[\]]+)(?::(?P<port>[0-9]{1,5}))?"
)
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments, and a cloud's metadata at 192.0.0.192
        "168.63.129.16/32",  # a cloud's inside at a public address
        "fec0::/10",  # site-local addresses of old
    )
)
"""Ranges that are not for everybody although the standard library takes them, or did in some version, for public."""


@dataclass(frozen=True, slots=True)
class ForeignConfig:
    """Which hosts may be asked, and for how much.

    ``hosts`` are names, ``name:port`` for another port than the usual one, or ``*.name`` for all below a name; an IPv6 address
    stands in brackets. ``networks`` are address ranges that are reached although they are special, for originals on a company's
    own network.

    Raises:
        ConfigError: a host or a network that cannot be read.
    """

    hosts: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    largest: int = 64 * 2**20
    seconds: float = 10.0
    redirects: int = 3
    kept: int = 2**30
    allowed: tuple[Network, ...] = field(init=False)

    def __post_init__(self) -> None:
        for host in self.hosts:
            if not _LISTED.fullmatch(host.lower()):
                raise ConfigError(f"foreign host {host}: expected a name, name:port, *.name or an address")
        try:
            object.__setattr__(self, "allowed", tuple(ipaddress.ip_network(network) for network in self.networks))
        except ValueError as error:
            raise ConfigError(f"network of foreign hosts: {error}") from error


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file that was fetched: for how long it needs no look (a monotonic time), and what to ask with after that."""

    source: Source
    fresh_until: float
    etag: str
    modified: str


def permitted(url: URL, hosts: Sequence[str]) -> bool:
    """Whether a URL's host and port are listed."""
    host, usual = (url.host or "").lower().rstrip("."), _PORTS.get(url.scheme)
    for text in hosts:
        listed = _LISTED.fullmatch(text.lower())
        if listed is None:
            continue
        name, port = listed["name"] or listed["address"], listed["port"] or listed["port6"]
        if (int(port) if port else usual) == url.port and (host == name or (name.startswith("*.") and host.endswith(name[1:]))):
            return True
    return False


def reachable(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether an address is a public one, or in a range that is allowed all the same."""
    if any(address in network for network in allowed if network.version == address.version):
        return True
    inner = _embedded(address)
    if inner is not None:
        return reachable(inner, allowed)
    if any(address in network for network in _SPECIAL if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _as_address(host: str) -> Address | None:
    """The address that a host is, ``None`` for a name.

    Raises:
        Refused: an address in a form that is connected to without a look-up but that is not the usual one: ``127.1``.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        if ":" in host or host.replace(".", "").isdigit():
            raise Refused(f"{host}: neither a name nor a whole address") from None
        return None


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address within one of IPv6: what is behind a translator is as special as it is without."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


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
        if url.scheme not in _PORTS or not url.host or url.user or url.password:
            raise Refused("a foreign URL: expected http or https, a host and no credentials")
        if not permitted(url, self._config.hosts):
            raise Refused(f"{url.host}: this host may not be asked ([content] foreign_hosts)")
        # a host that is an address is not resolved, so it is checked here
        address = _as_address(url.host)
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
        if all(kept.source.location != source.location for kept in self._kept.values()):
            Path(source.location).unlink(missing_ok=True)


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
