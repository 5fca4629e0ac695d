"""Pictures brought onto a quadrilateral, against OpenCV with sixteen samples a pixel (``r-perspective``)."""

from collections.abc import Iterator

import cv2
import numpy as np

from fidelity.figures import mean, psnr
from fidelity.rows import Measurement, Pixels, Row, least, most
from fidelity.studio import Studio
from fidelity.versions import package

_CANVAS = (320, 240)
_FINER = 4
_QUADRILATERALS = (
    ("nearly itself", (12, 9, 270, 4, 262, 231, 20, 226)),
    ("a wall", (30, 20, 240, 60, 250, 180, 25, 225)),
    ("a floor", (110, 90, 210, 90, 310, 230, 10, 230)),
    ("turned over", (260, 30, 60, 50, 40, 200, 280, 220)),
)


def _by_opencv(pixels: Pixels, corners: tuple[int, ...]) -> Pixels:
    """RGBA on a finer canvas, colours times alpha, then the mean of each pixel's samples. Corners lie between pixels."""
    height, width = pixels.shape[:2]
    weighted = np.dstack([pixels[..., :3] * (pixels[..., 3:] / 255), pixels[..., 3]]).astype(np.float32)
    rimmed = cv2.copyMakeBorder(weighted, *(_RIM,) * 4, cv2.BORDER_REPLICATE)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) + _RIM - 0.5
    target = np.array(corners, np.float32).reshape(4, 2) * _FINER - 0.5
    size = (_CANVAS[0] * _FINER, _CANVAS[1] * _FINER)
    drawn = cv2.warpPerspective(rimmed, cv2.getPerspectiveTransform(source, target), size, flags=cv2.INTER_CUBIC)
    inside = np.zeros(size[::-1], np.uint8)
    cv2.fillConvexPoly(inside, np.rint((target + 0.5) * _STEPS).astype(np.int32), 1, shift=_SHIFT)
    drawn = np.clip(drawn, 0, 255) * inside[..., None]
    return np.asarray(cv2.resize(drawn, _CANVAS, interpolation=cv2.INTER_AREA))


_RIM = 4
_SHIFT = 4
_STEPS = 1 << _SHIFT


def _projected(studio: Studio) -> Iterator[Row]:
    for name in ("face.png", "cutout.png"):
        original = studio.original(name)
        if original.shape[2] == 3:  # noqa: PLR2004  # opaque
            original = np.dstack([original, np.full(original.shape[:2], 255, np.uint8)])
        for kind, corners in _QUADRILATERALS:
            quad = ",".join(map(str, corners))
            canvas = ",".join(map(str, _CANVAS))
            ours = studio.alpha(f"?layer=0&color=00000000&size={canvas}&layer=1&src={name}&perspective={quad}&scl=1")
            theirs = _by_opencv(original, corners)
            shown = np.dstack([ours[..., :3] * (ours[..., 3:] / 255), ours[..., 3]])
            figures = (
                least("PSNR", psnr(shown[..., :3], theirs[..., :3]), 36),
                most("mean of alpha", mean(shown[..., 3], theirs[..., 3]), 0.6),
            )
            against = f"warpPerspective of {package('opencv-python-headless')}, cubic, 16 samples a pixel"
            yield Row(f"`perspective={quad}` ({kind})", against, name.removesuffix(".png"), figures, (shown, theirs))


MEASUREMENTS = (
    Measurement(
        "projected",
        "Perspective",
        "Sixteen samples a pixel are what a picture looks like where it is pressed together; where it is not, filters differ. "
        "The alpha of the edges says that corners lie where they were put.",
        _projected,
    ),
)
