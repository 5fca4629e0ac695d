"""Font files: opened once a worker, with their metrics in ems and their outlines.

Knows HarfBuzz and the tables of a font. Knows nothing of texts, of styles or of pixels. Outlines are unhinted, y upwards.
"""

import struct
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path as FilePath
from threading import Lock

import uharfbuzz as hb

from proxy.errors import BadSource, Missing
from proxy.recipe.text import FontFile

LARGEST = 64 * 2**20
"""Bytes of a font file; a larger one is refused before it is read."""

_OPEN = 24
_OUTLINES = 4096
_CELL = ("d", "p")
_LIMIT = 4.0  # ems: what a font may claim about its own height

Command = tuple[str, tuple[float, ...]]
Outline = tuple[Command, ...]
"""Commands M, L, Q, C, Z with absolute coordinates in ems."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Heights in ems, all positive.

    ``ascent``, ``descent`` and ``gap`` make a line of ``text=``, ``cell_ascent`` and ``cell_descent`` the character
    cell that Adobe's programs align: as high as a d, as deep as a p. ``underline`` is how far below the baseline its middle
    lies, ``thickness`` its height.
    """

    ascent: float
    descent: float
    gap: float
    cell_ascent: float
    cell_descent: float
    underline: float
    thickness: float


class Font:
    """An opened font at one weight, bold or slanted by synthesis. Compared by identity."""

    def __init__(self, name: str, face: hb.Face, weight: int, embolden: float, slant: float) -> None:
        self.name = name
        self.hb = hb.Font(face)
        self.upem: int = face.upem
        if weight:
            self.hb.set_variations({"wght": float(weight)})
        self.metrics = _metrics(face, self.hb)
        if embolden:
            self.hb.synthetic_bold = (embolden, embolden, False)
        if slant:
            self.hb.synthetic_slant = slant
        self._outlines: OrderedDict[int, Outline] = OrderedDict()

    def outline(self, glyph: int) -> Outline:
        """The outline of a glyph, empty for a space."""
        known = self._outlines.get(glyph)
        if known is None:
            known = self._outlines[glyph] = self._draw(glyph)
            if len(self._outlines) > _OUTLINES:
                self._outlines.popitem(last=False)
        return known

    def box(self, glyph: int) -> tuple[float, float, float, float] | None:
        """Left, bottom, right and top of a glyph's ink, nothing for a space."""
        extents = self.hb.get_glyph_extents(glyph)
        if extents is None or not extents.width or not extents.height:
            return None
        em = self.upem
        left, top = extents.x_bearing / em, extents.y_bearing / em
        return left, top + extents.height / em, left + extents.width / em, top

    def _draw(self, glyph: int) -> Outline:
        commands: list[Command] = []
        em = self.upem
        self.hb.draw_glyph(glyph, _FUNCS, (commands, em))
        return tuple(commands)

    def glyph(self, character: str) -> int:
        """The number of a character's glyph, 0 for none."""
        return self.hb.get_nominal_glyph(ord(character)) or 0


_Pen = tuple[list[Command], int]


def _move(x: float, y: float, pen: _Pen) -> None:
    pen[0].append(("M", (x / pen[1], y / pen[1])))


def _line(x: float, y: float, pen: _Pen) -> None:
    pen[0].append(("L", (x / pen[1], y / pen[1])))


def _quadratic(x1: float, y1: float, x: float, y: float, pen: _Pen) -> None:
    em = pen[1]
    pen[0].append(("Q", (x1 / em, y1 / em, x / em, y / em)))


def _cubic(x1: float, y1: float, x2: float, y2: float, x: float, y: float, pen: _Pen) -> None:
    em = pen[1]
    pen[0].append(("C", (x1 / em, y1 / em, x2 / em, y2 / em, x / em, y / em)))


def _close(pen: _Pen) -> None:
    pen[0].append(("Z", ()))


def _draw_funcs() -> hb.DrawFuncs:
    funcs = hb.DrawFuncs()
    funcs.set_move_to_func(_move)
    funcs.set_line_to_func(_line)
    funcs.set_quadratic_to_func(_quadratic)
    funcs.set_cubic_to_func(_cubic)
    funcs.set_close_path_func(_close)
    return funcs


_FUNCS = _draw_funcs()


def _metrics(face: hb.Face, font: hb.Font) -> Metrics:
    """Read a line's heights from hhea, from usWin where it has none, and the cell from the letters d and p.

    GDI reads usWin first; where both differ, a later edition of the font enlarged usWin for rare accents, and lines set
    with its hhea are those of the font it stands for.
    """
    em = face.upem
    os2, hhea, post = (_table(face, tag) for tag in ("OS/2", "hhea", "post"))
    extents = font.get_font_extents("ltr")
    ascender, descender, gap = extents.ascender, -extents.descender, extents.line_gap
    if len(hhea) >= 10:  # noqa: PLR2004  # version, ascender, descender, line gap
        ascender, descender, gap = struct.unpack(">hhh", hhea[4:10])
        descender = -descender
    high, low = ascender, descender
    if high + low <= 0 and len(os2) >= 78:  # noqa: PLR2004  # up to usWinDescent
        high, low = struct.unpack(">HH", os2[74:78])
        gap = 0
    position, thickness = struct.unpack(">hh", post[8:12]) if len(post) >= 12 else (0, 0)  # noqa: PLR2004  # the head of the table
    ascent, descent = _heights(high / em, low / em)
    tall, deep = (font.get_glyph_extents(font.get_nominal_glyph(ord(letter)) or 0) for letter in _CELL)
    if tall and deep and tall.y_bearing > 0 > deep.y_bearing + deep.height:
        high, low = tall.y_bearing, -(deep.y_bearing + deep.height)
    cell_ascent, cell_descent = _heights(high / em, low / em)
    return Metrics(
        ascent,
        descent,
        min(max(gap / em, 0.0), _LIMIT),
        cell_ascent,
        cell_descent,
        -position / em if -em < position < 0 else 0.1,
        thickness / em if 0 < thickness < em / 2 else 0.05,
    )


def _heights(ascent: float, descent: float) -> tuple[float, float]:
    """Bound what a font claims; one without heights has those of most fonts."""
    ascent, descent = min(max(ascent, 0.0), _LIMIT), min(max(descent, 0.0), _LIMIT)
    return (ascent, descent) if ascent + descent > 0.1 else (0.8, 0.2)  # noqa: PLR2004  # less is no height to read


def _table(face: hb.Face, tag: str) -> bytes:
    blob = face.reference_table(tag)
    return bytes(blob.data) if blob else b""


_faces: OrderedDict[tuple[str, int, int], hb.Face] = OrderedDict()
_fonts: OrderedDict[tuple[FontFile, float, float], Font] = OrderedDict()
_lock = Lock()


def open_font(file: FontFile, embolden: float = 0.0, slant: float = 0.0) -> Font:
    """Open a font file, or find it opened. ``embolden`` is in ems, ``slant`` the tangent of the angle.

    Raises:
        Missing: there is no such file.
        BadSource: it is no font with outlines that HarfBuzz reads (TrueType, OpenType, collections' first font).
    """
    key = (file, embolden, slant)
    with _lock:
        font = _fonts.get(key)
        if font is None:
            font = _fonts[key] = Font(file.name, _face(file), file.weight, embolden, slant)
            if len(_fonts) > _OPEN:
                _fonts.popitem(last=False)
        else:
            _fonts.move_to_end(key)
        return font


def _face(file: FontFile) -> hb.Face:
    key = (file.location, file.size, file.mtime_ns)
    face = _faces.get(key)
    if face is None:
        face = _faces[key] = _read(file)
        if len(_faces) > _OPEN:
            _faces.popitem(last=False)
    return face


def _read(file: FontFile) -> hb.Face:
    path = FilePath(file.location)
    try:
        if path.stat().st_size > LARGEST:
            raise BadSource(file.name, f"a font file may have {LARGEST} bytes at most")
        # read, not mapped: a file that is cut off while it is mapped ends the process
        data = path.read_bytes()
    except FileNotFoundError:
        raise Missing(file.name, "font") from None
    except OSError as error:
        raise BadSource(file.name, f"the font file cannot be opened ({error.strerror})") from error
    face = hb.Face(data)
    outlines = any(_table(face, tag) for tag in ("glyf", "CFF ", "CFF2"))
    if face.glyph_count == 0 or face.upem <= 0 or not outlines or not _table(face, "cmap"):
        raise BadSource(file.name, "this is no TrueType or OpenType font with outlines")
    return face
