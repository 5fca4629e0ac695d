"""Profiles in files: what is found out about them, hostile ones included, and colour values brought from space to space."""

import hashlib
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from proxy.errors import BadSource, Missing
from proxy.protocol.color import Color
from proxy.recipe.model import (
    Box,
    ColorMeaning,
    ColorSpace,
    Conversion,
    EffectPlan,
    LayerPlan,
    Picture,
    PixelType,
    View,
)
from proxy.render.profiles import made_profile, srgb, srgb_profile
from proxy.render.spaces import brought, coloured, components, look_at, profile_of
from tests.profiles import PRESS, PROFILES, gray_profile, ink_profile, made, named, swapped

SWAPPED = swapped(srgb_profile())


def kept(folder: Path, data: bytes) -> str:
    path = folder / "a.icc"
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize(
    ("data", "pixels", "name", "facts"),
    [
        (srgb_profile(), "rgb", "sRGB IEC61966-2.1", (True, True)),
        (SWAPPED, "rgb", "sRGB IEC61966-2.1", (False, True)),
        (made_profile("AdobeRGB"), "rgb", "Adobe RGB (1998)", (False, True)),
        (gray_profile(1.8), "gray", "Gray test", (False, True)),
        # inks that can be shown, and that nothing can be separated into
        (ink_profile(), "cmyk", "Ink test", (False, False)),
        (PRESS.read_bytes(), "cmyk", "Artifex CMYK SWOP Profile", (False, True)),
    ],
    ids=["srgb", "swapped", "adobe", "gray", "inks", "press"],
)
def test_what_is_found_out(data: bytes, pixels: PixelType, name: str, facts: tuple[bool, bool], tmp_path: Path) -> None:
    path = kept(tmp_path, data)
    seen = look_at(path, "a.icc")
    assert seen.space == ColorSpace(pixels, name, path, hashlib.sha256(data).hexdigest())
    assert (seen.srgb, seen.writable, seen.expected) == (*facts, "")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "which this file is not"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "which this file is not"),
        (srgb_profile()[:130], "which this file is not"),
        (srgb_profile()[:600], "damaged"),
        (made(b"RGB ", b"XYZ ", b"mntr", {b"desc": named("Broken")}), "damaged"),
        (made(b"Lab ", b"XYZ ", b"abst", {b"desc": named("Abstract")}), "this is one of Lab data"),
        (made(b"6CLR", b"Lab ", b"prtr", {b"desc": named("Six inks")}), "this is one of 6CLR data"),
        ((PROFILES / "ghostscript/lab.icc").read_bytes(), "this is one of Lab data"),
    ],
)
def test_what_cannot_be_used(data: bytes, told: str, tmp_path: Path) -> None:
    seen = look_at(kept(tmp_path, data), "a.icc")
    assert seen.space is None
    assert told in seen.expected
    assert str(tmp_path) not in seen.expected


def test_a_profile_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        look_at(str(tmp_path / "none.icc"), "none.icc")
    with pytest.raises(Missing):
        profile_of(ColorSpace("rgb", "None", str(tmp_path / "none.icc"), "0"))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=12),
    length=st.integers(0, 6000),
    start=st.sampled_from((SWAPPED, ink_profile())),
)
def test_damaged_profiles_hurt_nobody(tmp_path: Path, changes: list[tuple[int, int]], length: int, start: bytes) -> None:
    data = bytearray(start)
    for place, value in changes:
        data[place % len(data)] = value
    seen = look_at(kept(tmp_path, bytes(data[:length])), "a.icc")
    assert (seen.space is None) == bool(seen.expected)
    if seen.space is not None:
        assert seen.space.name.isprintable()


@pytest.mark.parametrize("letters", ["", "\n\t", "x" * 1000])
def test_names_are_fit_to_be_shown(letters: str, tmp_path: Path) -> None:
    name = letters.encode()
    tag = b"desc" + struct.pack(">4xI", len(name) + 1) + name + b"\0" + bytes(78)
    data = made(b"GRAY", b"XYZ ", b"mntr", {b"desc": tag, b"kTRC": b"curv" + struct.pack(">4xIH", 1, 512) + b"\0\0"})
    space = look_at(kept(tmp_path, data), "a.icc").space
    assert space is not None
    assert space.name == (letters[:100] if letters.isalpha() else "unnamed")


def test_profiles_are_those_of_the_recipe(tmp_path: Path) -> None:
    path = kept(tmp_path, SWAPPED)
    space = look_at(path, "a.icc").space
    assert space is not None
    found = profile_of(space)
    assert found is not None
    assert found.data == SWAPPED
    other = ColorSpace(space.pixels, space.name, path, "0" * 64)
    with pytest.raises(BadSource, match=r"a\.icc: the colour profile has changed"):
        profile_of(other)
    assert profile_of(ColorSpace()) is srgb()
    assert profile_of(ColorSpace("cmyk", "")) is None
    adobe = profile_of(ColorSpace("rgb", "AdobeRGB"))
    assert adobe is not None
    assert adobe.description == "Adobe RGB (1998)"


def test_the_profile_of_an_original_is_a_space_too(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (2, 2)).save(path, icc_profile=SWAPPED)
    found = profile_of(ColorSpace("rgb", "Swap", str(path), hashlib.sha256(SWAPPED).hexdigest()))
    assert found is not None
    assert found.data == SWAPPED


@pytest.mark.parametrize(
    ("color", "pixels", "result"),
    [
        (Color("rgb", (255, 0, 0), 9), "rgb", (255, 0, 0)),
        (Color("rgb", (255, 0, 0)), "gray", (76,)),
        (Color("rgb", (255, 0, 0)), "cmyk", (0, 255, 255, 0)),
        (Color("gray", (77,)), "rgb", (77, 77, 77)),
        (Color("gray", (77,)), "gray", (77,)),
        (Color("gray", (77,)), "cmyk", (0, 0, 0, 178)),
        (Color("cmyk", (10, 20, 30, 40), 5), "cmyk", (10, 20, 30, 40)),
        (Color("cmyk", (0, 255, 255, 0)), "rgb", (255, 0, 0)),
        (Color("cmyk", (0, 0, 0, 55)), "gray", (200,)),
    ],
)
def test_backgrounds_are_converted_naively(color: Color, pixels: PixelType, result: tuple[int, ...]) -> None:
    assert components(color, pixels) == result


def test_colours_mean_what_the_picture_says(tmp_path: Path) -> None:
    space = look_at(kept(tmp_path, SWAPPED), "a.icc").space
    assert space is not None
    red, tagged = Color("rgb", (250, 20, 30), 99), Color("rgb", (250, 20, 30), 99, source=True)
    inks = Color("cmyk", (0, 255, 255, 0), source=True)
    effects = (EffectPlan(1, tagged), EffectPlan(2, red))
    layer = LayerPlan(0, None, Box(0, 0, 1, 1), (1, 1), color=tagged, background=red, effects=effects)
    plain = Picture(layers=(layer,), view=View((1, 1), (1, 1), (0, 0), (1, 1), (0, 0, 1, 1)), effects=effects)
    assert coloured(plain, Conversion()) is plain
    picture = Picture(
        layers=(layer, LayerPlan(1, None, Box(0, 0, 1, 1), (1, 1), color=inks)),
        view=plain.view,
        effects=effects,
        meanings=(ColorMeaning("rgb", source=True, space=space),),
    )
    changed = coloured(picture, Conversion(dither=True))
    blue = Color("rgb", (30, 20, 250), 99)
    assert (changed.layers[0].color, changed.layers[0].background, changed.layers[1].color) == (blue, red, inks)
    assert [effect.color for effect in changed.effects] == [effect.color for effect in changed.layers[0].effects] == [blue, red]


def test_nothing_is_converted_within_a_space() -> None:
    image = Image.new("RGB", (2, 2), (1, 2, 3))
    lost = ColorSpace("rgb", "Lost", "/nowhere", "0")
    assert brought(image, lost, lost, Conversion()) is image
