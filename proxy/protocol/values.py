"""Value types: each reads its text and writes it back, so that equal values have equal text.

Pages: ``c-data-types`` and the pages of the single types (``r-is-http-color``, ``r-coord``, ``r-coordn``, ``r-size``,
``r-sizen``, ``r-object``, ``r-clippath``). Texts arrive decoded. ``read`` raises ``ValueError`` for what it cannot read or
what lies outside the range; ``expects`` says in words what would have been right, for the message.
"""

import math
import re
from dataclasses import dataclass
from typing import Generic, TypeVar

from proxy.protocol.color import Color, read_color
from proxy.protocol.path import FARTHEST, MOST_SEGMENTS, Path, Subpath, read_path

T = TypeVar("T")

_INT = re.compile(r"[+-]?[0-9]{1,18}(?:\.0*)?\Z")
_REAL = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?\Z")


def write_number(value: float) -> str:
    """Write a finite number in its shortest form that reads back the same: ``0.5``, ``3``, never ``3.0`` or ``-0``."""
    return str(int(value)) if value == int(value) and abs(value) < 10**18 else repr(value)


class ValueType(Generic[T]):
    """What a text may be. Subclasses are frozen dataclasses; two of equal fields read alike."""

    @property
    def expects(self) -> str:
        """What would have been right, as the end of a sentence."""
        raise NotImplementedError

    def read(self, text: str) -> T:
        """Read a decoded text.

        Raises:
            ValueError: the text is not of this type or out of its range.
        """
        raise NotImplementedError

    def write(self, value: T) -> str:
        """Write a value so that ``read`` gives it back."""
        raise NotImplementedError


def _range(low: float, high: float) -> str:
    if math.isinf(high):
        return "" if math.isinf(low) else f" of at least {write_number(low)}"
    return f" from {write_number(low)} to {write_number(high)}"


@dataclass(frozen=True, slots=True)
class Int(ValueType[int]):
    """A whole number, both ends included."""

    low: float = -math.inf
    high: float = math.inf

    @property
    def expects(self) -> str:  # noqa: D102
        return f"a whole number{_range(self.low, self.high)}"

    def read(self, text: str) -> int:  # noqa: D102
        text = text.strip()
        if not _INT.match(text):
            raise ValueError(text)
        value = int(text.split(".")[0])
        if not self.low <= value <= self.high:
            raise ValueError(text)
        return value

    def write(self, value: int) -> str:  # noqa: D102
        return str(value)


@dataclass(frozen=True, slots=True)
class Real(ValueType[float]):
    """A finite number, both ends included unless ``above`` excludes the lower one."""

    low: float = -math.inf
    high: float = math.inf
    above: bool = False

    @property
    def expects(self) -> str:  # noqa: D102
        if self.above:
            return f"a number greater than {write_number(self.low)}"
        return f"a number{_range(self.low, self.high)}"

    def read(self, text: str) -> float:  # noqa: D102
        text = text.strip()
        if not _REAL.match(text):
            raise ValueError(text)
        value = float(text) + 0.0  # -0.0 becomes 0.0: equal numbers have equal text
        if not math.isfinite(value) or not self.low <= value <= self.high or (self.above and value == self.low):
            raise ValueError(text)
        return value

    def write(self, value: float) -> str:  # noqa: D102
        return write_number(value)


_FLAGS = {"0": False, "1": True, "false": False, "true": True, "off": False, "on": True, "no": False, "yes": True}


@dataclass(frozen=True, slots=True)
class Flag(ValueType[bool]):
    """Yes or no, in any of the spellings that real pages use (protocol decision 19)."""

    @property
    def expects(self) -> str:  # noqa: D102
        return "0 or 1"

    def read(self, text: str) -> bool:  # noqa: D102
        try:
            return _FLAGS[text.strip().lower()]
        except KeyError:
            raise ValueError(text) from None

    def write(self, value: bool) -> str:  # noqa: D102, FBT001
        return "1" if value else "0"


@dataclass(frozen=True, slots=True)
class Choice(ValueType[str]):
    """One of a few words, in any letter case; ``spellings`` are further ways to write some of them."""

    words: tuple[str, ...]
    spellings: tuple[tuple[str, str], ...] = ()

    @property
    def expects(self) -> str:  # noqa: D102
        return f"one of {', '.join(self.words)}" if len(self.words) > 1 else self.words[0]

    def read(self, text: str) -> str:  # noqa: D102
        folded = text.strip().lower()
        for spelling, word in self.spellings:
            if folded == spelling.lower():
                return word
        for word in self.words:
            if folded == word.lower():
                return word
        raise ValueError(text)

    def write(self, value: str) -> str:  # noqa: D102
        return value


@dataclass(frozen=True, slots=True)
class Text(ValueType[str]):
    """Any text. ``pattern`` narrows it down; ``described`` then says how."""

    pattern: str = ""
    described: str = "a text"

    @property
    def expects(self) -> str:  # noqa: D102
        return self.described

    def read(self, text: str) -> str:  # noqa: D102
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise ValueError(text)
        return text

    def write(self, value: str) -> str:  # noqa: D102
        return value


@dataclass(frozen=True, slots=True)
class ColorValue(ValueType[Color]):
    """A colour in any documented spelling; see ``proxy.protocol.color``."""

    @property
    def expects(self) -> str:  # noqa: D102
        return "a colour such as ff8000, 255,128,0, 50g or 0,50,100,0k"

    def read(self, text: str) -> Color:  # noqa: D102
        return read_color(text)

    def write(self, value: Color) -> str:  # noqa: D102
        return str(value)


@dataclass(frozen=True, slots=True)
class Object:
    """An image, a record, a profile: named (``r-object``)."""

    path: str

    def __str__(self) -> str:
        """Write it as the value of ``src=``."""
        return self.path


@dataclass(frozen=True, slots=True)
class Nested:
    """A request inside a request: ``is{…}``, ``ir{…}``, ``fxg{…}`` or, with an empty kind, a foreign ``{url}``.

    ``text`` is what stands between the delimiters, not decoded: it is a request of its own
    (``r-request-nesting-and-embedding``).
    """

    kind: str
    text: str

    def __str__(self) -> str:
        """Write it with parentheses, the form that no mail program encodes."""
        return f"{self.kind}({self.text})"


@dataclass(frozen=True, slots=True)
class ObjectValue(ValueType[Object]):
    """The name of an object. A leading slash is kept: it means the default catalog."""

    @property
    def expects(self) -> str:  # noqa: D102
        return "the name of an object"

    def read(self, text: str) -> Object:  # noqa: D102
        if not text.strip() or "\x00" in text:
            raise ValueError(text)
        return Object(text)

    def write(self, value: Object) -> str:  # noqa: D102
        return value.path


@dataclass(frozen=True, slots=True)
class PathValue(ValueType[Path]):
    """Path data: SVG's ``M m L l C c Z z`` with commas (``r-clippath``); it is written with absolute coordinates."""

    @property
    def expects(self) -> str:  # noqa: D102
        return (
            "path data that begins with M or m: M, m, L and l with two numbers at a time, C and c with six, Z and z with none, "
            f"no point farther away than {FARTHEST}, no more than {MOST_SEGMENTS} of these parts"
        )

    def read(self, text: str) -> Path:  # noqa: D102
        return read_path(text)

    def write(self, value: Path) -> str:  # noqa: D102
        return "".join(map(_written, value.subpaths))


def _written(subpath: Subpath) -> str:
    steps = [("M", (subpath.start,)), *(("L" if len(segment) == 1 else "C", segment) for segment in subpath.segments)]
    texts = [letter + ",".join(write_number(number) for point in points for number in point) for letter, points in steps]
    return "".join(texts) + ("Z" if subpath.closed else "")


_SAMPLING = re.compile(r"R[123]|R3T(?:[0-9]{1,2}|1[0-9]{2}|200)")
_CORNER_NUMBERS = 8


@dataclass(frozen=True, slots=True)
class QuadValue(ValueType[tuple[tuple[float, ...], str]]):
    """Four corners, none farther away than ``far``, and a word that says how to sample (``r-perspective``)."""

    far: float

    @property
    def expects(self) -> str:  # noqa: D102
        far = write_number(self.far)
        return (
            f"eight numbers from -{far} to {far}, the corners from the top left clockwise, and after them "
            "R1, R2, R3, R3T with a number from 0 to 200, or nothing"
        )

    def read(self, text: str) -> tuple[tuple[float, ...], str]:  # noqa: D102
        parts = text.split(",")
        sampling = parts.pop().strip() if len(parts) > _CORNER_NUMBERS else "R3"
        if len(parts) != _CORNER_NUMBERS or (sampling and not _SAMPLING.fullmatch(sampling)):
            raise ValueError(text)
        number = Real(-self.far, self.far)
        return tuple(number.read(part) for part in parts), sampling or "R3"

    def write(self, value: tuple[tuple[float, ...], str]) -> str:  # noqa: D102
        numbers = ",".join(map(write_number, value[0]))
        return numbers if value[1] == "R3" else f"{numbers},{value[1]}"
