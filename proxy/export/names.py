"""Names of zip entries: safe wherever the zip is unpacked, and different from one another there.

Protocol decision 18. Knows texts alone: no archive, no file, no asset.
"""

import unicodedata
from typing import Final

MAX_BYTES: Final = 200
"""Length of a name in UTF-8; file systems take 255, and a number may have to be added."""

_FALLBACK = "asset"
_FORBIDDEN = frozenset('<>:"|?*/\\')
_UNPRINTABLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_JOINERS = frozenset("\u200c\u200d")
"""Format characters that belong to the spelling of words and emoji."""

_DEVICES = frozenset(
    ("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", *(port + digit for port in ("COM", "LPT") for digit in "0123456789¹²³"))
)

_IMAGE_SUFFIXES = frozenset(
    f".{word}"
    for word in (
        *(
            "jpg",
            "jpeg",
            "jpe",
            "jfif",
            "pjpeg",
            "png",
            "png8",
            "gif",
            "tif",
            "tiff",
            "ptif",
            "ptiff",
            "webp",
            "avif",
            "heic",
            "heif",
        ),
        *("bmp", "dib", "eps", "epsf", "ps", "pdf", "psd", "psb", "svg", "svgz", "jp2", "j2k", "jpf", "jpx", "jxr", "wdp", "hdp"),
        *("tga", "ico", "pct", "pict", "fpx", "dng", "ai", "exr", "ppm", "pgm", "pbm", "pnm"),
    )
)


def safe_name(text: str) -> str:
    """Make a file name of any text: no folders, nothing that Windows, macOS or Linux refuse, at most ``MAX_BYTES`` long.

    The name is in Unicode's form NFC. What may not stand in a name becomes ``_``.
    """
    name = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2]
    name = "".join(character if _may_stand(character) else "_" for character in name)
    name = name.strip(" ").rstrip(" .")
    if not name.strip("."):
        name = _FALLBACK
    if name.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        name = f"_{name}"
    return _shortened(name)


def converted_name(text: str, suffix: str) -> str:
    """Name a rendition after the last element of its object: without the suffix of an image, with that of the rendition.

    ``suffix`` begins with its period. ``fileToExport.jpg`` and ``.tiff`` give ``fileToExport.tiff``.
    """
    stem, found = split_suffix(safe_name(text))
    if found.lower() not in _IMAGE_SUFFIXES:
        stem += found
    return safe_name(_cut(stem, MAX_BYTES - len(suffix)) + suffix)


def split_suffix(name: str) -> tuple[str, str]:
    """Cut a name before the period of its suffix. A period that begins or ends a name begins no suffix."""
    stem, period, suffix = name.rpartition(".")
    return (stem, period + suffix) if stem.strip(".") and suffix else (name, "")


class Names:
    """The names that an archive holds already; upper and lower case make no difference."""

    def __init__(self, *taken: str) -> None:
        self._taken: dict[str, int] = {_folded(name): 1 for name in taken}

    def claim(self, name: str) -> str:
        """Give the name, with `` (2)``, `` (3)`` … before its suffix if it is taken."""
        wanted = _folded(name)
        if wanted not in self._taken:
            self._taken[wanted] = 1
            return name
        stem, suffix = split_suffix(name)
        while True:
            self._taken[wanted] += 1
            numbered = f"{stem} ({self._taken[wanted]}){suffix}"
            if _folded(numbered) not in self._taken:
                self._taken[_folded(numbered)] = 1
                return numbered


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _may_stand(character: str) -> bool:
    return character in _JOINERS or (character not in _FORBIDDEN and unicodedata.category(character) not in _UNPRINTABLE)


def _shortened(name: str) -> str:
    """Shorten a name in its stem, so that the suffix stays."""
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, suffix = split_suffix(name)
    room = MAX_BYTES - len(suffix.encode())
    return _cut(stem, room) + suffix if room > MAX_BYTES // 2 else _cut(name, MAX_BYTES)


def _cut(text: str, length: int) -> str:
    """Cut a text to a length in UTF-8, between characters, leaving no blank or period at its end."""
    return text.encode()[:length].decode(errors="ignore").rstrip(" .")
