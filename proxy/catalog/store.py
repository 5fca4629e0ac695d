"""Reads a folder of catalogs into a snapshot: the only file of this package that touches the disk.

Knows where files are, in which order they are loaded and what a broken one costs. What they say is for ``reader``,
``attributes`` and ``records``.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from proxy.catalog.attributes import BUILT_IN, inherited, read_attributes
from proxy.catalog.catalog import Catalog, FontKey
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.problems import Problem, shown
from proxy.catalog.reader import Field, Row, read_attribute_file, read_rows
from proxy.catalog.records import (
    FIELDS,
    FONT_FIELDS,
    ICC_FIELDS,
    MACRO_FIELDS,
    STATIC_FIELDS,
    Font,
    Record,
    StaticRecord,
    read_values,
)
from proxy.catalog.rules import NO_RULES, UNUSABLE, RuleSet
from proxy.catalog.rules_file import read_rules
from proxy.errors import CatalogError

DEFAULT_FILE = "default.ini"
_MACRO_SUFFIXES = (".tab", ".txt")
_PROTECTIVE = ("allowdirectaccess", "clientaddressfilter", "requestlock", "requestobfuscation")


def load(catalogs: Path | None, macros: Path | None) -> Catalogs:
    """Read every catalog of a folder, and macro files for the default catalog.

    Without a folder or without ``default.ini`` the default catalog has the built-in values. What cannot be read becomes
    a problem of the snapshot: a catalog whose attribute file cannot be used is left out, one with a broken data file
    goes without its rows.

    Args:
        catalogs: Folder of ``*.ini`` files and the files they name; ``None`` for none.
        macros: Folder of macro files (``*.tab``, ``*.txt``) for the default catalog, loaded by name before its own MacroFile.
    """
    problems: list[Problem] = []
    default = _default_catalog(_Folder(catalogs, problems), _Folder(macros, problems))
    named: dict[str, Catalog] = {}
    for file in _Folder(catalogs, problems).files((".ini",)):
        if file == DEFAULT_FILE:
            continue
        try:
            catalog = _catalog(_Folder(catalogs, problems), file, default)
        except CatalogError as error:
            problems.append(_as_problem(error))
            continue
        if catalog.root_id in named:
            first = named[catalog.root_id].file
            message = f"RootId={catalog.root_id} is that of {first} already; this catalog is left out"
            problems.append(Problem(file, 0, 0, message, "error"))
        else:
            named[catalog.root_id] = catalog
    # data files may be shared by catalogs, and are read once for each
    return Catalogs(default, named, tuple(dict.fromkeys(problems)))


def _as_problem(error: CatalogError) -> Problem:
    return Problem(error.file, error.line, error.column, error.message, "error")


@dataclass(slots=True)
class _Folder:
    """A folder, the digest of what has been read from it so far, and where problems go."""

    root: Path | None
    problems: list[Problem]
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def warn(self, file: str, line: int, message: str) -> None:
        self.problems.append(Problem(file, line, 0, message))

    def files(self, suffixes: tuple[str, ...]) -> list[str]:
        """List the files with one of the suffixes by name."""
        if self.root is None:
            return []
        try:
            found = sorted(path.name for path in self.root.iterdir() if path.is_file())
        except OSError as error:
            self.problems.append(Problem(self.root.name, 0, 0, f"the folder cannot be read: {error.strerror}", "error"))
            return []
        return [name for name in found if name.lower().endswith(suffixes) and not name.startswith(".")]

    def read(self, file: str) -> bytes:
        """Read a file of the folder or of one below it.

        Raises:
            CatalogError: it is elsewhere or cannot be read.
        """
        path = self.path(file)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CatalogError(file, f"the file cannot be read: {error.strerror}") from error
        for part in (file.encode(errors="replace"), data):
            self.digest.update(len(part).to_bytes(8))
            self.digest.update(part)
        return data

    def path(self, file: str) -> Path:
        if self.root is None:
            raise CatalogError(file, "there is no folder to read it from")
        try:
            root = self.root.resolve()
            path = (root / file).resolve()
        # a loop of links, or a name that the file system cannot have
        except (OSError, RuntimeError, ValueError) as error:
            raise CatalogError(shown(file), "the file cannot be read: its path is not valid") from error
        if not path.is_relative_to(root):
            raise CatalogError(file, "the file is outside the catalog folder")
        return path

    def modified(self, file: str) -> int:
        """Give the date of a file in milliseconds since 1970."""
        try:
            return self.path(file).stat().st_mtime_ns // 1_000_000
        except OSError as error:
            raise CatalogError(file, f"the file cannot be read: {error.strerror}") from error

    def rows(self, file: str, fields: Sequence[Field]) -> Iterator[tuple[Row, list[Any]]]:
        """Give the rows of a data file and their values; none if the file is unusable, which is a problem."""
        try:
            for row in read_rows(self.read(file), file, fields, self.problems):
                yield row, read_values(row, fields, file, self.problems)
        except CatalogError as error:
            self.problems.append(_as_problem(error))


def _default_catalog(folder: _Folder, macros: _Folder) -> Catalog:
    shared: dict[str, str] = {}
    for file in macros.files(_MACRO_SUFFIXES):
        _read_macros(macros, file, shared, {})
    folder.digest.update(macros.digest.digest())
    if DEFAULT_FILE in folder.files((".ini",)):
        try:
            return _catalog(folder, DEFAULT_FILE, None, shared)
        except CatalogError as error:
            message = f"{error.message}; the built-in values count"
            folder.problems.append(Problem(error.file, error.line, error.column, message, "error"))
    elif folder.root is not None:
        folder.warn(DEFAULT_FILE, 0, "there is no such file; the built-in values count")
    return Catalog("", "", BUILT_IN, macros=shared, version=folder.digest.hexdigest())


def _catalog(folder: _Folder, file: str, default: Catalog | None, macros: Mapping[str, str] | None = None) -> Catalog:
    """Read a catalog: the default one, which goes on from ``macros``, if ``default`` is ``None``.

    Raises:
        CatalogError: the attribute file cannot be used.
    """
    written = read_attribute_file(folder.read(file), file)
    own, unreadable = read_attributes(written)
    folder.problems += (*written.problems, *unreadable)
    for problem in unreadable:
        # what cannot be read would be inherited, and what is inherited mostly protects nothing
        if problem.message.partition("=")[0].lower() in _PROTECTIVE:
            raise CatalogError(file, f"{problem.message}; the catalog is left out", problem.line, problem.column)
    root_id = own.pop("rootid", "")
    if default is None and root_id:
        folder.warn(
            file, written.entries["rootid"].line, f"RootId={root_id}: expected nothing in the default catalog; it is ignored"
        )
        root_id = ""
    elif default is not None and not root_id:
        raise CatalogError(file, "RootId is missing or empty, and only default.ini goes without; the catalog is left out")
    attributes = inherited(own, BUILT_IN if default is None else default.attributes) | {"rootid": root_id}
    modified = folder.modified(file)
    stated = attributes["timestamp"]
    known = dict(macros or {})
    if attributes["macrofile"]:
        _read_macros(folder, attributes["macrofile"], known, {} if default is None else default.macros)
    return Catalog(
        root_id,
        file,
        attributes,
        default,
        records=_records(folder, attributes, modified),
        statics=_table(folder, attributes["staticcontentcatalogfile"], STATIC_FIELDS, StaticRecord, modified=modified, taken={}),
        macros=known,
        profiles=_profiles(folder, attributes["iccprofilemapfile"]),
        fonts=_fonts(folder, attributes["fontmapfile"]),
        rules=_rules(folder, attributes["rulesetfile"]),
        timestamp=modified if stated is None else stated,
        # the last argument: by now every file has been read
        version=folder.digest.hexdigest(),
    )


def _rules(folder: _Folder, file: str) -> RuleSet:
    """Read the rule set; one that cannot be used refuses every request."""
    if not file:
        return NO_RULES
    try:
        rules, problems = read_rules(folder.read(file), file)
    except CatalogError as error:
        folder.problems.append(_as_problem(error))
        return UNUSABLE
    folder.problems += problems
    return rules


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


_Row = TypeVar("_Row", bound=_HasId)


def _table(
    folder: _Folder,
    files: Sequence[str],
    fields: Sequence[Field],
    make: Callable[..., _Row],
    *,
    modified: int,
    taken: Mapping[str, object],
) -> dict[str, _Row]:
    """Read data files in their order; the last row of an id counts, unless the id is ``taken``.

    A time stamp that is none becomes ``modified`` (``r-timestamp-cat``).
    """
    stamp = next(place for place, field_ in enumerate(fields) if field_.name == "TimeStamp")
    table: dict[str, _Row] = {}
    for file in files:
        seen: set[str] = set()
        for row, values in folder.rows(file, fields):
            if values[stamp] is None and row.texts[stamp]:
                values[stamp] = modified
            record = make(*values)
            name = f"Id={shown(record.id)}"
            if record.id in taken:
                folder.warn(file, row.line, f"{name} is an image of this catalog already; the row is ignored")
                continue
            if record.id in seen:
                folder.warn(file, row.line, f"{name} stands in this file already; the later row counts")
            elif "," in record.id:
                folder.warn(file, row.line, f"{name}: expected an id without commas; no request can name it")
            seen.add(record.id)
            table[record.id] = record
    return table


def _records(folder: _Folder, attributes: Mapping[str, Any], modified: int) -> dict[str, Record]:
    """Read image and SVG data into one table, in which an image wins over an SVG file of its id (``r-id-static``)."""
    images = _table(folder, attributes["catalogfile"], FIELDS, Record, modified=modified, taken={})
    return images | _table(folder, attributes["svgcatalogfile"], FIELDS, Record, modified=modified, taken=images)


def _profiles(folder: _Folder, file: str) -> dict[str, str]:
    return dict(values for _, values in folder.rows(file, ICC_FIELDS)) if file else {}


def _fonts(folder: _Folder, file: str) -> dict[FontKey, Font]:
    fonts: dict[FontKey, Font] = {}
    if file:
        for _, (name, bold, italic, *rest) in folder.rows(file, FONT_FIELDS):
            fonts[name, bool(bold), bool(italic)] = Font(name, bool(bold), bool(italic), *rest)
    return fonts


_INVOCATION = re.compile(r"\$([^$&=?#\s]+)\$")


def _read_macros(folder: _Folder, file: str, known: dict[str, str], inherited_: Mapping[str, str]) -> None:
    """Add the macros of a file to those known; invoking one before its definition is a problem (``r-definition-macro``)."""
    seen: set[str] = set()
    for row, (name, definition) in folder.rows(file, MACRO_FIELDS):
        if name is None:
            # read_values has said so
            continue
        folded = name.lower()
        for command in definition.split("&"):
            invoked = _INVOCATION.fullmatch(command.strip())
            if invoked and invoked[1].lower() not in known and invoked[1].lower() not in inherited_:
                message = f"macro {name} invokes ${invoked[1]}$, which is not defined before it"
                folder.warn(file, row.line, message)
        if folded in seen:
            folder.warn(file, row.line, f"macro {name} stands in this file already; the later one counts")
        seen.add(folded)
        known[folded] = definition
