"""The pictures of texts that are kept: ours once they were judged right, LibreOffice's beside them, and where its glyphs stand.

    python -m fidelity.goldens

makes all of them anew, with LibreOffice. Look at them before they are committed.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from fidelity import libreoffice
from fidelity.libreoffice import Sheet
from fidelity.programs import missing
from fidelity.rows import Pixels
from fidelity.texts import TEXTS, Text
from fidelity.typeset import FONTS, RESOLUTION, figures, sheet, typesetter

FOLDER = Path(__file__).parents[1] / "tests" / "golden" / "text"

_PLACES = FOLDER / "libreoffice.json"
_OPENING = f"""# Texts

Each text as this server draws it and, below, as {{version}} does, at {RESOLUTION} dots per inch, with the sentence that says
what to look for. The texts are in `fidelity/texts.py`; where their glyphs stand in LibreOffice's pages is in `libreoffice.json`,
in points. `tests/fidelity/test_goldens.py` holds the server to its pictures (differences of {{ours}} levels of 255 in the mean,
for other versions of libraries) and to LibreOffice's places and pictures by the limits in parentheses.
`python -m fidelity.goldens` makes this folder anew; look at the pictures before they are committed.
"""
SAME = 0.5
"""The mean difference in levels that our picture may have from the one that was kept."""


def picture(name: str) -> Pixels:
    """Our picture that was kept."""
    return _opened(FOLDER / f"{name}.png")


def kept(name: str) -> Sheet:
    """What was kept of LibreOffice's page."""
    places = json.loads(_PLACES.read_text(encoding="utf-8"))[name]
    return Sheet(tuple((x, y) for x, y in places), _opened(FOLDER / f"{name}.libreoffice.png"))


def _opened(file: Path) -> Pixels:
    with Image.open(file) as image:
        return np.asarray(image)


def _keep() -> int:
    """Make and write everything; the number of limits that are not kept."""
    theirs = libreoffice.sheets({text.name: text.page for text in TEXTS}, FONTS, RESOLUTION)
    FOLDER.mkdir(parents=True, exist_ok=True)
    sections, broken = [_OPENING.format(version=libreoffice.version(), ours=SAME)], 0
    with typesetter() as studio:
        for text in TEXTS:
            ours = sheet(studio, text)
            _save(ours.pixels, FOLDER / f"{text.name}.png")
            _save(theirs[text.name].pixels, FOLDER / f"{text.name}.libreoffice.png")
            found = figures(text, ours, theirs[text.name])
            broken += sum(not figure.kept for figure in found)
            sections.append(section(text, "; ".join(map(str, found))))
    rounded = {name: [[round(x, 2), round(y, 2)] for x, y in sheet.places] for name, sheet in theirs.items()}
    lines = ",\n".join(f'"{name}": {json.dumps(places)}' for name, places in rounded.items())
    _PLACES.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    (FOLDER / "README.md").write_text("\n".join(sections), encoding="utf-8")
    return broken


def section(text: Text, told: str) -> str:
    """What the page says of a text."""
    images = f"![here]({text.name}.png)\n\n![LibreOffice]({text.name}.libreoffice.png)"
    return f"## {text.name} (`{text.renderer}=`)\n\n{text.look}\n\n{images}\n\n{told}. Why not less: {text.reason}.\n"


def _save(pixels: Pixels, file: Path) -> None:
    Image.fromarray(pixels).save(file, optimize=True)


if __name__ == "__main__":
    if lacking := missing([*libreoffice.NEEDED, *map(str, FONTS)]):
        sys.exit(f"not installed: {', '.join(lacking)}")
    sys.exit(1 if _keep() else 0)
