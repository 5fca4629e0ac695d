"""Depths, modes and oddities of originals, each against the samples that went into the file."""

import struct
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

from proxy.errors import BadSource
from proxy.render.decode import Limits, decoded, opened
from proxy.render.depth import bits

LIMITS = Limits()
DEEP = np.random.default_rng(7).integers(0, 65536, (20, 30, 4), dtype=np.uint16)
ROUNDED = ((DEEP.astype(np.int64) * 255 + 32767) // 65535).astype(np.uint8)
FLAT = np.random.default_rng(8).integers(0, 256, (20, 30, 4), dtype=np.uint8)


def read(path: Path, shrink: int = 1, *, orient: bool = True) -> Image.Image:
    with opened(str(path), LIMITS, path.name, orient=orient) as original:
        return decoded(original, shrink)


def depth(path: Path) -> int:
    with opened(str(path), LIMITS, path.name) as original:
        return bits(original.image)


@pytest.mark.parametrize("bands", [3, 4])
def test_png_of_16_bits_in_colour_is_rounded(tmp_path: Path, bands: int) -> None:
    path = tmp_path / "deep.png"
    path.write_bytes(imagecodecs.png_encode(DEEP[..., :bands].copy()))
    assert depth(path) == 16
    assert np.array_equal(np.asarray(read(path)), ROUNDED[..., :bands])


@pytest.mark.parametrize("name", ["gray.png", "gray.tif"])
def test_gray_of_16_bits_is_rounded(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(DEEP[..., 0]).save(path)
    assert depth(path) == 16
    assert np.array_equal(np.asarray(read(path)), ROUNDED[..., 0])


@pytest.mark.parametrize("compression", [None, "lzw", "zlib"])
@pytest.mark.parametrize("layout", ["contig", "separate", "tiled", "big endian"])
def test_tiff_of_16_bits_is_rounded_however_it_is_stored(tmp_path: Path, layout: str, compression: str | None) -> None:
    path = tmp_path / "deep.tif"
    rgb = DEEP[..., :3]
    tifffile.imwrite(
        path,
        np.moveaxis(rgb, 2, 0) if layout == "separate" else rgb,
        photometric="rgb",
        planarconfig="separate" if layout == "separate" else "contig",
        byteorder=">" if layout == "big endian" else "<",
        tile=(16, 16) if layout == "tiled" else None,
        compression=compression,
        predictor=compression is not None and layout != "big endian",
    )
    assert depth(path) == 16
    assert np.array_equal(np.asarray(read(path)), ROUNDED[..., :3])


def test_planes_of_16_bits_are_turned_like_any_tiff(tmp_path: Path) -> None:
    path = tmp_path / "turned.tif"
    tifffile.imwrite(
        path, np.moveaxis(DEEP[..., :3], 2, 0), photometric="rgb", planarconfig="separate", extratags=[(274, "H", 1, 6, True)]
    )
    assert np.array_equal(np.asarray(read(path)), np.rot90(ROUNDED[..., :3], -1))
    assert np.array_equal(np.asarray(read(path, orient=False)), ROUNDED[..., :3])


def test_alpha_and_inks_of_16_bits(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", DEEP, photometric="rgb", extrasamples=["unassalpha"])
    tifffile.imwrite(tmp_path / "k.tif", DEEP, photometric="separated")
    for name, mode in (("a.tif", "RGBA"), ("k.tif", "CMYK")):
        image = read(tmp_path / name)
        assert image.mode == mode
        assert np.array_equal(np.asarray(image), ROUNDED)


def test_white_is_zero_and_12_bits(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "white.tif", DEEP[..., 0], photometric="miniswhite")
    assert np.array_equal(np.asarray(read(tmp_path / "white.tif")), 255 - ROUNDED[..., 0])
    packed = imagecodecs.packints_encode((DEEP[..., 0] >> 4).copy(), 12)
    head = struct.pack("<2sHIH", b"II", 42, 8, 9)
    tags = [
        (256, 30),
        (257, 20),
        (258, 12),
        (259, 1),
        (262, 1),
        (273, 8 + 2 + 9 * 12 + 4),
        (277, 1),
        (278, 20),
        (279, len(packed)),
    ]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    (tmp_path / "12.tif").write_bytes(head + entries + bytes(4) + packed)
    expected = ((DEEP[..., 0] >> 4).astype(np.int64) * 255 + 2047) // 4095
    assert np.array_equal(np.asarray(read(tmp_path / "12.tif")), expected)


@pytest.mark.parametrize("dtype", ["float32", "uint32"])
def test_32_bits_are_refused_in_words(tmp_path: Path, dtype: str) -> None:
    tifffile.imwrite(tmp_path / "huge.tif", DEEP[..., 0].astype(dtype), photometric="minisblack")
    with pytest.raises(BadSource, match=r"huge\.tif: .*32 bits"):
        read(tmp_path / "huge.tif")


def drawn(mode: str) -> Image.Image:
    return Image.frombytes("RGBA", (30, 20), FLAT.tobytes()).convert("RGB").convert(mode)


def keyed(mode: str, key: int | tuple[int, int, int]) -> tuple[Image.Image, NDArray[np.bool_]]:
    """An image that has the key colour at some places, and the places."""
    image = drawn(mode)
    image.paste(key, (3, 4, 9, 8))
    values = np.asarray(image.convert("L") if mode == "1" else image)
    return image, (values == key).reshape(20, 30, -1).all(axis=2)


@pytest.mark.parametrize(("mode", "key", "result"), [("L", 77, "LA"), ("RGB", (1, 2, 3), "RGBA"), ("1", 0, "LA")])
def test_a_transparent_colour_becomes_alpha(tmp_path: Path, mode: str, key: int | tuple[int, int, int], result: str) -> None:
    image, places = keyed(mode, key)
    image.save(tmp_path / "keyed.png", transparency=key)
    found = read(tmp_path / "keyed.png")
    assert found.mode == result
    assert np.array_equal(np.asarray(found)[..., -1] == 0, places)


def test_a_transparent_colour_of_16_bits_becomes_alpha(tmp_path: Path) -> None:
    def with_key(samples: NDArray[np.uint16], *key: int) -> Path:
        data = imagecodecs.png_encode(samples)
        chunk = b"tRNS" + struct.pack(f">{len(key)}H", *key)
        at = data.index(b"IDAT") - 4
        path = tmp_path / f"{len(key)}.png"
        path.write_bytes(data[:at] + struct.pack(">I", 2 * len(key)) + chunk + struct.pack(">I", _crc(chunk)) + data[at:])
        return path

    samples = DEEP[..., :3].copy()
    samples[2:5, 3:9] = key = (0x1234, 0x5678, 0x9ABC)
    samples[7, 7] = (0x1234, 0x5678, 0x9ABD)
    image = np.asarray(read(with_key(samples, *key)))
    assert (image.shape[2], (image[..., 3] == 0).sum()) == (4, 18)
    assert (image[2:5, 3:9, 3] == 0).all()
    gray = np.asarray(read(with_key(samples[..., 0].copy(), key[0])))
    assert np.array_equal(gray[..., 1] == 0, samples[..., 0] == key[0])


def _crc(data: bytes) -> int:
    import zlib  # noqa: PLC0415  # only here

    return zlib.crc32(data)


def test_palettes(tmp_path: Path) -> None:
    image = drawn("RGB").quantize(8)
    image.save(tmp_path / "opaque.png")
    assert np.array_equal(np.asarray(read(tmp_path / "opaque.png")), np.asarray(image.convert("RGB")))
    image.save(tmp_path / "soft.png", transparency=bytes([128, 0, 255]))
    found = np.asarray(read(tmp_path / "soft.png"))
    assert np.array_equal(found[..., 3], np.array([128, 0, *[255] * 6], np.uint8)[np.asarray(image)])
    image.save(tmp_path / "keyed.gif", transparency=2)
    assert np.array_equal(np.asarray(read(tmp_path / "keyed.gif"))[..., 3] == 0, np.asarray(image) == 2)


def test_bilevel(tmp_path: Path) -> None:
    image = drawn("1")
    for name in ("a.png", "a.tif", "a.bmp"):
        image.save(tmp_path / name)
        assert depth(tmp_path / name) == 1
        assert np.array_equal(np.asarray(read(tmp_path / name)), np.asarray(image.convert("L")))


def test_lab_becomes_the_colours_it_was_made_of(tmp_path: Path) -> None:
    colours = Image.new("RGB", (4, 1))
    for x, colour in enumerate([(128, 128, 128), (180, 120, 100), (90, 110, 140), (240, 230, 200)]):
        colours.putpixel((x, 0), colour)
    lab = ImageCms.createProfile("LAB")
    ImageCms.buildTransform(ImageCms.createProfile("sRGB"), lab, "RGB", "LAB").apply(colours).save(tmp_path / "lab.tif")
    found = np.asarray(read(tmp_path / "lab.tif")).astype(int)
    assert np.abs(found - np.asarray(colours)).max() <= 3


def test_inks_of_a_jpeg_come_out_as_they_went_in(tmp_path: Path) -> None:
    image = Image.new("CMYK", (16, 16), (10, 200, 60, 30))
    image.save(tmp_path / "inks.jpg", quality=100)
    assert read(tmp_path / "inks.jpg").mode == "CMYK"
    assert np.abs(np.asarray(read(tmp_path / "inks.jpg")).astype(int) - (10, 200, 60, 30)).max() <= 2


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
def test_photoshop_files(tmp_path: Path, mode: str) -> None:
    samples = FLAT[..., : len(mode)]
    stored = 255 - samples if mode == "CMYK" else samples
    number = {"L": 1, "RGB": 3, "RGBA": 3, "CMYK": 4}[mode]
    head = struct.pack(">4sH6xHIIHHIIIH", b"8BPS", 1, len(mode), 20, 30, 8, number, 0, 0, 0, 0)
    (tmp_path / "a.psd").write_bytes(head + np.moveaxis(stored.reshape(20, 30, -1), 2, 0).tobytes())
    image = read(tmp_path / "a.psd")
    assert image.mode == mode
    assert np.array_equal(np.asarray(image).reshape(20, 30, -1), samples)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.gif", {}),
        ("a.png", {}),
        ("a.webp", {"lossless": True}),
        ("a.tif", {}),
        ("a.jpg", {"format": "MPO", "quality": 100}),
    ],
)
def test_only_the_first_of_several_frames_counts(tmp_path: Path, name: str, options: dict[str, object]) -> None:
    first, second = Image.new("RGB", (30, 20), (255, 0, 0)), Image.new("RGB", (30, 20), (0, 0, 255))
    first.save(tmp_path / name, save_all=True, append_images=[second], **options)  # type: ignore[arg-type]  # by format
    image = read(tmp_path / name)
    assert (image.mode, image.size) == ("RGB", (30, 20))
    assert np.abs(np.asarray(image).astype(int) - (255, 0, 0)).max() <= 2


@pytest.mark.parametrize("shrink", [1, 2, 4, 8])
@pytest.mark.parametrize("size", [(64, 48), (65, 49), (71, 9), (8, 8)])
def test_a_jpeg_is_decoded_at_a_fraction(tmp_path: Path, size: tuple[int, int], shrink: int) -> None:
    Image.new("RGB", size, (200, 100, 50)).save(tmp_path / "a.jpg", quality=95)
    image = read(tmp_path / "a.jpg", shrink)
    assert image.size == (-(-size[0] // shrink), -(-size[1] // shrink))


def test_associated_alpha_is_taken_out(tmp_path: Path) -> None:
    tifffile.imwrite(
        tmp_path / "a.tif", np.full((4, 4, 4), (100, 50, 0, 128), np.uint8), photometric="rgb", extrasamples=["assocalpha"]
    )
    assert np.abs(np.array(read(tmp_path / "a.tif").getpixel((1, 1))) - (199, 100, 0, 128)).max() <= 1
