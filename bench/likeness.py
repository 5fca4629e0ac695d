"""How like two pictures are: structural similarity (SSIM) of their luma, with the usual 11-tap Gaussian window."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float64]

_TAPS = 11
_SIGMA = 1.5
_WINDOW = np.exp(-((np.arange(_TAPS) - _TAPS // 2) ** 2) / (2 * _SIGMA**2))
_WINDOW /= _WINDOW.sum()
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Mean structural similarity of two pictures of equal size, each side at least 11 pixels: 1.0 for equal ones.

    Raises:
        ValueError: the sizes differ.
    """
    if one.size != other.size:
        raise ValueError(f"pictures of {one.size} and {other.size} cannot be compared")
    a, b = (np.asarray(image.convert("L"), dtype=np.float64) for image in (one, other))
    mean_a, mean_b = _blur(a), _blur(b)
    variance_a = _blur(a * a) - mean_a**2
    variance_b = _blur(b * b) - mean_b**2
    covariance = _blur(a * b) - mean_a * mean_b
    above = (2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)
    below = (mean_a**2 + mean_b**2 + _C1) * (variance_a + variance_b + _C2)
    return float((above / below).mean())


def _blur(plane: Plane) -> Plane:
    rows = plane.shape[0] - _TAPS + 1
    columns = plane.shape[1] - _TAPS + 1
    down = np.zeros((rows, plane.shape[1]))
    for at, weight in enumerate(_WINDOW):
        down += weight * plane[at : at + rows]
    across = np.zeros((rows, columns))
    for at, weight in enumerate(_WINDOW):
        across += weight * down[:, at : at + columns]
    return across
