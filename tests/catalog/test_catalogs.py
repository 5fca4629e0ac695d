from pathlib import Path

import pytest

from proxy.catalog.catalogs import Catalogs
from proxy.catalog.profiles import SRGB, ProfileFile
from proxy.catalog.store import load
from proxy.errors import Refused
from proxy.protocol.color import Color

Case = tuple[str, str | None, str, str, str | None, str | None]
"""An object and its main catalog; the catalog that counts, the one that has the record, the id of the record, the path."""
FOLDER = Path(__file__).parents[1] / "conformance" / "catalog"


@pytest.fixture(scope="module", name="catalogs")
def _catalogs() -> Catalogs:
    return load(FOLDER, None)


def test_the_conformance_catalogs_load(catalogs: Catalogs) -> None:
    assert len(list(catalogs)) == len(list(FOLDER.glob("*.ini")))
    assert sorted(map(str, catalogs.problems)) == [
        "conf-images.tab:1:106: warning: Colour is no field; the column is ignored",
        (
            "conf-images.tab:52:26: warning: TimeStamp=yesterday: expected milliseconds since 1970 or a time such as "
            "07/04/2023 12:30:00 GMT, … PST or … GMT -7:30; the value is not used"
        ),
        "conf-images.tab:65: warning: Id=again stands in this file already; the later row counts",
        "conf-svg.tab:3: warning: Id=quad is an image of this catalog already; the row is ignored",
        "odd.ini:6:1: warning: MaxPix stands in line 5 already; the later one counts",
        "odd.ini:7:1: warning: No-Such_Attribute.7 is no attribute; it is ignored",
    ]


def test_attributes(catalogs: Catalogs) -> None:
    default, odd, shop = catalogs.default, catalogs.by_root_id("odd"), catalogs.by_root_id("shop")
    assert odd is not None
    assert shop is not None
    assert (default.pair("MaxPix"), default.pair("defaultpix"), default.text("RESMODE")) == ((2000, 2000), (400, 400), "bicub")
    assert (odd.pair("MaxPix"), odd.pair("DefaultPix")) == ((500, 500), (400, 400))
    assert odd.color("BkgColor") == Color("rgb", (0, 255, 255))
    assert odd.text("PublishInfo") == "Größe \N{EN DASH} odd"
    assert (shop.text("RootPath"), shop.text("ResMode"), shop.number("Expiration")) == ("sub", "bilin", -1)
    assert (shop.integer("PrintResolution"), shop.integer("ErrorDetail"), shop.flag("FullMatch")) == (200, 2, False)
    assert default.timestamp == 1718452800000
    assert shop.timestamp == (FOLDER / "shop.ini").stat().st_mtime_ns // 1_000_000
    with pytest.raises(KeyError):
        shop.attribute("NoSuch")
    with pytest.raises(TypeError):
        shop.text("MaxPix")


def test_records(catalogs: Catalogs) -> None:
    conf = catalogs.by_root_id("conf")
    assert conf is not None

    def field(id_: str, name: str) -> object:
        record = conf.record(id_)
        assert record is not None, id_
        return getattr(record, name)

    assert field("replaced", "path") == field("again", "path") == "solid-blue.png"
    assert field("sized", "size") == (400, 300)
    assert field("doll-shoes", "anchor") == (100, -400)
    assert (field("exp1", "expiration"), field("expnever", "expiration"), field("expdef", "expiration")) == (1, -1, None)
    assert {field(f"stamp-{kind}", "time_stamp") for kind in ("gmt", "off", "zone")} == {1688473800000}
    assert field("stamp-bad", "time_stamp") == (FOLDER / "conf.ini").stat().st_mtime_ns // 1_000_000
    assert field("thumb-tex", "thumb_type") == "texture"
    assert (field("ud-lines", "user_data"), field("ud-quoted", "user_data")) == ("a=1\nb=one\ttwo", 'a=1??b=say "hi"')
    assert field("map-quoted", "map") == field("map", "map")
    assert (field("latin", "user_data"), field("größe", "path")) == ("ville=Orléans", "solid-green.png")
    assert field("set-loop", "asset_type") == "MEDIASET"
    assert (field("quad", "path"), field("shape", "modifier")) == ("quad.png", "$color=0000ff")
    assert (field("Tone", "path"), field("tone", "path")) == ("solid-red.png", "solid-blue.png")
    assert conf.own_record("dflt-only") is None
    assert field("dflt-only", "path") == "solid-blue.png"
    assert list(conf.ids())[:3] == ["quad", "red", "green"]
    clip = conf.static_record("clip")
    assert clip is not None
    assert (clip.video_bit_rate, clip.video_size, clip.total_stream_bit_rate) == (500000, (320, 180), None)


def test_macros_and_profiles(catalogs: Catalogs) -> None:
    conf, shop = catalogs.by_root_id("conf"), catalogs.by_root_id("shop")
    assert conf is not None
    assert shop is not None
    assert (conf.macro("MIXEDcase"), conf.macro("!_s7product")) == ("wid=44", "wid=90&hei=90&fmt=png")
    assert (conf.macro("shared"), shop.macro("shared"), conf.macro("dwide")) == ("wid=70", "wid=50", "wid=150")
    assert shop.macro("base") is None
    assert conf.profile_path("swap") == shop.profile_path("swap") == "profiles/swap.icc"
    assert catalogs.profile("conf/swap", catalogs.default) == ProfileFile("profiles/swap.icc")
    assert catalogs.profile("own/my.icc", shop) == ProfileFile("sub/own/my.icc")
    assert catalogs.profile("/own/my.icc", shop) == ProfileFile("own/my.icc")
    assert catalogs.profile("srgb", shop) == ProfileFile("profiles/srgb.icc")
    assert catalogs.profile("sRGB", shop) is SRGB
    assert catalogs.profile("no-such-profile", shop) is None
    with pytest.raises(Refused):
        catalogs.profile("../my.icc", shop)


@pytest.mark.parametrize(
    "case",
    [
        # the URL path: the first element may be a root id
        ("conf/quad", None, "conf", "conf", "quad", "quad.png"),
        ("/conf//quad", None, "conf", "conf", "quad", "quad.png"),
        ("conf/quad/", None, "conf", "conf", "quad", "quad.png"),
        ("conf/shoes/left/red", None, "conf", "conf", "shoes/left/red", "solid-red.png"),
        ("conf/quad.png", None, "conf", "conf", "quad.png", "solid-blue.png"),
        ("quad.png", None, "", "", None, "quad.png"),
        ("twice", None, "", "", "twice", "solid-blue.png"),
        ("conf/twice", None, "conf", "conf", "twice", "solid-red.png"),
        ("conf/dflt-only", None, "conf", "", "dflt-only", "solid-blue.png"),
        ("shop/dflt-only", None, "shop", "", "dflt-only", "solid-blue.png"),
        ("CONF/quad", None, "", "", None, "CONF/quad"),
        ("conf/Quad", None, "conf", "conf", None, "Quad"),
        ("conf/tmpl-layers", None, "conf", "conf", "tmpl-layers", None),
        ("conf", None, "conf", "conf", None, None),
        ("conf/", None, "conf", "conf", None, None),
        ("", None, "", "", None, None),
        ("full/quad", None, "full", "full", "quad", "quad.png"),
        ("full/inside.png", None, "", "", None, "full/inside.png"),
        ("full", None, "full", "full", None, None),
        ("part/other.png", None, "part", "part", None, "other.png"),
        ("shop/small", None, "shop", "shop", "small", "sub/small.png"),
        ("shop/small.png", None, "shop", "shop", None, "sub/small.png"),
        ("shop/a.b/file", None, "shop", "shop", None, "sub/a.b/file.png"),
        ("shop/file.", None, "shop", "shop", None, "sub/file..png"),
        # src= and mask=: a root id may be left out
        ("red", "conf", "conf", "conf", "red", "solid-red.png"),
        ("conf/red", "conf", "conf", "conf", "red", "solid-red.png"),
        ("conf/red", "", "conf", "conf", "red", "solid-red.png"),
        ("dflt/fallback", "conf", "dflt", "dflt", "fallback", "solid-green.png"),
        ("twice", "conf", "conf", "conf", "twice", "solid-red.png"),
        ("/twice", "conf", "", "", "twice", "solid-blue.png"),
        ("/conf/twice", "shop", "conf", "conf", "twice", "solid-red.png"),
        ("quad.png", "conf", "conf", "conf", "quad.png", "solid-blue.png"),
        ("/quad.png", "conf", "", "", None, "quad.png"),
        ("small.png", "shop", "shop", "shop", None, "sub/small.png"),
        ("/small.png", "shop", "", "", None, "small.png"),
        ("shop/small.png", "shop", "shop", "shop", None, "sub/small.png"),
        ("shop/other", "conf", "shop", "shop", None, "sub/other.png"),
        ("red", "full", "full", "full", "red", "solid-red.png"),
        ("other.png", "full", "", "", None, "other.png"),
        ("full/inside.png", "conf", "", "", None, "full/inside.png"),
        ("sub/small.png", "part", "part", "part", None, "sub/small.png"),
    ],
)
def test_objects(catalogs: Catalogs, case: Case) -> None:
    object_, main, *expected = case
    given_main = None if main is None else catalogs.by_root_id(main) or catalogs.default
    found = catalogs.resolve(object_, given_main)
    record = found.record and found.record.id
    assert [found.catalog.root_id, found.owner.root_id, record, found.path] == expected


def test_masks(catalogs: Catalogs) -> None:
    assert catalogs.resolve("conf/masked", None).mask_path == "quadmask.png"
    assert catalogs.resolve("conf/quad", None).mask_path is None


@pytest.mark.parametrize("object_", ["..", "shop/../secret.png", "part/..\\secret.png", "a/b/.."])
@pytest.mark.parametrize("main", [None, "conf"])
def test_no_path_leads_upwards(catalogs: Catalogs, object_: str, main: str | None) -> None:
    with pytest.raises(Refused):
        catalogs.resolve(object_, None if main is None else catalogs.by_root_id(main))


def test_the_rest_of_a_url_path(catalogs: Catalogs) -> None:
    for path, root_id, rest in [("conf/a/b", "conf", "a/b"), ("//conf//a", "conf", "a"), ("x/a", "", "x/a"), ("", "", "")]:
        catalog, found = catalogs.main_of(path)
        assert (catalog.root_id, found) == (root_id, rest)
