"""The text of catalog files: bytes in, names and texts with their places out.

Attribute files (``r-catalog-attribute-files``), data files (``r-catalog-data-files``), their encoding
(``r-is-cat-character-encoding``) and quotation marks (``r-text-string``). Knows nothing of what a value means and
touches no disk.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proxy.catalog.datatypes import unquoted
from proxy.catalog.problems import Problem, shown
from proxy.errors import CatalogError
from proxy.protocol.values import ValueType


@dataclass(frozen=True, slots=True)
class Entry:
    """One attribute as written: its text without blanks and quotation marks around it, and where name and text begin."""

    name: str
    text: str
    line: int
    column: int
    name_column: int


@dataclass(frozen=True, slots=True)
class AttributeFile:
    """The entries of an attribute file by name in lower case, in the order of the file."""

    file: str
    entries: Mapping[str, Entry]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a data file. A ``required`` one may not be empty; ``unset`` is a number that means the same as empty."""

    name: str
    type: ValueType[Any]
    help: str
    page: str
    required: bool = False
    unset: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One record: ``texts`` by the place of their field in the list of fields, ``""`` for what is empty or not there.

    ``written`` is the record as it stands in the file and ``places`` where in it each of the texts is.
    """

    line: int
    texts: tuple[str, ...]
    written: tuple[str, ...]
    places: tuple[int | None, ...]

    def position(self, field: int) -> tuple[int, int]:
        """Give line and column at which a field's text begins; column 0 where the row does not have it."""
        place = self.places[field]
        if place is None or place >= len(self.written):
            return self.line, 0
        before = "".join(text + "\t" for text in self.written[:place])
        return self.line + before.count("\n"), len(before) - before.rfind("\n")


@dataclass(frozen=True, slots=True)
class DataFile:
    """The records of a data file, in its order."""

    file: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()


def decoded(data: bytes, file: str, problems: list[Problem]) -> str:
    r"""Decode a file: UTF-8 after a byte order mark, else ISO-8859-1. Every line end becomes ``\n``.

    Raises:
        CatalogError: it is no text.
    """
    if data.startswith(codecs.BOM_UTF8):
        body = data[len(codecs.BOM_UTF8) :]
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            text = body.decode(errors="replace")
            line = len(re.findall(rb"\r\n|\r|\n", body[: error.start])) + 1
            problems.append(Problem(file, line, 0, "not valid UTF-8, though the byte order mark says so; bytes were replaced"))
    else:
        text = data.decode("latin-1")
        if not data.isascii() and _is_utf8(data):
            message = "looks like UTF-8 but has no byte order mark, so it was read as ISO-8859-1"
            problems.append(Problem(file, 0, 0, message))
    if "\0" in text:
        raise CatalogError(file, "expected text in UTF-8 or ISO-8859-1, found zero bytes")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


_ATTRIBUTE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)[ \t]*=[ \t]*", re.ASCII)
_ESCAPED_END = re.compile(r"(?<!\\)\\\Z")


def read_attribute_file(data: bytes, file: str) -> AttributeFile:
    """Read the text of an attribute file.

    Raises:
        CatalogError: it is no text.
    """
    problems: list[Problem] = []
    entries: dict[str, Entry] = {}
    for line, record in _attribute_records(decoded(data, file, problems)):
        start = len(record) - len(record.lstrip(" \t\n"))
        match = _ATTRIBUTE.match(record, start)
        if match is None:
            problems.append(Problem(file, line, start + 1, f"expected name=value, found {shown(record.strip())}"))
            continue
        name = match["name"]
        if name.lower() in entries:
            message = f"{name} stands in line {entries[name.lower()].line} already; the later one counts"
            problems.append(Problem(file, line, start + 1, message))
        text = unquoted(record[match.end() :].strip())
        # taken out first, so that the order is that of the entries which count
        entries.pop(name.lower(), None)
        entries[name.lower()] = Entry(name, text, line, match.end() + 1, start + 1)
    return AttributeFile(file, entries, tuple(problems))


def _attribute_records(text: str) -> Iterator[tuple[int, str]]:
    """Give line number and text of each record that is no comment and not blank, with escaped line ends in it."""
    pieces: list[str] = []
    first = 1
    for number, line in enumerate(text.split("\n"), 1):
        if not pieces:
            first = number
            if not line.strip() or line.lstrip(" \t").startswith("#"):
                continue
        if _ESCAPED_END.search(line):
            pieces.append(line[:-1])
            continue
        yield first, "\n".join((*pieces, line))
        pieces = []
    if pieces:
        yield first, "\n".join(pieces)


def read_data_file(data: bytes, file: str, fields: Sequence[Field]) -> DataFile:
    """Read the text of a data file.

    Raises:
        CatalogError: it is no text, has no header, or its header lacks a required field.
    """
    problems: list[Problem] = []
    rows = tuple(read_rows(data, file, fields, problems))
    return DataFile(file, rows, tuple(problems))


def read_rows(data: bytes, file: str, fields: Sequence[Field], problems: list[Problem]) -> Iterator[Row]:
    """Read the rows of a data file one after the other, adding to ``problems`` on the way; see ``read_data_file``."""
    records = _data_records(decoded(data, file, problems))
    header = next(records, None)
    if header is None:
        raise CatalogError(file, "expected a header record with the names of the fields, found nothing")
    places = _places(*header, file, fields, problems)
    present = [(number, place) for number, place in enumerate(places) if place is not None]
    required = [number for number, field in enumerate(fields) if field.required]
    width = len(header[1])
    for line, written in records:
        if len(written) < width or any(written[width:]):
            problems.append(Problem(file, line, 0, f"the row has {len(written)} fields, the header {width}"))
        texts = [""] * len(fields)
        for number, place in present:
            if place < len(written):
                texts[number] = unquoted(written[place])
        lacking = [fields[number].name for number in required if not texts[number]]
        if lacking:
            problems.append(Problem(file, line, 0, f"{lacking[0]} is empty; the row is ignored"))
        else:
            yield Row(line, tuple(texts), tuple(written), places)


def _places(line: int, names: list[str], file: str, fields: Sequence[Field], problems: list[Problem]) -> tuple[int | None, ...]:
    """Find the column of each field in the header."""
    known = {field.name.lower() for field in fields}
    found: dict[str, int] = {}
    column = 1
    for place, written in enumerate(names):
        name = unquoted(written.strip()).strip()
        if name.startswith("."):
            pass
        elif not name:
            problems.append(Problem(file, line, column, "expected the name of a field; the column is ignored"))
        elif name.lower() not in known:
            problems.append(Problem(file, line, column, f"{shown(name)} is no field; the column is ignored"))
        elif name.lower() in found:
            problems.append(Problem(file, line, column, f"{name} stands in the header already; the column is ignored"))
        else:
            found[name.lower()] = place
        column += len(written) + 1
    for field in fields:
        if field.required and field.name.lower() not in found:
            raise CatalogError(file, f"the header has no field {field.name}", line)
    return tuple(found.get(field.name.lower()) for field in fields)


_QUOTED = re.compile(r"""(?:"(?:[^"]|"")*+"|'(?:[^']|'')*+')(?=[\t\n]|\Z)""")
_FIELD_END = re.compile(r"[\t\n]|\Z")


def _data_records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give line number and fields, quotation marks and all, of each record that is not blank."""
    at, line = 0, 1
    while at < len(text):
        end = text.find("\n", at)
        if end < 0:
            end = len(text)
        record = text[at:end]
        if record.startswith(('"', "'")) or '\t"' in record or "\t'" in record:
            fields, end = _split_quoted(text, at)
            yield line, fields
        elif record and not record.isspace():
            yield line, record.split("\t")
        line += text.count("\n", at, end) + 1
        at = end + 1


def _split_quoted(text: str, at: int) -> tuple[list[str], int]:
    """Split the record that begins at ``at`` and may have line ends between quotation marks; also give its end."""
    fields: list[str] = []
    while True:
        match = _QUOTED.match(text, at)
        # the second pattern matches at the end of the text at the latest
        end = match.end() if match else next(_FIELD_END.finditer(text, at)).start()
        fields.append(text[at:end])
        if end == len(text) or text[end] == "\n":
            return fields, end
        at = end + 1
