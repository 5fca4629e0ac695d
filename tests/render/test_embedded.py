"""``pathEmbed=`` and ``xmpEmbed=``: from originals into replies (``r-pathembed``, ``r-xmpembed``).

Each original shows white what its path encloses, so wherever the picture goes the path has to go as well.
"""

import io
import struct
import tempfile
from pathlib import Path as File

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageOps

from proxy.catalog.records import Record
from proxy.errors import BadSource
from proxy.formats._resources import path_resources
from proxy.formats._segments import resource_segments, xmp_segments
from proxy.protocol.path import Path, Subpath
from proxy.recipe.model import NamedPath
from proxy.render.load import probe
from proxy.render.paths import coverage
from proxy.render.pipeline import Opening, render
from tests.composed import Desk, catalog, catalogs
from tests.pictures import LIMITS

SIZE = (240, 160)
SHAPE = Path(
    (
        Subpath((30, 20), (((120, 10), (150, 60), (210, 30)), ((200, 130),), ((120, 150), (60, 150), (40, 120))), closed=True),
        Subpath((80, 60), (((80, 90),), ((130, 90),), ((130, 60),)), closed=True),
    )
)
PACKET = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><title>Gr\xc3\xbcn</title></x:xmpmeta>'
LONG = PACKET.replace(b"<title>", b"<title>" + b"x" * 100_000)
ORIENTED = b"Exif\0\0" + struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 274, 3, 1, 6, 0, 0)


def opened(number: int, name: bytes, resource: bytes = b"") -> bytes:
    """A path resource with an open subpath behind those of another one."""
    knots = [struct.pack(">H6i", 5, *((y << 20, x << 20) * 3)) for x, y in ((0, 0), (8, 8), (15, 2))]
    data = resource[16:] + struct.pack(">HH", 3, len(knots)).ljust(26, b"\0") + b"".join(knots)
    return (
        struct.pack(">4sHB", b"8BIM", number, len(name))
        + name
        + b"\0" * (1 - len(name) % 2)
        + struct.pack(">I", len(data))
        + data
    )


def original(packet: bytes = PACKET, extra: bytes = b"") -> bytes:
    (shape,) = path_resources((NamedPath("Shape", SHAPE),), SIZE)
    out = io.BytesIO()
    paths = resource_segments([shape, opened(2001, b"Open"), opened(2002, b"Both!", shape)])
    beside = extra + xmp_segments(packet) + paths
    coverage(SHAPE, SIZE).convert("RGB").save(out, "JPEG", quality=100, subsampling=0, extra=beside)
    return out.getvalue()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder: File = tmp_path_factory.mktemp("originals")
    files = {"shape": original(), "long": original(LONG), "turned": original(extra=exif_segment()), "none": plain()}
    files |= {"shape-area": plain("white"), "turned-area": plain("white", exif_segment())}
    records, headers = [], {}
    for name, data in files.items():
        path = folder / f"{name}.jpg"
        path.write_bytes(data)
        headers[str(path)] = probe(str(path), LIMITS)
        records.append(Record(name, path=str(path)))
    return Desk(catalogs(catalog("g", *records)), headers)


def exif_segment() -> bytes:
    return struct.pack(">BBH", 0xFF, 0xE1, len(ORIENTED) + 2) + ORIENTED


def plain(color: str = "black", extra: bytes = b"") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", SIZE, color).save(out, "JPEG", extra=extra)
    return out.getvalue()


def reply(desk: Desk, query: str) -> tuple[Image.Image, dict[str, Path], bytes]:
    """The picture, its paths in pixels, and the file."""
    data = render(desk.recipe(f"g/{query}"), Opening(LIMITS)).data
    with Image.open(io.BytesIO(data)) as image:
        image.load()
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return image, {item.name: item.path for item in probe(file.name, LIMITS).paths}, data


QUERIES = [
    "",
    "wid=120",
    "wid=97&hei=97&fit=stretch",
    "scl=0.5",
    "flip=lr",
    "flip=ud",
    "layer=0&flip=lr",
    "layer=0&rotate=90",
    "layer=0&rotate=270&flip=ud",
    "layer=0&rotate=30",
    "rotate=-17&wid=200",
    "crop=40,20,150,110",
    "crop=-30,-20,300,200",
    "cropN=.1,.2,.7,.6&wid=180",
    "extend=20,10,40,-15",
    "extendN=.1,.2,-.1,.1&layer=0&rotate=180",
    "layer=comp&cropPathE=Shape&wid=150",
    "layer=comp&cropPathE=Shape&flip=lr&scl=1.5",
    "size=120,80&layer=comp&wid=200&fit=fit,1",
    "wid=300&hei=300&align=-1,1",
    "wid=150&hei=150&fit=crop",
    "wid=150&hei=150&fit=crop&align=1,0",
    "rgn=60,40,120,80&wid=100",
    "rect=20,10,150,100,0.8&wid=240",
    "wid=100&dpr=on,2",
    "req=tmb&wid=90&hei=90",
    "crop=20,10,180,140&flip=lr&rotate=25&extend=5,5,5,5&wid=170&hei=190&rect=10,20,140,150",
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("name", ["shape", "turned"])
def test_the_path_lies_where_the_picture_lies(desk: Desk, name: str, query: str) -> None:
    query = f"bgc=000000&qlt=100,1&resMode=bilin&{query}"
    image, paths, _ = reply(desk, f"{name}?pathEmbed=1&{query}")
    # the original without a path cannot be cropped to one; its own box is white all over
    cropped = "cropPathE" in query
    area = Image.new("L", image.size, 255) if cropped else ImageOps.grayscale(reply(desk, f"{name}-area?{query}")[0])
    # the path goes on where the picture is cut off
    drawn = ImageChops.multiply(coverage(paths["Shape"], image.size), area)
    # edges are soft, so what counts is where they are: off by a pixel, one in a hundred would differ
    differ = (np.asarray(drawn) > 127) != (np.asarray(ImageOps.grayscale(image)) > 127)
    assert differ.mean() < 0.004
    assert np.asarray(drawn).mean() > 20


def test_open_subpaths_are_not_passed_on(desk: Desk) -> None:
    _, paths, _ = reply(desk, "shape?pathEmbed=1")
    assert list(paths) == ["Shape", "Both!"]
    assert len(paths["Both!"].subpaths) == 2


@pytest.mark.parametrize("query", ["shape", "shape?pathEmbed=0", "none?pathEmbed=1", "none?pathEmbed=1&layer=1&src=g/shape"])
def test_no_paths_but_those_that_are_asked_for(desk: Desk, query: str) -> None:
    assert reply(desk, query)[1] == {}


def test_there_are_none_in_perspective(desk: Desk) -> None:
    assert reply(desk, "shape?pathEmbed=1&layer=0&perspective=0,0,200,10,200,150,10,140")[1] == {}


def test_a_nested_picture_has_no_paths(desk: Desk) -> None:
    _, paths, data = reply(desk, "none?src=is{g/shape?pathEmbed=1&xmpEmbed=1}&pathEmbed=1&xmpEmbed=1")
    assert paths == {}
    assert PACKET not in data


def test_equal_paths_make_equal_recipes(desk: Desk) -> None:
    assert desk.recipe("g/shape?pathEmbed=1&fmt=png") == desk.recipe("g/shape?fmt=png")
    assert desk.recipe("g/none?pathEmbed=1&xmpEmbed=1") == desk.recipe("g/none")
    assert desk.recipe("g/shape?pathEmbed=1&wid=100") != desk.recipe("g/shape?wid=100")


@pytest.mark.parametrize("fmt", ["jpeg", "pjpeg", "tif", "tif-alpha", "tif,cmyk,lzw", "jpeg,gray"])
def test_the_packet_is_passed_on_as_it_is(desk: Desk, fmt: str) -> None:
    assert PACKET in reply(desk, f"shape?xmpEmbed=1&fmt={fmt}&wid=50")[2]
    assert b"xmpmeta" not in reply(desk, f"shape?xmpEmbed=0&fmt={fmt}&wid=50")[2]
    assert b"xmpmeta" not in reply(desk, f"none?xmpEmbed=1&fmt={fmt}&wid=50")[2]


def test_only_that_of_layer_0(desk: Desk) -> None:
    assert b"xmpmeta" not in reply(desk, "none?xmpEmbed=1&layer=1&src=g/shape")[2]
    assert PACKET in reply(desk, "shape?xmpEmbed=1&layer=1&src=g/none")[2]


def test_a_size_limit_counts_the_packet(desk: Desk) -> None:
    data = reply(desk, "shape?xmpEmbed=1&pathEmbed=1&iccEmbed=1&jpegSize=9&qlt=100,1")[2]
    assert len(data) <= 9 * 1024
    assert PACKET in data
    assert len(reply(desk, "shape?xmpEmbed=1&pathEmbed=1&iccEmbed=1&qlt=100,1")[2]) > 9 * 1024


def test_an_original_that_was_cut_short_is_an_error(tmp_path: File) -> None:
    path = tmp_path / "gone.jpg"
    path.write_bytes(original())
    recipe = Desk(catalogs(catalog("g", Record("gone", path=str(path)))), {str(path): probe(str(path), LIMITS)}).recipe(
        "g/gone?xmpEmbed=1"
    )
    path.write_bytes(original()[:200])
    with pytest.raises(BadSource):
        render(recipe, Opening(LIMITS))
