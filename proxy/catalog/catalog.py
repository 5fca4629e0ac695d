"""One image catalog: its attributes with inheritance resolved, its records, macros and maps (``c-default-catalog``).

A frozen value. Knows nothing of files on disk or of other catalogs but the default one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from proxy.catalog.records import Font, Record, StaticRecord
from proxy.protocol.color import Color

if TYPE_CHECKING:
    from proxy.catalog.rules import RuleSet

FontKey = tuple[str, bool, bool]


@dataclass(frozen=True, slots=True, eq=False)
class Catalog:
    """A catalog. Two are the same only if they are the same object; ``version`` tells whether their content is.

    Attributes:
        root_id: The path element that selects it; ``""`` for the default catalog.
        file: Name of its attribute file; ``""`` where there is none.
        attributes: Every attribute of the table by its name in lower case, inherited values included.
        default: The default catalog; ``None`` for the default catalog itself.
        records: Image and SVG records by id.
        statics: Static content records by id.
        macros: Definitions by name in lower case.
        profiles: Paths of ICC profiles, without RootPath, by name.
        fonts: Rows of the font map by name, bold, italic.
        rules: What requests go through before they are read; ``None`` for nothing.
        version: Hexadecimal digest of the bytes of its files.
        timestamp: TimeStamp or else the date of the attribute file, in milliseconds since 1970 (``r-timestamp``).
    """

    root_id: str
    file: str
    attributes: Mapping[str, Any] = field(repr=False)
    default: Self | None = field(default=None, repr=False)
    records: Mapping[str, Record] = field(default_factory=dict, repr=False)
    statics: Mapping[str, StaticRecord] = field(default_factory=dict, repr=False)
    macros: Mapping[str, str] = field(default_factory=dict, repr=False)
    profiles: Mapping[str, str] = field(default_factory=dict, repr=False)
    fonts: Mapping[FontKey, Font] = field(default_factory=dict, repr=False)
    rules: "RuleSet | None" = field(default=None, repr=False)
    version: str = ""
    timestamp: int = 0

    @property
    def has_rules(self) -> bool:
        """Whether requests go through rules before they are read."""
        return self.rules is not None and (bool(self.rules.rules) or not self.rules.usable)

    def attribute(self, name: str) -> Any:
        """Give the value of an attribute, named in any case.

        Raises:
            KeyError: the reference has no such attribute.
        """
        return self.attributes[name.lower()]

    def pair(self, name: str) -> tuple[int, int]:
        """Give two numbers: pixels for ``MaxPix``, ``DefaultPix``, ``DefaultThumbPix``; the two of ``JpegQuality``."""
        first, second = self.attribute(name)
        return int(first), int(second)

    def number(self, name: str) -> float:
        """Give a number: hours for ``Expiration`` and its like (-1 for never), pixels per unit for ``Resolution``."""
        return float(self.attribute(name))

    def integer(self, name: str) -> int:
        """Give a whole number: ``ErrorDetail``, ``DefaultImageMode``, ``PrintResolution``."""
        value = self.attribute(name)
        if not isinstance(value, int):
            raise TypeError(name)
        return value

    def text(self, name: str) -> str:
        """Give a text, or the word of an enumeration such as ``ResMode``."""
        value = self.attribute(name)
        if not isinstance(value, str):
            raise TypeError(name)
        return value

    def flag(self, name: str) -> bool:
        """Give a flag such as ``FullMatch``."""
        value = self.attribute(name)
        if not isinstance(value, bool):
            raise TypeError(name)
        return value

    def color(self, name: str) -> Color:
        """Give a colour: ``BkgColor``, ``ThumbBkgColor``."""
        value = self.attribute(name)
        if not isinstance(value, Color):
            raise TypeError(name)
        return value

    def ids(self) -> Iterator[str]:
        """Give the ids of its own image and SVG records, in the order of their files."""
        return iter(self.records)

    def own_record(self, id_: str) -> Record | None:
        """Find one of its own image or SVG records. Ids are case-sensitive."""
        return self.records.get(id_)

    def record(self, id_: str) -> Record | None:
        """Find a record here, or else in the default catalog."""
        found = self.find(id_)
        return None if found is None else found[1]

    def find(self, id_: str) -> tuple[Self, Record] | None:
        """Find a record here, or else in the default catalog, and say which of the two has it."""
        for catalog in self.lineage():
            record = catalog.records.get(id_)
            if record is not None:
                return catalog, record
        return None

    def static_record(self, id_: str) -> StaticRecord | None:
        """Find a record of static content here, or else in the default catalog."""
        return next((catalog.statics[id_] for catalog in self.lineage() if id_ in catalog.statics), None)

    def macro(self, name: str) -> str | None:
        """Find the definition of a macro here, or else in the default catalog.

        It is named without its dollar signs and in any case.
        """
        folded = name.lower()
        return next((catalog.macros[folded] for catalog in self.lineage() if folded in catalog.macros), None)

    def profile_path(self, name: str) -> str | None:
        """Find the path of an ICC profile, below the root of the originals, in this catalog's map or else the default one's.

        Names are case-sensitive, as those of all objects are (``r-object``).
        """
        for catalog in self.lineage():
            if name in catalog.profiles:
                return catalog.rooted(catalog.profiles[name])
        return None

    def font(self, name: str, *, bold: bool = False, italic: bool = False) -> Font | None:
        """Find a row of the font map here, or else in the default catalog; its paths are below the root of the originals."""
        for catalog in self.lineage():
            row = catalog.fonts.get((name, bold, italic))
            if row is not None:
                metrics = None if row.metrics_path is None else catalog.rooted(row.metrics_path)
                return replace(row, path=catalog.rooted(row.path), metrics_path=metrics)
        return None

    def lineage(self) -> tuple[Self, ...]:
        """Give this catalog and, behind it, the default one."""
        return (self,) if self.default is None else (self, self.default)

    def rooted(self, path: str) -> str:
        """Put RootPath in front of a path; an absolute one stays as it is (``r-rootpath``)."""
        root = self.text("RootPath").rstrip("/")
        return f"{root}/{path}" if self.text("RootPath") and not path.startswith("/") else path

    def image_path(self, path: str) -> str:
        """Put RootPath in front of a path and DefaultExt behind it if its last element has no suffix (``r-defaultext``)."""
        last = path.rpartition("/")[2]
        # a suffix is a period with at least one character behind it
        return self.rooted(path if "." in last[:-1] else path + self.text("DefaultExt"))
