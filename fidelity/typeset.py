"""Texts as this server sets them, and how far glyphs and pictures are from those of another typesetter.

Requests go the server's one path. Places are the origins of all glyphs that have ink, in points.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import fontpkg_arimo
import numpy as np
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from fidelity.figures import ssim
from fidelity.libreoffice import Sheet
from fidelity.rows import Figure, Pixels, least, most
from fidelity.studio import Studio
from fidelity.texts import FONT_MAP, Text
from proxy.recipe.text import TextPlan
from proxy.render.text.layout import lay_out

RESOLUTION = 144
"""Dots per inch of the pictures."""

_ARIMO = Path(fontpkg_arimo.__file__).parent / "files"
_DEBIAN = Path("/usr/share/fonts/truetype")
FONTS: Sequence[Path] = (
    _ARIMO / "Arimo[wght].ttf",
    _ARIMO / "Arimo-Italic[wght].ttf",
    _DEBIAN / "dejavu/DejaVuSans.ttf",
    _DEBIAN / "dejavu/DejaVuSans-Bold.ttf",
    _DEBIAN / "lohit-devanagari/Lohit-Devanagari.ttf",
)
"""The files that both read."""

_SOFT = 1.0


@contextmanager
def typesetter() -> Iterator[Studio]:
    """A studio whose font map has the fonts of the texts."""
    with tempfile.TemporaryDirectory(prefix="fidelity") as folder:
        (Path(folder) / "default.ini").write_text("RootId=\nFontMapFile=fonts.tab\n")
        (Path(folder) / "fonts.tab").write_text(FONT_MAP)
        with Studio(Path(folder)) as studio:
            for font in FONTS:
                studio.put(font)
            yield studio


def sheet(studio: Studio, text: Text) -> Sheet:
    """A text as it is set here."""
    width, height = (side * RESOLUTION // 72 for side in text.size)
    target = f"?layer=0&size={width},{height}&textAttr={RESOLUTION}&bgc=ffffff&{text.renderer}={quote(text.value, safe='')}"
    (layer,) = studio.recipe(target).layers
    if not isinstance(layer.source, TextPlan):
        raise TypeError(f"{text.name}: the layer is no text")
    marks = (mark for mark in lay_out(layer.source).marks if mark.font is not None and mark.font.box(mark.glyph) is not None)
    places = tuple((mark.matrix[2] * 72 / RESOLUTION, mark.matrix[5] * 72 / RESOLUTION) for mark in marks)
    return Sheet(places, np.asarray(studio.image(f"{target}&fmt=png,gray").convert("L")))


def figures(text: Text, ours: Sheet, theirs: Sheet) -> tuple[Figure, ...]:
    """How far both are apart: glyphs along and across lines, the text as a whole, and the pictures laid upon each other."""
    if len(ours.places) != len(theirs.places):
        return (most("difference of the numbers of glyphs", abs(len(ours.places) - len(theirs.places)), 0),)
    moves = _moves(ours, theirs)
    across = float(np.median(moves[:, 1]))
    whole = -across if text.higher >= 0 else across
    return (
        most("along the line, pt", np.abs(moves[:, 0]).max(), text.aside),
        most("across, pt", np.abs(moves[:, 1] - across).max(), text.apart),
        most(f"the whole {'higher' if text.higher >= 0 else 'lower'}, pt", whole, abs(text.higher)),
        least("SSIM", ssim(*aligned(ours, theirs)), text.alike),
    )


def aligned(ours: Sheet, theirs: Sheet) -> tuple[Pixels, Pixels]:
    """Both pictures in one size, theirs moved to where our text stands, and both softened by a pixel.

    Edges of letters fall between pixels otherwise here than there; that is no difference of the texts.
    """
    across, down = np.median(_moves(ours, theirs), axis=0) * RESOLUTION / 72
    height, width = ours.pixels.shape
    theirs_there = ndimage.shift(theirs.pixels.astype(np.float64), (down, across), order=3, cval=255)
    canvas = np.full((max(height, theirs_there.shape[0]), max(width, theirs_there.shape[1])), 255.0)
    canvas[: theirs_there.shape[0], : theirs_there.shape[1]] = theirs_there
    soft = [ndimage.gaussian_filter(each.astype(np.float64), _SOFT) for each in (ours.pixels, canvas[:height, :width])]
    return soft[0].clip(0, 255), soft[1].clip(0, 255)


def _moves(ours: Sheet, theirs: Sheet) -> Pixels:
    """From each glyph of theirs to ours, in points: those that are nearest to each other belong together."""
    one, other = np.array(ours.places), np.array(theirs.places)
    drift = np.median(one[:, 1]) - np.median(other[:, 1])
    distances = np.hypot(one[:, None, 0] - other[None, :, 0], one[:, None, 1] - other[None, :, 1] - drift)
    mine, his = linear_sum_assignment(distances)
    return np.asarray(one[mine] - other[his])
