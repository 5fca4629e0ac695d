"""Unsharp masks, sharpening and blur against ImageMagick and SciPy (``r-op-usm``, ``r-op-sharpen``, ``r-op-blur``)."""

from collections.abc import Iterator

import numpy as np
from scipy.ndimage import gaussian_filter

from fidelity.figures import largest, mean, psnr
from fidelity.programs import magick, version
from fidelity.rows import Measurement, Pixels, Row, least, most
from fidelity.studio import Studio
from fidelity.versions import package

_UNSHARP = (
    ("op_usm=1,1,0,0", (1.0, 1.0)),
    ("op_usm=1.75,0.7,0,0", (1.75, 0.7)),
    ("op_usm=3,4,0,0", (3.0, 4.0)),
    ("op_usm=0.5,20,0,0", (0.5, 20.0)),
    ("op_sharpen=1", (1.0, 0.7)),
)


def _sharper(studio: Studio) -> Iterator[Row]:
    original = studio.original("photo.png")
    for command, (amount, radius) in _UNSHARP:
        ours = studio.pixels(f"photo.png?{command}&scl=1")
        theirs = magick(original, "-virtual-pixel", "edge", "-unsharp", f"0x{radius}+{amount}+0")
        yield _row(f"`{command}`", f"-unsharp 0x{radius}+{amount}+0 of {version('convert')}", ours, theirs, 46, 10)
        values = original.astype(np.float64)
        exact = np.clip(values + amount * (values - _gaussian(values, radius)), 0, 255)
        yield _row(f"`{command}`", f"an unsharp mask by gaussian_filter of {package('scipy')}", ours, exact, 57, 1)


def _threshold(studio: Studio) -> Iterator[Row]:
    values = studio.original("photo.png").astype(np.float64)
    for threshold in (4, 20):
        command = f"op_usm=1.5,2,{threshold},0"
        step = values - _gaussian(values, 2.0)
        exact = np.clip(values + 1.5 * np.where(np.abs(step) >= threshold, step, 0), 0, 255)
        ours = studio.pixels(f"photo.png?{command}&scl=1")
        yield _row(f"`{command}`", f"by gaussian_filter of {package('scipy')}", ours, exact, 57, 1.5 * threshold + 1)
    bright = values @ (0.299, 0.587, 0.114)
    step = bright - gaussian_filter(bright, 2.0, mode="nearest", truncate=6)
    exact = np.clip(values + 1.5 * step[..., None], 0, 255)
    ours = studio.pixels("photo.png?op_usm=1.5,2,0,1&scl=1")
    yield _row("`op_usm=1.5,2,0,1`, monochrome", f"by gaussian_filter of {package('scipy')}", ours, exact, 57, 1)


def _blurred(studio: Studio) -> Iterator[Row]:
    values = studio.original("photo.png").astype(np.float64)
    for radius in (0.5, 1, 3, 10, 40):
        ours = studio.pixels(f"photo.png?op_blur={radius}&scl=1")
        yield _row(
            *(f"`op_blur={radius}`", f"gaussian_filter of {package('scipy')}", ours, _gaussian(values, radius)),
            *((50, 10) if radius < 1 else (57, 1)),
        )
        theirs = magick(studio.original("photo.png"), "-virtual-pixel", "edge", "-blur", f"0x{radius}")
        yield _row(f"`op_blur={radius}`", f"-blur 0x{radius} of {version('convert')}", ours, theirs, 45, 17)


def _gaussian(values: Pixels, radius: float) -> Pixels:
    return np.asarray(gaussian_filter(values, (radius, radius, 0), mode="nearest", truncate=6))


def _row(what: str, against: str, ours: Pixels, theirs: Pixels, decibels: float, levels: float) -> Row:
    figures = (
        least("PSNR", psnr(ours, theirs), decibels),
        most("max", largest(ours, theirs), levels),
        most("mean", mean(ours, theirs), 1.0),
    )
    return Row(what, against, "photo", figures, (ours, theirs))


MEASUREMENTS = (
    Measurement(
        "sharpening",
        "Unsharp masks",
        "A radius is the standard deviation of a Gaussian in all three. ImageMagick means the Gaussian over each "
        "pixel's width, which shows at "
        "radii below one; an amount above one multiplies that difference.",
        _sharper,
        needs=("convert",),
    ),
    Measurement(
        "thresholds",
        "Unsharp masks with threshold and monochrome",
        "Next to the threshold a hundredth of a level decides whether a pixel moves, so the largest difference is that "
        "of a step.",
        _threshold,
    ),
    Measurement(
        "blurring",
        "Blur",
        "The same holds for blur. Samples of a Gaussian have less than its deviation at radii below 0.7, so the server "
        "takes those of a wider one.",
        _blurred,
        needs=("convert",),
    ),
)
