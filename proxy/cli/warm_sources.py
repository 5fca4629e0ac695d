"""Where the URLs to warm come from: lists, access logs, sitemaps, catalogs.

Every source is a generator that reads as it is asked, so millions of URLs take no more memory than one. It knows the
formats of its inputs; it must not know what is done with the URLs. Streams are handed in, and so is the way to open a
location: nothing here touches disk or network by itself, but for the temporary file of what was seen.
"""

import gzip
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from hashlib import blake2b
from typing import IO, cast

import yarl
from lxml import etree

from proxy.cli.warm_target import is_image_target, names_image, record_target
from proxy.errors import BadSyntax, IsproxyError

Opener = Callable[[str], IO[bytes]]
"""Opens a file name or a URL. The stream can be sought in, and the reader closes it."""

Tell = Callable[[str], None]
"""Takes a sentence about an input, or a part of one, that could not be read."""

_LONGEST_LINE = 1 << 16
_DEEPEST = 4
_FIRST_PRINTED, _LAST_PRINTED = 0x21, 0x7E  # the characters of ASCII that may stand in a target
_GZIP = b"\x1f\x8b"
_UTF8_MARK = b"\xef\xbb\xbf"
_UNREADABLE = (IsproxyError, OSError, EOFError, zlib.error, etree.XMLSyntaxError)

# ``… [time] "GET target HTTP/1.1" 200 …``; some servers leave out the protocol for HTTP/0.9.
_LOGGED = re.compile(r'\] "(?:GET|HEAD) (\S+)(?: HTTP/[0-9.]+)?" [0-9]{3}(?: |$)')
_SERVER = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_BREAK = re.compile(r"\s*[\t\r\n]\s*")
_ESCAPED = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|(["\\]))')


class Reading:
    """How far the reading has got: some parts, one after the other, each of a size that may be unknown."""

    def __init__(self, parts: int) -> None:
        self._parts = parts
        self._begun = 0
        self._share: float | None = None

    def begin(self) -> None:
        """Go on to the next part, of unknown size."""
        self._begun += 1
        self._share = None

    def at(self, done: int, size: int) -> None:
        """Say how much of the current part has been read, in any unit."""
        self._share = min(1.0, done / size) if size else None

    @property
    def share(self) -> float | None:
        """What has been read of everything, from 0 to 1; ``None`` where nobody can know."""
        return None if self._share is None else (self._begun - 1 + self._share) / self._parts


def guarded(name: str, texts: Iterable[str], tell: Tell) -> Iterator[str]:
    """Pass the texts on; an input that cannot be read any further is told about, and ends."""
    try:
        yield from texts
    except _UNREADABLE as error:
        tell(f"{name}: {_why(error)}")


def _why(error: Exception) -> str:
    if isinstance(error, IsproxyError):
        return error.detail
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)


def listed(stream: IO[bytes], size: int, reading: Reading, tell: Tell) -> Iterator[str]:
    """Read URLs or paths, one on a line; ``size`` is that of the file, or 0 where it has none.

    Blank lines and lines that begin with ``#`` are left out. What follows a tab is a remark: the file of failures has
    the reason there.
    """
    for number, line in enumerate(_lines(stream, size, reading), start=1):
        if line is None:
            tell(f"line {number} has more than {_LONGEST_LINE} characters and is left out")
            continue
        text = line.partition("\t")[0].strip()
        if text and not text.startswith("#"):
            yield text


def logged(stream: IO[bytes], size: int, reading: Reading) -> Iterator[str]:
    """Read the targets of an access log, each distinct one once; see ``logged_target``."""
    targets = (logged_target(line) for line in _lines(stream, size, reading) if line is not None)
    yield from distinct(target for target in targets if target is not None)


def logged_target(line: str) -> str | None:
    r"""Return what a line of an access log in common or combined format asked for: the target of a GET or HEAD for an image.

    Any other line gives ``None``. Web servers escape quotes, backslashes and bytes beyond ASCII in their logs as ``\"``,
    ``\\`` and ``\xHH``; that is taken back, so the target is what the client sent.
    """
    match = _LOGGED.search(line)
    if match is None:
        return None
    target = _ESCAPED.sub(_unescaped, _SERVER.sub("", match[1], count=1))
    return target if is_image_target(target) else None


def _unescaped(match: re.Match[str]) -> str:
    if match[2]:
        return match[2]
    code = int(match[1], 16)
    return chr(code) if _FIRST_PRINTED <= code <= _LAST_PRINTED else f"%{code:02X}"


def distinct(texts: Iterable[str]) -> Iterator[str]:
    """Pass on each text once. What was seen is kept in a temporary file, so the memory for it is bounded."""
    # An empty name is SQLite's for a file of its own that vanishes with the connection. A generator may be closed by
    # another thread than the one that ran it.
    with closing(sqlite3.connect("", isolation_level=None, check_same_thread=False)) as seen:
        seen.execute("PRAGMA journal_mode = OFF")
        seen.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        seen.execute("BEGIN")
        for text in texts:
            digest = blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()
            if seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,)).rowcount:
                yield text


def mapped(location: str, opened: Opener, tell: Tell) -> Iterator[str]:
    """Read the Image Serving URLs of a sitemap, each distinct one once: those in ``loc`` of pages and in ``image:loc``.

    ``location`` is a file name or a URL. A sitemap index leads to its sitemaps, and so on for a few levels; one that cannot
    be read is told about, and the reading goes on with the next. Files may be compressed with gzip, whatever their names.

    Raises:
        IsproxyError, OSError, EOFError, zlib.error, etree.XMLSyntaxError: the first file cannot be read.
    """
    yield from distinct(_sitemap(location, opened, tell, ()))


def _sitemap(location: str, opened: Opener, tell: Tell, above: tuple[str, ...]) -> Iterator[str]:
    with opened(location) as file, _unzipped(file) as stream:
        for parent, text in _locations(stream):
            if parent != "sitemap":
                if names_image(text):
                    yield text
                continue
            child = _beside(location, text)
            if child in (*above, location) or len(above) + 1 >= _DEEPEST:
                tell(f"{child}: left out, the sitemap indexes lead round in circles or too deep")
            else:
                yield from guarded(child, _sitemap(child, opened, tell, (*above, location)), tell)


def _locations(stream: IO[bytes]) -> Iterator[tuple[str, str]]:
    """Give the text of every ``loc`` with the name of the element around it, and forget what was read."""
    # The files come from anywhere: no entities, no DTD, no network.
    events = etree.iterparse(
        stream,
        events=("end",),
        tag=("{*}loc", "{*}image", "{*}url", "{*}sitemap"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    for _, element in events:
        parent = element.getparent()
        if parent is None:
            continue
        if etree.QName(element).localname != "loc":
            element.clear()
            del parent[: parent.index(element)]
            continue
        if len(element):
            raise BadSyntax(f"line {element.sourceline}: expected a URL in <loc> without elements or entities")
        text = _BREAK.sub("", (element.text or "").strip())
        if text:
            yield etree.QName(parent).localname, text


def is_url(location: str) -> bool:
    """Whether a location is an http or https URL; anything else is a file name."""
    return location.lower().startswith(("http://", "https://"))


def _beside(location: str, text: str) -> str:
    """Resolve what an index names. A foreign index cannot name files here: relative to a URL everything is a URL."""
    if is_url(text):
        return text
    if is_url(location):
        try:
            return str(yarl.URL(location).join(yarl.URL(text)))
        except ValueError:
            raise BadSyntax(f"{text[:200]!a} is not the URL of a sitemap") from None
    folder, slash, _ = location.replace("\\", "/").rpartition("/")
    return folder + slash + text


def catalogued(catalog: str, records: Iterable[str], macros: tuple[str, ...], reading: Reading) -> Iterator[str]:
    """Give the target of every record with every macro."""
    names = list(records)
    reading.begin()
    for number, record in enumerate(names, start=1):
        yield from (record_target(catalog, record, macro) for macro in macros)
        reading.at(number, len(names))


def _lines(file: IO[bytes], size: int, reading: Reading) -> Iterator[str | None]:
    """Give the lines of a stream; ``None`` for one that is too long to hold a URL. Undecodable bytes become surrogates."""
    reading.begin()
    with file, _unzipped(file) if size else nullcontext(file) as stream:
        mark = _UTF8_MARK
        while line := stream.readline(_LONGEST_LINE):
            short = _ends(line)
            rest = b"" if short else line
            while not _ends(rest) and rest:
                rest = stream.readline(_LONGEST_LINE)
            if size:
                reading.at(file.tell(), size)
            yield line.removeprefix(mark).decode("utf-8", "surrogateescape") if short else None
            mark = b""


def _ends(line: bytes) -> bool:
    return line.endswith(b"\n") or len(line) < _LONGEST_LINE


def _unzipped(file: IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    packed = file.read(len(_GZIP)) == _GZIP
    file.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else nullcontext(file)
