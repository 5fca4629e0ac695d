from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.catalog.attributes import BUILT_IN
from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.datatypes import LocaleRules
from proxy.catalog.locale import (
    Localization,
    locale_of,
    localization,
    localized,
    localized_image_set,
    localized_map,
    localized_targets,
    localized_user_data,
    translated,
    translations,
)
from proxy.catalog.records import Record
from proxy.catalog.store import load
from proxy.errors import BadValue, IsproxyError
from proxy.protocol.expand import definitions, expand_macros, substitute_tree
from proxy.protocol.parser import parse

FOLDER = Path(__file__).parents[1] / "conformance" / "catalog"


@pytest.fixture(scope="module", name="catalogs")
def _catalogs() -> Catalogs:
    return load(FOLDER, None)


def catalog(ids: str = "", strings: str = "", default: str = "") -> Catalog:
    rules = LocaleRules()
    stated = {"localemap": rules.read(ids), "localestrmap": rules.read(strings), "defaultlocale": default}
    return Catalog("shop", "shop.ini", {**BUILT_IN, **stated})


# the maps and the tables of r-object-id-translation
EUROPE = "en,_E,|en_us,_E,|en_uk,_E,|fr,_F,|de,_D,|de_at,_D,|de_de,_D,|,_E,"
TIERS = "w1,-W,|w2,-W2,-W,|w3,-W,|m1,-M1,-M,|m2,-M2,-M,|,"
SPECIFIC = ",_1,_2,_3|fr,_22,_23,_1,_2,_3|de,_470,_480,_1,_2,_3| de_at,_470,_480,_1,_2,_3| de_de,_470,_480,_1,_2,_3"


@pytest.mark.parametrize(
    ("ids", "locale", "default", "suffixes"),
    [
        (EUROPE, "de_de", "", ["_D", ""]),
        (EUROPE, "DE_De", "", ["_D", ""]),
        (EUROPE, " fr ", "", ["_F", ""]),
        (EUROPE, "ja", "", ["_E", ""]),
        (EUROPE, None, "", ["_E", ""]),
        (EUROPE, "", "", ["_E", ""]),
        (EUROPE, None, "fr", ["_F", ""]),
        (EUROPE, "", "fr", ["_F", ""]),
        (EUROPE, "de", "fr", ["_D", ""]),
        (EUROPE, "ja", "fr", ["_E", ""]),
        (EUROPE, None, "ja", ["_E", ""]),
        (TIERS, "w1", "", ["-W", ""]),
        (TIERS, "w2", "", ["-W2", "-W", ""]),
        (TIERS, "w3", "", ["-W", ""]),
        (TIERS, "m1", "", ["-M1", "-M", ""]),
        (TIERS, "m2", "", ["-M2", "-M", ""]),
        (TIERS, "x9", "", [""]),
        (SPECIFIC, "fr", "", ["_22", "_23", "_1", "_2", "_3"]),
        (SPECIFIC, "de_at", "", ["_470", "_480", "_1", "_2", "_3"]),
        (SPECIFIC, "nl", "", ["_1", "_2", "_3"]),
        # no rule for unknown locales: DefaultLocale helps, as it does where nothing is asked for
        ("de,_D,|fr,_F,", "ja", "fr", ["_F", ""]),
        ("de,_D,|fr,_F,", None, "FR", ["_F", ""]),
        ("de,_D,|fr,_F,", None, "", [""]),
        # no locale is written so, whatever the map has
        ("dé,_D|,_U", "dé", "", ["_U"]),
        ("de,_D|,_U", "de\n.", "", ["_U"]),
        # the first of two rules; a rule that names no suffix
        ("de,_1|de,_2", "de", "", ["_1"]),
        ("de,_1|en", "en", "", [""]),
        # no map
        ("", "de", "", [""]),
        ("", None, "de", [""]),
    ],
)
def test_suffixes(ids: str, locale: str | None, default: str, suffixes: list[str]) -> None:
    assert list(localization(catalog(ids, default=default), locale).suffixes) == suffixes


@pytest.mark.parametrize(
    ("locale", "default", "message"),
    [
        ("ja", "", "locale=ja: expected a locale of LocaleMap: de, fr"),
        ("ja", "es", "locale=ja: expected a locale of LocaleMap: de, fr"),
        (None, "es", "attribute::DefaultLocale=es: expected a locale of LocaleMap: de, fr"),
    ],
)
def test_a_locale_without_a_rule_is_refused(locale: str | None, default: str, message: str) -> None:
    with pytest.raises(BadValue) as caught:
        localization(catalog("de,_D|fr,_F", default=default), locale)
    assert caught.value.detail == message


@pytest.mark.parametrize(
    ("strings", "locale", "ids"),
    [
        ("en,E|nl,N|de,D|,", "nl", ["N"]),
        ("en,E|nl,N|de,D|,", "NL", ["N"]),
        ("en,E|nl,N|de,D|,", "ja", [""]),
        ("en,E|nl,N|de,D|,", None, [""]),
        ("en,E|en_us,EUS,E", "en_us", ["EUS", "E"]),
        ("en,E|en_us,EUS,E", "ja", [""]),
        ("en,E|en_us,EUS,E", None, [""]),
        ("", "nl", None),
    ],
)
def test_ids_of_strings(strings: str, locale: str | None, ids: list[str] | None) -> None:
    found = localization(catalog(strings=strings), locale).strings
    assert (None if found is None else list(found)) == ids


def test_the_maps_do_not_need_each_other(catalogs: Catalogs) -> None:
    conf, small = catalogs.by_root_id("conf"), catalogs.by_root_id("small")
    assert conf is not None
    assert small is not None
    assert localization(conf, "it") == Localization(("_I",), ("",))
    assert localization(conf, "nl") == Localization(("",), ("N",))
    assert localization(small, "de") == Localization()


@pytest.mark.parametrize(
    ("query", "locale"),
    [
        ("wid=1", None),
        ("locale=", None),
        ("locale=de", "de"),
        ("LOCALE=de_AT&locale=", "de_AT"),
        ("layer=1&locale=de&src=a&locale=fr", "fr"),
        ("locale=%64e%5fde%20", "de_de"),
        ("src=is{a?locale=de}", None),
        ("$m$", "nl"),
        ("$m$&locale=de", "de"),
        ("$l=fr&locale=$l$", "fr"),
    ],
)
def test_the_locale_of_a_request(query: str, locale: str | None) -> None:
    tree = expand_macros(parse(query), {"m": "wid=5&locale=nl"}.get)
    assert locale_of(substitute_tree(tree, definitions(tree), lambda _: False)) == locale


# objects and the rows of conf-locale.tab


@pytest.mark.parametrize(
    ("object_", "main", "locale", "record"),
    [
        ("conf/img", None, "de", "img_D"),
        ("conf/img", None, "fr", "img_F"),
        ("conf/pic", None, "de_at", "pic_A"),
        ("conf/img", None, "de_at", "img_D"),
        ("conf/plainpic", None, "de", "plainpic"),
        ("conf/only", None, "de", "only_D"),
        ("conf/img", None, "ja", "img"),
        ("conf/img", None, None, "img"),
        ("loc/img", None, None, "img_F"),
        ("img", "conf", "de", "img_D"),
        ("conf/img", "conf", "de", "img_D"),
        ("loc/img", "conf", "de_at", "img_D"),
        ("conf/img", "small", "de", "img"),
        ("conf/twice", None, "de", "twice"),
        ("conf/dflt-only", None, "de", "dflt-only"),
        ("/dflt-only", "conf", "de", "dflt-only"),
    ],
)
def test_records(catalogs: Catalogs, object_: str, main: str | None, locale: str | None, record: str) -> None:
    given_main = None if main is None else catalogs.by_root_id(main)
    suffixes = localization(given_main or catalogs.main_of(object_)[0], locale).suffixes
    found = catalogs.resolve(object_, given_main, suffixes)
    assert found.record is not None
    assert (found.record.id, found.object, found.missing) == (record, object_.strip("/"), False)


@pytest.mark.parametrize(
    ("object_", "missing", "path"),
    [
        # an id whose locale has no version; file names are not translated
        ("conf/img", True, None),
        ("conf/twice", True, None),
        ("conf/dflt-only", True, None),
        ("full/quad", True, None),
        ("full/dflt-only", True, None),
        ("conf/photos/a.png", False, "photos/a.png"),
        ("conf/only", False, "only"),
        ("conf", False, None),
    ],
)
def test_what_has_no_version(catalogs: Catalogs, object_: str, *, missing: bool, path: str | None) -> None:
    for main in (None, catalogs.by_root_id("conf")):
        if main is not None and object_ == "conf":
            continue
        found = catalogs.resolve(object_, main, ("_I",))
        assert (found.missing, found.path, found.record) == (missing, path, None)


def test_an_id_of_the_default_catalog_behind_fullmatch_is_translated() -> None:
    default = replace(catalog(), root_id="")
    full = replace(catalog(), attributes={**BUILT_IN, "fullmatch": True}, default=default)
    known = replace(default, records={id_: Record(id_) for id_ in ("shop/a", "shop/b_D")})
    both = Catalogs(known, {"shop": full})
    found = both.resolve("shop/b", None, ("_D",))
    assert found.record is not None
    assert (found.record.id, found.catalog) == ("shop/b_D", known)
    assert both.resolve("shop/a", None, ("_D",)).missing


def test_any_find_can_be_translated(catalogs: Catalogs) -> None:
    conf = catalogs.by_root_id("conf")
    assert conf is not None
    doc = translated("doc", localization(conf, "de").suffixes, conf.static_record)
    assert doc is not None
    assert doc.id == "doc_D"
    assert translated("doc", ("_X", "_Y"), conf.static_record) is None


@pytest.mark.parametrize(
    ("root_id", "id_", "ids"),
    [
        ("conf", "img", ("img", "img_D", "img_F")),
        ("conf", "pic", ("pic", "pic_D", "pic_A")),
        ("conf", "only", ("only_D",)),
        ("conf", "dflt-only", ("dflt-only",)),
        ("conf", "nothing", ()),
        ("conf", "", ()),
        ("loc", "img", ("img", "img_D", "img_F")),
        ("small", "img", ()),
        ("dflt", "red", ("red",)),
    ],
)
def test_translations(catalogs: Catalogs, root_id: str, id_: str, ids: tuple[str, ...]) -> None:
    main = catalogs.by_root_id(root_id)
    assert main is not None
    assert translations(main, id_) == ids


# strings: the examples of r-text-string-localization (there one map says EUK and the string UKE; here both say UKE)
FAMILIES = "en,E|en_us,USE,E|en_uk,UKE,E|de,D|de_at,DAT,D|de_de,D"
TWO = "^loc=E^English^loc=D^German"
FOUR = "^loc=E^English^loc=UKE^UK-English^loc=D^German^loc=DAT^Austrian"
UNUSED = "^loc=E^English^loc=USE^US-English^loc=D^German^loc=DDE^Deutsch"


@pytest.mark.parametrize(
    ("text", "locales", "string"),
    [
        (TWO, "en en_us en_uk", "English"),
        (TWO, "de de_at de_de", "German"),
        (TWO, "ja", ""),
        (FOUR, "en en_us", "English"),
        (FOUR, "en_uk", "UK-English"),
        (FOUR, "de de_de", "German"),
        (FOUR, "de_at", "Austrian"),
        (FOUR, "ja", ""),
        (UNUSED, "en en_uk", "English"),
        (UNUSED, "en_us", "US-English"),
        (UNUSED, "de de_at de_de", "German"),
        (UNUSED, "ja", ""),
    ],
)
def test_language_families(text: str, locales: str, string: str) -> None:
    for locale in locales.split():
        assert localized(text, localization(catalog(strings=FAMILIES), locale).strings) == string


@pytest.mark.parametrize(
    ("text", "ids", "string"),
    [
        ("plain", ("N",), "plain"),
        ("", ("N",), ""),
        ("Default^loc=N^Dutch", None, "Default^loc=N^Dutch"),
        ("Default^loc=N^Dutch", ("N",), "Dutch"),
        ("Default^loc=N^Dutch", ("D",), ""),
        ("Default^loc=N^Dutch", ("D", ""), "Default"),
        ("^loc=N^Dutch", ("", "N"), "Dutch"),
        ("Default^loc=N^", ("N", ""), ""),
        ("a^b^loc=N^c^d", ("N",), "c^d"),
        ("a^b^loc=N^c^d", ("",), "a^b"),
        ("a%5Eloc=N%5eDutch%5Eloc=D^German", ("N",), "Dutch"),
        ("a%5Eloc%3DN%5EDutch", ("N",), "Dutch"),
        ("^loc=N^first^loc=N^second", ("N",), "first"),
        ("^loc=n^small", ("N",), ""),
        ("a^loc=N", ("N",), "a^loc=N"),
        ("a^loc=\N{LATIN SMALL LETTER E WITH ACUTE}^b", ("N",), "a^loc=\N{LATIN SMALL LETTER E WITH ACUTE}^b"),
    ],
)
def test_strings(text: str, ids: tuple[str, ...] | None, string: str) -> None:
    assert localized(text, ids) == string


EXAMPLE = (
    "val1=111??str1=Default1^loc=N^Dutch1^loc=D^German1??val2=value2??"
    "str2=^loc=E^English2^loc=N^Dutch2^loc=D^German2??str3=Default3^loc=N^Dutch3^loc=D^German3"
)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("nl", "val1=111??str1=Dutch1??val2=value2??str2=Dutch2??str3=Dutch3"),
        ("ja", "val1=111??str1=Default1??val2=value2??str2=??str3=Default3"),
        ("en", "val1=111??str1=??val2=value2??str2=English2??str3="),
    ],
)
def test_user_data(locale: str, text: str) -> None:
    ids = localization(catalog(strings="en,E|nl,N|de,D|,"), locale).strings
    assert localized_user_data(EXAMPLE, ids) == text
    assert localized_user_data(EXAMPLE.replace("??", "\n"), ids) == text.replace("??", "\n")


def test_what_is_no_property_stays() -> None:
    text = "only words^loc=N^woorden\na=b=c^loc=N^d"
    assert localized_user_data(text, ("N",)) == "only words^loc=N^woorden\na=d"


def test_the_user_data_of_a_record(catalogs: Catalogs) -> None:
    conf = catalogs.by_root_id("conf")
    assert conf is not None
    record = conf.record("ud-local")
    assert record is not None
    told = {
        "nl": "val1=111??str1=Hallo??val2=value2??str2=Boom??str3=",
        "de": "val1=111??str1=Guten Tag??val2=value2??str2=Baum??str3=",
        "en_us": "val1=111??str1=??val2=value2??str2=Tree??str3=Crimson",
        "ja": "val1=111??str1=Hello??val2=value2??str2=??str3=Red",
    }
    for locale, text in told.items():
        assert localized_user_data(record.user_data or "", localization(conf, locale).strings) == text


def test_targets() -> None:
    text = (
        "Target.1.rect=10,20^loc=D^30??TARGET.1.LABEL=Red^loc=D^Rot\nTarget.1.userData=a^loc=D^b??"
        "Target.2.frame=1^loc=D^2??label=x^loc=D^y"
    )
    assert localized_targets(text, ("D",)) == (
        "Target.1.rect=10,20^loc=D^30??TARGET.1.LABEL=Rot\nTarget.1.userData=b??Target.2.frame=1^loc=D^2??label=x^loc=D^y"
    )


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (
            '<AREA SHAPE="RECT" COORDS="10,10,110,110" HREF="x.html" ALT="Red^loc=D^Rot" TITLE="^loc=E^Scarlet^loc=D^Rot">',
            '<AREA SHAPE="RECT" COORDS="10,10,110,110" HREF="x.html" ALT="Rot" TITLE="Rot">',
        ),
        (
            "<area alt = 'a \"b\"^loc=D^c' coords='1^loc=D^2' shape=\"^loc=D^x\">",
            "<area alt = 'c' coords='1^loc=D^2' shape=\"^loc=D^x\">",
        ),
        ("<area alt=a^loc=D^b>", "<area alt=a^loc=D^b>"),
        ('<area data-coords="a^loc=D^b" alt="never closed^loc=D^', '<area data-coords="b" alt="never closed^loc=D^'),
    ],
)
def test_maps(text: str, result: str) -> None:
    assert localized_map(text, ("D",)) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (
            "conf/red;{0xff8800Orange^loc=D^Orangerot},conf/blue;{0x0088ffSky^loc=D^Himmel}",
            "conf/red;{0xff8800Orangerot},conf/blue;{0x0088ffHimmel}",
        ),
        ("a^loc=D^b;c^loc=D^d:e^loc=N^f,(0X00ff00^loc=D^g)", "b;d:,(g)"),
        ("a;0x00ff0^loc=D^g,0x00ff00", "a;g,0x00ff00"),
        ("conf/two%20words,conf/quad%3ALeft", "conf/two%20words,conf/quad%3ALeft"),
    ],
)
def test_image_sets(text: str, result: str) -> None:
    assert localized_image_set(text, ("D",)) == result


TEXTS = st.text(st.sampled_from("^loc=DN%5Ee3,;:{}()?\n\r\"' <>/0xfFabtargetlabeluserdata.|_é"), max_size=80) | st.text(
    max_size=40
)
IDS = st.none() | st.lists(st.sampled_from(["", "D", "N", "loc"]), max_size=3)
FIELDS = (localized, localized_image_set, localized_map, localized_targets, localized_user_data)


@settings(deadline=None)
@given(rules=TEXTS, strings=TEXTS, default=TEXTS, locale=st.none() | TEXTS)
def test_any_text_as_rules_and_locale(rules: str, strings: str, default: str, locale: str | None) -> None:
    try:
        found = localization(catalog(rules, strings, default), locale)
    except IsproxyError:
        return
    assert found.suffixes
    assert found.strings != ()
    assert translations(catalog(rules), "img") == ()


@settings(deadline=None)
@given(text=TEXTS, ids=IDS)
def test_any_text_as_a_field(text: str, ids: list[str] | None) -> None:
    for field in FIELDS:
        result = field(text, ids)
        assert len(result) <= len(text)
        if ids is None or "loc" not in text:
            assert result == text


@settings(deadline=None)
@given(
    default=st.text("ab c", max_size=5),
    marked=st.lists(st.tuples(st.sampled_from("DEN"), st.text("xyz", max_size=5)), min_size=1),
)
def test_the_first_string_of_the_first_id_that_is_there(default: str, marked: list[tuple[str, str]]) -> None:
    text = default + "".join(f"^loc={id_}^{string}" for id_, string in marked)
    ids = ("N", "D", "")
    expected = next((string for id_ in ids for marked_id, string in [*marked, ("", default)] if marked_id == id_), "")
    assert localized(text, ids) == expected


@settings(deadline=None)
@given(query=st.text(max_size=60))
def test_any_query_has_a_locale_or_none(query: str) -> None:
    try:
        tree = parse(query)
    except IsproxyError:
        return
    found = locale_of(tree)
    assert found is None or found == found.strip() != ""
