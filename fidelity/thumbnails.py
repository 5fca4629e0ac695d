"""Composites rendered at the size of the reply, against the same composites rendered at full size and then reduced.

The server scales geometry, radii and shifts instead of pixels, so that a thumbnail of a composite costs no more than its
pixels. This says how near it comes to what a picture made at full size looks like.
"""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from fidelity.composites import COMPOSITES, asking
from fidelity.figures import mean, ssim
from fidelity.rows import Measurement, Pixels, Row, least, most
from fidelity.studio import Studio
from fidelity.versions import package

_SIZES = (320, 128)


def _reduced(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Reduced by a cubic in real numbers, colours weighted by alpha."""
    alpha = pixels[..., 3].astype(np.float32)
    planes = [*(pixels[..., band] * alpha / 255 for band in range(3)), alpha]
    pictures = (Image.fromarray(np.asarray(plane)) for plane in planes)
    small = [np.asarray(each.resize(size, Image.Resampling.BICUBIC)) for each in pictures]
    whole = np.clip(np.dstack(small), 0, 255)
    colours = np.divide(whole[..., :3] * 255, whole[..., 3:], out=np.zeros_like(whole[..., :3]), where=whole[..., 3:] > 0)
    return np.dstack([colours, whole[..., 3]])


def _composites(studio: Studio) -> Iterator[Row]:
    for name, target in COMPOSITES.items():
        full = studio.alpha(asking(target, "scl=1"))
        for width in _SIZES:
            ours = studio.alpha(asking(target, f"wid={width}&resMode=bicub"))
            theirs = _reduced(full, (ours.shape[1], ours.shape[0]))
            yield Row(
                f"{name}, {width} pixels wide",
                f"the same at {full.shape[1]} pixels, reduced by a cubic of {package('pillow')}",
                "rocket and others",
                (least("SSIM", ssim(ours, theirs), 0.99), most("mean", mean(ours, theirs), 2.0)),
                (ours, theirs),
            )


MEASUREMENTS = (
    Measurement(
        "thumbnails",
        "Composites at the size of the reply",
        "Layers begin at whole pixels of a composite that is made up to three times as wide as the reply, then reduced.",
        _composites,
    ),
)
