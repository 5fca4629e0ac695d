"""How objects of ``/is/content`` are found (``r-serving-static-non-image-content``, ``c-static-content-source-data``).

Static content has a table of its own beside that of images (``r-id-static``). Touches no disk: whether a file exists is not
its question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.locale import AS_IS, translated
from proxy.catalog.records import StaticRecord


@dataclass(frozen=True, slots=True)
class ResolvedStatic:
    """What an object of static content turned out to be.

    Attributes:
        object: The object as named, without empty path elements.
        catalog: The catalog whose attributes apply.
        record: The record; ``None`` for a file path and for no object at all.
        path: Path of the file below the roots of static content, StaticContentRootPath included; ``None`` for a record
            without Path and for no object at all.
    """

    object: str
    catalog: Catalog
    record: StaticRecord | None = None
    path: str | None = None


def resolve_static(
    catalogs: Catalogs, object_: str, main: Catalog | None = None, suffixes: Sequence[str] = AS_IS
) -> ResolvedStatic:
    """Find out what an object is: of the URL path if ``main`` is ``None``, else of an entry of a set of that catalog.

    A record wins over a file of the same name. ``suffixes`` are those of the request's locale (``r-object-id-translation``).
    """
    name = "/".join(element for element in object_.split("/") if element)
    named, after = catalogs.main_of(name)
    readings = [(named, after)]
    if main is not None:
        readings = [(main, name), *(readings if named is not catalogs.default and after else ())]
    catalog, rest = readings[-1]
    if rest and catalog is not catalogs.default and catalog.flag("FullMatch"):
        # as if nothing had been matched
        readings.append((catalogs.default, name))
    for catalog, id_ in readings:
        found = translated(id_, suffixes, partial(_record, catalog)) if id_ else None
        if found is not None:
            owner, record = found
            return ResolvedStatic(name, catalog, record, record.path and rooted(owner, _with_suffix(owner, record.path)))
    catalog, rest = readings[-1]
    return ResolvedStatic(name, catalog, path=rooted(catalog, rest) if rest else None)


def _record(catalog: Catalog, id_: str) -> tuple[Catalog, StaticRecord] | None:
    return next(((owner, owner.statics[id_]) for owner in catalog.lineage() if id_ in owner.statics), None)


def rooted(catalog: Catalog, path: str) -> str:
    """Put StaticContentRootPath in front of a path; an absolute one stays as it is (``r-staticcontentrootpath``)."""
    root = catalog.text("StaticContentRootPath").rstrip("/")
    return path if path.startswith("/") or not catalog.text("StaticContentRootPath") else f"{root}/{path}"


def _with_suffix(catalog: Catalog, path: str) -> str:
    """Put DefaultExt behind a record's path that has no suffix (``r-path-static``)."""
    return path if "." in path.rpartition("/")[2][:-1] else path + catalog.text("DefaultExt")
