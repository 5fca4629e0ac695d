"""Image maps carried through the geometry of a request: numbers worked out by hand.

Pages: ``r-image-maps``, ``r-map``, ``r-map-req``.
"""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.catalog.records import Record
from proxy.recipe.maps import Area, composite_map, read_areas
from tests.composed import Desk, catalog, catalogs, header

Shown = list[tuple[str, tuple[int, ...], str]]
"""Shape, coordinates and ALT of each area, front to back."""

CORNERS = '<AREA SHAPE="RECT" COORDS="0,0,200,150" ALT="A"><AREA SHAPE="RECT" COORDS="200,150,400,300" ALT="B">'
TRIANGLE = '<area shape="poly" coords="0,0,400,0,0,300" alt="T">'
HEADERS = {"quad.png": header(400, 300), "white.png": header(200, 200), "small.png": header(100, 60)}
RECORDS = (
    Record("mapped", path="quad.png", map=CORNERS),
    Record("triangle", path="quad.png", map=TRIANGLE),
    Record("whole", path="quad.png", map='<area alt="W">'),
    Record("round", path="quad.png", map='<area shape="circle" coords="100,100,50" alt="C">'),
    Record("plain", path="quad.png"),
    Record("white", path="white.png"),
    Record("whiteMapped", path="white.png", map='<area shape="default" alt="0">'),
    Record("small", path="small.png", map='<area shape="rect" coords="10,10,50,30" alt="S">'),
    Record("changed", path="quad.png", map=CORNERS, modifier="flip=lr"),
)


@pytest.fixture(name="desk", scope="module")
def _desk() -> Desk:
    return Desk(catalogs(catalog("shop", *RECORDS)), HEADERS)


def shown(areas: tuple[Area, ...]) -> Shown:
    return [(area.shape, area.coords, area.attributes().get("alt", "")) for area in areas]


def rect(alt: str, *coords: int) -> tuple[str, tuple[int, ...], str]:
    return "rect", coords, alt


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("", []),
        ("no area at all <b>", []),
        (CORNERS, [rect("A", 0, 0, 200, 150), rect("B", 200, 150, 400, 300)]),
        ("<area shape=rect coords=1,2,3,4 alt=x>", [rect("x", 1, 2, 3, 4)]),
        ("<AREA SHAPE='rectangle' COORDS='3, 4, 1, 2' ALT='a > b'/>", [rect("a > b", 1, 2, 3, 4)]),
        ("<area alt=x\ncoords = '0.4,0.5,9,9' shape = Rect>", [rect("x", 0, 1, 9, 9)]),
        ("<area shape=poly coords=0,0,10,0,0,10>", [("poly", (0, 0, 10, 0, 0, 10), "")]),
        ("<area shape=circle coords=10,10,4>", [rect("", 6, 6, 14, 14)]),
        ("<area alt=all>", [("default", (), "all")]),
        ("<area shape=default coords=1,2,3,4 alt=all>", [("default", (), "all")]),
        # no shape is the whole rectangle too, whatever the coordinates
        ("<area coords=1,2,3,4 alt=all>", [("default", (), "all")]),
        ("<area shape=rect alt=all>", [("default", (), "all")]),
        # what cannot be read is passed over
        ("<area shape=rect coords=1,2,3><area shape=poly coords=1,2,3,4><area shape=poly coords=1,2,3,4,5,6,7>", []),
        ("<areas shape=rect coords=1,2,3,4><area shape=star coords=1,2,3,4>", []),
        ('<area shape=rect coords=1,2,3,4 alt="x', []),
    ],
)
def test_reading(text: str, areas: Shown) -> None:
    assert shown(read_areas(text)) == areas


def test_other_attributes_pass_as_they_were_written() -> None:
    (area,) = read_areas('<area HREF=\'a.html?x=1&amp;y="2"\' shape=rect nohref coords=1,2,3,4 Alt="it\'s" target=_top>')
    others = 'HREF=\'a.html?x=1&amp;y="2"\' nohref Alt="it\'s" target=_top'
    assert area.html() == f'<AREA SHAPE="RECT" COORDS="1,2,3,4" {others}>'
    assert area.attributes() == {"href": 'a.html?x=1&y="2"', "nohref": "", "alt": "it's", "target": "_top"}


A, B = (0, 0, 200, 150), (200, 150, 400, 300)


@pytest.mark.parametrize(
    ("target", "areas"),
    [
        ("mapped", [rect("A", *A), rect("B", *B)]),
        # the view
        ("mapped?wid=200", [rect("A", 0, 0, 100, 75), rect("B", 100, 75, 200, 150)]),
        ("mapped?scl=2.5", [rect("A", 0, 0, 80, 60), rect("B", 80, 60, 160, 120)]),
        ("mapped?wid=100&dpr=on,2", [rect("A", 0, 0, 100, 75), rect("B", 100, 75, 200, 150)]),
        ("mapped?wid=500&hei=300", [rect("A", 50, 0, 250, 150), rect("B", 250, 150, 450, 300)]),
        ("mapped?wid=500&hei=300&align=-1,0", [rect("A", *A), rect("B", *B)]),
        ("mapped?wid=200&hei=300&fit=crop", [rect("A", 0, 0, 100, 150), rect("B", 100, 150, 200, 300)]),
        ("mapped?wid=200&hei=300&fit=stretch", [rect("A", 0, 0, 100, 150), rect("B", 100, 150, 200, 300)]),
        ("mapped?rgn=100,75,200,150", [rect("A", 0, 0, 100, 75), rect("B", 100, 75, 200, 150)]),
        ("mapped?rect=100,75,200,150", [rect("A", 0, 0, 100, 75), rect("B", 100, 75, 200, 150)]),
        ("mapped?rect=250,0,150,150", []),
        # the source
        ("mapped?crop=100,75,200,150", [rect("A", 0, 0, 100, 75), rect("B", 100, 75, 200, 150)]),
        ("mapped?crop=100,75,200,150&size=100,0", [rect("A", 0, 0, 50, 38), rect("B", 50, 38, 100, 75)]),
        ("mapped?crop=0,150,200,150", []),
        ("mapped?crop=0,0,200,300", [rect("A", *A)]),
        ("mapped?crop=-100,0,500,300", [rect("A", 100, 0, 300, 150), rect("B", 300, 150, 500, 300)]),
        ("mapped?extend=10,20,30,40", [rect("A", 10, 20, 210, 170), rect("B", 210, 170, 410, 320)]),
        ("mapped?extend=-100,-100,0,0", [rect("A", 0, 0, 100, 50), rect("B", 100, 50, 300, 200)]),
        # clockwise: x,y goes to 300−y,x
        ("mapped?rotate=90", [rect("A", 150, 0, 300, 200), rect("B", 0, 200, 150, 400)]),
        ("mapped?rotate=180", [rect("A", 200, 150, 400, 300), rect("B", 0, 0, 200, 150)]),
        ("mapped?layer=0&flip=lr", [rect("A", 200, 0, 400, 150), rect("B", 0, 150, 200, 300)]),
        ("mapped?layer=0&flip=lr&rotate=90", [rect("A", 150, 200, 300, 400), rect("B", 0, 0, 150, 200)]),
        ("mapped?flip=lr", [rect("A", 200, 0, 400, 150), rect("B", 0, 150, 200, 300)]),
        # extend= is that of layer 0 and comes before the mirror of the composite
        ("mapped?flip=lr&extend=100,0,0,0", [rect("A", 200, 0, 400, 150), rect("B", 0, 150, 200, 300)]),
        ("mapped?flip=ud", [rect("A", 0, 150, 200, 300), rect("B", 200, 0, 400, 150)]),
        ("mapped?flip=lrud", [rect("A", 200, 150, 400, 300), rect("B", 0, 0, 200, 150)]),
        ("changed", [rect("A", 200, 0, 400, 150), rect("B", 0, 150, 200, 300)]),
        # other shapes
        ("triangle?wid=200", [("poly", (0, 0, 200, 0, 0, 150), "T")]),
        ("whole", [rect("W", 0, 0, 400, 300)]),
        ("whole?wid=50&crop=0,0,100,300", [rect("W", 0, 0, 50, 150)]),
        ("round?wid=200", [rect("C", 25, 25, 75, 75)]),
        ("plain", []),
    ],
)
def test_one_picture(desk: Desk, target: str, areas: Shown) -> None:
    assert shown(composite_map(desk.measured(f"shop/{target}"))) == areas


def test_a_clipped_polygon(desk: Desk) -> None:
    (area,) = composite_map(desk.measured("shop/triangle?crop=0,0,200,300"))
    # the hypotenuse from 400,0 to 0,300 meets the border at 200,150
    assert area.shape == "poly"
    assert set(zip(area.coords[::2], area.coords[1::2], strict=True)) == {(0, 0), (200, 0), (200, 150), (0, 300)}


def test_a_turned_rectangle_is_a_polygon(desk: Desk) -> None:
    areas = composite_map(desk.measured("shop/white?layer=0&rotate=45&mapA=" + quote("<area shape=rect coords=0,0,200,200>")))
    # half the diagonal of a square of 200 is 141.42; its box is 283 wide, and the middle lies at 141.5
    assert shown(areas) == [("poly", (142, 0, 283, 142, 142, 283, 0, 142), "")]


RED = quote('<area shape=rect coords=10,20,30,40 alt="r">')
ALL = quote('<area alt="all">')


@pytest.mark.parametrize(
    ("target", "areas"),
    [
        # half of 400×300 is fitted to 100×75 and lies at 50,62.5
        ("white?layer=1&src=mapped&size=100,0", [rect("A", 50, 63, 100, 100), rect("B", 100, 100, 150, 138)]),
        ("white?layer=1&src=mapped&size=100,0&origin=0,0&pos=-100,-100", [rect("A", 0, 0, 50, 38), rect("B", 50, 38, 100, 75)]),
        # clipped at the canvas, and left out where nothing is left
        ("white?layer=1&src=mapped&origin=0,0&pos=0,0", [rect("A", 100, 100, 200, 200)]),
        ("white?layer=1&src=mapped&origin=0,0&pos=-250,-200", [rect("A", 0, 0, 50, 50), rect("B", 50, 50, 200, 200)]),
        ("white?layer=1&src=mapped&pos=500,0", []),
        # front to back
        (
            "whiteMapped?layer=1&src=small&layer=2&src=whole&size=40,0",
            [rect("W", 80, 85, 120, 115), rect("S", 60, 80, 100, 100), rect("0", 0, 0, 200, 200)],
        ),
        (
            "whiteMapped?layer=9&src=whole&size=40,0&layer=3&src=small",
            [rect("W", 80, 85, 120, 115), rect("S", 60, 80, 100, 100), rect("0", 0, 0, 200, 200)],
        ),
        # map= is in pixels of the layer rectangle and takes the place of the record's
        (f"white?layer=1&src=small&map={RED}", [rect("r", 60, 90, 80, 110)]),
        (f"white?layer=1&src=small&size=50,0&map={RED}", [rect("r", 85, 105, 105, 115)]),
        (f"white?layer=1&src=small&extend=20,20,20,20&map={RED}", [rect("r", 40, 70, 60, 90)]),
        (f"white?layer=1&src=small&flip=lr&map={RED}", [rect("r", 60, 90, 80, 110)]),
        (f"white?layer=1&src=small&rotate=90&map={ALL}", [rect("all", 70, 50, 130, 150)]),
        (f"white?layer=1&color=ff0000&size=80,40&map={ALL}", [rect("all", 60, 80, 140, 120)]),
        ("white?layer=1&src=small&map=", []),
        # mapA= is in pixels of the source
        (f"white?layer=1&src=small&size=50,0&mapA={RED}", [rect("r", 80, 95, 90, 105)]),
        (f"white?layer=1&src=small&mapA={ALL}&map={RED}", [rect("r", 60, 90, 80, 110)]),
        (f"white?layer=1&src=small&map={RED}&mapA={ALL}", [rect("r", 60, 90, 80, 110)]),
        ("white?layer=1&src=small&mapA=", []),
        # that of the composite lies behind all others
        (f"whiteMapped?map={RED}", [rect("0", 0, 0, 200, 200), rect("r", 10, 20, 30, 40)]),
        (f"white?wid=100&map={ALL}", [rect("all", 0, 0, 100, 100)]),
        # transparency does not count
        ("white?layer=1&src=small&opac=0", [rect("S", 60, 80, 100, 100)]),
        # the map of a nested request is that of its picture
        ("shopless?src=is{shop/mapped?wid=200}", [rect("A", 0, 0, 100, 75), rect("B", 100, 75, 200, 150)]),
        ("white?layer=1&src=is{shop/mapped?wid=100}", [rect("A", 50, 63, 100, 100), rect("B", 100, 100, 150, 138)]),
        ("white?layer=1&src=is(shop/mapped?flip=lr)&size=100,0", [rect("A", 100, 63, 150, 100), rect("B", 50, 100, 100, 138)]),
        ("white?layer=1&src=is(shop/mapped?wid=100)&crop=0,0,50,75", [rect("A", 75, 63, 125, 100)]),
        ("white?layer=1&src=is(shop/mapped?wid=100)&map=", []),
    ],
)
def test_layers(desk: Desk, target: str, areas: Shown) -> None:
    assert shown(composite_map(desk.measured(f"shop/{target}"))) == areas


NAME = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True).filter(lambda name: name not in ("shape", "coords"))
VALUE = st.from_regex(r"\"[^\"\x00-\x1f]{0,12}\"", fullmatch=True)
PIXEL = st.integers(-500, 900)


@given(PIXEL, PIXEL, PIXEL, PIXEL, st.dictionaries(NAME, VALUE, max_size=3))
def test_what_is_written_can_be_read(left: int, top: int, right: int, bottom: int, others: dict[str, str]) -> None:
    corners = tuple((float(x), float(y)) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom)))
    area = Area("rect", corners, tuple(others.items()))
    (again,) = read_areas(area.html())
    assert (again.shape, again.coords, again.others) == (area.shape, area.coords, area.others)


@given(st.text(alphabet="<>area \"'=,0123456789.-shpcodylt/\n", max_size=120))
def test_any_text_is_read(text: str) -> None:
    for area in read_areas(f"<area {text}>{text}"):
        assert area.shape in ("rect", "poly", "default")


@given(
    st.lists(st.tuples(PIXEL, PIXEL), min_size=3, max_size=8),
    st.sampled_from(
        ["", "rotate=30", "rotate=90&extend=-20,5,0,-7", "layer=0&flip=lr&crop=20,20,100,90", "wid=77&rect=3,5,40,30"]
    ),
)
def test_nothing_lies_outside_the_reply(points: list[tuple[int, int]], query: str) -> None:
    desk = Desk(catalogs(catalog("shop", *RECORDS)), HEADERS)
    coords = ",".join(f"{x},{y}" for x, y in points)
    measured = desk.measured(f"shop/white?{query}&layer=0&mapA=" + quote(f"<area shape=poly coords={coords}>"))
    for area in composite_map(measured):
        xs, ys = area.coords[::2], area.coords[1::2]
        assert 0 <= min(xs) < max(xs) <= measured.size[0]
        assert 0 <= min(ys) < max(ys) <= measured.size[1]
