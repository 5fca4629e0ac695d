"""Conversions of pixels, against profiles made by hand, formulas written out, and LittleCMS's own program."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from proxy.recipe.model import Box, Conversion, PixelType, Source
from proxy.render.colour import INTENTS, naive, rounded, to_space
from proxy.render.load import Limits, load, probe
from proxy.render.profiles import made_profile, srgb, srgb_profile
from tests.profiles import PRESS, gray_profile, ink_profile, made, named, read, swapped, through

CUBE = np.array(list(itertools.product((0, 1, 51, 100, 128, 200, 254, 255), repeat=3)), np.uint8)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_red_is_blue_where_the_profile_says_so(mode: str) -> None:
    image = Image.new(mode, (3, 2), (255, 0, 0, 99)[: len(mode)])
    result = to_space(image, read(swapped(srgb_profile())), srgb())
    assert result.mode == mode
    assert result.getpixel((1, 1)) == (0, 0, 255, 99)[: len(mode)]


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_nothing_happens_without_a_reason(mode: str) -> None:
    image = Image.new(mode, (3, 2), (10, 200, 30, 99)[: len(mode)] if len(mode) > 1 else 10)
    built_in = read(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for source in (None, srgb(), built_in, read(ink_profile())):
        assert to_space(image, source, srgb()) is image


def test_gray_stays_gray() -> None:
    image = Image.linear_gradient("L")
    levels = (np.arange(256) / 255) ** 1.8
    light = np.where(levels <= 0.0031308, levels * 12.92, 1.055 * levels ** (1 / 2.4) - 0.055) * 255
    result = to_space(image, read(gray_profile(1.8)), srgb())
    assert result.mode == "L"
    assert np.abs(np.asarray(result)[:, 0] - light).max() <= 1.5
    both = Image.merge("LA", (image, image))
    result = to_space(both, read(gray_profile(1.8)), srgb())
    assert np.abs(np.asarray(result)[:, 0, 0] - light).max() <= 1.5
    assert result.getchannel("A").tobytes() == image.tobytes()


def test_inks_go_through_their_profile() -> None:
    none, black = Image.new("CMYK", (1, 1), (0, 0, 0, 0)), Image.new("CMYK", (1, 1), (0, 0, 0, 255))
    for intent in INTENTS:
        how = Conversion(intent, black_point=False)
        green = np.array(to_space(none, read(ink_profile()), srgb(), "rgb", Conversion(intent)).getpixel((0, 0)))
        red = np.array(to_space(black, read(ink_profile()), srgb(), "rgb", how).getpixel((0, 0)))
        assert green.argmax() == 1
        assert red.argmax() == 0
    assert to_space(black, None, srgb()).getpixel((0, 0)) == (0, 0, 0)
    assert to_space(black, read(gray_profile(1.0)), srgb()).getpixel((0, 0)) == (0, 0, 0)


def test_a_profile_that_cannot_be_used_counts_as_none() -> None:
    no_curves = made(b"RGB ", b"XYZ ", b"mntr", {b"desc": named("Broken")})
    image = Image.new("RGB", (2, 2), (1, 2, 3))
    for dither in (False, True):
        assert to_space(image, read(no_curves), srgb(), "rgb", Conversion(dither=dither)) is image


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


@pytest.fixture(scope="module")
def srgb_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("profiles") / "srgb.icc"
    path.write_bytes(srgb_profile())
    return path


@pytest.mark.parametrize("intent", ["perceptual", "relative"])
def test_into_inks(intent: str, srgb_file: Path) -> None:
    """LittleCMS takes pixels through a table of 33 steps, so single inks are off by some levels; the mean is rounding."""
    inks = np.asarray(to_space(Image.fromarray(CUBE[None]), srgb(), read(PRESS.read_bytes()), "cmyk", Conversion(intent)))
    wanted = through(CUBE.astype(np.float64), srgb_file, PRESS, intent=INTENTS[intent]) * 2.55
    assert np.abs(inks[0] - wanted).mean() < 0.5
    assert np.abs(inks[0] - wanted).max() < 6


def test_into_gray(srgb_file: Path, tmp_path: Path) -> None:
    gray_file = tmp_path / "gray.icc"
    gray_file.write_bytes(made_profile("GrayGamma22"))
    cube = np.array(list(itertools.product(range(0, 256, 15), repeat=3)), np.uint8)
    levels = np.asarray(to_space(Image.fromarray(cube[None]), srgb(), read(made_profile("GrayGamma22")), "gray"))
    wanted = through(cube.astype(np.float64), srgb_file, gray_file)
    assert np.abs(levels[0] - wanted[:, 0]).max() < 0.6


@pytest.mark.parametrize(
    ("mode", "pixels", "result"),
    [("RGBA", "gray", "LA"), ("RGBA", "cmyk", "CMYK"), ("LA", "rgb", "LA"), ("RGBA", "rgb", "RGBA"), ("L", "cmyk", "CMYK")],
)
@pytest.mark.parametrize("dither", [False, True])
def test_alpha_is_kept_where_there_is_a_mode_for_it(mode: str, pixels: PixelType, result: str, *, dither: bool) -> None:
    image = Image.new(mode, (9, 5), (90,) * len(mode) if len(mode) > 1 else 90)
    sources = {"R": read(made_profile("AdobeRGB")), "L": read(gray_profile(1.8))}
    targets = {"rgb": srgb(), "gray": read(made_profile("GrayGamma22")), "cmyk": read(PRESS.read_bytes())}
    for source in (sources[mode[0]], None):
        made_ = to_space(image, source, targets[pixels], pixels, Conversion(dither=dither))
        assert (made_.mode, made_.size) == (result, (9, 5))
        if result.endswith("A"):
            assert made_.getchannel("A").getextrema() == (90, 90)


def test_rounding_by_a_pattern() -> None:
    """Whole levels stay; between two of them as many of 64 pixels are the higher one as the rest says, none is farther off."""
    whole = np.arange(256, dtype=np.uint16)[:, None, None] * 257
    assert (rounded(np.broadcast_to(whole, (256, 16, 3)))[:, :, 1] == np.arange(256)[:, None]).all()
    for deep in (1, 100, 128, 5000, 30_000, 65_500):
        levels = rounded(np.full((64, 64, 1), deep, np.uint16)).astype(np.float64)
        assert abs(levels.mean() - deep / 257) <= 1 / 64
        assert np.abs(levels - deep / 257).max() < 1
    assert rounded(np.full((3, 21, 4), 300, np.uint16)).shape == (3, 21, 4)


def test_dithering_keeps_the_mean_of_a_slow_gradient() -> None:
    ramp = np.broadcast_to(np.repeat(np.arange(60, 72, dtype=np.uint8), 64)[:, None, None], (768, 64, 3))
    image = Image.fromarray(np.ascontiguousarray(ramp))
    source, target = read(made_profile("ProPhoto")), srgb()
    plain = np.asarray(to_space(image, source, target)).astype(np.float64)
    dithered = np.asarray(to_space(image, source, target, "rgb", Conversion(dither=True))).astype(np.float64)
    assert (dithered == np.asarray(to_space(image, source, target, "rgb", Conversion(dither=True)))).all()
    assert np.abs(plain - dithered).max() <= 1
    assert (plain != dithered).any()
    # grays stay neutral, but where the last of 16 bits differ between components
    assert (np.ptp(dithered, axis=2) > 0).mean() < 0.05
    exact = ((np.arange(60, 72) / 255) ** 1.8) * 255
    means = dithered[..., 1].reshape(12, -1).mean(axis=1)
    light = np.where(means / 255 <= 0.04045, means / 255 / 12.92, ((means / 255 + 0.055) / 1.055) ** 2.4) * 255
    assert np.abs(light - exact).max() < 0.05
