"""Embedding levels of the bidirectional algorithm (UAX #9), by python-bidi. Knows characters only."""

import unicodedata
from collections.abc import Iterable, Sequence

from bidi import algorithm

_STRONG = {"R", "AL"}
_TURNING = {"R", "AL", "AN", "RLE", "RLO"}
_ISOLATES = dict.fromkeys(range(0x2066, 0x206A), "\u200b")
_RLE, _RLO, _PDF = "\u202b", "\u202e", "\u202c"

_TRAILING = frozenset(" \t\u00a0\u2000\u2001\u2002\u2003\u2009\u200a\u3000")


def turned(text: str, spans: Iterable[tuple[int, int]]) -> list[int]:
    r"""Levels of the characters of one line's text; even ones run to the right. ``spans`` are set with ``\rtlch``.

    Such a span of letters that run to the right by nature is turned as a whole; with Arabic or Hebrew in it it is an embedding,
    so that its numbers stay readable.
    """
    spans = list(spans)
    if not spans and (text.isascii() or not any(unicodedata.bidirectional(each) in _TURNING for each in text)):
        return [0] * len(text)
    framed: list[str] = []
    places: list[int] = []
    at = 0
    for start, end in spans:
        own = any(unicodedata.bidirectional(each) in _STRONG for each in text[start:end])
        framed += [*text[at:start], _RLE if own else _RLO, *text[start:end], _PDF]
        places += [*range(at, start), -1, *range(start, end), -1]
        at = end
    framed += text[at:]
    places += range(at, len(text))
    return _levels("".join(framed).translate(_ISOLATES), places, len(text), base(text))


def base(text: str) -> int:
    """Say whether the first strong character runs to the left (1) or not (0)."""
    for each in text:
        kind = unicodedata.bidirectional(each)
        if kind == "L":
            return 0
        if kind in _STRONG:
            return 1
    return 0


def _levels(framed: str, places: Sequence[int], count: int, level: int) -> list[int]:
    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = level, "LR"[level]
    algorithm.get_embedding_levels(framed, storage)
    for place, character in zip(places, storage["chars"], strict=True):
        character["place"] = place
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, debug=False)
    algorithm.resolve_implicit_levels(storage, debug=False)
    known = {character["place"]: int(character["level"]) for character in storage["chars"]}
    levels: list[int] = []
    for place in range(count):  # what rule X9 took out goes with what stands before it
        levels.append(known.get(place, levels[-1] if levels else level))
    return levels


def visual(levels: Sequence[int]) -> list[int]:
    """Order the places of one line from left to right (rule L2)."""
    order = list(range(len(levels)))
    if not any(levels):
        return order
    for level in range(max(levels), 0, -1):
        at = 0
        while at < len(order):
            if levels[order[at]] < level:
                at += 1
                continue
            end = at
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[at:end] = reversed(order[at:end])
            at = end
    return order


def trails(text: str) -> bool:
    """Whether a character is space that hangs at the end of a line."""
    return text in _TRAILING
