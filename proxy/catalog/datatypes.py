"""The data types of catalog attributes and fields that requests do not have (``c-common-data-types``).

Each is a ``ValueType``: it reads a text and writes it back, and raises ``ValueError`` for what it cannot read.
Knows nothing of which attribute or field has which type.
"""

import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from proxy.protocol.values import Int, Real, ValueType, write_number

Pair = tuple[int, int]


def _tokens(text: str) -> list[str]:
    return [token.strip() for token in text.split(",")]


@dataclass(frozen=True, slots=True)
class IntPair(ValueType[Pair]):
    """Two whole numbers with a comma between them, each with its own range."""

    first: Int
    second: Int

    @property
    def expects(self) -> str:  # noqa: D102
        if self.first == self.second:
            return f"two of {self.first.expects}, separated by a comma"
        return f"{self.first.expects} and {self.second.expects}, separated by a comma"

    def read(self, text: str) -> Pair:  # noqa: D102
        tokens = _tokens(text)
        if len(tokens) != len(("first", "second")):
            raise ValueError(text)
        return self.first.read(tokens[0]), self.second.read(tokens[1])

    def write(self, value: Pair) -> str:  # noqa: D102
        return f"{value[0]},{value[1]}"


Ints = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class IntList(ValueType[Ints]):
    """Between ``least`` and ``most`` whole numbers; one that is left out is ``None``."""

    least: int
    most: int

    @property
    def expects(self) -> str:  # noqa: D102
        count = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
        return f"{count} whole numbers, separated by commas"

    def read(self, text: str) -> Ints:  # noqa: D102
        tokens = _tokens(text)
        if not self.least <= len(tokens) <= self.most:
            raise ValueError(text)
        return tuple(Int().read(token) if token else None for token in tokens)

    def write(self, value: Ints) -> str:  # noqa: D102
        return ",".join("" if number is None else str(number) for number in value)


@dataclass(frozen=True, slots=True)
class Enumeration(ValueType[str]):
    """One of a few words, each with its number; either may be written, the word is the value (``r-enum``)."""

    words: tuple[tuple[int, str], ...]
    spellings: tuple[tuple[str, str], ...] = ()

    @property
    def expects(self) -> str:  # noqa: D102
        return "one of " + ", ".join(f"{number} ({word})" for number, word in self.words)

    def read(self, text: str) -> str:  # noqa: D102
        folded = text.strip().lower()
        for number, word in self.words:
            if folded in (str(number), word):
                return word
        for spelling, word in self.spellings:
            if folded == spelling:
                return word
        raise ValueError(text)

    def write(self, value: str) -> str:  # noqa: D102
        return value


@dataclass(frozen=True, slots=True)
class Hours(ValueType[float]):
    """A time to live in hours: 0 or more, or one of the ``special`` negative numbers (``r-expiration-cat``)."""

    special: tuple[float, ...] = (-1,)

    @property
    def expects(self) -> str:  # noqa: D102
        return f"{', '.join(map(write_number, self.special))} or a number of hours of at least 0"

    def read(self, text: str) -> float:  # noqa: D102
        value = Real().read(text)
        if value < 0 and value not in self.special:
            raise ValueError(text)
        return value

    def write(self, value: float) -> str:  # noqa: D102
        return write_number(value)


@dataclass(frozen=True, slots=True)
class TextList(ValueType[tuple[str, ...]]):
    """Texts with commas between them; blanks around them and empty ones do not count."""

    @property
    def expects(self) -> str:  # noqa: D102
        return "texts separated by commas"

    def read(self, text: str) -> tuple[str, ...]:  # noqa: D102
        return tuple(unquoted(token) for token in _tokens(text) if token)

    def write(self, value: tuple[str, ...]) -> str:  # noqa: D102
        return ",".join(value)


def unquoted(text: str) -> str:
    """Take off the quotation marks that enclose a whole text and halve the doubled ones inside (``r-text-string``)."""
    mark = text[:1]
    if len(text) > 1 and mark in ("'", '"') and text[-1] == mark:
        inner = text[1:-1]
        if mark not in inner.replace(mark * 2, ""):
            return inner.replace(mark * 2, mark)
    return text


_ZONES = {
    "GMT": 0, "UTC": 0, "UCT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2, "EET": 2,
    "SAST": 2, "EEST": 3, "MSK": 3, "IST": 5.5, "WIB": 7, "HKT": 8, "SGT": 8, "AWST": 8, "JST": 9, "KST": 9,
    "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "NDT": -2.5, "ADT": -3, "ART": -3,
    "BRT": -3, "NST": -3.5, "AST": -4, "EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7,
    "PST": -8, "AKDT": -8, "AKST": -9, "HST": -10,
}  # fmt: skip
"""Hours east of Greenwich of the zone codes; each has daylight saving time already in it."""

_DATE = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}) +(\d{1,2}):(\d{1,2}):(\d{1,2}) *"
    r"(?:GMT *(?P<sign>[+-]) *(?P<hours>\d{1,2})(?::(?P<minutes>[0-5]\d))?|(?P<zone>[A-Za-z]{3,4}))",
    re.ASCII,
)
_MILLISECONDS = Int(0, int(datetime(9999, 12, 31, tzinfo=UTC).timestamp()) * 1000)


@dataclass(frozen=True, slots=True)
class TimeStamp(ValueType[int]):
    """A point in time, as milliseconds since 1970 in UTC (``r-timestamp``)."""

    @property
    def expects(self) -> str:  # noqa: D102
        return "milliseconds since 1970 or a time such as 07/04/2023 12:30:00 GMT, … PST or … GMT -7:30"

    def read(self, text: str) -> int:  # noqa: D102
        match = _DATE.fullmatch(text.strip())
        if match is None:
            return _MILLISECONDS.read(text)
        month, day, year, hour, minute, second = map(int, match.groups()[:6])
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone(_offset(match)))
        return _MILLISECONDS.read(str((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)))

    def write(self, value: int) -> str:  # noqa: D102
        return str(value)


def _offset(match: re.Match[str]) -> timedelta:
    if match["zone"]:
        if match["zone"].upper() not in _ZONES:
            raise ValueError(match["zone"])
        return timedelta(hours=_ZONES[match["zone"].upper()])
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    return -offset if match["sign"] == "-" else offset


@dataclass(frozen=True, slots=True)
class LocaleRule:
    """What a locale stands for: suffixes of ids, or ids of locales, in the order they are tried.

    ``locale`` is in lower case; the empty one serves unknown locales. Both lists may hold the empty text.
    """

    locale: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocaleRules(ValueType[tuple[LocaleRule, ...]]):
    """Items separated by ``|``, each a locale and what it stands for (``r-localemap``, ``r-localestrmap``)."""

    @property
    def expects(self) -> str:  # noqa: D102
        return "items such as de_at,_A,_D, separated by |"

    def read(self, text: str) -> tuple[LocaleRule, ...]:  # noqa: D102
        items = [_tokens(item) for item in text.split("|") if item.strip()]
        return tuple(LocaleRule(locale.lower(), tuple(targets)) for locale, *targets in items)

    def write(self, value: tuple[LocaleRule, ...]) -> str:  # noqa: D102
        return "|".join(",".join((rule.locale, *rule.targets)) for rule in value)


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class AddressFilter(ValueType[tuple[Network, ...]]):
    """Addresses and ranges that may ask; none means anybody (``r-clientaddressfilter``). IPv6 is read as well."""

    @property
    def expects(self) -> str:  # noqa: D102
        return "addresses such as 192.0.2.7 or 192.0.2.0/24, separated by commas"

    def read(self, text: str) -> tuple[Network, ...]:  # noqa: D102
        return tuple(ipaddress.ip_network(token, strict=False) for token in _tokens(text) if token)

    def write(self, value: tuple[Network, ...]) -> str:  # noqa: D102
        return ",".join(map(str, value))


_OBJECT_TYPES = ("SVG", "IS", "STATIC", "FXG", "FLA", "IR_VNT", "IR_MAT")


@dataclass(frozen=True, slots=True)
class DirectAccess:
    """Which types of objects may be asked for by path: those listed, or all but those listed."""

    include: bool
    types: tuple[str, ...] = ()

    def allows(self, object_type: str) -> bool:
        """Say whether objects of a type (``IS``, ``SVG``, ``STATIC`` …) may be asked for by path."""
        return (object_type in self.types) == self.include


@dataclass(frozen=True, slots=True)
class DirectAccessValue(ValueType[DirectAccess]):
    """``include:`` or ``exclude:`` and types of objects; ``include`` where neither is said (``r-allowdirectaccess``)."""

    @property
    def expects(self) -> str:  # noqa: D102
        return f"include: or exclude: and some of {', '.join(_OBJECT_TYPES)}"

    def read(self, text: str) -> DirectAccess:  # noqa: D102
        word, colon, listed = text.strip().partition(":")
        word = word.strip().lower()
        if not colon and word not in ("include", "exclude"):
            word, listed = "include", text
        types = tuple(token.upper() for token in _tokens(listed) if token)
        if word not in ("include", "exclude") or not set(types).issubset(_OBJECT_TYPES):
            raise ValueError(text)
        return DirectAccess(word == "include", types)

    def write(self, value: DirectAccess) -> str:  # noqa: D102
        return f"{'include' if value.include else 'exclude'}:{','.join(value.types)}"
