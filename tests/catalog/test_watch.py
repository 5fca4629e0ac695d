"""When a changed folder of catalogs is read again, and when it is not (``c-updating-image-catalogs``)."""

import os
from pathlib import Path

import pytest

from proxy.catalog.catalogs import Catalogs
from proxy.catalog.watch import CatalogFolder

BROKEN = "RootId=broken\n\0"
"""An attribute file is text."""


class Folder:
    """Catalogs and macros in files, whose dates are told apart however fast they are written."""

    def __init__(self, root: Path) -> None:
        self.catalogs, self.macros = root / "catalogs", root / "macros"
        self.clock = 1_700_000_000
        for folder in (self.catalogs, self.macros):
            folder.mkdir()

    def write(self, name: str, text: str) -> None:
        path = (self.macros if name.startswith("macros") else self.catalogs) / name
        path.write_text(text)
        self.touch(name)

    def touch(self, name: str) -> None:
        self.clock += 1
        os.utime((self.macros if name.startswith("macros") else self.catalogs) / name, (self.clock, self.clock))

    def watched(self) -> CatalogFolder:
        return CatalogFolder(self.catalogs, self.macros)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.write("default.ini", "MaxPix=2000,2000\n")
    folder.write("shop.ini", "RootId=shop\nCatalogFile=shop.tab\nMaxPix=100,100\n")
    folder.write("shop.tab", "Id\tPath\nshoe\ta.tif\n")
    folder.write("macros.tab", "Name\tDefinition\nview\twid=100\n")
    return folder


def path_of(catalogs: Catalogs, id_: str) -> str | None:
    return catalogs.resolve(f"shop/{id_}", None).path


def shop_size(catalogs: Catalogs) -> tuple[int, int]:
    shop = catalogs.by_root_id("shop")
    assert shop is not None
    return shop.pair("MaxPix")


def test_nothing_changed(folder: Folder) -> None:
    watched = folder.watched()
    before = watched.current
    assert [watched.refresh() for _ in range(3)] == [False] * 3
    assert watched.current is before
    assert (path_of(before, "shoe"), before.default.macro("view"), watched.refused) == ("a.tif", "wid=100", ())


def test_a_changed_attribute_file(folder: Folder) -> None:
    watched = folder.watched()
    before = watched.current
    folder.write("shop.ini", "RootId=shop\nCatalogFile=shop.tab\nMaxPix=300,300\n")
    # nothing happens before somebody looks
    assert shop_size(watched.current) == (100, 100)
    assert watched.refresh()
    assert shop_size(watched.current) == (300, 300)
    # an earlier snapshot stays what it was: requests may still be reading it
    assert shop_size(before) == (100, 100)
    assert not watched.refresh()


def test_a_data_file_counts_when_its_catalog_is_touched(folder: Folder) -> None:
    watched = folder.watched()
    folder.write("shop.tab", "Id\tPath\nshoe\tb.tif\n")
    assert not watched.refresh()
    assert path_of(watched.current, "shoe") == "a.tif"
    folder.touch("shop.ini")
    assert watched.refresh()
    assert path_of(watched.current, "shoe") == "b.tif"


def test_touching_any_attribute_file_reads_all_data_files(folder: Folder) -> None:
    watched = folder.watched()
    folder.write("shop.tab", "Id\tPath\nshoe\tb.tif\n")
    folder.touch("default.ini")
    assert watched.refresh()
    assert path_of(watched.current, "shoe") == "b.tif"


def test_a_file_of_another_size_and_the_same_date(folder: Folder) -> None:
    watched = folder.watched()
    date = (folder.catalogs / "shop.ini").stat().st_mtime
    folder.write("shop.ini", "RootId=shop\nMaxPix=1000,1000\n")
    os.utime(folder.catalogs / "shop.ini", (date, date))
    assert watched.refresh()
    assert shop_size(watched.current) == (1000, 1000)


def test_macros_are_watched(folder: Folder) -> None:
    watched = folder.watched()
    folder.write("macros.tab", "Name\tDefinition\nview\twid=200\n")
    assert watched.refresh()
    assert watched.current.default.macro("view") == "wid=200"
    folder.write("macros-more.txt", "Name\tDefinition\nother\thei=1\n")
    assert watched.refresh()
    assert watched.current.default.macro("other") == "hei=1"


def test_catalogs_come_and_go(folder: Folder) -> None:
    watched = folder.watched()
    folder.write("more.ini", "RootId=more\n")
    assert watched.refresh()
    assert watched.current.by_root_id("more") is not None
    (folder.catalogs / "more.ini").unlink()
    (folder.catalogs / "shop.ini").unlink()
    assert watched.refresh()
    assert list(watched.current.named) == []


def test_other_files_do_not_count(folder: Folder) -> None:
    watched = folder.watched()
    for name in ("notes.txt", "shop.ini.bak", "rules.xml", "macros.ini"):
        folder.write(name, "anything")
    assert not watched.refresh()


@pytest.mark.parametrize(
    ("name", "broken", "right"),
    [
        ("shop.ini", BROKEN, "RootId=shop\nMaxPix=300,300\n"),
        ("more.ini", BROKEN, "RootId=more\n"),
        ("shop.ini", "MaxPix=300,300\n", "RootId=shop\n"),
        ("twice.ini", "RootId=shop\n", "RootId=twice\n"),
        ("shop.ini", "RootId=shop\nCatalogFile=nowhere.tab\n", "RootId=shop\n"),
        ("shop.ini", "RootId=shop\nCatalogFile=../outside.tab\n", "RootId=shop\n"),
        ("default.ini", BROKEN, "MaxPix=9,9\n"),
    ],
)
def test_a_broken_change_keeps_the_old_snapshot(folder: Folder, name: str, broken: str, right: str) -> None:
    watched = folder.watched()
    before = watched.current
    folder.write("shop.tab", "Id\tPath\nshoe\tb.tif\n")
    folder.write(name, broken)
    assert not watched.refresh()
    assert watched.current is before
    assert {problem.severity for problem in watched.refused} == {"error"}
    assert {problem.file for problem in watched.refused} <= {name, "nowhere.tab", "../outside.tab"}
    assert all(str(folder.catalogs) not in str(problem) for problem in watched.refused)
    why = watched.refused
    # it is not tried again before something changes, and it still says why
    assert not watched.refresh()
    assert (watched.current, watched.refused) == (before, why)
    folder.write(name, right)
    assert watched.refresh()
    assert watched.current is not before
    assert watched.refused == ()


def test_a_good_change_beside_a_broken_one_waits(folder: Folder) -> None:
    watched = folder.watched()
    folder.write("more.ini", BROKEN)
    folder.write("shop.ini", "RootId=shop\nMaxPix=300,300\n")
    assert not watched.refresh()
    assert shop_size(watched.current) == (100, 100)
    folder.write("shop.ini", "RootId=shop\nMaxPix=400,400\n")
    assert not watched.refresh()
    assert [problem.file for problem in watched.refused] == ["more.ini"]
    (folder.catalogs / "more.ini").unlink()
    assert watched.refresh()
    assert shop_size(watched.current) == (400, 400)


def test_what_was_broken_from_the_beginning_holds_nothing_up(folder: Folder) -> None:
    folder.write("more.ini", BROKEN)
    watched = folder.watched()
    assert [problem.file for problem in watched.current.problems if problem.severity == "error"] == ["more.ini"]
    folder.write("shop.ini", "RootId=shop\nMaxPix=300,300\n")
    assert watched.refresh()
    assert shop_size(watched.current) == (300, 300)


def test_warnings_hold_nothing_up(folder: Folder) -> None:
    watched = folder.watched()
    folder.write("shop.ini", "RootId=shop\nNoSuchAttribute=1\nMaxPix=300,300\n")
    assert watched.refresh()
    assert shop_size(watched.current) == (300, 300)
    assert any(problem.severity == "warning" for problem in watched.current.problems)


def test_without_folders(tmp_path: Path) -> None:
    watched = CatalogFolder(None, None)
    assert not watched.refresh()
    assert list(watched.current.named) == []
    # a folder that is not there yet is found when it comes
    later = CatalogFolder(tmp_path / "later", None)
    (tmp_path / "later").mkdir()
    assert not later.refresh()
    (tmp_path / "later" / "shop.ini").write_text("RootId=shop\n")
    assert later.refresh()
    assert list(later.current.named) == ["shop"]


def test_a_default_catalog_that_is_gone_still_counts(folder: Folder) -> None:
    watched = folder.watched()
    (folder.catalogs / "default.ini").unlink()
    assert not watched.refresh()
    assert ([problem.file for problem in watched.refused], watched.current.default.pair("MaxPix")) == (
        ["default.ini"],
        (2000, 2000),
    )


def test_a_folder_that_is_gone_still_counts(folder: Folder) -> None:
    watched = folder.watched()
    folder.catalogs.rename(folder.catalogs.with_name("moved"))
    assert not watched.refresh()
    assert path_of(watched.current, "shoe") == "a.tif"
    assert "catalogs" in {problem.file for problem in watched.refused}


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    problems = CatalogFolder(tmp_path / "typing-error", None).current.problems
    assert ("typing-error", "error") in {(problem.file, problem.severity) for problem in problems}
