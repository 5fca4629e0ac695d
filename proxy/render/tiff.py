"""TIFF files that Pillow does not know or mistakes: a plug-in that reads them by tifffile.

Gray, RGB, inks and CIE L*a*b* of 8 or 16 bits, with alpha, in any byte order and compression that imagecodecs knows. Which page
of a file is the picture is said here too: the first that is not a smaller version of another.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from proxy.errors import BadSource
from proxy.render.depth import from_lab
from proxy.render.orientation import TURNS
from proxy.render.whole import Samples, WholeFile, image_of, mode_of, rounded

if TYPE_CHECKING:
    import tifffile

_SIGNATURES: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SUBFILE_TYPE: Final = 254
_SMALLER: Final = 1
_MOST_PAGES: Final = 64
_ORIENTATION, _PROFILE, _XMP, _RESOURCES, _X_RESOLUTION, _UNIT = 274, 34675, 700, 34377, 282, 296
_CENTIMETRE: Final = 3
_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB, _SEPARATED, _YCBCR, _CIELAB, _ICCLAB = 0, 1, 2, 5, 6, 8, 9
_MODES: Final = {
    _MIN_IS_WHITE: "L",
    _MIN_IS_BLACK: "L",
    _RGB: "RGB",
    _YCBCR: "RGB",
    _SEPARATED: "CMYK",
    _CIELAB: "LAB",
    _ICCLAB: "LAB",
}
_BANDS: Final = {"L": 1, "RGB": 3, "CMYK": 4, "LAB": 3}
_ASSOCIATED, _UNASSOCIATED = 1, 2


class OtherTiffFile(WholeFile):
    """A TIFF, opened by ``Image.open``; its pixels come out upright where it says how it lies."""

    format = "TIFF"
    format_description = "TIFF by tifffile"

    def _open(self) -> None:
        with _file(self.fp) as file:
            page = _picture_page(file)
            self._number = page.index
            self._planes = _mode(page, self._name)
            self.depth = page.bitspersample
            tags = page.tags
            self._turn = TURNS.get(int(tags.valueof(_ORIENTATION, 1)))
            size = (page.imagewidth, page.imagelength)
            self._size = self._turn.size(size) if self._turn else size
            self._mode = "RGB" if self._planes == "LAB" else mode_of(self._planes)
            for tag, key in ((_PROFILE, "icc_profile"), (_XMP, "xmp")):
                if isinstance(value := tags.valueof(tag), bytes):
                    self.info[key] = value
            resolution = tags.valueof(_X_RESOLUTION)
            if resolution and resolution[1]:
                dots = resolution[0] / resolution[1] * (2.54 if tags.valueof(_UNIT) == _CENTIMETRE else 1)
                self.info["dpi"] = (dots, dots)

    @property
    def _name(self) -> str:
        return str(self.filename).rpartition("/")[2]

    def picture(self) -> Image.Image:
        """Decode the pixels."""
        with _file(self.fp) as file:
            page = file.pages[self._number]
            samples: Samples = page.asarray()
            if page.planarconfig == 2 and samples.ndim == 3:  # noqa: PLR2004  # planes of their own, three axes
                samples = np.moveaxis(samples, 0, 2)
            white_is_zero = page.photometric == _MIN_IS_WHITE
            associated = _ASSOCIATED in page.extrasamples[:1]
        samples = samples[..., None] if samples.ndim == 2 else samples  # noqa: PLR2004  # one band
        if self._planes == "LAB":
            image = _from_lab(samples, signed=page.photometric == _CIELAB)
        else:
            samples = samples[..., : len(self._planes)]
            if white_is_zero:
                samples = np.concatenate([~samples[..., :1], samples[..., 1:]], axis=2)
            if associated and self._planes.endswith("A"):
                samples = _divided(samples)
            image = image_of(np.ascontiguousarray(rounded(samples)), self._planes)
        return self._turn.upright(image) if self._turn else image


def register() -> None:
    """Have Pillow know the plug-in."""
    Image.register_open("OTHERTIFF", OtherTiffFile, lambda prefix: prefix.startswith(_SIGNATURES))


def seek_picture(image: TiffImagePlugin.TiffImageFile) -> None:
    """Go to the page that is the picture: some pyramids begin with their smaller versions."""
    page = 0
    while image.tag_v2.get(_SUBFILE_TYPE, 0) & _SMALLER:
        page += 1
        try:
            image.seek(page)
        except EOFError:
            image.seek(0)
            return


def _file(handle: Any) -> "tifffile.TiffFile":
    import tifffile  # noqa: PLC0415  # takes longer to import than to decode, and is hardly ever needed

    handle.seek(0)
    return tifffile.TiffFile(handle)


def _picture_page(file: "tifffile.TiffFile") -> Any:
    for number, page in enumerate(file.pages):
        if not page.subfiletype & _SMALLER:  # type: ignore[union-attr]  # pages are not read as frames here
            return page
        if number >= _MOST_PAGES:
            break
    return file.pages[0]


def _mode(page: Any, name: str) -> str:
    """The mode of a page's pixels, ``A`` behind it where it has alpha.

    Raises:
        BadSource: samples that cannot be read, said in words.
    """
    mode = _MODES.get(int(page.photometric)) if page.photometric is not None else None
    kind = page.dtype
    if kind is None or kind.kind not in "bu" or page.bitspersample not in (1, 8, 16):
        word = (
            "floating point"
            if kind is not None and kind.kind == "f"
            else "signed"
            if kind is not None and kind.kind == "i"
            else "whole"
        )
        message = f"a TIFF with {word} samples of {page.bitspersample} bits: expected whole ones of 8 or 16 bits"
        raise BadSource(name, message)
    if mode is None or page.samplesperpixel < _BANDS[mode] or page.imagedepth > 1:
        raise BadSource(name, "a TIFF of another kind than gray, RGB, CMYK or L*a*b*")
    alpha = page.samplesperpixel > _BANDS[mode] and bool({_ASSOCIATED, _UNASSOCIATED} & set(page.extrasamples[:1]))
    return mode + "A" if alpha and mode != "LAB" else mode


def _from_lab(samples: Samples, *, signed: bool) -> Image.Image:
    """Lightness is unsigned; the two colours are signed, or (ICC L*a*b*) have 128 added."""
    deep = samples.dtype == np.uint16
    lightness = rounded(samples[..., :1])
    colours = samples[..., 1:3].astype(np.int32)
    if deep:
        colours = ((colours + (32768 if signed else 0)) % 65536 + 128) // 256
        colours = np.minimum(colours, 255)
    else:
        colours = (colours + 128) % 256 if signed else colours
    # Pillow takes them signed
    stored = np.concatenate([lightness, colours.astype(np.uint8) ^ 128], axis=2)
    height, width = stored.shape[:2]
    return from_lab(Image.frombytes("LAB", (width, height), np.ascontiguousarray(stored).tobytes()))


def _divided(samples: Samples) -> Samples:
    """Take alpha out of colours that were multiplied by it."""
    top = np.iinfo(samples.dtype).max
    alpha = samples[..., -1:].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        pure = np.where(alpha > 0, samples[..., :-1].astype(np.float64) * top / alpha, 0)
    divided: NDArray[Any] = np.clip(np.rint(pure), 0, top).astype(samples.dtype)
    return np.concatenate([divided, samples[..., -1:]], axis=2)
