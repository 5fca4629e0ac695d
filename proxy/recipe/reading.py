"""What holds while a request is read: what it has from those around it, and what all of them share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Resolved
from proxy.catalog.locale import Localization
from proxy.recipe.clips import Allowance


@dataclass(frozen=True, slots=True)
class Outer:
    """What a request has from those around it: variables by folded name, the locale, how many there are, the stand-in.

    ``serial`` counts the layers of all of them, ``paths`` is what path data may still be read for them.
    """

    variables: Mapping[str, str]
    locale: Localization
    depth: int
    stand_in: Resolved | None = None
    serial: Iterator[int] = field(default_factory=lambda: count(1), compare=False)
    paths: Allowance = field(default_factory=Allowance, compare=False)


@dataclass(frozen=True, slots=True)
class Inner(Outer):
    """What holds while one request is read: all that, and its main catalog."""

    main: Catalog = field(kw_only=True)
