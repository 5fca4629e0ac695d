"""What a running server takes over: changed catalogs, replaced originals; and what it answers without reading it again.

Pages: ``c-updating-image-catalogs``, ``r-is-http-cache``.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from proxy.catalog.addresses import Address
from proxy.catalog.watch import CatalogFolder
from proxy.gate import Admitted
from proxy.protocol.seal import sign
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import Pool, PoolConfig
from proxy.server.image import ImageRoute
from proxy.server.route import Manners
from proxy.service import LOOPBACK, Renditions, ServiceConfig
from proxy.sources.folders import Folder
from proxy.sources.hosts import ForeignConfig
from proxy.sources.http import Foreign
from tests.serving import BLUE, RED, YELLOW, Reply, Sections, Server, quadrants, serving, wait_until

REFRESH = 0.3
KEPT = 1.5
"""Seconds for which an original is taken to be unchanged."""


def write(file: Path, text: str) -> None:
    """Replace a file in one step, as a careful publisher does; never with the date it had."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text)
    os.utime(beside, ns=(time.time_ns(), time.time_ns()))
    beside.replace(file)


def paint(file: Path, color: tuple[int, int, int], size: tuple[int, int] = (40, 30)) -> None:
    beside = file.with_name("beside.png")
    Image.new("RGB", size, color).save(beside)
    os.utime(beside, ns=(time.time_ns(), time.time_ns()))
    beside.replace(file)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Server]:
    for name in ("images", "catalogs", "macros"):
        (tmp_path / name).mkdir()
    quadrants(40, 30).save(tmp_path / "images/quad.png")
    write(tmp_path / "catalogs/default.ini", "RootId=\n")
    write(tmp_path / "catalogs/shop.ini", "RootId=shop\nCatalogFile=shop.tab\nMaxPix=100,100\n")
    write(tmp_path / "catalogs/shop.tab", "Id\tPath\tModifier\nshoe\tquad.png\twid=10\n")
    write(tmp_path / "macros/own.tab", "Name\tDefinition\nmine\twid=11\n")
    sections: Sections = {
        "content": {"refresh": REFRESH, "macros": "macros"},
        "cache": {"validate_after": 600},
        "server": {"render_workers": 1},
    }
    with serving(tmp_path, sections) as server:
        yield server


def width(server: Server, target: str) -> int:
    reply = server.image(target)
    return reply.image.size[0] if reply.status == 200 else -reply.status


def test_a_changed_catalog_is_taken_over(shop: Server) -> None:
    catalogs = shop.folder / "catalogs"
    for _ in range(3):
        # in memory, and answered without being read
        assert (width(shop, "shop/shoe"), width(shop, "quad.png?$mine$")) == (10, 11)
    assert shop.image("shop/shoe")["X-Cache"] == "hit"
    write(catalogs / "shop.tab", "Id\tPath\tModifier\nshoe\tquad.png\twid=20\nboot\tquad.png\twid=21\n")
    time.sleep(3 * REFRESH)
    # data files alone are not looked at: the attribute file says when a catalog is published
    assert (width(shop, "shop/shoe"), width(shop, "shop/boot")) == (10, -403)
    write(catalogs / "shop.ini", "RootId=shop\nCatalogFile=shop.tab\nMaxPix=100,100\n")
    started = time.monotonic()
    assert wait_until(lambda: width(shop, "shop/shoe") == 20)
    assert time.monotonic() - started < 10 * REFRESH
    assert width(shop, "shop/boot") == 21
    assert wait_until(lambda: "the catalogs were read again" in shop.log)
    write(shop.folder / "macros/own.tab", "Name\tDefinition\nmine\twid=12\n")
    assert wait_until(lambda: width(shop, "quad.png?$mine$") == 12)


def test_a_new_catalog_and_one_that_goes(shop: Server) -> None:
    assert width(shop, "new/shoe") == -403
    write(shop.folder / "catalogs/new.ini", "RootId=new\nCatalogFile=shop.tab\n")
    assert wait_until(lambda: width(shop, "new/shoe") == 10)
    (shop.folder / "catalogs/new.ini").unlink()
    assert wait_until(lambda: width(shop, "new/shoe") == -403)


def test_a_filter_counts_at_once_when_it_is_taken_over(shop: Server) -> None:
    for _ in range(3):
        assert width(shop, "shop/shoe") == 10
    write(shop.folder / "catalogs/shop.ini", "RootId=shop\nCatalogFile=shop.tab\nClientAddressFilter=192.0.2.0/24\n")
    # neither a plan nor a reply from before is left, long though originals are taken to be unchanged
    assert wait_until(lambda: width(shop, "shop/shoe") == -403, 20 * REFRESH)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("shop.ini", "RootId=shop\nCatalogFile=nowhere.tab\n", "nowhere.tab"),
        ("shop.ini", "RootId=shop\nCatalogFile=shop.tab\nRequestLock=perhaps\n", "RequestLock"),
        ("shop.ini", "RootId=shop\nCatalogFile=shop.tab\nRuleSetFile=none.xml\n", "none.xml"),
        ("default.ini", None, "default.ini"),
    ],
)
def test_a_broken_change_leaves_the_old_catalogs_serving(shop: Server, name: str, text: str | None, told: str) -> None:
    assert (width(shop, "shop/shoe"), shop.ask("/readyz").status) == (10, 200)
    file = shop.folder / "catalogs" / name
    before = file.read_text()
    write(shop.folder / "catalogs/shop.tab", "Id\tPath\tModifier\nshoe\tquad.png\twid=20\n")
    if text is None:
        file.unlink()
    else:
        write(file, text)
    assert wait_until(lambda: shop.ask("/readyz").status == 503)
    ready = shop.ask("/readyz")
    assert told in ready.text
    assert str(shop.folder) not in ready.text
    assert (width(shop, "shop/shoe"), width(shop, "shop/shoe?wid=9")) == (10, 9)
    assert shop.ask("/healthz").status == 200
    time.sleep(3 * REFRESH)
    assert shop.log.count("are not taken over") == shop.log.count(told) == 1
    write(file, before)
    assert wait_until(lambda: shop.ask("/readyz").status == 200)
    assert wait_until(lambda: width(shop, "shop/shoe") == 20)


# ---- originals, and replies from the hot store


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "images").mkdir()
    paint(tmp_path / "images/one.png", RED)
    with serving(tmp_path, {"cache": {"validate_after": KEPT}, "server": {"render_workers": 1}}) as server:
        yield server


def hot(server: Server, target: str) -> Reply:
    """Have a reply made, found in the cache, and then answered without being read; give that."""
    assert server.image(target)["X-Cache"] == "miss"
    assert server.image(target)["X-Cache"] == "hit"
    reply = server.image(target)
    assert reply["X-Cache"] == "hit"
    return reply


def test_a_replaced_original_shows_when_its_time_has_come(fresh: Server) -> None:
    target = "one.png?fmt=png"
    before = hot(fresh, target)
    assert before.pixel(5, 5)[:3] == RED
    paint(fresh.images / "one.png", BLUE)
    replaced = time.monotonic()
    while (reply := fresh.image(target))["ETag"] == before["ETag"]:
        assert time.monotonic() - replaced < KEPT + 0.5
    assert reply.pixel(5, 5)[:3] == BLUE
    assert fresh.image(target, {"If-None-Match": before["ETag"]}).status == 200


def test_an_original_that_goes_is_missed(fresh: Server) -> None:
    hot(fresh, "one.png?wid=9")
    (fresh.images / "one.png").unlink()
    assert wait_until(lambda: fresh.image("one.png?wid=9").status == 403, KEPT + 0.5)


def test_hot_replies_are_like_others(fresh: Server) -> None:
    target = "one.png?fmt=png&wid=20"
    cold = fresh.image(target)
    whole = hot(fresh, f"{target}&hei=16")
    head = fresh.image(f"{target}&hei=16", method="HEAD")
    assert (head.status, head.body, head["Content-Length"]) == (200, b"", str(len(whole.body)))
    same = fresh.image(f"{target}&hei=16", {"If-None-Match": whole["ETag"]})
    assert (same.status, same.body, same["ETag"]) == (304, b"", whole["ETag"])
    part = fresh.image(f"{target}&hei=16", {"Range": "bytes=1-3"})
    assert (part.status, part.body) == (206, whole.body[1:4])
    assert fresh.image(f"{target}&hei=16", {"Range": "bytes=99999-"}).status == 416
    for name in ("Cache-Control", "Content-Type", "Access-Control-Allow-Origin", "Accept-Ranges"):
        assert whole[name] == head[name] == cold[name]
    assert fresh.ask(f"/is/image/{target}&hei=16", method="POST").status == 405
    assert fresh.ask(f"/is/image/{target}&hei=16", method="OPTIONS").status == 204


@pytest.mark.parametrize("word", ["validate", "update"])
def test_who_wants_originals_looked_at_is_not_given_a_hot_reply(tmp_path: Path, word: str) -> None:
    (tmp_path / "images").mkdir()
    paint(tmp_path / "images/one.png", RED)
    with serving(tmp_path, {"cache": {"validate_after": 600}, "server": {"render_workers": 1}}) as server:
        target = f"one.png?fmt=png&cache={word}"
        for _ in range(3):
            assert server.image(target).pixel(5, 5)[:3] == RED
        paint(server.images / "one.png", YELLOW)
        assert server.image(target).pixel(5, 5)[:3] == YELLOW


def test_a_small_memory_holds_no_hot_reply_that_is_too_large_for_it(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    paint(tmp_path / "images/one.png", RED, (200, 200))
    with serving(tmp_path, {"cache": {"memory": "200 KB"}, "server": {"render_workers": 1}}) as server:
        for cached in ("miss", "hit", "hit", "hit"):
            reply = server.image("one.png?fmt=tif")
            assert (reply["X-Cache"], reply.image.size) == (cached, (200, 200))


class Counting(Renditions):
    """The one path, counting the requests that come to it."""

    admitted = 0

    def admit(self, target: str, client: Address | None = LOOPBACK, *, static: bool = False) -> Admitted:
        self.admitted += 1
        return super().admit(target, client, static=static)


KEY = "a key that is long enough"
RULES = "<ruleset><rule><expression>never</expression></rule></ruleset>"
CATALOGS = {
    "default.ini": "RootId=\n",
    "open.ini": "RootId=open\nClientAddressFilter=0.0.0.0/0\n",
    "filtered.ini": "RootId=filtered\nClientAddressFilter=127.0.0.0/8\n",
    "ruled.ini": "RootId=ruled\nRuleSetFile=rules.xml\n",
    "rules.xml": RULES,
    "gone.ini": "RootId=gone\nExpiration=0\n",
}


@pytest.mark.parametrize(
    ("target", "manners", "read"),
    [
        ("one.png", Manners(), 2),
        ("one.png?wid=9", Manners(), 2),
        ("one.png?req=tmb", Manners(), 2),
        ("one.png?req=mask", Manners(), 2),
        ("gone/one.png", Manners(), 2),
        ("one.png?cache=validate", Manners(), 5),
        ("one.png?cache=update", Manners(), 5),
        ("one.png?cache=off", Manners(), 5),
        ("one.png?cache=on,off", Manners(), 5),
        ("one.png?req=props", Manners(), 5),
        ("none.png", Manners(), 5),
        ("one.png?" + "a" * 1000, Manners(), 5),
        ("filtered/one.png", Manners(), 5),
        ("ruled/one.png", Manners(), 5),
        (sign("/is/image/one.png", "", KEY).removeprefix("/is/image/"), Manners(url_keys=(KEY,)), 5),
    ],
)
async def test_what_is_answered_without_being_read(tmp_path: Path, target: str, manners: Manners, read: int) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "catalogs").mkdir()
    for name, text in CATALOGS.items():
        (tmp_path / "catalogs" / name).write_text(text)
    paint(tmp_path / "images/one.png", RED)
    folder, pool = CatalogFolder(tmp_path / "catalogs", None), Pool(PoolConfig(workers=1), Opening(Limits()))
    service = ServiceConfig(validate_after=600)
    renditions = Counting(folder, [Folder(tmp_path / "images")], Foreign(ForeignConfig()), pool, service)
    app = web.Application()
    app.router.add_get("/is/image{tail:.*}", ImageRoute(renditions, "", manners).handle)
    try:
        async with TestClient(TestServer(app)) as client:
            replies = [await client.get(f"/is/image/{target}") for _ in range(5)]
            bodies = {await reply.read() for reply in replies}
            assert len({reply.status for reply in replies}) == 1
            assert len(bodies) == 1 or "props" in target
            assert renditions.admitted == read
    finally:
        renditions.close()
