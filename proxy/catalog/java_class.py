"""Sets of characters as Java's expressions name them: as ranges of codes, joined, cut and turned round.

Java's predefined classes and POSIX classes are ASCII (java.util.regex). Knows nothing of expressions as a whole.
"""

from typing import Final

Ranges = tuple[tuple[int, int], ...]
"""First and last code of each range, both included; sorted, apart from each other."""

ALL: Final[Ranges] = ((0, 0x10FFFF),)

_UPPER, _LOWER, _DIGIT = (0x41, 0x5A), (0x61, 0x7A), (0x30, 0x39)
_TO_LOWER = _LOWER[0] - _UPPER[0]

_ESCAPES: Final[dict[str, Ranges]] = {
    "d": (_DIGIT,),
    "w": (_DIGIT, _UPPER, (0x5F, 0x5F), _LOWER),
    "s": ((0x09, 0x0D), (0x20, 0x20)),
    "h": (
        *((0x09, 0x09), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x180E, 0x180E), (0x2000, 0x200A)),
        *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
    ),
    "v": ((0x0A, 0x0D), (0x85, 0x85), (0x2028, 0x2029)),
}

_POSIX: Final[dict[str, Ranges]] = {
    "Lower": (_LOWER,),
    "Upper": (_UPPER,),
    "ASCII": ((0, 0x7F),),
    "Alpha": (_UPPER, _LOWER),
    "Digit": (_DIGIT,),
    "Alnum": (_DIGIT, _UPPER, _LOWER),
    "Punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "Graph": ((0x21, 0x7E),),
    "Print": ((0x20, 0x7E),),
    "Blank": ((0x09, 0x09), (0x20, 0x20)),
    "Cntrl": ((0, 0x1F), (0x7F, 0x7F)),
    "XDigit": (_DIGIT, (0x41, 0x46), (0x61, 0x66)),
    "Space": _ESCAPES["s"],
}


def literal(character: str) -> Ranges:
    """Give the set of one character."""
    return ((ord(character), ord(character)),)


def escape_class(letter: str) -> Ranges:
    r"""Give the set of ``\d \w \s \h \v``, or all others where the letter is upper case."""
    ranges = _ESCAPES[letter.lower()]
    return complement(ranges) if letter.isupper() else ranges


def posix_class(name: str, *, negated: bool, any_case: bool) -> Ranges | None:
    r"""Give the set of ``\p{name}`` or ``\P{name}``; ``None`` for a name that is no POSIX class."""
    ranges = _POSIX.get(name)
    if ranges is None:
        return None
    ranges = fold(ranges) if any_case else ranges
    return complement(ranges) if negated else ranges


def union(*sets: Ranges) -> Ranges:
    """Join sets."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(range_ for ranges in sets for range_ in ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return tuple(joined)


def complement(ranges: Ranges) -> Ranges:
    """Give all characters that are not in a set."""
    gaps: list[tuple[int, int]] = []
    start = ALL[0][0]
    for first, last in ranges:
        if start < first:
            gaps.append((start, first - 1))
        start = last + 1
    if start <= ALL[0][1]:
        gaps.append((start, ALL[0][1]))
    return tuple(gaps)


def intersection(one: Ranges, other: Ranges) -> Ranges:
    """Give the characters that are in both sets."""
    return complement(union(complement(one), complement(other)))


def fold(ranges: Ranges) -> Ranges:
    """Add the other letter case of every ASCII letter in a set."""
    lower = tuple((first + _TO_LOWER, last + _TO_LOWER) for first, last in intersection(ranges, (_UPPER,)))
    upper = tuple((first - _TO_LOWER, last - _TO_LOWER) for first, last in intersection(ranges, (_LOWER,)))
    return union(ranges, lower, upper)


def written(ranges: Ranges) -> str:
    """Write a set for the ``regex`` package: a character, or a class of plain ranges."""
    if ranges == ALL:
        return "."
    if not ranges:
        return "(?!)"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _character(ranges[0][0])
    parts = (_character(first) if first == last else f"{_character(first)}-{_character(last)}" for first, last in ranges)
    return f"[{''.join(parts)}]"


def _character(code: int) -> str:
    character = chr(code)
    return character if character.isascii() and character.isalnum() else f"\\U{code:08x}"
