"""``isproxy export``: the same as the route, into a file."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from proxy.cli import app


@pytest.fixture
def config(shop: Path, tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(
        f'[server]\nrender_workers = 2\n[content]\nimages = ["{shop / "images"}"]\ncatalogs = "{shop / "catalogs"}"\n'
        "[limits]\nexport_assets = 4\n"
    )
    return file


def run(config: Path, *words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["export", "--config", str(config), "--out", str(config.parent / "x.zip"), *words], stdin)


def test_renditions_are_written_to_a_file(config: Path) -> None:
    result = run(config, "fileToExport.jpg", "shop/hat", "--is-modifier", "&fmt=png", "--macro", "$test$")
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(config.parent / "x.zip") as read:
        assert read.testzip() is None
        assert read.namelist() == ["fileToExport.tiff", "hat.tiff", "export-report.json"]
        with Image.open(io.BytesIO(read.read("hat.tiff"))) as image:
            assert image.format == "TIFF"
    assert "x.zip: 2 assets" in result.output
    assert sorted(file.name for file in config.parent.iterdir()) == ["config.toml", "x.zip"]


@pytest.mark.parametrize("source", ["@-", "@{file}"])
def test_handles_are_read_from_a_file(config: Path, source: str) -> None:
    text = "\ufeffhat.png\n\n  shop/shoe \r\n" if source != "@-" else "hat.png\nshop/shoe"
    (config.parent / "handles.txt").write_text(text, encoding="utf-8")
    result = run(config, source.format(file=config.parent / "handles.txt"), stdin=text)
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(config.parent / "x.zip") as read:
        assert read.namelist() == ["hat.png", "left shoe.jpg", "export-report.json"]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["nowhere.jpg", "shop/set", "--macro", "nobody"], ["nowhere.jpg", "Image Set"]),
        (["hat.png", "--macro", "nobody", "--is-modifier", "wid=x"], ["is_modifier: hat.png: wid=x", "macro: hat.png: $nobody$"]),
        (["hat.png", "--fmt", "convert"], ["expected is_modifier or macro"]),
        (["hat.png", "--fmt", "zip"], ["expected orig or convert"]),
        (list("abcde"), ["at most 4"]),
    ],
)
def test_everything_that_is_wrong_is_said_and_nothing_written(config: Path, words: list[str], parts: list[str]) -> None:
    (config.parent / "x.zip").write_bytes(b"what was there before")
    result = run(config, *words)
    assert result.exit_code == 2
    assert [part for part in parts if part not in result.output] == []
    assert (config.parent / "x.zip").read_bytes() == b"what was there before"
    assert sorted(file.name for file in config.parent.iterdir()) == ["config.toml", "x.zip"]


def test_assets_that_failed_are_told_and_change_the_status(config: Path, shop: Path) -> None:
    torn = shop / "images" / "torn.jpg"
    torn.write_bytes((shop / "images" / "fileToExport.jpg").read_bytes()[:1500])
    result = run(config, "torn.jpg", "hat.png", "--is-modifier", "fmt=png")
    torn.unlink()
    assert result.exit_code == 1
    assert "left out: torn.jpg" in result.output
    with zipfile.ZipFile(config.parent / "x.zip") as read:
        assert read.namelist() == ["hat.png", "export-report.json"]
        assert json.loads(read.read("export-report.json"))["totals"]["failed"] == 1


def test_a_list_that_is_not_there_is_an_error_of_ours(config: Path) -> None:
    result = run(config, "@nowhere.txt")
    assert result.exit_code != 0
    assert "expected a file with a handle on every line" in str(result.exception)
