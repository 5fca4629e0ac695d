"""``isproxy check``: what it finds, its exit status, and what it says is not built."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from proxy.answers import answers
from proxy.cli import app, main
from proxy.cli.check import not_built
from proxy.formats import formats
from proxy.render.profiles import made_profile
from proxy.vocabulary import words
from tests.profiles import ink_profile
from tests.serving import configure


def checked(folder: Path, **content: str) -> tuple[int, str]:
    """Exit status and output for a folder with some catalog files."""
    (folder / "catalogs").mkdir()
    for name, text in {"default.ini": "RootId=\n", **content}.items():
        (folder / "catalogs" / name.replace("_", ".")).write_text(text)
    result = CliRunner().invoke(app, ["check", "--config", str(configure(folder))])
    return result.exit_code, result.output


def test_nothing_wrong(tmp_path: Path) -> None:
    assert checked(tmp_path) == (0, "0 errors, 0 warnings\n")


def test_warnings_are_no_errors(tmp_path: Path) -> None:
    status, output = checked(tmp_path, shop_ini="RootId=shop\nMaxPics=3\n")
    assert status == 0
    assert output == "shop.ini:2:1: warning: MaxPics is no attribute; it is ignored\n0 errors, 1 warnings\n"


def test_errors_count(tmp_path: Path) -> None:
    status, output = checked(tmp_path, shop_ini="RootId=shop\nCatalogFile=nowhere.tab\n")
    assert status == 1
    assert "nowhere.tab" in output
    assert "error: " in output
    assert output.endswith("1 errors, 0 warnings\n")


def test_as_json(tmp_path: Path) -> None:
    (tmp_path / "catalogs").mkdir()
    (tmp_path / "catalogs/default.ini").write_text("RootId=\n")
    (tmp_path / "catalogs/shop.ini").write_text("RootId=shop\nMaxPics=3\n")
    configure(tmp_path, {"content": {"static": ["elsewhere"]}})
    result = CliRunner().invoke(app, ["check", "--json", "--config", str(tmp_path / "config.toml")])
    first, second = json.loads(result.output)
    assert first == {
        "file": "shop.ini",
        "line": 2,
        "column": 1,
        "message": "MaxPics is no attribute; it is ignored",
        "severity": "warning",
    }
    assert (second["file"], second["severity"], result.exit_code) == ("config.toml", "error", 1)
    assert second["message"].startswith("content.static: ")


def test_what_is_not_built_as_json() -> None:
    assert json.loads(CliRunner().invoke(app, ["check", "--unbuilt", "--json"]).output) == list(not_built())


def test_a_catalog_folder_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    configure(tmp_path, {"content": {"catalogs": "typing-error"}})
    result = CliRunner().invoke(app, ["check", "--config", str(tmp_path / "config.toml")])
    assert (result.exit_code, result.output.count("typing-error: error")) == (1, 1)


def test_a_folder_of_images_that_is_not_there(tmp_path: Path) -> None:
    configure(tmp_path, {"content": {"images": ["images", "elsewhere"]}})
    result = CliRunner().invoke(app, ["check", "--config", str(tmp_path / "config.toml")])
    assert result.exit_code == 1
    assert "elsewhere is no folder" in result.output
    assert "images is no folder" not in result.output


def test_a_folder_of_catalogs_that_is_not_there(tmp_path: Path) -> None:
    configure(tmp_path, {"content": {"catalogs": "elsewhere"}})
    result = CliRunner().invoke(app, ["check", "--config", str(tmp_path / "config.toml")])
    assert result.exit_code == 1
    assert "elsewhere" in result.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[server]\nprt = 1\n", "server.prt"),
        ("[server\n", "config.toml"),
        ("[server]\nport = 99999\n", "server.port"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    (tmp_path / "config.toml").write_text(text)
    monkeypatch.setattr(sys, "argv", ["isproxy", "check", "--config", str(tmp_path / "config.toml")])
    with pytest.raises(SystemExit) as ended:
        main()
    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert error.startswith("isproxy: The configuration is not valid: config.toml: ")
    assert told in error
    assert error.count("\n") == 1
    assert str(tmp_path) not in error


def test_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["isproxy", "check", "--config", str(tmp_path / "none.toml")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "isproxy: The configuration is not valid: none.toml: there is no such file\n"


def test_what_is_not_built_needs_no_configuration(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["check", "--unbuilt", "--config", str(tmp_path / "none.toml")])
    assert result.exit_code == 0
    assert result.output.splitlines() == list(not_built())


def test_what_is_not_built_is_not_there() -> None:
    listed = list(not_built())
    assert len(listed) == len(set(listed))
    for line in listed:
        name, _, rest = line.partition("=")
        if name == "req":
            assert rest not in answers()
        elif name == "fmt":
            assert rest.partition("-")[0] not in formats() or not formats()[rest.partition("-")[0]].alpha
        elif not rest and line.endswith("="):
            row = words().find(name)
            assert row is not None
            assert not row.built


def test_everything_that_is_not_built_is_listed() -> None:
    listed = {line.partition(" (")[0] for line in not_built()}
    for row in words().rows():
        assert (f"{row.name}=" in listed) is (not row.built)


def test_profiles_are_looked_at(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    (images / "good.icc").write_bytes(made_profile("AdobeRGB"))
    (images / "broken.icc").write_bytes(made_profile("AdobeRGB")[:300])
    (images / "picture.icc").write_bytes(b"GIF89a" + bytes(200))
    (images / "shows.icc").write_bytes(ink_profile())
    rows = "good=good.icc broken=broken.icc picture=picture.icc shows=shows.icc lost=lost.icc up=../good.icc"
    table = "Name\tProfilePath\n" + "".join(row.replace("=", "\t") + "\n" for row in rows.split())
    default = "RootId=\nIccProfileMapFile=icc.tab\nIccProfileGray=good\nIccProfileCmyk=shows\nIccProfileSrcCmyk=shows\n"
    shop = "RootId=shop\nIccProfileCmyk=WebCoated\nIccProfileSrcRgb=nobody\nIccProfileRgb=good\n"
    status, output = checked(tmp_path, default_ini=default, shop_ini=shop, icc_tab=table)
    assert status == 1
    told = [line.partition(": expected")[0] for line in output.splitlines()]
    assert told == [
        "icc.tab: error: broken",
        "icc.tab: error: picture",
        "icc.tab: error: lost",
        "icc.tab: error: up: ../good.icc: the path leads upwards",
        "default.ini: error: IccProfileGray=good",
        "default.ini: error: IccProfileCmyk=shows",
        "shop.ini: error: IccProfileCmyk=WebCoated",
        "shop.ini: warning: IccProfileSrcRgb=nobody",
        "7 errors, 1 warnings",
    ]
    assert "this is one of rgb data" in output
    assert "USWebCoatedSWOP.icc" in output
    assert str(tmp_path) not in output
