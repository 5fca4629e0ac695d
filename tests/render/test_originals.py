"""Rarer originals against the samples that went in, and against what another program makes of them."""

import subprocess
from pathlib import Path
from typing import Any

import cv2
import imagecodecs
import numpy as np
import pillow_heif
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from proxy.errors import BadSource
from proxy.recipe.model import Box, Header, Source
from proxy.render.decode import Limits
from proxy.render.load import load, probe

LIMITS = Limits()
Samples = NDArray[np.uint8]
_Y, _X = np.mgrid[0:48, 0:64]
RGB: Samples = np.stack([_X * 4, _Y * 5, (_X + _Y) * 2], axis=2).astype(np.uint8)
ALPHA: Samples = np.where(_X < 32, 255, np.where(_X < 48, 128, 0)).astype(np.uint8)
RGBA: Samples = np.dstack([RGB, ALPHA])
DEEP = np.random.default_rng(5).integers(0, 65536, (48, 64, 4), dtype=np.uint16)
ROUNDED: Samples = ((DEEP.astype(np.int64) * 255 + 32767) // 65535).astype(np.uint8)


def read(path: Path) -> tuple[Header, Samples]:
    """Header and pixels at full size, as a renderer gets them."""
    said = probe(str(path), LIMITS)
    box = Box(0, 0, said.width, said.height)
    image = load(Source(path.name, str(path), 1, 1), box, (said.width, said.height), "bicub", LIMITS)
    return said, np.asarray(image)


def made(folder: Path, name: str, *args: str, of: Samples = RGB) -> Path:
    """A file that ImageMagick makes of samples."""
    Image.fromarray(of).save(folder / "made-of.png")
    path = folder / name.rpartition(":")[2]
    target = f"{name.rpartition(':')[0]}:{path}" if ":" in name else str(path)
    subprocess.run(["convert", str(folder / "made-of.png"), *args, target], check=True, capture_output=True)  # noqa: S603, S607
    return path


def seen(path: Path) -> Samples:
    """What ImageMagick makes of the first picture of a file, RGBA."""
    command = ["convert", f"{path}[0]", "-colorspace", "sRGB", "-depth", "8", "rgba:-"]
    shown = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603
    return np.frombuffer(shown, np.uint8).reshape(48, 64, 4)


@pytest.mark.parametrize(
    ("name", "args", "said"),
    [
        ("rgb.psd", (), ("PSD", "rgb", 8, False)),
        ("raw.psd", ("-compress", "None"), ("PSD", "rgb", 8, False)),
        ("gray.psd", ("-colorspace", "Gray"), ("PSD", "gray", 8, False)),
        ("ink.psd", ("-colorspace", "CMYK"), ("PSD", "cmyk", 8, False)),
        ("deep.psd", ("-depth", "16"), ("PSD", "rgb", 16, False)),
        ("bits.psd", ("-monochrome",), ("PSD", "gray", 8, False)),
        ("large.psb", (), ("PSD", "rgb", 8, False)),
        ("fax.tif", ("-monochrome", "-compress", "Fax"), ("TIFF", "gray", 1, False)),
        (
            "white.tif",
            ("-monochrome", "-compress", "Group4", "-define", "quantum:polarity=min-is-white"),
            ("TIFF", "gray", 1, False),
        ),
        (
            "black.tif",
            ("-monochrome", "-compress", "Group4", "-define", "quantum:polarity=min-is-black"),
            ("TIFF", "gray", 1, False),
        ),
        ("bits.png", ("-monochrome",), ("PNG", "gray", 1, False)),
        ("bmp3:bits.bmp", ("-monochrome",), ("BMP", "gray", 1, False)),
        ("bits.gif", ("-monochrome",), ("GIF", "rgb", 8, False)),
        ("ink.tif", ("-colorspace", "CMYK"), ("TIFF", "cmyk", 8, False)),
        ("deepink.tif", ("-colorspace", "CMYK", "-depth", "16"), ("TIFF", "cmyk", 16, False)),
        ("tiff64:big.tif", (), ("TIFF", "rgb", 8, False)),
        ("ptif:pyramid.tif", (), ("TIFF", "rgb", 8, False)),
        ("ycc.tif", ("-compress", "JPEG", "-sampling-factor", "2x2"), ("TIFF", "rgb", 8, False)),
        ("ink.jpg", ("-colorspace", "CMYK", "-quality", "98"), ("JPEG", "cmyk", 8, False)),
        ("a.jp2", ("-quality", "100"), ("JPEG2000", "rgb", 8, False)),
        ("a.j2k", ("-quality", "100"), ("JPEG2000", "rgb", 8, False)),
        ("gray.jp2", ("-colorspace", "Gray"), ("JPEG2000", "gray", 8, False)),
        ("deep.jp2", ("-depth", "16"), ("JPEG2000", "rgb", 16, False)),
        ("a.heic", ("-quality", "99"), ("HEIF", "rgb", 8, False)),
    ],
)
def test_they_look_as_another_program_shows_them(
    tmp_path: Path, name: str, args: tuple[str, ...], said: tuple[str, str, int, bool]
) -> None:
    path = made(tmp_path, name, *args)
    header, pixels = read(path)
    assert (header.width, header.height, header.format, header.pixels, header.bits, header.alpha) == (64, 48, *said)
    assert np.abs(np.asarray(Image.fromarray(pixels).convert("RGBA")).astype(int) - seen(path)).max() <= 2


@pytest.mark.parametrize(
    "name", ["a.tif", "gray.tif", "ink.tif", "deep.tif", "deepgray.tif", "a.jp2", "gray.jp2", "png8:a.png", "a.gif"]
)
def test_alpha_beside_whatever_it_is(tmp_path: Path, name: str) -> None:
    args = ("-depth", "16") if "deep" in name else ("-depth", "8")
    space = ("-colorspace", "CMYK") if "ink" in name else ("-colorspace", "Gray") if "gray" in name else ()
    path = made(tmp_path, name, *args, *space, of=RGBA)
    header, pixels = read(path)
    other = seen(path)
    visible = other[..., 3] > 0
    assert header.alpha
    assert np.abs(np.asarray(Image.fromarray(pixels).convert("RGBA")).astype(int) - other)[visible].max() <= 1


def psd(planes: list[Samples], mode: int, *, layers: int = 0, large: bool = False, depth: int = 8) -> bytes:
    """A Photoshop document without compression."""
    wide = 8 if large else 4
    inner = layers.to_bytes(2, "big", signed=True) if layers else b""
    section = len(inner).to_bytes(wide, "big") + inner if layers else b""
    size = b"".join(length.to_bytes(4, "big") for length in planes[0].shape)
    head = b"8BPS" + (2 if large else 1).to_bytes(2, "big") + bytes(6) + len(planes).to_bytes(2, "big") + size
    head += depth.to_bytes(2, "big") + mode.to_bytes(2, "big") + bytes(8)
    return head + len(section).to_bytes(wide, "big") + section + bytes(2) + b"".join(plane.tobytes() for plane in planes)


@pytest.mark.parametrize("large", [False, True])
def test_photoshop_mixes_white_into_what_is_transparent(tmp_path: Path, large: bool) -> None:  # noqa: FBT001  # a case
    share = ALPHA[..., None] / 255
    mixed = np.rint(RGB * share + 255 * (1 - share)).astype(np.uint8)
    planes = [*np.moveaxis(mixed, 2, 0), ALPHA]
    path = tmp_path / "a.psd"
    path.write_bytes(psd(planes, 3, layers=-2, large=large))
    header, pixels = read(path)
    assert (header.alpha, header.pixels) == (True, "rgb")
    assert np.array_equal(pixels[..., 3], ALPHA)
    assert np.abs(pixels[..., :3].astype(int) - RGB)[ALPHA > 0].max() <= 1
    # a channel that somebody saved says nothing of white
    path.write_bytes(psd(planes, 3, layers=2, large=large))
    assert np.array_equal(read(path)[1], np.dstack([mixed, ALPHA]))


def test_alpha_of_gray_and_inks_in_photoshop_files(tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    path.write_bytes(psd([RGB[..., 0], ALPHA], 1))
    assert np.array_equal(read(path)[1], np.dstack([RGB[..., 0]] * 3 + [ALPHA])[..., [0, 3]])
    inks = np.asarray(Image.fromarray(RGB).convert("CMYK"))
    path.write_bytes(psd([*np.moveaxis(255 - inks, 2, 0), ALPHA], 4))
    assert np.array_equal(read(path)[1], RGBA)
    path.write_bytes(psd([DEEP[..., band].astype(">u2") for band in range(4)], 3, depth=16))
    assert np.array_equal(read(path)[1], ROUNDED)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow gives a large file of this order up with it
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bands", [2, 3, 4])
def test_deep_tiff_files_with_and_without_alpha(tmp_path: Path, bands: int, order: str) -> None:
    path = tmp_path / "deep.tif"
    extra = ["unassalpha"] if bands in (2, 4) else None
    tifffile.imwrite(
        path,
        DEEP[..., :bands],
        photometric="minisblack" if bands == 2 else "rgb",
        extrasamples=extra,
        bigtiff=True,
        byteorder=order,  # type: ignore[arg-type]
    )
    header, pixels = read(path)
    assert (header.bits, header.alpha) == (16, extra is not None)
    assert np.array_equal(pixels, ROUNDED[..., :bands])


@pytest.mark.parametrize("compression", ["jpegxr", "jpeg2000"])
def test_tiff_files_compressed_in_rare_ways(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, RGB, photometric="rgb", compression=compression)
    assert np.array_equal(read(path)[1], RGB)


def test_associated_alpha_is_taken_out(tmp_path: Path) -> None:
    multiplied = (RGB.astype(np.uint16) * ALPHA[..., None] + 127) // 255 * 257
    path = tmp_path / "a.tif"
    deep = np.dstack([multiplied, ALPHA.astype(np.uint16) * 257])[..., [0, 3]]
    tifffile.imwrite(path, deep, photometric="minisblack", extrasamples=["assocalpha"])
    pixels = read(path)[1]
    assert np.array_equal(pixels[..., 1], ALPHA)
    assert np.abs(pixels[..., 0].astype(int) - RGB[..., 0])[ALPHA > 0].max() <= 1


@pytest.mark.parametrize("deep", [False, True])
def test_lab(tmp_path: Path, deep: bool) -> None:  # noqa: FBT001  # a case
    colours = np.array([[[255, 255, 255], [128, 128, 128], [255, 0, 0], [20, 90, 40]]], dtype=np.uint8)
    # Bradford-adapted to D50, as ICC has it
    lab = np.array([[100, 0, 0], [53.6, 0, 0], [54.3, 80.8, 69.9], [33.3, -31.0, 22.0]])
    path = tmp_path / "lab.tif"
    lightness = np.rint(lab[:, 0] * (655.35 if deep else 2.55))
    signed = np.rint(lab[:, 1:] * (256 if deep else 1)).astype(np.int32) % (65536 if deep else 256)
    samples = np.column_stack([lightness, signed]).astype(np.uint16 if deep else np.uint8)[None]
    tifffile.imwrite(path, samples, photometric="cielab")
    assert np.abs(read(path)[1].astype(int) - colours).max() <= 6


def test_a_pyramid_that_begins_with_a_smaller_version(tmp_path: Path) -> None:
    path = tmp_path / "pyramid.tif"
    with tifffile.TiffWriter(path) as file:
        file.write(cv2.resize(RGB, (32, 24)), photometric="rgb", subfiletype=1)
        file.write(DEEP[..., :3], photometric="rgb")
    header, pixels = read(path)
    assert (header.width, header.height, header.bits) == (64, 48, 16)
    assert np.array_equal(pixels, ROUNDED[..., :3])


def test_of_several_pages_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    with tifffile.TiffWriter(path) as file:
        file.write(RGB, photometric="rgb")
        file.write(np.zeros((96, 128, 3), np.uint8), photometric="rgb")
    assert np.array_equal(read(path)[1], RGB)


@pytest.mark.parametrize(
    ("samples", "part"),
    [
        (RGB.astype(np.float32), "floating point samples of 32 bits"),
        (RGB.astype(np.float16), "floating point samples of 16 bits"),
        (RGB.astype(np.uint32), "whole samples of 32 bits"),
        (_X.astype(np.float32), "32 bits"),
        (_X.astype(np.int32), "32 bits"),
    ],
)
def test_samples_that_are_not_read_are_refused_in_words(tmp_path: Path, samples: NDArray[np.generic], part: str) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, samples, photometric="rgb" if samples.ndim == 3 else "minisblack")
    with pytest.raises(BadSource, match=rf"^a\.tif: .*{part}"):
        read(path)


@pytest.mark.parametrize(
    ("begin", "part"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "EPS"),
        (b"\xc5\xd0\xd3\xc6" + bytes(60), "EPS"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\xff\x0a" + bytes(60), "JPEG XL"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "FlashPix"),
    ],
)
def test_what_is_known_and_not_read_is_said(tmp_path: Path, begin: bytes, part: str) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(begin)
    with pytest.raises(BadSource, match=rf"^a\.tif: an? {part} original .*convert it to TIFF, PNG or JPEG"):
        probe(str(path), LIMITS)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (RGB, ("rgb", 8, False)),
        (RGBA, ("rgb", 8, True)),
        (RGB[..., 0].copy(), ("gray", 8, False)),
        (DEEP[..., :3].copy(), ("rgb", 16, False)),
        (DEEP, ("rgb", 16, True)),
        (DEEP[..., 0].copy(), ("gray", 16, False)),
    ],
)
@pytest.mark.parametrize("form", ["jxr", "jp2"])
def test_wavelets_and_lapped_transforms_without_loss(
    tmp_path: Path, form: str, samples: NDArray[np.generic], said: tuple[str, int, bool]
) -> None:
    path = tmp_path / f"a.{form}"
    deep = samples.dtype == np.uint16
    encoded = (
        imagecodecs.jpegxr_encode(samples, level=1.0)
        if form == "jxr"
        else imagecodecs.jpeg2k_encode(samples, level=0, codecformat="jp2")
    )
    path.write_bytes(encoded)
    header, pixels = read(path)
    assert (header.width, header.height, header.pixels, header.bits, header.alpha) == (64, 48, *said)
    wanted = ((samples.astype(np.int64) * 255 + 32767) // 65535).astype(np.uint8) if deep else samples
    assert np.array_equal(pixels, wanted)


@pytest.mark.parametrize("orient", [True, False])
def test_a_heic_file_is_turned_once(tmp_path: Path, orient: bool) -> None:  # noqa: FBT001  # a case
    exif = Image.Exif()
    exif[274] = 6
    path = tmp_path / "a.heic"
    pillow_heif.from_pillow(Image.fromarray(RGB)).save(path, quality=-1, exif=exif.tobytes())
    said = probe(str(path), LIMITS, orient=orient)
    assert (said.width, said.height, said.format) == (48, 64, "HEIF")
    got = load(Source("a", str(path), 1, 1), Box(0, 0, 48, 64), (48, 64), "bicub", LIMITS, orient=orient)
    assert np.abs(np.asarray(got).astype(int) - np.rot90(RGB, -1)).mean() < 4


def test_alpha_of_a_heic_file(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    pillow_heif.from_pillow(Image.fromarray(RGBA)).save(path, quality=-1)
    header, pixels = read(path)
    assert header.alpha
    assert np.abs(pixels[..., 3].astype(int) - ALPHA).max() <= 2


@pytest.mark.parametrize(
    ("name", "options"), [("a.gif", {}), ("a.webp", {"lossless": True}), ("a.avif", {"quality": 100}), ("a.png", {})]
)
def test_of_several_frames_the_first_counts(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    frames = [Image.fromarray(RGB), Image.fromarray(255 - RGB)]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **options)
    assert np.abs(read(tmp_path / name)[1][..., :3].astype(int) - RGB).mean() < 6
