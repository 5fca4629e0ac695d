"""Whatever has no effect yet is refused by its name; nothing of the table is left. Every word of ``fmt=`` is made or refused."""

from dataclasses import replace

import pytest

from proxy.errors import BadValue, Unbuilt
from proxy.protocol.command import vocabulary
from proxy.protocol.commands import FORMATS, GONE_FORMATS, LIST_FORMATS
from proxy.recipe.planner import Language
from proxy.vocabulary import words
from tests.given import recipe

PRETENDED = (
    ("rotate", "0", "1"),
    ("opac", "100", "50"),
    ("effectMask", "1", "0"),
    ("textAngle", "0", "45"),
    ("op_hue", "0", "9"),
)
"""Commands that are taken for unbuilt here, since all are built: a value that would change nothing, and one that would."""


def without(language: Language, name: str, harmless: str) -> Language:
    """A language whose command ``name`` has no effect yet."""
    rows = [
        replace(row, built=False, harmless=(row.read(harmless),)) if row.name == name else row for row in language.words.rows()
    ]
    return replace(language, words=vocabulary(rows))


def test_every_command_has_an_effect() -> None:
    assert [row.name for row in words().rows() if not row.built] == []


@pytest.mark.parametrize(("name", "harmless", "value"), PRETENDED)
def test_a_command_without_an_effect_is_refused(name: str, harmless: str, value: str, language: Language) -> None:
    language = without(language, name, harmless)
    for elsewhere in ("%s", "layer=1&src=b.jpg&%s", "layer=1&src=is{photo.jpg?%s}", "mask=is{b.jpg?layer=2&src=c.jpg&%s}"):
        with pytest.raises(Unbuilt) as caught:
            recipe(f"photo.jpg?{elsewhere % f'{name}={value}'}", language)
        assert caught.value.what == f"{name}="


@pytest.mark.parametrize(("name", "harmless"), [row[:2] for row in PRETENDED])
def test_its_harmless_values_are_accepted(name: str, harmless: str, language: Language) -> None:
    language = without(language, name, harmless)
    assert recipe(f"photo.jpg?{name}={harmless}", language) == recipe("photo.jpg", language)


@pytest.mark.parametrize("word", [*FORMATS, *LIST_FORMATS, *GONE_FORMATS])
def test_every_format_is_made_or_refused_by_name(word: str, language: Language) -> None:
    base = word.removesuffix("-alpha")
    if word in GONE_FORMATS:
        with pytest.raises(BadValue, match="can still be decoded"):
            recipe(f"photo.jpg?fmt={word}", language)
    elif word in LIST_FORMATS:
        with pytest.raises(BadValue, match="for req=mbrSet alone"):
            recipe(f"photo.jpg?fmt={word}", language)
    else:
        output = recipe(f"photo.jpg?fmt={word}", language).output
        assert (output.format, output.alpha) == (base, word != base)
