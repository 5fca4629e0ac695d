"""What real clients do to replies (wire formats, sections 1 and 3): their own expressions, run against real replies."""

import json
import re
from typing import Any

import pytest

from tests.answers.metadata.conftest import Asking

JSON_KINDS = ("set", "props", "imageprops", "exists", "userdata", "targets", "imageset", "catalogprops", "validate")
IMAGELESS = (("swatches", "props"), ("swatches", "imageprops"))


def by_payload(text: str) -> Any:
    r"""The image component of AEM: an expression for the call, another for the object in it.

    Its ``$`` is JavaScript's, which stands before a ``\r`` too.
    """
    found = re.search(r'^(?:/\*jsonp\*/)?\s*([^()]+)\(([\s\S]+),\s*"[0-9]*"\);?\r?$', text, re.MULTILINE | re.IGNORECASE)
    assert found is not None
    assert re.search(r"^{[\s\S]*}$", found[2], re.MULTILINE | re.IGNORECASE)
    return json.loads(found[2])


def by_replacement(text: str) -> Any:
    """Scripts that take off both ends."""
    return json.loads(text.replace("/*jsonp*/s7jsonResponse(", "").replace(',"");', ""))


def by_greed(text: str) -> Any:
    """Crawlers: everything between the name and an empty id."""
    found = re.search(r's7jsonResponse\((.+),""\);', text)
    assert found is not None
    return json.loads(found[1])


ASKED = [(id_, kind) for id_ in ("quad", "red", "swatches") for kind in JSON_KINDS if (id_, kind) not in IMAGELESS]


@pytest.mark.parametrize(("id_", "kind"), ASKED)
@pytest.mark.parametrize("parse", [by_payload, by_replacement, by_greed])
async def test_every_parser_reads_every_kind(ask: Asking, kind: str, parse: Any, id_: str) -> None:
    text = (await ask(f"shop/{id_}?req={kind},json")).body.decode()
    assert isinstance(parse(text), dict)
    assert isinstance(parse(text + "\r\n"), dict)


async def test_the_id_of_a_product_is_no_hindrance(ask: Asking) -> None:
    text = (await ask("shop/quad?req=set,json&id=0000030290")).body.decode()
    assert by_payload(text)["set"]["n"] == "shop/quad"


async def test_smart_crops_as_components_take_them(ask: Asking) -> None:
    relation = by_payload((await ask("shop/quad?req=set,json")).body.decode())["set"]["relation"]
    assert len(relation) > 0
    data = [each["userdata"] for each in relation]
    crops = {int(each["SmartCropWidth"].partition(".")[0]): ":" + each["SmartCropDef"] for each in data}
    assert crops == {800: ":Banner", 200: ":Swatch"}


async def test_the_set_of_an_image_set_request(ask: Asking) -> None:
    text = (await ask("shop/swatches?req=imageset,json")).body.decode()
    found = re.search(r'"IMAGE_SET":"(.*?)"', text)
    assert found is not None
    assert [entry.split(";")[0] for entry in found[1].split(",")] == ["shop/red", "shop/blue", "quad"]
    none = re.search(r'"IMAGE_SET":"(.*?)"', (await ask("shop/nobody?req=imageset,json")).body.decode())
    assert none is not None
    assert none[1] == ""


async def test_sizes_are_numbers_in_texts(ask: Asking) -> None:
    found = by_greed((await ask("shop/quad?req=imageprops,json")).body.decode())
    assert (int(found["image.width"]), int(found["image.height"])) == (40, 30)
    found = by_greed((await ask("shop/quad?req=props,json&scl=1")).body.decode())
    assert (int(found["image.width"]), int(found["image.height"])) == (40, 30)


async def test_one_item_or_many(ask: Asking) -> None:
    for id_, count in (("quad", 1), ("swatches", 3)):
        item = by_greed((await ask(f"shop/{id_}?req=set,json")).body.decode())["set"]["item"]
        assert len(item if isinstance(item, list) else [item]) == count


async def test_the_server_is_recognized_by_its_first_line(ask: Asking) -> None:
    reply = await ask("shop/nobody?req=exists")
    assert reply.body.decode().startswith("#S7Z OK")
    assert "catalogRecord.exists=0" in reply.body.decode()
    assert reply.media_type.startswith("text/plain")


async def test_a_swatch_by_its_path_in_xml(ask: Asking) -> None:
    text = (await ask("shop/swatches?req=set,xml,UTF-8")).body.decode()
    assert re.findall(r'<s n="([^"]+)"/>', text) == ["shop/blue", "shop/quad"]
    assert re.match(r'<set n="shop/swatches" pv="1.0" type="img_set">', text)
