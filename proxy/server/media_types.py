"""Media types of files by their suffix: the same on every machine, whatever is installed there."""

import mimetypes
from typing import Final

UNKNOWN: Final = "application/octet-stream"

_FURTHER: Final = {
    ".avif": "image/avif",
    ".f4v": "video/mp4",
    ".flv": "video/x-flv",
    ".gz": "application/gzip",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".j2k": "image/j2c",
    ".jp2": "image/jp2",
    ".js": "text/javascript",
    ".json": "application/json",
    ".jxr": "image/jxr",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4v": "video/mp4",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".otf": "font/otf",
    ".psb": "image/vnd.adobe.photoshop",
    ".psd": "image/vnd.adobe.photoshop",
    ".srt": "text/plain",
    ".svgz": "image/svg+xml",
    ".swf": "application/x-shockwave-flash",
    ".ttf": "font/ttf",
    ".vtt": "text/vtt",
    ".wdp": "image/jxr",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
_SAYS_ITSELF: Final = ("text/html", "text/xml")
"""Texts that name their encoding inside, which a charset parameter would override."""

_TEXTS: Final = ("application/json", "application/xml", "image/svg+xml")


def _table() -> dict[str, str]:
    known = mimetypes.MimeTypes()
    return {**known.types_map[True], **_FURTHER}


_TABLE: Final = _table()


def media_type(path: str) -> str:
    """The media type of a file, with a charset where a text does not say its own."""
    name, period, suffix = path.rpartition("/")[2].rpartition(".")
    found = _TABLE.get(f".{suffix.lower()}", UNKNOWN) if name and period else UNKNOWN
    return f"{found}; charset=utf-8" if found.startswith("text/") and found not in _SAYS_ITSELF else found


def is_text(type_: str) -> bool:
    """Whether files of a media type are texts."""
    plain = type_.partition(";")[0]
    return plain.startswith("text/") or plain in _TEXTS
