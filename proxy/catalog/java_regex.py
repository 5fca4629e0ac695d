r"""Regular expressions as Java writes them, for the ``regex`` package (``c-rule-set-reference``: java.util.regex).

An expression is read by Java's grammar and written anew in the few constructs that both sides read alike: characters,
classes as plain ranges, groups, alternatives, quantifiers, anchors, back references. What Java does not know is an
error, so nothing of the other syntax (fuzzy matching, recursion, verbs) is reachable. Letter case and predefined
classes are ASCII, as they are in Java unless it is told otherwise; the flags ``u`` and ``U`` and Unicode properties are
refused. Texts must be free of line ends (``LINE_ENDS``): then Java's rules for them, and the flags ``d``, ``m`` and
``s``, make no difference. Neither are ``\G``, ``\X``, ``\N{…}`` and ``\b{g}`` supported.

Knows nothing of rules and requests.
"""

import re
from typing import Final, NamedTuple

import regex

from proxy.catalog.java_class import (
    ALL,
    Ranges,
    complement,
    escape_class,
    fold,
    intersection,
    literal,
    posix_class,
    union,
    written,
)

LINE_ENDS: Final = frozenset("\n\r\x85\u2028\u2029")
LONGEST: Final = 8000
DEEPEST: Final = 50
_MOST_REPEATS = 100_000

_ANCHORS: Final = {"b": r"\b", "B": r"\B", "A": r"\A", "Z": r"\Z", "z": r"\Z"}
_CONTROL: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_BLANKS = " \t\n\x0b\f\r"

_QUOTE = re.compile(r"\\(?:Q(?P<quoted>.*?)(?:\\E|\Z)|.)", re.DOTALL)
_GROUP = re.compile(
    r"\(\?(?:<(?P<name>[A-Za-z][A-Za-z0-9]*)>|(?P<kind>:|=|!|>|<=|<!)"
    r"|(?P<on>[a-zA-Z]*)(?:-(?P<off>[a-zA-Z]*))?(?P<end>[:)]))"
)
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(?P<least>[0-9]{1,9})(?:,(?P<most>[0-9]{0,9}))?\})[?+]?")
_CODE = re.compile(r"(?:x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))")
_OCTAL = re.compile(r"0([0-3][0-7]{2}|[0-7]{1,2})")
_PROPERTY = re.compile(r"[pP](?:\{(?P<name>[^{}]*)\}|(?P<letter>.))")
_BACK = re.compile(r"[1-9][0-9]*")
_NAMED_BACK = re.compile(r"k<([A-Za-z][A-Za-z0-9]*)>")
_FLAGS = frozenset("idmsx")


def compile_java(expression: str) -> "regex.Pattern[str]":
    """Compile an expression; its groups have Java's numbers and names.

    Raises:
        ValueError: it is none, or holds something that is not supported; the message says what.
    """
    if len(expression) > LONGEST:
        raise ValueError(f"{len(expression)} characters; at most {LONGEST} are read")
    translated = _Translation(_QUOTE.sub(_unquoted, expression)).run()
    try:
        return regex.compile(translated, regex.ASCII | regex.DOTALL | regex.VERSION1)
    except (regex.error, OverflowError, RecursionError) as error:
        raise ValueError(f"it cannot be compiled ({error})") from error


def _unquoted(found: re.Match[str]) -> str:
    r"""Write what stands between ``\Q`` and ``\E`` by its codes; leave any other escape."""
    quoted = found["quoted"]
    return found.group() if quoted is None else "".join(f"\\x{{{ord(character):x}}}" for character in quoted)


class _Flags(NamedTuple):
    """The flags that make a difference: any letter case, and blanks and comments in the expression."""

    any_case: bool = False
    free: bool = False


class _Open(NamedTuple):
    """A group that is not closed yet: the flags around it, its number if it captures, its place in the output."""

    flags: _Flags
    number: int
    start: int
    zero_width: bool


class _Translation:
    """One expression on its way; the state is the place in it."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.flags = _Flags()
        self.out: list[str] = []
        self.open: list[_Open] = []
        self.closed: set[int] = set()
        self.groups = 0
        self.names: dict[str, int] = {}

    def run(self) -> str:
        """The expression, written anew."""
        while True:
            self._skip()
            if self.at == len(self.text):
                break
            self._step(self.text[self.at])
        if self.open:
            raise ValueError("a group is not closed")
        return "".join(self.out)

    def _skip(self) -> None:
        """Pass over blanks and comments where the flag ``x`` allows them."""
        while self.flags.free and self.at < len(self.text):
            if self.text[self.at] == "#":
                while self.at < len(self.text) and self.text[self.at] not in LINE_ENDS:
                    self.at += 1
            elif self.text[self.at] in _BLANKS:
                self.at += 1
            else:
                return

    def _step(self, character: str) -> None:
        if character == "(":
            self._open()
        elif character == ")":
            self._close()
        elif character == "|":
            self.at += 1
            self.out.append("|")
        elif character in "*+?":
            raise ValueError(f"{character} has nothing to repeat; write \\{character} for the character")
        elif character == "{":
            raise ValueError("{ begins no number of repeats such as {2} or {2,3}; write \\{ for the character")
        elif character == "\\":
            self.at += 1
            self._escape()
        elif character == "[":
            self.at += 1
            self._atom(written(self._class(1)))
        else:
            self.at += 1
            if character in "^$":
                self._atom(r"\A" if character == "^" else r"\Z", zero_width=True)
            else:
                self._atom("." if character == "." else self._literal(character))

    def _literal(self, character: str) -> str:
        if character in LINE_ENDS:
            raise ValueError("it holds a line end, which no request has; blanks around the expression count as well")
        return self._coded(character)

    def _coded(self, character: str) -> str:
        single = literal(character)
        return written(fold(single) if self.flags.any_case else single)

    # ---- groups

    def _open(self) -> None:
        if self.text[self.at + 1 : self.at + 2] != "?":
            self.at += 1
            self._push("(", capturing=True)
            return
        found = _GROUP.match(self.text, self.at)
        if found is None:
            raise ValueError(f"{self.text[self.at : self.at + 5]} begins no group that Java knows")
        self.at = found.end()
        if found["name"]:
            if found["name"] in self.names:
                raise ValueError(f"there are two groups of the name {found['name']}")
            self.names[found["name"]] = self.groups + 1
            self._push(f"(?P<{found['name']}>", capturing=True)
        elif found["kind"]:
            self._push(f"(?{found['kind']}", zero_width=found["kind"] in ("=", "!", "<=", "<!"))
        else:
            flags = self._changed(found["on"], found["off"] or "")
            if found["end"] == ":":
                self._push("(?:")
            self.flags = flags

    def _changed(self, on: str, off: str) -> _Flags:
        unknown = [letter for letter in on + off if letter not in _FLAGS]
        if unknown:
            told = "is not supported: letters are matched as ASCII" if unknown[0] in "uU" else "is none that Java knows"
            raise ValueError(f"the flag {unknown[0]} {told}")
        any_case = ("i" in on or self.flags.any_case) and "i" not in off
        return _Flags(any_case, ("x" in on or self.flags.free) and "x" not in off)

    def _push(self, text: str, *, capturing: bool = False, zero_width: bool = False) -> None:
        if len(self.open) == DEEPEST:
            raise ValueError(f"groups are nested more than {DEEPEST} deep")
        self.groups += capturing
        self.open.append(_Open(self.flags, self.groups if capturing else 0, len(self.out), zero_width))
        self.out.append(text)

    def _close(self) -> None:
        if not self.open:
            raise ValueError("a ) closes no group; write \\) for the character")
        self.at += 1
        group = self.open.pop()
        self.flags = group.flags
        if group.number:
            self.closed.add(group.number)
        self.out.append(")")
        self._quantify(group.start, zero_width=group.zero_width)

    # ---- what may be repeated

    def _atom(self, text: str, *, zero_width: bool = False) -> None:
        self.out.append(text)
        self._quantify(len(self.out) - 1, zero_width=zero_width)

    def _quantify(self, start: int, *, zero_width: bool) -> None:
        """Read a quantifier, if there is one, for what stands in the output from ``start`` on."""
        self._skip()
        found = _QUANTIFIER.match(self.text, self.at)
        if found is None:
            return
        self.at = found.end()
        least, most = found["least"], found["most"]
        if max(int(least or 0), int(most or 0)) > _MOST_REPEATS:
            raise ValueError(f"{found.group()}: expected at most {_MOST_REPEATS} repeats")
        if most and int(most) < int(least):
            raise ValueError(f"{found.group()}: the second number is smaller than the first")
        if zero_width:
            self.out[start] = "(?:" + self.out[start]
            self.out.append(")")
        self.out.append(found.group())

    # ---- escapes

    def _escape(self) -> None:
        """Read what follows a backslash outside of classes."""
        character = self.text[self.at : self.at + 1]
        if character in _ANCHORS and character:
            self.at += 1
            self._atom(_ANCHORS[character], zero_width=True)
        elif character == "R":
            self.at += 1
            self._atom(written(escape_class("v")))
        elif character == "k" or character in "123456789":
            self._back_reference()
        else:
            self._atom(written(self._escaped_ranges()))

    def _back_reference(self) -> None:
        named, numbered = _NAMED_BACK.match(self.text, self.at), _BACK.match(self.text, self.at)
        if named is not None:
            number = self.names.get(named[1], 0)
            self.at = named.end()
        elif numbered is not None:
            digits = numbered.group()
            used = 1
            while used < len(digits) and int(digits[: used + 1]) <= self.groups:
                used += 1
            number = int(digits[:used])
            self.at += used
        else:
            raise ValueError(r"\k is not followed by the name of a group such as <name>")
        if number not in self.closed:
            raise ValueError("a back reference names a group that is not closed before it")
        self._atom(f"(?i:\\g<{number}>)" if self.flags.any_case else f"\\g<{number}>")

    def _escaped_ranges(self) -> Ranges:
        """Read an escape that stands for characters; the place is behind the backslash."""
        character = self.text[self.at : self.at + 1]
        if not character:
            raise ValueError(r"it ends in a backslash; write \\ for the character")
        if character in "pP":
            return self._property()
        if character in "dDwWsShHvV":
            self.at += 1
            return escape_class(character)
        single = self._escaped_character(character)
        return fold(single) if self.flags.any_case else single

    def _escaped_character(self, character: str) -> Ranges:
        code, octal = _CODE.match(self.text, self.at), _OCTAL.match(self.text, self.at)
        if code is not None:
            self.at = code.end()
            number = int(next(filter(None, code.groups())), 16)
        elif octal is not None:
            self.at = octal.end()
            number = int(octal[1], 8)
        elif character == "c" and self.at + 1 < len(self.text):
            number = ord(self.text[self.at + 1]) ^ 64
            self.at += 2
        elif character in _CONTROL or not (character.isascii() and character.isalnum()):
            number = ord(_CONTROL.get(character, character))
            self.at += 1
        else:
            raise ValueError(f"\\{character} is not supported")
        if number > ALL[0][1]:
            raise ValueError(f"{number:x} is the code of no character")
        return ((number, number),)

    def _property(self) -> Ranges:
        found = _PROPERTY.match(self.text, self.at)
        if found is None:
            raise ValueError(r"\p is not followed by the name of a class such as {Alpha}")
        ranges = posix_class(found["name"] or "", negated=found.group()[0] == "P", any_case=self.flags.any_case)
        if ranges is None:
            raise ValueError(f"\\{found.group()} is not supported: expected a POSIX class such as \\p{{Alpha}} or \\p{{Digit}}")
        self.at = found.end()
        return ranges

    # ---- classes

    def _class(self, depth: int) -> Ranges:
        """Read a class; the place is behind its opening bracket."""
        if depth > DEEPEST:
            raise ValueError(f"classes are nested more than {DEEPEST} deep")
        negated = self.text.startswith("^", self.at)
        self.at += negated
        operands: list[Ranges] = []
        current: Ranges | None = None
        while True:
            self._skip()
            if self.at >= len(self.text):
                raise ValueError("a [ is not closed")
            if self.text[self.at] == "]" and (current is not None or operands):
                break
            if self.text.startswith("&&", self.at):
                operands.append(self._operand(current))
                self.at += 2
                current = None
                continue
            current = union(current or (), self._item(depth))
        self.at += 1
        result = self._operand(current)
        for operand in operands:
            result = intersection(result, operand)
        return complement(result) if negated else result

    def _operand(self, ranges: Ranges | None) -> Ranges:
        if ranges is None or self.text.startswith("&&&", self.at):
            raise ValueError("&& in a class does not stand between two sets of characters")
        return ranges

    def _item(self, depth: int) -> Ranges:
        """Read a nested class, a class by escape, a character or a range of them."""
        if self.text[self.at] == "[":
            self.at += 1
            return self._class(depth + 1)
        if self.text[self.at] == "\\" and self.text[self.at + 1 : self.at + 2] in tuple("pPdDwWsShHvV"):
            self.at += 1
            return self._escaped_ranges()
        first = self._member()
        self._skip()
        if not self.text.startswith("-", self.at) or self.text[self.at + 1 : self.at + 2] in ("", "[", "]"):
            return self._folded(first, first)
        self.at += 1
        self._skip()
        if self.text[self.at : self.at + 1] in ("", "[", "]"):
            raise ValueError("a range in a class has no end")
        last = self._member()
        if last < first:
            raise ValueError(f"a range in a class goes from {chr(first)!r} down to {chr(last)!r}")
        return self._folded(first, last)

    def _folded(self, first: int, last: int) -> Ranges:
        return fold(((first, last),)) if self.flags.any_case else ((first, last),)

    def _member(self) -> int:
        """Read one character of a class."""
        character = self.text[self.at]
        self.at += 1
        if character == "\\":
            following = self.text[self.at : self.at + 1]
            if not following or following in "pPdDwWsShHvV":
                raise ValueError("a range in a class does not end in a character")
            return self._escaped_character(following)[0][0]
        if character in LINE_ENDS:
            raise ValueError("a class holds a line end, which no request has")
        return ord(character)
