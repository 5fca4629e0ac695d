r"""RTF cut into tokens: braces, control words with their numbers, control symbols, bytes, plain text.

Knows the syntax and no word of it but ``\bin``, whose data may hold anything. Line ends are nothing (``c-text-formatting``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from proxy.errors import BadSyntax

_TOKEN = re.compile(
    r"(?P<open>\{)|(?P<close>\})"
    r"|\\'(?P<byte>[0-9a-fA-F]{2})"
    r"|\\(?P<word>[A-Za-z]+)(?P<number>-?[0-9]+)? ?"
    r"|\\(?P<symbol>[^'])"
    r"|(?P<text>[^\\{}\r\n]+)"
    r"|[\r\n]+",
    re.DOTALL,
)
_DIGITS = 10
"""No number of RTF has more; of longer ones the first count, which is out of any range as well."""


class Kind(Enum):
    """What a token is."""

    OPEN = "open"
    CLOSE = "close"
    WORD = "word"
    SYMBOL = "symbol"
    BYTE = "byte"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Token:
    """A token. ``at`` is its place in the text, counted from 1.

    ``text`` is a word in lower case, the character of a symbol, or plain text; ``number`` that of a word or the value of a byte.
    """

    kind: Kind
    at: int
    text: str = ""
    number: int | None = None


def tokens(text: str) -> Iterator[Token]:
    r"""Cut a text into tokens.

    Raises:
        BadSyntax: a backslash that nothing follows, or ``\'`` without two hexadecimal digits.
    """
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            what = r"\' without two hexadecimal digits" if text.startswith(r"\'", at) else "a backslash at the end"
            raise BadSyntax(f"character {at + 1}: {what}")
        place, at = at + 1, match.end()
        name = match.lastgroup if match.lastgroup != "number" else "word"
        if name is None:
            continue
        if name == "word":
            token = Token(Kind.WORD, place, match["word"].lower(), _number(match["number"]))
            if token.text == "bin":
                at += max(0, token.number or 0)
                continue
            yield token
        elif name == "byte":
            yield Token(Kind.BYTE, place, number=int(match["byte"], 16))
        else:
            yield Token(Kind(name), place, match[name] if name in ("symbol", "text") else "")


def _number(digits: str | None) -> int | None:
    return None if digits is None else int(digits[: _DIGITS + digits.startswith("-")])


_ESCAPES = str.maketrans({"\\": "\\\\", "{": "\\{", "}": "\\}", "\n": "\\line ", "\r": None})


def escape(text: str) -> str:
    """Write a plain text as RTF that is read as that text; its line ends become line breaks."""
    return text.translate(_ESCAPES)
