"""``req=userdata``, ``req=targets``, ``req=imageset`` (pages of these names, ``r-property-data``)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from proxy.catalog.property_data import lines, properties, property_value
from proxy.errors import BadValue
from tests.answers.metadata.conftest import Asking

TEXTS = [
    ("shop/quad?req=userdata", "label=Quad\r\nsku=Q-1\r\n"),
    ("shop/quad?req=userdata,text", "label=Quad\r\nsku=Q-1\r\n"),
    ("shop/quad?req=userdata&wid=5&fmt=png", "label=Quad\r\nsku=Q-1\r\n"),
    ("shop/plain?req=userdata", "only <words> & \r\n more\r\n"),
    ("shop/blue?req=userdata", "\r\n"),
    ("shop/nobody?req=userdata", "\r\n"),
    ("nobody/at/all?req=userdata", "\r\n"),
    ("?req=userdata", "\r\n"),
    ("shop/shared?req=userdata", "from=default\r\n"),
    ("shop/red?req=targets", "Target.1.rect=0,0,1,1\r\n"),
    ("shop/blue?req=targets", "\r\n"),
    ("shop/spin?req=imageset", "red,blue,quad\r\n"),
    ("shop/swatches?req=imageset", "shop/red;shop/blue,shop/blue;{0xFF8800Or%2Cange},quad\r\n"),
    ("shop/spin?req=imageset&imageSet=other", "red,blue,quad\r\n"),
    ("shop/quad?req=imageset", "\r\n"),
    ("shop/nobody?req=imageset", "\r\n"),
]


@pytest.mark.parametrize(("target", "expected"), TEXTS, ids=[target for target, _ in TEXTS])
async def test_the_text_form_is_the_data_alone(ask: Asking, target: str, expected: str) -> None:
    reply = await ask(target)
    assert (reply.body.decode(), reply.media_type) == (expected, "text/plain; charset=utf-8")


JSON = [
    ("shop/quad?req=userdata,json", {"label": "Quad", "sku": "Q-1"}),
    ("shop/red?req=userdata,json,UTF-8", {"label": "Red", "Big Size": "</script><b a='1'>\"x\""}),
    ("shop/plain?req=userdata,json", "only <words> & \n more"),
    ("shop/blue?req=userdata,json", {}),
    ("shop/nobody?req=userdata,json", {}),
    ("shop/red?req=targets,json", {"Target.1.rect": "0,0,1,1"}),
    ("shop/nobody?req=targets,json", {}),
    ("shop/spin?req=imageset,json", {"IMAGE_SET": "red,blue,quad"}),
    ("shop/nobody?req=imageset,json", {"IMAGE_SET": ""}),
]


@pytest.mark.parametrize(("target", "expected"), JSON, ids=[target for target, _ in JSON])
async def test_the_json_form(ask_json: Any, target: str, expected: Any) -> None:
    assert await ask_json(target) == expected


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1"])
async def test_the_xml_form_in_every_encoding(ask: Asking, encoding: str) -> None:
    reply = await ask(f"shop/red?req=userdata,xml,{encoding}")
    assert reply.media_type == f"text/xml; charset={encoding.lower()}"
    root = etree.fromstring(reply.body.decode(encoding).partition("?>")[2])
    found = {each.get("name"): each.get("value") for each in root.findall("property")}
    assert found == {"label": "Red", "Big Size": "</script><b a='1'>\"x\""}


async def test_the_xml_form_of_other_data(ask: Asking) -> None:
    targets = etree.fromstring((await ask("shop/red?req=targets,xml")).body)
    assert [(group.get("name"), group[0].get("name")) for group in targets] == [("Target.1", "rect")]
    assert etree.fromstring((await ask("shop/plain?req=userdata,xml")).body).text == "only <words> & \n more"
    assert len(etree.fromstring((await ask("shop/nobody?req=userdata,xml")).body)) == 0
    imageset = etree.fromstring((await ask("shop/spin?req=imageset,xml")).body)
    assert imageset[0].get("value") == "red,blue,quad"
    assert (await ask("shop/spin?req=imageset,javascript")).body == b"IMAGE_SET='red,blue,quad'\n"


@pytest.mark.parametrize("kind", ["userdata", "targets"])
async def test_names_that_records_choose_are_no_javascript(ask: Asking, kind: str) -> None:
    with pytest.raises(BadValue, match="text, xml, json"):
        await ask(f"shop/red?req={kind},javascript")


HOURS = [
    ("shop/sized?req=userdata", 3),
    ("shop/sized?req=targets", 3),
    ("shop/red?req=userdata", 10),
    ("shop/nobody?req=userdata", 0.5),
    ("shop/sized?req=imageset", 0.5),
    ("shop?req=catalogprops", 0.5),
]


@pytest.mark.parametrize(("target", "hours"), HOURS)
async def test_how_long_data_may_be_kept(ask: Asking, target: str, hours: float) -> None:
    assert (await ask(target)).hours == hours


PROPERTIES = [
    ("", None),
    ("words", None),
    ("a=1??b=2", {"a": "1", "b": "2"}),
    ("a = 1 ?? b=x=y\r\nc=", {"a": "1", "b": "x=y", "c": ""}),
    ("a=1??alone??=nothing??a=2", {"a": "2", "alone": ""}),
]


@pytest.mark.parametrize(("text", "expected"), PROPERTIES)
def test_property_data(text: str, expected: dict[str, str] | None) -> None:
    assert properties(text) == expected


def test_names_of_properties_are_found_in_any_case() -> None:
    assert property_value({"Label": "x"}, " label ") == "x"
    assert property_value({"Label": "x"}, "other") is None


@given(st.lists(st.text("abc?= \r\n", max_size=5), max_size=5))
def test_lines_keep_everything_but_their_ends(pieces: list[str]) -> None:
    found = lines("??".join(pieces))
    assert not any(end in line for line in found for end in ("??", "\r", "\n"))
    assert "".join(found) == "??".join(pieces).replace("??", "").replace("\r", "").replace("\n", "")
