from pathlib import Path

import pytest

from tests.casefiles import Judge, read_cases

TEXT = """# Heading

Prose that no case needs.

two words
.
given 1
given 2
.
expected 1

expected 3
.

another one
.
given
.
.
"""


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    file = tmp_path / "cases.md"
    file.write_text(TEXT, "utf-8")
    return file


def test_reading(file: Path) -> None:
    first, second = read_cases(file)
    assert (first.title, first.given, first.expected) == ("two words", ("given 1", "given 2"), "expected 1\n\nexpected 3")
    assert (second.title, second.given, second.expected) == ("another one", ("given",), "")


@pytest.mark.parametrize("text", ["title\n.\ngiven\n.\nexpected", ".\ngiven\n.\nexpected\n.", "title\n.\n.\nexpected\n.\n"])
def test_a_torn_file_is_an_error(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"cases\.md:"):
        read_cases(file)


def test_a_plain_run_fails_and_never_writes(file: Path) -> None:
    judge = Judge(bless=False)
    with pytest.raises(pytest.fail.Exception, match="another one"):
        judge(read_cases(file)[1], "unexpected")
    judge.write()
    assert file.read_text("utf-8") == TEXT


def test_blessing_rewrites_expectations_and_nothing_else(file: Path) -> None:
    judge = Judge(bless=True)
    first, second = read_cases(file)
    judge(first, "1\n2\n3\n4\n5")
    judge(second, "new")
    assert file.read_text("utf-8") == TEXT
    judge.write()
    assert file.read_text("utf-8") == TEXT.replace("expected 1\n\nexpected 3", "1\n2\n3\n4\n5").replace(
        "given\n.\n.", "given\n.\nnew\n."
    )
    plain = Judge(bless=False)
    for case, expected in zip(read_cases(file), ("1\n2\n3\n4\n5", "new"), strict=True):
        plain(case, expected)
