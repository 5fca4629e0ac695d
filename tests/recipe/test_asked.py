import pytest

from proxy.errors import BadSyntax, Refused, UnknownMacro
from proxy.protocol.command import Vocabulary
from proxy.recipe.asked import Reader
from proxy.recipe.looks import Look
from proxy.recipe.planner import Language, plan
from tests.given import LIMITS, given

RECORD = "record shoe Path=a.tif Modifier=$w=1&qlt=5 PostModifier=fmt=png"


def test_what_was_asked_for() -> None:
    target = "shop//sh%6fe?wid=5&req=Props,xml"
    asked = given(("shop/record shoe Path=a.tif", target)).asked
    assert (asked.object, asked.kind, asked.main.root_id, asked.target) == ("shop/shoe", "props", "shop", target)
    assert given(("photo.jpg",)).asked.kind == "img"


def test_what_counts_in_the_end(words: Vocabulary) -> None:
    case = given(("macro m = wid=$w$&.note", RECORD, "shoe?$m$&x&$w=2"))
    assert case.asked.effective == "qlt=5&wid=2&x&fmt=png"
    again = Reader(case.catalogs, words).read(f"a.tif?{case.asked.effective}")
    assert again.effective == case.asked.effective
    assert again.request == case.asked.request


def test_another_object_instead(words: Vocabulary) -> None:
    case = given((RECORD, "shop/attribute JpegQuality=9,0", "shop/photo.jpg?wid=5"))
    instead = Reader(case.catalogs, words).read_instead(case.asked, "shoe")
    assert instead.main is case.asked.main
    assert instead.layers[0].image is not None
    assert instead.layers[0].image.path == "a.tif"
    assert {name: values[0] for name, values in instead.request.settings.values.items()} == {"qlt": 5, "fmt": "png"}


def test_unknown_macros_may_be_passed_over(words: Vocabulary) -> None:
    case = given(("photo.jpg?$nobody$&wid=5",))
    with pytest.raises(UnknownMacro):
        Reader(case.catalogs, words).read(case.target)
    asked = Reader(case.catalogs, words, unknown_macro_is_error=False).read(case.target)
    assert asked.request.settings.one("wid", int) == 5


@pytest.mark.parametrize(("target", "error"), [("a%00", Refused), ("\ud800?wid=5", BadSyntax), ("a?\udce9%20", BadSyntax)])
def test_what_no_target_may_hold(target: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        _ = given((target,)).asked


def test_the_planner_asks_for_the_original(language: Language) -> None:
    steps = plan(given(("record shoe Path=folder/a.tif", "shoe")).asked, language, LIMITS)
    assert next(steps) == Look("folder/a.tif", "shoe")
