"""Characters, delimiters and escapes: where a request is cut, before anything in it is decoded.

Pages: ``r-basic-syntax``, ``r-http-encoding``, ``r-request-nesting-and-embedding``; protocol decisions 5, 11, 12, 19, 22 (1).

    target    = path [ "?" query ]
    query     = modifier *( "&" modifier )
    modifier  = name [ "=" value ] | "$" macro "$" | "." comment

A value that is a request of its own, ``is{…}`` or ``(…)``, and braces anywhere in a value are kept whole: separators inside
belong to it. ``%7B %7D %28 %29`` delimit like the plain characters.
"""

import re
from urllib.parse import unquote_to_bytes

from proxy.errors import BadSyntax

_ESCAPED = {"%7b": "{", "%7d": "}", "%28": "(", "%29": ")"}
_DELIMITER = re.compile(r"[{}()]|%(?:7[BbDd]|2[89])")
_INTERESTING = re.compile(r"[&={}()]|%(?:7[BbDd]|2[89])")
_NESTED = re.compile(r"(?P<kind>is|ir|fxg|)(?P<open>[{(]|%7[Bb]|%28)", re.IGNORECASE)


def check_characters(text: str) -> None:
    """Refuse halves of characters: no escape can say them, but JSON can.

    Raises:
        BadSyntax: there is one.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadSyntax(f"half of a character at position {error.start}") from None


def decode(text: str) -> str:
    """Undo percent escapes: UTF-8, Latin-1 where that does not decode. A lone ``%`` stays as it is."""
    if "%" not in text:
        return text
    data = unquote_to_bytes(text)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def split_target(target: str) -> tuple[str, str]:
    """Cut a request target into path and query at the first question mark; blanks and ``?`` before the query go.

    Raises:
        BadSyntax: it holds half of a character.
    """
    check_characters(target)
    path, _, query = target.partition("?")
    while query.startswith(("?", " ", "%20", "+")):
        query = query[3:] if query.startswith("%20") else query[1:]
    return path, query


def path_elements(path: str) -> tuple[str, ...]:
    """The elements of a path, each decoded by itself; empty ones are passed over."""
    return tuple(decode(element) for element in path.split("/") if element)


def delimiter(token: str) -> str:
    """The plain character of a delimiter that may be escaped."""
    return _ESCAPED.get(token.lower(), token)


def pairs(text: str) -> dict[int, tuple[int, int]]:
    """Where each opening delimiter that is closed is closed: its position to begin and end of the closing token.

    An opening delimiter that never is closed was an ordinary character, as is a parenthesis left open inside braces.
    """
    found: dict[int, tuple[int, int]] = {}
    open_: list[tuple[str, int]] = []
    braces = 0
    for token in _DELIMITER.finditer(text):
        character = delimiter(token.group())
        if character in "{(":
            open_.append((character, token.start()))
            braces += character == "{"
        elif character == ")":
            if open_ and open_[-1][0] == "(":
                found[open_.pop()[1]] = token.span()
        elif braces:
            while open_[-1][0] != "{":
                open_.pop()
            found[open_.pop()[1]] = token.span()
            braces -= 1
    return found


def split_modifiers(query: str) -> list[tuple[int, str]]:
    """Cut a query at its separators: (position, text) of each modifier, empty ones included."""
    parts: list[tuple[int, str]] = []
    closed = pairs(query)
    start = at = value = 0  # value: where that of this modifier begins, 0 before its equals sign
    while found := _INTERESTING.search(query, at):
        at = found.end()
        if found.group() == "&":
            parts.append((start, query[start : found.start()]))
            start, value = at, 0
        elif found.group() == "=":
            # a comment has no value
            value = value or (0 if query.startswith(".", start) else at)
        elif value and found.start() in closed and _opens(query, value, found):
            at = closed[found.start()][1]
    parts.append((start, query[start:]))
    return parts


def nested(value: str) -> tuple[str, str] | None:
    """Kind (``is``, ``ir``, ``fxg`` or empty) and raw text of a value that is a nested request, else ``None``."""
    start = _NESTED.match(value.strip())
    if start is None:
        return None
    value = value.strip()
    closed = pairs(value).get(start.start("open"))
    if closed is None or closed[1] != len(value):
        return None
    return start["kind"].lower(), value[start.end() : closed[0]]


_KINDS = ("", "is", "ir", "fxg")


def _opens(query: str, value: int, found: re.Match[str]) -> bool:
    """Whether an opening delimiter keeps what follows whole: braces in any value, parentheses only where a value begins."""
    if delimiter(found.group()) == "{":
        return True
    length = found.start() - value
    return length <= max(map(len, _KINDS)) and query[value : found.start()].lower() in _KINDS
