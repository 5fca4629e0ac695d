"""Paths and perspective through a real server: those of files that are turned, and those that texts are clipped to."""

import io
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.serving import Server, serving

Levels = NDArray[np.uint8]
STORED = (48, 32)
WHITE = (0, 0, 24, 8)
"""The part of the stored picture that is white, and that its path goes round."""

TEXT = "canvas.png?layer=1&size=200,100&text=\\fs60%20HHHHHH&fmt=png&{}"


@pytest.fixture(scope="module", name="paths")
def _paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("paths")
    (folder / "images").mkdir()
    Image.new("RGB", (200, 100), (255, 255, 255)).save(folder / "images/canvas.png")
    for orientation in (1, 6, 7):
        (folder / f"images/turned{orientation}.jpg").write_bytes(turned(orientation))
    with serving(folder) as server:
        yield server


def turned(orientation: int) -> bytes:
    """A JPEG file with an EXIF orientation and a path of Photoshop's named a, which is in fractions of the stored picture."""
    picture = Image.new("L", STORED)
    picture.paste(255, WHITE)
    across, down = WHITE[2] / STORED[0], WHITE[3] / STORED[1]
    knots = [(0.0, 0.0), (across, 0.0), (across, down), (0.0, down)]
    records = [struct.pack(">H", 6), struct.pack(">HH", 8, 0), struct.pack(">HHh", 0, len(knots), 0)]
    # three times the same point, y before x
    records += [struct.pack(">H6i", 1, *[round(value * (1 << 24)) for value in (y, x)] * 3) for x, y in knots]
    data = b"".join(record.ljust(26, b"\0") for record in records)
    part = b"Photoshop 3.0\x008BIM" + struct.pack(">H", 2000) + b"\x01a" + struct.pack(">I", len(data)) + data
    exif = Image.Exif()
    exif[274] = orientation
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=100, exif=exif, extra=b"\xff\xed" + struct.pack(">H", len(part) + 2) + part)
    return file.getvalue()


@pytest.mark.parametrize(
    ("orientation", "size", "shown"),
    [(1, (48, 32), (0, 0, 24, 8)), (6, (32, 48), (24, 0, 32, 24)), (7, (32, 48), (24, 24, 32, 48))],
)
def test_a_clip_path_is_turned_with_the_picture(
    paths: Server, orientation: int, size: tuple[int, int], shown: tuple[int, int, int, int]
) -> None:
    reply = paths.image(f"turned{orientation}.jpg?clipPathE=a&fmt=png-alpha&scl=1")
    assert reply.status == 200, reply.text
    image = Image.open(io.BytesIO(reply.body))
    assert image.size == size
    assert image.getchannel("A").point([0] + [255] * 255).getbbox() == shown
    inside = np.asarray(image.convert("RGBA").crop(shown))
    assert inside[..., 3].min() == 255
    assert inside[1:-1, 1:-1, :3].min() > 240
    # and a crop to the same path is the white part
    cropped = Image.open(io.BytesIO(paths.image(f"turned{orientation}.jpg?cropPathE=a&fmt=png&scl=1").body))
    assert cropped.size == (shown[2] - shown[0], shown[3] - shown[1])
    assert np.asarray(cropped)[1:-1, 1:-1].min() > 240


def levels(server: Server, more: str) -> Levels:
    reply = server.image(TEXT.format(more))
    assert reply.status == 200, reply.text
    return np.asarray(Image.open(io.BytesIO(reply.body)).convert("L"))


def test_a_text_is_clipped(paths: Server) -> None:
    whole = levels(paths, "")
    left = levels(paths, "clipPath=M0,0L100,0,100,100,0,100Z")
    assert whole[:, 100:].min() < 50
    assert np.array_equal(left[:, :100], whole[:, :100])
    assert left[:, 100:].min() == 255
    right = levels(paths, "clipPath=M0,0L200,0,200,100,0,100Z&clipXPath=M0,0L100,0,100,100,0,100Z")
    assert right[:, :100].min() == 255
    assert np.array_equal(right[:, 100:], whole[:, 100:])


def test_a_text_is_brought_onto_a_quadrilateral(paths: Server) -> None:
    whole = levels(paths, "")
    half = levels(paths, "perspective=100,0,200,0,200,50,100,50")
    assert half[:, :98].min() == 255
    assert half[52:].min() == 255
    # a quarter of the area, a quarter of the ink
    assert (255.0 - half).sum() * 4 == pytest.approx((255.0 - whole).sum(), rel=0.1)
    mirrored = levels(paths, "perspective=200,0,0,0,0,100,200,100")
    assert np.abs(mirrored[:, ::-1].astype(int) - whole).mean() < 3


def test_a_text_is_clipped_in_the_rectangle_that_it_was_brought_into(paths: Server) -> None:
    quad = "perspective=10,10,190,20,180,90,20,80"
    whole, left = levels(paths, quad), levels(paths, f"{quad}&clipPath=M0,0L100,0,100,100,0,100Z")
    assert whole[:, 100:].min() < 100
    assert np.array_equal(left[:, :100], whole[:, :100])
    assert left[:, 100:].min() == 255
