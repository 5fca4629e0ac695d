"""Properties over the wire, read back by parsers that know nothing of this program."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from tests.serving import Reply, Server


def as_text(reply: Reply) -> dict[str, str]:
    first, date, *lines = reply.text.splitlines()
    assert first == "#S7Z OK"
    assert re.fullmatch(r"#[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4}", date)
    return dict(line.split("=", 1) for line in lines)


def as_json(reply: Reply) -> dict[str, str]:
    match = re.fullmatch(r'/\*jsonp\*/s7jsonResponse\((.*),"(.*)"\);', reply.text)
    assert match is not None, reply.text
    assert match[2] == "7"
    parsed = json.loads(match[1])
    assert isinstance(parsed, dict)
    return parsed


def as_xml(reply: Reply) -> dict[str, str]:
    root = ET.fromstring(reply.body)  # noqa: S314  # made by the server under test
    assert (root.tag, root.attrib) == ("prop-group", {})
    return {f"{group.get('name')}.{item.get('name')}": str(item.get("value")) for group in root for item in group}


def as_script(reply: Reply) -> dict[str, str]:
    found = re.findall(r"^([\w.]+)='((?:[^'\n]|'')*)'$", reply.text, re.MULTILINE)
    assert len(found) == len(reply.text.splitlines())
    return {name: value.replace("''", "'") for name, value in found}


FORMS = {
    "": ("text/plain", as_text),
    ",text": ("text/plain", as_text),
    ",javascript": ("text/javascript", as_script),
    ",xml": ("text/xml", as_xml),
    ",json": ("text/javascript", as_json),
}


@pytest.mark.parametrize("kind", ["props", "imageprops", "exists"])
def test_every_form_says_the_same(server: Server, kind: str) -> None:
    read = []
    for form, (media_type, reader) in FORMS.items():
        reply = server.image(f"stamp/quad?req={kind}{form}&id=7&fmt=png&wid=20")
        assert reply.status == 200
        assert reply["Content-Type"] == f"{media_type}; charset=utf-8"
        read.append(reader(reply))
    assert all(properties == read[0] for properties in read[1:])
    assert read[0]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1"])
def test_encodings(server: Server, encoding: str) -> None:
    reply = server.image(f"quad.png?req=props,json,{encoding}&id=%C3%A4")
    assert reply["Content-Type"] == f"text/javascript; charset={encoding.lower()}"
    text = reply.body.decode(encoding)
    assert json.loads(text[text.rindex(",") + 1 : text.rindex(")")]) == "ä"


def test_properties_of_the_reply(server: Server) -> None:
    told = as_text(server.image("quad.png?req=props&wid=20&fmt=png-alpha&printRes=150&bgc=102030"))
    expected = {
        "image.width": "20",
        "image.height": "15",
        "image.type": "image/png",
        "image.mask": "1",
        "image.pixTyp": "RGB",
        "image.printRes": "150.0",
        "image.bgc": "0x102030ff",
    }
    assert {name: told[name] for name in expected} == expected
    gray = as_text(server.image("quad.png?req=props&fmt=jpeg,gray&qlt=33"))
    assert (gray["image.pixTyp"], gray["image.type"], gray["image.quality"]) == ("BW", "image/jpeg", "33")


def test_properties_of_the_original(server: Server) -> None:
    told = as_text(server.image("stamp/quad?req=imageprops&wid=5"))
    expected = {
        "image.width": "40",
        "image.height": "30",
        "image.anchor": "20,15",
        "image.timeStamp": "Sat Jun 15 12:00:00 UTC 2024",
    }
    assert {name: told[name] for name in expected} == expected


def test_props_say_what_the_image_is(server: Server) -> None:
    for query in ("wid=33&fmt=png", "rotate=45&fmt=gif", "crop=0,0,7,9&scl=0.5", "rgn=1,2,3,4&fmt=webp", "dpr=on,3&wid=11"):
        told = as_text(server.image(f"busy.png?req=props&{query}"))
        reply = server.image(f"busy.png?{query}")
        assert (int(told["image.width"]), int(told["image.height"])) == reply.image.size
        assert told["image.type"] == reply.media_type


def test_the_length_is_known_once_it_is_made(server: Server) -> None:
    target = "busy.png?wid=31&fmt=tif&req="
    assert as_text(server.image(target + "props"))["image.length"] == "0"
    loaded = as_text(server.image(target + "loadcache"))["image.length"]
    assert as_text(server.image(target + "props"))["image.length"] == loaded
    reply = server.image(target + "img")
    assert (str(len(reply.body)), reply["X-Cache"]) == (loaded, "hit")


def test_versions_change_with_the_original_alone(server: Server) -> None:
    versions = [
        as_text(server.image(f"{target}req=props"))["image.version"] for target in ("quad.png?", "quad.png?wid=5&", "green.png?")
    ]
    assert versions[0] == versions[1] != versions[2]


@pytest.mark.parametrize(
    ("target", "exists"), [("stamp/quad", "1"), ("stamp/lost", "0"), ("quad.png", "0"), ("lost", "0"), ("", "0")]
)
def test_exists(server: Server, target: str, exists: str) -> None:
    assert as_text(server.image(f"{target}?req=exists")) == {"catalogRecord.exists": exists}


def test_resolve_writes_what_was_understood(server: Server) -> None:
    text = server.image("quad.png?$w=7&wid=$w$&hei=3&req=resolve").text
    assert text.startswith("/is/image/quad.png?")
    assert {"wid=7", "hei=3"} <= set(text.strip().partition("?")[2].split("&"))
    again = server.ask(text.strip().replace("req=resolve", "req=props"))
    assert as_text(again)["image.width"] == "7"


def test_validate(server: Server) -> None:
    assert as_text(server.image("lost.png?wid=5&req=validate")) == {"request.isValid": "1"}
    assert server.image("quad.png?wid=x&req=validate").status == 403


def test_exists_answers_where_the_image_itself_is_refused(server: Server) -> None:
    assert server.image("records/quad.png").status == 403
    for object_ in ("records/quad.png", "records/nobody"):
        reply = server.image(f"{object_}?req=exists")
        assert reply.status == 200
        assert reply.text.endswith("\ncatalogRecord.exists=0\n")
