"""The syntax tree of a query: a tuple of nodes, each with its place. Values are kept as they were sent, not decoded."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Setting:
    """``name=value``: a command, known or not. ``name`` is decoded, ``value`` is raw."""

    name: str
    value: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Definition:
    """``$name=value``: a variable. ``name`` is decoded, ``value`` is raw."""

    name: str
    value: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class MacroCall:
    """``$name$``: stands for the macro's definition."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Comment:
    """``.text``: read by nobody but rule sets."""

    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Stray:
    """A text without ``=`` that is no macro: ignored (protocol decision 19)."""

    text: str
    at: int = field(default=0, compare=False)


Node = Setting | Definition | MacroCall | Comment | Stray
Tree = tuple[Node, ...]
