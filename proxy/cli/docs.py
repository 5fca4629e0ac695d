"""``isproxy docs FOLDER``: the reference pages, written from the tables that the program itself runs on.

Knows how tables become Markdown. Knows no fact about a command, an attribute or a setting: those stand in the tables.
"""

import inspect
import json
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import annotated_types
import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from proxy.answers import answers
from proxy.answers._kinds import KINDS, Kept, Kind
from proxy.catalog import unused
from proxy.catalog.attributes import ATTRIBUTES, BY_NAME, Attribute, Inherit
from proxy.catalog.reader import Field
from proxy.catalog.records import FIELDS, FONT_FIELDS, ICC_FIELDS, MACRO_FIELDS, STATIC_FIELDS
from proxy.cli.check import not_built
from proxy.config import Bytes, Config, Network
from proxy.ops import operations
from proxy.protocol.command import Arg, Command, Scope, Vocabulary
from proxy.protocol.commands import FOREIGN_KINDS
from proxy.vocabulary import words

_NOTHING = "–"
_MADE = "This page is made by `isproxy docs`"
_PAGES = "pages are named as in the public Image Serving reference"


def docs(folder: Annotated[Path, typer.Argument(help="Where the pages go; those of the same names are replaced.")]) -> None:
    """Write the reference of commands, catalogs, request kinds and settings as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        typer.echo(name)


def pages() -> dict[str, str]:
    """Every page by its file name."""
    return {
        "commands.md": "\n".join(_commands(words())),
        "catalogs.md": "\n".join(_catalogs()),
        "req.md": "\n".join(_kinds()),
        "config.md": "\n".join(_settings()),
    }


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A Markdown table and the blank line behind it; an empty cell gets a dash."""
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"
    yield ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|").replace("<br>", "\0").replace("<", "&lt;").replace("\0", "<br>") or _NOTHING


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


# ---- commands


def _commands(vocabulary: Vocabulary) -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield f"{_MADE} from the command table (`proxy/protocol/commands.py`) and the operations (`proxy/ops/`); {_PAGES}."
    yield ""
    ops = frozenset(op.name for op in operations())
    groups: list[tuple[str, list[Command]]] = [
        (f"Scope: {scope.value}", [row for row in vocabulary.rows() if row.scope is scope and row.name not in ops])
        for scope in Scope
    ]
    groups.append(("Operations", [row for row in vocabulary.rows() if row.name in ops]))
    head = ("command", "meaning", "arguments", "under `layer=comp`", "in effects", "in nested requests", "built", "page")
    for title, rows in groups:
        if rows:
            yield f"## {title}"
            yield ""
            yield from _table(head, [_command(row, vocabulary) for row in rows])
    yield "## Answered with 501"
    yield ""
    yield from (f"* {line}" for line in not_built())
    yield ""


def _command(row: Command, vocabulary: Vocabulary) -> tuple[str, ...]:
    everywhere = row.scope in (Scope.REQUEST, Scope.VIEW)
    return (
        _code(row.syntax),
        "; ".join((row.help, *_notes(row, vocabulary))),
        "<br>".join(map(_argument, row.args)),
        "" if row.scope is Scope.SELECT else f"the {row.scope.value}" if everywhere else row.on_comp.value,
        "" if row.scope is Scope.SELECT else "yes" if everywhere or row.in_effect else "ignored",
        "yes" if row.in_nested else "ignored",
        _built(row),
        row.page,
    )


def _notes(row: Command, vocabulary: Vocabulary) -> Iterator[str]:
    """What a row says beside its help."""
    others = sorted(vocabulary.groups[row.group] - {row.name}) if row.group else []
    if others:
        yield f"replaces {', '.join(_code(f'{name}=') for name in others)}"
    if row.objects:
        yield "may be a nested request"
    if row.empty is not None:
        yield "an empty value counts"
    if row.zero_is_absent:
        yield "0 is as if absent"
    if row.plus_is_space:
        yield "a plus sign is a blank"
    if not row.variables:
        yield "takes no variables"


def _argument(arg: Arg) -> str:
    many = "any number of: " if arg.rest else ""
    default = _code(arg.type.write(arg.default)) if not arg.required and arg.default is not None else ""
    return f"{_code(arg.name)}: {many}{arg.type.expects}{f'; default {default}' if default else ''}"


def _built(row: Command) -> str:
    if row.built:
        return "yes"
    harmless = [_code(f"{row.name}={row.write(values)}") for values in row.harmless]
    return f"no: 501, but for {' and '.join(harmless)}" if harmless else "no: 501"


# ---- catalogs

_MAPS: Final[tuple[tuple[str, tuple[Field, ...], frozenset[str], bool], ...]] = (
    ("Image and SVG data", FIELDS, unused.FIELDS, True),
    ("Static content data", STATIC_FIELDS, frozenset(), True),
    ("Macro definitions", MACRO_FIELDS, frozenset(), False),
    ("ICC profile map", ICC_FIELDS, frozenset(), False),
    ("Font map", FONT_FIELDS, unused.FONT_FIELDS, False),
)
"""Title, fields, those without an effect, and whether attributes of the catalog stand in for empty fields."""


def _catalogs() -> Iterator[str]:
    yield "# Catalogs"
    yield ""
    yield f"{_MADE} from the tables in `proxy/catalog/attributes.py` and `proxy/catalog/records.py`; {_PAGES}."
    yield ""
    yield "## Attributes"
    yield ""
    yield "The default catalog's value stands in for a catalog's own:"
    yield ""
    yield from (f"* {name}: {inherit.value.removeprefix(f'{name}: ')}" for inherit in Inherit for name in [inherit.name.lower()])
    yield ""
    heading = ("attribute", "meaning", "type", "default", "inherited", "effect", "page")
    yield from _table(heading, [_attribute(row) for row in ATTRIBUTES])
    for title, fields, without_effect, inherits in _MAPS:
        yield f"## {title}"
        yield ""
        head = ("field", "meaning", "type", "if empty", "effect", "page")
        yield from _table(head, [_field(row, without_effect, inherits=inherits) for row in fields])


def _attribute(row: Attribute) -> tuple[str, ...]:
    effect = "not yet" if row.name in unused.ATTRIBUTES else "yes"
    default = "" if row.default is None else row.type.write(row.default)
    return _code(row.name), row.help, row.type.expects, _code(default), row.inherit.name.lower(), effect, row.page


def _field(row: Field, without_effect: frozenset[str], *, inherits: bool) -> tuple[str, ...]:
    effect = "not yet" if row.name in without_effect else "yes"
    attribute = BY_NAME.get(row.name.lower()) if inherits else None
    empty = "the row is ignored" if row.required else f"attribute::{attribute.name}" if attribute is not None else ""
    if row.unset is not None:
        empty = f"{empty or _NOTHING}; so for {row.unset:g}"
    return _code(row.name), row.help, row.type.expects, empty, effect, row.page


# ---- request kinds


def _kinds() -> Iterator[str]:
    yield "# Kinds of requests"
    yield ""
    yield f"{_MADE} from the table of kinds (`proxy/answers/_kinds.py`) and the answers (`proxy/answers/`); {_PAGES}."
    yield ""
    head = ("request", "answer", "forms", "how long it may be kept", "built", "page")
    foreign = [(_code(f"req={name}"), "", "", "", "no: unknown to the reference, refused", "") for name in FOREIGN_KINDS]
    yield from _table(head, [*(_kind(row) for row in KINDS), *foreign])


def _kind(row: Kind) -> tuple[str, ...]:
    forms = ", ".join(map(_code, row.forms)) or "an image, by `fmt=`"
    kept = row.kept.value if row.kept is Kept.NOT else _code(row.kept.value)
    return _code(f"req={row.name}"), row.help, forms, kept, "yes" if row.name in answers() else "no: 501", row.page


# ---- settings


def _settings() -> Iterator[str]:
    yield "# Configuration"
    yield ""
    yield f"{_MADE} from the models in `proxy/config.py`; environment variables win over the file."
    yield ""
    for name, info in Config.model_fields.items():
        section = info.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield f"## [{name}]"
            yield ""
            yield (inspect.getdoc(section) or "").replace("``", "`")
            yield ""
            head = ("key", "type", "default", "environment variable", "meaning")
            yield from _table(head, [_setting(name, key, field) for key, field in section.model_fields.items()])


def _setting(section: str, key: str, field: FieldInfo) -> tuple[str, ...]:
    prefix, delimiter = Config.model_config.get("env_prefix") or "", Config.model_config.get("env_nested_delimiter") or ""
    is_size = any(note in field.metadata for note in get_args(Bytes)[1:2])
    kind = "bytes, or a text such as `64 MB`" if is_size else _kind_of_value(field.annotation)
    return (
        _code(key),
        ", ".join((kind, *_bounds(field.metadata))),
        _code(_toml(field.default)) + (_in_units(field.default) if is_size else ""),
        _code(f"{prefix}{section.upper()}{delimiter}{key.upper()}"),
        field.description or "",
    )


_VALUES: Final[Mapping[Any, str]] = {
    bool: "true or false", int: "whole number", float: "number", str: "text", Path: "path", types.NoneType: "nothing",
    Network: "address range",
}  # fmt: skip


def _kind_of_value(annotation: Any) -> str:
    if annotation in _VALUES:
        return _VALUES[annotation]
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        notes = [note for info in args[1:] if isinstance(info, FieldInfo) for note in info.metadata]
        return " of ".join((_kind_of_value(args[0]), *_bounds(notes)))
    if origin is Literal:
        return f"one of {', '.join(_code(_toml(value)) for value in args)}"
    if origin in (types.UnionType, Union):
        return " or ".join(map(_kind_of_value, args))
    if origin is tuple:
        kind = _kind_of_value(args[0])
        return f"list, each {'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    raise TypeError(f"{annotation}: no words for this type of a setting")


def _bounds(notes: Sequence[Any]) -> Iterator[str]:
    for note in notes:
        match note:
            case annotated_types.Ge(ge=least):
                yield f"at least {least}"
            case annotated_types.Gt(gt=below):
                yield f"above {below}"
            case annotated_types.Le(le=most):
                yield f"at most {most}"
            case annotated_types.Lt(lt=above):
                yield f"below {above}"
            case annotated_types.MinLen(min_length=shortest):
                yield f"at least {shortest} characters"
            case _:
                pattern = getattr(note, "pattern", None)
                if pattern:
                    yield f"matching {_code(pattern)}"


def _toml(value: object) -> str:
    """A value as it is written in ``config.toml``; nothing for one that is not set."""
    return "" if value is None else json.dumps(value, default=str)


def _in_units(size: int) -> str:
    """The size in a larger unit, where that makes a short and exact number."""
    for power, unit in enumerate(("KB", "MB", "GB", "TB"), 1):
        if size and size % 1024**power == 0 and size < 1024 ** (power + 1):
            return f" ({size // 1024**power} {unit})"
    return ""
