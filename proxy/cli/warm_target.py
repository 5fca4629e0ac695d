"""What is sent for one URL or path: where it goes, and the exact text of its target.

Knows schemes, hosts and the paths of Image Serving; where a query is cut it asks ``proxy.protocol.grammar``, so that nested
requests stay whole. It must not know replies, nor where the URLs come from. Nothing here reads or writes anything.
"""

import re
from functools import lru_cache
from urllib.parse import quote

import yarl

from proxy.errors import BadSyntax, BadValue
from proxy.protocol.grammar import decode, split_modifiers, split_target

_ABSOLUTE = re.compile(r"(?:(https?):)?//([^/?#\\\s]+)(?![^/?#])(.*)", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:/", re.IGNORECASE)
_IMAGE_PATH = re.compile(r"/+is/+image(?![^/?])")
_UNSENDABLE = re.compile(rb"[^\x21-\x7e]")

# What has no meaning of its own, neither in a URL nor in the protocol, so that the paths stay readable.
_PLAIN = ":@,!"


def is_image_target(path: str) -> bool:
    """Whether a target, query included, begins with ``/is/image``: a request for an image and not for something else."""
    return _IMAGE_PATH.match(path) is not None


def names_image(url: str) -> bool:
    """Whether the path of a URL, absolute or not, holds ``/is/image``, wherever the server is mounted."""
    return _IMAGE_PATH.search(url.partition("?")[0]) is not None


def record_target(catalog: str, record: str, macro: str) -> str:
    """Return the target of a record with a macro, every part encoded. ``macro`` stands with or without its ``$``."""
    path = f"/is/image/{quote(catalog, safe=_PLAIN)}/{quote(record, safe=_PLAIN + '/')}"
    return f"{path}?${quote(macro.strip('$'), safe=_PLAIN)}$"


def read_base(text: str) -> str:
    """Read the server that requests go to: scheme and authority, and the path before ``/is`` if there is one.

    Raises:
        BadValue: it is not an absolute http or https URL, or has a query or a fragment.
    """
    expected = "a URL such as http://127.0.0.1:8080"
    match = _ABSOLUTE.fullmatch(text.strip())
    if not match or not match[1] or "?" in match[3] or "#" in match[3]:
        raise BadValue("--base", text, expected)
    try:
        return _origin(match[1], match[2]) + _sendable(match[3]).rstrip("/")
    except BadSyntax:
        raise BadValue("--base", text, expected) from None


def request_url(text: str, base: str | None, *, loadcache: bool) -> yarl.URL:
    """Return the URL that is requested for an absolute URL or a path.

    The target is sent as it is written, reserved characters included; only what cannot stand in a request line (white
    space, controls, bytes beyond ASCII) is encoded, and a fragment is left off. ``base`` (of ``read_base``) takes relative
    paths and replaces the server of absolute URLs. With ``loadcache`` the request only fills the cache (``r-loadcache``).

    Raises:
        BadSyntax: it has another scheme or an unreadable host, or it is relative and there is no base.
    """
    text = text.strip()
    match = None if is_image_target(text) else _ABSOLUTE.fullmatch(text)
    if match is None and _SCHEME.match(text):
        raise BadSyntax("expected an http or https URL or a path")
    if match is None and base is None:
        raise BadSyntax("a path needs --base")
    target = _sendable((match[3] if match else text).partition("#")[0])
    if not target.startswith("/"):
        target = f"/{target}"
    if loadcache:
        _, query = split_target(target)
        before = target.removesuffix(query)
        target = f"{before}{'' if '?' in before else '?'}{with_loadcache(query)}"
    if base is None:
        assert match is not None  # noqa: S101  # a path without a base was refused above
        base = _origin(match[1] or "https", match[2])
    return yarl.URL(base + target, encoded=True)


def with_loadcache(query: str) -> str:
    """Return a query whose request type is ``loadcache``: any other ``req=`` of its own is left out, the rest kept as it is."""
    kept = [part for _, part in split_modifiers(query) if not _is_request_type(part)]
    return "&".join([*kept, "req=loadcache"]) if query else "req=loadcache"


def _is_request_type(modifier: str) -> bool:
    name, equals, _ = modifier.partition("=")
    return bool(equals) and decode(name).strip().lower() == "req"


def _sendable(text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return _UNSENDABLE.sub(lambda match: b"%%%02X" % match.group()[0], data).decode("ascii")


@lru_cache(maxsize=256)
def _origin(scheme: str, authority: str) -> str:
    try:
        url = yarl.URL(f"{scheme.lower()}://{authority}")
    except ValueError:
        url = yarl.URL()
    if not url.host:
        raise BadSyntax(f"{authority[:200]!a} is not a host")
    return str(url).rstrip("/")
