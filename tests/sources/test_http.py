"""Originals of other servers, fetched from a real one on this machine.

Page: ``r-request-nesting-and-embedding``, "Foreign image sources".
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from proxy.errors import BadSource, IsproxyError, Refused, TimedOut
from proxy.recipe.model import Source
from proxy.sources.hosts import ForeignConfig
from proxy.sources.http import Foreign

LOOPBACK = "127.0.0.0/8"
BODY = b"\x89PNG\r\n\x1a\n" + bytes(100)
LARGEST = 1000


@dataclass(slots=True)
class Elsewhere:
    """Another server: it says the next of its replies, the last one again and again, and remembers what it was asked."""

    replies: list[Callable[[], web.StreamResponse]] = field(default_factory=list)
    asked: list[web.Request] = field(default_factory=list)
    host: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply()

    def says(self, *replies: Callable[[], web.StreamResponse]) -> None:
        self.replies = list(replies)

    def url(self, path: str = "/a.png") -> str:
        return f"http://{self.host}{path}"


def picture(body: bytes = BODY, /, **headers: str) -> Callable[[], web.StreamResponse]:
    """A reply with a picture; an underscore in the name of a header is a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: web.Response(body=body, headers={"Content-Type": "image/png"} | named)


def status(number: int, **headers: str) -> Callable[[], web.StreamResponse]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: web.Response(status=number, headers=named)


@pytest.fixture(name="elsewhere")
async def _elsewhere() -> AsyncIterator[Elsewhere]:
    elsewhere = Elsewhere()
    elsewhere.says(picture())
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", elsewhere.handle)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    elsewhere.host = f"127.0.0.1:{server.port}"
    yield elsewhere
    await server.close()


@pytest.fixture(name="foreign")
def _foreign(elsewhere: Elsewhere) -> Iterator[Foreign]:
    foreign = Foreign(ForeignConfig((elsewhere.host,), (LOOPBACK,), largest=LARGEST, seconds=5.0, grace=0.0))
    yield foreign
    foreign.close()


async def refused(foreign: Foreign, url: str) -> Refused:
    with pytest.raises(Refused) as caught:
        await foreign.open(url)
    return caught.value


def content(source: Source | None) -> bytes | None:
    """The bytes of an original, ``None`` if its file is gone."""
    assert source is not None
    path = Path(source.location)
    return path.read_bytes() if path.exists() else None


def folder_of(source: Source) -> Path:
    return Path(source.location).parent


def kept_beside(source: Source) -> list[str]:
    """The names of all files that are kept."""
    return [path.name for path in folder_of(source).iterdir()]


# ---- what is not even asked


@pytest.mark.parametrize(
    "url",
    [
        "ftp://{host}/a.png",
        "file:///etc/passwd",
        "//{host}/a.png",
        "/a.png",
        "a.png",
        "",
        "http://",
        "http:///a.png",
        "http://user@{host}/a.png",
        "http://user:secret@{host}/a.png",
        "http://:secret@{host}/a.png",
        "http://{host}.evil.example/a.png",
        "http://evil.example/a.png",
        "http://127.0.0.1/a.png",
        "https://127.0.0.1/a.png",
        "http://127.0.0.1:port/a.png",
        "http://127.0.0.1:80801/a.png",
        "http://127.0.0.1:-1/a.png",
        "http://[::1/a.png",
    ],
)
async def test_what_is_not_listed_is_not_asked(foreign: Foreign, elsewhere: Elsewhere, url: str) -> None:
    error = await refused(foreign, url.format(host=elsewhere.host))
    assert "secret" not in error.detail
    assert elsewhere.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254"])
async def test_a_listed_address_is_still_refused(elsewhere: Elsewhere, host: str) -> None:
    port = elsewhere.host.rpartition(":")[2]
    foreign = Foreign(ForeignConfig((f"{host}:{port}",), seconds=5.0))
    assert "not a public address" in (await refused(foreign, f"http://{host}:{port}/a.png")).detail
    assert elsewhere.asked == []
    foreign.close()


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1."])
async def test_a_name_of_a_private_address_is_refused(elsewhere: Elsewhere, host: str) -> None:
    """Names and the older spellings of addresses, which resolvers take."""
    port = elsewhere.host.rpartition(":")[2]
    foreign = Foreign(ForeignConfig((f"{host}:{port}", f"{host.rstrip('.')}:{port}"), seconds=5.0))
    # a strict resolver takes some of them for names that nobody has
    with pytest.raises((Refused, BadSource)):
        await foreign.open(f"http://{host}:{port}/a.png")
    assert elsewhere.asked == []
    if host.replace(".", "").isdigit():
        assert "neither a name nor a whole address" in (await refused(foreign, f"http://{host}:{port}/a.png")).detail
    foreign.close()


async def test_a_name_with_a_private_address_is_refused_and_says_so(elsewhere: Elsewhere) -> None:
    port = elsewhere.host.rpartition(":")[2]
    foreign = Foreign(ForeignConfig((f"localhost:{port}",), seconds=5.0))
    assert (await refused(foreign, f"http://localhost:{port}/a.png")).detail == "localhost: its address is not a public one"
    foreign.close()


async def test_a_name_may_be_asked_where_its_network_is_allowed(elsewhere: Elsewhere) -> None:
    port = elsewhere.host.rpartition(":")[2]
    foreign = Foreign(ForeignConfig((f"localhost:{port}",), (LOOPBACK, "::1/128"), seconds=5.0))
    assert await foreign.open(f"http://localhost:{port}/a.png") is not None
    assert [request.headers["Host"] for request in elsewhere.asked] == [f"localhost:{port}"]
    foreign.close()


# ---- fetching


async def test_a_picture(foreign: Foreign, elsewhere: Elsewhere) -> None:
    url = elsewhere.url("/b%2Fc/a%20b.png?x=1&y=%26")
    source = await foreign.open(url)
    assert source is not None
    assert content(source) == BODY
    assert (source.name, source.size) == (url, len(BODY))
    (request,) = elsewhere.asked
    # the address arrives as it was written, and nothing of whoever asked this server goes along
    assert (request.method, request.raw_path) == ("GET", "/b%2Fc/a%20b.png?x=1&y=%26")
    assert {"Cookie", "Authorization", "Referer"}.isdisjoint(request.headers)


async def test_equal_pictures_are_equal_sources(foreign: Foreign, elsewhere: Elsewhere) -> None:
    first, second = await foreign.open(elsewhere.url("/1")), await foreign.open(elsewhere.url("/2"))
    assert first is not None
    assert second is not None
    assert (first.location, first.mtime_ns) == (second.location, second.mtime_ns)


@pytest.mark.parametrize("number", [404, 410])
async def test_what_is_not_there(foreign: Foreign, elsewhere: Elsewhere, number: int) -> None:
    elsewhere.says(status(number))
    assert await foreign.open(elsewhere.url()) is None


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (picture(Content_Type="text/html"), "its server sent text/html: expected an image"),
        (picture(Content_Type="application/json; charset=utf-8"), "its server sent application/json: expected an image"),
        (picture(bytes(LARGEST + 1)), f"larger than {LARGEST} bytes"),
        (status(500), "its server answered 500"),
        (status(403), "its server answered 403"),
        (status(206), "its server answered 206"),
        # nothing was asked that could be unchanged
        (status(304), "its server answered 304"),
        (status(302), "a redirect without a place"),
        (status(302, Location="http://[::1"), "a redirect to no URL"),
    ],
)
async def test_what_is_no_picture(
    foreign: Foreign, elsewhere: Elsewhere, reply: Callable[[], web.StreamResponse], message: str
) -> None:
    elsewhere.says(reply)
    with pytest.raises(BadSource) as caught:
        await foreign.open(elsewhere.url())
    assert caught.value.detail == f"{elsewhere.url()}: {message}"


@pytest.mark.parametrize("type_", ["image/jpeg", "image/x-anything", "application/octet-stream", "binary/octet-stream"])
async def test_types_of_pictures(foreign: Foreign, elsewhere: Elsewhere, type_: str) -> None:
    elsewhere.says(picture(bytes(LARGEST), Content_Type=type_))
    source = await foreign.open(elsewhere.url())
    assert source is not None
    assert source.size == LARGEST


async def test_the_limit_counts_what_was_packed(foreign: Foreign, elsewhere: Elsewhere) -> None:
    def packed() -> web.StreamResponse:
        response = web.Response(body=bytes(LARGEST * 50), content_type="image/png")
        response.enable_compression(web.ContentCoding.gzip)
        return response

    elsewhere.says(packed)
    with pytest.raises(BadSource, match="larger than"):
        await foreign.open(elsewhere.url())


async def test_a_slow_server(elsewhere: Elsewhere) -> None:
    foreign = Foreign(ForeignConfig((elsewhere.host,), (LOOPBACK,), seconds=0.1))

    class Slow(web.Response):
        async def prepare(self, request: web.BaseRequest) -> None:
            await asyncio.sleep(30)
            await super().prepare(request)

    elsewhere.says(Slow)
    with pytest.raises(TimedOut, match=r"127\.0\.0\.1: no image within 0\.1 seconds"):
        await foreign.open(elsewhere.url())
    foreign.close()


async def test_nobody_there(elsewhere: Elsewhere, unused_tcp_port: int) -> None:
    foreign = Foreign(ForeignConfig((f"127.0.0.1:{unused_tcp_port}",), (LOOPBACK,), seconds=5.0))
    with pytest.raises(BadSource, match="its server cannot be asked"):
        await foreign.open(f"http://127.0.0.1:{unused_tcp_port}/a.png")
    assert elsewhere.asked == []
    foreign.close()


# ---- redirects


@pytest.mark.parametrize("number", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["/b.png", "b.png", "http://{host}/b.png", "//{host}/b.png"])
async def test_a_redirect_is_followed(foreign: Foreign, elsewhere: Elsewhere, number: int, place: str) -> None:
    elsewhere.says(status(number, Location=place.format(host=elsewhere.host)), picture())
    assert await foreign.open(elsewhere.url()) is not None
    assert [request.path for request in elsewhere.asked] == ["/a.png", "/b.png"]


@pytest.mark.parametrize(
    "place",
    [
        "http://localhost:{port}/b.png",
        "http://127.0.0.2:{port}/b.png",
        "http://evil.example/b.png",
        "https://{host}/b.png",
        "http://user:secret@{host}/b.png",
        "file:///etc/passwd",
        "ftp://{host}/b.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/b.png",
        "http://inside.example/b.png",
    ],
)
async def test_a_redirect_leads_nowhere_else(elsewhere: Elsewhere, place: str) -> None:
    port = elsewhere.host.rpartition(":")[2]
    # metadata and private addresses are refused even though somebody listed them; https is another port
    listed = (elsewhere.host, "169.254.169.254", "10.0.0.1")
    foreign = Foreign(ForeignConfig(listed, (LOOPBACK,), seconds=5.0))
    elsewhere.says(status(302, Location=place.format(host=elsewhere.host, port=port)))
    if place.startswith("https"):
        with pytest.raises(IsproxyError):
            await foreign.open(elsewhere.url())
    else:
        assert "secret" not in (await refused(foreign, elsewhere.url())).detail
    assert [request.path for request in elsewhere.asked] == ["/a.png"]
    foreign.close()


async def test_too_many_redirects(foreign: Foreign, elsewhere: Elsewhere) -> None:
    elsewhere.says(*[status(302, Location=f"/{number}") for number in range(3)], picture())
    assert await foreign.open(elsewhere.url()) is not None
    elsewhere.asked.clear()
    elsewhere.says(status(302, Location="/again"))
    with pytest.raises(BadSource, match="more than 3 redirects"):
        await foreign.open(elsewhere.url())
    assert len(elsewhere.asked) == 4


# ---- keeping


async def test_fresh_pictures_are_not_asked_for_again(foreign: Foreign, elsewhere: Elsewhere) -> None:
    elsewhere.says(picture(ETag='"1"', Cache_Control="public, max-age=60"))
    sources = [await foreign.open(elsewhere.url()) for _ in range(3)]
    assert len(set(sources)) == len(elsewhere.asked) == 1
    # another URL is another picture
    await foreign.open(elsewhere.url("/b.png"))
    assert len(elsewhere.asked) == 2


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"ETag": '"1"', "Cache_Control": 'max-age="60"'}, 1),
        ({"ETag": '"1"', "Cache_Control": "MAX-AGE=60"}, 1),
        ({"Last_Modified": "Sat, 01 Jun 2024 00:00:00 GMT", "Cache_Control": "max-age=60"}, 1),
        ({"ETag": '"1"', "Date": "Sat, 01 Jun 2024 00:00:00 GMT", "Expires": "Sat, 01 Jun 2024 00:01:00 GMT"}, 1),
        ({"ETag": '"1"', "Cache_Control": "max-age=0"}, 2),
        ({"ETag": '"1"', "Cache_Control": "max-age=soon"}, 2),
        ({"ETag": '"1"', "Cache_Control": "no-cache, max-age=60"}, 2),
        ({"ETag": '"1"', "Cache_Control": "no-store, max-age=60"}, 2),
        ({"ETag": '"1"', "Cache_Control": "max-age=0", "Expires": "Sat, 01 Jun 2999 00:01:00 GMT"}, 2),
        ({"ETag": '"1"', "Date": "Sat, 01 Jun 2024 00:00:00 GMT", "Expires": "Sat, 01 Jun 2024 00:00:00 GMT"}, 2),
        ({"ETag": '"1"', "Expires": "0"}, 2),
        ({"ETag": '"1"', "Expires": "-1", "Date": "yesterday"}, 2),
        ({"ETag": '"1"'}, 2),
        # the manual: without a validator it is fetched each time
        ({"Cache_Control": "max-age=60"}, 2),
        ({}, 2),
    ],
)
async def test_how_long_a_picture_is_fresh(foreign: Foreign, elsewhere: Elsewhere, headers: dict[str, str], asked: int) -> None:
    elsewhere.says(picture(**headers))
    first, second = await foreign.open(elsewhere.url()), await foreign.open(elsewhere.url())
    assert first == second
    assert len(elsewhere.asked) == asked


async def test_freshness_ends(foreign: Foreign, elsewhere: Elsewhere) -> None:
    elsewhere.says(picture(ETag='"1"', Cache_Control="max-age=1"), picture(b"other", ETag='"2"', Cache_Control="max-age=1"))
    first = await foreign.open(elsewhere.url())
    assert await foreign.open(elsewhere.url()) == first
    await asyncio.sleep(1.05)
    second = await foreign.open(elsewhere.url())
    assert second is not None
    assert second.size == len(b"other")


@pytest.mark.parametrize(
    ("validator", "condition"),
    [
        ({"ETag": '"1"'}, {"If-None-Match": '"1"'}),
        ({"ETag": 'W/"1"'}, {"If-None-Match": 'W/"1"'}),
        ({"Last_Modified": "Sat, 01 Jun 2024 00:00:00 GMT"}, {"If-Modified-Since": "Sat, 01 Jun 2024 00:00:00 GMT"}),
    ],
)
async def test_unchanged_pictures_are_kept(
    foreign: Foreign, elsewhere: Elsewhere, validator: dict[str, str], condition: dict[str, str]
) -> None:
    elsewhere.says(picture(**validator), status(304), status(304, Cache_Control="max-age=60", **validator))
    sources = [await foreign.open(elsewhere.url()) for _ in range(5)]
    assert len(set(sources)) == 1
    assert content(sources[0]) == BODY
    # the third reply made it fresh
    assert len(elsewhere.asked) == 3
    names = ("If-None-Match", "If-Modified-Since")
    conditions = [{name: request.headers[name] for name in names if name in request.headers} for request in elsewhere.asked]
    assert conditions == [{}, condition, condition]


async def test_a_new_validator_takes_the_place_of_the_old_one(foreign: Foreign, elsewhere: Elsewhere) -> None:
    elsewhere.says(picture(ETag='"1"'), picture(b"new", ETag='"2"'), status(304))
    for _ in range(3):
        await foreign.open(elsewhere.url())
    assert [request.headers.get("If-None-Match") for request in elsewhere.asked] == [None, '"1"', '"2"']


async def test_a_file_that_was_replaced_is_removed(foreign: Foreign, elsewhere: Elsewhere) -> None:
    elsewhere.says(picture(), picture(b"new"))
    first = await foreign.open(elsewhere.url())
    second = await foreign.open(elsewhere.url())
    assert second is not None
    assert (content(first), content(second)) == (None, b"new")
    assert kept_beside(second) == [second.location.rpartition("/")[2]]


async def test_a_file_that_another_url_has_too_stays(foreign: Foreign, elsewhere: Elsewhere) -> None:
    elsewhere.says(picture())
    first = await foreign.open(elsewhere.url("/1"))
    await foreign.open(elsewhere.url("/2"))
    elsewhere.says(picture(b"new"))
    await foreign.open(elsewhere.url("/2"))
    assert content(first) == BODY


async def test_a_file_that_is_no_longer_there_is_removed(foreign: Foreign, elsewhere: Elsewhere) -> None:
    elsewhere.says(picture(ETag='"1"'), status(404))
    source = await foreign.open(elsewhere.url())
    assert await foreign.open(elsewhere.url()) is None
    assert content(source) is None


async def test_the_oldest_go_when_there_are_too_many_bytes(elsewhere: Elsewhere) -> None:
    foreign = Foreign(ForeignConfig((elsewhere.host,), (LOOPBACK,), kept=250, grace=0.0))
    sources: list[Source | None] = []
    for number in range(3):
        elsewhere.says(picture(bytes([number]) * 100, ETag=f'"{number}"', Cache_Control="max-age=60"))
        sources.append(await foreign.open(elsewhere.url(f"/{number}")))
        # the first one is used again, so that it is not the oldest
        await foreign.open(elsewhere.url("/0"))
    assert [content(source) is not None for source in sources] == [True, False, True]
    foreign.close()


async def test_a_file_stays_for_what_began_to_use_it(elsewhere: Elsewhere) -> None:
    foreign = Foreign(ForeignConfig((elsewhere.host,), (LOOPBACK,), seconds=5.0, grace=60.0))
    elsewhere.says(picture(), picture(b"new"))
    first = await foreign.open(elsewhere.url())
    await foreign.open(elsewhere.url())
    assert content(first) == BODY
    foreign.close()


async def test_nothing_is_left_behind(elsewhere: Elsewhere) -> None:
    foreign = Foreign(ForeignConfig((elsewhere.host,), (LOOPBACK,), largest=LARGEST))
    source = await foreign.open(elsewhere.url())
    assert source is not None
    elsewhere.says(picture(bytes(LARGEST + 1)))
    with pytest.raises(BadSource):
        await foreign.open(elsewhere.url("/large"))
    # what is too large leaves no part of itself
    assert kept_beside(source) == [source.location.rpartition("/")[2]]
    foreign.close()
    assert not folder_of(source).exists()


async def test_the_same_picture_asked_for_at_once(foreign: Foreign, elsewhere: Elsewhere) -> None:
    sources = await asyncio.gather(*(foreign.open(elsewhere.url()) for _ in range(5)))
    assert len(set(sources)) == 1
    assert content(sources[0]) == BODY
