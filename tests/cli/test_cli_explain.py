"""``isproxy explain URL``: parsed, expanded, ignored with reasons, recipe."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli import app
from proxy.cli.explain import target_of
from tests.serving import configure, quadrants


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explain")
    (folder / "catalogs").mkdir()
    (folder / "catalogs/default.ini").write_text("RootId=\nMacroFile=macros.tab\n")
    (folder / "catalogs/macros.tab").write_text("Name\tDefinition\nthumb\twid=20&$png$\npng\tfmt=png\n")
    (folder / "catalogs/shop.ini").write_text("RootId=shop\nCatalogFile=shop.tab\nDefaultImage=shop/quad\n")
    (folder / "catalogs/shop.tab").write_text("Id\tPath\tModifier\tPostModifier\nquad\tquad.png\tqlt=50\top_usm=1,1\n")
    path = configure(folder)
    quadrants(40, 30).save(folder / "images/quad.png")
    return path


def explained(config: Path, url: str) -> Result:
    return CliRunner().invoke(app, ["explain", url, "--config", str(config)])


def sections(output: str) -> dict[str, list[str]]:
    """The indented lines below each line that is not."""
    found: dict[str, list[str]] = {}
    head = ""
    for line in output.splitlines():
        if line.startswith("  "):
            found[head].append(line.strip())
        else:
            head = line
            found[head] = []
    return found


def test_every_stage(config: Path) -> None:
    result = explained(config, "shop/quad?$thumb$&$w=7&hei=$w$&x=1&.note&qlt=&wid=30&stray&layer=comp&pos=1,1")
    assert result.exit_code == 0
    told = sections(result.output)
    assert "object     shop/quad" in told
    assert "catalog    shop" in told
    assert "record     quad" in told
    assert "path       quad.png" in told
    assert told["parsed"][:3] == ["$thumb$", "$w=7", "hei=$w$"]
    assert told["expanded   Modifier"] == ["qlt=50"]
    assert told["expanded   PostModifier"] == ["op_usm=1,1"]
    assert told["expanded   request"][:2] == ["wid=20", "fmt=png"]
    assert "hei=7" in told["expanded   request"]
    assert {"x=1: no such command", "wid=20: overridden by wid=30", ".note: a comment"} <= set(told["ignored"])
    assert {"qlt=: an empty value is as if the command were absent", "stray: neither a command nor a macro"} <= set(
        told["ignored"]
    )
    assert "pos=1,1: pos is ignored in layer=comp" in told["ignored"]
    assert {"wid=30", "hei=7", "fmt=png", "qlt=50"} <= set(told["request and view"])
    assert "format: 'png'" in told["recipe"]
    assert "rect: (0, 0, 30, 7)" in told["recipe"]
    (key,) = (line for line in told if line.startswith("key "))
    assert len(key.split()[1]) == 64


def test_equal_recipes_have_equal_keys(config: Path) -> None:
    outputs = [
        explained(config, url).output for url in ("quad.png?wid=20&fmt=png", "quad.png?$thumb$", "quad.png?fmt=png&wid=20&x=2")
    ]
    assert len({output.splitlines()[-1] for output in outputs}) == 1
    assert len({output.partition("recipe\n")[2] for output in outputs}) == 1


def test_a_request_that_makes_no_image(config: Path) -> None:
    result = explained(config, "shop/quad?req=exists")
    assert result.exit_code == 0
    assert result.output.endswith("req=exists: no image is made\n")


def test_a_default_image(config: Path) -> None:
    result = explained(config, "shop/lost?wid=9")
    assert result.exit_code == 0
    assert "default    shop/quad stands in for the missing image" in result.output


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("lost.png?wid=5", "error (403): The image was not found: image not found: lost.png"),
        ("quad.png?wid=x", "error (403): The request is not valid: wid=x: expected a whole number"),
        ("quad.png?$none$", "error (403): The request is not valid: $none$: no macro of this name is defined"),
        ("../quad.png", "error (403): Access refused"),
    ],
)
def test_errors(config: Path, url: str, told: str) -> None:
    result = explained(config, url)
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(told)
    assert "Traceback" not in result.output


def test_an_error_stands_behind_the_stages_before_it(config: Path) -> None:
    told = sections(explained(config, "lost.png?wid=5").output)
    assert told["parsed"] == ["wid=5"]
    assert "path       lost.png" in told


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://host/is/image/a/b?wid=5", "a/b?wid=5"),
        ("https://host:8080/pre/is/image/a?x=/is/image/b", "a?x=/is/image/b"),
        ("/is/image/a", "a"),
        ("/is/image", ""),
        ("/is/image?req=exists", "?req=exists"),
        ("a/b?u=http://host/is/image/c", "a/b?u=http://host/is/image/c"),
        ("a/b", "a/b"),
        ("/a/b", "a/b"),
        ("", ""),
    ],
)
def test_what_may_be_given(url: str, target: str) -> None:
    assert target_of(url) == target
