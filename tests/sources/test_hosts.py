"""Which hosts may be asked for originals, and which addresses may be connected to: nothing is asked here."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from proxy.errors import ConfigError
from proxy.sources.hosts import ForeignConfig, permitted, reachable

# ---- which hosts may be asked


@pytest.mark.parametrize(
    ("listed", "url", "may"),
    [
        ("pictures.example", "http://pictures.example/a.png", True),
        ("pictures.example", "https://pictures.example/a.png", True),
        ("pictures.example", "http://pictures.example:80/a.png", True),
        ("pictures.example", "https://pictures.example:443/a.png", True),
        ("pictures.example", "http://PICTURES.example/a.png", True),
        ("Pictures.Example", "http://pictures.example/a.png", True),
        ("pictures.example", "http://pictures.example./a.png", True),
        ("pictures.example", "http://pictures.example:8080/a.png", False),
        ("pictures.example", "https://pictures.example:80/a.png", False),
        ("pictures.example", "http://evil.pictures.example/a.png", False),
        ("pictures.example", "http://pictures.example.evil/a.png", False),
        ("pictures.example", "http://evil-pictures.example/a.png", False),
        ("pictures.example", "http://evil/pictures.example", False),
        ("pictures.example", "http://evil/?http://pictures.example/", False),
        ("pictures.example", "http://evil#pictures.example", False),
        ("pictures.example:8080", "http://pictures.example:8080/a.png", True),
        ("pictures.example:8080", "https://pictures.example:8080/a.png", True),
        ("pictures.example:8080", "http://pictures.example/a.png", False),
        ("*.pictures.example", "http://a.pictures.example/a.png", True),
        ("*.pictures.example", "http://a.b.pictures.example/a.png", True),
        ("*.pictures.example", "http://pictures.example/a.png", False),
        ("*.pictures.example", "http://evilpictures.example/a.png", False),
        ("*.pictures.example", "http://a.pictures.example:81/a.png", False),
        ("*.pictures.example:81", "http://a.pictures.example:81/a.png", True),
        ("*", "http://pictures.example/a.png", False),
        ("*.", "http://pictures.example./a.png", False),
        ("", "http://pictures.example/a.png", False),
        ("192.0.2.1", "http://192.0.2.1/a.png", True),
        ("192.0.2.1", "http://192.0.2.10/a.png", False),
        ("[2001:db8::1]", "http://[2001:db8::1]/a.png", True),
        ("[2001:db8::1]", "http://[2001:db8::1]:81/a.png", False),
        ("[2001:DB8::1]:81", "http://[2001:db8::1]:81/a.png", True),
        ("[2001:db8::1]:81", "http://[2001:db8::2]:81/a.png", False),
    ],
)
def test_hosts(listed: str, url: str, may: bool) -> None:  # noqa: FBT001  # a column of the table
    where = URL(url, encoded=True)
    assert permitted(where, (listed,)) is may
    assert permitted(where, ("other.example", listed, "*.other.example")) is may
    assert not permitted(where, ())


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
NAME = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
PORT = st.one_of(st.none(), st.integers(1, 65535))


def written(name: str, port: int | None) -> str:
    return name if port is None else f"{name}:{port}"


@given(NAME, PORT, NAME, PORT, st.sampled_from(["http", "https"]))
def test_a_host_is_permitted_if_name_and_port_are_listed(
    listed: str, listed_port: int | None, name: str, port: int | None, scheme: str
) -> None:
    usual = {"http": 80, "https": 443}[scheme]
    url = URL(f"{scheme}://{written(name, port)}/x", encoded=True)
    right_port = (port or usual) == (listed_port or usual)
    assert permitted(url, (written(listed, listed_port),)) is (name == listed and right_port)
    below = URL(f"{scheme}://{written(f'{name}.{listed}', port)}/x", encoded=True)
    assert permitted(below, (written(f"*.{listed}", listed_port),)) is right_port
    assert not permitted(below, (written(listed, listed_port),))
    beside = URL(f"{scheme}://{written(f'{name}-{listed}', port)}/x", encoded=True)
    assert not permitted(beside, (written(f"*.{listed}", listed_port),))


@pytest.mark.parametrize(
    "host", ["", "*", "*.", "a b", "a:b", "a:1:2", "a:123456", "http://a", "[::1", "2001:db8::1", "a*b", "*.*"]
)
def test_hosts_that_cannot_be_listed(host: str) -> None:
    with pytest.raises(ConfigError, match="expected a name"):
        ForeignConfig(("a.example", host))


@pytest.mark.parametrize("network", ["", "10.0.0.0/33", "10.0.0.1/8", "example"])
def test_networks_that_cannot_be_listed(network: str) -> None:
    with pytest.raises(ConfigError):
        ForeignConfig(networks=("10.0.0.0/8", network))


# ---- which addresses may be reached


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("93.184.215.14", True),
        ("1.1.1.1", True),
        ("2606:4700:4700::1111", True),
        ("2a00:1450:4001:82b::200e", True),
        # this host, this network
        ("127.0.0.1", False),
        ("127.255.255.254", False),
        ("0.0.0.0", False),  # noqa: S104  # nobody listens here
        ("0.1.2.3", False),
        ("::1", False),
        ("::", False),
        # private
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("172.31.255.255", False),
        ("172.32.0.1", True),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("100.100.100.200", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        # link-local, metadata of clouds
        ("169.254.0.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("192.0.0.192", False),
        ("fe80::1", False),
        # multicast, broadcast, reserved, documentation, benchmarks
        ("224.0.0.1", False),
        ("239.255.255.250", False),
        ("255.255.255.255", False),
        ("240.0.0.1", False),
        ("192.0.2.1", False),
        ("198.51.100.1", False),
        ("203.0.113.1", False),
        ("198.18.0.1", False),
        ("ff02::1", False),
        ("ff0e::1", False),
        ("2001:db8::1", False),
        ("fec0::1", False),
        # IPv4 in IPv6: mapped, compatible, translated, 6to4, Teredo
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("::ffff:1.1.1.1", True),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::101:101", True),
        ("64:ff9b:1::7f00:1", False),
        ("64:ff9b:1:abcd::1", False),
        ("2002:7f00:1::1", False),
        ("2002:a9fe:a9fe::1", False),
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", False),
    ],
)
def test_addresses(address: str, may: bool) -> None:  # noqa: FBT001  # a column of the table
    assert reachable(ipaddress.ip_address(address), ()) is may


def test_networks_that_are_allowed_all_the_same() -> None:
    allowed = ForeignConfig(networks=("10.1.0.0/16", "fd00::/8")).allowed
    may = ("10.1.2.3", "fd12::1", "::ffff:10.1.2.3", "64:ff9b::a01:203", "1.1.1.1")
    may_not = ("10.2.0.1", "127.0.0.1", "::1", "::ffff:10.2.0.1", "fc00::1", "169.254.169.254")
    assert [reachable(ipaddress.ip_address(address), allowed) for address in may] == [True] * len(may)
    assert [reachable(ipaddress.ip_address(address), allowed) for address in may_not] == [False] * len(may_not)


@given(st.ip_addresses(v=4))
def test_an_address_of_version_4_is_no_better_within_one_of_version_6(address: ipaddress.IPv4Address) -> None:
    for form in (f"::ffff:{address}", str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address)))):
        assert reachable(ipaddress.ip_address(form), ()) is reachable(address, ())
