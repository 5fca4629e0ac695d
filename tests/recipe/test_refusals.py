"""Whatever has no effect yet is refused by its name: every row of the table, every word of ``fmt=``."""

import pytest

from proxy.errors import BadValue, Unbuilt
from proxy.protocol.command import Command, OnComp, Scope
from proxy.protocol.commands import FORMATS, GONE_FORMATS, LIST_FORMATS
from proxy.recipe.planner import Language
from proxy.vocabulary import words
from tests.given import recipe

SAMPLES = {
    "clipPath": "M0,0,1,1",
    "clipXPath": "M0,0,1,1",
    "textPath": "M0,0,1,1",
    "textFlowPath": "M0,0,1,1",
    "textFlowXPath": "M0,0,1,1",
    "pathAttr": "reverse",
}
"""Values of commands for which 1 is none."""
UNBUILT = [row for row in words().rows() if not row.built]


@pytest.mark.parametrize("row", UNBUILT, ids=lambda row: row.name)
def test_a_command_without_an_effect_is_refused(row: Command, language: Language) -> None:
    value = SAMPLES.get(row.name, "1")
    if row.scope is not Scope.SELECT and row.read(value) in row.harmless:
        value = "0"
        if row.read(value) in row.harmless:
            assert recipe(f"photo.jpg?{row.name}={value}", language) == recipe("photo.jpg", language)
            return
    with pytest.raises(Unbuilt) as caught:
        recipe(f"photo.jpg?{row.name}={value}", language)
    assert caught.value.what == f"{row.name}="
    if row.scope is Scope.LAYER and row.on_comp is not OnComp.LAYER0:
        with pytest.raises(Unbuilt):
            recipe(f"photo.jpg?layer=0&{row.name}={value}", language)
    assert row.in_nested
    for elsewhere in ("layer=1&src=b.jpg&%s", "layer=1&src=is{photo.jpg?%s}", "mask=is{b.jpg?layer=2&src=c.jpg&%s}"):
        with pytest.raises(Unbuilt) as caught:
            recipe(f"photo.jpg?{elsewhere % f'{row.name}={value}'}", language)
        assert caught.value.what == f"{row.name}="


@pytest.mark.parametrize("row", UNBUILT, ids=lambda row: row.name)
def test_its_harmless_values_are_accepted(row: Command, language: Language) -> None:
    for values in row.harmless:
        if None not in values:
            request = f"photo.jpg?{row.name}={row.write(values)}"
            assert recipe(request, language) == recipe("photo.jpg", language)


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
