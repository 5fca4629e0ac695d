"""The zip by itself: that other programs read it, what its entries say, and what happens beyond ZIP's old limits."""

import io
import struct
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from proxy.export.archive import PIECE, Archive

WHEN = int(datetime(2024, 2, 29, 13, 37, 42, tzinfo=UTC).timestamp()) * 10**9


def zip_of(*entries: tuple[str, bytes], when: int = WHEN) -> bytes:
    archive = Archive()
    pieces = [piece for name, data in entries for piece in archive.whole(name, data, when)]
    return b"".join([*pieces, archive.close()])


def test_entries_come_back_as_they_were_stored_with_name_and_time() -> None:
    entries = [("a.jpg", b"\xff\xd8" * 500), ("Grüße 猫.png", b""), ("large.tiff", bytes(range(256)) * 10_000)]
    with zipfile.ZipFile(io.BytesIO(zip_of(*entries))) as read:
        assert read.testzip() is None
        assert [(info.filename, read.read(info)) for info in read.infolist()] == entries
        for info in read.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            assert info.date_time == (2024, 2, 29, 13, 37, 42)
            assert struct.pack("<HHBi", 0x5455, 5, 1, WHEN // 10**9) in info.extra
            assert bool(info.flag_bits & 0x800) == (not info.filename.isascii())


def unzips(file: Path) -> bool:
    """Whether Info-ZIP's program finds no fault with a file."""
    return subprocess.run(["unzip", "-tqq", file], check=False).returncode == 0  # noqa: S603, S607  # our own file


def test_unzip_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    whole = zip_of(("a.jpg", b"abc"), ("Grüße.png", b"x" * 70_000))
    file.write_bytes(whole)
    assert unzips(file)
    file.write_bytes(whole.replace(b"abc", b"abd"))
    assert not unzips(file)


@pytest.mark.parametrize(
    ("when", "dos"),
    [
        (0, (1980, 1, 1, 0, 0, 0)),
        (-(10**18), (1980, 1, 1, 0, 0, 0)),
        (5 * 10**18, (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_times_beyond_what_zip_can_say_are_the_nearest_it_can(when: int, dos: tuple[int, ...]) -> None:
    with zipfile.ZipFile(io.BytesIO(zip_of(("a", b"a"), when=when))) as read:
        assert read.infolist()[0].date_time == dos


def test_an_abandoned_entry_is_not_found_by_readers(tmp_path: Path) -> None:
    archive = Archive()
    pieces = [*archive.whole("before", b"1", WHEN)]
    pieces += [archive.begin("broken", 1000, WHEN), archive.more(b"x" * 10), archive.abandon(), archive.abandon()]
    pieces += [*archive.whole("after", b"2", WHEN), archive.close()]
    file = tmp_path / "x.zip"
    file.write_bytes(b"".join(pieces))
    with zipfile.ZipFile(file) as read:
        assert read.namelist() == ["before", "after"]
        assert read.testzip() is None
    assert unzips(file)


def test_long_entries_come_in_short_pieces_that_are_not_copied_together() -> None:
    archive = Archive()
    lengths = [len(piece) for piece in archive.whole("a", bytes(PIECE * 3 + 1), WHEN)]
    archive.close()
    assert lengths[1:-1] == [PIECE, PIECE, PIECE, 1]


def test_an_entry_that_may_pass_four_gigabytes_is_begun_in_zip64(tmp_path: Path) -> None:
    archive = Archive()
    pieces = [archive.begin("huge", 5 * 2**30, WHEN), archive.more(b"abc"), archive.end(), archive.close()]
    version, header = struct.unpack_from("<H", pieces[0], 4)[0], pieces[0]
    assert version == 45
    assert struct.pack("<HHQQ", 1, 16, 0, 0) in header
    file = tmp_path / "x.zip"
    file.write_bytes(b"".join(pieces))
    with zipfile.ZipFile(file) as read:
        assert read.read("huge") == b"abc"
    assert unzips(file)


def test_more_entries_than_zip_could_count_are_counted_in_zip64(tmp_path: Path) -> None:
    archive = Archive()
    file = tmp_path / "x.zip"
    with file.open("wb") as written:
        for number in range(66_000):
            for piece in archive.whole(f"{number}", b"x", WHEN):
                written.write(piece)
        written.write(archive.close())
    with zipfile.ZipFile(file) as read:
        assert len(read.namelist()) == 66_000
        assert read.read("65999") == b"x"
    assert unzips(file)
