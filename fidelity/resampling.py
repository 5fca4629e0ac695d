"""Scaling by every word of ``resMode=``, against ImageMagick's filter of the same kernel (``r-is-http-resmode``).

Both widen the kernel by the scale when they reduce, so that nothing aliases.
"""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
from PIL import Image

from fidelity.figures import largest, mean, psnr, ssim
from fidelity.programs import magick, version
from fidelity.rows import Figure, Measurement, Pixels, Row, least, most
from fidelity.studio import Studio

_KERNELS: Mapping[str, tuple[str, ...]] = {
    "bilin": ("-filter", "Triangle"),
    "bicub": ("-filter", "Catrom"),
    "sharp2": ("-filter", "Lanczos"),
    "bisharp": ("-filter", "Catrom"),
}
"""What ImageMagick calls the kernels: a triangle, a cubic of B = 0 and C = 1/2, a sinc windowed by a sinc of three lobes."""

_SHARPENED = ("-unsharp", "0x0.6+0.35+0")
"""What ``bisharp`` does after reducing, which nobody has published of the filter it is named after."""

_SIZES = (223, 61, 450)
_PICTURES = {"photo.png": 300, "zone.png": 240}


def _scales(studio: Studio) -> Iterator[Row]:
    for word, (name, width) in product(_KERNELS, _PICTURES.items()):
        original = studio.original(name)
        for wanted in _SIZES:
            target = f"{name}?wid={wanted}&fit=fit,1&resMode={word}"
            ours = studio.pixels(target)
            size = f"{ours.shape[1]}x{ours.shape[0]}!"
            sharpened = _SHARPENED if word == "bisharp" and wanted < width else ()
            theirs = magick(original, *_KERNELS[word], "-resize", size, *sharpened)
            yield Row(
                f"`resMode={word}`, {width} to {wanted} pixels",
                f"{' '.join(_KERNELS[word])} -resize{' -unsharp' if sharpened else ''} of {version('convert')}",
                name.removesuffix(".png"),
                _figures(ours, theirs, 36 if sharpened else 47),
                (ours, theirs),
            )


def _figures(ours: Pixels, theirs: Pixels, decibels: float) -> tuple[Figure, ...]:
    return least("PSNR", psnr(ours, theirs), decibels), most("max", largest(ours, theirs), 12)


def _with_alpha(studio: Studio) -> Iterator[Row]:
    original = studio.original("cutout.png")
    for word, wanted in product(_KERNELS, (90, 320)):
        if word == "bisharp":
            continue
        ours = studio.alpha(f"cutout.png?wid={wanted}&fit=fit,1&resMode={word}")
        theirs = magick(original, *_KERNELS[word], "-resize", f"{wanted}x{wanted}!")
        yield Row(
            f"`resMode={word}`, 200 to {wanted} pixels, with alpha",
            f"{' '.join(_KERNELS[word])} -resize of {version('convert')}",
            "cutout",
            _figures(ours, theirs, 51),
            (ours, theirs),
        )


def _decoded_smaller(studio: Studio) -> Iterator[Row]:
    """A JPEG decoded at a fraction of its size, against all its pixels."""
    original = studio.original("large.jpg")
    for wanted in (100, 250, 400, 800):
        ours = studio.pixels(f"large.jpg?wid={wanted}&resMode=sharp2")
        size = (ours.shape[1], ours.shape[0])
        whole = Image.fromarray(original).resize(size, Image.Resampling.LANCZOS)
        theirs = np.asarray(whole)
        yield Row(
            f"a JPEG of 1632 by 1224 pixels at {wanted}",
            "all its pixels decoded, then Pillow's Lanczos",
            "large",
            (least("SSIM", ssim(ours, theirs), 0.97), most("mean", mean(ours, theirs), 2.0)),
            (ours, theirs),
        )


MEASUREMENTS = (
    Measurement(
        "scales",
        "Scaling",
        "The kernels are the same ones. Above four times the reply's size the server averages pixels before it "
        "resamples, which shows in "
        "the rows of the smallest size; it rounds to levels between rows and columns, which shows where a kernel "
        "overshoots at hard edges. `bisharp` sharpens by an approximation of a Gaussian, which shows in the zone plate:"
        " it holds every frequency.",
        _scales,
        needs=("convert",),
    ),
    Measurement(
        "scales_with_alpha",
        "Scaling with alpha",
        "Colours are weighted by alpha, so what hides under transparent pixels is not seen.",
        _with_alpha,
        needs=("convert",),
    ),
    Measurement(
        "decoded_smaller",
        "JPEG decoded at a fraction of its size",
        "A decoder that leaves out high frequencies answers several times faster; this is what it costs on a star "
        "field, just above the fraction (400 of 408 pixels) most.",
        _decoded_smaller,
    ),
)
