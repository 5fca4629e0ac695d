"""What files carry beside the picture, read back: Photoshop paths and XMP packets in JPEG, TIFF and EPS."""

import hashlib
import io
import re
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image

from proxy.formats import Embedded, formats
from proxy.formats._resources import path_resources
from proxy.formats._segments import LONGEST
from proxy.protocol.path import Path, Subpath
from proxy.recipe.model import NamedPath, Output
from proxy.render.paths import coverage
from proxy.render.photoshop import resources
from proxy.render.photoshop_paths import embedded_paths

SIZE = (80, 50)
TRIANGLE = Path((Subpath((8, 5), (((72, 5),), ((40, 45),)), closed=True),))
RING = Path(
    (
        Subpath((10, 10), (((70, 10),), ((70, 40),), ((10, 40),)), closed=True),
        Subpath((20, 20), (((20, 30),), ((60, 30),), ((60, 20),)), closed=True),
    )
)
TWICE = Path(
    (
        Subpath((10, 10), (((70, 10),), ((70, 40),), ((10, 40),)), closed=True),
        Subpath((20, 20), (((60, 20),), ((60, 30),), ((20, 30),)), closed=True),
    )
)
APART = Path(
    (
        Subpath((5, 5), (((30, 5),), ((30, 40),)), closed=True),
        Subpath((45, 5), (((45, 40),), ((75, 40),)), closed=True),
    )
)
DROP = Path((Subpath((40, 5), (((70, 20), (70, 40), (40, 45)), ((10, 40), (10, 20), (40, 5))), closed=True),))
MIXED = Path((Subpath((5, 5), (((30, 0), (50, 0), (75, 5)), ((75, 45),), ((50, 20), (30, 60), (5, 45))), closed=True),))
BEYOND = Path((Subpath((-40, -10), (((200, 25),), ((-40, 60),)), closed=True),))
PATHS = {"TRIANGLE": TRIANGLE, "RING": RING, "TWICE": TWICE, "APART": APART, "DROP": DROP, "MIXED": MIXED, "BEYOND": BEYOND}
NAMED = tuple(NamedPath(name, path) for name, path in PATHS.items())
PACKET = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><title>Gr\xc3\xbcn</title></x:xmpmeta>'
LONG = PACKET.replace(b"<title>", b"<title>" + bytes(97 + number % 26 for number in range(200_000)))
PICTURE = Image.radial_gradient("L").resize(SIZE).convert("RGB")


def read(block: bytes) -> tuple[NamedPath, ...]:
    """Paths in a run of resources, in pixels of the picture."""
    return tuple(NamedPath(item.name, item.path.scaled(*SIZE)) for item in embedded_paths(resources(block)))


def encoded(name: str, paths: tuple[NamedPath, ...] = (), xmp: bytes = b"", **others: object) -> bytes:
    output = Output(name, paths=paths, **others)  # type: ignore[arg-type]  # fields of all kinds
    image = PICTURE
    if output.alpha:
        image = image.convert("RGBA")
    elif output.pixels != "rgb":
        image = image.convert({"gray": "L", "cmyk": "CMYK"}[output.pixels])
    return formats()[name].encode(image, output, Embedded(xmp=xmp))


@pytest.mark.parametrize("name", PATHS)
def test_a_path_comes_back_and_is_filled_alike(name: str) -> None:
    ((_, found),) = [(item.name, item.path) for item in read(b"".join(path_resources((NamedPath(name, PATHS[name]),), SIZE)))]
    wanted = np.asarray(coverage(PATHS[name], SIZE)).astype(int)
    assert np.abs(np.asarray(coverage(found, SIZE)).astype(int) - wanted).max() <= 2
    assert found.rounded(4).subpaths[0].start == PATHS[name].subpaths[0].start


def test_photoshop_would_make_a_hole_of_what_runs_against_what_it_lies_in() -> None:
    def operations(path: Path) -> list[int]:
        (resource,) = resources(path_resources((NamedPath("a", path),), SIZE)[0])
        records = [resource.data[at : at + 26] for at in range(0, len(resource.data), 26)]
        assert [struct.unpack(">H", record[:2])[0] for record in records[:3]] == [6, 8, 0]
        return [struct.unpack(">H", record[4:6])[0] for record in records if record[:2] == b"\0\0"]

    assert (operations(RING), operations(TWICE), operations(APART)) == ([1, 0], [1, 1], [1, 1])


def test_what_lies_too_far_away_is_left_out() -> None:
    far = Path((*TRIANGLE.subpaths, *TRIANGLE.moved(200 * SIZE[0], 0).subpaths))
    ((found),) = read(b"".join(path_resources((NamedPath("a", far),), SIZE)))
    assert len(found.path.subpaths) == 1


@pytest.mark.parametrize("name", ["", "Path 1", "Größe", "é" * 200, "漢字"])
def test_names(name: str) -> None:
    (found,) = read(b"".join(path_resources((NamedPath(name, TRIANGLE),), SIZE)))
    assert found.name == name


def segments(data: bytes, marker: int, begin: bytes) -> list[bytes]:
    """The content of a JPEG's marker segments that begin in some way."""
    found, at = [], 2
    while data[at + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", data, at + 2)
        content = data[at + 4 : at + 2 + length]
        if data[at + 1] == marker and content.startswith(begin):
            found.append(content[len(begin) :])
        at += 2 + length
    return found


def carried(data: bytes, name: str) -> tuple[NamedPath, ...]:
    if name == "tif":
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            return read(bytes(file.pages.first.tags[34377].value))
    if name == "eps":
        block = re.search(rb"%BeginPhotoshop: (\d+)\n(.*?)%EndPhotoshop\n", data, re.DOTALL)
        assert block is not None
        found = bytes.fromhex(block[2].replace(b"%", b"").decode())
        assert len(found) == int(block[1])
        return read(found)
    return read(b"".join(segments(data, 0xED, b"Photoshop 3.0\0")))


@pytest.mark.parametrize("name", ["jpeg", "pjpeg", "tif", "eps"])
@pytest.mark.parametrize("pixels", ["rgb", "gray", "cmyk"])
def test_formats_carry_paths(name: str, pixels: str) -> None:
    data = encoded(name, NAMED, pixels=pixels)
    found = carried(data, name)
    assert [item.name for item in found] == list(PATHS)
    for item in found:
        wanted = np.asarray(coverage(PATHS[item.name], SIZE)).astype(int)
        assert np.abs(np.asarray(coverage(item.path, SIZE)).astype(int) - wanted).max() <= 2
    assert b"8BIM" not in encoded(name, pixels=pixels)


@pytest.mark.parametrize("compression", ["none", "lzw", "zip", "jpeg"])
@pytest.mark.parametrize(("pixels", "alpha"), [("rgb", False), ("rgb", True), ("gray", False), ("cmyk", False), ("cmyk", True)])
def test_tiff_carries_both_in_every_kind(compression: str, pixels: str, alpha: bool) -> None:  # noqa: FBT001  # a table
    data = encoded("tif", NAMED, PACKET, compression=compression, pixels=pixels, alpha=alpha, quality=90)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages.first.tags
        assert PACKET in bytes(tags[700].value)
        assert bytes(tags[700].value).startswith('<?xpacket begin="\ufeff"'.encode())
        assert [item.name for item in read(bytes(tags[34377].value))] == list(PATHS)
        assert file.asarray().shape[:2] == SIZE[::-1]


def test_paths_fill_as_many_segments_as_they_need() -> None:
    many = tuple(NamedPath(f"{number}", MIXED) for number in range(900))
    data = encoded("jpeg", many)
    parts = segments(data, 0xED, b"Photoshop 3.0\0")
    assert len(parts) > 2
    assert all(part.startswith(b"8BIM") for part in parts)
    assert [item.name for item in read(b"".join(parts))] == [item.name for item in many]
    long = Path((Subpath((0, 0), tuple(((x % 80, x % 50),) for x in range(5000)), closed=True),))
    block = b"".join(segments(encoded("jpeg", (NamedPath("long", long),)), 0xED, b"Photoshop 3.0\0"))
    (found,) = [item for item in resources(block) if item.name == "long"]
    # a record of 26 bytes for each knot
    assert len(found.data) >= 26 * 5000


@pytest.mark.parametrize("name", ["jpeg", "pjpeg"])
def test_a_packet_that_fits_stands_in_one_segment(name: str) -> None:
    data = encoded(name, xmp=PACKET)
    (packet,) = segments(data, 0xE1, b"http://ns.adobe.com/xap/1.0/\0")
    assert PACKET in packet
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["xmp"] == packet
        assert image.getexif() == {}


def test_a_packet_that_does_not_fit_is_extended() -> None:
    data = encoded("jpeg", xmp=LONG)
    (main,) = segments(data, 0xE1, b"http://ns.adobe.com/xap/1.0/\0")
    digest = re.search(rb'HasExtendedXMP="([0-9A-F]{32})"', main)
    assert digest is not None
    whole = bytearray(len(LONG))
    for part in segments(data, 0xE1, b"http://ns.adobe.com/xmp/extension/\0"):
        length, at = struct.unpack(">II", part[32:40])
        assert (part[:32], length) == (digest[1], len(LONG))
        assert len(part) + 35 <= LONGEST
        whole[at : at + len(part) - 40] = part[40:]
    assert bytes(whole) == LONG
    assert hashlib.md5(LONG, usedforsecurity=False).hexdigest().upper().encode() == digest[1]


@pytest.mark.parametrize("size", range(65400, 65540, 7))
def test_no_length_of_packet_breaks_a_segment(size: int) -> None:
    data = encoded("jpeg", xmp=PACKET.replace(b"Gr", b"G" * (size - len(PACKET)) + b"r"))
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.size == SIZE


@pytest.mark.parametrize("name", ["jpeg", "pjpeg"])
def test_a_size_limit_is_that_of_the_whole_file(name: str) -> None:
    free = encoded(name, NAMED, PACKET, quality=95)
    limit = len(free) - 300
    data = formats()[name].encode(
        PICTURE, Output(name, quality=95, size_limit=limit, paths=NAMED), Embedded(b"a profile" * 20, PACKET)
    )
    assert len(data) <= limit
    assert PACKET in data
    assert b"8BIM" in data


@pytest.mark.parametrize("name", [name for name in formats() if not formats()[name].xmp])
def test_other_formats_carry_no_packet(name: str) -> None:
    assert encoded(name, xmp=PACKET) == encoded(name)
