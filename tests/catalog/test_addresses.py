import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.catalog.addresses import admits, client_address, read_address, require
from proxy.catalog.datatypes import AddressFilter
from proxy.errors import Refused

PROXIES = AddressFilter().read("10.0.0.0/8, 2001:db8:ffff::/48")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("192.0.2.7:443", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:1", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        *(
            (text, None)
            for text in ("", "unknown", "_hidden", "192.0.2", "192.0.2.7.1", "[192.0.2.7", "192.0.2.7:x", "01.2.3.4", "/run/x")
        ),
    ],
)
def test_texts_of_addresses(text: str, address: str | None) -> None:
    assert read_address(text) == (address and ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        # nobody in between, or nobody who is trusted: what the header says is the client's own invention
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.1"], "192.0.2.7"),
        # one proxy, and what the client had put into the header stands to the left
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["10.9.9.9, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
        # several proxies
        ("10.0.0.1", ["203.0.113.9, 198.51.100.1, 10.0.0.3 , 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1", "10.0.0.3", "10.0.0.2"], "198.51.100.1"),
        ("2001:db8:ffff::1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["198.51.100.1:9"], "198.51.100.1"),
        # proxies only: the leftmost
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.9, 10.0.0.2"], "10.0.0.9"),
        ("10.0.0.1", ["", " , "], "10.0.0.1"),
        # what is no address is not passed over
        ("10.0.0.1", ["198.51.100.1, unknown"], None),
        ("10.0.0.1", ["unknown, 198.51.100.1"], "198.51.100.1"),
        ("/run/isproxy.sock", ["198.51.100.1"], None),
        (None, ["198.51.100.1"], None),
    ],
)
def test_clients_behind_proxies(peer: str | None, forwarded: list[str], client: str | None) -> None:
    assert client_address(peer, forwarded, PROXIES) == (client and ipaddress.ip_address(client))


def test_a_peer_that_is_an_address() -> None:
    peer = ipaddress.ip_address("::ffff:10.0.0.1")
    assert client_address(peer, ["198.51.100.1"], PROXIES) == ipaddress.ip_address("198.51.100.1")


ADDRESSES = st.one_of(st.ip_addresses(), st.sampled_from(["10.0.0.1", "10.2.3.4", "192.0.2.7"]).map(ipaddress.ip_address))


@given(ADDRESSES, st.lists(ADDRESSES), st.lists(st.text()))
def test_nothing_to_the_left_of_an_untrusted_address_counts(
    client: ipaddress.IPv4Address | ipaddress.IPv6Address,
    behind: list[ipaddress.IPv4Address | ipaddress.IPv6Address],
    invented: list[str],
) -> None:
    trusted = AddressFilter().read("10.0.0.0/8")
    chain = [*invented, str(client), *(str(address) for address in behind if admits(trusted, address))]
    expected = read_address(str(client))
    if not admits(trusted, client):
        assert client_address("10.0.0.1", chain, trusted) == expected


@given(st.text(), st.lists(st.text()))
def test_no_text_breaks_it(peer: str, forwarded: list[str]) -> None:
    everybody = AddressFilter().read("0.0.0.0/0, ::/0")
    client = client_address(peer, forwarded, everybody)
    assert client is None or read_address(str(client)) == client


@pytest.mark.parametrize(
    ("filter_", "client", "admitted"),
    [
        ("", "192.0.2.7", True),
        ("", None, True),
        ("0.0.0.0/0", "192.0.2.7", True),
        ("0.0.0.0/0", "2001:db8::7", True),
        ("0.0.0.0/0", None, True),
        ("192.0.0.0/8", "192.255.0.1", True),
        ("192.0.0.0/8", "193.0.0.1", False),
        ("192.168.12.0/23", "192.168.13.255", True),
        ("192.168.12.0/23", "192.168.14.0", False),
        ("192.168.2.117", "192.168.2.117", True),
        ("192.168.2.117/32", "192.168.2.116", False),
        ("192.0.2.0/24,198.51.100.7", "198.51.100.7", True),
        ("192.0.2.0/24,198.51.100.7", "127.0.0.1", False),
        ("192.0.2.0/24", "::ffff:192.0.2.9", True),
        ("192.0.2.0/24", None, False),
        ("192.0.2.0/24", "2001:db8::7", False),
        ("2001:db8::/32", "2001:db8::7", True),
    ],
)
def test_filters(filter_: str, client: str | None, admitted: bool) -> None:  # noqa: FBT001  # a column of the table
    networks = AddressFilter().read(filter_)
    address = None if client is None else ipaddress.ip_address(client)
    assert admits(networks, address) is admitted
    if admitted:
        require(networks, address, "ClientAddressFilter")
    else:
        with pytest.raises(Refused) as refused:
            require(networks, address, "ClientAddressFilter")
        assert refused.value.detail == "ClientAddressFilter: requests from this address are not answered"
