"""Profiles and naive conversions, against profiles made by hand and formulas written out."""

import io
import itertools
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from proxy.recipe.model import Box, PixelType, Source
from proxy.render.colour import INTENTS, Profile, naive, read_profile, srgb, srgb_profile, to_profile
from proxy.render.load import Limits, load, probe

CUBE = np.array(list(itertools.product((0, 1, 51, 100, 128, 200, 254, 255), repeat=3)), np.uint8)


def made(space: bytes, connection: bytes, kind: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile of version 2."""
    tags = {b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz(0.9642, 1, 0.8249), **tags}
    start = 132 + 12 * len(tags)
    table, body = b"", b""
    for tag, value in tags.items():
        table += struct.pack(">4sII", tag, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x", start + len(body), 0x02100000, kind, space, connection, b"acsp", 63190, 65536, 54061
    )
    return head + struct.pack(">I", len(tags)) + table + body


def xyz(*numbers: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(number * 65536) for number in numbers))


def named(name: str) -> bytes:
    return b"desc" + struct.pack(">4xI", len(name) + 1) + name.encode() + b"\0" + bytes(78)


def gray_profile(gamma: float) -> bytes:
    curve = b"curv" + struct.pack(">4xIH", 1, round(gamma * 256))
    return made(b"GRAY", b"XYZ ", b"mntr", {b"desc": named("Gray test"), b"kTRC": curve + b"\0\0"})


def ink_profile() -> bytes:
    """Inks that look like nothing in print: without black everything is mid green, with full black it is mid red."""
    corners = [(128, 200, 128) if black else (128, 60, 160) for *_, black in itertools.product((0, 1), repeat=4)]
    ramp = bytes(range(256))
    table = b"mft1" + struct.pack(">4x4B9i", 4, 3, 2, 0, *[65536, 0, 0, 0, 65536, 0, 0, 0, 65536])
    table += ramp * 4 + bytes(value for corner in corners for value in corner) + ramp * 3
    return made(b"CMYK", b"Lab ", b"prtr", {b"desc": named("Ink test"), b"A2B0": table})


def swapped(data: bytes) -> bytes:
    """The same RGB profile with red and blue exchanged, and nothing else: not its name either."""
    return data.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")


def profile(data: bytes) -> Profile:
    found = read_profile(data)
    assert found is not None
    return found


def test_the_srgb_profile_is_a_good_one() -> None:
    data = srgb_profile()
    assert struct.unpack_from(">I", data)[0] == len(data)
    opened = ImageCms.ImageCmsProfile(io.BytesIO(data))
    assert ImageCms.getProfileDescription(opened).strip() == "sRGB IEC61966-2.1"
    image = Image.fromarray(CUBE[None])
    built_in = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    for source, target in ((opened, built_in), (built_in, opened)):
        through = ImageCms.buildTransform(source, target, "RGB", "RGB").apply(image)
        assert np.abs(np.asarray(through).astype(int) - CUBE).max() <= 1
    assert srgb().srgb
    assert srgb().description == "sRGB IEC61966-2.1"


def test_the_srgb_profile_is_always_the_same() -> None:
    srgb_profile.cache_clear()
    first = srgb_profile()
    srgb_profile.cache_clear()
    assert srgb_profile() == first
    assert first[24:36] == struct.pack(">6H", 2000, 1, 1, 0, 0, 0)


def test_what_profiles_say_of_themselves() -> None:
    built_in = profile(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert (built_in.description, built_in.space, built_in.srgb) == ("sRGB built-in", "RGB ", True)
    assert not profile(swapped(srgb_profile())).srgb
    assert (profile(gray_profile(1.0)).description, profile(gray_profile(1.0)).space) == ("Gray test", "GRAY")
    assert (profile(ink_profile()).space, profile(ink_profile()).srgb) == ("CMYK", False)
    assert profile(srgb_profile()) == srgb()
    for broken in (b"", b"no profile at all", srgb_profile()[:130], bytes(5000)):
        assert read_profile(broken) is None


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=8), st.integers(0, 3000))
def test_a_damaged_profile_is_read_or_is_none(changes: list[tuple[int, int]], length: int) -> None:
    data = bytearray(srgb_profile())
    for place, value in changes:
        data[place % len(data)] = value
    found = read_profile(bytes(data[:length]))
    assert found is None or isinstance(found.description, str)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_red_is_blue_where_the_profile_says_so(mode: str) -> None:
    image = Image.new(mode, (3, 2), (255, 0, 0, 99)[: len(mode)])
    result = to_profile(image, profile(swapped(srgb_profile())), srgb())
    assert result.mode == mode
    assert result.getpixel((1, 1)) == (0, 0, 255, 99)[: len(mode)]


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_nothing_happens_without_a_reason(mode: str) -> None:
    image = Image.new(mode, (3, 2), (10, 200, 30, 99)[: len(mode)] if len(mode) > 1 else 10)
    built_in = profile(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for source in (None, srgb(), built_in, profile(ink_profile())):
        assert to_profile(image, source, srgb()) is image


def test_gray_stays_gray() -> None:
    image = Image.linear_gradient("L")
    levels = (np.arange(256) / 255) ** 1.8
    light = np.where(levels <= 0.0031308, levels * 12.92, 1.055 * levels ** (1 / 2.4) - 0.055) * 255
    result = to_profile(image, profile(gray_profile(1.8)), srgb())
    assert result.mode == "L"
    assert np.abs(np.asarray(result)[:, 0] - light).max() <= 1.5
    both = Image.merge("LA", (image, image))
    result = to_profile(both, profile(gray_profile(1.8)), srgb())
    assert np.abs(np.asarray(result)[:, 0, 0] - light).max() <= 1.5
    assert result.getchannel("A").tobytes() == image.tobytes()


def test_inks_go_through_their_profile() -> None:
    none, black = Image.new("CMYK", (1, 1), (0, 0, 0, 0)), Image.new("CMYK", (1, 1), (0, 0, 0, 255))
    for intent in INTENTS:
        green = np.array(to_profile(none, profile(ink_profile()), srgb(), intent).getpixel((0, 0)))
        red = np.array(to_profile(black, profile(ink_profile()), srgb(), intent, black_point=False).getpixel((0, 0)))
        assert green.argmax() == 1
        assert red.argmax() == 0
    assert to_profile(black, None, srgb()).getpixel((0, 0)) == (0, 0, 0)
    assert to_profile(black, profile(gray_profile(1.0)), srgb()).getpixel((0, 0)) == (0, 0, 0)


def test_a_profile_that_cannot_be_used_counts_as_none() -> None:
    no_curves = made(b"RGB ", b"XYZ ", b"mntr", {b"desc": named("Broken")})
    image = Image.new("RGB", (2, 2), (1, 2, 3))
    assert to_profile(image, profile(no_curves), srgb()) is image


def test_the_output_has_to_be_rgb() -> None:
    with pytest.raises(ValueError, match="Ink test"):
        to_profile(Image.new("RGB", (1, 1)), None, profile(ink_profile()))


@pytest.mark.parametrize("size", [(40, 30), (12, 9), (80, 60)])
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp"])
def test_originals_are_brought_to_srgb(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    path = tmp_path / name
    options = {"quality": 100} | ({"lossless": True} if name == "a.webp" else {})
    Image.new("RGB", (40, 30), (250, 20, 30)).save(path, icc_profile=swapped(srgb_profile()), **options)  # type: ignore[arg-type]
    assert probe(str(path), Limits()).profile == "sRGB IEC61966-2.1"
    image = load(Source(name, str(path), 0, 0), Box(0, 0, 40, 30), size, "bicub", Limits())
    assert np.abs(np.array(image.getpixel((5, 5))) - (30, 20, 250)).max() <= 4
    assert image.info == {}
    beyond = load(Source(name, str(path), 0, 0), Box(-40, 0, 40, 30), size, "bicub", Limits())
    assert np.abs(np.array(beyond.getpixel((size[0] * 3 // 4, 5))) - (30, 20, 250, 255)).max() <= 4


def test_inks_become_rgb_naively_and_back() -> None:
    rgb = Image.fromarray(CUBE[None])
    inks = np.asarray(naive(rgb, "cmyk")).astype(float)[0] / 255
    black = 1 - CUBE.max(axis=1) / 255
    assert np.abs(inks[:, 3] - black).max() < 1e-9
    assert np.abs((1 - inks[:, :3]) * (1 - inks[:, 3:]) - CUBE / 255).max() <= 1.01 / 255
    back = np.asarray(naive(naive(rgb, "cmyk"), "rgb")).astype(int)
    assert np.abs(back - CUBE).max() <= 1


@pytest.mark.parametrize(
    ("rgb", "inks"),
    [
        ((255, 0, 0), (0, 255, 255, 0)),
        ((0, 0, 0), (0, 0, 0, 255)),
        ((255, 255, 255), (0, 0, 0, 0)),
        ((128, 128, 128), (0, 0, 0, 127)),
        ((100, 50, 0), (0, 128, 255, 155)),
    ],
)
def test_inks_of_some_colours(rgb: tuple[int, ...], inks: tuple[int, ...]) -> None:
    assert naive(Image.new("RGB", (1, 1), rgb), "cmyk").getpixel((0, 0)) == inks


def test_gray_is_weighted() -> None:
    gray = np.asarray(naive(Image.fromarray(CUBE[None]), "gray")).astype(float)[0]
    assert np.abs(gray - CUBE @ np.array([0.299, 0.587, 0.114])).max() <= 0.51
    inks = Image.new("CMYK", (1, 1), (0, 255, 255, 0))
    assert naive(inks, "gray").getpixel((0, 0)) == 76


@pytest.mark.parametrize(
    ("mode", "pixels", "result"),
    [
        *[(mode, "rgb", "RGB") for mode in ("L", "RGB", "CMYK")],
        *[(mode, "gray", "L") for mode in ("L", "RGB", "CMYK")],
        *[(mode, "cmyk", "CMYK") for mode in ("L", "RGB", "CMYK")],
        *[(mode, "rgb", "RGBA") for mode in ("LA", "RGBA")],
        *[(mode, "gray", "LA") for mode in ("LA", "RGBA")],
        *[(mode, "cmyk", "RGBA") for mode in ("LA", "RGBA")],
    ],
)
def test_modes_of_pixel_types(mode: str, pixels: PixelType, result: str) -> None:
    image = Image.new(mode, (2, 2), 77 if mode == "L" else (77,) * len(mode))
    assert naive(image, pixels).mode == result
    if result.endswith("A"):
        assert naive(image, pixels).getchannel("A").getpixel((0, 0)) == 77
