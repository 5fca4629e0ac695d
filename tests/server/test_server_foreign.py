"""Originals of other servers over HTTP (``r-request-nesting-and-embedding``, ``r-allowdirecturls``, ``r-rooturl``)."""

import io
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.serving import RED, Sections, Server, quadrants, serving

KEPT = {"ETag": '"1"', "Cache-Control": "max-age=600"}


class Elsewhere(ThreadingHTTPServer):
    """Another server with one picture; it counts what it is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        buffer = io.BytesIO()
        quadrants(40, 30).save(buffer, "PNG")
        self.picture = buffer.getvalue()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        match self.path.partition("?")[0]:
            case "/quad.png" | "/base/quad.png":
                self._answer(200, self.server.picture, {"Content-Type": "image/png", **KEPT})
            case "/page.png":
                self._answer(200, b"<html>", {"Content-Type": "text/html"})
            case "/noise.png":
                self._answer(200, b"no picture", {"Content-Type": "image/png"})
            case "/away.png":
                self._answer(302, b"", {"Location": "http://192.0.2.1/quad.png"})
            case _:
                self._answer(404, b"", {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _served(folder: Path, elsewhere: Elsewhere, networks: list[str]) -> Sections:
    for name in ("images", "catalogs"):
        (folder / name).mkdir()
    quadrants(40, 30).save(folder / "images/own.png")
    (folder / "catalogs/default.ini").write_text("RootId=\nAllowDirectUrls=1\nExpiration=3\nDefaultImage=own.png\n")
    (folder / "catalogs/closed.ini").write_text("RootId=closed\nAllowDirectUrls=0\n")
    (folder / "catalogs/based.ini").write_text(f"RootId=based\nAllowDirectUrls=0\nRootUrl={elsewhere.base}/base/\n")
    content: dict[str, Any] = {"foreign_hosts": [f"127.0.0.1:{elsewhere.server_port}"], "foreign_networks": networks}
    return {"content": content, "server": {"render_workers": 1}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("foreign")
    with serving(folder, _served(folder, elsewhere, ["127.0.0.0/8"])) as running:
        yield running


@pytest.mark.parametrize("quotes", ["()", "{}", ("%7B", "%7D")])
def test_a_picture_of_another_server(server: Server, elsewhere: Elsewhere, quotes: Sequence[str]) -> None:
    reply = server.image(f"?src={quotes[0]}{elsewhere.base}/quad.png{quotes[1]}&fmt=png")
    assert (reply.image.size, reply.pixel(5, 5)[:3]) == ((40, 30), RED)
    # not for ever: it has what its main catalog says
    assert reply["Cache-Control"] == "public, max-age=10800"


def test_in_a_layer_and_as_a_mask(server: Server, elsewhere: Elsewhere) -> None:
    reply = server.image(f"own.png?layer=1&src=({elsewhere.base}/quad.png)&size=4,3&pos=-18,-13&fmt=png")
    assert reply.status == 200
    assert server.image(f"own.png?mask=({elsewhere.base}/quad.png)&fmt=png-alpha").image.mode == "RGBA"


def test_it_is_fetched_once_while_its_server_allows_that(server: Server, elsewhere: Elsewhere) -> None:
    elsewhere.asked.clear()
    for width in (5, 6, 7):
        assert server.image(f"?src=({elsewhere.base}/quad.png?once)&wid={width}").status == 200
    assert len(elsewhere.asked) == 1


def test_its_url_may_have_a_query_of_its_own(server: Server, elsewhere: Elsewhere) -> None:
    elsewhere.asked.clear()
    assert server.image(f"?src=({elsewhere.base}/quad.png?a=1&b=2)&wid=9").image.size[0] == 9
    assert elsewhere.asked == ["/quad.png?a=1&b=2"]


def test_relative_to_the_root_url(server: Server, elsewhere: Elsewhere) -> None:
    elsewhere.asked.clear()
    assert server.image("based/?src=(quad.png)&wid=8").image.size[0] == 8
    assert elsewhere.asked == ["/base/quad.png"]


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("?src=({base}/none.png)", "no such image"),
        ("?src=({base}/page.png)", "text/html"),
        ("?src=({base}/noise.png)", "noise.png"),
        ("?src=({base}/away.png)", "192.0.2.1"),
        ("?src=(http://192.0.2.1/quad.png)", "192.0.2.1"),
        ("?src=(http://127.0.0.1:9/quad.png)", "foreign_hosts"),
        ("?src=(ftp://127.0.0.1/quad.png)", "http"),
        ("closed/?src=({base}/quad.png)", "AllowDirectUrls"),
        ("?src=(quad.png)", "RootUrl"),
    ],
)
def test_what_cannot_be_had_is_an_error_and_no_default_image(
    server: Server, elsewhere: Elsewhere, target: str, told: str
) -> None:
    reply = server.image(target.format(base=elsewhere.base))
    assert (reply.status, reply.media_type) == (403, "text/plain"), reply.text
    assert told in reply.text
    assert str(server.folder) not in reply.text


def test_a_private_address_is_not_reached_where_its_network_is_not_allowed(tmp_path: Path, elsewhere: Elsewhere) -> None:
    elsewhere.asked.clear()
    with serving(tmp_path, _served(tmp_path, elsewhere, [])) as server:
        reply = server.image(f"?src=({elsewhere.base}/quad.png)")
    assert (reply.status, "not a public address" in reply.text) == (403, True)
    assert elsewhere.asked == []


def test_what_a_variable_brings_into_a_url_is_decoded_once(server: Server, elsewhere: Elsewhere) -> None:
    elsewhere.asked.clear()
    assert server.image(f"?$name=quad%2Epng%3Fv%3D%2520a&src=({elsewhere.base}/$name$)").status == 200
    assert server.image(f"?$url=%28http%3A%2F%2F127.0.0.1%3A{elsewhere.server_port}%2Fquad.png%3Fw%29&src=$url$").status == 200
    assert elsewhere.asked == ["/quad.png?v=%20a", "/quad.png?w"]
