"""Originals as the renderer gets them, against numbers made without it."""

import dataclasses
import io
import struct
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps

from proxy.errors import BadSource, IsproxyError, LimitExceeded, Missing
from proxy.protocol.path import Path as Outline
from proxy.protocol.path import Subpath
from proxy.recipe.model import Box, Header, NamedPath, Source
from proxy.render.load import Limits, load, probe

FIXTURES = Path(__file__).parents[1] / "conformance" / "images"
LIMITS = Limits(source_pixels=20_000_000)
RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)
QUADRANTS = (RED, GREEN, BLUE, YELLOW)
RESAMPLE = ("bilin", "bicub", "sharp2", "bisharp")
Array = NDArray[np.int64]


def kept(folder: Path, image: Image.Image, name: str, **options: object) -> Path:
    path = folder / name
    image.save(path, **options)  # type: ignore[arg-type]  # options differ by format
    return path


def source(path: Path) -> Source:
    return Source(path.name, str(path), path.stat().st_size, 0)


def whole(path: Path, size: tuple[int, int] | None = None, resample: str = "sharp2", *, orient: bool = True) -> Image.Image:
    header = probe(str(path), LIMITS, orient=orient)
    box = Box(0, 0, header.width, header.height)
    return load(source(path), box, size or (header.width, header.height), resample, LIMITS, orient=orient)


def cut(path: Path, box: tuple[float, float, float, float], size: tuple[int, int], resample: str = "sharp2") -> Image.Image:
    return load(source(path), Box(*box), size, resample, LIMITS)


def values(image: Image.Image) -> Array:
    return np.asarray(image).astype(np.int64)


def middles(image: Image.Image) -> list[object]:
    return [image.getpixel((image.width * x // 4, image.height * y // 4)) for y in (1, 3) for x in (1, 3)]


@lru_cache(maxsize=8)
def photograph(width: int = 640, height: int = 480) -> Image.Image:
    """Smooth colours and some edges, as product pictures have."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    bands = [128 + 100 * np.sin(9 * x + 3 * y + 2 * band) * np.cos(7 * y - 2 * x + band) for band in range(3)]
    picture = np.stack(bands, axis=2)
    picture[(x - 0.4) ** 2 + (y - 0.3) ** 2 < 0.03] = (250, 240, 20)
    return Image.fromarray(picture.astype(np.uint8))


@pytest.mark.parametrize(
    ("name", "mode", "corners"),
    [
        ("quad.png", "RGB", QUADRANTS),
        ("exif6.jpg", "RGB", QUADRANTS),
        ("icc.jpg", "RGB", QUADRANTS),
        ("pal.png", "RGB", QUADRANTS),
        ("swap.png", "RGB", (BLUE, BLUE, BLUE, BLUE)),
        ("cmyk.tif", "RGB", (RED, RED, RED, RED)),
        ("anim.gif", "RGB", (RED, RED, RED, RED)),
        ("gray.png", "L", (128, 128, 128, 128)),
        ("gray.jpg", "L", (128, 128, 128, 128)),
        ("deep.png", "L", (64, 192, 64, 192)),
        ("semi.png", "RGBA", ((0, 0, 255, 128),) * 4),
    ],
)
def test_the_fixtures_look_as_their_list_says(name: str, mode: str, corners: tuple[object, ...]) -> None:
    for size in (None, (60, 40)):
        image = whole(FIXTURES / name, size)
        assert image.mode == mode
        assert np.abs(np.array(middles(image)).astype(int) - np.array(corners)).max() <= 2
        assert image.info == {}
        assert type(image) is Image.Image  # a decoder's own kind would carry its metadata into an encoder


def test_a_half_transparent_picture_keeps_its_halves() -> None:
    image = whole(FIXTURES / "alpha.png", (50, 50))
    assert [image.getpixel((x, 25)) for x in (5, 45)] == [(255, 0, 0, 255), (0, 0, 0, 0)]


def box(name: str, left: float, top: float, right: float, bottom: float) -> NamedPath:
    others = (((right, top),), ((right, bottom),), ((left, bottom),))
    return NamedPath(name, Outline((Subpath((left, top), others, closed=True),)))


PATHS = (box("Path 1", 100.0, 75.0, 300.0, 225.0), box("Path 2", 0.0, 0.0, 200.0, 300.0))


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("exif6.jpg", Header(400, 300, "rgb", format="JPEG")),
        ("print.jpg", Header(400, 300, "rgb", format="JPEG", dpi=150.0)),
        ("icc.jpg", Header(400, 300, "rgb", format="JPEG", profile="sRGB built-in")),
        ("xmp.jpg", Header(400, 300, "rgb", format="JPEG", xmp=True)),
        ("path.jpg", Header(400, 300, "rgb", format="JPEG", paths=PATHS)),
        ("swap.png", Header(200, 200, "rgb", format="PNG", profile="Swap built-in")),
        ("alpha.png", Header(200, 200, "rgb", alpha=True, format="PNG")),
        ("deep.png", Header(100, 100, "gray", bits=16, format="PNG")),
        ("cmyk.tif", Header(100, 100, "cmyk", format="TIFF", dpi=72.0)),
        ("anim.gif", Header(60, 60, "rgb", format="GIF")),
    ],
)
def test_headers(name: str, header: Header) -> None:
    found = probe(str(FIXTURES / name), LIMITS)
    assert dataclasses.replace(found, space=None) == header
    assert (found.space.name if found.space is not None else "") == header.profile


def test_a_header_says_the_stored_size_if_nothing_is_to_be_turned() -> None:
    header = probe(str(FIXTURES / "exif6.jpg"), LIMITS, orient=False)
    assert (header.width, header.height) == (300, 400)


@pytest.mark.parametrize("dpi", [72, 96, 150, 300, 240.5])
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp"])
def test_resolution_is_what_was_written(tmp_path: Path, name: str, dpi: float) -> None:
    path = kept(tmp_path, Image.new("RGB", (8, 8)), name, dpi=(dpi, dpi))
    assert probe(str(path), LIMITS).dpi == pytest.approx(dpi, abs=0.02)
    assert dpi != int(dpi) or probe(str(path), LIMITS).dpi == dpi


@pytest.mark.parametrize("resample", RESAMPLE)
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (99, 75), (399, 301)])
@pytest.mark.parametrize("name", ["quad.png", "exif6.jpg", "ring.png", "deep.png"])
def test_the_size_is_exactly_the_one_asked_for(name: str, size: tuple[int, int], resample: str) -> None:
    assert whole(FIXTURES / name, size, resample).size == size


@pytest.mark.parametrize("resample", RESAMPLE)
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_whole_edges_at_full_size_are_cut_out_untouched(tmp_path: Path, mode: str, resample: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (40, 60, len(mode)), dtype=np.uint8)
    original = Image.frombytes(mode, (60, 40), noise.tobytes())
    image = cut(kept(tmp_path, original, "noise.png"), (7, 3, 50, 39), (43, 36), resample)
    assert image.tobytes() == original.crop((7, 3, 50, 39)).tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
def test_every_orientation_is_turned_upright(tmp_path: Path, form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    exact: dict[str, dict[str, object]] = {
        "WEBP": {"lossless": True},
        "JPEG": {"quality": 100, "subsampling": 0},
        "AVIF": {"quality": 100, "speed": 9},
    }
    path = kept(tmp_path, photograph(48, 32), f"turned.{form.lower()}", format=form, exif=exif, **exact.get(form, {}))
    with Image.open(path) as image:
        image.load()  # turns a TIFF already
        expected = image if form == "TIFF" else ImageOps.exif_transpose(image)
    header = probe(str(path), LIMITS)
    assert (header.width, header.height) == expected.size
    assert whole(path).tobytes() == expected.convert("RGB").tobytes()
    box = (3, 5, 27, 29)
    assert cut(path, box, (24, 24)).tobytes() == expected.convert("RGB").crop(box).tobytes()
    small = expected.convert("RGB").crop(box).resize((15, 13), Image.Resampling.BICUBIC)
    # Rows before columns or columns before rows: each rounds.
    assert np.abs(values(cut(path, box, (15, 13), "bicub")) - values(small)).max() <= 4
    stored = whole(path, orient=False)
    assert stored.size == (48, 32)
    assert np.abs(values(stored) - values(photograph(48, 32))).mean() < 5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_beyond_a_turned_picture_are_transparent_on_the_right_side(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    path = kept(tmp_path, photograph(48, 32), "turned.png", exif=exif)
    header = probe(str(path), LIMITS)
    image = cut(path, (-4, -2, header.width + 1, header.height), (header.width + 5, header.height + 2))
    solid = whole(path).convert("RGBA")
    expected = Image.new("RGBA", image.size)
    expected.paste(solid, (4, 2))
    assert image.tobytes() == expected.tobytes()


def test_an_orientation_that_makes_no_sense_is_none(tmp_path: Path) -> None:
    for orientation in (0, 9, 65535):
        exif = Image.Exif()
        exif[274] = orientation
        path = kept(tmp_path, photograph(48, 32), f"{orientation}.jpg", exif=exif)
        assert whole(path).size == (48, 32)


@pytest.mark.parametrize("factor", [2, 3, 4, 5, 8, 10])
@pytest.mark.parametrize("name", ["photo.png", "photo.jpg"])
@pytest.mark.parametrize("resample", RESAMPLE)
def test_reducing_agrees_with_plain_averages(tmp_path: Path, name: str, factor: int, resample: str) -> None:
    original = photograph(360, 240)
    path = kept(tmp_path, original, name, **({"quality": 97, "subsampling": 0} if name == "photo.jpg" else {}))
    small = values(whole(path, (360 // factor, 240 // factor), resample))
    averages = values(original).reshape(240 // factor, factor, 360 // factor, factor, 3).mean(axis=(1, 3))
    assert np.abs(small - averages).mean() < 2.5
    assert abs((small - averages).mean()) < 0.6  # Pillow rounds halves up, twice


@pytest.mark.parametrize("size", [(500, 333), (250, 166), (249, 166), (100, 67), (31, 21)])
def test_a_jpeg_decoded_smaller_looks_like_the_whole_one(tmp_path: Path, size: tuple[int, int]) -> None:
    path = kept(tmp_path, photograph(1003, 667), "photo.jpg", quality=92)
    with Image.open(path) as image:
        full = values(image.convert("RGB").resize(size, Image.Resampling.LANCZOS))
    error = values(whole(path, size)) - full
    assert 10 * np.log10(255**2 / (error**2).mean()) > 38
    assert abs(error.mean()) < 0.5


def test_a_crop_of_a_jpeg_decoded_smaller_is_where_it_should_be(tmp_path: Path) -> None:
    path = kept(tmp_path, photograph(1003, 667), "photo.jpg", quality=92)
    box = (101.5, 77, 901.5, 610.5)
    with Image.open(path) as image:
        full = values(image.convert("RGB").resize((150, 100), Image.Resampling.LANCZOS, box))
    assert np.abs(values(cut(path, box, (150, 100))) - full).mean() < 0.7


@pytest.mark.parametrize("resample", RESAMPLE)
def test_hidden_colours_do_not_bleed_into_edges(tmp_path: Path, resample: str) -> None:
    canvas = np.zeros((90, 90, 4), np.uint8)
    y, x = np.mgrid[0:90, 0:90]
    canvas[(x - 45) ** 2 + (y - 45) ** 2 < 900] = (255, 255, 255, 255)
    path = kept(tmp_path, Image.fromarray(canvas), "disc.png")
    for size in ((31, 31), (30, 30), (9, 9), (200, 200)):
        image = values(whole(path, size, resample))
        assert image[image[..., 3] > 8][:, :3].min() >= 240
        assert abs(image[..., 3].mean() - 255 * np.pi * 900 / 8100) < 3


def test_bisharp_is_sharper_only_when_reducing(tmp_path: Path) -> None:
    path = kept(tmp_path, photograph(), "photo.png")

    def contrast(size: tuple[int, int], resample: str) -> float:
        return float(np.abs(np.diff(values(whole(path, size, resample)), axis=1)).mean())

    assert contrast((200, 150), "bisharp") > 1.01 * contrast((200, 150), "bicub")
    assert whole(path, (900, 700), "bisharp").tobytes() == whole(path, (900, 700), "bicub").tobytes()


@pytest.mark.parametrize(("name", "mode"), [("gray.png", "LA"), ("solid-red.png", "RGBA"), ("semi.png", "RGBA")])
def test_what_lies_outside_is_transparent(name: str, mode: str) -> None:
    header = probe(str(FIXTURES / name), LIMITS)
    image = cut(FIXTURES / name, (-10, -20, header.width + 30, header.height + 40), (header.width + 40, header.height + 60))
    assert image.mode == mode
    alpha = image.getchannel("A")
    assert alpha.getbbox() == (10, 20, 10 + header.width, 20 + header.height)
    inside = image.crop((10, 20, 10 + header.width, 20 + header.height))
    assert inside.tobytes() == whole(FIXTURES / name).convert(mode).tobytes()


@pytest.mark.parametrize("resample", ["bilin", "bicub", "sharp2", "bisharp"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
@pytest.mark.parametrize("size", [(90, 60), (400, 300), (150, 100)])
def test_what_lies_beyond_a_crop_does_not_bleed_into_it(tmp_path: Path, mode: str, resample: str, size: tuple[int, int]) -> None:
    picture = Image.new(mode, (600, 400), "lime")
    picture.paste(Image.new(mode, (300, 200), "red"), (0, 0))
    path = kept(tmp_path, picture, "seam.png")
    pixels = np.asarray(cut(path, (0, 0, 300, 200), size, resample))
    assert len(np.unique(pixels.reshape(-1, pixels.shape[-1] if pixels.ndim == 3 else 1), axis=0)) == 1


def test_a_box_that_misses_the_picture_is_all_transparent() -> None:
    for box in ((500, 0, 600, 100), (-50, -50, 0, 0), (0, 300, 400, 310)):
        image = cut(FIXTURES / "quad.png", box, (20, 10))
        assert (image.mode, image.size, image.getbbox()) == ("RGBA", (20, 10), None)


@pytest.mark.parametrize(
    ("box", "size"),
    [
        ((-10, -10, 210, 210), (100, 100)),
        ((-50.5, 20, 150, 230.25), (77, 31)),
        ((-1000, -1000, 1200, 1200), (11, 11)),
        ((-30, -30, 230, 230), (1, 1)),
        ((190, 190, 290, 290), (250, 250)),
    ],
)
def test_pixels_that_the_picture_covers_in_part_have_that_alpha(
    box: tuple[float, float, float, float], size: tuple[int, int]
) -> None:
    image = values(cut(FIXTURES / "solid-red.png", box, size))

    def covered(low: float, high: float, count: int) -> Array:
        edges = low + (high - low) * np.arange(count + 1) / count
        return np.asarray(np.diff(edges.clip(0, 200)) / ((high - low) / count))

    expected = 255 * np.outer(covered(box[1], box[3], size[1]), covered(box[0], box[2], size[0]))
    assert np.abs(image[..., 3] - expected).max() <= 0.51
    assert (image[image[..., 3] > 0][:, :3] == RED).all()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.tuples(st.floats(-300, 700), st.floats(-300, 700), st.floats(0.01, 900), st.floats(0.01, 900)),
    st.tuples(st.integers(1, 120), st.integers(1, 120)),
    st.sampled_from(RESAMPLE),
    st.sampled_from(("exif6.jpg", "quad.png", "ring.png", "gray.jpg")),
)
def test_any_box_gives_the_size_and_nothing_outside(
    place: tuple[float, float, float, float], size: tuple[int, int], resample: str, name: str
) -> None:
    left, top, width, height = place
    header = probe(str(FIXTURES / name), LIMITS)
    image = cut(FIXTURES / name, (left, top, left + width, top + height), size, resample)
    assert image.size == size
    right, bottom = left + width - header.width, top + height - header.height
    beyond = max(max(-left, right) * size[0] / width, max(-top, bottom) * size[1] / height)
    assert image.mode in (("LA", "RGBA") if beyond > 1e-5 else ("L", "LA", "RGB", "RGBA"))


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    path = tmp_path / "bomb.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    for attempt in (
        lambda: probe(str(path), LIMITS),
        lambda: load(source(path), Box(0, 0, 10, 10), (10, 10), "bilin", LIMITS),
    ):
        with pytest.raises(LimitExceeded, match=r"bomb\.png: 900000000 pixels \(30000×30000\) .* 20000000"):
            attempt()


def test_large_files_are_refused() -> None:
    with pytest.raises(LimitExceeded, match=r"quad\.png: \d+ bytes .* limit of 100"):
        probe(str(FIXTURES / "quad.png"), Limits(source_bytes=100))
    assert probe(str(FIXTURES / "quad.png"), Limits(source_pixels=0, source_bytes=0)).width == 400


def samples() -> dict[str, bytes]:
    """A small file of each kind."""
    made = {}
    picture = photograph(40, 30)
    for form in ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP"):
        out = io.BytesIO()
        picture.save(out, form, **({"compression": "tiff_lzw"} if form == "TIFF" else {}))
        made[form] = out.getvalue()
    planes = b"".join(band.tobytes() for band in picture.split())
    made["PSD"] = struct.pack(">4sH6xHIIHHIIIH", b"8BPS", 1, 3, 30, 40, 8, 3, 0, 0, 0, 0) + planes
    return made


SAMPLES = samples()


@pytest.mark.parametrize("form", SAMPLES)
def test_every_kind_of_file_is_read_whatever_its_name(tmp_path: Path, form: str) -> None:
    path = tmp_path / "picture.xyz"
    path.write_bytes(SAMPLES[form])
    assert probe(str(path), LIMITS).format == form
    assert np.abs(values(whole(path)) - values(photograph(40, 30))).mean() < 10


@pytest.mark.parametrize("form", SAMPLES)
def test_a_file_cut_short_is_an_error_that_names_it(tmp_path: Path, form: str) -> None:
    data = SAMPLES[form]
    path = tmp_path / "short"
    for share in (0.02, 0.3, 0.6, 0.9):
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(BadSource) as caught:
            load(Source("shop/short", str(path), 0, 0), Box(0, 0, 40, 30), (40, 30), "bicub", LIMITS)
        assert caught.value.detail.startswith("shop/short: ")
        assert str(tmp_path) not in caught.value.detail


def test_what_is_no_picture() -> None:
    with pytest.raises(BadSource, match=r"^notimage\.png: not a picture that can be read"):
        probe(str(FIXTURES / "notimage.png"), LIMITS)
    with pytest.raises(BadSource, match=r"^broken\.jpg: .*cut short"):
        whole(FIXTURES / "broken.jpg")


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="shop/hat"):
        probe(str(tmp_path / "none.png"), LIMITS, name="shop/hat")
    with pytest.raises(BadSource, match="shop/hat"):
        probe(str(tmp_path), LIMITS, name="shop/hat")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(SAMPLES)), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6))
def test_damage_never_raises_anything_else(tmp_path: Path, form: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(SAMPLES[form])
    for place, value in changes:
        data[place % len(data)] = value
    path = tmp_path / "damaged"
    path.write_bytes(data)
    limits = Limits(source_pixels=1_000_000)
    for attempt in (
        lambda: probe(str(path), limits),
        lambda: load(source(path), Box(0, 0, 40, 30), (20, 15), "bicub", limits),
    ):
        try:
            attempt()
        except IsproxyError as error:
            assert str(tmp_path) not in error.detail  # noqa: PT017  # most damage does no harm, so nothing need be raised
