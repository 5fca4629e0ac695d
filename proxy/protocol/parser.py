"""Text to tree. Any text gives a tree or a ``RequestError``; what the commands mean is not this module's business."""

from proxy.errors import BadSyntax, LimitExceeded
from proxy.protocol.grammar import check_characters, decode, split_modifiers
from proxy.protocol.tree import Comment, Definition, MacroCall, Node, Setting, Stray, Tree

MOST_MODIFIERS = 2000
"""More modifiers than any page needs; a bound on what one request may cost."""


def parse(query: str) -> Tree:
    """Read a query: modifier *( "&" modifier ).

    Raises:
        LimitExceeded: more than ``MOST_MODIFIERS`` modifiers.
        BadSyntax: a NUL character, plain or escaped, outside comments, or half of a character.
    """
    check_characters(query)
    parts = split_modifiers(query)
    if len(parts) > MOST_MODIFIERS:
        raise LimitExceeded(f"{len(parts)} modifiers: at most {MOST_MODIFIERS} are read")
    return tuple(node for at, text in parts if (node := _modifier(text, at)) is not None)


def _modifier(text: str, at: int) -> Node | None:
    """Command, or "$" macro "$", or "." comment."""
    if text.startswith("."):
        return Comment(text[1:], at)
    raw_name, equals, value = text.partition("=")
    name = decode(raw_name).strip()
    if "\x00" in name or "\x00" in value or "%00" in value:
        raise BadSyntax(f"a NUL character at position {at} of the query")
    if name.startswith("$"):
        if name.endswith("$") and not value:
            # two dollar signs with nothing between them call no macro
            return MacroCall(name[1:-1], at) if len(name) > len("$$") else None
        if equals and len(name) > 1 and not name.endswith("$"):
            return Definition(name[1:], value, at)
        return Stray(text, at) if text.strip() else None
    if equals and name:
        return Setting(name, value, at)
    return Stray(text, at) if text.strip() else None
