"""Texts against the pictures that were judged right, and against what was kept of LibreOffice's pages."""

from collections.abc import Iterator

import pytest

from fidelity.figures import mean
from fidelity.goldens import FOLDER, SAME, kept, picture
from fidelity.programs import missing
from fidelity.studio import Studio
from fidelity.texts import TEXTS, Text
from fidelity.typeset import FONTS, figures, sheet, typesetter

LARGEST = 10_000


@pytest.fixture(scope="module", name="setter")
def _setter() -> Iterator[Studio]:
    if lacking := missing([str(font) for font in FONTS]):
        pytest.skip(f"{', '.join(lacking)} not installed (`make debian` does it as root on Debian)")
    with typesetter() as studio:
        yield studio


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_a_text_is_as_it_was_kept_and_like_libreoffices(text: Text, setter: Studio) -> None:
    ours = sheet(setter, text)
    assert mean(ours.pixels, picture(text.name)) <= SAME, "look at the picture; `python -m fidelity.goldens` keeps it"
    assert [str(figure) for figure in figures(text, ours, kept(text.name)) if not figure.kept] == []


def test_goldens_are_small_and_say_what_to_look_for() -> None:
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [text.name for text in TEXTS if text.look not in told or text.reason not in told] == []
    expected = {f"{text.name}{kind}.png" for text in TEXTS for kind in ("", ".libreoffice")}
    pictures = list(FOLDER.glob("*.png"))
    assert {file.name for file in pictures} == expected
    assert max(file.stat().st_size for file in pictures) <= LARGEST
