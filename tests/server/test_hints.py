"""What headers tell of a client (``proxy.server.hints``)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from proxy.recipe.asked import SILENT, Client
from proxy.server.hints import client_of

CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
NAMES = ("Accept", "Save-Data", "ECT", "Downlink", "RTT", "DPR", "Sec-CH-DPR")


def client(*headers: tuple[str, str]) -> Client:
    return client_of(CIMultiDictProxy(CIMultiDict(headers)))


@pytest.mark.parametrize(
    ("accept", "formats"),
    [
        ([CHROME], {"avif", "webp"}),
        (["image/webp,*/*"], {"webp"}),
        (["*/*"], set()),
        (["image/*"], set()),
        ([""], set()),
        ([], set()),
        (["IMAGE/WebP ; q=0.5"], {"webp"}),
        (["image/avif;q=0,image/webp;q=0.001"], {"webp"}),
        (["image/avif;q=0.000", "image/webp"], {"webp"}),
        (["image/avif;v=1", "text/html"], {"avif"}),
        (["image/avif2,ximage/webp"], set()),
    ],
)
def test_formats(accept: list[str], formats: set[str]) -> None:
    assert client(*(("Accept", line) for line in accept)) == Client(frozenset(formats))


@pytest.mark.parametrize(
    ("headers", "network"),
    [
        ({}, ""),
        ({"Save-Data": "on"}, "poor"),
        ({"save-data": "ON; x=1"}, "poor"),
        ({"Save-Data": "off"}, ""),
        ({"Save-Data": "on", "ECT": "4g"}, "poor"),
        ({"ECT": "slow-2g"}, "poor"),
        ({"ECT": "2g"}, "poor"),
        ({"ECT": "3G"}, "fair"),
        ({"ECT": "4g", "RTT": "3000"}, ""),
        ({"ECT": "5g", "RTT": "3000"}, "poor"),
        ({"RTT": "300"}, "fair"),
        ({"RTT": "50", "Downlink": "10"}, ""),
        ({"RTT": "50", "Downlink": "0.05"}, "poor"),
        ({"Downlink": "0.4"}, "fair"),
        ({"Downlink": "none", "RTT": "-1"}, ""),
        ({"Downlink": "nan"}, ""),
    ],
)
def test_networks(headers: dict[str, str], network: str) -> None:
    assert client(*headers.items()) == Client(network=network)


@pytest.mark.parametrize(
    ("headers", "ratio"),
    [
        ({"DPR": "2"}, 2.0),
        ({"DPR": "2.0"}, 2.0),
        ({"DPR": "1.100000023841858"}, 1.25),
        ({"DPR": "0.5"}, 1.0),
        ({"DPR": "500"}, 8.0),
        ({"DPR": "0"}, 0.0),
        ({"DPR": "-2"}, 0.0),
        ({"DPR": "inf"}, 0.0),
        ({"DPR": "2", "Sec-CH-DPR": "3"}, 3.0),
        ({"DPR": "2", "Sec-CH-DPR": "x"}, 2.0),
    ],
)
def test_ratios(headers: dict[str, str], ratio: float) -> None:
    assert client(*headers.items()) == Client(ratio=ratio)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text(st.characters(max_codepoint=255), max_size=40))))
def test_anything_may_be_sent(headers: list[tuple[str, str]]) -> None:
    told = client(*headers)
    assert told.network in ("", "fair", "poor")
    assert 0 <= told.ratio <= 8
    assert told.formats <= {"avif", "webp"}


def test_nothing_tells_nothing() -> None:
    assert client() == SILENT
