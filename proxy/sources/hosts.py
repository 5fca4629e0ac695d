"""Which other servers may be asked for originals: names and ports that are listed, addresses that are everybody's.

Pages: ``r-request-nesting-and-embedding`` ("Foreign image sources"), ``r-rooturl``.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from yarl import URL

from proxy.errors import ConfigError, Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
PORTS = {"http": 80, "https": 443}
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
    own network. ``largest`` and ``kept`` are bytes of one file and of all, ``grace`` the seconds for which a file that is no
    longer kept stays for what began to use it.

    Raises:
        ConfigError: a host or a network that cannot be read.
    """

    hosts: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    largest: int = 64 * 2**20
    seconds: float = 10.0
    redirects: int = 3
    kept: int = 2**30
    grace: float = 300.0
    allowed: tuple[Network, ...] = field(init=False)

    def __post_init__(self) -> None:
        for host in self.hosts:
            if not _LISTED.fullmatch(host.lower()):
                raise ConfigError(f"foreign host {host}: expected a name, name:port, *.name or an address")
        try:
            object.__setattr__(self, "allowed", tuple(ipaddress.ip_network(network) for network in self.networks))
        except ValueError as error:
            raise ConfigError(f"network of foreign hosts: {error}") from error


def permitted(url: URL, hosts: Sequence[str]) -> bool:
    """Whether a URL's host and port are listed."""
    host, usual = (url.host or "").lower().rstrip("."), PORTS.get(url.scheme)
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


def as_address(host: str) -> Address | None:
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
