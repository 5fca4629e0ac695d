"""``req=message``, ``req=xmp`` and ``req=mbrSet`` (``r-message``, ``r-xmp``, ``r-mbrset``)."""

import io
import logging
import struct
import zlib
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image, PngImagePlugin

from proxy.errors import BadValue, Missing, RequestError
from proxy.recipe.model import Header, Source
from proxy.render.xmp import LONGEST, read_packet
from proxy.service import Renditions
from tests.answers.metadata.conftest import Asking

PACKET = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><title>Gr\xc3\xbcn &amp; Blau</title></x:xmpmeta>'
WRAPPED = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>' + PACKET + b" " * 2000 + b'<?xpacket end="w"?>'

MESSAGES = [
    ("shop?req=message&message=This%20is%20it", "shop: This is it"),
    ("?req=message&message=a+b", "(no object): a b"),
    ("shop/x?req=message&MESSAGE=one&message=two", "shop/x: two"),
    ("shop?req=message&message=a%0A2026-01-01%20ERROR%20forged", "shop: a\\n2026-01-01 ERROR forged"),
    ("shop?req=message&message=%1B[2Jgone", "shop: \\x1b[2Jgone"),
    ("shop?req=message&message=Gr%C3%B6%C3%9Fe", "shop: Größe"),
    ("shop?req=message&message=" + "x" * 2000, "shop: " + "x" * 1000 + "…"),
]


@pytest.mark.parametrize(("target", "line"), MESSAGES, ids=[target[:40] for target, _ in MESSAGES])
async def test_a_message_is_one_line_of_the_log(ask: Asking, caplog: pytest.LogCaptureFixture, target: str, line: str) -> None:
    with caplog.at_level(logging.INFO, "isproxy.message"):
        reply = await ask(target)
    assert [record.getMessage() for record in caplog.records] == [line]
    assert (reply.body, reply.media_type, reply.hours) == (b"", "text/plain; charset=utf-8", None)


@pytest.mark.parametrize("target", ["shop?req=message", "shop?req=message&message="])
async def test_no_message_is_not_logged(ask: Asking, caplog: pytest.LogCaptureFixture, target: str) -> None:
    with caplog.at_level(logging.INFO, "isproxy.message"):
        assert (await ask(target)).body == b""
    assert not caplog.records


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", xmp=WRAPPED)
    return out.getvalue()


def _png(*, compressed: bool) -> bytes:
    out, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Comment", "before")
    info.add_itxt("XML:com.adobe.xmp", WRAPPED.decode(), zip=compressed)
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def _tiff() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "TIFF", tiffinfo={700: WRAPPED})
    return out.getvalue()


def _webp() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "WEBP", xmp=WRAPPED)
    return out.getvalue()


FILES = {"jpg": _jpeg(), "png": _png(compressed=False), "zipped.png": _png(compressed=True), "tif": _tiff(), "webp": _webp()}


@pytest.mark.parametrize("suffix", FILES)
async def test_the_packet_of_every_kind_of_file(ask: Asking, renditions: Renditions, suffix: str) -> None:
    folder = _images(renditions)
    (folder / f"xmp.{suffix}").write_bytes(FILES[suffix])
    reply = await ask(f"xmp.{suffix}?req=xmp&wid=10")
    assert reply.media_type == "text/xml; charset=utf-8"
    assert reply.hours == 10
    assert reply.body.partition(b"?>\n")[2] == PACKET + b"\n"
    assert etree.fromstring(reply.body)[0].text == "Grün & Blau"


def _images(renditions: Renditions) -> Path:
    assert renditions.config.save is not None
    return renditions.config.save.parent / "images"


@pytest.mark.parametrize("path", ["quad.png", "shop/quad", "shop/lost", "shop/nobody", "shop", ""])
async def test_no_packet_is_an_error(ask: Asking, path: str) -> None:
    with pytest.raises(Missing):
        await ask(f"{path}?req=xmp")


def _read(folder: Path, data: bytes, header: Header) -> bytes | None:
    file = folder / "original"
    file.write_bytes(data)
    return read_packet(Source("original", str(file), len(data), 0), header)


@pytest.mark.parametrize("at", [0, 5, 2**20 - 3, 2**20, 3 * 2**20 - 40])
def test_a_packet_anywhere_in_a_file(tmp_path: Path, at: int) -> None:
    assert _read(tmp_path, b"." * at + WRAPPED + b"." * 50, Header(1, 1, "rgb", format="PSD")) == PACKET


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_hostile_files(tmp_path: Path) -> None:
    header = Header(1, 1, "rgb", format="PSD", xmp=True)
    assert _read(tmp_path, b"<x:xmpmeta>" + b"x" * (LONGEST + 2**21), header) is None
    assert _read(tmp_path, b"", header) is None
    assert _read(tmp_path, WRAPPED, Header(1, 1, "rgb", format="JPEG")) is None
    png = b"\x89PNG\r\n\x1a\n"
    assert _read(tmp_path, png + b"\0\0", header) is None
    assert _read(tmp_path, png + _chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0"), header) is None
    assert _read(tmp_path, png + _chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0no zip"), header) is None
    bomb = zlib.compress(b" " * (2 * LONGEST) + PACKET)
    assert _read(tmp_path, png + _chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb), header) is None
    assert _read(tmp_path, png + struct.pack(">I4s", 2**32 - 1, b"iTXt") + PACKET, header) is None


async def test_a_playlist(ask: Asking) -> None:
    reply = await ask("shop/videos?req=mbrSet")
    assert reply.media_type == "application/vnd.apple.mpegurl"
    assert reply.hours == 0.5
    assert reply.body.decode().splitlines() == [
        "#EXTM3U",
        "#EXT-X-STREAM-INF:PROGRAM-ID=1,BANDWIDTH=700000",
        "http://media.example/apple/clip.mp4.m3u8",
        "#EXT-X-STREAM-INF:PROGRAM-ID=1,BANDWIDTH=1500000,RESOLUTION=1280x720",
        "http://media.example/apple/big%20clip.MP4.m3u8",
    ]


async def test_playlists_of_other_things(ask: Asking) -> None:
    assert (await ask("shop/videos?req=mbrset&fmt=m3u8")).body == (await ask("shop/videos?req=mbrSet,text")).body
    assert (
        b"BANDWIDTH=564000,RESOLUTION=320x180\nhttp://media.example/apple/film/clip.mp4.m3u8"
        in (await ask("shop/clip?req=mbrSet")).body
    )
    assert (await ask("shop/flash-videos?req=mbrSet")).body.endswith(b"/old.f4v.m3u8\n")
    for empty in ("shop/quad", "shop/spin", "shop/clip-silent", "shop/sheet", "shop/nobody"):
        assert (await ask(f"{empty}?req=mbrSet")).body == b""


@pytest.mark.parametrize("request_", ["req=mbrSet&fmt=f4m", "req=mbrSet,xml", "req=mbrSet,xml,UTF-8&fmt=m3u8"])
async def test_what_nobody_plays_any_more_is_refused_by_name(ask: Asking, request_: str) -> None:
    with pytest.raises(RequestError, match="f4m"):
        await ask(f"shop/videos?{request_}")
    with pytest.raises(BadValue, match="fmt"):
        await ask("shop/videos?req=mbrSet&fmt=png")
