"""What HTTP asks of replies: HEAD, parts, validators, expiry, other origins. RFC 9110 and 9111; protocol decision 15."""

import re
import time
from email.utils import formatdate, parsedate_to_datetime

import pytest

from tests.serving import RED, Reply, Server

QUAD = "quad.png?fmt=png"
LAST_MODIFIED = "Sat, 15 Jun 2024 12:00:00 GMT"


def max_age(reply: Reply) -> int:
    found = re.search(r"max-age=(\d+)", reply["Cache-Control"])
    assert found is not None
    return int(found[1])


def test_head_is_get_without_the_body(server: Server) -> None:
    got, head = server.image(QUAD), server.image(QUAD, method="HEAD")
    assert head.status == 200
    assert head.body == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Cache-Control", "Access-Control-Allow-Origin", "Accept-Ranges"):
        assert head[name] == got[name]
    assert int(head["Content-Length"]) == len(got.body)


@pytest.mark.parametrize("target", ["lost.png", "quad.png?wid=x", "quad.png?req=props", "quad.png?req=exists"])
def test_head_of_other_answers(server: Server, target: str) -> None:
    got, head = server.image(target), server.image(target, method="HEAD")
    assert (head.status, head["Content-Type"], head.body) == (got.status, got["Content-Type"], b"")


@pytest.mark.parametrize(
    ("range_", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=5-5", 5, 5),
        ("bytes=10-", 10, None),
        ("bytes=-7", -7, None),
        ("bytes=-99999999", 0, None),
        ("bytes=0-99999999999", 0, None),
        ("Bytes=3-4", 3, 4),
        ("bytes= 1 - 2 ", 1, 2),
    ],
)
def test_one_range(server: Server, range_: str, first: int, last: int | None) -> None:
    whole = server.image(QUAD)
    expected = whole.body[first:] if last is None else whole.body[first : last + 1]
    reply = server.image(QUAD, {"Range": range_})
    begin = first % len(whole.body)
    assert reply.status == 206
    assert reply.body == expected
    assert reply["Content-Range"] == f"bytes {begin}-{begin + len(expected) - 1}/{len(whole.body)}"
    assert reply["Content-Length"] == str(len(expected))
    assert reply["Content-Type"] == "image/png"
    assert reply["ETag"] == whole["ETag"]


@pytest.mark.parametrize(
    "range_",
    ["bytes=5-2", "bytes=-", "bytes=a-b", "lines=0-5", "bytes=0-1,3-4", "0-5", "", "bytes=" + "1" * 5000 + "-", "bytes=٣-٤"],
)
def test_ranges_that_cannot_be_read_are_passed_over(server: Server, range_: str) -> None:
    reply = server.image(QUAD, {"Range": range_.encode().decode("latin-1")})
    assert reply.status == 200
    assert reply.body == server.image(QUAD).body


@pytest.mark.parametrize("range_", ["bytes=1000000-", "bytes=1000000-1000001", "bytes=-0"])
def test_range_beyond_the_end(server: Server, range_: str) -> None:
    reply = server.image(QUAD, {"Range": range_})
    assert reply.status == 416
    assert reply["Content-Range"] == f"bytes */{len(server.image(QUAD).body)}"
    assert reply.body == b""


def test_if_range(server: Server) -> None:
    tag = server.image(QUAD)["ETag"]
    assert server.image(QUAD, {"Range": "bytes=0-3", "If-Range": tag}).status == 206
    for other in ('"another"', f"W/{tag}", formatdate(usegmt=True), "rubbish"):
        assert server.image(QUAD, {"Range": "bytes=0-3", "If-Range": other}).status == 200


def test_head_takes_no_range(server: Server) -> None:
    assert server.image(QUAD, {"Range": "bytes=0-3"}, "HEAD").status == 200


def test_errors_have_no_parts(server: Server) -> None:
    assert server.image("lost.png", {"Range": "bytes=0-3"}).status == 403


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"a" , W/{}, "c"', "*", '"x,y",{}'])
def test_if_none_match_that_matches(server: Server, form: str) -> None:
    whole = server.image(QUAD)
    for method in ("GET", "HEAD"):
        reply = server.image(QUAD, {"If-None-Match": form.format(whole["ETag"])}, method)
        assert (reply.status, reply.body) == (304, b"")
        for name in ("ETag", "Cache-Control", "Access-Control-Allow-Origin"):
            assert reply[name] == whole[name]
        assert "Expires" in reply.headers
        assert "Content-Type" not in reply.headers


@pytest.mark.parametrize("form", ['"other"', "{bare}", "", '"{bare}x"', "rubbish", '""'])
def test_if_none_match_that_does_not(server: Server, form: str) -> None:
    bare = server.image(QUAD)["ETag"].strip('"')
    assert server.image(QUAD, {"If-None-Match": form.format(bare=bare)}).status == 200


def test_conditions_come_before_ranges(server: Server) -> None:
    tag = server.image(QUAD)["ETag"]
    assert server.image(QUAD, {"If-None-Match": tag, "Range": "bytes=0-3"}).status == 304
    assert server.image(QUAD, {"If-None-Match": '"other"', "Range": "bytes=0-3"}).status == 206


def test_properties_have_validators_too(server: Server) -> None:
    reply = server.image("quad.png?req=props,xml")
    assert server.image("quad.png?req=props,xml", {"If-None-Match": reply["ETag"]}).status == 304


def test_an_error_is_not_unchanged(server: Server) -> None:
    assert server.image("lost.png", {"If-None-Match": "*"}).status == 403


@pytest.mark.parametrize(
    ("since", "status"),
    [
        (LAST_MODIFIED, 304),
        ("Sun, 16 Jun 2024 00:00:00 GMT", 304),
        ("Saturday, 15-Jun-24 12:00:00 GMT", 304),
        ("Sat, 15 Jun 2024 11:59:59 GMT", 200),
        ("yesterday", 200),
        ("", 200),
        ("Mon, 99999999999999999999 Jan 2020 00:00:00 GMT", 200),
        ("Mon, 01 Jan 2040 00:00:00 +99999999999999", 200),
    ],
)
def test_if_modified_since(server: Server, since: str, status: int) -> None:
    for target in ("stamp/quad?fmt=png", "stamp/quad?wid=7"):
        reply = server.image(target, {"If-Modified-Since": since})
        assert reply.status == status
        assert reply["Last-Modified"] == LAST_MODIFIED


def test_last_modified_of_a_file(server: Server) -> None:
    changed = (server.images / "green.png").stat().st_mtime
    assert parsedate_to_datetime(server.image("stamp/green.png")["Last-Modified"]).timestamp() == int(changed)


def test_last_modified_only_where_the_catalog_says_so(server: Server) -> None:
    assert "Last-Modified" not in server.image(QUAD).headers
    assert server.image(QUAD, {"If-Modified-Since": formatdate(time.time() + 9999, usegmt=True)}).status == 200


def test_the_tag_counts_before_the_date(server: Server) -> None:
    later = formatdate(time.time() + 9999, usegmt=True)
    assert server.image("stamp/quad", {"If-None-Match": '"other"', "If-Modified-Since": later}).status == 200


@pytest.mark.parametrize(
    ("target", "seconds"),
    [
        ("quad.png", 36000),
        ("ttl/half", 1800),
        ("ttl/catalog", 7200),
        ("ttl/unset", 7200),
        ("ttl/quad.png", 7200),
        ("ttl/quad.png?req=tmb", 7200),
        ("ttl/half?req=props", 1800),
        ("ttl/zero?req=exists", 1800),
        ("ttl/zero?req=imageprops", 1800),
        ("ttl/never", 31536000),
        ("forever/quad.png", 31536000),
        ("forever/quad.png?req=exists", 31536000),
        ("quad.png?src=ttl/half", 1800),
        ("whole/lost.png", 10800),
        ("layer/lost.png?wid=9", 10800),
        ("layer/quad.png?layer=1&src=lost.png", 10800),
        ("layer/quad.png?layer=1&src=is{layer/lost.png}", 10800),
        ("layer/quad.png?layer=1&src=/green.png", 36000),
        ("layer/lost.png?defaultImage=ttl/half", 1800),
        ("quad.png?layer=1&src=is{ttl/half}", 1800),
        ("?src=is{quad.png?layer=1&src=is(ttl/half)}", 1800),
        ("forever/quad.png?layer=1&src=ttl/half", 1800),
        ("?size=9,9&color=ff0000", 36000),
        ("ttl?size=9,9&color=ff0000", 7200),
    ],
)
def test_expiration(server: Server, target: str, seconds: int) -> None:
    reply = server.image(target)
    assert reply.status == 200
    assert max_age(reply) == seconds
    assert reply["Cache-Control"].startswith("public")
    expires = parsedate_to_datetime(reply["Expires"]).timestamp() - parsedate_to_datetime(reply["Date"]).timestamp()
    assert abs(expires - seconds) <= 2


def test_expiration_at_once(server: Server) -> None:
    reply = server.image("ttl/zero")
    assert reply["Cache-Control"] == "no-cache, max-age=0"
    assert server.image("ttl/zero", {"If-None-Match": reply["ETag"]}).status == 304


@pytest.mark.parametrize("condition", [{"If-None-Match": '"outdated"'}, {"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}])
def test_what_never_expires_never_changes(server: Server, condition: dict[str, str]) -> None:
    assert server.image("ttl/never", condition).status == 304


@pytest.mark.parametrize(
    "target",
    [
        "quad.png?cache=off",
        "quad.png?cache=off,on",
        "quad.png?req=validate",
        "quad.png?req=resolve",
        "quad.png?req=loadcache",
        "lost.png",
    ],
)
def test_not_to_be_stored(server: Server, target: str) -> None:
    reply = server.image(target)
    assert reply["Cache-Control"] == "no-store"
    assert "ETag" not in reply.headers
    assert "Expires" not in reply.headers


@pytest.mark.parametrize(
    "target", [QUAD, "lost.png", "quad.png?req=exists", "quad.png?req=props,json", "quad.png?wid=x&req=props,json", ""]
)
def test_every_origin_may_read(server: Server, target: str) -> None:
    assert server.image(target, {"Origin": "http://shop.example"})["Access-Control-Allow-Origin"] == "*"


def test_preflight(server: Server) -> None:
    asked = {"Origin": "http://shop.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
    for path in ("/is/image", "/is/image/", "/is/image/quad.png?wid=3", "/is/content/anything"):
        reply = server.ask(path, asked, "OPTIONS")
        assert reply.status == 204
        assert reply["Access-Control-Allow-Origin"] == "*"
        assert "GET" in reply["Access-Control-Allow-Methods"]
        assert reply["Access-Control-Allow-Headers"] == "*"


def test_tags_follow_the_bytes(server: Server) -> None:
    one, same, other = (server.image(target) for target in (QUAD, "quad.png?FMT=PNG&x=1", "quad.png?fmt=png&flip=lr"))
    assert one["ETag"] == same["ETag"] != other["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', one["ETag"])


def test_whether_it_was_there_already(server: Server) -> None:
    target = f"quad.png?fmt=png&wid=13&bgc={int(time.time()) % 1000:06d}"
    assert [server.image(target)["X-Cache"] for _ in range(2)] == ["miss", "hit"]


@pytest.mark.parametrize("path", ["/is/image", "/is/image/", "/is/image?", "/is/image//", "/is/image/?%20"])
def test_a_request_for_nothing_tells_who_answers(server: Server, path: str) -> None:
    reply = server.ask(path)
    assert reply.status == 200
    assert reply.text.startswith("#S7Z OK\n#")
    assert "copyright=isproxy" in reply.text


@pytest.mark.parametrize(
    "target", ["//quad.png?fmt=png", "quad.png/?fmt=png", "quad.png??fmt=png", "quad.png?&&fmt=png&", "quad.png?%20fmt=png"]
)
def test_spellings_of_real_pages(server: Server, target: str) -> None:
    assert server.image(target).pixel(1, 1)[:3] == RED


def test_health(server: Server) -> None:
    assert server.ask("/healthz").text == "ok\n"
    assert server.ask("/readyz").text == "ready\n"
