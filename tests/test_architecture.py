"""What holds of the whole tree: every plug has its cases, every name its page, every module a subject and a bound."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from proxy.answers import answers
from proxy.catalog.attributes import ATTRIBUTES, Attribute
from proxy.catalog.reader import Field
from proxy.catalog.records import FIELDS, FONT_FIELDS, ICC_FIELDS, MACRO_FIELDS, STATIC_FIELDS
from proxy.formats import formats
from proxy.ops import operations
from proxy.protocol.command import Command
from proxy.protocol.commands import FORMATS, GONE_FORMATS, LIST_FORMATS, REQUEST_KINDS
from proxy.vocabulary import words

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "proxy").rglob("*.py"))
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if "conformance" not in path.parts)
PAGES = frozenset((ROOT / "tests/reference_pages.txt").read_text("utf-8").split())
"""The names of the pages: of Image Serving's reference all, of the Image Production System's those that are followed."""

LONGEST = 400
TABLES = ("proxy/protocol/commands.py",)
"""A table is as long as its subject."""

NAMELESS = ("utils", "util", "helpers", "helper", "manager", "common", "context", "misc")
PLACES = re.compile(r"(?<![\w.:/])/(?:root|work|tmp|Users)/")
"""Places of somebody's machine."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def cases() -> str:
    """The text of all cases, in lower case: those that are data, and the tables of the answers' tests."""
    tests = ROOT / "tests"
    files = (*tests.rglob("*.md"), *(tests / "conformance/cases").glob("*.json"), *(tests / "answers").rglob("*.py"))
    return "\n".join(file.read_text("utf-8").lower() for file in files)


def texts() -> Iterator[tuple[str, str]]:
    """Every text of the project by its name, but what is installed or made."""
    for path in sorted(ROOT.iterdir()):
        if path.is_file() and path.suffix in (".toml", ".md", ""):
            yield name(path), path.read_text("utf-8")
    for folder in ("proxy", "tests", "docs", "samples", "macros", "bench", "scripts"):
        for path in sorted((ROOT / folder).rglob("*")):
            parts = path.relative_to(ROOT).parts
            if path.suffix in (".py", ".md", ".toml", ".json", ".ini", ".tab", ".html") and not any(
                part.startswith(".") for part in parts
            ):
                yield name(path), path.read_text("utf-8", "replace")


@pytest.mark.parametrize("command", [kind.name for kind in operations()])
def test_every_operation_has_a_case(command: str) -> None:
    assert f"{command}=".lower() in cases()


@pytest.mark.parametrize("word", list(formats()))
def test_every_format_has_a_case(word: str) -> None:
    assert word in FORMATS
    assert re.search(rf"fmt={word}\b", cases())
    if formats()[word].alpha:
        assert f"fmt={word}-alpha" in cases()


@pytest.mark.parametrize("kind", list(answers()))
def test_every_answer_has_a_case(kind: str) -> None:
    assert kind in REQUEST_KINDS
    # an image is what is answered where nothing else is asked for
    assert kind == "img" or f"req={kind}".lower() in cases()


def test_every_format_of_the_table_is_made() -> None:
    assert {word.partition("-")[0] for word in FORMATS} == set(formats())
    assert {word for word in FORMATS if "-" in word} == {f"{name}-alpha" for name, form in formats().items() if form.alpha}
    assert len({*FORMATS, *LIST_FORMATS, *GONE_FORMATS}) == len(FORMATS) + len(LIST_FORMATS) + len(GONE_FORMATS)


@pytest.mark.parametrize("row", words().rows(), ids=lambda row: row.name)
def test_every_command_is_explained(row: Command) -> None:
    assert len(row.help) > len("a word")
    assert not row.help.endswith(".")
    assert row.page in PAGES


def test_every_attribute_and_field_has_a_page() -> None:
    rows: tuple[Attribute | Field, ...] = (*ATTRIBUTES, *FIELDS, *STATIC_FIELDS, *MACRO_FIELDS, *ICC_FIELDS, *FONT_FIELDS)
    assert [row.name for row in rows if row.page not in PAGES] == []
    assert [kind.name for kind in answers().values() if kind.page not in PAGES] == []


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_the_pages_that_are_named_exist(path: Path) -> None:
    named = re.findall(r"``([rct]-[a-z0-9-]+)``", path.read_text("utf-8"))
    assert [page for page in named if page not in PAGES] == []


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_its_subject_is(path: Path) -> None:
    opening = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    assert re.match(r"[^\n]+[.:]", opening), "an opening sentence"
    assert path.stem not in NAMELESS


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_module_is_too_long(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= LONGEST or name(path) in TABLES


def test_tables_are_too_long_for_the_bound() -> None:
    """An exception that is none any more has to go."""
    assert [table for table in TABLES if len((ROOT / table).read_text("utf-8").splitlines()) <= LONGEST] == []


def test_test_modules_have_distinct_names() -> None:
    names = [path.name for path in TESTS if path.name.startswith("test_")]
    assert sorted(set(names)) == sorted(names)


def test_no_file_speaks_of_places_on_a_machine() -> None:
    assert [file for file, text in texts() if PLACES.search(text)] == []
    assert [name(path) for path in MODULES if "/home/" in path.read_text("utf-8")] == []


def test_the_list_of_pages_is_in_order() -> None:
    lines = (ROOT / "tests/reference_pages.txt").read_text("utf-8").splitlines()
    assert lines == sorted(set(lines))
