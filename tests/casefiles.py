"""Case files: readable tests as data, in the form of markdown-it-py's fixtures.

    title
    .
    what is given
    .
    what is expected
    .

What stands between cases is prose. ``pytest --bless`` replaces what is expected by what came out; a plain run never writes.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_DOT = "."


@dataclass(frozen=True, slots=True)
class Case:
    """One case. ``first`` and ``last`` are the lines of the file, from 0, between which the expectation stands."""

    file: Path
    title: str
    given: tuple[str, ...]
    expected: str
    first: int
    last: int

    @property
    def name(self) -> str:
        """What it is called among the cases of its folder."""
        return f"{self.file.stem}: {self.title}"


def read_cases(file: Path) -> tuple[Case, ...]:
    """Read a case file.

    Raises:
        ValueError: a case has no title, no end, or is given nothing.
    """
    return tuple(_cases(file, file.read_text("utf-8").split("\n")))


def _cases(file: Path, lines: list[str]) -> Iterator[Case]:
    at = 0
    while _DOT in lines[at:]:
        opening = lines.index(_DOT, at)
        if lines[opening:].count(_DOT) < len(("given", "expected", "end")):
            raise ValueError(f"{file.name}:{opening + 1}: the case has no end")
        title = lines[opening - 1].strip() if opening > at else ""
        middle = lines.index(_DOT, opening + 1)
        end = lines.index(_DOT, middle + 1)
        if not title or middle == opening + 1:
            raise ValueError(f"{file.name}:{opening + 1}: a case needs a title and something that is given")
        yield Case(file, title, tuple(lines[opening + 1 : middle]), "\n".join(lines[middle + 1 : end]), middle + 1, end)
        at = end + 1


class Judge:
    """Compares what came out with what is expected; with ``bless`` it collects what is to be expected from now on."""

    def __init__(self, *, bless: bool) -> None:
        self.bless = bless
        self._blessed: dict[Path, list[tuple[Case, str]]] = {}

    def __call__(self, case: Case, actual: str) -> None:
        """Fail with the difference, or note what came out."""
        if actual == case.expected:
            return
        if self.bless:
            self._blessed.setdefault(case.file, []).append((case, actual))
            return
        lines = difflib.unified_diff(case.expected.split("\n"), actual.split("\n"), "expected", "came out", lineterm="")
        pytest.fail("\n".join((f"{case.file.name}:{case.first}: {case.title}", *lines)), pytrace=False)

    def write(self) -> None:
        """Write what was blessed, from the end of each file backwards so that places stay right."""
        for file, cases in self._blessed.items():
            lines = file.read_text("utf-8").split("\n")
            for case, actual in sorted(cases, key=lambda item: -item[0].first):
                lines[case.first : case.last] = actual.split("\n")
            file.write_text("\n".join(lines), "utf-8")
