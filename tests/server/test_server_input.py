"""What must not be asked for: a clear error each, nothing of the machine told, and the next request is answered."""

import re
from collections.abc import Iterator

import pytest

from tests.serving import RED, Server


def told(server: Server, body: str) -> list[str]:
    """What of a message is the machine's own business: folders, traces, names of modules."""
    inner = re.compile(
        r"Traceback|File \"|\.py\b|/(?:home|usr|tmp|work|root|proc|var)/|site-packages|errno|0x[0-9a-f]{8}", re.IGNORECASE
    )
    return [*inner.findall(body), *([str(server.folder)] if str(server.folder) in body else [])]


@pytest.fixture(autouse=True)
def _unharmed(server: Server) -> Iterator[None]:
    """After whatever was asked, the server answers."""
    yield
    assert server.image("quad.png?fmt=png").pixel(1, 1)[:3] == RED


@pytest.mark.parametrize(
    "target",
    [
        "../secret.png",
        "sub/../../secret.png",
        "%2e%2e/secret.png",
        "%2E%2E/secret.png",
        ".%2e/secret.png",
        "..%2fsecret.png",
        "%2e%2e%2fsecret.png",
        "sub%2f..%2f..%2fsecret.png",
        "..%5csecret.png",
        "..\\secret.png",
        "sub\\..\\..\\secret.png",
        "%252e%252e/secret.png",
        "%c0%ae%c0%ae/secret.png",
        "//etc/hostname",
        "%2fetc%2fhostname",
        "/%2Fetc/hostname",
        "%2e/%2e%2e/secret.png",
        "file:///etc/hostname",
        "quad.png%00",
        "quad.png%00.png",
        "%00",
        "outside.png",
        "outside/secret.png",
        "outside%2fsecret.png",
        "?src=../secret.png",
        "?src=%2e%2e%2fsecret.png",
        "?src=/../secret.png",
        "?src=//etc/hostname",
        "?src=outside.png",
        "?src=quad.png%00",
        "?$x=../secret.png&src=$x$",
        "lost.png?defaultImage=../secret.png",
        "lost.png?defaultImage=outside.png",
        "paths/absolute",
        "paths/upwards",
        "folder.png",
        "pipe.png",
        "sub",
        "sub/",
        ".",
        "quad.png/x",
        "a" * 300,
        "a/" * 3000,
        "%ff%fe",
        "\xe4".encode().hex(),
    ],
)
def test_paths_that_lead_nowhere_good(server: Server, target: str) -> None:
    reply = server.image(target)
    assert reply.status == 403, reply.body[:200]
    assert reply.media_type == "text/plain"
    assert reply["Cache-Control"] == "no-store"
    assert not told(server, reply.text)


def test_link_within_the_folder_is_followed(server: Server) -> None:
    assert server.image("linked.png").status == 200
    assert server.image("paths/linked").status == 200


def test_direct_access_may_be_refused(server: Server) -> None:
    assert "records only" in server.image("records/quad.png").text


@pytest.mark.parametrize(
    ("object_", "expected"),
    [
        ("bomb.png", "900000000"),
        ("giant.png", "giant.png"),
        ("half.png", "half.png"),
        ("half.jpg", "half.jpg"),
        ("head.png", "head.png"),
        ("head.jpg", "head.jpg"),
        ("empty.png", "empty.png"),
        ("text.png", "text.png"),
        ("noise.tif", "noise.tif"),
        ("textbomb.png", "textbomb.png"),
    ],
)
@pytest.mark.parametrize("query", ["", "?req=props", "?wid=3&fmt=png", "?req=tmb", "?req=imageprops"])
def test_originals_that_cannot_be_used(server: Server, object_: str, expected: str, query: str) -> None:
    reply = server.image(object_ + query)
    if reply.status == 200:
        # a header may well be read of a file that is cut short behind it, and nothing else was asked
        assert object_.startswith("half")
        assert "props" in query
        assert "image.width=61" in reply.text
        return
    assert reply.status == 403
    assert expected in reply.text
    assert not told(server, reply.text)


def test_what_a_file_is_called_says_nothing(server: Server) -> None:
    assert server.image("really-a-png.jpg?fmt=png").image.size == (40, 30)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("wid=-1", "wid=-1"),
        ("wid=1000001", "wid=1000001"),
        ("wid=NaN", "wid=NaN"),
        ("wid=1e3", "wid=1e3"),
        ("wid=١٢", "wid="),
        ("wid=0x10", "wid=0x10"),
        ("wid=" + "9" * 5000, "wid=999"),
        ("hei=1" + "0" * 400, "hei=1000"),
        ("scl=1" + "0" * 400, "scl=1000"),
        ("scl=1e400", "scl=1e400"),
        ("scl=inf", "scl=inf"),
        ("scl=nan", "scl=nan"),
        ("scl=0", "scl=0"),
        ("scl=-1", "scl=-1"),
        ("scl=1e-300", "from 0.0001"),
        ("scl=0.0001", "pixel"),
        ("scale=0", "scale=0"),
        ("rotate=nan", "rotate=nan"),
        ("rotate=1e99", "rotate=1e99"),
        ("qlt=0", "qlt=0"),
        ("qlt=101", "qlt=101"),
        ("opac=101", "opac=101"),
        ("align=2,0", "align=2,0"),
        ("align=0", "align=0"),
        ("crop=0,0,-1,5", "crop=0,0,-1,5"),
        ("crop=0,0,1", "crop=0,0,1"),
        ("crop=nan,0,1,1", "crop=nan,0,1,1"),
        ("cropN=0,0,1e400,1", "cropN=0,0,1e400,1"),
        ("rgn=0,0,0,5", "rgn=0,0,0,5"),
        ("rect=0,0,0,5", "rect=0,0,0,5"),
        ("rect=0,0,999999,999999", "999999"),
        ("rect=0,0,5,5,0", "rect=0,0,5,5,0"),
        ("extend=-20,0,-20,0", "extend="),
        ("extend=1000000,1000000,1000000,1000000", "pixel"),
        ("extendN=1000,1000,1000,1000", "pixel"),
        ("wid=8001", "8000"),
        ("size=1000000,1000000", "pixel"),
        ("fit=nowhere&wid=5", "fit=nowhere"),
        ("fmt=bmp", "fmt=bmp"),
        ("fmt=gif,cmyk", "cmyk"),
        ("fmt=swf", "swf"),
        ("bgc=12345", "bgc=12345"),
        ("bgc=256,0,0", "bgc=256,0,0"),
        ("color=red", "color=red"),
        ("quantize=adaptive,off,1", "quantize="),
        ("quantize=adaptive,off,2,ff0000,00ff00,0000ff&fmt=gif", "numColors"),
        ("printRes=-1", "printRes=-1"),
        ("req=nothing", "req=nothing"),
        ("req=tile", "req=tile"),
        ("layer=x", "layer=x"),
        ("layer=1000001", "layer=1000001"),
        ("layer=-1", "layer=-1"),
        ("handler=alert(1)", "handler=alert(1)"),
        ("cache=never", "cache=never"),
        ("dpr=on,0", "dpr=on,0"),
        ("dpr=on,101", "dpr=on,101"),
        ("op_usm=nan,1,1", "op_usm="),
        ("op_blur=-1", "op_blur=-1"),
        ("op_brightness=1e400", "op_brightness="),
        ("sizeN=1,1", "sizeN="),
        ("$nobody$", "$nobody$"),
        ("$loop$", "itself"),
        ("$ping$", "itself"),
        ("$many$&$many$", "2000"),
        ("x=%00", "NUL"),
        ("%00=x", "NUL"),
        ("&" * 10_000, "modifiers"),
        ("$a=" + "x" * 12_000 + "&src=" + "$a$" * 20, "characters"),
    ],
)
def test_values_that_cannot_be_used(server: Server, query: str, named: str) -> None:
    target = "".join(
        character if character.isascii() else "".join(f"%{byte:02x}" for byte in character.encode()) for character in query
    )
    reply = server.image(f"quad.png?{target}")
    assert reply.status == 403
    assert named in reply.text
    assert len(reply.text) < 1000
    assert not told(server, reply.text)


@pytest.mark.parametrize("length", [17_000, 24_000, 100_000, 1_000_000])
def test_long_addresses(server: Server, length: int) -> None:
    reply = server.send(b"GET /is/image/quad.png?x=" + b"x" * length + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    head, _, body = reply.partition(b"\r\n\r\n")
    assert re.match(rb"HTTP/1\.[01] 4[01][0-9] ", head), head[:200]
    assert not told(server, body.decode())


def test_ten_thousand_modifiers(server: Server) -> None:
    reply = server.send(
        b"GET /is/image/quad.png?" + b"&".join([b"wid=1"] * 10_000) + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    )
    assert re.match(rb"HTTP/1\.[01] 4[01][0-9] ", reply)


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /is/image/quad.png HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /is/image/quad.png HTTP/1.1\r\nHost a\r\n\r\n",
        b"GET /is/image/quad.png HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
        b"GET /is/image/quad.png HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
        b"GET /is/image/quad.png?wid=\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /is/image/quad.png HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"GET /is/image/quad.png HTTP/1.1\r\n" + b"X: y\r\n" * 40_000 + b"\r\n",
    ],
)
def test_malformed_http(server: Server, data: bytes) -> None:
    reply = server.send(data)
    assert re.match(rb"HTTP/1\.[01] 4[03][01] ", reply), reply[:300]
    assert not told(server, reply.partition(b"\r\n\r\n")[2].decode())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_images_are_only_read(server: Server, method: str) -> None:
    reply = server.image("quad.png", method=method)
    assert reply.status == 405
    assert "GET" in reply["Allow"]


@pytest.mark.parametrize(
    "path", ["/", "/is", "/is/imagequad.png", "/is/images/quad.png", "/IS/image/quad.png", "/favicon.ico", "/is/image%2Fquad.png"]
)
def test_paths_of_nothing(server: Server, path: str) -> None:
    assert server.ask(path).status == 404


def test_escaped_route_is_the_route(server: Server) -> None:
    assert server.ask("/is/%69mage/quad.png?fmt=png").pixel(1, 1)[:3] == RED


def test_a_route_inside_the_query_is_not_the_route(server: Server) -> None:
    assert server.ask("/is/%69mage/lost.png?x=/is/image/quad.png").status == 403


def test_absolute_form(server: Server) -> None:
    reply = server.send(b"GET http://example/is/image/quad.png?fmt=png HTTP/1.1\r\nHost: example\r\nConnection: close\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 200 ")


def test_requests_on_one_connection_are_told_apart(server: Server) -> None:
    line = b"GET /is/image/%s HTTP/1.1\r\nHost: a\r\nConnection: %s\r\n\r\n"
    asked = ((b"quad.png?fmt=png", b"keep-alive"), (b"lost.png", b"keep-alive"), (b"quad.png?req=exists", b"close"))
    reply = server.send(b"".join(line % each for each in asked))
    assert re.findall(rb"HTTP/1\.1 (\d+)", reply) == [b"200", b"403", b"200"]


@pytest.mark.parametrize(
    "line", [b"GET /is/image/\x01 HTTP/1.1", b"\x16\x03\x01 nonsense", b"GET / HTTP/9.x", b"GET /" + b"a" * 70000]
)
def test_what_is_no_http_leaves_one_line_in_the_log(server: Server, line: bytes) -> None:
    before = len(server.log)
    assert b" 400 " in server.send(line + b"\r\nHost: x\r\n\r\n").partition(b"\r\n")[0]
    told = server.log[before:].splitlines()
    assert [entry for entry in told if "Traceback" in entry or " ERROR " in entry] == []
    assert len(told) <= 1
    assert all(" INFO a request that is no HTTP: " in entry for entry in told)
