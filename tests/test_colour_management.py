"""Colour management from URL to bytes, against LittleCMS's own program: the distances are CIE76 in Lab, computed here."""

import asyncio
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

from proxy.answers._base import Ask
from proxy.answers.props import Props
from proxy.catalog.watch import CatalogFolder
from proxy.errors import BadSource, BadValue, IsproxyError, Refused
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import Pool, PoolConfig
from proxy.render.profiles import D65, RgbSpace, made_profile, matrix_profile, srgb_profile
from proxy.service import Rendition, Renditions, ServiceConfig
from proxy.sources.folders import Folder
from proxy.sources.hosts import ForeignConfig
from proxy.sources.http import Foreign
from tests.profiles import PRESS, PROFILES, delta_e, ink_profile, lab_of_srgb, swapped, through

STEP = 16
"""Pixels of a patch's side: several blocks of a JPEG, so that its middle is its colour alone."""
CUBE = np.array(list(itertools.product((0, 64, 128, 192, 255), repeat=3)), np.uint8)
INKS = np.array([row for row in itertools.product((0, 85, 170, 255), repeat=4) if sum(row) <= 700], np.uint8)
DISPLAY_P3 = matrix_profile("Display P3", RgbSpace((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), D65, 2.2))
WIDE = {
    "adobe": (PROFILES / "colord/AdobeRGB1998.icc").read_bytes(),
    "prophoto": (PROFILES / "colord/ProPhotoRGB.icc").read_bytes(),
    "p3": DISPLAY_P3,
}
MAP = """Name	ProfilePath
press	profiles/press.icc
another press	profiles/press.icc
swap	profiles/swap.icc
scanner	profiles/scanner.icc
broken	profiles/broken.icc
"""
CATALOGS = {
    "default.ini": "RootId=\nIccProfileMapFile=icc.tab\nDefaultPix=0,0\n",
    "print.ini": "RootId=print\nIccProfileCmyk=press\nIccProfileGray=GrayGamma22\nIccProfileSrcRgb=AdobeRGB\n",
    "gone.ini": "RootId=gone\nIccProfileCmyk=WebCoated\n",
    "icc.tab": MAP,
}


def chart(colors: NDArray[np.uint8]) -> Image.Image:
    """A row of patches."""
    pixels = np.repeat(np.repeat(colors[None], STEP, axis=0), STEP, axis=1)
    mode = {1: "L", 3: "RGB", 4: "CMYK"}[colors.shape[1]]
    return Image.frombytes(mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes())


def patches(image: Image.Image) -> NDArray[np.uint8]:
    """The colours in the middle of the patches of a chart."""
    pixels = np.asarray(image)
    return pixels[STEP // 2, STEP // 2 :: STEP].reshape(image.width // STEP, -1)


@dataclass(frozen=True, slots=True)
class Studio:
    """The one path over a folder of charts in many colour spaces."""

    folder: Path
    renditions: Renditions

    def get(self, target: str) -> Rendition:
        return asyncio.run(self.renditions.get(self.renditions.read(target)))

    def image(self, target: str) -> Image.Image:
        image = Image.open(io.BytesIO(self.get(target).data))
        image.load()
        return image

    def patches(self, target: str) -> NDArray[np.uint8]:
        return patches(self.image(target))

    def wrong(self, target: str) -> IsproxyError:
        with pytest.raises(IsproxyError) as raised:
            self.get(target)
        assert str(self.folder) not in raised.value.detail
        return raised.value


def furnish(images: Path) -> None:
    """Write the charts and the profiles."""
    (images / "profiles").mkdir(parents=True)
    profiles = {
        "press": PRESS.read_bytes(),
        "swap": swapped(srgb_profile()),
        "scanner": ink_profile(),
        "broken": PRESS.read_bytes()[:9000],
        "huge-count": srgb_profile()[:128] + b"\xff\xff\xff\xff" + srgb_profile()[132:],
    }
    for name, data in profiles.items():
        (images / f"profiles/{name}.icc").write_bytes(data)
    rgb, inks, gray = chart(CUBE), chart(INKS), chart(np.arange(0, 256, 15, dtype=np.uint8)[:, None])
    for name, profile in WIDE.items():
        rgb.save(images / f"{name}.png", icc_profile=profile)
        rgb.save(images / f"{name}.jpg", icc_profile=profile, quality=100, subsampling=0)
    rgb.save(images / "plain.png")
    gray.save(images / "gray.png")
    inks.save(images / "inks.tif")
    inks.save(images / "press.tif", icc_profile=profiles["press"])
    inks.save(images / "press.jpg", icc_profile=profiles["press"], quality=100)
    half = rgb.convert("RGBA")
    half.putalpha(Image.linear_gradient("L").resize(half.size))
    half.save(images / "half.png")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("studio")
    furnish(folder / "images")
    (folder / "catalogs").mkdir()
    for name, text in CATALOGS.items():
        (folder / "catalogs" / name).write_text(text)
    (folder / "supplied").mkdir()
    (folder / "supplied/CoatedFOGRA39.icc").write_bytes(PRESS.read_bytes())
    pool = Pool(PoolConfig(workers=1), Opening(Limits()))
    config = ServiceConfig(validate_after=0, profiles=folder / "supplied")
    catalogs = CatalogFolder(folder / "catalogs", None)
    renditions = Renditions(catalogs, [Folder(folder / "images")], Foreign(ForeignConfig()), pool, config)
    yield Studio(folder, renditions)
    renditions.close()


@pytest.fixture(scope="module")
def srgb_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("profiles") / "srgb.icc"
    path.write_bytes(srgb_profile())
    return path


def file_of(folder: Path, data: bytes) -> Path:
    path = folder / "profile.icc"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("suffix", "mean", "most"), [("png", 0.2, 0.7), ("jpg", 0.5, 2.0)])
@pytest.mark.parametrize("name", WIDE)
def test_wide_gamuts_look_right(
    name: str, suffix: str, mean: float, most: float, studio: Studio, srgb_file: Path, tmp_path: Path
) -> None:
    """A level of rounding is most in the dark; a JPEG adds its own."""
    found = studio.patches(f"{name}.{suffix}?fmt=png")
    wanted = through(CUBE.astype(np.float64), file_of(tmp_path, WIDE[name]), srgb_file)
    distance = delta_e(lab_of_srgb(found), lab_of_srgb(wanted))
    assert distance.mean() < mean
    assert distance.max() < most
    # numbers shown as they are would be far off
    assert delta_e(lab_of_srgb(CUBE), lab_of_srgb(wanted)).mean() > 3


@pytest.mark.parametrize(("name", "mean", "most"), [("press.tif", 0.35, 1.0), ("press.jpg", 0.35, 1.0)])
def test_inks_look_right(name: str, mean: float, most: float, studio: Studio, srgb_file: Path) -> None:
    found = studio.patches(f"{name}?fmt=png")
    wanted = through(INKS / 2.55, PRESS, srgb_file)
    distance = delta_e(lab_of_srgb(found), lab_of_srgb(wanted))
    assert distance.mean() < mean
    assert distance.max() < most


@pytest.mark.parametrize("name", ["plain", "adobe"])
def test_separations_print_right(name: str, studio: Studio, srgb_file: Path) -> None:
    """What the inks look like, next to what exact ones would; straight from the original's space into inks."""
    found = studio.patches(f"{name}.png?icc=press&fmt=tif")
    assert found.shape[1] == 4
    source = srgb_file if name == "plain" else PROFILES / "colord/AdobeRGB1998.icc"
    wanted = through(through(CUBE.astype(np.float64), source, PRESS), PRESS, "*Lab")
    distance = delta_e(through(found / 2.55, PRESS, "*Lab"), wanted)
    assert distance.mean() < 0.25
    assert distance.max() < 1.0


@pytest.mark.parametrize(
    "target",
    [
        "press.tif?icc=press&fmt=tif",
        "press.tif?icc=another%20press&fmt=tif",
        "press.tif?fmt=tif,cmyk",
        "print/press.tif?fmt=tif,cmyk",
        "print/inks.tif?fmt=tif,cmyk",
        "inks.tif?fmt=tif,cmyk",
        "press.tif?icc=CoatedFogra39&fmt=tif",
    ],
)
def test_inks_in_the_right_space_are_kept(target: str, studio: Studio) -> None:
    assert (studio.patches(target) == INKS).all()


EMBEDDED = [
    *[
        (f"plain.png?fmt={word}", "sRGB IEC61966-2.1")
        for word in ("jpeg", "pjpeg", "png", "png8", "tif", "png-alpha", "tif-alpha")
    ],
    ("plain.png?fmt=png&icc=AdobeRGB", "Adobe RGB (1998)"),
    ("adobe.png?fmt=png", "sRGB IEC61966-2.1"),
    ("print/gray.png?fmt=png,gray", "Gray Gamma 2.2"),
    ("gray.png?fmt=jpeg&icc=Gray%20Gamma%201.8", "Gray Gamma 1.8"),
    ("print/plain.png?fmt=tif,cmyk", "Artifex CMYK SWOP Profile"),
    ("print/plain.png?fmt=jpeg,cmyk", "Artifex CMYK SWOP Profile"),
    ("press.tif?fmt=jpeg,cmyk", "Artifex CMYK SWOP Profile"),
    ("plain.png?fmt=jpeg,gray", ""),
    ("plain.png?fmt=tif,cmyk", ""),
    ("plain.png?fmt=webp&icc=swap", ""),
    ("plain.png?fmt=gif&icc=swap", ""),
]


@pytest.mark.parametrize(("target", "title"), EMBEDDED)
def test_what_is_embedded(target: str, title: str, studio: Studio) -> None:
    data = studio.image(f"{target}&iccEmbed=1").info.get("icc_profile")
    found = "" if data is None else ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(data))).strip()
    assert found == title
    assert "icc_profile" not in studio.image(target).info


def test_an_embedded_profile_is_the_file_byte_by_byte(studio: Studio) -> None:
    assert studio.image("plain.png?icc=press&fmt=tif&iccEmbed=1").info["icc_profile"] == PRESS.read_bytes()
    assert studio.image("press.jpg?fmt=jpeg,cmyk&iccEmbed=1").info["icc_profile"] == PRESS.read_bytes()


def test_a_reply_means_what_the_original_meant(studio: Studio, tmp_path: Path) -> None:
    """By way of the embedded profile, whatever the space of the reply."""
    wanted = through(CUBE.astype(np.float64), PROFILES / "colord/AdobeRGB1998.icc", "*Lab")
    for name in ("AdobeRGB", "ProPhoto", "WideGamutRGB"):
        image = studio.image(f"adobe.png?icc={name}&fmt=png&iccEmbed=1")
        lab = through(patches(image).astype(np.float64), file_of(tmp_path, image.info["icc_profile"]), "*Lab")
        assert delta_e(lab, wanted).mean() < 1.0


def test_gray_originals(studio: Studio) -> None:
    levels = np.arange(0, 256, 15)
    assert (studio.patches("gray.png?fmt=png,gray")[:, 0] == levels).all()
    assert (studio.patches("print/gray.png?fmt=png,gray")[:, 0] == levels).all()
    # a gray of exponent 2.2 shown in sRGB
    light = (levels / 255) ** 2.2
    shown = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    assert np.abs(studio.patches("print/gray.png?fmt=png") - shown[:, None]).max() <= 1


def test_originals_without_a_profile_have_the_attributes(studio: Studio, srgb_file: Path) -> None:
    wanted = through(CUBE.astype(np.float64), PROFILES / "colord/AdobeRGB1998.icc", srgb_file)
    assert delta_e(lab_of_srgb(studio.patches("print/plain.png?fmt=png")), lab_of_srgb(wanted)).mean() < 0.35
    wanted = through(INKS / 2.55, PRESS, srgb_file)
    assert delta_e(lab_of_srgb(studio.patches("print/inks.tif?fmt=png")), lab_of_srgb(wanted)).mean() < 0.4


COLOURS = [
    # without a suffix they belong to the reply
    ("plain.png?icc=swap&layer=1&color=250,20,30", (250, 20, 30)),
    # sRGB is the space of originals, so an s colour is converted
    ("plain.png?icc=swap&layer=1&color=250,20,30s", (30, 20, 250)),
    ("plain.png?layer=1&color=0,100,100,0k", (255, 0, 0)),
    ("print/plain.png?layer=1&color=10g", (19, 19, 19)),
    ("plain.png?layer=1&src=is(?icc=swap&size=8,8&color=250,20,30)", (30, 20, 250)),
]


@pytest.mark.parametrize(("target", "wanted"), COLOURS)
def test_colour_values(target: str, wanted: tuple[int, ...], studio: Studio) -> None:
    found = studio.image(f"{target}&size=8,8&pos=0,0&fmt=png")
    middle = found.getpixel((found.width // 2, found.height // 2))
    assert np.abs(np.array(middle) - wanted).max() <= 2


def test_colour_values_of_inks(studio: Studio, srgb_file: Path) -> None:
    found = studio.image("print/plain.png?layer=1&color=100,50,0,10k&size=8,8&fmt=png")
    middle = np.array(found.getpixel((found.width // 2, found.height // 2)), np.uint8)
    wanted = through(np.array([[100.0, 50.0, 0.0, 10.0]]), PRESS, srgb_file)
    assert delta_e(lab_of_srgb(middle[None]), lab_of_srgb(wanted)).max() < 2


@pytest.mark.parametrize("source", ["plain.png", "half.png", "press.tif", "plain.png?layer=1&size=9,9&color=ff0000"])
def test_a_background_is_a_colour_of_the_reply(source: str, studio: Studio) -> None:
    join = "&" if "?" in source else "?"
    image = studio.image(f"{source}{join}icc=press&fmt=tif&wid=64&hei=64&bgc=10,20,30,40k")
    assert image.getpixel((1, 1)) == (26, 51, 77, 102)
    assert studio.image(f"{source}{join}icc=press&fmt=tif&wid=64&hei=64&bgc=ff0000").getpixel((1, 1)) == (0, 255, 255, 0)


def test_inks_with_alpha_are_managed(studio: Studio) -> None:
    data = studio.get("print/half.png?fmt=tif-alpha,cmyk&iccEmbed=1").data
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        samples = page.asarray()
        assert page.tags[34675].value == PRESS.read_bytes()
    assert (samples[..., 4] == np.asarray(Image.open(studio.folder / "images/half.png"))[..., 3]).all()
    found = through(samples[STEP // 2, STEP // 2 :: STEP, :4] / 2.55, PRESS, "*Lab")
    wanted = through(through(CUBE.astype(np.float64), PROFILES / "colord/AdobeRGB1998.icc", PRESS), PRESS, "*Lab")
    # by way of sRGB, so colours beyond it are lost: most patches are within
    assert np.median(delta_e(found, wanted)) < 3


def test_intents_and_the_black_point_count(studio: Studio, srgb_file: Path) -> None:
    replies = {}
    for words in ("perceptual", "relative", "absolute", "relative,0", "relative,1"):
        replies[words] = studio.patches(f"plain.png?icc=press,{words}&fmt=tif")
    assert (replies["relative"] == replies["relative,1"]).all()
    for one, other in (("relative", "perceptual"), ("relative", "absolute"), ("relative,0", "relative,1")):
        assert (replies[one] != replies[other]).any()
    wanted = through(CUBE.astype(np.float64), srgb_file, PRESS, intent=3)
    assert np.abs(replies["absolute"] / 2.55 - wanted).mean() < 0.4


def test_dithering_is_the_same_every_time(studio: Studio) -> None:
    targets = [f"adobe.png?fmt=png&icc=sRGB,relative,1,{dither}" for dither in "01"]
    plain, dithered = (studio.get(target) for target in targets)
    assert plain.key != dithered.key
    assert plain.data != dithered.data
    assert studio.get(targets[1] + "&cache=update").data == dithered.data
    first, second = (np.asarray(studio.image(target)).astype(int) for target in targets)
    assert np.abs(first - second).max() == 1


REFUSED = [
    ("plain.png?icc=none", "icc=none: expected the name of a profile"),
    ("plain.png?icc=none.icc", "icc=none.icc: expected a profile that is there"),
    ("plain.png?icc=WebCoated&fmt=tif", "icc=WebCoated: expected the file USWebCoatedSWOP.icc, which is missing"),
    ("gone/plain.png?fmt=tif,cmyk", "IccProfileCmyk=WebCoated: expected the file USWebCoatedSWOP.icc"),
    ("gone/inks.tif", "IccProfileCmyk=WebCoated: expected the file USWebCoatedSWOP.icc"),
    ("plain.png?icc=press&fmt=png", "icc=press: expected for fmt=png a profile of rgb, gray data; this is one of cmyk data"),
    ("plain.png?icc=scanner&fmt=tif", "icc=scanner: expected a profile that colours can be converted into"),
    ("plain.png?icc=broken&fmt=tif", "icc=broken: expected a colour profile that is whole"),
    ("plain.png?icc=plain.png", "icc=plain.png: expected a colour profile of RGB, gray, CMYK data; which this file is not"),
    ("plain.png?icc=profiles", "icc=profiles: expected the name of a profile"),
]


@pytest.mark.parametrize(("target", "told"), REFUSED)
def test_what_is_refused(target: str, told: str, studio: Studio) -> None:
    error = studio.wrong(target)
    assert isinstance(error, BadValue)
    assert error.detail.startswith(told)


def test_a_hostile_profile_hurts_nobody(studio: Studio) -> None:
    """It is looked at by a worker, and taken or refused by name."""
    try:
        studio.get("plain.png?icc=profiles/huge-count.icc")
    except IsproxyError as error:
        assert isinstance(error, BadValue)  # noqa: PT017  # either is right
    assert studio.image("plain.png?fmt=png").size == chart(CUBE).size


@pytest.mark.parametrize(
    "done",
    [
        "layer=comp&clipPath=M0,0L99,0L99,9z",
        "layer=0&clipPath=M0,0L99,0L99,9z",
        "layer=0&perspective=0,0,90,2,99,15,3,14",
        "rotate=30",
        "crop=-9,-9,50,50",
        "extend=3,3,3,3",
        "opac=50",
        "mask=gray.png",
        "op_blur=1",
        "effect=-1&color=ff0000",
        "layer=1&src=half.png",
        "fit=stretch&wid=30&hei=90",
    ],
)
def test_what_inks_cannot_do_is_done_in_rgb(done: str, studio: Studio) -> None:
    image = studio.image(f"press.tif?icc=press&fmt=tif&bgc=0,0,0,100k&{done}")
    assert image.mode == "CMYK"


@pytest.mark.parametrize("path", ["../catalogs/icc.tab", "a/../../x.icc", "/../x.icc"])
def test_no_profile_leads_upwards(path: str, studio: Studio) -> None:
    assert isinstance(studio.wrong(f"plain.png?icc={path}"), Refused)


def test_a_replaced_profile_is_another_reply(studio: Studio) -> None:
    path = studio.folder / "images/profiles/mine.icc"
    path.write_bytes(made_profile("AdobeRGB"))
    first = studio.get("plain.png?icc=profiles/mine.icc&fmt=png")
    path.write_bytes(made_profile("ProPhoto"))
    second = studio.get("plain.png?icc=profiles/mine.icc&fmt=png")
    assert first.key != second.key
    assert first.data != second.data
    path.write_bytes(made_profile("WideGamutRGB"))
    planned = asyncio.run(studio.renditions.plan(studio.renditions.read("plain.png?icc=profiles/mine.icc&fmt=tif")))
    path.write_bytes(made_profile("AppleRGB"))
    with pytest.raises(BadSource, match="has changed"):
        asyncio.run(studio.renditions.make(planned))


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("plain.png?", ("0", "sRGB IEC61966-2.1", "RGB")),
        ("plain.png?fmt=webp&iccEmbed=1", ("0", "sRGB IEC61966-2.1", "RGB")),
        ("plain.png?icc=adobergb&iccEmbed=1", ("1", "Adobe RGB (1998)", "RGB")),
        ("plain.png?icc=swap&fmt=png", ("0", "sRGB IEC61966-2.1", "RGB")),
        ("press.tif?icc=press&fmt=tif&iccEmbed=1", ("1", "Artifex CMYK SWOP Profile", "CMYK")),
        ("plain.png?icc=press&fmt=tif&op_blur=1", ("0", "Artifex CMYK SWOP Profile", "CMYK")),
        ("plain.png?fmt=tif,cmyk&iccEmbed=1", ("0", "", "CMYK")),
        ("plain.png?fmt=png,gray", ("0", "", "BW")),
    ],
)
def test_properties(target: str, told: tuple[str, str, str], studio: Studio) -> None:
    renditions = studio.renditions
    reply = asyncio.run(Props().answer(Ask(renditions.read(f"{target}&req=props"), renditions)))
    lines = dict(line.split("=", 1) for line in reply.body.decode().splitlines() if line.startswith("image."))
    assert (lines["image.iccEmbed"], lines["image.iccProfile"], lines["image.pixTyp"]) == told
