"""A short run over the whole language, every request that was answered wrongly once, and what the judge goes by."""

import asyncio
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from tests.fuzz.ask import Ask, read_file, read_line
from tests.fuzz.ground import Ground, foreign, prepare
from tests.fuzz.judge import judge
from tests.fuzz.originals import damage
from tests.fuzz.run import Maker, Outcome, confirmed, numbered, run
from tests.fuzz.shrink import shrunk
from tests.fuzz.wire import Connection, NoReplyError, Reply

SEED, COUNT = 20, 1500
KEPT = read_file(Path(__file__).with_name("found.txt"))
UNBUILT = ("text=", "pathEmbed= (but for 0)", "fmt=eps", "an SVG image")


@contextmanager
def temporary(folder: Path) -> Iterator[Ground]:
    yield prepare(folder, 9)


async def short_run(folder: Path) -> Outcome:
    async with foreign() as port:
        ground = prepare(folder, port)
        asks = [*((-2 - place, ask) for place, ask in enumerate(KEPT)), *numbered(Maker(ground, SEED), 0, COUNT)]
        with ground.server() as server:
            outcome = await run(ground, server, asks)
        # what was slow beside other work may be quick alone
        outcome.findings = await confirmed(ground, outcome.findings, 10, tries=0)
    return outcome


def test_nothing_that_can_be_asked_makes_it_fail(tmp_path: Path) -> None:
    outcome = asyncio.run(short_run(tmp_path))
    assert [finding.line(SEED, "all") for finding in outcome.findings] == []
    assert outcome.asked == COUNT + len(KEPT)
    assert outcome.pixels > 0.35 * outcome.asked, outcome.statuses


def test_a_number_names_one_request(tmp_path: Path) -> None:
    with temporary(tmp_path) as ground:
        first, again = Maker(ground, 3), Maker(ground, 3)
        asks = [ask for _, ask in numbered(first, 0, 300)]
        assert [again.ask(number) for number in range(299, -1, -1)] == asks[::-1]
        assert len({ask.line() for ask in asks}) > 250
        assert [read_line(ask.line()) for ask in asks] == asks


def reply(status: int = 200, body: bytes = b"", media_type: str = "text/plain") -> Reply:
    return Reply(status, {"content-type": media_type}, body, 0.1)


def encoded(format_: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, format_)
    return buffer.getvalue()


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", "x" * 99)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("target", "seen", "symptom"),
    [
        ("/is/image/a", reply(500, b"x"), "status 500"),
        ("/is/image/a", reply(503, b"x"), "status 503"),
        ("/is/image/a", reply(504, b"x"), "status 504"),
        ("/is/image/a?req=saveToFile&timeout=1", reply(504, b"x"), None),
        ("/is/image/a", reply(403, b"no"), None),
        ("/is/image/a", reply(403, b"no: /home/me/a.png"), "an error that tells too much"),
        ("/is/image/a", reply(403, b"no\nTraceback (most recent"), "an error that tells too much"),
        ("/is/image/a", reply(501, b"Not built yet: text= is documented, but this version does not"), None),
        ("/is/image/a", reply(501, b"Not built yet: pathEmbed= is documented, but this version does not"), None),
        ("/is/image/a", reply(501, b"Not built yet: an SVG image (x.svg) is documented, but this version does not"), None),
        ("/is/image/a", reply(501, b"Not built yet: wid= is documented, but this version"), "status 501 for what is built"),
        ("/is/image/a", reply(501, b"nobody knows"), "status 501 for what is built"),
        ("/is/image/a", reply(200, encoded("PNG"), "image/png"), None),
        ("/is/image/a", reply(200, encoded("PNG"), "image/jpeg"), "a body that is no image/jpeg"),
        ("/is/image/a", reply(200, encoded("PNG")[:-30], "image/png"), "a body that is no image/png"),
        ("/is/image/a", reply(200, encoded("TIFF"), "image/tiff"), None),
        ("/is/image/a", reply(200, encoded("TIFF")[:60], "image/tiff"), "a body that is no image/tiff"),
        ("/is/image/a", reply(200, b'cb({"a":1},"x");', "text/javascript"), None),
        ("/is/image/a?req=props,json", reply(200, b'cb({"a":1},"x");', "text/javascript"), None),
        ("/is/image/a?req=props,json", reply(200, b'cb({"a":1,"x");', "text/javascript"), "a body that is no text/javascript"),
        ("/is/image/a", reply(200, b"<a><b></a>", "text/xml"), "a body that is no text/xml"),
        ("/is/image/a", reply(200, b"\xff", "text/plain; charset=utf-8"), "a body that is no text/plain"),
        ("/is/image/a", reply(200, b"x", "image/unheard-of"), "a body of an unknown type"),
        ("/export", reply(200, zipped(), "application/zip"), None),
        ("/export", reply(200, zipped()[:-9], "application/zip"), "a body that is no application/zip"),
    ],
)
def test_what_is_wrong_with_a_reply(target: str, seen: Reply, symptom: str | None) -> None:
    wrong = judge(Ask(target), seen, UNBUILT, thoroughly=True)
    assert (wrong and wrong.symptom) == symptom


async def test_a_failing_request_is_made_shorter() -> None:
    async def fails(ask: Ask) -> bool:
        return "b=2" in ask.target and "is{" in ask.target

    long = Ask("/is/image/x?a=1&src=is{y?c=3&b=2&d=4}&layer=1&e=5", headers={"Range": "bytes=0-"})
    assert await shrunk(long, fails) == Ask("/is/image/x?src=is{y?b=2}")


async def test_a_failing_export_is_made_shorter() -> None:
    async def fails(ask: Ask) -> bool:
        return "bad" in ask.body

    long = Ask("/export", "POST", {}, '{"assetHandleArray": ["a", "bad", "c"], "fmt": "convert"}')
    assert (await shrunk(long, fails)).body == '{"assetHandleArray": ["bad"]}'


def test_damage_follows_from_its_number() -> None:
    data = bytes(range(256)) * 9
    made = [damage(data, Random(number)) for number in range(50)]
    assert made == [damage(data, Random(number)) for number in range(50)]
    assert sum(one != data for one in made) > 45


async def test_a_server_that_says_nothing_is_told_of() -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        with pytest.raises(NoReplyError, match=r"IncompleteReadError|Connection"):
            await Connection(server.sockets[0].getsockname()[1], 5).ask(Ask("/"))
