"""Rotation, mirrors, margins and crops, against OpenCV, ImageMagick and plain indexing.

Pages: ``r-rotate``, ``r-flip``, ``r-extend``, ``r-crop``, ``r-rgn``.
"""

import math
from collections.abc import Iterator

import cv2
import numpy as np

from fidelity.figures import largest, mean, psnr
from fidelity.programs import magick, version
from fidelity.rows import Measurement, Pixels, Row, least, most
from fidelity.studio import Studio
from fidelity.versions import package

_ANGLES = (7.5, 30, 45, 133, -61.3)
_RIM = 3


def _inside(turned: Pixels) -> Pixels:
    """Where a picture covers pixels wholly, and the filters see nothing else."""
    return np.asarray(cv2.erode((turned[..., 3] == 255).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)  # noqa: PLR2004  # opaque


def _by_opencv(pixels: Pixels, angle: float, size: tuple[int, int]) -> Pixels:
    """Turned clockwise about the middle, colours times alpha; pixels have their middles at halves."""
    rimmed = cv2.copyMakeBorder(pixels.astype(np.float32), *(_RIM,) * 4, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    centre = np.array([(rimmed.shape[1] - 1) / 2, (rimmed.shape[0] - 1) / 2])
    back = np.array([[cosine, sine], [-sine, cosine]])
    shift = centre - back @ np.array([(size[0] - 1) / 2, (size[1] - 1) / 2])
    matrix = np.column_stack([back, shift])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(rimmed, matrix, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0, 0)))


def _turned(studio: Studio) -> Iterator[Row]:
    for name in ("cat.png", "cutout.png"):
        original = studio.original(name).astype(np.float64)
        if original.shape[2] == 3:  # noqa: PLR2004  # opaque
            original = np.dstack([original, np.full(original.shape[:2], 255.0)])
        weighted = np.dstack([original[..., :3] * original[..., 3:] / 255, original[..., 3]])
        for angle in _ANGLES:
            ours = studio.alpha(f"{name}?rotate={angle}&scl=1")
            theirs = np.clip(_by_opencv(weighted, angle, (ours.shape[1], ours.shape[0])), 0, 255)
            shown = np.dstack([ours[..., :3] * (ours[..., 3:] / 255), ours[..., 3]])
            error = float(((shown - theirs) ** 2).mean())
            found = (
                least("PSNR", 10 * math.log10(255**2 / error), 46),
                most("mean", float(np.abs(shown - theirs).mean()), 0.7),
                most("mean of alpha", float(np.abs(shown[..., 3] - theirs[..., 3]).mean()), 0.15),
            )
            against = f"warpAffine of {package('opencv-python-headless')}, cubic"
            yield Row(f"`rotate={angle}`", against, name.removesuffix(".png"), found, (shown, theirs))


def _distorted(studio: Studio) -> Iterator[Row]:
    original = studio.original("cat.png")
    rgba = np.dstack([original, np.full(original.shape[:2], 255, np.uint8)])
    for angle in _ANGLES:
        ours = studio.alpha(f"cat.png?rotate={angle}&scl=1")
        height, width = ours.shape[:2]
        middle = f"{original.shape[1] / 2},{original.shape[0] / 2}"
        theirs = magick(
            rgba,
            *("-virtual-pixel", "transparent", "-filter", "Catrom", "-define", f"distort:viewport={width}x{height}+0+0"),
            *("-distort", "SRT", f"{middle} 1 {angle} {width / 2},{height / 2}"),
        )
        inside = _inside(ours) & _inside(theirs)
        found = (
            least("PSNR inside", psnr(ours[inside][None], theirs[inside][None]), 41),
            most("mean of alpha", mean(ours[..., 3], theirs[..., 3]), 0.5),
        )
        yield Row(f"`rotate={angle}`", f"-distort SRT of {version('convert')}", "cat", found, (ours, theirs))


def _exactly(studio: Studio) -> Iterator[Row]:
    original = studio.original("cat.png")
    opaque = np.dstack([original, np.full(original.shape[:2], 255, np.uint8)])
    cases = (
        ("flip=lr", original[:, ::-1]),
        ("flip=ud", original[::-1]),
        ("flip=lrud", original[::-1, ::-1]),
        ("rotate=90", np.rot90(original, -1)),
        ("rotate=180", np.rot90(original, 2)),
        ("rotate=-90", np.rot90(original)),
        ("rotate=450&flip=lr", np.rot90(original, -1)[:, ::-1]),
        ("layer=0&rotate=450&flip=lr", np.rot90(original[:, ::-1], -1)),
        ("crop=31,17,100,80", original[17:97, 31:131]),
        ("cropN=0.25,0,0.5,1", original[:, 64:192]),
        ("crop=31,17,100,80&rotate=90", np.rot90(original[17:97, 31:131], -1)),
    )
    for command, theirs in cases:
        ours = studio.pixels(f"cat.png?{command}&scl=1")
        yield Row(f"`{command}`", "the pixels themselves", "cat", (most("max", largest(ours, theirs), 0),), (ours, theirs))
    for command, margins in (("extend=10,20,30,40", (10, 20, 30, 40)), ("extend=-10,5,-20,0", (-10, 5, -20, 0))):
        ours = studio.alpha(f"cat.png?{command}&scl=1")
        left, top, right, bottom = margins
        wide = np.pad(opaque, ((max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0)), (0, 0)))
        theirs = wide[max(-top, 0) : wide.shape[0] - max(-bottom, 0), max(-left, 0) : wide.shape[1] - max(-right, 0)]
        yield Row(f"`{command}`", "the pixels themselves", "cat", (most("max", largest(ours, theirs), 0),), (ours, theirs))
    ours = studio.pixels("photo.png?rgn=40,30,200,100&wid=200")
    theirs = studio.original("photo.png")[30:130, 40:240]
    yield Row("`rgn=40,30,200,100`", "the pixels themselves", "photo", (most("max", largest(ours, theirs), 0),), (ours, theirs))


MEASUREMENTS = (
    Measurement(
        "turned",
        "Rotation by OpenCV",
        "OpenCV's cubic is steeper (a = −0.75, this server's −0.5) and its positions are whole 32nds of a pixel, so "
        "fine texture differs; the "
        "alpha of the edges says that the picture lies in the same place.",
        _turned,
    ),
    Measurement(
        "distorted",
        "Rotation by ImageMagick",
        "Its filter is a cone about every point (EWA) and softer than two cubics; inside means where both are opaque.",
        _distorted,
        needs=("convert",),
    ),
    Measurement("exactly", "Mirrors, quarter turns, crops and margins", "No pixel may differ.", _exactly),
)
