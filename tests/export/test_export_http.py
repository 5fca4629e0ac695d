"""``/export`` on a real server: who may, what is answered, and what the zip holds."""

import asyncio
import hashlib
import io
import json
import logging
import os
import shutil
import subprocess
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from proxy.catalog.watch import CatalogFolder
from proxy.export.config import ExportConfig
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import Pool, PoolConfig
from proxy.server.auth import digest
from proxy.server.export import routes
from proxy.service import Renditions, ServiceConfig
from proxy.sources.folders import Folder
from proxy.sources.http import Foreign

TOKEN = "a token"  # noqa: S105  # made up
MB = 2**20
BEARER = {"Authorization": f"Bearer {TOKEN}"}
CONVERT = {"assetHandleArray": ["fileToExport.jpg", "shop/hat"], "fmt": "convert", "is_modifier": "&fmt=png", "macro": "$test$"}


@asynccontextmanager
async def serving(renditions: Renditions, config: ExportConfig, window: int = 4) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a server with nothing but the export."""
    app = web.Application()
    app.add_routes(routes(renditions, config, (digest("another"), digest(TOKEN)), window))
    server = TestServer(app)
    await server.start_server()
    try:
        async with aiohttp.ClientSession(server.make_url("/"), headers=BEARER, auto_decompress=False) as session:
            yield session
    finally:
        await server.close()


@pytest.fixture
async def client(renditions: Renditions, limits: ExportConfig) -> AsyncIterator[aiohttp.ClientSession]:
    async with serving(renditions, limits) as session:
        yield session


async def zip_of(reply: Awaitable[aiohttp.ClientResponse]) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    """The zip of a reply, found to be sound, and the report in it."""
    response = await reply
    assert (response.status, response.content_type) == (200, "application/zip"), await response.text()
    read = zipfile.ZipFile(io.BytesIO(await response.read()))
    assert read.testzip() is None
    assert read.namelist()[-1] == "export-report.json"
    return read, json.loads(read.read("export-report.json"))


async def errors_of(reply: Awaitable[aiohttp.ClientResponse], status: int) -> list[dict[str, str]]:
    response = await reply
    assert response.status == status, await response.text()
    told = await response.json()
    assert list(told) == ["errors"]
    assert all(set(error) == {"field", "handle", "message"} for error in told["errors"])
    return list(told["errors"])


async def test_the_macro_wins(client: aiohttp.ClientSession) -> None:
    read, report = await zip_of(client.post("/export", json=CONVERT))
    assert read.namelist() == ["fileToExport.tiff", "hat.tiff", "export-report.json"]
    for name in read.namelist()[:-1]:
        with Image.open(io.BytesIO(read.read(name))) as image:
            assert image.format == "TIFF"
    assert [line["modifiers"] for line in report["assets"]] == ["fmt=png&fmt=tif", "fmt=webp&fmt=png&fmt=tif"]


async def test_a_rendition_is_what_the_image_url_gives(client: aiohttp.ClientSession, renditions: Renditions) -> None:
    read, report = await zip_of(client.post("/export", json=CONVERT | {"is_modifier": "?wid=33&fmt=webp", "macro": None}))
    direct = await renditions.get(renditions.read("fileToExport.jpg?wid=33&fmt=webp"))
    assert read.read("fileToExport.webp") == direct.data
    assert report["assets"][0]["sha256"] == hashlib.sha256(direct.data).hexdigest()
    assert report["totals"]["bytes"] == sum(len(read.read(line["entry"])) for line in report["assets"])


@pytest.mark.parametrize("fmt", ["orig", "convert"])
async def test_a_token_opens_what_locks_and_filters_keep_from_others(client: aiohttp.ClientSession, fmt: str) -> None:
    modifier = {"is_modifier": "wid=9&fmt=png"} if fmt == "convert" else {}
    fields = {"assetHandleArray": ["sealed/shoe", "sealed/boot"], "fmt": fmt} | modifier
    read, report = await zip_of(client.post("/export", json=fields))
    assert report["totals"]["exported"] == len(read.namelist()) - 1 == 2
    # what rules refuse or rewrite they do so for everybody
    errors = await errors_of(client.post("/export", json=fields | {"assetHandleArray": ["sealed/hat", "sealed/shoe"]}), 400)
    assert [(error["field"], error["handle"]) for error in errors] == [("assetHandleArray", "sealed/hat")]


async def test_what_is_found_out_too_late_is_told_in_the_report(client: aiohttp.ClientSession) -> None:
    fields = {"assetHandleArray": ["hat.png", "shop/broken", "fileToExport.jpg"], "fmt": "convert", "is_modifier": "fmt=png"}
    read, report = await zip_of(client.post("/export", json=fields))
    assert read.namelist() == ["hat.png", "fileToExport.png", "export-report.json"]
    assert [bool(line.get("error")) for line in report["assets"]] == [False, True, False]
    assert "shop/broken" in report["assets"][1]["error"]
    errors = await errors_of(client.post("/export?estimate=1", json=fields), 400)
    assert [error["handle"] for error in errors] == ["shop/broken"]


async def test_originals_come_byte_for_byte_with_their_times(client: aiohttp.ClientSession, shop: Path) -> None:
    handles = {"items": ["shop/shoe", "hat.png", "shop/hat", "hat.png"]}
    read, report = await zip_of(client.post("/export", json={"assetHandleArray": handles, "fmt": "orig", "clientId": "10.1.2.3"}))
    assert read.namelist() == ["left shoe.jpg", "hat.png", "hat (2).png", "export-report.json"]
    assert read.read("left shoe.jpg") == (shop / "images" / "shoes/left shoe.jpg").read_bytes()
    assert read.read("hat (2).png") == (shop / "images" / "hat.png").read_bytes()
    assert all(info.compress_type == zipfile.ZIP_STORED for info in read.infolist())
    assert report["job"] == {"fmt": "orig", "is_modifier": "", "macro": "", "clientId": "10.1.2.3"}
    assert report["totals"] == {
        "assets": 3,
        "exported": 3,
        "failed": 0,
        "repeated": 1,
        "bytes": sum(info.file_size for info in read.infolist()[:-1]),
    }


async def test_a_query_asks_for_the_same(client: aiohttp.ClientSession) -> None:
    query = [("assetHandleArray", "fileToExport.jpg,shop/hat"), ("assetHandleArray", "shop/shoe"), ("fmt", "convert")]
    query += [("is_modifier", "&wid=20&fmt=png"), ("macro", "$test$")]
    read, _ = await zip_of(client.get("/export", params=query))
    assert read.namelist() == ["fileToExport.tiff", "hat.tiff", "shoe.tiff", "export-report.json"]


async def test_the_reply_is_a_download(client: aiohttp.ClientSession) -> None:
    async with client.post("/export", json=CONVERT) as response:
        assert response.headers["Content-Disposition"].startswith('attachment; filename="isproxy-export-')
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert response.headers["Cache-Control"] == "no-store"
        await response.read()


async def test_unzip_finds_no_fault(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    program = shutil.which("unzip")
    if program is None:
        pytest.skip("needs the program unzip")
    async with client.post("/export", json=CONVERT) as response:
        (tmp_path / "x.zip").write_bytes(await response.read())
    tested = subprocess.run([program, "-t", tmp_path / "x.zip"], capture_output=True, text=True, check=False)  # noqa: S603, ASYNC221  # our own file, quick
    assert tested.returncode == 0, tested.stdout


@pytest.mark.parametrize(
    "header",
    [None, "", "Basic YTpi", "Bearer", "Bearer ", "Bearer wrong", f"Bearer {digest(TOKEN)}", f"Token {TOKEN}", "Bearer \udcff"],
)
async def test_nobody_gets_anything_without_a_token(client: aiohttp.ClientSession, header: str | None) -> None:
    headers = {"Authorization": ""} if header is None else {"Authorization": header}
    for reply in (client.post("/export", json=CONVERT, headers=headers), client.get("/export", headers=headers)):
        response = await reply
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer realm=")


async def test_a_token_is_good_in_any_spelling_of_the_scheme(client: aiohttp.ClientSession) -> None:
    async with client.post("/export?estimate=1", json=CONVERT, headers={"Authorization": f"bearer  {TOKEN}"}) as response:
        assert response.status == 200


async def test_everything_that_is_wrong_is_answered_at_once_and_nothing_else(client: aiohttp.ClientSession) -> None:
    fields = {
        "assetHandleArray": ["nowhere.jpg", "shop/set", "shop/lost", "fileToExport.jpg", 7, "shop/broken"],
        "fmt": "convert",
        "is_modifier": "wid=huge",
        "macro": "nobody",
        "emailSetting": "All",
        "colour": "red",
    }
    errors = await errors_of(client.post("/export", json=fields), 400)
    assert [(error["field"], error["handle"]) for error in errors] == [
        ("colour", ""),
        ("assetHandleArray", ""),
        ("emailSetting", ""),
        ("assetHandleArray", "nowhere.jpg"),
        ("assetHandleArray", "shop/set"),
        ("assetHandleArray", "shop/lost"),
        ("is_modifier", "fileToExport.jpg"),
        ("macro", "fileToExport.jpg"),
        ("assetHandleArray", "shop/broken"),
    ]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b"", "application/json", 400),
        (b"fmt=orig", "application/x-www-form-urlencoded", 415),
        (b'{"fmt": "orig", "assetHandleArray": ["x"]}', "text/plain", 415),
    ],
)
async def test_what_is_no_job_is_refused(client: aiohttp.ClientSession, body: bytes, content_type: str, status: int) -> None:
    await errors_of(client.post("/export", data=body, headers={"Content-Type": content_type}), status)


@pytest.mark.parametrize(
    "query", ["", "?assetHandleArray=&fmt=orig", "?assetHandleArray=hat.png&fmt=orig&fmt=orig", "?estimate=2"]
)
async def test_a_query_can_be_as_wrong_as_json(client: aiohttp.ClientSession, query: str) -> None:
    await errors_of(client.get(f"/export{query}"), 400)


async def test_other_methods_are_not_allowed(client: aiohttp.ClientSession) -> None:
    for method in ("HEAD", "PUT", "DELETE"):
        async with client.request(method, "/export") as response:
            assert response.status == 405


async def test_limits_answer_413(renditions: Renditions) -> None:
    async with serving(renditions, ExportConfig(export_assets=2, export_bytes=3000, body_bytes=500)) as client:
        three = {"assetHandleArray": ["hat.png", "fileToExport.jpg", "shop/shoe"], "fmt": "orig"}
        assert "at most 2" in (await errors_of(client.post("/export", json=three), 413))[0]["message"]
        two = {"assetHandleArray": ["hat.png", "fileToExport.jpg"], "fmt": "orig"}
        assert "at most 3000" in (await errors_of(client.post("/export", json=two), 413))[0]["message"]
        long = two | {"clientId": "x" * 600}
        assert "more than 500 bytes" in (await errors_of(client.post("/export", json=long), 413))[0]["message"]

        async def unending() -> AsyncIterator[bytes]:
            for _ in range(6):
                yield b" " * 100

        chunked = client.post("/export", data=unending(), headers={"Content-Type": "application/json"})
        assert "more than 500 bytes" in (await errors_of(chunked, 413))[0]["message"]


async def test_renditions_stop_at_the_limit_of_bytes(renditions: Renditions) -> None:
    handles = ["fileToExport.jpg", "shop/shoe", "shop/hat", "hat.png"]
    fields = {"assetHandleArray": handles, "fmt": "convert", "is_modifier": "wid=100&hei=50&fit=stretch&fmt=tif"}
    async with serving(renditions, ExportConfig(export_bytes=32_000)) as client:
        read, report = await zip_of(client.post("/export", json=fields))
    assert read.namelist() == ["fileToExport.tiff", "shoe.tiff", "export-report.json"]
    assert [line.get("error", "") for line in report["assets"]][2:] == [
        "left out: the export would have more than 32000 bytes"
    ] * 2
    assert report["totals"]["failed"] == 2


@pytest.mark.parametrize("fmt", ["orig", "convert"])
async def test_an_estimate_makes_nothing(client: aiohttp.ClientSession, renditions: Renditions, shop: Path, fmt: str) -> None:
    fields = {"assetHandleArray": ["hat.png", "fileToExport.jpg"], "fmt": fmt} | ({"macro": "test"} if fmt == "convert" else {})
    async with client.post("/export?estimate=1", json=fields) as response:
        told = await response.json()
    assert (told["assets"], told["exact"]) == (2, fmt == "orig")
    if fmt == "orig":
        assert told["bytes"] == sum((shop / "images" / name).stat().st_size for name in ("hat.png", "fileToExport.jpg"))
    else:
        assert told["bytes"] == pytest.approx((160 * 120 + 80 * 60) * 3, rel=0.1)
        assert renditions.cached(await renditions.plan(renditions.read("hat.png?$test$"))) is None
    async with client.get("/export", params=[("assetHandleArray", "hat.png"), ("fmt", "orig"), ("estimate", "1")]) as response:
        assert (await response.json())["assets"] == 1


@dataclass(frozen=True, slots=True)
class Depot:
    """Originals that a test may change while they are exported."""

    folder: Path
    renditions: Renditions

    def picture(self, name: str, size: tuple[int, int]) -> Path:
        """A picture of noise, which no format makes small."""
        file = self.folder / name
        Image.effect_noise(size, 60).convert("RGB").save(file)
        return file

    def write_large(self, name: str, size: int) -> Path:
        """A picture with a long tail of zeros, most of which the disk does not hold."""
        file = self.folder / name
        Image.new("RGB", (8, 8)).save(file, "JPEG")
        os.truncate(file, size)
        return file


@pytest.fixture
def depot(tmp_path: Path, pool: Pool, foreign: Foreign) -> Depot:
    """A folder of originals and a catalog of 2,000 records, all of the file one.png and each of another width or height."""
    rows = "".join(
        f"i{number}\tone.png\twid={150 + number % 50}&hei={150 + number // 50}&fit=stretch\n" for number in range(2000)
    )
    (tmp_path / "many.tab").write_text(f"Id\tPath\tModifier\n{rows}")
    (tmp_path / "many.ini").write_text("RootId=many\nCatalogFile=many.tab\n")
    catalogs = CatalogFolder(tmp_path, None)
    return Depot(tmp_path, Renditions(catalogs, [Folder(tmp_path)], foreign, pool, ServiceConfig(memory=16 * MB)))


def resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files() -> set[str]:
    """What this process has open."""
    return {os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")}  # noqa: PTH208  # no paths


async def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # what is waited for tells nobody
            await asyncio.sleep(0.02)


async def test_what_fails_on_the_way_is_left_out_and_the_others_continue(depot: Depot) -> None:
    large = depot.write_large("a.jpg", 64 * MB)
    depot.picture("gone.png", (8, 8))
    depot.picture("last.png", (8, 8))
    handles = ["a.jpg", "gone.png", "last.png"]
    async with (
        serving(depot.renditions, ExportConfig()) as client,
        client.post("/export", json={"assetHandleArray": handles, "fmt": "orig"}) as response,
    ):
        begun = await response.content.readexactly(MB)
        (depot.folder / "gone.png").unlink()
        os.truncate(large, 40 * MB)
        data = begun + await response.content.read()
    read = zipfile.ZipFile(io.BytesIO(data))
    assert read.testzip() is None
    assert read.namelist() == ["last.png", "export-report.json"]
    errors = [line.get("error", "") for line in json.loads(read.read("export-report.json"))["assets"]]
    assert errors == [
        f"a.jpg: {24 * MB} bytes are missing: it became shorter while it was read",
        "original not found: gone.png",
        "",
    ]


async def test_an_original_that_cannot_be_decoded_costs_its_own_rendition_only(depot: Depot) -> None:
    whole = depot.picture("whole.jpg", (300, 300)).read_bytes()
    (depot.folder / "torn.jpg").write_bytes(whole[: len(whole) // 2])
    fields = {"assetHandleArray": ["torn.jpg", "whole.jpg"], "fmt": "convert", "is_modifier": "fmt=png"}
    async with serving(depot.renditions, ExportConfig()) as client:
        read, report = await zip_of(client.post("/export", json=fields))
    assert read.namelist() == ["whole.png", "export-report.json"]
    assert "torn.jpg" in report["assets"][0]["error"]
    assert report["totals"] | {"bytes": 0} == {"assets": 2, "exported": 1, "failed": 1, "repeated": 0, "bytes": 0}


async def test_a_client_that_goes_away_ends_the_work(depot: Depot) -> None:
    depot.picture("one.png", (64, 64))
    handles = [f"many/i{number}" for number in range(300)]
    fields = {"assetHandleArray": handles, "fmt": "convert", "is_modifier": "fmt=tif"}
    async with serving(depot.renditions, ExportConfig(), window=200) as client:
        response = await client.post("/export", json=fields)
        await response.content.readexactly(MB)
        response.close()
        await eventually(lambda: depot.renditions.pool.pending == 0)
        plans = [await depot.renditions.plan(depot.renditions.read(f"{handle}?fmt=tif")) for handle in handles]
        made = sum(depot.renditions.cached(plan) is not None for plan in plans)
        await asyncio.sleep(0.2)
        assert made == sum(depot.renditions.cached(plan) is not None for plan in plans)
        assert 2 <= made < 150
        assert "proxy/export" not in repr(asyncio.all_tasks())


async def test_renditions_are_made_side_by_side_within_the_window(depot: Depot) -> None:
    depot.picture("one.png", (64, 64))
    fields = {"assetHandleArray": [f"many/i{number}" for number in range(60)], "fmt": "convert", "is_modifier": "fmt=tif"}
    under_way = set()
    async with serving(depot.renditions, ExportConfig()) as client, client.post("/export", json=fields) as response:
        async for _ in response.content.iter_any():
            under_way.add(depot.renditions.pool.pending)
    assert 2 <= max(under_way) <= 4


async def test_an_export_waits_where_the_server_is_overloaded(depot: Depot, foreign: Foreign) -> None:
    depot.picture("one.png", (64, 64))
    pool = Pool(PoolConfig(workers=1, queue=0), Opening(Limits()))
    renditions = Renditions(depot.renditions.folder, [Folder(depot.folder)], foreign, pool, ServiceConfig())
    fields = {"assetHandleArray": ["many/i0", "many/i1", "many/i2"], "fmt": "convert", "is_modifier": "fmt=tif"}
    try:
        async with serving(renditions, ExportConfig()) as client:
            read, _ = await zip_of(client.post("/export", json=fields))
    finally:
        pool.close()
    assert read.namelist() == ["i0.tiff", "i1.tiff", "i2.tiff", "export-report.json"]


async def test_a_client_that_goes_away_closes_the_original(depot: Depot) -> None:
    file = depot.write_large("a.jpg", 64 * MB)
    async with serving(depot.renditions, ExportConfig()) as client:
        response = await client.post("/export", json={"assetHandleArray": ["a.jpg"], "fmt": "orig"})
        await response.content.readexactly(MB)
        assert str(file) in open_files()
        response.close()
        await eventually(lambda: str(file) not in open_files())


async def test_a_client_that_takes_nothing_is_given_up(depot: Depot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    file = depot.write_large("a.jpg", 64 * MB)
    fields = {"assetHandleArray": ["a.jpg"], "fmt": "orig"}
    async with (
        serving(depot.renditions, ExportConfig(stalled=0.3)) as client,
        client.post("/export", json=fields) as response,
    ):
        await eventually(lambda: "took nothing for too long" in caplog.text)
        await eventually(lambda: str(file) not in open_files())
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.read()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs to know the memory of a process")
@pytest.mark.parametrize("fmt", ["orig", "convert"])
async def test_memory_does_not_grow_with_the_export(depot: Depot, fmt: str) -> None:
    """2,000 assets, 0.2 GB in all; what grows until it is full is the cache of renditions."""
    os.truncate(depot.picture("one.png", (64, 64)), 100_000)
    fields = {"assetHandleArray": [f"many/i{number}" for number in range(2000)], "fmt": fmt}
    fields |= {"is_modifier": "fmt=tif"} if fmt == "convert" else {}
    received, sizes = 0, []
    async with serving(depot.renditions, ExportConfig()) as client, client.post("/export", json=fields) as response:
        assert response.status == 200
        async for piece in response.content.iter_chunked(MB):
            received += len(piece)
            if received > 30 * MB:
                sizes.append(resident())
    assert received > 150 * MB
    assert max(sizes) - sizes[0] < 50 * MB
