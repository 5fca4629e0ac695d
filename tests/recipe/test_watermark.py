"""What a catalog lays over every picture: how large, where, and on which (``r-watermarks``, ``r-watermark``)."""

import pytest

from proxy.catalog.records import Record
from proxy.errors import Missing
from proxy.recipe.model import LayerPlan, Picture
from tests.composed import Desk, catalog, catalogs, header

HEADERS = {"base.png": header(400, 300), "pic.png": header(100, 60)}
SHOP = (
    Record("base", path="base.png"),
    Record("corner", path="pic.png", modifier="align=1,-1"),
    Record("sized", path="pic.png", modifier="size=50,0&align=-1,1"),
    Record("part", path="pic.png", modifier="sizeN=0.5,0.5&opac=20&blendMode=mult"),
    Record("solid", modifier="sizeN=0.5,0.1&color=ff0000"),
    Record("viewed", path="pic.png", modifier="wid=7&hei=9&bgc=0,0,0&fmt=png&scl=3&rgn=1,1,2,2"),
    Record("layered", modifier="size=40,40&color=ffffff&layer=1&src=pic&size=20,0&pos=10,0"),
    Record("pic", path="pic.png"),
)


def watermark(name: str, target: str, **attributes: str) -> LayerPlan | None:
    desk = Desk(catalogs(catalog("shop", *SHOP, Watermark=name, **attributes)), HEADERS)
    return desk.recipe(target).watermark


def place(plan: LayerPlan | None) -> tuple[int, int, int, int]:
    assert plan is not None
    return *plan.offset, *plan.size


@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        # its own pixels, in the pixels of the composite: the right upper corner of 400x300
        ("corner", "", (300, 0, 100, 60)),
        # the view scales both
        ("corner", "wid=200", (150, 0, 50, 30)),
        # room that wid= and hei= add is not the picture's
        ("corner", "wid=800&hei=300", (300, 0, 100, 60)),
        # 50x30 in the left lower corner
        ("sized", "", (0, 270, 50, 30)),
        # the composite is what layer 0 is made of, whatever the original was: 200x150
        ("sized", "size=200,0", (0, 120, 50, 30)),
        # within half of 400x300: 200x120 in the middle
        ("part", "", (100, 90, 200, 120)),
        ("part", "crop=0,0,100,300", (25, 135, 50, 30)),
        ("solid", "", (100, 135, 200, 30)),
        # what it says of request and view does not count
        ("viewed", "", (150, 120, 100, 60)),
        ("layered", "", (180, 130, 40, 40)),
        # a stretched view stretches it
        ("corner", "wid=400&hei=150&fit=stretch", (300, 0, 100, 30)),
    ],
)
def test_place(name: str, query: str, expected: tuple[int, int, int, int]) -> None:
    assert place(watermark(name, f"shop/base?{query}", DefaultPix="0,0")) == expected


def test_how_it_is_merged() -> None:
    plan = watermark("part", "shop/base")
    assert plan is not None
    assert isinstance(plan.source, Picture)
    assert (plan.blend, plan.source.opacity) == ("mult", 0.2)


@pytest.mark.parametrize(
    ("target", "marked"),
    [
        ("shop/base", True),
        ("shop/base?req=props", True),
        ("shop/base?req=loadCache", True),
        ("shop/base?req=tmb", False),
        ("shop/base?req=mask", False),
        ("other/base", False),
    ],
)
def test_which_pictures_have_one(target: str, *, marked: bool) -> None:
    other = catalog("other", Record("base", path="base.png"))
    desk = Desk(catalogs(catalog("shop", *SHOP, Watermark="corner"), other), HEADERS)
    assert (desk.recipe(target).watermark is not None) is marked


def test_nested_pictures_have_none() -> None:
    desk = Desk(catalogs(catalog("shop", *SHOP, Watermark="corner")), HEADERS)
    recipe = desk.recipe("shop/base?layer=1&src=is(shop/pic)")
    assert recipe.watermark is not None
    assert isinstance(recipe.layers[1].source, Picture)
    assert recipe.layers[1].source.watermark is None


def test_one_that_is_not_there() -> None:
    desk = Desk(catalogs(catalog("shop", *SHOP, Record("gone"), Watermark="gone")), HEADERS)
    with pytest.raises(Missing):
        desk.recipe("shop/base")
