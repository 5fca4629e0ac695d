"""Folders of originals: what is found, what is not there, and what must never be opened (``r-content-data-folders``)."""

import os
from pathlib import Path

import pytest

from proxy.errors import Refused
from proxy.sources.folders import Folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "sub/deep").mkdir(parents=True)
    (root / "a.png").write_bytes(b"12345")
    (root / "sub/b.png").write_bytes(b"1")
    (root / "sub/größe.png").write_bytes(b"1")
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "root-too").mkdir()
    (tmp_path / "root-too/secret").write_bytes(b"secret")
    (root / "inside").symlink_to("a.png")
    (root / "outside").symlink_to("../secret")
    (root / "absolute").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to("..")
    (root / "beside").symlink_to("../root-too")
    (root / "loop").symlink_to("loop")
    (root / "dangling").symlink_to("nothing")
    os.mkfifo(root / "pipe")
    return root


@pytest.mark.parametrize("path", ["a.png", "sub/b.png", "sub//b.png", "sub/größe.png", "inside", "./a.png"])
def test_found(root: Path, path: str) -> None:
    source = Folder(root).open(path, "shown")
    assert source is not None
    status = Path(source.location).stat()
    assert (source.name, source.size, source.mtime_ns) == ("shown", status.st_size, status.st_mtime_ns)
    assert Path(source.location).is_absolute()


@pytest.mark.parametrize("path", ["nothing", "A.png", "sub", "sub/", "", ".", "a.png/x", "pipe", "dangling", "sub/deep/none.png"])
def test_not_there(root: Path, path: str) -> None:
    assert Folder(root).open(path, "shown") is None


@pytest.mark.parametrize(
    "path",
    [
        *("..", "../secret", "sub/../../secret", "sub/../a.png", "..\\secret", "sub\\..\\a.png"),
        *("/etc/hostname", "outside", "absolute", "up/secret", "beside/secret", "a.png\0", "\0", "x" * 300, "loop/x"),
    ],
)
def test_refused(root: Path, path: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        Folder(root).open(path, "shown")
    assert "shown" in caught.value.detail
    assert str(tmp_path) not in caught.value.detail


def test_absolute_path_of_the_folder_itself(root: Path) -> None:
    assert Folder(root).open(str(root / "a.png"), "shown") is not None


def test_a_version_changes_with_the_file(root: Path) -> None:
    folder = Folder(root)
    first = folder.open("a.png", "shown")
    (root / "a.png").write_bytes(b"54321!")
    second = folder.open("a.png", "shown")
    assert first != second
    os.utime(root / "a.png", ns=(1, 1))
    third = folder.open("a.png", "shown")
    assert third not in (first, second)


def test_a_folder_that_is_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert Folder(tmp_path / "link").open("a.png", "shown") is not None
    with pytest.raises(Refused):
        Folder(tmp_path / "link").open("outside", "shown")
