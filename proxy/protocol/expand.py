"""Macros and variables: a tree with calls and references becomes one without.

Pages: ``r-is-http-command-macros``, ``r-is-http-substitution-variables``; protocol decisions 1, 5, 7, 22 (2). A macro is replaced
in place by its definition. A variable has its last definition everywhere; references are replaced once, before decoding, so
what a value brings in is not looked at again.
"""

from collections.abc import Callable, Iterator, Mapping

from proxy.errors import LimitExceeded, RequestError, UnknownMacro
from proxy.protocol.grammar import decode, nested
from proxy.protocol.parser import MOST_MODIFIERS, parse
from proxy.protocol.tree import Definition, MacroCall, Node, Setting, Tree

Macros = Callable[[str], str | None]
"""The definition of a macro by its name in any letter case, or ``None``."""

DEEPEST_MACRO = 32
LONGEST_VALUE = 100_000
_OBJECT = "object"


def expand_macros(tree: Tree, macros: Macros, *, unknown_is_error: bool = True) -> Tree:
    """Replace macro calls by what they stand for, those inside definitions included.

    Raises:
        UnknownMacro: nobody defined it; with ``unknown_is_error`` false the call is dropped instead.
        RequestError: a macro calls itself, directly or through others.
        LimitExceeded: the expansion has too many modifiers or is nested too deeply.
    """
    nodes: list[Node] = []
    for count, node in enumerate(_expanded(tree, macros, (), unknown_is_error=unknown_is_error)):
        # calls count too: they may double at each of 32 levels and say nothing in the end
        if count >= MOST_MODIFIERS:
            raise LimitExceeded(f"macros make more than {MOST_MODIFIERS} modifiers of this request")
        if not isinstance(node, MacroCall):
            nodes.append(node)
    return tuple(nodes)


def _expanded(tree: Tree, macros: Macros, open_: tuple[str, ...], *, unknown_is_error: bool) -> Iterator[Node]:
    """Every node that is reached, the calls included."""
    for node in tree:
        yield node
        if not isinstance(node, MacroCall):
            continue
        folded = node.name.lower()
        if folded in open_:
            raise RequestError(f"${node.name}$: the macro invokes itself ({' → '.join((*open_, folded))})")
        if len(open_) >= DEEPEST_MACRO:
            raise LimitExceeded(f"${node.name}$: macros are nested more than {DEEPEST_MACRO} deep")
        definition = macros(node.name)
        if definition is None:
            if unknown_is_error:
                raise UnknownMacro(node.name)
            continue
        yield from _expanded(parse(definition), macros, (*open_, folded), unknown_is_error=unknown_is_error)


def definitions(tree: Tree, object_: str = "") -> dict[str, str]:
    """The variables of a tree: folded name to raw value. ``object_`` is the raw path that ``$object$`` stands for.

    A plus sign in a definition is a blank (protocol decision 12).
    """
    found = {_OBJECT: object_} if object_ else {}
    for node in tree:
        if isinstance(node, Definition):
            found[node.name.lower()] = node.value.replace("+", "%20")
    return found


def substitute(value: str, variables: Mapping[str, str]) -> str:
    """Replace each ``$name$`` that has a definition by its raw value, once, from left to right.

    Raises:
        LimitExceeded: what is brought in is longer than ``LONGEST_VALUE``.
    """
    value = value.replace("%24", "$")
    if not variables or "$" not in value:
        return value
    out: list[str] = []
    pieces = value.split("$")
    at = length = 0
    while at < len(pieces):
        out.append(pieces[at])
        at += 1
        if at >= len(pieces):
            break
        # pieces[at] stands between two dollar signs unless it is the last one
        name = decode(pieces[at]).lower()
        if at + 1 < len(pieces) and name in variables:
            out.append(variables[name])
            length += len(variables[name])
            if length > LONGEST_VALUE:
                raise LimitExceeded(f"variables make a value of more than {LONGEST_VALUE} characters of it")
            at += 1
        else:
            out.append("$")
    return "".join(out)


def _no_object(_: str) -> bool:
    return False


def substitute_tree(
    tree: Tree, variables: Mapping[str, str], constant: Callable[[str], bool], objects: Callable[[str], bool] = _no_object
) -> Tree:
    """Replace the references in the values of all commands but those that ``constant`` says take none.

    ``objects`` says which commands name objects: a value that becomes part of a foreign URL there is decoded, since it is sent
    once more.
    """
    return tuple(
        Setting(
            node.name, _in_object(node.value, variables) if objects(node.name) else substitute(node.value, variables), node.at
        )
        if isinstance(node, Setting) and not constant(node.name)
        else node
        for node in tree
    )


def _in_object(value: str, variables: Mapping[str, str]) -> str:
    replaced = substitute(value, variables)
    if replaced == value:
        return value
    embedded = nested(replaced)
    if embedded is None or embedded[0]:
        return replaced
    return substitute(value, {name: decode(text) for name, text in variables.items()})
