"""What a row of the command table says: a command's "Properties" paragraph in the manual, as data.

Parsing, validation messages, ``req=validate``, the reference in docs/ and the support matrix are derived from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from proxy.errors import BadValue
from proxy.protocol.values import Nested, ValueType

Values = tuple[Any, ...]
"""The values of one command, one for each argument; ``None`` for an optional one that was left out."""


class Scope(Enum):
    """What a command belongs to."""

    REQUEST = "request"
    VIEW = "view"
    LAYER = "layer"
    SOURCE = "source image or mask"
    EFFECT = "effect"
    SELECT = "selects a layer"


class OnComp(Enum):
    """What a layer command means where ``layer=comp`` is current."""

    LAYER0 = "layer 0"
    COMPOSITE = "the composite image"
    VIEW = "the final view"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument: its name, its type, and what stands for it when it is left out."""

    name: str
    type: ValueType[Any]
    default: Any = None
    required: bool = False
    rest: bool = False
    """Takes all values that are left, as a tuple. Only the last argument may."""


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table.

    ``whole`` commands have one argument whose text may hold commas. ``objects`` says that the argument names an object and may be
    a nested request instead. ``empty`` is what an empty value means; ``None`` makes it as if the command were absent.
    """

    name: str
    scope: Scope
    args: tuple[Arg, ...]
    help: str
    page: str
    on_comp: OnComp = OnComp.LAYER0
    in_effect: bool = False
    in_nested: bool = True
    whole: bool = False
    objects: bool = False
    variables: bool = True
    empty: str | None = None
    plus_is_space: bool = False
    group: str = ""
    """Commands of one group say one thing in different ways: the last one given replaces the others."""
    zero_is_absent: bool = False
    """A value of 0 is as if the command were absent (protocol decision 22 (6))."""
    built: bool = True
    """False while the command is known but has no effect yet: a request that uses it is answered 501."""
    harmless: tuple[Values, ...] = ()
    """Values that have no effect, so that they are accepted of a command that is not built."""

    @property
    def syntax(self) -> str:
        """The command and its arguments as a reader of docs expects them."""
        required = [arg.name for arg in self.args if arg.required]
        optional = [f"[,{arg.name}{'…' if arg.rest else ''}]" for arg in self.args if not arg.required]
        text = ",".join(required) + "".join(optional)
        return f"{self.name}={text if required else text.replace('[,', '[', 1)}"

    @property
    def expects(self) -> str:
        """What a right value is, in words."""
        parts = [f"{arg.name} ({arg.type.expects})" if len(self.args) > 1 else arg.type.expects for arg in self.args]
        return ", ".join(parts)

    def read(self, text: str) -> Values:
        """Read the decoded text of a value.

        Raises:
            BadValue: naming command, value and what was expected.
        """
        if self.whole:
            return (self._read_one(self.args[0], text, text),)
        parts = text.split(",")
        last = self.args[-1]
        if len(parts) > len(self.args) and not last.rest:
            # a trailing comma says nothing more
            if len(parts) != len(self.args) + 1 or parts[-1].strip():
                raise BadValue(self.name, text, self.expects)
            parts = parts[:-1]
        values: list[Any] = []
        for index, arg in enumerate(self.args):
            if arg.rest:
                values.append(tuple(self._read_one(arg, part, text) for part in parts[index:] if part.strip()))
            elif index >= len(parts) or not parts[index].strip():
                if arg.required:
                    raise BadValue(self.name, text, self.expects)
                values.append(arg.default)
            else:
                values.append(self._read_one(arg, parts[index], text))
        return tuple(values)

    def _read_one(self, arg: Arg, part: str, text: str) -> Any:
        try:
            return arg.type.read(part)
        except ValueError:
            raise BadValue(self.name, text, self.expects) from None

    def write(self, values: Values) -> str:
        """Write values as decoded text that ``read`` takes back."""
        parts: list[str] = []
        for arg, value in zip(self.args, values, strict=True):
            if isinstance(value, Nested):
                parts.append(str(value))
            elif arg.rest:
                parts += [arg.type.write(item) for item in value]
            else:
                parts.append("" if value is None else arg.type.write(value))
        while parts and not parts[-1]:
            parts.pop()
        return ",".join(parts)


@dataclass(frozen=True)
class Vocabulary:
    """The words of the language: the commands by folded name. The parser gets it as an argument."""

    commands: Mapping[str, Command]
    groups: Mapping[str, frozenset[str]]

    def find(self, name: str) -> Command | None:
        """The command of this name in any letter case, if there is one."""
        return self.commands.get(name.lower())

    def rows(self) -> tuple[Command, ...]:
        """Every command once, in the order of the table."""
        return tuple(dict.fromkeys(self.commands.values()))


def vocabulary(commands: Iterable[Command]) -> Vocabulary:
    """Make a vocabulary of rows.

    Raises:
        ValueError: a name stands twice.
    """
    table: dict[str, Command] = {}
    for command in commands:
        if command.name.lower() in table:
            raise ValueError(f"the command {command.name} stands twice")
        table[command.name.lower()] = command
    groups = {row.group: frozenset(other.name for other in table.values() if other.group == row.group) for row in table.values()}
    return Vocabulary(table, groups)
