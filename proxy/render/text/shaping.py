"""From characters to clusters of glyphs: runs of one direction, script and font, shaped by HarfBuzz.

Everything is in ems of the run's font, before sizes and spacing. Knows nothing of lines.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import uharfbuzz as hb

from proxy.render.text.fonts import Font

_CACHED_LENGTH = 1024
_CACHED_RUNS = 256
_NO_PAIRS = ("kern", "dist")
_NO_LIGATURES = ("liga", "clig", "dlig")
_COMMON_NAMES = ("COMBINING", "VARIATION", "DIGIT", "ZERO", "MODIFIER")


@dataclass(frozen=True, slots=True)
class Shape:
    """What shaping depends on besides the characters."""

    font: Font
    kerning: bool = True
    ligatures: bool = True
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph and where it stands in its cluster: ``x`` to the right, ``y`` upwards, in ems."""

    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """The characters ``start`` to ``end`` of a run which cannot be parted, and their glyphs from left to right.

    ``advance`` runs along the line (downwards for upright ones). ``joined`` says that breaking before it needs shaping anew.
    """

    start: int
    end: int
    advance: float
    glyphs: tuple[Glyph, ...]
    joined: bool


def shaped(text: str, shape: Shape, *, leftwards: bool) -> tuple[Cluster, ...]:
    """Shape a run of one script and one direction; the clusters come in the order of the characters."""
    if len(text) <= _CACHED_LENGTH:
        return _remembered(text, shape, leftwards)
    return _shape(text, shape, leftwards)


@lru_cache(maxsize=_CACHED_RUNS)
def _remembered(text: str, shape: Shape, leftwards: bool) -> tuple[Cluster, ...]:  # noqa: FBT001  # a key of the cache
    return _shape(text, shape, leftwards)


def _shape(text: str, shape: Shape, leftwards: bool) -> tuple[Cluster, ...]:  # noqa: FBT001  # likewise
    buffer = hb.Buffer()
    buffer.add_codepoints([ord(each) for each in text])
    buffer.guess_segment_properties()
    buffer.direction = "ttb" if shape.upright else "rtl" if leftwards else "ltr"
    features: dict[str, bool] = {}
    if not shape.kerning:
        features |= dict.fromkeys(_NO_PAIRS, False)
    if not shape.ligatures:
        features |= dict.fromkeys(_NO_LIGATURES, False)
    hb.shape(shape.font.hb, buffer, features)
    return _clusters(buffer, len(text), shape)


def _clusters(buffer: hb.Buffer, length: int, shape: Shape) -> tuple[Cluster, ...]:
    em = shape.font.upem
    groups: dict[int, list[Glyph]] = {}
    advances: dict[int, float] = {}
    joined: set[int] = set()
    for info, position in zip(buffer.glyph_infos or (), buffer.glyph_positions or (), strict=True):
        dx, dy, ahead, down = position.x_offset, position.y_offset, position.x_advance, position.y_advance
        at = info.cluster
        pen = advances.get(at, 0.0)
        if shape.upright:
            glyph = Glyph(info.codepoint, dx / em, dy / em - pen)
            advances[at] = pen - down / em
        else:
            glyph = Glyph(info.codepoint, pen + dx / em, dy / em)
            advances[at] = pen + ahead / em
        groups.setdefault(at, []).append(glyph)
        if info.flags & hb.GlyphFlags.UNSAFE_TO_BREAK:
            joined.add(at)
    starts = sorted(groups)
    ends = [*starts[1:], length]
    return tuple(
        Cluster(start, end, advances[start], tuple(groups[start]), start in joined)
        for start, end in zip(starts, ends, strict=True)
    )


def scripts(text: str) -> list[tuple[int, int]]:
    """Cut a text where its script changes; common characters stay with what stands before them."""
    if text.isascii():
        return [(0, len(text))] if text else []
    runs: list[tuple[int, int]] = []
    start, now = 0, ""
    for at, character in enumerate(text):
        script = _script(character)
        if script and now and script != now:
            runs.append((start, at))
            start = at
        now = script or now
    if start < len(text):
        runs.append((start, len(text)))
    return runs


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    """Name a letter's or mark's script by the first word of its name, empty for common characters."""
    if unicodedata.category(character)[0] not in "LM" and unicodedata.category(character) != "Nd":
        return ""
    name = unicodedata.name(character, "").replace("-", " ")
    first = name.split(" ", 1)[0]
    return "" if first in _COMMON_NAMES else first


def cuts(length: int, *boundaries: Sequence[int]) -> list[tuple[int, int]]:
    """Cut 0 to ``length`` at all of these places."""
    places = sorted({0, length, *(place for each in boundaries for place in each if 0 < place < length)})
    return list(pairwise(places))
