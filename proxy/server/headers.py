"""From an answer to HTTP: caching headers, validators, conditional and partial replies.

Protocol decision 15; ``r-expiration-cat`` ("never" answers every conditional request with 304), RFC 9110 and 9111; RFC 8942 for
replies that depend on what a client tells of itself.
"""

import hashlib
import re
import time
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime

from aiohttp import hdrs, web

from proxy.answers._base import NEVER, Reply
from proxy.server.hints import HEADERS

_HOUR = 3600
_YEAR = 365 * 24 * _HOUR
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})\Z", re.IGNORECASE)
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')

CROSS_ORIGIN: dict[str, str] = {hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*"}


@dataclass(frozen=True, slots=True)
class Frame:
    """A response without its body, of which bytes ``first`` to ``last`` are to be sent; none if ``last`` is before ``first``."""

    status: int
    headers: dict[str, str]
    first: int = 0
    last: int = -1


def frame(request: web.Request, reply: Reply, length: int) -> Frame:
    """Decide what of a body of some bytes is sent: the whole, a part, or nothing where the client has it already."""
    headers = _headers(reply)
    if reply.hours is not None and _unchanged(request, reply, headers):
        return Frame(304, headers)
    headers[hdrs.CONTENT_TYPE] = reply.media_type
    headers[hdrs.ACCEPT_RANGES] = "bytes"
    partial = _range(request, length, headers.get(hdrs.ETAG, ""))
    if partial is None:
        return Frame(200, headers, 0, length - 1)
    first, last = partial
    if first > last:
        headers[hdrs.CONTENT_RANGE] = f"bytes */{length}"
        return Frame(416, headers)
    headers[hdrs.CONTENT_RANGE] = f"bytes {first}-{last}/{length}"
    return Frame(206, headers, first, last)


def respond(request: web.Request, reply: Reply) -> web.Response:
    """Answer a request with a reply whose body is at hand."""
    framed = frame(request, reply, len(reply.body))
    body = reply.body[framed.first : framed.last + 1] if framed.status in (200, 206) else None
    return web.Response(status=framed.status, body=body, headers=framed.headers)


def _headers(reply: Reply) -> dict[str, str]:
    headers = dict(CROSS_ORIGIN)
    if reply.made is not None:
        headers["X-Cache"] = "miss" if reply.made else "hit"
    if reply.heeds:
        heard = [name for topic in reply.heeds for name in HEADERS[topic]]
        headers[hdrs.VARY] = ", ".join(heard)
        if hints := [name for name in heard if name != hdrs.ACCEPT]:
            headers["Accept-CH"] = ", ".join(hints)
    if reply.hours is None:
        headers[hdrs.CACHE_CONTROL] = "no-store"
        return headers
    seconds = _YEAR if reply.hours == NEVER else int(reply.hours * _HOUR)
    headers[hdrs.CACHE_CONTROL] = f"public, max-age={seconds}" if seconds else "no-cache, max-age=0"
    headers[hdrs.EXPIRES] = formatdate(time.time() + seconds, usegmt=True)
    tag = reply.etag or hashlib.md5(reply.body, usedforsecurity=False).hexdigest()
    headers[hdrs.ETAG] = f'"{tag}"'
    if reply.modified is not None:
        headers[hdrs.LAST_MODIFIED] = formatdate(reply.modified // 1000, usegmt=True)
    return headers


def _unchanged(request: web.Request, reply: Reply, headers: dict[str, str]) -> bool:
    """Whether a conditional request may be answered with 304."""
    tags, since = request.headers.get(hdrs.IF_NONE_MATCH), request.headers.get(hdrs.IF_MODIFIED_SINCE)
    if tags is None and since is None:
        return False
    if reply.hours == NEVER:
        return True
    if tags is not None:
        return tags.strip() == "*" or headers[hdrs.ETAG] in _ENTITY_TAG.findall(tags)
    if reply.modified is None or since is None:
        return False
    try:
        return reply.modified // 1000 <= parsedate_to_datetime(since).timestamp()
    except (ValueError, OverflowError):
        # RFC 9110, 13.1.3: a date that cannot be read is passed over
        return False


def _range(request: web.Request, length: int, tag: str) -> tuple[int, int] | None:
    """First and last byte asked for; first behind last if there is no such byte; ``None`` for the whole.

    Several ranges, other units and what cannot be read are passed over (RFC 9110, 14.2).
    """
    match = _RANGE.match(request.headers.get(hdrs.RANGE, "").replace(" ", ""))
    condition = request.headers.get(hdrs.IF_RANGE)
    if match is None or not any(match.groups()) or request.method != hdrs.METH_GET or condition not in (None, tag):
        return None
    begin, end = match.groups()
    if not begin:
        return (max(0, length - int(end)), length - 1) if int(end) else (1, 0)
    first, last = int(begin), min(int(end), length - 1) if end else length - 1
    if end and int(end) < first:
        return None
    return (first, last) if first < length else (1, 0)
