"""Palettes of GIF and PNG8 (``r-is-http-quantize``)."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from proxy.errors import BadValue
from proxy.formats import NOTHING, formats
from proxy.formats._palette import MAC, WEB, quantized
from proxy.recipe.model import Output, Quantize

FORMATS = ("gif", "png8")


def photograph() -> Image.Image:
    y, x = np.mgrid[0:80, 0:120] / 120
    bands = [128 + 120 * np.sin(5 * x + 3 * y + 2 * band) * np.cos(4 * y - 2 * x + band) for band in range(3)]
    return Image.fromarray(np.stack(bands, axis=2).astype(np.uint8))


def cutout() -> Image.Image:
    """A round thing with a soft edge on nothing, under which hidden colours lie."""
    y, x = np.mgrid[0:80, 0:120]
    image = photograph().convert("RGBA")
    image.putalpha(Image.fromarray((255 * (35 - np.hypot(x - 60, y - 40)) / 6 + 128).clip(0, 255).astype(np.uint8)))
    return image


def written(image: Image.Image, name: str, how: Quantize) -> NDArray[np.int64]:
    """The pixels (RGBA) of an image as they come back from a file."""
    data = formats()[name].encode(image, Output(name, image.mode.endswith("A"), quantize=how), NOTHING)
    with Image.open(io.BytesIO(data)) as found:
        assert found.mode == "P" or name == "gif"
        return np.asarray(found.convert("RGBA")).astype(np.int64)


def colours(pixels: NDArray[np.int64]) -> set[tuple[int, ...]]:
    return {tuple(colour) for colour in np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0).tolist()}


def test_the_web_palette() -> None:
    assert len(set(WEB)) == 216
    assert {level for colour in WEB for level in colour} == {0x00, 0x33, 0x66, 0x99, 0xCC, 0xFF}


def test_the_macintosh_palette() -> None:
    assert len(set(MAC)) == 256
    assert MAC[0] == (255, 255, 255)
    assert MAC[1] == (255, 255, 204)
    assert MAC[214] == (0, 0, 51)
    assert MAC[215] == (0xEE, 0, 0)
    assert MAC[-1] == (0, 0, 0)
    assert set(WEB) < set(MAC)
    assert {colour[0] for colour in MAC if len(set(colour)) == 1} == {level * 17 for level in range(16)}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("dither", [True, False])
@pytest.mark.parametrize(("kind", "palette"), [("web", WEB), ("mac", MAC)])
def test_fixed_palettes_are_kept_to(kind: str, palette: list[tuple[int, int, int]], dither: bool, name: str) -> None:  # noqa: FBT001  # a table
    for image in (photograph(), photograph().convert("L")):
        found = written(image, name, Quantize(kind, dither, 2))
        assert colours(found[..., :3]) <= set(palette)


@pytest.mark.parametrize("palette", [WEB, MAC])
def test_without_dithering_each_pixel_takes_the_nearest_colour(palette: list[tuple[int, int, int]]) -> None:
    image = photograph()
    kind = "web" if palette is WEB else "mac"
    found = written(image, "png8", Quantize(kind, dither=False))[..., :3]
    pixels = np.asarray(image).astype(np.int64)
    best = np.min([((pixels - colour) ** 2).sum(axis=2) for colour in palette], axis=0)
    taken = ((pixels - found) ** 2).sum(axis=2)
    # Pillow looks the nearest up for blocks of 4 levels a side, so the second nearest may win at a border.
    assert (np.sqrt(taken) - np.sqrt(best)).max() <= 8
    assert (taken == best).mean() > 0.9


@pytest.mark.parametrize("name", FORMATS)
def test_diffusion_keeps_the_mean_and_off_keeps_areas_plain(name: str) -> None:
    image = Image.new("RGB", (40, 40), (128, 128, 128))
    how = Quantize("adaptive", count=2, colors=((0, 0, 0), (255, 255, 255)))
    plain = written(image, name, Quantize(how.type, dither=False, count=2, colors=how.colors))
    assert len(colours(plain)) == 1
    diffused = written(image, name, how)
    assert len(colours(diffused)) == 2
    assert abs(diffused[..., 0].mean() - 128) < 5


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("dither", [True, False])
@pytest.mark.parametrize("count", [2, 3, 16, 100, 256])
@pytest.mark.parametrize("picture", [photograph(), photograph().convert("L"), Image.new("RGB", (9, 9), (1, 2, 3))])
def test_there_are_never_more_colours_than_asked_for(picture: Image.Image, count: int, dither: bool, name: str) -> None:  # noqa: FBT001  # a table
    assert 1 <= len(colours(written(picture, name, Quantize("adaptive", dither, count)))) <= count


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("count", [2, 3, 16, 100, 255, 256])
@pytest.mark.parametrize("forced", [(), ((0, 0, 0), (255, 255, 255))])
def test_with_alpha_there_is_one_more_that_is_transparent(
    forced: tuple[tuple[int, int, int], ...], count: int, name: str
) -> None:
    found = written(cutout(), name, Quantize("adaptive", count=count, colors=forced))
    visible = colours(found[found[..., 3] > 0])
    assert len(visible) <= min(count, 255)
    assert len(colours(found)) == len(visible) + 1


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=8, unique=True),
    st.integers(8, 256),
    st.booleans(),
    st.sampled_from(("RGB", "RGBA", "L")),
)
def test_forced_colours_are_in_the_palette(forced: list[tuple[int, int, int]], count: int, dither: bool, mode: str) -> None:  # noqa: FBT001  # drawn
    image = cutout().convert(mode)
    indexed = quantized(image, Quantize("adaptive", dither, count, tuple(forced)), partial=False)
    palette = indexed.image.getpalette() or []
    entries = [tuple(palette[at : at + 3]) for at in range(0, len(palette), 3)]
    assert entries[: len(forced)] == forced
    assert len(entries) <= min(count, 255) + 1


@pytest.mark.parametrize("name", FORMATS)
def test_a_pixel_of_a_forced_colour_keeps_it(name: str) -> None:
    image = photograph()
    image.paste((1, 2, 3), (10, 10, 30, 30))
    found = written(image, name, Quantize("adaptive", dither=False, count=4, colors=((1, 2, 3),)))
    assert (found[15:25, 15:25, :3] == (1, 2, 3)).all()
    assert len(colours(found)) <= 4


def test_more_forced_colours_than_there_is_room_for() -> None:
    forced = ((0, 0, 0), (255, 255, 255), (255, 0, 0))
    found = written(photograph(), "gif", Quantize("adaptive", count=2, colors=forced))
    assert colours(found[..., :3]) <= set(forced[:2])


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("dither", [True, False])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_pictures_of_few_colours_lose_nothing(mode: str, dither: bool, name: str) -> None:  # noqa: FBT001  # a table
    rng = np.random.default_rng(4)
    entries = rng.integers(0, 256, (200, 4), dtype=np.uint8)
    entries[:, 3] = np.where(np.arange(200) % 9 == 0, 0, 255)
    entries[entries[:, 3] == 0] = 0
    pixels = entries[rng.integers(0, 200, (30, 50))]
    image = Image.fromarray(pixels).convert(mode)
    assert np.array_equal(written(image, name, Quantize(dither=dither)), np.asarray(image.convert("RGBA")))


def test_gif_is_transparent_below_one_half_and_opaque_from_there() -> None:
    image = photograph().resize((256, 4)).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").rotate(90).resize((256, 4), Image.Resampling.NEAREST))
    alpha = np.asarray(image)[..., 3]
    found = written(image, "gif", Quantize())
    assert np.array_equal(found[..., 3], np.where(alpha >= 128, 255, 0))


def test_png8_keeps_soft_edges() -> None:
    found = written(cutout(), "png8", Quantize())
    expected = np.asarray(cutout()).astype(np.int64)
    assert np.abs(found[..., 3] - expected[..., 3]).max() <= 40
    assert np.abs(found[..., 3] - expected[..., 3]).mean() < 1
    opaque = expected[..., 3] == 255
    assert np.array_equal(found[..., 3] == 255, opaque)
    assert np.abs(found - expected)[opaque].mean() < 4
    assert np.array_equal(found[..., 3] == 0, expected[..., 3] == 0)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("alpha", [0, 60, 200, 255])
def test_pictures_of_one_alpha(name: str, alpha: int) -> None:
    image = photograph().convert("RGBA")
    image.putalpha(alpha)
    found = written(image, name, Quantize(count=16))
    expected = alpha if name == "png8" else 255 * (alpha >= 128)
    assert np.abs(found[..., 3] - expected).max() <= 8
    assert len(colours(found)) <= 16 + (expected == 0)


def test_hidden_colours_take_no_place_in_the_palette() -> None:
    image = Image.new("RGBA", (60, 40), (200, 30, 30, 255))
    image.paste(cutout().convert("RGB").resize((60, 20)).convert("RGBA"), (0, 20))
    image.putpixel((0, 0), (200, 30, 31, 255))
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (0, 20, 60, 40))
    image.putalpha(alpha)
    found = written(image, "gif", Quantize(count=2))
    assert np.array_equal(found[:20], np.asarray(image)[:20])
    assert (found[20:, :, 3] == 0).all()


@pytest.mark.parametrize("name", FORMATS)
def test_the_macintosh_palette_has_no_room_for_alpha(name: str) -> None:
    with pytest.raises(BadValue, match="quantize=mac"):
        written(cutout(), name, Quantize("mac"))


@pytest.mark.parametrize("name", FORMATS)
def test_the_web_palette_with_alpha(name: str) -> None:
    found = written(cutout(), name, Quantize("web"))
    assert colours(found[found[..., 3] > 0][:, :3]) <= set(WEB)
    assert set(np.unique(found[..., 3])) == {0, 255}


@pytest.mark.parametrize(("count", "depth"), [(2, 1), (4, 2), (16, 4), (17, 8), (256, 8)])
def test_png8_takes_no_more_bits_than_it_needs(count: int, depth: int) -> None:
    data = formats()["png8"].encode(photograph(), Output("png8", quantize=Quantize(count=count)), NOTHING)
    assert data[24:26] == bytes([depth, 3])
