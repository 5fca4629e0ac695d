from typing import Any

import pytest

from proxy.catalog.attributes import ATTRIBUTES, BUILT_IN, BY_NAME, inherited, read_attributes
from proxy.catalog.datatypes import DirectAccess, LocaleRule, TimeStamp
from proxy.catalog.problems import Problem
from proxy.catalog.reader import read_attribute_file
from proxy.protocol.color import Color


def stated(text: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    return read_attributes(read_attribute_file(text.encode("latin-1"), "x.ini"))


def test_the_table_has_every_attribute_once_and_its_types_can_write_their_defaults() -> None:
    assert len({row.name.lower() for row in ATTRIBUTES}) == len(ATTRIBUTES) == 69
    for row in ATTRIBUTES:
        assert row.help
        assert row.page.startswith("r-")
        if row.default not in (None, "", ()):
            assert row.type.read(row.type.write(row.default)) == row.default, row.name


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("MaxPix=0, 2000", (0, 2000)),
        ("JpegQuality=40,1", (40, 1)),
        ("BkgColor=0x00ff00", Color("rgb", (0, 255, 0))),
        ("ResMode=2", "bilin"),
        ("ResMode=BICUB", "bicub"),
        ("ResMode=1", "sharp2"),
        ("ResMode=sharp", "sharp2"),
        ("ResMode=bisharp", "bisharp"),
        ("ThumbHorizAlign=3", "right"),
        ("ThumbVertAlign=3", "bottom"),
        ("IccRenderIntent=0", "perceptual"),
        ("FullMatch=1", True),
        ("Bfc=true", True),
        ("Expiration=-1", -1),
        ("NonImgExpiration=.5", 0.5),
        ("DigimarcId= 404407,32,,,4", (404407, 32, None, None, 4)),
        ("DefaultExt=.tif", ".tif"),
        ("TimeStamp=1700000000000", 1700000000000),
        ("TimeStamp=07/04/2023 12:30:00 GMT", 1688473800000),
        ("TimeStamp=07/04/2023 05:30:00 GMT -7", 1688473800000),
        ("TimeStamp=07/04/2023 18:00:00 GMT +5:30", 1688473800000),
        ("TimeStamp=07/04/2023 04:30:00 PST", 1688473800000),
        ("LocaleMap=,", (LocaleRule("", ("",)),)),
        ("LocaleMap=de_AT,_A,_D,| fr,_F|", (LocaleRule("de_at", ("_A", "_D", "")), LocaleRule("fr", ("_F",)))),
        ("AllowDirectAccess=exclude", DirectAccess(include=False)),
        ("AllowDirectAccess=exclude: is", DirectAccess(include=False, types=("IS",))),
        ("AllowDirectAccess=IS,STATIC", DirectAccess(include=True, types=("IS", "STATIC"))),
        ("AllowDirectAccess=", DirectAccess(include=True)),
        ("RootPath=", ""),
        ("Watermark=", ""),
    ],
)
def test_values(line: str, value: object) -> None:
    assert stated(line) == ({line.partition("=")[0].lower(): value}, ())


@pytest.mark.parametrize(
    "line",
    [
        "MaxPix=1", "MaxPix=1,2,3", "MaxPix=-1,2", "JpegQuality=0,0", "JpegQuality=101,0", "BkgColor=red", "ResMode=5",
        "ThumbType=0", "FullMatch=2", "Expiration=-2", "Expiration=soon", "Resolution=0", "DefaultExt=png", "DefaultExt=.",
        "TimeStamp=yesterday", "TimeStamp=02/30/2023 12:30:00 GMT", "TimeStamp=07/04/2023 12:30:00",
        "TimeStamp=07/04/2023 12:30:00 XYZ", "TimeStamp=07/04/2023 12:30:00 GMT +99", "TimeStamp=-1", "ErrorDetail=4",
        "ClientAddressFilter=300.1.1.1", "ClientAddressFilter=1.2.3.4/33", "AllowDirectAccess=only:IS",
        "AllowDirectAccess=include:PDF", "RootId=a/b", "RootId=a b", "DigimarcInfo=1,2",
    ],
)  # fmt: skip
def test_unreadable_values_are_problems_and_inherited(line: str) -> None:
    values, (problem,) = stated("# first\n" + line)
    name, _, text = line.partition("=")
    assert values == {}
    assert (problem.file, problem.line, problem.column) == ("x.ini", 2, len(name) + 2)
    assert problem.message.startswith(f"{name}={text}: expected ")
    assert inherited(values)[name.lower()] == BY_NAME[name.lower()].default


@pytest.mark.parametrize(
    ("default", "own", "name", "value"),
    [
        ("MaxPix=5,5", "", "maxpix", (5, 5)),
        ("MaxPix=5,5", "MaxPix=", "maxpix", (5, 5)),
        ("MaxPix=5,5", "MaxPix=oops", "maxpix", (5, 5)),
        ("MaxPix=5,5", "MaxPix=6,6", "maxpix", (6, 6)),
        ("MaxPix=", "MaxPix=", "maxpix", (0, 0)),
        ("RootPath=a", "", "rootpath", "a"),
        ("RootPath=a", "RootPath=", "rootpath", ""),
        ("DefaultImage=x", "DefaultImage=", "defaultimage", ""),
        ("MacroFile=m.tab", "", "macrofile", ""),
        ("CatalogFile=m.tab", "CatalogFile=", "catalogfile", ()),
        ("TimeStamp=1", "", "timestamp", None),
        ("AllowDirectAccess=exclude:IS", "", "allowdirectaccess", DirectAccess(include=False, types=("IS",))),
    ],
)
def test_inheritance(default: str, own: str, name: str, value: object) -> None:
    assert inherited(stated(own)[0], inherited(stated(default)[0]))[name] == value


def test_built_in_values() -> None:
    assert BUILT_IN["jpegquality"] == (80, 0)
    assert BUILT_IN["bkgcolor"] == Color("rgb", (255, 255, 255))
    assert (BUILT_IN["expiration"], BUILT_IN["nonimgexpiration"], BUILT_IN["defaultexpiration"]) == (10, 0.1, 1)
    assert BUILT_IN["allowdirectaccess"].allows("IS")
    assert not DirectAccess(include=True).allows("IS")
    assert not DirectAccess(include=False, types=("IS",)).allows("IS")


def test_time_stamps_end_with_the_year_9999() -> None:
    assert TimeStamp().read("12/31/9998 00:00:00 GMT") > 0
    with pytest.raises(ValueError, match="999999999999999"):
        TimeStamp().read("999999999999999")
