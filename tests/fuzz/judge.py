"""What a reply may be: which statuses, and whether a body is what its Content-Type says.

Knows nothing of how the request was made but the request itself.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import tifffile
from lxml import etree
from PIL import Image

from tests.fuzz.ask import Ask
from tests.fuzz.wire import Reply

ALLOWED: Final = frozenset({200, 204, 206, 304, 400, 401, 403, 404, 405, 413, 414, 415, 416, 417, 501})
"""Statuses that a request can earn; 503 and 504 are earned by a busy server alone."""

_SAVED_TOO_LATE: Final = 504
_UNBUILT: Final = 501
_PLAYLIST: Final = "application/vnd.apple.mpegurl"
_TERSE: Final = "Not built yet\n"
"""What a catalog with ErrorDetail 0 or 1 lets an error say."""

_NOT_BUILT: Final = re.compile(r"(.+?)(?: \([^)]*\))? is documented, but this version")
_TOLD: Final = re.compile(r"Traceback \(|File \"/|site-packages|/(?:home|usr|proc)/|/root\b|/tmp\b")
_PICTURES: Final = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/tiff": "TIFF",
}
_STARTS: Final = {  # what stands among the first bytes
    "application/pdf": b"%PDF-",
    "application/postscript": b"%!PS",
    "application/zip": b"PK",
    "image/eps": b"%!PS",
    "image/heic": b"ftyp",
    "image/jp2": b"\0\0\0\x0cjP  ",
    "image/vnd.ms-photo": b"II\xbc",
    "image/jxr": b"II\xbc",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a reply: a word that stays the same while a request is made shorter, and what was seen."""

    symptom: str
    seen: str


def judge(ask: Ask, reply: Reply, unbuilt: Iterable[str], *, thoroughly: bool) -> Wrong | None:
    """Say what is wrong with a reply, if anything is. ``thoroughly`` looks into the body as well.

    ``unbuilt`` are the lines of ``isproxy check --unbuilt``.
    """
    text = reply.body[:400].decode("utf-8", "replace")
    if reply.status == _SAVED_TOO_LATE and "timeout" in ask.target.lower():
        return None
    if reply.status not in ALLOWED:
        return Wrong(f"status {reply.status}", text)
    if reply.status == _UNBUILT and not _is_unbuilt(text, unbuilt) and ask.method == "GET":
        return Wrong("status 501 for what is built", text)
    if reply.status != 200 and _TOLD.search(text):  # a good reply may hold anything
        return Wrong("an error that tells too much", text)
    if not thoroughly or reply.status != 200 or ask.method != "GET":  # likewise
        return None
    return _unlike(ask, reply) if not ask.target.startswith("/is/content") else None


def _is_unbuilt(text: str, unbuilt: Iterable[str]) -> bool:
    """Whether a message names something of the list, in any order of its words."""
    said = _NOT_BUILT.search(text.partition(": ")[2])
    return text == _TERSE or (
        said is not None and any(line.partition(" (")[0] in (said[1], said[1].partition(" (")[0]) for line in unbuilt)
    )


def _unlike(ask: Ask, reply: Reply) -> Wrong | None:
    """Decode a body as what it says it is."""
    kind = reply.media_type
    try:
        if kind in _PICTURES:
            _look(reply.body, _PICTURES[kind])
        elif kind in _STARTS:
            _starts(reply.body, _STARTS[kind])
        elif kind == "application/json":
            json.loads(reply.body)
        elif kind == "text/javascript" and "json" in ask.target:
            _padded(_text(reply))
        elif kind in ("text/xml", "application/xml", "application/rdf+xml"):
            etree.fromstring(reply.body, etree.XMLParser(resolve_entities=False, no_network=True))
        elif kind.startswith("text/") or kind == _PLAYLIST:
            _text(reply)
        elif kind != "application/octet-stream":
            return Wrong("a body of an unknown type", kind)
        if kind == "application/zip":
            _unzip(reply.body)
    except Exception as error:  # noqa: BLE001  # decoders by many people: there is no list of what they raise
        return Wrong(f"a body that is no {kind}", f"{type(error).__name__}: {error}; {reply.body[:120]!r}")
    return None


def _look(body: bytes, format_: str) -> None:
    if format_ == "TIFF":
        # Pillow knows no inks with alpha
        with tifffile.TiffFile(io.BytesIO(body)) as file:
            file.asarray()
        return
    with Image.open(io.BytesIO(body), formats=[format_]) as image:
        image.load()


def _starts(body: bytes, start: bytes) -> None:
    if start not in body[:16]:
        raise ValueError(f"it starts with {body[:12]!r}")


def _unzip(body: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        if (bad := archive.testzip()) is not None:
            raise ValueError(f"{bad} is damaged")


def _text(reply: Reply) -> str:
    found = re.search(r"charset=([\w-]+)", reply.headers.get("content-type", ""))
    return reply.body.decode(found[1] if found else "utf-8")


def _padded(text: str) -> None:
    """Read ``handler(json,"id");`` or plain JSON."""
    inner = re.match(r"[^({\[\"]*\((.*)\)\s*;?\s*$", text, re.DOTALL)
    json.loads(f"[{inner[1]}]" if inner else text)
