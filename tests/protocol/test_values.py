import math

import pytest

from proxy.protocol.path import Path, Subpath
from proxy.protocol.values import Choice, Flag, Int, ObjectValue, PathValue, QuadValue, Real, Text, ValueType, write_number


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (Int(), " 12 ", 12),
        (Int(), "+12.000", 12),
        (Int(), "-0", 0),
        (Int(1, 3), "3", 3),
        (Int(), "9" * 18, 10**18 - 1),
        (Real(), ".5", 0.5),
        (Real(), "-5.", -5.0),
        (Real(), "1E+3", 1000.0),
        (Real(), "1e-400", 0.0),
        (Real(0, 1), "1.0", 1.0),
        (Flag(), " YES ", True),
        (Flag(), "off", False),
        (Choice(("mbrSet", "img")), "MBRSET", "mbrSet"),
        (Choice(("jpeg",), (("JPG", "jpeg"),)), "jpg", "jpeg"),
        (Text(r"[a-c]+", "letters"), "abc", "abc"),
        (QuadValue(9), "1,2,3,4,5,6,7,8", ((1, 2, 3, 4, 5, 6, 7, 8), "R3")),
        (QuadValue(9), " 1, 2,3,4,5,6,-.7, 8,", ((1, 2, 3, 4, 5, 6, -0.7, 8), "R3")),
        (QuadValue(9), "1,2,3,4,5,6,7,8,R3T200", ((1, 2, 3, 4, 5, 6, 7, 8), "R3T200")),
        (PathValue(), "m 1 2 3,4 z", Path((Subpath((1.0, 2.0), (((4.0, 6.0),),), closed=True),))),
    ],
)
def test_reading(type_: ValueType[object], text: str, value: object) -> None:
    assert type_.read(text) == value
    assert type(type_.read(text)) is type(value)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        *(
            (Int(), text)
            for text in (
                "",
                " ",
                "1.5",
                "1e2",
                "0x10",
                "1_0",
                "--1",
                "1 2",
                "\N{ARABIC-INDIC DIGIT ONE}",
                "9" * 19,
                "nan",
                "1\n2",
            )
        ),
        *((Real(), text) for text in ("", ".", "e5", "1e", "nan", "inf", "-Infinity", "1e400", "1" + "0" * 400, "1,5", "0x1p3")),
        (Int(1, 3), "4"),
        (Int(1, 3), "0"),
        (Real(0, 1), "1.0000001"),
        (Real(0, above=True), "-0"),
        (Real(0, above=True), "1e-400"),
        *(
            (QuadValue(9), text)
            for text in (
                "1,2,3,4,5,6,7",
                "1,2,3,4,5,6,7,8,9",
                "1,2,3,4,5,6,7,8,r1",
                "1,2,3,4,5,6,7,8,R4",
                "1,2,3,4,5,6,7,8,R3T201",
            )
        ),
        *(
            (QuadValue(9), text)
            for text in ("1,2,3,4,5,6,7,10", "1,2,3,4,5,6,7,", "1,2,3,4,5,6,7,8,R3,R3", "1,2,3,4,5,6,7,8,R3T")
        ),
        *((Flag(), text) for text in ("2", "y", "ja", "", "00")),
        (Choice(("a", "b")), "c"),
        (Text(r"[a-c]+", "letters"), "abc\n"),
        (ObjectValue(), " "),
        (ObjectValue(), "a\x00"),
        *(
            (PathValue(), text)
            for text in ("", "z", "1,2", "M", "M1", "M1,2Z3", "M1,2;3,4", "M1,2C1,2,3,4", "M0,1e999", "M0,0 L 1")
        ),
    ],
)
def test_what_cannot_be_read(type_: ValueType[object], text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        type_.read(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (3.0, "3"),
        (-2.5, "-2.5"),
        (0.1, "0.1"),
        (1e17, "1" + "0" * 17),
        (1e22, "1e+22"),
        (5e-324, "5e-324"),
    ],
)
def test_numbers_are_written_short(value: float, text: str) -> None:
    assert write_number(value) == text
    assert float(text) == value


def test_a_read_number_is_never_minus_zero() -> None:
    assert math.copysign(1, Real().read("-0")) == 1
    assert math.copysign(1, PathValue().read("M-0,-.0").subpaths[0].start[0]) == 1


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        (Int(), "a whole number"),
        (Int(1), "a whole number of at least 1"),
        (Int(1, 3), "a whole number from 1 to 3"),
        (Real(-0.5, 1), "a number from -0.5 to 1"),
        (Real(0, above=True), "a number greater than 0"),
        (Choice(("a",)), "a"),
        (Choice(("a", "b")), "one of a, b"),
    ],
)
def test_what_is_expected_in_words(type_: ValueType[object], words: str) -> None:
    assert type_.expects == words
