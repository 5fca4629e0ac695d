"""``req=set`` (``r-set``, ``r-media-set-requests``; wire formats, section 2)."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from lxml import etree

from proxy.errors import BadSyntax, BadValue, IsproxyError, LimitExceeded, Missing, RequestError
from tests.answers.metadata.conftest import Asking

Answering = Callable[[str], Awaitable[Any]]


async def the_set(ask_json: Answering, target: str) -> Any:
    value = await ask_json(target)
    assert list(value) == ["set"]
    return value["set"]


def short(media: Any) -> Any:
    """A set without sizes, versions and user data: type and items, each its type, names, swatch and set."""
    items = media.get("item", [])
    return media["type"], [_short(item) for item in (items if isinstance(items, list) else [items])]


def _short(item: Any) -> Any:
    pictures = item.get("i", [])
    names = [picture["n"] for picture in (pictures if isinstance(pictures, list) else [pictures])]
    swatch = item.get("s", {})
    shown: list[Any] = [*names, *(["s:" + (swatch.get("n") or swatch["color"])] if swatch else [])]
    if "v" in item:
        shown.append("v:" + item["v"]["path"])
    if "set" in item:
        shown.append(short(item["set"]))
    return (item["type"], *shown) if "type" in item else tuple(shown)


SWATCHES = ("img_set", [("shop/red", "s:shop/blue"), ("shop/blue", "s:0xff8800"), ("shop/quad", "s:shop/quad")])
SPIN = ("spin", [("shop/red",), ("shop/blue",), ("shop/quad",)])
VIDEOS = ("video_set", [("v:clip.mp4",), ("v:big clip.MP4",), ("v:silent.mp4",)])
PAIR = [("shop/red", "s:shop/red"), ("shop/blue", "s:shop/blue")]
ROWS = ("spin", [("spin", ("spin", [("shop/red",), ("shop/blue",)])), ("spin", ("spin", [("shop/quad",)]))])

SETS = [
    # single pictures, videos and files
    ("shop/quad?", ("img", [("shop/quad",)])),
    ("shop//quad?", ("img", [("shop/quad",)])),
    ("quad.png?", ("img", [("quad.png",)])),
    ("shop/template?", ("img", [("shop/template",)])),
    ("shop/clip-only?", ("video", [("v:clip.mp4",)])),
    ("shop/clip?", ("video", [("shop/clip", "v:film/clip.mp4")])),
    ("shop/film/x.mp4?", ("video", [("v:film/x.mp4",)])),
    ("shop/sheet?", ("static", [("v:sheet.pdf",)])),
    # sets of records
    ("shop/swatches?", SWATCHES),
    ("shop/spin?", SPIN),
    ("shop/self?", ("img_set", [("shop/self", "s:shop/self"), ("shop/blue", "s:shop/blue")])),
    ("shop/videos?", VIDEOS),
    ("shop/auto-media?", ("media_set", [("shop/quad", "s:shop/red")])),
    (
        "shop/media?",
        (
            "media_set",
            [
                ("shop/quad", "s:shop/red"),
                ("img_set", "s:shop/blue", SWATCHES),
                ("video", "s:shop/blue", "v:clip.mp4"),
                ("ecat", "s:shop/red", ("ecat", [("shop/red", "shop/blue"), ("shop/quad",)])),
            ],
        ),
    ),
    # spellings of imageSet= that are in use
    ("shop/?imageSet=red,blue", ("unknown", PAIR)),
    ("shop/?imageset={red,blue}", ("unknown", PAIR)),
    ("shop?IMAGESET=(red,blue)", ("unknown", PAIR)),
    ("?imageSet=shop/red,shop/blue", ("unknown", PAIR)),
    ("shop/?imageSet=shop%2Fred%2Cblue", ("unknown", PAIR)),
    ("shop/?imageSet=%7Bred,blue%7D", ("unknown", PAIR)),
    ("shop/quad?imageSet=red,blue", ("unknown", PAIR)),
    ("shop/spin?imageSet=red,blue", ("spin", [("shop/red",), ("shop/blue",)])),
    ("shop?imageSet=swatches", SWATCHES),
    ("?imageSet=(shop/swatches)", SWATCHES),
    ("shop?imageSet=red", ("unknown", PAIR[:1])),
    ("shop?imageSet=red,nobody,blue", ("unknown", [PAIR[0], ("shop/nobody", "s:shop/nobody"), PAIR[1]])),
    ("shop?imageSet={}", ("empty", [])),
    ("shop?imageSet=,", ("empty", [])),
    (
        "shop?imageSet=../red,/shared,shared",
        ("unknown", [("shop/../red", "s:shop/../red"), ("shared", "s:shared"), ("shop/shared", "s:shop/shared")]),
    ),
    ("sub?imageSet=red.png,shop/red", ("unknown", [("sub/red.png", "s:sub/red.png"), ("shop/red", "s:shop/red")])),
    # types that are found out
    ("shop?imageSet=red:blue,quad", ("ecat", [("shop/red", "shop/blue"), ("shop/quad",)])),
    ("shop?imageSet=red;blue,quad", ("img_set", [("shop/red", "s:shop/blue"), ("shop/quad", "s:shop/quad")])),
    ("shop?imageSet=red;blue;,quad", ("media_set", [("shop/red", "s:shop/blue"), ("shop/quad", "s:shop/quad")])),
    ("shop?imageSet={red,blue},{quad}", ROWS),
    ("shop?imageSet={{red,blue},{quad}}", ROWS),
    ("shop?imageSet={red;blue},(quad)", ROWS),
    ("shop?imageSet=spin,red", ("spin", [("spin", SPIN), ("shop/red",)])),
    ("shop?imageSet={swatches;blue},red;red", ("img_set", [("img_set", "s:shop/blue", SWATCHES), ("shop/red", "s:shop/red")])),
    # types of the entries of media sets
    ("shop?imageSet=swatches;red;basic", ("media_set", [("shop/swatches", "s:shop/red")])),
    ("shop?imageSet=swatches;red;nonsense", ("media_set", [("img_set", "s:shop/red", SWATCHES)])),
    ("shop?imageSet=swatches;red;", ("media_set", [("img_set", "s:shop/red", SWATCHES)])),
    ("shop?imageSet=quad;red;Advanced_Image", ("media_set", [("shop/quad", "s:shop/red")])),
    ("shop?imageSet=quad;;spin", ("media_set", [("shop/quad", "s:shop/quad")])),
    ("shop?imageSet=swatches;red;advanced_imageset", ("media_set", [("img_set", "s:shop/red", SWATCHES)])),
    ("shop?imageSet=videos;red;video_set", ("media_set", [("video_set", "s:shop/red", VIDEOS)])),
    ("shop?imageSet=clip-only;red;", ("media_set", [("video", "s:shop/red", "v:clip.mp4")])),
    ("shop?imageSet=sheet;red;static", ("media_set", [("static", "s:shop/red", "v:sheet.pdf")])),
    ("shop?imageSet={red,blue};red;spin", ("media_set", [("spin", "s:shop/red", ("spin", [("shop/red",), ("shop/blue",)]))])),
    ("shop?imageSet={red,blue};red;", ("media_set", [("unknown", "s:shop/red", ("unknown", PAIR))])),
]  # fmt: skip


@pytest.mark.parametrize(("target", "expected"), SETS, ids=[target for target, _ in SETS])
async def test_sets_and_their_types(ask_json: Answering, target: str, expected: Any) -> None:
    assert short(await the_set(ask_json, f"{target}&req=set,json")) == expected


async def test_a_picture_is_written_to_the_letter(ask: Asking) -> None:
    body = (await ask("shop/blue?req=set,json&id=-98")).body.decode()
    version = body.partition('"iv":"')[2][:6]
    assert body == (
        '/*jsonp*/s7jsonResponse({"set":{"pv":"1.0","type":"img","n":"shop/blue",'
        f'"item":{{"i":{{"n":"shop/blue"}},"dx":"30","dy":"60","iv":"{version}"}}}}}},"-98");'
    )
    xml = (await ask("shop/blue?req=set")).body.decode()
    assert xml == f'<set n="shop/blue" pv="1.0" type="img"><item dx="30" dy="60" iv="{version}"><i n="shop/blue"/></item></set>'


async def test_one_member_is_an_object_and_several_are_a_list(ask_json: Answering) -> None:
    assert isinstance((await the_set(ask_json, "shop?req=set,json&imageSet=blue;red"))["item"], dict)
    assert isinstance((await the_set(ask_json, "shop?req=set,json&imageSet=blue;red,blue"))["item"], list)
    pages = (await the_set(ask_json, "shop?req=set,json&imageSet=blue:red,blue"))["item"]
    assert [type(page["i"]) for page in pages] == [list, dict]
    assert [(image["n"], image["dx"], image["dy"]) for image in pages[0]["i"]] == [
        ("shop/blue", "30", "60"),
        ("shop/red", "20", "10"),
    ]
    assert (pages[0]["dx"], pages[0]["dy"]) == ("30", "60")


async def test_every_value_is_a_text(ask_json: Answering) -> None:
    def texts(value: Any) -> bool:
        if isinstance(value, dict):
            return all(texts(entry) for entry in value.values())
        return all(map(texts, value)) if isinstance(value, list) else isinstance(value, str)

    for id_ in ("media", "videos", "quad", "clip", "red"):
        assert texts(await ask_json(f"shop/{id_}?req=set,json"))


async def test_members_that_cannot_be_shown_are_listed_without_a_size(ask_json: Answering) -> None:
    items = (await the_set(ask_json, "shop?req=set,json&imageSet=lost,nobody,noise,template,blue"))["item"]
    assert ["dx" in item for item in items] == [False, False, False, False, True]


@pytest.mark.parametrize("target", ["shop/nobody", "nobody", "", "shop", "shop/lost"])
async def test_nothing_alone_is_an_error(ask: Asking, target: str) -> None:
    with pytest.raises(Missing):
        await ask(f"{target}?req=set,json")


async def test_versions_change_with_file_and_record(ask_json: Answering) -> None:
    versions = {(await the_set(ask_json, f"shop/{id_}?req=set,json"))["item"]["iv"] for id_ in ("red", "blue", "quad", "sized")}
    assert len(versions) == 4
    assert all(len(version) == 6 and version.replace("-", "").replace("_", "").isalnum() for version in versions)


async def test_names_stay_in_the_form_of_urls(ask_json: Answering) -> None:
    items = (await the_set(ask_json, "shop?req=set,json&imageSet=two%2520words,a%253Ab%253Bc,red?wid=5"))["item"]
    assert [item["i"]["n"] for item in items] == ["shop/two%20words", "shop/a%3Ab%3Bc", "shop/red"]
    assert [item["dx"] for item in items] == ["30", "30", "20"]
    assert items[2]["i"]["mod"] == "wid=5"
    assert (await the_set(ask_json, "shop/two%20words?req=set,json"))["n"] == "shop/two%20words"


async def test_labels_user_data_and_flags(ask_json: Answering) -> None:
    first, second, third = (await the_set(ask_json, "shop/swatches?req=set,json&labelkey=LABEL"))["item"]
    assert (first["i"]["l"], "l" in first["s"], third["i"]["l"]) == ("Red", False, "Quad")
    assert second["s"] == {"color": "0xff8800", "l": "Or,ange"}
    assert first["userdata"] == {"label": "Red", "Big Size": "</script><b a='1'>\"x\""}
    assert (first["map"], first["targets"]) == ("1", "1")
    assert "map" not in third
    assert (await the_set(ask_json, "shop/swatches?req=set,json"))["userdata"] == {"caption": "Colours"}
    assert "l" not in (await the_set(ask_json, "shop/red?req=set,json"))["item"]["i"]
    assert (await the_set(ask_json, "shop/plain?req=set,json"))["item"]["userdata"] == "only <words> & ?? more"


async def test_videos(ask_json: Answering) -> None:
    items = (await the_set(ask_json, "shop/videos?req=set,json"))["item"]
    assert items[0]["v"] == {"n": "shop/clip-only", "path": "clip.mp4", "bitrate": "700000"}
    assert items[1]["v"] == {"n": "shop/clip-hd", "path": "big clip.MP4", "bitrate": "1500000", "dx": "1280", "dy": "720"}
    assert items[2]["v"] == {"n": "shop/clip-silent", "path": "silent.mp4"}
    poster = (await the_set(ask_json, "shop/clip?req=set,json"))["item"]
    assert poster["v"]["bitrate"] == "564000"
    assert poster["i"] == {"n": "shop/clip"}
    assert poster["userdata"] == {"label": "Film"}


async def test_smart_crops(ask_json: Answering) -> None:
    quad = await the_set(ask_json, "shop/quad?req=set,json")
    assert [entry["n"] for entry in quad["relation"]] == ["shop/quad:Banner", "shop/quad:Swatch"]
    assert quad["relation"][0]["userdata"] == {
        "SmartCropDef": "Banner",
        "SmartCropType": "Banner",
        "SmartCropRect": "0.1,0.2,0.5,0.5,800,800",
        "SmartCropWidth": "800.0",
        "SmartCropHeight": "800.0",
    }
    assert "relation" not in quad["item"]
    # a list even of one
    assert [entry["n"] for entry in (await the_set(ask_json, "shop/one?req=set,json"))["relation"]] == ["shop/one:Only"]
    assert [entry["n"] for entry in (await the_set(ask_json, "shop/own?req=set,json"))["relation"]] == ["shop/own:Tall"]
    assert "relation" not in await the_set(ask_json, "shop/blue?req=set,json")
    member = (await the_set(ask_json, "shop?req=set,json&imageSet=one;red"))["item"]
    assert [entry["n"] for entry in member["relation"]] == ["shop/one:Only"]


@pytest.mark.parametrize("path", ["shop/quad:Banner", "shop/quad%3ABanner", "shop/own:Tall", "shop/own%3ATall"])
async def test_a_crop_by_its_name(ask_json: Answering, path: str) -> None:
    crop = await the_set(ask_json, f"{path}?req=set,json")
    assert crop["n"] == path.replace("%3A", ":")
    assert crop["item"]["userdata"]["SmartCropDef"] == crop["n"].partition(":")[2]
    assert "relation" not in crop
    with pytest.raises(Missing):
        await ask_json("shop/own:Other?req=set,json")


REFUSED = [
    ("shop/nested?", RequestError, "media set within a set"),
    ("shop/nested-img?", RequestError, "media set within a set"),
    ("shop/nested-auto?", RequestError, "media set within a set"),
    ("shop?imageSet={quad;red;img};red;", RequestError, "media set within a set"),
    ("shop/ping?", RequestError, "contains itself"),
    ("shop/pong?", RequestError, "contains itself"),
    ("shop/chain0?", LimitExceeded, "nested more than"),
    ("shop/many?", LimitExceeded, "ImageSet of shop/many: a set of more than"),
    ("shop/wide?", LimitExceeded, "members, those of nested sets included"),
    ("shop?imageSet=many,many;red", LimitExceeded, "more than"),
    ("shop/unmatched?", BadSyntax, "ImageSet of shop/unmatched: . at position 1 is never closed"),
    ("shop/deep?", LimitExceeded, "nested more than"),
    ("shop?imageSet=red)", BadSyntax, "closes nothing"),
]


@pytest.mark.parametrize(("target", "error", "message"), REFUSED, ids=[target for target, _, _ in REFUSED])
async def test_hostile_sets_are_refused_soon(ask: Asking, target: str, error: type[IsproxyError], message: str) -> None:
    start = time.process_time()
    with pytest.raises(error, match=message):
        await ask(f"{target}&req=set,json")
    assert time.process_time() - start < 2


async def test_a_chain_within_the_limit(ask_json: Answering) -> None:
    chain = await the_set(ask_json, "shop/chain4?req=set,json")
    depth = 0
    while "item" in chain and "set" in chain["item"][0]:
        chain, depth = chain["item"][0]["set"], depth + 1
    assert depth == 3


async def test_user_data_beyond_a_limit_is_left_out_and_said_to_be(ask_json: Answering) -> None:
    items = (await the_set(ask_json, "shop/talkative?req=set,json"))["item"]
    assert ["userdata" in item for item in items] == [True] * 5 + [False] * 3
    assert [item.get("suppressed") for item in items] == [None] * 5 + ["userdata"] * 3


@pytest.mark.parametrize("encoding", ["", ",UTF-8", ",UTF-16", ",UTF-16LE", ",UTF-16BE", ",ISO-8859-1"])
async def test_xml_in_every_encoding(ask: Asking, encoding: str) -> None:
    reply = await ask(f"shop/red?req=set,xml{encoding}")
    name = encoding.lstrip(",") or "UTF-8"
    assert reply.media_type == f"text/xml; charset={name.lower()}"
    text = reply.body.decode(name)
    assert text.startswith("<?xml") == (name != "UTF-8")
    root = etree.fromstring(reply.body if name in ("UTF-8", "UTF-16", "ISO-8859-1") else text.partition("?>")[2])
    assert root.get("type") == "img"
    found = {each.get("name"): each.get("value") for each in root.iter("property")}
    assert found == {"label": "Red", "Big Size": "</script><b a='1'>\"x\""}


async def test_xml_has_the_members_of_json(ask: Asking) -> None:
    root = etree.fromstring((await ask("shop/media?req=set")).body)
    assert [item.get("type") for item in root.findall("item")] == [None, "img_set", "video", "ecat"]
    assert [each.get("n") for each in root.findall("item/set/item/i")] == [
        *("shop/red", "shop/blue", "shop/quad"),
        *("shop/red", "shop/blue", "shop/quad"),
    ]
    assert [each.get("n") for each in etree.fromstring((await ask("shop/quad?req=set")).body).findall("relation")] == [
        "shop/quad:Banner",
        "shop/quad:Swatch",
    ]


@pytest.mark.parametrize("form", ["text", "javascript"])
async def test_other_forms_are_refused(ask: Asking, form: str) -> None:
    with pytest.raises(BadValue, match="xml, json"):
        await ask(f"shop/red?req=set,{form}")


async def test_sets_are_kept_like_other_properties(ask: Asking) -> None:
    assert (await ask("shop/sized?req=set,json")).hours == 0.5


async def test_no_script_element_ends_in_a_set(ask: Asking) -> None:
    for target in (
        "shop/red?req=set,json",
        "shop/%3C%2Fscript%3E?req=set,json&imageSet=red;%3C%2Fscript%3E",
        "shop/red?req=set,json&id=%3C/script%3E",
    ):
        assert b"<" not in (await ask(target)).body
