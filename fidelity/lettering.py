"""Lines of text, against LibreOffice's of the same RTF in the same fonts (``c-text-formatting``)."""

from collections.abc import Iterator

from fidelity import libreoffice
from fidelity.rows import Measurement, Row
from fidelity.studio import Studio
from fidelity.texts import TEXTS
from fidelity.typeset import FONTS, RESOLUTION, aligned, figures, sheet, typesetter


def _lines(_: Studio) -> Iterator[Row]:
    theirs = libreoffice.sheets({text.name: text.page for text in TEXTS}, FONTS, RESOLUTION)
    with typesetter() as studio:
        for text in TEXTS:
            ours = sheet(studio, text)
            found = figures(text, ours, theirs[text.name])
            pair = aligned(ours, theirs[text.name]) if len(ours.places) == len(theirs[text.name].places) else None
            picture = f"{len(ours.places)} glyphs; {text.reason}"
            yield Row(f"`{text.renderer}=` {text.name}", libreoffice.version(), picture, found, pair)


MEASUREMENTS = (
    Measurement(
        "lettering",
        "Text",
        "The origin of every glyph of a text, here and in a page of the same size that LibreOffice makes of the same RTF with "
        "the same font files; it rounds places to tenths of a point. Across lines, what all of a text has in common is told "
        "apart from the rest. Pictures are laid upon each other and softened by a pixel of half a point. Both are kept side by "
        "side in tests/golden/text, with what to look for; `make test` holds the server to those, without LibreOffice.",
        _lines,
        needs=(*libreoffice.NEEDED, *map(str, FONTS)),
        slow=True,
    ),
)
