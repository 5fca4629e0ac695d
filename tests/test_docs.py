"""The pages of docs/ that are made from tables are current, whole and well formed; the tables made for them are true."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import proxy
from proxy.answers import answers
from proxy.answers._kinds import KINDS
from proxy.catalog import unused
from proxy.catalog.attributes import ATTRIBUTES
from proxy.catalog.reader import Field
from proxy.catalog.records import FIELDS, FONT_FIELDS, ICC_FIELDS, MACRO_FIELDS, STATIC_FIELDS
from proxy.cli.docs import docs, pages
from proxy.config import Config
from proxy.protocol.commands import FOREIGN_KINDS, REQUEST_KINDS
from proxy.vocabulary import words

FOLDER = Path(__file__).parents[1] / "docs"
PACKAGE = Path(proxy.__file__).parent
PAGES = ("catalogs.md", "commands.md", "config.md", "req.md")
TELLERS = ("answers/imageprops.py", "answers/catalogprops.py")
TABLES = (
    *("catalog/attributes.py", "catalog/records.py", "catalog/rules_file.py", "catalog/unused.py"),
    *("recipe/unbuilt.py", "cli/docs.py"),
)
TOLD = "PublishInfo"
"""That it is told is all the effect there is to have."""


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_are_current(page: str) -> None:
    assert (FOLDER / page).read_text(encoding="utf-8") == pages()[page], "run `isproxy docs docs`"


def test_these_are_all_pages() -> None:
    assert sorted(pages()) == list(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_every_table_has_as_many_cells_in_each_row(page: str) -> None:
    lines = pages()[page].split("\n")
    for before, line in itertools.pairwise(lines):
        if before.startswith("|") and line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", before)) == len(re.findall(r"(?<!\\)\|", line)), line
        assert line == line.rstrip()


def firsts(page: str) -> list[str]:
    """The first cells of all rows."""
    return re.findall(r"^\| `([^`]*)` \|", pages()[page], re.MULTILINE)


def test_nothing_is_left_out() -> None:
    assert sorted(firsts("commands.md")) == sorted(row.syntax for row in words().rows())
    fields = (*FIELDS, *STATIC_FIELDS, *MACRO_FIELDS, *ICC_FIELDS, *FONT_FIELDS)
    assert firsts("catalogs.md")[: len(ATTRIBUTES)] == [row.name for row in ATTRIBUTES]
    assert firsts("catalogs.md")[len(ATTRIBUTES) :] == [row.name for row in fields]
    assert firsts("req.md") == [f"req={name}" for name in (*REQUEST_KINDS, *FOREIGN_KINDS)]
    settings = Config().model_dump()
    assert firsts("config.md") == [key for section in settings.values() for key in section]
    for name, section in settings.items():
        for key in section:
            assert f"`ISPROXY_{name}__{key}`".upper() in pages()["config.md"].upper()


@pytest.mark.parametrize(
    ("page", "cells"),
    [
        (
            "commands.md",
            ["`op_usm=amount[,radius][,threshold][,monochrome]`", "`threshold`: a whole number from 0 to 255; default `0`"],
        ),
        ("commands.md", ["`wid=val`", "0 is as if absent", "`val`: a whole number from 0 to 1000000", "the view"]),
        ("commands.md", ["`pos=x,y`", "replaces `posN=`", "`x`: a whole number<br>`y`: a whole number", "ignored", "r-pos"]),
        ("catalogs.md", ["`ErrorDetail`", "a whole number from 0 to 3", "`2`", "empty", "yes", "r-errordetail"]),
        (
            "catalogs.md",
            ["`Expiration`", "-1, -2 or a number of hours of at least 0", "attribute::Expiration; so for -2", "r-expiration-cat"],
        ),
        ("req.md", ["`req=exists`", "`text`, `javascript`, `xml`, `json`", "`attribute::NonImgExpiration`", "yes", "r-exists"]),
        (
            "config.md",
            ["`memory`", "bytes, or a text such as `64 MB`, at least 0", "`268435456` (256 MB)", "`ISPROXY_CACHE__MEMORY`"],
        ),
        ("config.md", ["`trusted_proxies`", "list, each an address range", "`ISPROXY_SECURITY__TRUSTED_PROXIES`"]),
        ("config.md", ["`url_keys`", "list, each a text of at least 16 characters"]),
        ("config.md", ["`level`", 'one of `"debug"`, `"info"`, `"warning"`, `"error"`', '`"info"`', "`ISPROXY_LOG__LEVEL`"]),
    ],
)
def test_some_rows(page: str, cells: list[str]) -> None:
    rows = [row for row in pages()[page].split("\n") if row.startswith(f"| {cells[0]} |")]
    assert any(all(cell in row for cell in cells) for row in rows), rows


def test_the_command_writes_them(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(docs)
    result = CliRunner().invoke(app, [str(tmp_path / "new")])
    assert (result.exit_code, sorted(result.output.split())) == (0, list(PAGES))
    assert {file.name: file.read_bytes().decode() for file in (tmp_path / "new").iterdir()} == pages()


def test_the_table_of_kinds() -> None:
    assert [kind.name for kind in KINDS] == list(REQUEST_KINDS)
    for kind in KINDS:
        if kind.name in answers():
            assert answers()[kind.name].page == kind.page


# what has no effect is not read by the program, what has one is


def trees(without: tuple[str, ...]) -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        name = file.relative_to(PACKAGE).as_posix()
        if name not in without:
            yield name, ast.parse(file.read_text(encoding="utf-8"))


def texts(without: tuple[str, ...], below: str) -> frozenset[str]:
    """The texts in the modules of one package, or of all but those of ``catalog/`` where ``below`` is empty."""
    return frozenset(
        node.value
        for name, tree in trees(without)
        if (name.startswith(below) if below else not name.startswith("catalog/"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def fields_read(without: tuple[str, ...], *, in_catalog: bool) -> frozenset[str]:
    """What is read of anything called a record."""
    return frozenset(
        node.attr
        for name, tree in trees(without)
        if in_catalog or not name.startswith("catalog/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (
            (isinstance(node.value, ast.Name) and node.value.id == "record")
            or (isinstance(node.value, ast.Attribute) and node.value.attr == "record")
        )
    )


def python_name(field: Field) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field.name).lower()


def test_attributes_without_effect() -> None:
    known = {row.name for row in ATTRIBUTES}
    assert known >= unused.ATTRIBUTES
    elsewhere = {TOLD}
    assert not unused.ATTRIBUTES & elsewhere
    inside, outside = texts(TABLES, "catalog/"), texts((*TABLES, *TELLERS), "")
    # the catalog package knows attributes by their folded names too
    used = {name for name in known if name in outside or name in inside or name.lower() in inside}
    assert known - used - elsewhere - unused.ATTRIBUTES == set(), "no code reads these: list them in proxy/catalog/unused.py"
    # what the loader reads may well be looked at by nobody
    read = outside | texts((*TABLES, "catalog/store.py"), "catalog/")
    assert unused.ATTRIBUTES & read == set(), "code reads these: take them out of proxy/catalog/unused.py"


def test_fields_without_effect() -> None:
    assert {row.name for row in FIELDS} >= unused.FIELDS
    assert {row.name for row in FONT_FIELDS} >= unused.FONT_FIELDS
    read = fields_read(TELLERS, in_catalog=True)
    unread = {row.name for row in FIELDS if python_name(row) not in read}
    assert unread - unused.FIELDS == set(), "no code reads these: list them in proxy/catalog/unused.py"
    outside = fields_read(TELLERS, in_catalog=False)
    assert unused.FIELDS - {row.name for row in FIELDS if python_name(row) not in outside} == set(), (
        "code reads these: take them out of proxy/catalog/unused.py"
    )
