"""What keeps requests from being altered: RequestLock, RequestObfuscation, and signatures of our own.

Pages: ``r-request-locking``, ``r-request-obfuscation``, ``r-requestlock``, ``r-requestobfuscation``; protocol decision
22 (23, 24). The protocol's lock is a checksum that anybody can reckon, and its obfuscation an encoding: neither keeps a secret. A
signature is an HMAC with a key that only the pages' author and the server know.

    query            = modifiers                                  as it was written
    locked           = modifiers "&" four hexadecimal digits       sum over the modifiers
    obfuscated       = base64 of the locked or plain modifiers
    signed           = [ any of these "&" ] [ ".expires=" seconds "&" ] ".signature=" 43 characters

``.expires`` and ``.signature`` are comments of the protocol: whatever server reads such a URL passes over them, and no command,
macro or variable can have their names. Every function takes and gives raw queries, without the question mark.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from proxy.errors import Refused

SHORTEST_KEY: Final = 16
"""Characters that a key of signatures has at least; configuration and commands see to it."""

_LOCK = re.compile(r"(?P<modifiers>.*)&(?P<lock>[0-9A-Fa-f]{4})", re.DOTALL)
_FACTOR, _MASK = 131, 0xFFFF

_BASE64 = re.compile(rb"(?P<digits>[A-Za-z0-9+/_-]+)(?P<padding>=*)")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_QUANTUM = 4

_SIGNED = re.compile(r"(?P<signed>(?:.*&)?)\.signature=(?P<signature>[A-Za-z0-9_-]{43})", re.DOTALL)
_EXPIRES = re.compile(r"(?:.*&)?\.expires=(?P<seconds>[0-9]{1,15})&", re.DOTALL)
_EXPIRES_BELOW = 10**15
_SEALS = re.compile(r"(?:(?:\A|&)\.(?:expires|signature)=[^&]*)+\Z")
_DOMAIN = b"isproxy signed request 1\n"

_IN_PATH = "!$%&'()*+,-./:;=@_~"
"""What browsers leave alone in a path, beside letters and digits; the percent sign begins escapes."""

_IN_QUERY = "!$%&()*+,-./:;=?@_~"
"""Likewise in a query: there an apostrophe is escaped by some."""


def escaped(query: str) -> str:
    """Escape what browsers and proxies would escape on the way: blanks, quotation marks, braces, what is not ASCII.

    Escapes that are there already stay.
    """
    return quote(_bytes(query), safe=_IN_QUERY)


# ---- lock


def lock(modifiers: str) -> str:
    """Give the lock of encoded modifiers: four hexadecimal digits, zeros in front included."""
    sum_ = 0
    for byte in _bytes(modifiers):
        sum_ = (sum_ * _FACTOR + byte) & _MASK
    return f"{sum_:04x}"


def locked(query: str) -> str:
    """Append the lock; an empty query needs none."""
    return f"{query}&{lock(query)}" if query else query


def check_lock(query: str) -> str:
    """Give a query without its lock.

    Raises:
        Refused: there is no lock behind the modifiers, or that of others.
    """
    if not query:
        return query
    found = _LOCK.fullmatch(query)
    if found is None or found["lock"].lower() != lock(found["modifiers"]):
        raise Refused("RequestLock: the request does not end in the lock of its modifiers")
    return found["modifiers"]


# ---- obfuscation


def obfuscate(query: str) -> str:
    """Encode a query, with its lock if it has one."""
    return base64.b64encode(_bytes(query)).decode("ascii")


def deobfuscate(query: str) -> str:
    """Decode a query: with or without padding, either alphabet, percent escapes undone before.

    What is decoded is UTF-8, or Latin-1 where that cannot be. An empty query stays empty.

    Raises:
        Refused: it is not base64.
    """
    if not query:
        return query
    found = _BASE64.fullmatch(unquote_to_bytes(_bytes(query)))
    missing = -len(found["digits"]) % _QUANTUM if found is not None else 0
    # one digit alone makes no byte
    if found is None or missing == _QUANTUM - 1 or len(found["padding"]) > missing:
        raise Refused("RequestObfuscation: the modifiers are not in base64")
    data = base64.b64decode(found["digits"].translate(_STANDARD) + b"=" * missing)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def opened(arrived: str, rewritten: str, *, locked: bool, obfuscated: bool) -> str:
    """Give the modifiers of a request after obfuscation and lock have been taken off, as far as they are demanded.

    The lock is that of the query as it arrived. What rules put around it was written by the keeper of the catalog, so it is
    neither locked nor encoded.

    Args:
        arrived: The query as it was sent.
        rewritten: The same after the rules of the catalog; equal to ``arrived`` if there are none.
        locked: Whether RequestLock holds for this request.
        obfuscated: Whether RequestObfuscation does.

    Raises:
        Refused: the lock or the encoding is missing or wrong.
    """
    plain = deobfuscate(arrived) if obfuscated else arrived
    if locked:
        plain = check_lock(plain)
    if plain == arrived:
        return rewritten
    at = rewritten.find(arrived)
    # once only: a client must not choose a text that stands in what rules wrote, and have that decoded in its place
    if at >= 0 and at == rewritten.rfind(arrived):
        return rewritten[:at] + plain + rewritten[at + len(arrived) :]
    # rules took something away from what was sent, or put something between
    return deobfuscate(rewritten) if obfuscated else rewritten


# ---- signatures


@dataclass(frozen=True, slots=True)
class Verified:
    """A request whose signature is right: its query without it, and when it expires, in seconds since 1970."""

    query: str
    expires: int | None = None


def sign(path: str, query: str, key: str, expires: int | None = None) -> str:
    """Give a signed request: path, question mark, query.

    What browsers would escape on their way is escaped before, so that it arrives as it was signed. A seal that is there
    already is replaced. RequestLock and RequestObfuscation come first.

    Args:
        path: The raw path from ``/is/`` on, such as ``/is/image/shop/shoe``: without scheme, host and root_path.
        query: The raw query without its question mark.
        key: The secret; of at least ``SHORTEST_KEY`` characters.
        expires: Seconds since 1970 at which the request is no longer answered; ``None`` for never.

    Raises:
        ValueError: ``expires`` is negative or has more than 15 digits, and would not be read back.
    """
    if expires is not None and not 0 <= expires < _EXPIRES_BELOW:
        raise ValueError(f"expires={expires}: expected seconds since 1970")
    path = quote(_bytes(path), safe=_IN_PATH)
    signed = escaped(_SEALS.sub("", query))
    if signed:
        signed += "&"
    if expires is not None:
        signed += f".expires={expires}&"
    return f"{path}?{signed}.signature={_signature(path, signed, key)}"


def verify(path: str, query: str, keys: Sequence[str], now: float) -> Verified:
    """Check the signature of a request.

    Args:
        path: The raw path as it arrived, from ``/is/`` on.
        query: The raw query as it arrived.
        keys: The secrets that count; several while keys are changed.
        now: Seconds since 1970.

    Raises:
        Refused: it is not signed, has been altered or was signed with another key, or has expired. Of a request that was
            altered no more is told.
    """
    found = _SIGNED.fullmatch(query)
    if found is None:
        raise Refused("the request is not signed: expected .signature= as its last modifier")
    given = found["signature"].encode()
    # every key is tried, so the time does not tell which one it was
    right = [hmac.compare_digest(_signature(path, found["signed"], key).encode(), given) for key in keys]
    if not any(right):
        raise Refused("the signature is not that of this request")
    limit = _EXPIRES.fullmatch(found["signed"])
    expires = None if limit is None else int(limit["seconds"])
    if expires is not None and now >= expires:
        raise Refused("the request has expired")
    return Verified(_SEALS.sub("", query), expires)


def _signature(path: str, signed: str, key: str) -> str:
    """Give the HMAC-SHA256 in URL-safe base64 without padding.

    Its input is the name of the purpose, the length of the path in eight bytes, the path, and all of the query in front
    of ``.signature=``: no two requests have the same.
    """
    raw = _bytes(path)
    message = _DOMAIN + len(raw).to_bytes(8) + raw + _bytes(signed)
    digest = hmac.digest(_bytes(key), message, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    """Give UTF-8, for any text at all: what is no character, such as half of a pair, has bytes of its own too."""
    return text.encode("utf-8", "surrogatepass")
