"""From request and header to the recipe, without a pixel: the cases are in the ``.md`` files beside."""

from proxy.errors import IsproxyError
from proxy.recipe.planner import Language
from tests.casefiles import Case, Judge
from tests.given import given, planned, shown


def test_plan(case: Case, judge: Judge, language: Language) -> None:
    judge(case, plan_of(case.given, language))


def plan_of(lines: tuple[str, ...], language: Language) -> str:
    try:
        return shown(planned(given(lines), language))
    except IsproxyError as error:
        return f"{type(error).__name__}: {error.detail}"
