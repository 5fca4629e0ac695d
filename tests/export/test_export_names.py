"""Names of entries: what is asked for, and that no text whatever makes one that is dangerous or taken."""

import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.export.names import MAX_BYTES, Names, converted_name, safe_name, split_suffix

RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]) *(?:\.|$)", re.IGNORECASE)

NASTY = st.text(
    st.sampled_from('aAäÄßﬁ.. /\\:*?"<>|\0\n\t\x7f\u202e\u200b\u2028\ue000~$ 2()CONconprnaux1.jpgtif') | st.characters(),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "suffix", "name"),
    [
        ("fileToExport.jpg", ".tiff", "fileToExport.tiff"),
        ("coffee", ".jpg", "coffee.jpg"),
        ("photo.v2", ".jpg", "photo.v2.jpg"),
        ("photo.PSD", ".png", "photo.png"),
        ("archive.tar.tif", ".webp", "archive.tar.webp"),
        (".jpg", ".png", ".jpg.png"),
        ("asset:Crop", ".jpg", "asset_Crop.jpg"),
        ("con", ".jpg", "_con.jpg"),
        ("Cafe\u0301.tif", ".avif", "Café.avif"),
        ("x" * 300, ".jpg", "x" * (MAX_BYTES - 4) + ".jpg"),
    ],
)
def test_a_rendition_is_named_after_its_object(text: str, suffix: str, name: str) -> None:
    assert converted_name(text, suffix) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Photo (1).JPG", "Photo (1).JPG"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\win.ini", "win.ini"),
        ("..", "asset"),
        ("", "asset"),
        (" . ", "asset"),
        ("trailing. . ", "trailing"),
        ("NUL", "_NUL"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("com¹.txt", "_com¹.txt"),
        ("console.txt", "console.txt"),
        ("a\x00b\x1fc", "a_b_c"),
        ("gpj.\u202ephoto", "gpj._photo"),
        ("👩\u200d🍳.png", "👩\u200d🍳.png"),
        ("ü" * 150 + ".tiff", "ü" * 97 + ".tiff"),
    ],
)
def test_a_safe_name_stays_as_it_is_and_another_becomes_one(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_equal_names_are_numbered_before_their_suffix_whatever_their_case() -> None:
    names = Names("export-report.json")
    asked = ["a.jpg", "A.JPG", "a.jpg", "a (2).jpg", "b", "B", "Straße.png", "STRASSE.png", "Export-Report.json"]
    given_names = ["a.jpg", "A (2).JPG", "a (3).jpg", "a (2) (2).jpg", "b", "B (2)", "Straße.png", "STRASSE (2).png"]
    assert [names.claim(name) for name in asked] == [*given_names, "Export-Report (2).json"]


@given(NASTY, st.sampled_from((".jpg", ".tiff", ".webp")))
def test_no_text_makes_a_dangerous_name(text: str, suffix: str) -> None:
    for name in (safe_name(text), converted_name(text, suffix)):
        assert name == PurePosixPath(name).name == PureWindowsPath(name).name
        assert not RESERVED.match(name)
        assert not set('<>:"|?*/\\') & set(name)
        assert all(unicodedata.category(character) not in ("Cc", "Cs") for character in name)
        assert not name.endswith((" ", "."))
        assert not name.startswith(" ")
        assert unicodedata.is_normalized("NFC", name)
        assert 0 < len(name.encode()) <= MAX_BYTES
        assert safe_name(name) == name
    assert converted_name(text, suffix).endswith(suffix)


@given(st.lists(NASTY.map(safe_name), max_size=30))
def test_claimed_names_differ_on_every_file_system(wanted: list[str]) -> None:
    names = Names()
    claimed = [names.claim(name) for name in wanted]
    assert len({unicodedata.normalize("NFC", name.casefold()) for name in claimed}) == len(claimed)
    assert [split_suffix(name)[1] for name in claimed] == [split_suffix(name)[1] for name in wanted]


def test_many_equal_names_are_quick() -> None:
    names = Names()
    assert [names.claim("x.jpg") for _ in range(20_000)][-1] == "x (20000).jpg"
