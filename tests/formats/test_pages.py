"""EPS and PDF as printers' programs see them: Ghostscript, Poppler and qpdf."""

import io
import re
import subprocess
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from proxy.formats import NOTHING, Embedded, formats
from proxy.formats._ink import cmyk
from proxy.recipe.model import Output, PixelType

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
MODES: dict[PixelType, str] = {"rgb": "RGB", "gray": "L", "cmyk": "CMYK"}
RAW = {"rgb": "ppmraw", "gray": "pgmraw"}
SIZE = (53, 31)


def drawn(pixels: PixelType, text: bytes = b"\n%%EndData\r\n)(>>") -> Image.Image:
    """Other colours in every corner, steep steps, and bytes that could be taken for more than pixels."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    bands = np.stack([x * 4 % 256, y * 7 % 256, (x * y) % 256], axis=2).astype(np.uint8)
    bands.reshape(-1)[: len(text)] = np.frombuffer(text, np.uint8)
    image = Image.fromarray(bands)
    return cmyk(image) if pixels == "cmyk" else image.convert(MODES[pixels])


def encoded(image: Image.Image, output: Output, embedded: Embedded = NOTHING) -> bytes:
    return formats()[output.format].encode(image, output, embedded)


def ghostscript(file: Path, device: str, dpi: float, *options: str) -> bytes:
    out = file.with_suffix(".drawn")
    common = ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", f"-sDEVICE={device}", f"-r{dpi:g}", f"-sOutputFile={out}"]
    subprocess.run([*common, *options, file], check=True, capture_output=True, timeout=60)  # noqa: S603  # our own file
    return out.read_bytes()


def printed(data: bytes, name: str, pixels: PixelType, folder: Path, dpi: float = 72) -> NDArray[np.int64]:
    """What Ghostscript draws at the resolution at which a dot is a pixel."""
    file = folder / f"page.{name}"
    file.write_bytes(data)
    options = ("-dEPSCrop",) if name == "eps" else ()
    # inks as they are, not as a monitor would show them
    device = "tiff32nc" if pixels == "cmyk" else RAW[pixels]
    with Image.open(io.BytesIO(ghostscript(file, device, dpi, *options))) as image:
        return np.asarray(image).astype(np.int64)


@pytest.mark.parametrize("pixels", MODES)
@pytest.mark.parametrize("dpi", [0, 72, 144, 300])
def test_eps_is_drawn_as_it_is(pixels: PixelType, dpi: int, tmp_path: Path) -> None:
    image = drawn(pixels)
    data = encoded(image, Output("eps", pixels=pixels, dpi=dpi))
    assert image.tobytes() in data
    found = printed(data, "eps", pixels, tmp_path, dpi or 72)[: SIZE[1], : SIZE[0]]
    assert np.abs(found - np.asarray(image)).max() <= 1


def test_eps_says_how_large_it_is_and_how_its_data_is_skipped() -> None:
    image = drawn("rgb")
    data = encoded(image, Output("eps", dpi=300))
    assert data.startswith(b"%!PS-Adobe-3.0 EPSF-3.0\n")
    assert b"%%BoundingBox: 0 0 13 8\n" in data
    assert b"%%HiResBoundingBox: 0 0 12.72 7.44\n" in data
    said = re.search(rb"%%BeginData: (\d+) Binary Bytes\n", data)
    assert said is not None
    assert data[said.end() + int(said[1]) :] == b"\n%%EndData\ngrestore\nshowpage\n%%EOF\n"
    assert max(map(len, data[: said.start()].split(b"\n"))) <= 255


def test_the_profile_of_eps_stands_in_comments(tmp_path: Path) -> None:
    data = encoded(drawn("rgb"), Output("eps"), Embedded(PROFILE))
    block = re.search(rb"%%BeginICCProfile: [^\n]+\n(.*?)%%EndICCProfile\n", data, re.DOTALL)
    assert block is not None
    assert bytes.fromhex(block[1].replace(b"%", b"").decode()) == PROFILE
    assert np.array_equal(printed(data, "eps", "rgb", tmp_path), np.asarray(drawn("rgb")))


@pytest.mark.parametrize("compression", ["", "none", "zip", "jpeg"])
@pytest.mark.parametrize("pixels", MODES)
@pytest.mark.parametrize("profile", [False, True])
def test_pdf_is_drawn_as_it_is(pixels: PixelType, compression: str, profile: bool, tmp_path: Path) -> None:  # noqa: FBT001  # a table
    if profile and pixels != "rgb":
        return
    image = drawn(pixels)
    output = Output("pdf", pixels=pixels, compression=compression, quality=100, chroma=True, dpi=72)
    found = printed(encoded(image, output, Embedded(PROFILE if profile else None)), "pdf", pixels, tmp_path)
    assert found.shape == np.asarray(image).shape
    # Ghostscript's own conversion of sRGB to sRGB is off by a few levels
    most = 12 if compression == "jpeg" or profile else 1
    error = np.abs(found - np.asarray(image))
    assert error.max() <= most * (3 if compression == "jpeg" else 1)
    assert error.mean() <= most / 3


@pytest.mark.parametrize("compression", ["none", "zip", "jpeg"])
@pytest.mark.parametrize("pixels", MODES)
def test_qpdf_finds_nothing_wrong(pixels: PixelType, compression: str) -> None:
    image = drawn(pixels, b"\nendstream\nendobj\ntrailer %%EOF\n")
    data = encoded(image, Output("pdf", pixels=pixels, compression=compression, quality=90), Embedded(PROFILE))
    with pikepdf.open(io.BytesIO(data)) as document:
        assert document.check_pdf_syntax() == []
        assert len(document.pages) == 1
        picture = document.pages[0].Resources.XObject.Im
        assert [int(picture[name]) for name in ("/Width", "/Height", "/BitsPerComponent")] == [*SIZE, 8]
        assert str(picture.get("/Filter", "none")) == {"none": "none", "zip": "/FlateDecode", "jpeg": "/DCTDecode"}[compression]
        assert picture.ColorSpace[1].read_bytes() == PROFILE
        assert int(picture.ColorSpace[1].N) == len(image.getbands())
        if compression != "jpeg":
            assert picture.read_bytes() == image.tobytes()
        assert "/ID" not in document.trailer
        assert "/Info" not in document.trailer


def test_poppler_finds_the_same(tmp_path: Path) -> None:
    image = drawn("rgb")
    for compression in ("none", "zip"):
        file = tmp_path / f"{compression}.pdf"
        file.write_bytes(encoded(image, Output("pdf", compression=compression, dpi=72)))
        subprocess.run(["pdfimages", file, tmp_path / compression], check=True, timeout=60)  # noqa: S603, S607  # our own file
        with Image.open(tmp_path / f"{compression}-000.ppm") as found:
            assert found.size == SIZE
            assert np.array_equal(np.asarray(found), np.asarray(image))


@pytest.mark.parametrize(("dpi", "size"), [(0, (53, 31)), (72, (53, 31)), (300, (12.72, 7.44)), (1e6, (0.003816, 0.002232))])
def test_the_print_resolution_is_the_size_of_the_page(dpi: float, size: tuple[float, float]) -> None:
    with pikepdf.open(io.BytesIO(encoded(drawn("gray"), Output("pdf", pixels="gray", dpi=dpi)))) as document:
        assert [float(side) for side in document.pages[0].MediaBox[2:]] == pytest.approx(size)


def test_a_page_that_is_larger_than_readers_take_has_larger_units() -> None:
    with pikepdf.open(io.BytesIO(encoded(Image.new("L", (40000, 2)), Output("pdf", pixels="gray")))) as document:
        page = document.pages[0]
        assert page.UserUnit == 3
        assert float(page.MediaBox[2]) * 3 == pytest.approx(40000, abs=1e-3)


@pytest.mark.parametrize("name", ["eps", "pdf"])
@pytest.mark.parametrize("dpi", [1e-9, 0.001, 1e6])
def test_any_resolution_is_written_without_an_exponent(name: str, dpi: float) -> None:
    data = encoded(Image.new("L", (1, 1)), Output(name, pixels="gray", dpi=dpi))
    assert not re.search(rb"\d[eE][+-]?\d", data)
    assert not re.search(rb"\[0 0 0 0\]|0 0 scale", data)
