"""What request headers tell of a client: formats that it takes, its network, its device pixel ratio.

RFC 9110 (Accept), RFC 8942 (client hints), the Network Information API, whose table of effective connection types is used here,
and the Save Data API. Headers that cannot be read say nothing.
"""

import math
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from aiohttp import hdrs
from multidict import CIMultiDictProxy

from proxy.recipe.asked import Client
from proxy.recipe.client import Topic

HEADERS: Final[Mapping[Topic, tuple[str, ...]]] = MappingProxyType(
    {
        Topic.FORMATS: (hdrs.ACCEPT,),
        Topic.NETWORK: ("Save-Data", "ECT", "Downlink", "RTT"),
        Topic.RATIO: ("Sec-CH-DPR", "DPR"),
    }
)
"""The headers that tell of a topic; Accept alone is sent without being asked for."""

_FORMATS: Final = {"image/avif": "avif", "image/webp": "webp"}
_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,17})?")
_WEIGHT: Final = re.compile(r"q=0(?:\.0{0,3})?", re.IGNORECASE)
_CONNECTIONS: Final = {"slow-2g": "poor", "2g": "poor", "3g": "fair", "4g": ""}
_POOR, _FAIR = (1400.0, 0.07), (270.0, 0.7)
"""Milliseconds there and back from which on, and megabits a second up to which, a connection is no better."""

_STEPS: Final = 4
_HIGHEST: Final = 8.0
"""Ratios are told in steps of a quarter, up to this: every other one would be a picture of its own."""


def client_of(headers: CIMultiDictProxy[str]) -> Client:
    """What the headers of a request tell."""
    return Client(_formats(headers.getall(hdrs.ACCEPT, ())), _network(headers), _ratio(headers))


def _formats(accept: Sequence[str]) -> frozenset[str]:
    """The formats that are named. ``image/*`` names none: browsers have sent it that took neither."""
    found = set()
    for part in ",".join(accept).split(","):
        kind, *parameters = part.split(";")
        refused = any(_WEIGHT.fullmatch(parameter.strip()) for parameter in parameters)
        if kind.strip().lower() in _FORMATS and not refused:
            found.add(_FORMATS[kind.strip().lower()])
    return frozenset(found)


def _network(headers: CIMultiDictProxy[str]) -> str:
    """Poor where the user wants to save data; else what the browser calls its connection, else what it measured."""
    if headers.get("Save-Data", "").partition(";")[0].strip().lower() == "on":
        return "poor"
    called = _CONNECTIONS.get(headers.get("ECT", "").strip().lower())
    if called is not None:
        return called
    delay, speed = _number(headers, "RTT"), _number(headers, "Downlink")
    for word, (slowest, fastest) in (("poor", _POOR), ("fair", _FAIR)):
        if (delay is not None and delay >= slowest) or (speed is not None and speed <= fastest):
            return word
    return ""


def _ratio(headers: CIMultiDictProxy[str]) -> float:
    ratio = next((value for name in HEADERS[Topic.RATIO] if (value := _number(headers, name)) is not None), None)
    return 0.0 if not ratio else min(max(1.0, math.ceil(ratio * _STEPS) / _STEPS), _HIGHEST)


def _number(headers: CIMultiDictProxy[str], name: str) -> float | None:
    text = headers.get(name, "").strip()
    return float(text) if _NUMBER.fullmatch(text) else None
