import codecs
import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.catalog.attributes import read_attributes
from proxy.catalog.problems import Problem
from proxy.catalog.reader import Field, read_attribute_file, read_data_file
from proxy.catalog.records import FIELDS, FONT_FIELDS, ICC_FIELDS, MACRO_FIELDS, STATIC_FIELDS, read_values
from proxy.errors import CatalogError

ODD = (
    "\ufeff# a comment\r\nrOOTiD = odd\r\nCATALOGFILE = plain.tab , \\\r\n  more.tab\r\nMaxPix=10,10\r\nMaxPix = 500,500\r\n"
    "No-Such_Attribute.7=ignored\r\n#BkgColor=000000\r\n.mine=1\r\nno equals sign\r\nPublishInfo='Größe, ''odd'''\r\n"
).encode()


def test_an_attribute_file_with_every_freedom() -> None:
    file = read_attribute_file(ODD, "odd.ini")
    values, problems = read_attributes(file)
    assert values == {
        "rootid": "odd",
        "catalogfile": ("plain.tab", "more.tab"),
        "maxpix": (500, 500),
        "publishinfo": "Größe, 'odd'",
    }
    assert [str(problem) for problem in (*file.problems, *problems)] == [
        "odd.ini:6:1: warning: MaxPix stands in line 5 already; the later one counts",
        "odd.ini:10:1: warning: expected name=value, found no equals sign",
        "odd.ini:7:1: warning: No-Such_Attribute.7 is no attribute; it is ignored",
    ]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_line_ends(end: str) -> None:
    entries = read_attribute_file(f"A=1{end}{end}B=x\\{end}y{end}C=3".encode(), "x.ini").entries
    assert [(entry.name, entry.text, entry.line) for entry in entries.values()] == [
        ("A", "1", 1),
        ("B", "x\ny", 3),
        ("C", "3", 5),
    ]
    data = read_data_file(f'Id\tUserData{end}a\t"1{end}2"{end}{end}b\t3'.encode(), "x.tab", FIELDS)
    assert [(row.line, row.texts[0], row.texts[17]) for row in data.rows] == [(2, "a", "1\n2"), (5, "b", "3")]


def test_two_backslashes_do_not_escape_a_line_end() -> None:
    entries = read_attribute_file(b"A=c:\\dir\\\\\nB=1", "x.ini").entries
    assert [entry.text for entry in entries.values()] == ["c:\\dir\\\\", "1"]


def test_encodings() -> None:
    assert read_attribute_file(b"A=\xe9\x85z", "x.ini").entries["a"].text == "é\x85z"
    assert read_attribute_file(codecs.BOM_UTF8 + "A=é東".encode(), "x.ini").entries["a"].text == "é東"
    guessed = read_attribute_file("A=é".encode(), "x.ini")
    assert guessed.entries["a"].text == "Ã©"
    assert [problem.message for problem in guessed.problems] == [
        "looks like UTF-8 but has no byte order mark, so it was read as ISO-8859-1"
    ]
    broken = read_attribute_file(codecs.BOM_UTF8 + b"A=1\nB=\xff", "x.ini")
    assert broken.entries["b"].text == "\ufffd"
    assert [problem.line for problem in broken.problems] == [2]


MESSY = (
    'ID\tpath\t.Note\tColour\tPath\t\tUserData\tMap\n'
    'a\ta.png\tx\tred\t\t\t"1\t""2""\n3"\t<AREA SHAPE="RECT">\n'
    "b\tb.png\n"
    "c\tc.png\tx\t\t\t\t'it''s'\t'open\tmore\n"
    '\tlost.png\t\t\t\t\t\t\n'
    '"d" e\t  d.png \t\t\t\t\t\t\n'
)  # fmt: skip


def test_a_data_file_with_every_freedom() -> None:
    data = read_data_file(MESSY.encode(), "messy.tab", FIELDS)
    picked = [(row.line, row.texts[0], row.texts[1], row.texts[17], row.texts[15]) for row in data.rows]
    assert picked == [
        (2, "a", "a.png", '1\t"2"\n3', '<AREA SHAPE="RECT">'),
        (4, "b", "b.png", "", ""),
        (5, "c", "c.png", "it's", "'open"),
        (7, '"d" e', "  d.png ", "", ""),
    ]
    assert data.rows[0].position(15) == (3, 4)
    assert [str(problem) for problem in data.problems] == [
        "messy.tab:1:15: warning: Colour is no field; the column is ignored",
        "messy.tab:1:22: warning: Path stands in the header already; the column is ignored",
        "messy.tab:1:27: warning: expected the name of a field; the column is ignored",
        "messy.tab:4: warning: the row has 2 fields, the header 8",
        "messy.tab:5: warning: the row has 9 fields, the header 8",
        "messy.tab:6: warning: Id is empty; the row is ignored",
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.tab: expected a header record"),
        (b"\n \n", "x.tab: expected a header record"),
        (b"\nPath\tMap\n", "x.tab:2: the header has no field Id"),
        ("Id\tPath\na\tb".encode("utf-16"), "x.tab: expected text"),
    ],
)
def test_unusable_data_files(data: bytes, message: str) -> None:
    with pytest.raises(CatalogError) as caught:
        read_data_file(data, "x.tab", FIELDS)
    assert str(caught.value).startswith(message)


HEADER = "\t".join(field.name for field in FIELDS).encode() + b"\n"
BYTES = st.binary(max_size=300) | st.lists(
    st.sampled_from([b"\t", b"\n", b"\r", b'"', b"'", b"\\", b"=", b",", b"#", b"1", b"MaxPix", b"Id", b"\xff"])
).map(b"".join)


@given(BYTES, st.sampled_from([FIELDS, STATIC_FIELDS, MACRO_FIELDS, ICC_FIELDS, FONT_FIELDS]))
@example(HEADER + b"'\t'\n" * 20, FIELDS)
@example(HEADER + b"9" * 400 + b"\t1e999" * 19, FIELDS)
def test_any_bytes_make_a_result_or_a_catalog_error(data: bytes, fields: tuple[Field, ...]) -> None:
    for prefix in (b"", codecs.BOM_UTF8, HEADER, b"Name\tDefinition\tProfilePath\tFontPath\tBold\n"):
        with contextlib.suppress(CatalogError):
            for row in read_data_file(prefix + data, "x.tab", fields).rows:
                assert len(read_values(row, fields, "x.tab", [])) == len(fields)
                assert all(row.position(place)[0] >= row.line for place in range(len(fields)))
    with contextlib.suppress(CatalogError):
        read_attributes(read_attribute_file(data, "x.ini"))


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\r\0", codec="utf-8")), min_size=3, max_size=3)))
def test_quoted_fields_come_back(table: list[list[str]]) -> None:
    quoted = [["k" + "\t".join(f'"{text.replace(chr(34), chr(34) * 2)}"' for text in ["", *row])] for row in table]
    lines = ["Id\tPath\tMap\tUserData", *("".join(row) for row in quoted)]
    data = codecs.BOM_UTF8 + "\n".join(lines).encode()
    rows = read_data_file(data, "x.tab", FIELDS).rows
    assert [[row.texts[place] for place in (1, 15, 17)] for row in rows] == table


def test_problems_name_field_value_and_place() -> None:
    data = read_data_file(b'Id\tPath\tAnchor\tThumbType\n"a"\tb\t1,x\t7\n', "x.tab", FIELDS)
    problems = list[Problem]()
    values = read_values(data.rows[0], FIELDS, "x.tab", problems)
    assert values[5] is None
    assert values[11] is None
    assert [str(problem) for problem in problems] == [
        "x.tab:2:7: warning: Anchor=1,x: expected two of a whole number, separated by a comma; the value is not used",
        "x.tab:2:11: warning: ThumbType=7: expected one of 1 (crop), 2 (fit), 3 (texture); the value is not used",
    ]
