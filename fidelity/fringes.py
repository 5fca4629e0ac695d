"""A cut-out whose transparent pixels are black, over white: no operation may let the black shine through its edge.

What is right is worked out by SciPy and NumPy in real numbers on colours multiplied by alpha.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image
from scipy.ndimage import affine_transform, gaussian_filter

from fidelity.figures import largest, on
from fidelity.rows import Measurement, Pixels, Row, most
from fidelity.studio import Studio
from fidelity.versions import package

Making = Callable[[Pixels], Pixels]


def _weighted(pixels: Pixels) -> Pixels:
    values = pixels.astype(np.float64)
    return np.dstack([values[..., :3] * values[..., 3:] / 255, values[..., 3]])


def _scaled(width: int) -> Making:
    def made(weighted: Pixels) -> Pixels:
        planes = [Image.fromarray(weighted[..., band].astype(np.float32)) for band in range(4)]
        return np.dstack([np.asarray(plane.resize((width, width), Image.Resampling.BICUBIC)) for plane in planes])

    return made


def _blurred(radius: float) -> Making:
    """Colours blurred as far as they are seen; alpha stays (``r-op-blur``)."""

    def made(weighted: Pixels) -> Pixels:
        alpha = weighted[..., 3:]
        mean = gaussian_filter(weighted, (radius, radius, 0), mode="nearest", truncate=6)
        colours = np.divide(mean[..., :3], mean[..., 3:], out=np.zeros_like(mean[..., :3]), where=mean[..., 3:] > 1e-9)  # noqa: PLR2004  # nothing
        return np.dstack([colours * alpha, alpha])

    return made


def _turned(angle: float, side: int) -> Making:
    def made(weighted: Pixels) -> Pixels:
        cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        back = np.array([[cosine, -sine], [sine, cosine]])
        middle = (weighted.shape[0] - 1) / 2
        shift = middle - back @ np.full(2, (side - 1) / 2)
        planes = [affine_transform(weighted[..., band], back, shift, (side, side), order=3) for band in range(4)]
        return np.dstack(planes)

    return made


def _cut_outs(studio: Studio) -> Iterator[Row]:
    weighted = _weighted(studio.original("cutout.png"))
    side = studio.alpha("cutout.png?rotate=33&scl=1").shape[0]
    cases: tuple[tuple[str, Making, str, float], ...] = (
        ("wid=90&resMode=bicub", _scaled(90), package("pillow"), 4),
        ("wid=330&fit=fit,1&resMode=bicub", _scaled(330), package("pillow"), 10),
        ("op_blur=4&scl=1", _blurred(4), package("scipy"), 2),
        ("op_blur=0.9&scl=1", _blurred(0.9), package("scipy"), 2),
        ("rotate=33&scl=1", _turned(33, side), package("scipy"), 20),
    )
    for command, making, who, limit in cases:
        theirs = making(weighted)
        expected = np.clip(theirs[..., :3], 0, 255) + 255 - np.clip(theirs[..., 3:], 0, 255)
        ours = studio.alpha(f"cutout.png?{command}")
        white = studio.pixels(f"cutout.png?{command}&bgc=ffffff")
        darker = float((expected - on(ours, 255)).max())
        rim = (ours[..., 3] > 0) & (ours[..., 3] < 255)  # noqa: PLR2004  # opaque
        figures = (
            most("mean darkening of the rim", max(0.0, float((expected - on(ours, 255))[rim].mean())), 0.6),
            most("max darkening", darker, limit),
            most("reply on white against alpha laid on white, max", largest(white, on(ours, 255)), 1),
        )
        yield Row(f"`{command}`", f"colours times alpha, by {who}", "cutout", figures, (on(ours, 255), expected))


MEASUREMENTS = (
    Measurement(
        "fringes",
        "Edges of cut-outs",
        "Black that shines through would darken the rim by tens of levels. SciPy turns by a spline, this server by a "
        "cubic, so single pixels of "
        "fine texture differ; the mean over the rim says that none of it is black.",
        _cut_outs,
    ),
)
