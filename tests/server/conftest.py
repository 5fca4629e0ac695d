"""One server for all tests of what a server answers, with catalogs and originals made for them."""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.serving import BLUE, GREEN, RED, Server, busy, quadrants, serving

CATALOGS = {
    "default.ini": "RootId=\nMacroFile=macros.tab\nResMode=3\nMaxPix=8000,8000\nExpiration=10\nErrorDetail=2\n",
    "macros.tab": "Name\tDefinition\nloop\twid=5&$loop$\nping\thei=5&$pong$\npong\t$ping$\nmany\t" + "wid=5&" * 1500 + "\n",
    **{f"detail{level}.ini": f"RootId=detail{level}\nErrorDetail={level}\n" for level in range(4)},
    "ttl.ini": "RootId=ttl\nCatalogFile=ttl.tab\nExpiration=2\nNonImgExpiration=0.5\n",
    "ttl.tab": "Id\tPath\tExpiration\n"
    + "".join(
        f"{id_}\tquad.png\t{hours}\n"
        for id_, hours in (("zero", "0"), ("never", "-1"), ("catalog", "-2"), ("half", "0.5"), ("unset", ""))
    ),
    "forever.ini": "RootId=forever\nExpiration=-1\nNonImgExpiration=-1\n",
    "stamp.ini": "RootId=stamp\nUseLastModified=1\nCatalogFile=stamp.tab\n",
    "stamp.tab": "Id\tPath\tTimeStamp\nquad\tquad.png\t06/15/2024 12:00:00 GMT\n",
    "whole.ini": "RootId=whole\nDefaultImage=/green.png\nDefaultImageMode=0\nDefaultExpiration=3\n",
    "layer.ini": "RootId=layer\nDefaultImage=/green.png\nDefaultImageMode=1\nDefaultExpiration=3\n",
    "paths.ini": "RootId=paths\nCatalogFile=paths.tab\n",
    "paths.tab": "Id\tPath\nabsolute\t/etc/hostname\nupwards\t../secret.png\nlinked\tlinked.png\n",
    "records.ini": "RootId=records\nAllowDirectAccess=include:\n",
}
SECRET = (1, 2, 3)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG of one bit a pixel with some chunks."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + _chunk(b"IEND", b"")


def _bomb(side: int) -> bytes:
    """A black square: small as a file, large once it is decoded."""
    packer = zlib.compressobj(1)
    row = bytes(1 + (side + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return _png(side, side, _chunk(b"IDAT", data))


def _originals(images: Path) -> None:
    images.mkdir()
    quadrants(40, 30).save(images / "quad.png")
    quadrants(40, 30).save(images / "really-a-png.jpg", "PNG")
    Image.new("RGB", (20, 10), GREEN).save(images / "green.png")
    half = Image.new("RGBA", (20, 10), (*RED, 255))
    half.paste((*RED, 0), (10, 0, 20, 10))
    half.save(images / "alpha.png")
    Image.new("RGBA", (10, 10), (*BLUE, 128)).save(images / "semi.png")
    picture = busy(61, 47)
    picture.save(images / "busy.png")
    picture.save(images / "busy.jpg", quality=90)
    Image.new("RGB", (50, 50), SECRET).save(images.parent / "secret.png")
    (images / "sub").mkdir()
    quadrants(8, 8).save(images / "sub/small.png")
    (images / "outside.png").symlink_to(images.parent / "secret.png")
    (images / "outside").symlink_to(images.parent)
    (images / "linked.png").symlink_to("sub/small.png")
    (images / "bomb.png").write_bytes(_bomb(30_000))
    (images / "giant.png").write_bytes(_png(2**31 - 1, 2**31 - 1, _chunk(b"IDAT", zlib.compress(b"\0"))))
    (images / "textbomb.png").write_bytes(
        _png(8, 8, _chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000), 1)), _chunk(b"IDAT", zlib.compress(bytes(16))))
    )
    for suffix in ("png", "jpg"):
        whole = (images / f"busy.{suffix}").read_bytes()
        (images / f"half.{suffix}").write_bytes(whole[: len(whole) // 2])
        (images / f"head.{suffix}").write_bytes(whole[:24])
    (images / "empty.png").touch()
    (images / "text.png").write_text("no picture at all\n")
    (images / "noise.tif").write_bytes(b"II*\0" + bytes(range(1, 250)))
    (images / "folder.png").mkdir()
    os.mkfifo(images / "pipe.png")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    _originals(folder / "images")
    (folder / "catalogs").mkdir()
    for name, text in CATALOGS.items():
        (folder / "catalogs" / name).write_text(text)
    with serving(folder) as running:
        yield running
