"""Modifiers to layers: which command belongs to whom, the last one wins.

Pages: ``r-layer``, ``c-specifying-layers``, ``c-named-layers`` and the "Properties" of every command. A command of the request
or the view counts wherever it stands; a layer command belongs to the current layer, and what it means where ``layer=comp`` is
current is said by its row of the table.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

from proxy.errors import BadValue, LimitExceeded
from proxy.protocol.command import Command, OnComp, Scope, Values, Vocabulary
from proxy.protocol.grammar import decode, nested
from proxy.protocol.path import MOST_POINTS, Path
from proxy.protocol.tree import Setting, Stray, Tree
from proxy.protocol.values import Nested

T = TypeVar("T")

HIGHEST_LAYER = 10**6


@dataclass(frozen=True, slots=True)
class Settings:
    """What commands say, by their names as the table spells them."""

    values: Mapping[str, Values] = field(default_factory=lambda: MappingProxyType({}))

    def __contains__(self, name: str) -> bool:
        """Whether the command was given."""
        return name in self.values

    def get(self, name: str) -> Values | None:
        """All values of a command, or ``None`` if it was not given."""
        return self.values.get(name)

    def one(self, name: str, type_: type[T], argument: int = 0) -> T | None:
        """One value of a command, or ``None`` if command or value were not given. ``int`` passes for ``float``."""
        values = self.values.get(name)
        value = None if values is None else values[argument]
        if type_ is float and isinstance(value, int):
            value = float(value)
        if value is None or isinstance(value, type_):
            return value
        raise TypeError(f"{name} holds a {type(value).__name__}")

    def over(self, lower: "Settings") -> "Settings":
        """These settings above others: what both say, these say."""
        return Settings(MappingProxyType({**lower.values, **self.values})) if lower.values else self

    def only(self, names: frozenset[str]) -> "Settings":
        """The settings of some commands."""
        return Settings(MappingProxyType({name: values for name, values in self.values.items() if name in names}))


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: its number, which is its place from the bottom, and what was said of it."""

    number: int
    settings: Settings = Settings()
    names: tuple[str, ...] = ()
    effects: Mapping[int, Settings] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Ignored:
    """A modifier without effect, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, parsed; nothing is looked up. ``settings`` are those of request and view together.

    ``points`` is how many points its path data has.
    """

    settings: Settings = Settings()
    composite: Settings = Settings()
    view_ops: Settings = Settings()
    layers: tuple[Layer, ...] = ()
    effects: Mapping[int, Settings] = field(default_factory=lambda: MappingProxyType({}))
    ignored: tuple[Ignored, ...] = ()
    points: int = 0

    def layer(self, number: int) -> Layer:
        """The layer of this number; an empty one if nothing was said of it."""
        return next((layer for layer in self.layers if layer.number == number), Layer(number))


_COMP = "comp"


class _Collector:
    """Gathers settings while modifiers are read from left to right."""

    def __init__(self, words: Vocabulary, *, nested: bool) -> None:
        self.words, self.nested = words, nested
        self.shared: dict[str, Values] = {}
        self.composite: dict[str, Values] = {}
        self.view_ops: dict[str, Values] = {}
        self.layers: dict[int, dict[str, Values]] = {}
        self.names: dict[str, int] = {}
        self.effects: dict[int | None, dict[int, dict[str, Values]]] = {}
        self.ignored: list[Ignored] = []
        self.points = 0
        self.layer: int | None = None
        self.effect: int | None = None

    def take(self, node: Setting) -> None:
        row = self.words.find(node.name)
        if row is None:
            self.ignored.append(Ignored(f"{node.name}={node.value}", "no such command"))
            return
        if row.scope is Scope.SELECT and (text := decode(node.value).strip()):
            self._select(row, text)
            return
        values = _read(row, node.value)
        self._count(values or ())
        target = self._target(row)
        if self.nested and not row.in_nested:
            self.ignored.append(Ignored(f"{node.name}={node.value}", f"{row.name} is ignored in nested requests"))
        elif values is None:
            what = "a value of 0" if decode(node.value).strip() else "an empty value"
            self.ignored.append(Ignored(f"{node.name}={node.value}", f"{what} is as if the command were absent"))
        elif target is None:
            where = "an effect layer" if self.effect is not None else "layer=comp"
            self.ignored.append(Ignored(f"{node.name}={node.value}", f"{row.name} is ignored in {where}"))
        else:
            if row.group:
                for other in self.words.groups[row.group]:
                    target.pop(other, None)
            target[row.name] = values

    def _count(self, values: Values) -> None:
        """Bound what is read: a variable may bring in one path a thousand times."""
        self.points += sum(value.points for value in values if isinstance(value, Path))
        if self.points > MOST_POINTS:
            raise LimitExceeded(f"path data of more than {MOST_POINTS} points")

    def _target(self, row: Command) -> dict[str, Values] | None:
        if row.scope in (Scope.REQUEST, Scope.VIEW):
            return self.shared
        if self.effect is not None:
            return self.effects[self.layer][self.effect] if row.in_effect else None
        if self.layer is not None:
            return self.layers[self.layer]
        match row.on_comp:
            case OnComp.LAYER0:
                return self.layers.setdefault(0, {})
            case OnComp.COMPOSITE:
                return self.composite
            case OnComp.VIEW:
                return self.view_ops
            case OnComp.IGNORED:
                return None

    def _select(self, row: Command, text: str) -> None:
        """Read layer = number | "comp" [ "," name ] | name, or effect = number; variables are not replaced here."""
        if row.name == "effect":
            number = _whole(text)
            if number is None or number == 0:
                raise BadValue("effect", text, "a whole number other than 0")
            self.effect = number
            self.effects.setdefault(self.layer, {}).setdefault(number, {})
            return
        self.effect = None
        first, _, name = (part.strip() for part in text.partition(","))
        if first.lower() == _COMP:
            if name:
                raise BadValue("layer", text, "no name for layer=comp")
            self.layer = None
            return
        number = _whole(first)
        if number is None:
            number = self.names.get(text.lower())
            if number is None:
                raise BadValue("layer", text, "a layer number, comp, or a name that was given to a layer before")
        elif not 0 <= number <= HIGHEST_LAYER:
            raise BadValue("layer", text, f"a layer number from 0 to {HIGHEST_LAYER}")
        elif name:
            self._name(name, number, text)
        self.layer = number
        self.layers.setdefault(number, {})

    def _name(self, name: str, number: int, text: str) -> None:
        if name.lower() == _COMP:
            raise BadValue("layer", text, "a name other than comp")
        if self.names.setdefault(name.lower(), number) != number:
            raise BadValue("layer", text, f"a name that is not that of layer {self.names[name.lower()]} already")

    def request(self) -> Request:
        layers = tuple(
            Layer(
                number,
                _frozen(self.layers[number]),
                tuple(name for name, owner in self.names.items() if owner == number),
                _frozen_effects(self.effects.get(number, {})),
            )
            for number in sorted(self.layers)
        )
        return Request(
            _frozen(self.shared),
            _frozen(self.composite),
            _frozen(self.view_ops),
            layers,
            _frozen_effects(self.effects.get(None, {})),
            tuple(self.ignored),
            self.points,
        )


def _frozen(values: dict[str, Values]) -> Settings:
    return Settings(MappingProxyType(dict(values)))


def _frozen_effects(effects: dict[int, dict[str, Values]]) -> Mapping[int, Settings]:
    return MappingProxyType({number: _frozen(effects[number]) for number in sorted(effects)})


_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


def _read(row: Command, raw: str) -> Values | None:
    """The values of a raw text; ``None`` where it is as if the command were absent.

    Raises:
        BadValue: naming command, value and what was expected.
    """
    if row.objects and (inner := nested(raw)) is not None:
        return (Nested(*inner),)
    text = decode(raw.replace("+", "%20") if row.plus_is_space else raw)
    if not text.strip():
        return None if row.empty is None else (None,)
    values = row.read(text)
    return None if row.zero_is_absent and not any(values) else values


def collect(segments: tuple[Tree, ...], words: Vocabulary, *, nested: bool = False) -> Request:
    """Give every command of the segments to whom it belongs. Each segment begins at ``layer=comp``; later ones win.

    The trees hold no macro calls and no references any more. ``nested`` says that the request is part of another one, where some
    commands are ignored.

    Raises:
        BadValue: a known command with a value that cannot be read.
        RequestError: layers and names that contradict each other.
        LimitExceeded: too much path data.
    """
    collector = _Collector(words, nested=nested)
    for tree in segments:
        collector.layer = collector.effect = None
        for node in tree:
            if isinstance(node, Setting):
                collector.take(node)
            elif isinstance(node, Stray):
                collector.ignored.append(Ignored(node.text, "neither a command nor a macro"))
    return collector.request()


def with_settings(request: Request, **changes: Any) -> Request:
    """The same request with other settings of request and view; ``None`` takes a command out."""
    values = {name: value for name, value in {**request.settings.values, **changes}.items() if value is not None}
    return replace(request, settings=_frozen(values))
