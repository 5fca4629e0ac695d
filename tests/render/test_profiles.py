"""What profiles say of themselves, and those made here against the ones that Debian has from another maker."""

import io
import itertools
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from proxy.catalog.profiles import STANDARDS, Standard
from proxy.render.profiles import made_profile, read_profile, srgb, srgb_profile
from tests.profiles import PROFILES, delta_e, gray_profile, ink_profile, read, swapped, through

CUBE = np.array(list(itertools.product((0, 1, 51, 100, 128, 200, 254, 255), repeat=3)), np.uint8)
OTHERS = {
    "AdobeRGB": "AdobeRGB1998",
    "AppleRGB": "AppleRGB",
    "CIERGB": "CIE-RGB",
    "ColorMatchRGB": "ColorMatchRGB",
    "NTSC": "NTSC-RGB",
    "PAL": "PAL-RGB",
    "ProPhoto": "ProPhotoRGB",
    "SMPTE": "SMPTE-C-RGB",
    "WideGamutRGB": "WideGamutRGB",
    "sRGB": "sRGB",
}
MADE = [row for row in STANDARDS if row.pixels != "cmyk"]


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
    built_in = read(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert (built_in.description, built_in.space, built_in.srgb) == ("sRGB built-in", "RGB ", True)
    assert not read(swapped(srgb_profile())).srgb
    assert (read(gray_profile(1.0)).description, read(gray_profile(1.0)).space) == ("Gray test", "GRAY")
    assert (read(ink_profile()).space, read(ink_profile()).srgb) == ("CMYK", False)
    assert read(srgb_profile()) == srgb()
    for broken in (b"", b"no profile at all", srgb_profile()[:130], bytes(5000)):
        assert read_profile(broken) is None


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=8), st.integers(0, 3000))
def test_a_damaged_profile_is_read_or_is_none(changes: list[tuple[int, int]], length: int) -> None:
    data = bytearray(srgb_profile())
    for place, value in changes:
        data[place % len(data)] = value
    found = read_profile(bytes(data[:length]))
    assert found is None or isinstance(found.description, str)


@pytest.mark.parametrize("row", MADE, ids=lambda row: row.name)
def test_standard_profiles_are_made_the_same_every_time(row: Standard) -> None:
    first = made_profile(row.name)
    made_profile.cache_clear()
    assert made_profile(row.name) == first
    found = read(first)
    assert (found.description, found.pixels) == (row.title, row.pixels)
    assert found.srgb == (row.name == "sRGB")
    opened = ImageCms.ImageCmsProfile(io.BytesIO(first))
    assert ImageCms.getProfileDescription(opened).strip() == row.title


def test_profiles_of_inks_are_not_made() -> None:
    for name in ("WebCoated", "no such profile"):
        with pytest.raises(KeyError):
            made_profile(name)


@pytest.mark.parametrize("name", OTHERS)
def test_rgb_profiles_mean_what_those_of_another_maker_mean(name: str, tmp_path: Path) -> None:
    """Distances in Lab stay below a tenth of what an eye can tell; they come of the other maker's own rounding."""
    ours = tmp_path / "ours.icc"
    ours.write_bytes(made_profile(name))
    levels = CUBE.astype(np.float64)
    distance = delta_e(through(levels, ours, "*Lab"), through(levels, PROFILES / f"colord/{OTHERS[name]}.icc", "*Lab"))
    assert distance.mean() < 0.03
    assert distance.max() < 0.1


@pytest.mark.parametrize(("name", "gamma"), [("GrayGamma18", 1.8), ("GrayGamma22", 2.2)])
def test_gray_profiles_have_their_exponent(name: str, gamma: float, tmp_path: Path) -> None:
    ours = tmp_path / "ours.icc"
    ours.write_bytes(made_profile(name))
    level = np.linspace(0, 255, 52)[:, None]
    light = (level / 255) ** gamma
    wanted = np.where(light > 216 / 24389, 116 * np.cbrt(light) - 16, light * 24389 / 27)
    lab = through(level, ours, "*Lab")
    assert np.abs(lab[:, :1] - wanted).max() < 0.1
    assert np.abs(lab[:, 1:]).max() < 0.01
