"""The command with the records of a catalog, through the configuration."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from proxy.cli.warm import warm

APP = typer.Typer(add_completion=False)
APP.command()(warm)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "catalogs"
    folder.mkdir()
    (folder / "default.ini").write_text("")
    (folder / "shop.ini").write_text("RootId=shop\nCatalogFile=shop.tab\n")
    (folder / "shop.tab").write_text("Id\tPath\nshoe\tshoe.jpg\nhat box\that.jpg\n")
    (tmp_path / "macros").mkdir()
    file = tmp_path / "config.toml"
    file.write_text(f'[content]\ncatalogs = "{folder.as_posix()}"\nmacros = "{(tmp_path / "macros").as_posix()}"\n')
    return file


def test_every_record_with_every_macro_is_requested(config: Path, tmp_path: Path) -> None:
    failures = tmp_path / "failed.txt"
    server = ("--base", "http://127.0.0.1:1", "--retry", "0", "--failures", str(failures))
    result = CliRunner().invoke(
        APP, ["--config", str(config), "--catalog", "shop", "--macro", "big", "--macro", "$small$", *server]
    )
    assert result.exit_code == 1
    assert {line.partition("\t")[0] for line in failures.read_text().splitlines()} == {
        "/is/image/shop/shoe?$big$",
        "/is/image/shop/shoe?$small$",
        "/is/image/shop/hat%20box?$big$",
        "/is/image/shop/hat%20box?$small$",
    }


def test_a_catalog_that_is_not_there_is_refused(config: Path) -> None:
    arguments = ["--config", str(config), "--catalog", "nothing", "--macro", "m", "--base", "http://127.0.0.1:1"]
    result = CliRunner().invoke(APP, arguments)
    assert result.exit_code == 2
    assert "nothing" in result.stderr
