"""Tree to text: ``req=resolve``, ``isproxy explain``, logs. Reading the text again gives an equal tree."""

from urllib.parse import quote

from proxy.protocol.tree import Comment, Definition, MacroCall, Node, Setting, Stray, Tree

_NAME_SAFE = "!$'()*+,-./:;?@_~[]{}|\\^`\"<>"
_VALUE_SAFE = "/:,;.-_~!*'()@+$"


def print_tree(tree: Tree) -> str:
    """Write the modifiers of a tree, separated by ``&``."""
    return "&".join(map(print_node, tree))


def print_node(node: Node) -> str:
    """Write one modifier."""
    match node:
        case Setting(name, value):
            return f"{_name(name)}={value}"
        case Definition(name, value):
            return f"${_name(name)}={value}"
        case MacroCall(name):
            return f"${_name(name)}$"
        case Comment(text):
            return f".{text}"
        case Stray(text):
            return text


def _name(name: str) -> str:
    """Escape what would be cut or decoded differently when it is read again."""
    text = quote(name, safe=_NAME_SAFE)
    return "%2E" + text[1:] if text.startswith(".") else text


def quote_value(text: str) -> str:
    """Escape a decoded value so that it reads back as it is."""
    return quote(text, safe=_VALUE_SAFE)
