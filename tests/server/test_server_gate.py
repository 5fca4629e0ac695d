"""What a request meets before it is read, over HTTP: signatures, rules, address filters, locks, and images instead of errors.

Pages: ``c-rule-set-reference``, ``r-clientaddressfilter``, ``r-request-locking``, ``r-request-obfuscation``, ``r-errorimage``.
"""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from itertools import product
from pathlib import Path

import pytest
from PIL import Image

from proxy.errors import Missing, RequestError
from proxy.protocol.seal import locked, obfuscate, sign
from tests.serving import GREEN, Reply, Sections, Server, quadrants, serving

NEW, OLD, OTHER = "the newest of the keys", "an older key of ours", "the key of a stranger"
INSIDE, OUTSIDE = "192.0.2.7", "198.51.100.7"

RULES = """<?xml version="1.0" encoding="UTF-8"?>
<ruleset>
  <rule Name="named" OnMatch="continue"><header Name="X-Of-The-Rules">yes</header></rule>
  <rule Name="said" OnMatch="continue" RequestType="is">
    <expression>\\$edge=</expression><header Name="X-Edge">$edge$</header>
  </rule>
  <rule Name="longer" OnMatch="continue" Expiration="5" RequestType="is"><expression>\\.long</expression></rule>
  <rule Name="cached" OnMatch="continue" RequestType="is">
    <expression>\\.held</expression><header Name="Cache-Control">public, max-age=99999</header>
  </rule>
  <rule Name="none of these" OnMatch="error"><expression>secret</expression></rule>
  <rule Name="inside only" OnMatch="continue"><expression>inside</expression>
    <substitution></substitution><addressfilter>192.0.2.0/24</addressfilter></rule>
  <rule Name="short" OnMatch="continue"><expression>^ruled/small</expression><substitution>/quad.png?wid=8</substitution></rule>
</ruleset>
"""
CATALOGS = {
    "default.ini": "RootId=\nCatalogFile=default.tab\nExpiration=10\n",
    "default.tab": "Id\tPath\tModifier\noops\tgreen.png\t\nbroken\tnowhere.png\t\ntitled\t\tsrc=$error.title$.png\n"
    "nesting\t\tsrc=is{ruled/insidequad.png?wid=9}\n",
    "locked.ini": "RootId=locked\nRequestLock=1\n",
    "hidden.ini": "RootId=hidden\nRequestObfuscation=1\n",
    "sealed.ini": "RootId=sealed\nRequestLock=1\nRequestObfuscation=1\n",
    "filtered.ini": "RootId=filtered\nClientAddressFilter=192.0.2.0/24\n",
    "ruled.ini": "RootId=ruled\nRuleSetFile=rules.xml\n",
    "rules.xml": RULES,
    "drawn.ini": "RootId=drawn\nErrorImage=/oops\nClientAddressFilter=127.0.0.0/8,192.0.2.0/24\n",
    "titled.ini": "RootId=titled\nErrorImage=/titled\n",
    "broken.ini": "RootId=broken\nErrorImage=/broken\n",
}


def folder_for(path: Path) -> Path:
    """Originals, catalogs and static content."""
    for name in ("images", "catalogs", "static"):
        (path / name).mkdir()
    quadrants(40, 30).save(path / "images/quad.png")
    Image.new("RGB", (20, 10), GREEN).save(path / "images/green.png")
    for side, title in enumerate((Missing.title, RequestError.title), 5):
        Image.new("RGB", (side, side)).save(path / f"images/{title}.png")
    (path / "static/notes.txt").write_text("notes")
    for name, text in CATALOGS.items():
        (path / "catalogs" / name).write_text(text)
    return path


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    sections: Sections = {
        "content": {"static": ["static"]},
        "security": {"trusted_proxies": ["127.0.0.0/8", "203.0.113.9"]},
        "cache": {"validate_after": 30},
        "server": {"render_workers": 1},
    }
    with serving(folder_for(tmp_path_factory.mktemp("gate")), sections) as server:
        yield server


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    sections: Sections = {
        "content": {"static": ["static"]},
        "security": {"url_keys": [NEW, OLD]},
        "server": {"render_workers": 1, "root_path": "/media"},
    }
    with serving(folder_for(tmp_path_factory.mktemp("signing")), sections) as server:
        yield server


def max_age(reply: Reply) -> int:
    return int(reply["Cache-Control"].partition("max-age=")[2])


# ---- signatures


@pytest.mark.parametrize("key", [NEW, OLD])
@pytest.mark.parametrize("query", ["", "wid=9", "wid=9&qlt=80,1&$a=b c", "src=is{quad.png?wid=9}&layer=1&size=9,9&color=ff0000"])
@pytest.mark.parametrize("path", ["/is/image/quad.png", "/is/content/notes.txt", "/is/image/./quad%2Epng"])
def test_a_signed_request_is_answered(signing: Server, key: str, query: str, path: str) -> None:
    reply = signing.ask("/media" + sign(path, query, key))
    assert reply.status == 200, reply.text


def _altered() -> Iterator[str]:
    right = sign("/is/image/quad.png", "wid=9", NEW)
    yield "/is/image/quad.png"
    yield "/is/image/quad.png?wid=9"
    yield right.replace("wid=9", "wid=8")
    yield right.replace("quad", "green")
    yield right.replace("image/quad.png", "image//quad.png")
    yield f"{right}&wid=8"
    yield right[:-1] + ("A" if right[-1] != "A" else "B")
    yield right.replace("wid=9&", "wid=9&.expires=9999999999&")
    yield sign("/is/image/quad.png", "wid=9", OTHER)
    yield sign("/is/content/notes.txt", "", NEW).replace("content/notes.txt", "image/quad.png")


@pytest.mark.parametrize("target", list(_altered()))
def test_any_other_is_not(signing: Server, target: str) -> None:
    reply = signing.ask(f"/media{target}")
    assert reply.status == 403
    assert reply["Cache-Control"] == "no-store"
    assert "sign" in reply.text


def test_a_signature_is_no_part_of_the_rendition(signing: Server) -> None:
    first = signing.ask("/media" + sign("/is/image/quad.png", "wid=21", NEW))
    second = signing.ask("/media" + sign("/is/image/quad.png", "wid=21", OLD, int(time.time()) + 1000))
    assert (first["X-Cache"], second["X-Cache"]) == ("miss", "hit")
    assert first["ETag"] == second["ETag"]


def test_nobody_keeps_a_reply_longer_than_its_signature_lasts(signing: Server) -> None:
    ends = int(time.time()) + 600
    target = "/media" + sign("/is/image/quad.png", "wid=9", NEW, ends)
    for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"If-None-Match": "*"})):
        reply = signing.ask(target, headers, method)
        assert reply.status == (304 if headers else 200)
        assert 590 <= max_age(reply) <= 600
        assert abs(parsedate_to_datetime(reply["Expires"]).timestamp() - ends) <= 2
    assert max_age(signing.ask("/media" + sign("/is/image/quad.png", "wid=9", NEW, ends + 10**6))) == 36000
    assert max_age(signing.ask("/media" + sign("/is/image/quad.png", "wid=9", NEW))) == 36000


def test_a_rules_header_does_not_outlast_the_signature_either(signing: Server) -> None:
    reply = signing.ask("/media" + sign("/is/image/ruled/quad.png", "wid=9&.held", NEW, int(time.time()) + 600))
    assert reply["X-Of-The-Rules"] == "yes"
    assert 590 <= max_age(reply) <= 600


def test_a_signature_ends(signing: Server) -> None:
    target = "/media" + sign("/is/image/quad.png", "wid=9", NEW, int(time.time()) + 1)
    assert signing.ask(target).status == 200
    time.sleep(1.1)
    reply = signing.ask(target)
    assert (reply.status, "expired" in reply.text) == (403, True)


def test_what_is_no_image_needs_no_signature(signing: Server) -> None:
    assert signing.ask("/healthz").status == signing.ask("/readyz").status == 200


# ---- rules


def test_headers_of_rules(gate: Server) -> None:
    for target in ("image/ruled/quad.png", "content/ruled/notes.txt", "image/ruled/quad.png?req=props", "image/ruled/none.png"):
        assert gate.ask(f"/is/{target}")["X-Of-The-Rules"] == "yes"
    assert gate.image("ruled/quad.png?$edge=!no-store,%20max%5B1%5D")["X-Edge"] == "!no-store, max[1]"
    assert "X-Edge" not in gate.image("ruled/quad.png").headers
    for again in range(3):
        reply = gate.image("ruled/quad.png?wid=13")
        assert (reply["X-Cache"], reply["X-Of-The-Rules"]) == ("hit" if again else "miss", "yes")
    assert gate.image("ruled/quad.png?wid=13", {"If-None-Match": reply["ETag"]})["X-Of-The-Rules"] == "yes"


def test_no_header_can_be_smuggled_in(gate: Server) -> None:
    for value in ("a%0D%0AX-Evil:1", "a%0AX-Evil:1", "%C3%A9", "a%00b"):
        reply = gate.image(f"ruled/quad.png?$edge={value}")
        assert reply.status == 403
        assert "X-Evil" not in reply.headers


def test_attributes_of_rules_are_those_of_one_request(gate: Server) -> None:
    for _ in range(2):
        assert max_age(gate.image("ruled/quad.png?wid=9&.long")) == 5 * 3600
        assert max_age(gate.image("ruled/quad.png?wid=9")) == 36000


def test_rules_refuse_and_rewrite(gate: Server) -> None:
    refused = gate.image("ruled/secret.png")
    assert (refused.status, "none of these" in refused.text) == (403, True)
    assert gate.image("ruled/small").image.size == (8, 6)


# ---- addresses

FORWARDED = [
    ({}, False),
    ({"X-Forwarded-For": INSIDE}, True),
    ({"X-Forwarded-For": OUTSIDE}, False),
    ({"X-Forwarded-For": f"{OUTSIDE}, {INSIDE}"}, True),
    ({"X-Forwarded-For": f"{INSIDE}, {OUTSIDE}"}, False),
    ({"X-Forwarded-For": f"{INSIDE}, 203.0.113.9"}, True),
    ({"X-Forwarded-For": f"{INSIDE}:4711"}, True),
    ({"X-Forwarded-For": f"::ffff:{INSIDE}"}, True),
    ({"X-Forwarded-For": f"{INSIDE}, unknown"}, False),
    ({"Forwarded": f"for={INSIDE}", "X-Real-IP": INSIDE}, False),
]


@pytest.mark.parametrize(("headers", "let_in"), FORWARDED)
@pytest.mark.parametrize(
    "target", ["image/filtered/quad.png?wid=10", "content/filtered/notes.txt", "image/ruled/insidequad.png?wid=10"]
)
def test_filters_ask_for_the_address_that_trusted_proxies_name(
    gate: Server,
    target: str,
    headers: dict[str, str],
    let_in: bool,  # noqa: FBT001  # a column
) -> None:
    for _ in range(3):
        assert gate.ask(f"/is/{target}", headers).status == (200 if let_in else 403)


@pytest.mark.parametrize("inside", [True, False])
def test_what_one_is_given_is_not_kept_for_another(gate: Server, inside: bool) -> None:  # noqa: FBT001  # likewise
    """Neither a reply nor a plan, be the filter the catalog's, a rule's, or that of a rule for a nested request."""
    targets = ("filtered/quad.png", "ruled/insidequad.png", "nesting", "quad.png?src=is(ruled/insidequad.png?wid=9)")
    for target, number in product(targets, range(2)):
        asked = f"{target}{'&' if '?' in target else '?'}hei={11 + number}"
        for who in (INSIDE, OUTSIDE, INSIDE, OUTSIDE)[not inside :]:
            for _ in range(3):
                assert gate.image(asked, {"X-Forwarded-For": who}).status == (200 if who == INSIDE else 403), (asked, who)


def test_without_trusted_proxies_nobody_is_believed(signing: Server) -> None:
    reply = signing.ask("/media" + sign("/is/image/filtered/quad.png", "", NEW), {"X-Forwarded-For": INSIDE})
    assert (reply.status, "from this address" in reply.text) == (403, True)


# ---- locks

LOCKS = [
    ("locked/quad.png", True),
    ("locked/quad.png?" + locked("wid=9"), True),
    ("locked/quad.png?" + locked("wid=9").upper().replace("WID", "wid"), True),
    ("locked/quad.png?wid=9", False),
    ("locked/quad.png?wid=9&0000", False),
    ("locked/quad.png?" + locked("wid=9").replace("9", "8", 1), False),
    ("locked/quad.png?" + locked("wid=9") + "&hei=9", False),
    ("locked/quad.png?" + obfuscate(locked("wid=9")), False),
    ("hidden/quad.png", True),
    ("hidden/quad.png?" + obfuscate("wid=9"), True),
    ("hidden/quad.png?" + obfuscate("wid=9").rstrip("="), True),
    ("hidden/quad.png?wid=9", False),
    ("sealed/quad.png?" + obfuscate(locked("wid=9")), True),
    ("sealed/quad.png?" + obfuscate("wid=9"), False),
    ("sealed/quad.png?" + locked("wid=9"), False),
    ("quad.png?src=is{locked/quad.png?wid=9}", True),
]


@pytest.mark.parametrize(("target", "opens"), LOCKS)
def test_locks(gate: Server, target: str, opens: bool) -> None:  # noqa: FBT001  # likewise
    for _ in range(2):
        reply = gate.image(target)
        assert reply.status == (200 if opens else 403), reply.text
        if opens and "?" in target:
            assert reply.image.size[0] == 9 or "src=" in target
        if not opens:
            assert ("RequestLock" in reply.text) or ("RequestObfuscation" in reply.text)


def test_an_opened_request_does_not_open_the_door_for_a_plain_one(gate: Server) -> None:
    for _ in range(3):
        assert gate.image("locked/quad.png?" + locked("wid=12")).status == 200
    assert gate.image("locked/quad.png?wid=12").status == 403


# ---- images instead of errors


@pytest.mark.parametrize(
    "target",
    ["none.png", "none.png?wid=9&req=img", "none.png?req=tmb", "quad.png?wid=wide", "quad.png?$nobody$", "quad.png?fmt=swf"],
)
def test_an_error_image(gate: Server, target: str) -> None:
    reply = gate.image(f"drawn/{target}")
    assert (reply.status, reply.media_type, reply["Cache-Control"]) == (200, "image/jpeg", "no-store")
    assert reply.image.size == (20, 10)
    assert not {"ETag", "Expires"} & set(reply.headers)


def test_a_template_is_told_what_is_wrong(gate: Server) -> None:
    assert gate.image("titled/none.png").image.size == (5, 5)
    assert gate.image("titled/quad.png?wid=wide").image.size == (6, 6)


def test_an_error_image_for_whom_the_filter_keeps_out(gate: Server) -> None:
    reply = gate.image("drawn/quad.png", {"X-Forwarded-For": OUTSIDE})
    assert (reply.status, reply.image.size) == (200, (20, 10))
    assert gate.image("drawn/quad.png", {"X-Forwarded-For": INSIDE}).image.size == (40, 30)


@pytest.mark.parametrize("kind", ["props", "imageprops", "set", "xmp", "exists,text,none", "props,json"])
def test_properties_have_no_error_image(gate: Server, kind: str) -> None:
    reply = gate.image(f"drawn/none.png?req={kind}&wid=wide")
    assert reply.media_type.startswith("text/")
    assert reply.status == (200 if "json" in kind else 403)


def test_head_of_an_error_image(gate: Server) -> None:
    whole, head = gate.image("drawn/none.png"), gate.image("drawn/none.png", method="HEAD")
    assert (head.status, head.body, head["Content-Length"]) == (200, b"", str(len(whole.body)))


def test_an_error_image_that_cannot_be_drawn_is_an_error(gate: Server) -> None:
    reply = gate.image("broken/quad.png?wid=wide")
    assert (reply.status, reply.media_type) == (403, "text/plain")
    assert "broken" in reply.text


def test_static_content_has_none(gate: Server) -> None:
    assert gate.ask("/is/content/drawn/none.txt").status == 403
