"""What errors tell: ErrorDetail, errors in JSON form, nothing that a browser could run (``r-errors``, ``r-errordetail``)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from proxy.catalog.watch import CatalogFolder
from proxy.errors import IsproxyError, Overloaded, TimedOut, Unbuilt
from proxy.gate import Admitted
from proxy.recipe.asked import Asked
from proxy.recipe.model import Recipe
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import Pool, PoolConfig
from proxy.server.errors import Telling, error_response
from proxy.server.image import ImageRoute
from proxy.server.route import Manners
from proxy.service import Planned, Rendition, Renditions
from proxy.sources.folders import Folder
from proxy.sources.hosts import ForeignConfig
from proxy.sources.http import Foreign
from tests.serving import Server, quadrants, serving

PADDED = re.compile(r"/\*jsonp\*/(\w+)\((.*),(\".*\")\);\Z", re.DOTALL)


def unpadded(text: str) -> tuple[str, dict[str, str], str]:
    """Function, first and second argument of a JSON reply."""
    match = PADDED.match(text)
    assert match is not None, text
    return match[1], json.loads(match[2]), json.loads(match[3])


@pytest.mark.parametrize(
    ("target", "title", "detail"),
    [
        ("lost.png", "The image was not found", "lost.png"),
        ("quad.png?wid=wide", "The request is not valid", "wid=wide: expected a whole number"),
        ("quad.png?$nobody$", "The request is not valid", "$nobody$"),
        ("half.png", "The image could not be read", "half.png"),
        ("quad.png?wid=99999", "The request exceeds a limit", "8000"),
        ("outside.png", "Access refused", "out of the folder"),
    ],
)
def test_error_detail(server: Server, target: str, title: str, detail: str) -> None:
    told = [server.image(f"detail{level}/{target}") for level in range(4)]
    assert [reply.status for reply in told] == [403] * 4
    assert told[0].text == told[1].text == f"{title}\n"
    assert told[2].text.startswith(f"{title}: ")
    assert detail in told[2].text
    assert told[2].text.count("\n") == 1
    for reply in told[:3]:
        assert "Traceback" not in reply.text
        assert str(server.folder) not in reply.text
    assert "Traceback" in told[3].text
    assert told[3].text.replace("detail3", "detail2").startswith(told[2].text)


@pytest.mark.parametrize("level", range(4))
def test_detail_counts_for_json_too(server: Server, level: int) -> None:
    function, told, _ = unpadded(server.image(f"detail{level}/lost.png?req=props,json").text)
    assert function == "s7jsonError"
    assert told["title"] == "The image was not found"
    assert (told["message"] == told["title"]) is (level < 2)
    assert ("Traceback" in told["message"]) is (level == 3)


@pytest.mark.parametrize(
    ("query", "id_"),
    [
        ("req=props,json", ""),
        ("req=props,json&id=42", "42"),
        ("id=a%20b&req=imageprops,json", "a b"),
        ("req=props,json&id=1&id=2", "2"),
        ("req=props,json,UTF-16&id=x", "x"),
        ("REQ=Props,JSON&ID=x&handler=mine", "x"),
        ("req=props,json&wid=x&id=7", "7"),
        ("req=nothing,json&id=8", "8"),
        ("req=tile,json&id=9", "9"),
    ],
)
def test_errors_in_json_form(server: Server, query: str, id_: str) -> None:
    reply = server.image(f"lost.png?{query}")
    assert reply.status == 200
    assert reply.media_type == "text/javascript"
    assert reply["Cache-Control"] == "no-store"
    function, told, answered = unpadded(reply.text)
    assert (function, answered) == ("s7jsonError", id_)
    assert set(told) == {"message", "title"}


@pytest.mark.parametrize("query", ["req=props", "req=props,xml", "req=img", "json=1", "id=json"])
def test_other_forms_have_a_status(server: Server, query: str) -> None:
    reply = server.image(f"lost.png?{query}")
    assert (reply.status, reply.media_type) == (403, "text/plain")


def test_handler_and_id_of_a_good_answer(server: Server) -> None:
    reply = server.image("quad.png?req=props,json&id=42&handler=my_handler_1&scl=1")
    function, told, id_ = unpadded(reply.text)
    assert (function, id_, told["image.width"]) == ("my_handler_1", "42", "40")


SCRIPTS = (
    "</script><script>alert(1)</script>",
    '"});alert(1);({"',
    "');alert(1)//",
    "*/alert(1)/*",
    '\\");alert(1)//',
    "\u2028alert(1)",
    "<!--",
    "\r\nSet-Cookie: a=b",
)


def _escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("name", ["quad.png", "lost.png"])
def test_script_in_the_id_is_data(server: Server, script: str, name: str) -> None:
    reply = server.image(f"{name}?req=props,json&id={_escaped(script)}")
    body = reply.text
    assert unpadded(body)[2] == script
    assert not re.search("[<\u2028\r\n]", body)
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("script", [*SCRIPTS, "alert(1)", "a.b", "a[0]", "a" * 129, "é", "a b", "a-b"])
def test_script_as_handler_is_refused(server: Server, script: str) -> None:
    reply = server.image(f"quad.png?req=props,json&handler={_escaped(script)}")
    function, told, _ = unpadded(reply.text)
    assert function == "s7jsonError"
    assert "letters, digits and _" in told["message"]
    assert not re.search("[<\u2028\r\n]", reply.text)


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_elsewhere_comes_back_as_text(server: Server, script: str) -> None:
    for target in (
        _escaped(script),
        f"quad.png?wid={_escaped(script)}",
        f"quad.png?${_escaped(script)}$",
        f"quad.png?src={_escaped(script)}",
    ):
        reply = server.image(target)
        assert reply.status == 403
        assert reply["Content-Type"] == "text/plain; charset=utf-8"
        assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("query", ["req=props,xml", "req=imageprops,xml"])
def test_script_in_properties_is_data(server: Server, query: str) -> None:
    reply = server.image(f"quad.png?{query}&id={_escaped(SCRIPTS[0])}")
    assert reply.status == 200
    assert "<script" not in reply.text


@pytest.mark.parametrize(
    "place",
    ["quad.png%0d%0aSet-Cookie:%20a=b", "quad.png?fmt=png%0d%0aSet-Cookie:%20a=b", "quad.png?req=props,text,UTF-8%0d%0aX:y"],
)
def test_headers_cannot_be_made(server: Server, place: str) -> None:
    reply = server.image(place)
    assert "Set-Cookie" not in reply.headers
    assert "X" not in reply.headers


def test_missing_images_may_be_404(tmp_path: Path) -> None:
    with serving(tmp_path, {"protocol": {"missing_status": 404, "unknown_macro": "ignore"}}) as server:
        quadrants(8, 8).save(server.images / "quad.png")
        assert server.image("lost.png").status == 404
        assert server.image("lost.png?req=exists").status == 200
        assert server.image("quad.png?wid=x").status == 403
        assert server.image("quad.png?$nobody$").status == 200


def test_what_is_not_built_says_so() -> None:
    reply = error_response(Unbuilt("fmt=new"), "quad.png?fmt=new", Telling())
    assert (reply.status, reply.text) == (
        501,
        "Not built yet: fmt=new is documented, but this version of isproxy does not do it yet\n",
    )
    assert error_response(Unbuilt("req=new"), "quad.png?req=new,json", Telling()).status == 200


@pytest.mark.parametrize(("error", "status"), [(Overloaded("x"), 503), (TimedOut("x"), 504)])
def test_what_may_succeed_later_is_a_status_in_every_form(error: IsproxyError, status: int) -> None:
    for query in ("req=img", "req=props,json"):
        reply = error_response(error, f"quad.png?{query}", Telling())
        assert reply.status == status
        assert ("Retry-After" in reply.headers) is (status == 503)


class Broken(Renditions):
    """The one path, with a fault that nobody foresaw at one of its stages."""

    stage = "read"

    def _fail(self, stage: str) -> None:
        if self.stage == stage:
            raise ZeroDivisionError("the secret of /home/somebody")

    def read(self, target: str | Admitted) -> Asked:
        self._fail("read")
        return super().read(target)

    async def plan(self, asked: Asked) -> Planned:
        self._fail("plan")
        return await super().plan(asked)

    async def make(self, planned: Planned) -> Rendition:
        self._fail("make")
        return await super().make(planned)


class BrokenPool(Pool):
    """A pool whose workers meet something nobody foresaw: the recipe that reaches them names a filter that is none."""

    async def render(self, recipe: Recipe) -> object:  # type: ignore[override]  # it never returns
        return await self._run(_burst, recipe)


def _burst(recipe: Recipe, opening: Opening) -> object:
    raise ZeroDivisionError(f"the secret of /home/somebody, {recipe.resample}, {opening.orient}")


@pytest.fixture(params=["read", "plan", "make", "worker"])
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Renditions]:
    quadrants(8, 8).save(tmp_path / "quad.png")
    pool = (BrokenPool if request.param == "worker" else Pool)(PoolConfig(workers=1), Opening(Limits()))
    renditions = Broken(CatalogFolder(None, None), [Folder(tmp_path)], Foreign(ForeignConfig()), pool)
    renditions.stage = request.param
    yield renditions
    renditions.close()


async def test_what_nobody_foresaw_is_a_500_that_tells_nothing(broken: Renditions, caplog: pytest.LogCaptureFixture) -> None:
    app = web.Application()
    app.router.add_get("/is/image{tail:.*}", ImageRoute(broken, "", Manners()).handle)
    async with TestClient(TestServer(app)) as client:
        for query in ("", "?wid=5", "?wid=7&req=img,json&id=1"):
            async with client.get(f"/is/image/quad.png{query}") as reply:
                body = await reply.text()
                assert reply.status == (200 if "json" in query else 500)
                assert "could not be made" in body
                for word in ("secret", "ZeroDivision", "Traceback", "home"):
                    assert word not in body
    # whoever runs the server is told all of it
    assert "ZeroDivisionError" in caplog.text
    assert "secret" in caplog.text


class Busy(Renditions):
    """Refuses to make one picture, as a server that has too much to do."""

    async def make(self, planned: Planned) -> Rendition:
        if planned.asked.object == "quad.png":
            raise Overloaded("too much to do")
        return await super().make(planned)


async def test_what_the_server_is_to_blame_for_is_told_without_an_error_image(tmp_path: Path) -> None:
    (tmp_path / "default.ini").write_text("ErrorImage=sorry.png\n")
    for name in ("quad.png", "sorry.png"):
        quadrants(8, 8).save(tmp_path / name)
    pool = Pool(PoolConfig(workers=1), Opening(Limits()))
    renditions = Busy(CatalogFolder(tmp_path, None), [Folder(tmp_path)], Foreign(ForeignConfig()), pool)
    app = web.Application()
    app.router.add_get("/is/image{tail:.*}", ImageRoute(renditions, "", Manners()).handle)
    try:
        async with TestClient(TestServer(app)) as client:
            async with client.get("/is/image/none.png") as reply:
                assert (reply.status, reply.content_type) == (200, "image/jpeg")
            async with client.get("/is/image/quad.png") as reply:
                assert (reply.status, reply.content_type) == (503, "text/plain")
    finally:
        renditions.close()
