"""Where a line may end (UAX #14, ``r-textattr``). Knows characters only.

uniseg knows the rules but takes some hundred microseconds a character; it is asked about words, and about pairs where a
word is long.
"""

import re
from functools import lru_cache

from uniseg.linebreak import line_break, line_break_boundaries

SOFT_HYPHEN = "\u00ad"

_WORDS = re.compile(r"[^ ]+")
_PLAIN = re.compile(r"[A-Za-z0-9_.,;:'\"*+=<>@#&^~()\[\]{}]*\Z")
_LONG = 48


def opportunities(text: str) -> set[int]:
    """Find the places before which a line may be broken, the end not among them."""
    places: set[int] = set()
    last = ""
    for match in _WORDS.finditer(text):
        word, start = match.group(), match.start()
        if start and (not last or _parts(last, word[0])):
            places.add(start)
        if not _PLAIN.match(word):
            places.update(start + at for at in (_in_word(word) if len(word) <= _LONG else _in_long(word)))
        last = word[-1]
    return places


@lru_cache(maxsize=4096)
def _parts(before: str, after: str) -> bool:
    """Whether the spaces between these two characters are a place to break."""
    return 2 in tuple(line_break_boundaries(f"{before} {after}"))  # noqa: PLR2004  # behind the space


@lru_cache(maxsize=2048)
def _in_word(word: str) -> tuple[int, ...]:
    return tuple(at for at in line_break_boundaries(word) if 0 < at < len(word))


def _in_long(word: str) -> list[int]:
    """Ask about neighbours by their classes alone: exact for ideographs, near enough for a word this long."""
    classes = [_class(each) for each in word]
    return [at for at in range(1, len(word)) if _pair(classes[at - 1], classes[at], word[at - 1], word[at])]


@lru_cache(maxsize=8192)
def _class(character: str) -> str:
    return str(line_break(character))


_pairs: dict[tuple[str, str], bool] = {}


def _pair(one: str, other: str, before: str, after: str) -> bool:
    """Whether two classes part; there are some fifty of them, so the table stays small."""
    known = _pairs.get((one, other))
    if known is None:
        known = _pairs[one, other] = 1 in tuple(line_break_boundaries(before + after))
    return known
