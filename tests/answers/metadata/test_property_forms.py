"""Kinds that answer with properties, in every documented form (``r-text-java-properties`` and its like), and ``catalogprops``."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from proxy.answers._properties import Form, write
from proxy.errors import BadValue
from tests.answers.metadata.conftest import Asking

KINDS = ("catalogprops", "exists", "imageprops", "props", "validate")
HEAD = re.compile(r"#S7Z OK\n#[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4}\n")


async def _json(ask: Asking, kind: str) -> dict[str, str]:
    text = (await ask(f"shop/quad?req={kind},json")).body.decode()
    found: dict[str, str] = json.loads(text.removeprefix("/*jsonp*/s7jsonResponse(").removesuffix(',"");'))
    return found


@pytest.mark.parametrize("kind", KINDS)
async def test_text(ask: Asking, kind: str) -> None:
    reply = await ask(f"shop/quad?req={kind}")
    assert reply.media_type == "text/plain; charset=utf-8"
    head = HEAD.match(reply.body.decode())
    assert head is not None
    found = dict(line.split("=", 1) for line in reply.body.decode()[head.end() :].splitlines())
    assert found == await _json(ask, kind)


@pytest.mark.parametrize("kind", KINDS)
async def test_javascript(ask: Asking, kind: str) -> None:
    reply = await ask(f"shop/quad?req={kind},javascript")
    assert reply.media_type == "text/javascript; charset=utf-8"
    lines = reply.body.decode().splitlines()
    assert all(re.fullmatch(r"[A-Za-z]+\.[A-Za-z]+='([^'\\<]|''|\\.)*'", line) for line in lines)
    assert len(lines) == len(await _json(ask, kind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encoding", ["", ",UTF-16", ",ISO-8859-1"])
async def test_xml(ask: Asking, kind: str, encoding: str) -> None:
    reply = await ask(f"shop/quad?req={kind},xml{encoding}")
    name = encoding.lstrip(",") or "UTF-8"
    assert reply.media_type == f"text/xml; charset={name.lower()}"
    assert reply.body.decode(name).startswith(f'<?xml version="1.0" encoding="{name}" ?>\n<prop-group>\n<prop-group name="')
    root = etree.fromstring(reply.body)
    assert len(root.attrib) == 0
    found = {f"{group.get('name')}.{each.get('name')}": each.get("value") for group in root for each in group}
    assert found == await _json(ask, kind)


@pytest.mark.parametrize("kind", KINDS)
async def test_json_with_handler_and_id(ask: Asking, kind: str) -> None:
    reply = await ask(f"shop/quad?req={kind},json,UTF-8&handler=ng_jsonp_callback_0&id=-988922133&callback=other")
    text = reply.body.decode("ascii")
    assert text.startswith('/*jsonp*/ng_jsonp_callback_0({"')
    assert text.endswith('"},"-988922133");')
    assert "\n" not in text
    assert all(isinstance(value, str) for value in (await _json(ask, kind)).values())


@pytest.mark.parametrize("handler", ["a;b", "a.b", "a b", "<script>", "a(", "é", "x" * 129])
async def test_a_handler_is_a_name(ask: Asking, handler: str) -> None:
    with pytest.raises(BadValue, match="handler"):
        await ask(f"shop/quad?req=exists,json&handler={handler}")


async def test_an_id_is_a_text_whatever_is_in_it(ask: Asking) -> None:
    text = (await ask("shop/quad?req=exists,json&id=%22);alert(1);//%3C/script%3E%0A%E2%80%A8")).body.decode("ascii")
    assert text.endswith(r'"\");alert(1);//\u003c/script>\n\u2028");')


async def test_catalogprops(ask_json: Any) -> None:
    found = await ask_json("shop?req=catalogprops,json")
    assert list(found) == sorted(found)
    assert found | {"catalog.fileTime": ""} == {
        "catalog.bkgColor": "0xffffffff",
        "catalog.defaultExpiration": "1.0",
        "catalog.defaultExt": "",
        "catalog.defaultPix": "0,0",
        "catalog.defaultThumbPix": "100,100",
        "catalog.expiration": "10.0",
        "catalog.fileTime": "",
        "catalog.jpegQuality": "80,0",
        "catalog.maxPix": "0,0",
        "catalog.nonImgExpiration": "0.5",
        "catalog.printResolution": "72",
        "catalog.publishInfo": "it's <7>",
        "catalog.resMode": "3",
        "catalog.resolution": "100.0",
        "catalog.thumbBkgColor": "0xffffffff",
        "catalog.thumbHorizAlign": "2",
        "catalog.thumbRes": "20.0",
        "catalog.thumbType": "2",
        "catalog.thumbVertAlign": "2",
        "catalog.watermark": "",
    }
    assert re.fullmatch(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4}", found["catalog.fileTime"])


@pytest.mark.parametrize("path", ["", "nobody", "nobody/at-all", "/"])
async def test_catalogprops_of_the_default_catalog(ask_json: Any, path: str) -> None:
    assert (await ask_json(f"{path}?req=catalogprops,json"))["catalog.publishInfo"] == ""


async def test_a_quotation_mark_is_doubled_and_no_script_element_ends(ask: Asking) -> None:
    assert "catalog.publishInfo='it''s \\x3c7>'" in (await ask("shop?req=catalogprops,javascript")).body.decode().splitlines()


_texts = st.text(max_size=20)
_names = st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5})?", fullmatch=True)


@given(st.dictionaries(_names, _texts, max_size=4), st.sampled_from(["UTF-8", "UTF-16", "ISO-8859-1"]))
def test_any_value_gives_well_formed_xml(properties: dict[str, str], encoding: str) -> None:
    document = write(properties, Form("xml", encoding))
    found = [each.get("value") for each in etree.fromstring(document).iter("property")]
    by_group = sorted(
        properties, key=lambda name: list(dict.fromkeys(n.rpartition(".")[0] for n in properties)).index(name.rpartition(".")[0])
    )
    assert found == [
        re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", properties[name]) for name in by_group
    ]


@given(st.dictionaries(_texts, _texts, max_size=4), _texts)
def test_any_value_gives_json_that_no_script_element_ends_in(properties: dict[str, str], request_id: str) -> None:
    text = write(properties, Form("json", id=request_id)).decode("ascii")
    assert "<" not in text
    assert json.loads("[" + text.removeprefix("/*jsonp*/s7jsonResponse(").removesuffix(");") + "]") == [properties, request_id]


@given(_texts)
def test_any_value_stays_on_its_line(value: str) -> None:
    for form in ("text", "javascript"):
        written = write({"a.b": value}, Form(form)).decode()
        assert [line.startswith("a.b=") for line in written.split("\n") if line and not line.startswith("#")] == [True]
        assert "\r" not in written
