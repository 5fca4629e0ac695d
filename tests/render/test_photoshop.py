"""Photoshop's resources, packed by hand."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from proxy.render.load import Limits, probe
from proxy.render.photoshop import Resource, resolution, resources
from proxy.render.photoshop_paths import embedded_paths


def packed(number: int, name: bytes, data: bytes) -> bytes:
    title = bytes([len(name)]) + name
    body = title + bytes(len(title) % 2) + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)
    return b"8BIM" + struct.pack(">H", number) + body


RUN = [
    (1005, b"", struct.pack(">I", 300 << 16) + bytes(12)),
    (2000, b"Path 1", b"odd"),
    (1028, b"", b""),
    (2998, "Größe".encode(), b"x" * 26),
    (2997, "Größe".encode("mac_roman"), b""),
    (2999, b"the clipping path's name", b"\x06Path 1"),
]
BLOCK = b"".join(packed(*item) for item in RUN)


def test_resources_are_split() -> None:
    found = list(resources(BLOCK))
    assert [resource.number for resource in found] == [item[0] for item in RUN]
    assert [resource.data for resource in found] == [item[2] for item in RUN]
    assert [item.name for item in embedded_paths(found)] == ["Path 1", "Größe", "Größe"]
    assert resolution(found) == 300
    assert resolution([]) == 0


def test_what_stands_before_damage_is_kept() -> None:
    assert [resource.number for resource in resources(BLOCK[:60])] == [1005, 2000]
    assert list(resources(b"no resources")) == []


@given(st.binary(max_size=80))
def test_anything_may_stand_there(tail: bytes) -> None:
    assert list(resources(BLOCK + tail))[: len(RUN)] == [Resource(item.number, item.name, item.data) for item in resources(BLOCK)]


@pytest.mark.parametrize("form", ["JPEG", "TIFF", "PSD"])
def test_paths_are_found_in_every_container(tmp_path: Path, form: str) -> None:
    path = tmp_path / "picture"
    image = Image.new("RGB", (8, 8))
    if form == "JPEG":
        # Long runs are spread over several segments, cut anywhere.
        parts = [b"Photoshop 3.0\0" + part for part in (BLOCK[:50], BLOCK[50:])]
        image.save(path, form, extra=b"".join(b"\xff\xed" + struct.pack(">H", len(part) + 2) + part for part in parts))
    elif form == "TIFF":
        image.save(path, form, tiffinfo={34377: BLOCK})
    else:
        head = struct.pack(">4sH6xHIIHHII", b"8BPS", 1, 3, 8, 8, 8, 3, 0, len(BLOCK))
        path.write_bytes(head + BLOCK + bytes(6) + image.tobytes())
    header = probe(str(path), Limits())
    assert [item.name for item in header.paths] == ["Path 1", "Größe", "Größe"]
    assert header.format == form
    assert header.dpi == (300 if form == "PSD" else header.dpi)
