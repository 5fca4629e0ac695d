"""What an ExportJob may look like, and every way in which it can be wrong before anything is looked up."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import ConfigError
from proxy.export.config import ExportConfig
from proxy.export.request import Problem, fields_of_query, object_of, read_job

GOOD: dict[str, object] = {"assetHandleArray": ["a/b"], "fmt": "convert", "is_modifier": "fmt=png"}


def job_of(**changes: object) -> Any:
    job, problems = read_job(GOOD | changes, 100)
    assert problems == ()
    return job


def problems_of(**changes: object) -> tuple[Problem, ...]:
    return read_job(GOOD | changes, 3)[1]


@pytest.mark.parametrize(
    ("modifier", "macro", "query"),
    [
        ("&fmt=png", "$test$", "fmt=png&$test$"),
        ("?wid=300&fmt=png", None, "wid=300&fmt=png"),
        ("&?&wid=1", "", "wid=1"),
        ("", "test", "$test$"),
        (None, "a&$b$ & c", "$a$&$b$&$c$"),
        ("wid=300", "&$!_s7product$&", "wid=300&$!_s7product$"),
    ],
)
def test_the_macro_comes_last_so_that_it_wins(modifier: str | None, macro: str | None, query: str) -> None:
    assert job_of(is_modifier=modifier, macro=macro).query() == query


@pytest.mark.parametrize(
    ("handle", "object_"),
    [
        ("catalog/id", "catalog/id"),
        ("folder/photo.jpg", "folder/photo.jpg"),
        ("a|47|catalog/id", "catalog/id"),
        ("a|catalog/id", "catalog/id"),
        ("a|732|1|535", "535"),
        ("b|c", "b|c"),
    ],
)
def test_handles_name_objects(handle: str, object_: str) -> None:
    assert object_of(handle) == object_


def test_a_list_of_handles_may_be_wrapped_as_in_the_api() -> None:
    assert job_of(assetHandleArray={"items": ["x", "y"]}).handles == ("x", "y")


def test_repeated_handles_are_exported_once_and_counted() -> None:
    job = job_of(assetHandleArray=["x", "y", "x", "x"])
    assert (job.handles, job.repeated) == (("x", "y"), 2)


def test_originals_need_nothing_else() -> None:
    job, problems = read_job({"assetHandleArray": ["x"], "fmt": "orig", "clientId": "10.0.0.1", "emailSetting": "None"}, 1)
    assert problems == ()
    assert (job.fmt, job.query(), job.client) == ("orig", "", "10.0.0.1")


@pytest.mark.parametrize(
    ("changes", "field", "part"),
    [
        ({"assetHandleArray": None}, "assetHandleArray", "missing"),
        ({"assetHandleArray": "a/b"}, "assetHandleArray", "a text"),
        ({"assetHandleArray": {"item": []}}, "assetHandleArray", "a object"),
        ({"assetHandleArray": {"items": 3}}, "assetHandleArray", "a number"),
        ({"assetHandleArray": []}, "assetHandleArray", "at least one"),
        ({"assetHandleArray": ["x", 3]}, "assetHandleArray", "item 1: a number"),
        ({"assetHandleArray": ["x", True]}, "assetHandleArray", "item 1: a boolean"),
        ({"assetHandleArray": ["x", None]}, "assetHandleArray", "item 1: a null"),
        ({"assetHandleArray": [""]}, "assetHandleArray", "no object"),
        ({"assetHandleArray": ["a|47|"]}, "assetHandleArray", "no object"),
        ({"assetHandleArray": ["/"]}, "assetHandleArray", "no object"),
        ({"assetHandleArray": ["x?wid=3"]}, "assetHandleArray", "is_modifier"),
        ({"assetHandleArray": ["x\ny"]}, "assetHandleArray", "control characters"),
        ({"assetHandleArray": ["\ud800"]}, "assetHandleArray", "characters"),
        ({"assetHandleArray": list("abcd")}, "assetHandleArray", "at most 3"),
        ({"fmt": None}, "fmt", "missing"),
        ({"fmt": "zip"}, "fmt", "orig or convert"),
        ({"fmt": 3}, "fmt", "a number"),
        ({"is_modifier": ["wid=3"]}, "is_modifier", "a list"),
        ({"is_modifier": "\udfff"}, "is_modifier", "surrogate"),
        ({"is_modifier": ""}, "fmt", "is_modifier or macro"),
        ({"macro": {}}, "macro", "a object"),
        ({"macro": "wid=300"}, "macro", "name of a macro"),
        ({"macro": "$"}, "macro", "name of a macro"),
        ({"macro": "$$"}, "macro", "name of a macro"),
        ({"fmt": "orig"}, "is_modifier", "as they are"),
        ({"emailSetting": "Sometimes"}, "emailSetting", "JobCompletion"),
        ({"emailSetting": "All"}, "emailSetting", "sends no mail"),
        ({"clientId": 7}, "clientId", "a number"),
        ({"isModifier": "wid=3"}, "isModifier", "unknown field"),
    ],
)
def test_what_is_wrong_is_said_with_its_field(changes: dict[str, object], field: str, part: str) -> None:
    found = problems_of(**changes)
    assert [problem.field for problem in found] == [field]
    assert part in found[0].message


def test_everything_that_is_wrong_is_said_at_once() -> None:
    fields = {"assetHandleArray": ["", "good"], "fmt": "x", "macro": 3, "emailSetting": "Error", "what": 1}
    job, problems = read_job(fields, 10)
    assert [problem.field for problem in problems] == ["what", "assetHandleArray", "fmt", "macro", "emailSetting"]
    assert job.handles == ("good",)


def test_too_many_assets_are_a_limit_and_not_looked_at() -> None:
    job, problems = read_job(GOOD | {"assetHandleArray": list("abcd")}, 3)
    assert [problem.status for problem in problems] == [413]
    assert job.handles == ()


def test_a_query_repeats_handles_or_separates_them_by_commas() -> None:
    pairs = [("assetHandleArray", "a,b,"), ("fmt", "orig"), ("assetHandleArray", "c")]
    assert fields_of_query(pairs) == ({"assetHandleArray": ["a", "b", "c"], "fmt": "orig"}, ())


def test_a_query_says_other_things_once() -> None:
    _, problems = fields_of_query([("fmt", "orig"), ("fmt", "convert")])
    assert [(problem.field, problem.message) for problem in problems] == [("fmt", "given 2 times: expected once")]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("items"), inner, max_size=3),
    max_leaves=8,
)
_NAMES = st.sampled_from(("assetHandleArray", "fmt", "is_modifier", "macro", "emailSetting", "clientId", "other"))


@given(st.dictionaries(_NAMES, _JSON | st.sampled_from(("orig", "convert", "$a$", "None"))))
def test_any_json_is_read_or_said_to_be_wrong(fields: dict[str, object]) -> None:
    job, problems = read_job(fields, 10)
    assert problems or (job.handles and job.fmt)
    assert all(problem.message and problem.status in (400, 413) for problem in problems)
    json.dumps([problem.shown() for problem in problems]).encode()


@pytest.mark.parametrize("changes", [{"tokens": ("secret",)}, {"tokens": ("g" * 64,)}, {"export_assets": 0}, {"stalled": -1}])
def test_settings_that_cannot_be_used_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        ExportConfig(**changes)
    assert "secret" not in caught.value.detail
