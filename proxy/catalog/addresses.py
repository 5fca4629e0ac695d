"""Which client a request comes from, and whether it may ask (``r-clientaddressfilter``, ``r-addressfilter-rule``).

Knows addresses and networks only, nothing of catalogs, rules or HTTP.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence

from proxy.catalog.datatypes import Network
from proxy.errors import Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_WITH_PORT = re.compile(r"(?:\[(?P<inner>[^\[\]]*)\]|(?P<v4>[0-9.]+))(?::[0-9]{1,5})?", re.ASCII)


def read_address(text: str) -> Address | None:
    """Read an address as sockets and X-Forwarded-For have it; ``None`` for any other text.

    A port behind it (``192.0.2.7:443``, ``[2001:db8::7]:443``) is passed over; an IPv4 address in IPv6 clothes
    (``::ffff:192.0.2.7``) is the IPv4 address.
    """
    text = text.strip()
    with_port = _WITH_PORT.fullmatch(text)
    if with_port is not None:
        text = with_port["inner"] if with_port["inner"] is not None else with_port["v4"]
    try:
        return _plain(ipaddress.ip_address(text))
    except ValueError:
        return None


def client_address(peer: str | Address | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """Give the address of the client that counts.

    What X-Forwarded-For says is believed from the right, and only as long as it was said by a trusted proxy; the first
    address that is none of theirs is the client. Where all of them are, the leftmost counts.

    Args:
        peer: the other end of the connection.
        forwarded: the values of all X-Forwarded-For headers, in their order; each may be a list with commas.
        trusted: the networks of the proxies in front of this server; with none the peer counts.

    Returns:
        ``None`` if it cannot be known: the peer has no address, or a trusted proxy passed on something else than one.
        Filters refuse such a client.
    """
    address = read_address(peer) if isinstance(peer, str) else peer and _plain(peer)
    entries = [entry for value in forwarded for entry in value.split(",") if entry.strip()]
    while entries and address is not None and _within(trusted, address):
        address = read_address(entries.pop())
    return address


def admits(filter_: Sequence[Network], client: Address | None) -> bool:
    """Say whether a filter admits a client. An empty one admits everybody, as does a network of all addresses.

    ``0.0.0.0/0`` is documented as no restriction, so it admits IPv6 clients and those without an address too.
    """
    if not filter_ or any(network.prefixlen == 0 for network in filter_):
        return True
    return client is not None and _within(filter_, _plain(client))


def require(filter_: Sequence[Network], client: Address | None, whose: str) -> None:
    """Refuse a client that a filter does not admit; ``whose`` begins the message.

    Raises:
        Refused: neither the filter nor the client's address is told.
    """
    if not admits(filter_, client):
        raise Refused(f"{whose}: requests from this address are not answered")


def _within(networks: Iterable[Network], address: Address) -> bool:
    return any(address in network for network in networks)


def _plain(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped
