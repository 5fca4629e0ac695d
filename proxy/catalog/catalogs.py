"""All catalogs as they stood at one moment, and how objects of requests are found in them (``r-object``, ``r-fullmatch``).

A frozen value. Touches no disk: whether a file exists is not its question.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from proxy.catalog.catalog import Catalog
from proxy.catalog.locale import AS_IS, translated
from proxy.catalog.problems import Problem
from proxy.catalog.profiles import ProfileFile, Standard, find_profile
from proxy.catalog.records import Record
from proxy.errors import Refused


@dataclass(frozen=True, slots=True)
class Resolved:
    """What an object of a request turned out to be.

    Attributes:
        object: The object as named, without empty path elements.
        catalog: The catalog whose attributes apply.
        owner: The catalog that has the record: ``catalog`` or, where it lacks it, the default one. Its macros are those that the
            record's modifiers may use, and its RootPath and DefaultExt made the paths below. ``catalog`` if there is no
            record.
        record: The record; ``None`` for a file path and for no object at all.
        path: Path of the image below the root of the originals; absolute only where RootPath or Path is. ``None`` for a
            record without Path and for no object at all.
        mask_path: Likewise, of the record's MaskPath.
        missing: The object is the id of a record that the locale has no version of; there is neither record nor path.
    """

    object: str
    catalog: Catalog
    owner: Catalog
    record: Record | None = None
    path: str | None = None
    mask_path: str | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Catalogs:
    """A snapshot: the default catalog, the named ones by root id, and what was wrong with their files."""

    default: Catalog
    named: Mapping[str, Catalog] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def __iter__(self) -> Iterator[Catalog]:
        """Give the default catalog first, then the named ones in the order of their files."""
        yield self.default
        yield from self.named.values()

    def by_root_id(self, root_id: str) -> Catalog | None:
        """Find a named catalog. Root ids are case-sensitive."""
        return self.named.get(root_id)

    def main_of(self, path: str) -> tuple[Catalog, str]:
        """Give the main catalog that a decoded URL path selects, and the rest of the path without empty elements."""
        name = _without_empty_elements(path)
        first, _, rest = name.partition("/")
        catalog = self.named.get(first)
        return (self.default, name) if catalog is None else (catalog, rest)

    def resolve(self, object_: str, main: Catalog | None, suffixes: Sequence[str] = AS_IS) -> Resolved:
        """Find out what an object is: of the URL path if ``main`` is ``None``, else of ``src=`` or ``mask=``.

        A record wins over a file of the same name. In ``src=`` and ``mask=`` a root id may be left out, and a leading
        ``/`` means the default catalog. For a file path the catalog that its first element names counts, or else the
        main one, unless it has FullMatch, which hands the whole path over to the default catalog.

        ``suffixes`` are those of the request's locale (``r-object-id-translation``): a record is looked for with each of
        them in turn. File paths are not translated.

        Raises:
            Refused: a file path leads upwards.
        """
        name = _without_empty_elements(object_)
        readings = tuple(self._readings(object_, name, main))
        for catalog, id_ in readings:
            found = self._as_record(name, catalog, id_, suffixes)
            if found is not None:
                return found
        catalog, rest = readings[-1]
        if "" not in suffixes and any(id_ and owner.record(id_) is not None for owner, id_ in readings):
            return Resolved(name, catalog, catalog, missing=True)
        if rest:
            _refuse_upwards(rest)
            return Resolved(name, catalog, catalog, path=catalog.image_path(rest))
        return Resolved(name, catalog, catalog)

    def profile(self, object_: str, main: Catalog) -> Standard | ProfileFile | None:
        """Find the profile that ``icc=`` names; ``None`` if there is none of this name.

        Looked for as ``find_profile`` does in the main catalog, the default one behind a leading ``/``, but in the map of the
        catalog that the first element names before it is taken for a path.

        Raises:
            Refused: a file path leads upwards.
        """
        name = _without_empty_elements(object_)
        catalog = self.default if object_.startswith("/") else main
        named, rest = self.main_of(name)
        if named is not self.default and rest and catalog.profile_path(name) is None:
            path = named.profile_path(rest)
            if path is not None:
                return ProfileFile(path)
        return find_profile(name, catalog)

    def _readings(self, object_: str, name: str, main: Catalog | None) -> Iterator[tuple[Catalog, str]]:
        """Give what a name may mean, in the order of trying: a catalog and an id or path in it; a file is that of the last."""
        named, after = self.main_of(name)
        if main is None:
            catalog, rest = named, after
        else:
            catalog, rest = self.default if object_.startswith("/") else main, name
        yield catalog, rest
        if main is not None and named is not self.default and after:
            catalog, rest = named, after
            yield catalog, rest
        if rest and catalog is not self.default and catalog.flag("FullMatch"):
            # as if nothing had been matched: the whole name may still be an id of the default catalog
            yield self.default, name

    def _as_record(self, name: str, catalog: Catalog, id_: str, suffixes: Sequence[str]) -> Resolved | None:
        found = translated(id_, suffixes, catalog.find) if id_ else None
        if found is None:
            return None
        owner, record = found
        path = owner.image_path(record.path) if record.path else None
        mask_path = owner.image_path(record.mask_path) if record.mask_path else None
        return Resolved(name, catalog, owner, record, path, mask_path)


def _without_empty_elements(path: str) -> str:
    return "/".join(element for element in path.split("/") if element)


def _refuse_upwards(path: str) -> None:
    """Refuse what would leave RootPath, the border between catalogs; the border of the originals is for the sources."""
    if ".." in re.split(r"[/\\]", path):
        raise Refused("The path of the object leads upwards")
