"""What names of profiles stand for, and that the documentation names the standard ones."""

from pathlib import Path

import pytest

from proxy.catalog.attributes import inherited
from proxy.catalog.catalog import Catalog
from proxy.catalog.profiles import OUTPUTS, SOURCES, STANDARDS, ProfileFile, Standard, find_profile, standard
from proxy.errors import Refused

DEFAULT = Catalog("", "", inherited({}), profiles={"press": "a/press.icc", "sRGB": "own/screen.icc", "abs": "/b.icc"})
SHOP = Catalog("shop", "shop.ini", inherited({"rootpath": "shop/"}), DEFAULT, profiles={"press": "p.icc"})
PAGE = Path(__file__).parents[2] / "docs/colour.md"


@pytest.mark.parametrize(
    ("name", "catalog", "found"),
    [
        ("press", DEFAULT, "a/press.icc"),
        ("press", SHOP, "shop/p.icc"),
        # a row of the default catalog's map is below its RootPath
        ("sRGB", SHOP, "own/screen.icc"),
        ("abs", SHOP, "/b.icc"),
        ("srgb", SHOP, "sRGB"),
        ("sRGB IEC61966-2.1", SHOP, "sRGB"),
        ("ADOBE RGB (1998)", SHOP, "AdobeRGB"),
        ("WebCoated", SHOP, "WebCoated"),
        ("U.S. Web Coated (SWOP) v2", SHOP, "WebCoated"),
        ("Web Coated SWOP Grade 5 Paper", SHOP, "WebCoatedGrade5"),
        ("x/my.icm", SHOP, "shop/x/my.icm"),
        ("my.icm", DEFAULT, "my.icm"),
        ("nobody", SHOP, None),
        ("x.y/nobody", SHOP, None),
        ("", SHOP, None),
    ],
)
def test_what_a_name_stands_for(name: str, catalog: Catalog, found: str | None) -> None:
    meant = find_profile(name, catalog)
    if isinstance(meant, ProfileFile):
        assert meant.path == found
    elif isinstance(meant, Standard):
        assert meant.name == found
    else:
        assert found is None


@pytest.mark.parametrize("name", ["../a.icc", "a/../b.icc", "..\\a.icc"])
def test_no_name_leads_upwards(name: str) -> None:
    with pytest.raises(Refused):
        find_profile(name, SHOP)


def test_every_standard_profile_is_found_by_all_its_names() -> None:
    names = [name for row in STANDARDS for name in {row.name, row.title, *row.others}]
    assert len({name.casefold() for name in names}) == len(names)
    for row in STANDARDS:
        assert {standard(name.upper()) for name in (row.name, row.title, *row.others)} == {row}
        assert bool(row.file) or row.pixels == "gray"


def test_attributes_exist() -> None:
    assert {name.lower() for name in (*OUTPUTS.values(), *SOURCES.values())} <= set(inherited({}))


@pytest.mark.parametrize("row", [row for row in STANDARDS if row.pixels != "cmyk"], ids=lambda row: row.name)
def test_the_page_names_those_that_are_made(row: Standard) -> None:
    assert f"| `{row.name}` | {row.title} | made by isproxy" in PAGE.read_text("utf-8")
