"""Every format: what it says of itself, and that a reader finds what was written, nothing less and nothing more."""

import io
import os
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import imagecodecs
import numpy as np
import pillow_heif
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms, JpegImagePlugin

from proxy.errors import LimitExceeded
from proxy.formats import Embedded, formats
from proxy.formats._ink import cmyk, separate
from proxy.recipe.model import Output, PixelType, Quantize

FACTS = {
    "avif": ("image/avif", ".avif", True, ("rgb",), ("lossy", "lossless"), False),
    "eps": ("image/eps", ".eps", False, ("rgb", "gray", "cmyk"), (), True),
    "gif": ("image/gif", ".gif", True, ("rgb", "gray"), (), False),
    "heic": ("image/heic", ".heic", False, ("rgb",), (), False),
    "jpeg": ("image/jpeg", ".jpg", False, ("rgb", "gray", "cmyk"), (), True),
    "jpeg2000": ("image/jp2", ".jp2", True, ("rgb", "gray"), ("lossy", "lossless"), False),
    "jpegxr": ("image/vnd.ms-photo", ".jxr", True, ("rgb",), ("lossy", "lossless"), False),
    "pdf": ("application/pdf", ".pdf", False, ("rgb", "gray", "cmyk"), ("none", "zip", "jpeg"), True),
    "pjpeg": ("image/jpeg", ".jpg", False, ("rgb", "gray", "cmyk"), (), True),
    "png": ("image/png", ".png", True, ("rgb", "gray"), (), True),
    "png8": ("image/png", ".png", True, ("rgb",), (), True),
    "tif": ("image/tiff", ".tiff", True, ("rgb", "gray", "cmyk"), ("none", "lzw", "zip", "jpeg"), True),
    "webp": ("image/webp", ".webp", True, ("rgb",), ("lossy", "lossless"), False),
}
PAGES = ("eps", "pdf")
"""Formats of pages have tests of their own: it takes a printer to read them."""

PICTURES = [name for name in FACTS if name not in PAGES]
UNEMBEDDED = [name for name, facts in FACTS.items() if not facts[5]]
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
CASES: list[tuple[str, PixelType, bool, str]] = [
    (name, pixels, alpha, compression)
    for name, form in formats().items()
    if name not in PAGES
    for pixels in form.pixels
    for alpha in ((False, True) if form.alpha else (False,))
    for compression in ("", *form.compressions)
]


def drawn(mode: str, size: tuple[int, int] = (96, 64)) -> Image.Image:
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    bands = [128 + 100 * np.sin(x / 17 + band) * np.cos(y / 13 - band) for band in range(3)]
    image = Image.fromarray(np.stack(bands, axis=2).astype(np.uint8))
    if mode == "CMYK":
        return cmyk(image)
    image = image.convert(mode.removesuffix("A"))
    if mode.endswith("A"):
        image.putalpha(Image.linear_gradient("L").resize(size))
    return image


def given_for(pixels: PixelType, *, alpha: bool) -> Image.Image:
    """The image that the contract of ``encode`` speaks of."""
    mode = {"rgb": "RGB", "gray": "L", "cmyk": "CMYK"}[pixels]
    return drawn("RGBA" if mode == "CMYK" and alpha else mode + "A" * alpha)


def encoded(image: Image.Image, output: Output, profile: bytes | None = None) -> bytes:
    return formats()[output.format].encode(image, output, Embedded(profile))


def back(data: bytes) -> Image.Image:
    if data[:3] == b"II\xbc":
        return Image.fromarray(imagecodecs.jpegxr_decode(data))
    if data[4:12] in (b"ftypheix", b"ftypheic"):
        return pillow_heif.open_heif(io.BytesIO(data)).to_pillow()
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image


def values(image: Image.Image) -> NDArray[np.int64]:
    return np.asarray(image).astype(np.int64)


def noise(size: tuple[int, int], bands: int = 3) -> Image.Image:
    data = np.random.default_rng(3).integers(0, 256, (size[1], size[0], bands), dtype=np.uint8).tobytes()
    return Image.frombytes("CMYK" if bands == 4 else "RGB", size, data)


def test_every_format_says_what_the_reference_says() -> None:
    found = {
        name: (form.media_type, form.suffix, form.alpha, form.pixels, form.compressions, form.profile)
        for name, form in formats().items()
    }
    assert found == FACTS
    assert formats() is formats()


@pytest.mark.parametrize(("name", "pixels", "alpha", "compression"), CASES)
def test_what_was_written_is_read(name: str, pixels: PixelType, alpha: bool, compression: str) -> None:  # noqa: FBT001  # a table
    image = given_for(pixels, alpha=alpha)
    output = Output(name, alpha, pixels, compression, quality=95, dpi=150)
    data = encoded(image, output)
    assert encoded(image.copy(), output) == data
    if pixels == "cmyk" and alpha:
        return  # Pillow cannot read these: see below
    found = back(data)
    assert found.size == image.size
    kinds = {"GIF": ("P",), "PNG": (image.mode, "P")}.get(found.format or "", (image.mode,))
    assert found.mode in kinds
    if found.mode == "P":
        return  # see test_palette
    error = np.abs(values(found) - values(image))
    lossless = (
        name in ("png", "heic") or compression in ("lossless", "lzw", "zip", "none") or (name == "tif" and compression != "jpeg")
    )
    shown = error[values(image)[..., 3] > 0] if image.mode == "RGBA" else error  # WebP drops hidden colours
    # JPEG 2000 promises a mean error, and no more for any one pixel
    most = 40 if name == "jpeg2000" else 20
    assert shown.max() <= (0 if lossless or (compression == "jpeg" and alpha) else most)
    assert shown.mean() <= 3


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_written_unasked(name: str, tmp_path: Path) -> None:
    comment = b"told nobody"
    path = tmp_path / "original.tif"
    drawn("RGB").save(path, tiffinfo={270: "told nobody", 305: "told nobody"}, icc_profile=PROFILE, dpi=(99, 99))
    with Image.open(path) as image:
        image.load()
        image.info |= {"comment": comment, "xmp": comment, "exif": b"Exif\0\0" + comment}
        data = encoded(image, Output(name))
    assert comment not in data
    found = back(data)
    assert "icc_profile" not in found.info
    assert found.info.get("dpi") in (None, (1, 1))  # 1 is what Pillow says of a TIFF without
    assert not found.getexif().keys() & {270, 305, 282, 274}
    assert not re.search(rb"20\d\d:\d\d|Pillow|libtiff|tifffile", data)


@pytest.mark.parametrize("name", [name for name in PICTURES if FACTS[name][5]])
def test_profiles_and_resolutions_are_embedded(name: str) -> None:
    found = back(encoded(drawn("RGB"), Output(name, dpi=240), PROFILE))
    assert found.info["icc_profile"] == PROFILE
    assert found.info["dpi"][0] == pytest.approx(240, abs=0.02)


@pytest.mark.parametrize("dpi", [72, 240, 300, 1200.5])
def test_jpeg_2000_carries_a_resolution(dpi: float) -> None:
    image = drawn("RGB")
    data = encoded(image, Output("jpeg2000", compression="lossless", dpi=dpi))
    assert back(data).info["dpi"] == pytest.approx((dpi, dpi), rel=1e-4)
    assert np.array_equal(imagecodecs.jpeg2k_decode(data), values(image))


@pytest.mark.parametrize("dpi", [72, 240, 300.5])
def test_jpeg_xr_carries_a_resolution(dpi: float) -> None:
    data = encoded(drawn("RGB"), Output("jpegxr", dpi=dpi))
    assert data.count(struct.pack("<HHIf", 0xBC82, 11, 1, dpi)) == data.count(struct.pack("<HHIf", 0xBC83, 11, 1, dpi)) == 1


@pytest.mark.parametrize("name", [name for name, form in formats().items() if form.resolution])
@pytest.mark.parametrize("dpi", [1e-9, 0.001, 0.4, 65536, 1e6])
def test_any_resolution_can_be_asked_for(name: str, dpi: float) -> None:
    data = encoded(Image.new("RGB", (3, 2), "red"), Output(name, dpi=dpi))
    if name not in PAGES:
        assert back(data).size == (3, 2)
    if name in ("jpeg", "pjpeg"):
        assert back(data).info.get("dpi", (0, 0))[0] in (0, 1, 72)


@pytest.mark.parametrize("name", UNEMBEDDED)
def test_profiles_are_left_out_where_the_reference_has_none(name: str) -> None:
    assert encoded(drawn("RGB"), Output(name), PROFILE) == encoded(drawn("RGB"), Output(name))


@pytest.mark.parametrize("name", ["jpeg", "pjpeg", "webp", "avif", "jpeg2000", "jpegxr"])
def test_quality_counts(name: str) -> None:
    image = noise((64, 64))
    lengths = [len(encoded(image, Output(name, quality=quality))) for quality in (1, 20, 50, 80, 100)]
    assert lengths == sorted(set(lengths))


@pytest.mark.parametrize("name", ["webp", "avif", "jpeg2000", "jpegxr"])
def test_quality_is_ignored_where_nothing_is_lost(name: str) -> None:
    assert len({encoded(drawn("RGB"), Output(name, compression="lossless", quality=quality)) for quality in (1, 80)}) == 1


@pytest.mark.parametrize("name", ["jpeg", "pjpeg"])
@pytest.mark.parametrize(("chroma", "sampling"), [(False, 2), (True, 0)])
def test_chroma(name: str, chroma: bool, sampling: int) -> None:  # noqa: FBT001  # a table
    found = back(encoded(drawn("RGB"), Output(name, chroma=chroma)))
    assert isinstance(found, JpegImagePlugin.JpegImageFile)
    assert JpegImagePlugin.get_sampling(found) == sampling


@pytest.mark.parametrize("pixels", ["gray", "cmyk"])
def test_chroma_says_nothing_of_gray_and_inks(pixels: PixelType) -> None:
    image = given_for(pixels, alpha=False)
    assert len({encoded(image, Output("jpeg", pixels=pixels, chroma=chroma)) for chroma in (False, True)}) == 1
    found = back(encoded(image, Output("jpeg", pixels=pixels)))
    assert isinstance(found, JpegImagePlugin.JpegImageFile)
    assert {layer[1:3] for layer in found.layer} == {(1, 1)}


@pytest.mark.parametrize("pixels", ["rgb", "gray", "cmyk"])
def test_progressive(pixels: PixelType) -> None:
    data = encoded(given_for(pixels, alpha=False), Output("pjpeg", pixels=pixels))
    assert back(data).info["progressive"]
    assert data.count(b"\xff\xda") >= 5
    assert "progressive" not in back(encoded(given_for(pixels, alpha=False), Output("jpeg", pixels=pixels))).info


def test_inks_are_marked_and_inverted_as_photoshop_does() -> None:
    data = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), Output("jpeg", pixels="cmyk", quality=100))
    found = back(data)
    assert b"Adobe" in data
    assert found.info["adobe_transform"] == 0
    assert np.abs(np.array(found.getpixel((5, 5))) - (0, 255, 255, 0)).max() <= 1
    assert np.abs(np.array(found.convert("RGB").getpixel((5, 5))) - (255, 0, 0)).max() <= 1


@pytest.mark.parametrize("name", ["jpeg", "pjpeg"])
@pytest.mark.parametrize("limit", [3000, 6000, 12000, 20000])
def test_a_size_limit_gives_the_highest_quality_that_fits(name: str, limit: int) -> None:
    image = noise((160, 120))
    data = encoded(image, Output(name, quality=90, size_limit=limit))
    assert len(data) <= limit
    fitting = [quality for quality in range(1, 91) if len(encoded(image, Output(name, quality=quality))) <= limit]
    assert data == encoded(image, Output(name, quality=max(fitting)))


@pytest.mark.parametrize("name", ["jpeg", "pjpeg"])
def test_a_size_limit_that_is_kept_changes_nothing(name: str) -> None:
    image = drawn("RGB")
    free = encoded(image, Output(name, quality=70))
    assert encoded(image, Output(name, quality=70, size_limit=len(free))) == free
    assert len(encoded(image, Output(name, quality=70, size_limit=len(free) - 1))) < len(free)


@pytest.mark.parametrize("quality", [1, 2, 80])
def test_a_size_limit_that_cannot_be_kept(quality: int) -> None:
    with pytest.raises(LimitExceeded, match=r"jpegSize=0\.5: .*quality 1 .* \d+\.\d kilobytes"):
        encoded(noise((160, 120)), Output("jpeg", quality=quality, size_limit=512))


@pytest.mark.parametrize("name", ["jpeg", "pjpeg"])
@pytest.mark.parametrize("bands", [3, 4])
@pytest.mark.parametrize("quality", [94, 100])
def test_noise_of_high_quality_takes_more_room_than_encoders_expect(name: str, bands: int, quality: int) -> None:
    image = noise((500, 400), bands)
    pixels: PixelType = "cmyk" if bands == 4 else "rgb"
    data = encoded(image, Output(name, pixels=pixels, quality=quality, chroma=True))
    assert len(data) > 500 * 400 * 1.5
    assert back(data).size == (500, 400)


@pytest.mark.parametrize(("compression", "number"), [("", 1), ("none", 1), ("lzw", 5), ("zip", 8), ("jpeg", 7)])
def test_tiff_compressions(compression: str, number: int) -> None:
    with tifffile.TiffFile(io.BytesIO(encoded(drawn("RGB"), Output("tif", compression=compression)))) as file:
        assert file.pages.first.tags[259].value == number
        if compression != "jpeg":
            assert np.array_equal(file.asarray(), np.asarray(drawn("RGB")))


@pytest.mark.parametrize(("chroma", "sampling"), [(False, (2, 2)), (True, (1, 1))])
@pytest.mark.parametrize("size", [(130, 101), (40, 2500)])
def test_chroma_within_tiff(chroma: bool, sampling: tuple[int, int], size: tuple[int, int]) -> None:  # noqa: FBT001  # a table
    image = drawn("RGB", size)
    data = encoded(image, Output("tif", compression="jpeg", quality=95, chroma=chroma))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert file.pages.first.tags[530].value == sampling
        assert np.abs(file.asarray().astype(np.int64) - values(image)).mean() < 2
    assert np.abs(values(back(data).convert("RGB")) - values(image)).mean() < 2


def test_jpeg_within_tiff_heeds_quality_and_is_ignored_with_alpha() -> None:
    lengths = [len(encoded(drawn("RGB"), Output("tif", compression="jpeg", quality=quality))) for quality in (20, 95)]
    assert lengths[0] < lengths[1]
    rgba = drawn("RGBA")
    assert encoded(rgba, Output("tif", alpha=True, compression="jpeg")) == encoded(rgba, Output("tif", alpha=True))


@pytest.mark.parametrize("compression", ["", "none", "lzw", "zip", "jpeg"])
def test_inks_with_alpha_in_tiff(compression: str) -> None:
    image = drawn("RGBA")
    data = encoded(image, Output("tif", alpha=True, pixels="cmyk", compression=compression, dpi=300), b"any profile")
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages.first.tags
        samples = file.asarray()
        assert tags[259].value == {"lzw": 5, "zip": 8}.get(compression, 1)
        assert (tags[262].value, tags[338].value, tags[282].value) == (5, (2,), (300, 1))
        assert tags[34675].value == b"any profile"
        assert not {305, 306, 270} & set(tags.keys())
    rgba = np.asarray(image)
    assert np.array_equal(samples[..., :4], separate(rgba[..., :3]))
    assert np.array_equal(samples[..., 4], rgba[..., 3])


@pytest.mark.parametrize(("name", "side"), [("webp", 16384), ("jpeg", 65501), ("gif", 65536), ("heic", 65529)])
def test_sides_that_a_format_cannot_count(name: str, side: int) -> None:
    with pytest.raises(LimitExceeded, match=rf"at most {side - 1} pixels .* {side}×1"):
        encoded(Image.new("RGB", (side, 1)), Output(name))
    assert back(encoded(Image.new("RGB", (side - 1, 1)), Output(name))).width == side - 1


@pytest.mark.parametrize("name", PICTURES)
def test_one_pixel(name: str) -> None:
    for alpha in (False, True)[: 1 + FACTS[name][2]]:
        image = Image.new("RGBA" if alpha else "RGB", (1, 1), (10, 20, 30, 40)[: 3 + alpha])
        assert back(encoded(image, Output(name, alpha=alpha, quantize=Quantize(count=2)))).size == (1, 1)


def elsewhere(data: bytes, name: str) -> NDArray[np.uint8]:
    """Decode with a program of the codec's own makers."""
    with tempfile.TemporaryDirectory() as folder:
        made, read = Path(folder, f"made{FACTS[name][1]}"), Path(folder, "read.tif" if name == "jpegxr" else "read.png")
        made.write_bytes(data)
        command = {"heic": f"heif-convert {made} {read}", "jpegxr": f"JxrDecApp -i {made} -o {read}"}[name]
        subprocess.run(command.split(), check=True, capture_output=True, timeout=60)  # noqa: S603  # our own file
        with Image.open(read) as image:
            return np.asarray(image)


def opened_elsewhere(data: bytes, name: str) -> NDArray[np.uint8]:
    """Decode with another library than the one that encoded. Inks with alpha have a test of their own."""
    if name == "tif":
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            return np.asarray(file.asarray())
    if name in ("heic", "jpegxr"):
        return elsewhere(data, name)
    decoders = {"jpeg": "jpeg8_decode", "pjpeg": "jpeg8_decode", "png8": "png_decode", "jpeg2000": "jpeg2k_decode"}
    return np.asarray(getattr(imagecodecs, decoders.get(name, f"{name}_decode"))(data))


@pytest.mark.parametrize(("name", "pixels", "alpha", "compression"), [case for case in CASES if case[1:3] != ("cmyk", True)])
def test_another_reader_sees_the_same(name: str, pixels: PixelType, alpha: bool, compression: str) -> None:  # noqa: FBT001  # a table
    data = encoded(given_for(pixels, alpha=alpha), Output(name, alpha, pixels, compression, quality=95))
    found = opened_elsewhere(data, name)
    if pixels == "cmyk" and name != "tif":
        found = 255 - found  # libjpeg leaves Photoshop's inversion to its caller
    image = back(data)
    if image.mode == "P":
        image = image.convert({2: "LA", 3: "RGB", 4: "RGBA"}.get(found.shape[-1], "L"))
    difference = np.abs(found.astype(np.int64) - values(image).reshape(found.shape))
    shown = difference[np.asarray(image)[..., -1] > 0] if image.mode.endswith("A") else difference
    assert shown.max() <= 3


DIGESTS = """
import hashlib
import numpy as np
from PIL import Image
from proxy.formats import Embedded, formats
from proxy.protocol.path import Path, Subpath
from proxy.recipe.model import NamedPath, Output
y, x = np.mgrid[0:40, 0:60]
image = Image.fromarray(np.stack([x * 4, y * 6, x * y % 256], axis=2).astype(np.uint8))
paths = (NamedPath("a", Path((Subpath((1, 1), (((9, 1),), ((5, 9),)), closed=True),))),)
for name, form in formats().items():
    for compression in ("", *form.compressions):
        for alpha in (False, True)[: 1 + form.alpha]:
            given = image.convert("RGBA") if alpha else image
            output = Output(name, alpha, "rgb", compression, 80, dpi=150, paths=paths)
            data = form.encode(given, output, Embedded(b"profile", b"<x:xmpmeta></x:xmpmeta>"))
            print(name, compression, alpha, hashlib.sha256(data).hexdigest())
"""


def test_every_process_writes_the_same_bytes() -> None:
    def digests(seed: str) -> str:
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": f"Etc/GMT+{seed}"}
        command = [sys.executable, "-c", DIGESTS]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout  # noqa: S603  # the text above

    first = digests("1")
    assert len(first.splitlines()) > 30
    assert digests("7") == first
