"""How like two pictures are: differences in levels, PSNR, SSIM and ΔE (by scikit-image).

Where pictures have alpha, colours count as far as they are seen: both are multiplied by their alpha before they are compared.
"""

import math

import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import structural_similarity

from fidelity.rows import Pixels

Floats = NDArray[np.float64]

_RGBA = 4


def seen(pixels: Pixels) -> Floats:
    """Colours multiplied by alpha, with alpha behind them; what has no alpha stays as it is."""
    values = np.asarray(pixels, np.float64)
    if values.ndim == 2 or values.shape[2] != _RGBA:  # noqa: PLR2004  # rows and columns
        return values
    return np.dstack([values[..., :3] * values[..., 3:] / 255, values[..., 3]])


def on(pixels: Pixels, level: float) -> Floats:
    """What is seen of a picture with alpha on a ground of one level."""
    values = np.asarray(pixels, np.float64)
    return values[..., :3] * values[..., 3:] / 255 + level * (1 - values[..., 3:] / 255)


def differences(one: Pixels, other: Pixels) -> Floats:
    """The difference of every component, in levels.

    Raises:
        ValueError: pictures of different shapes.
    """
    if one.shape != other.shape:
        raise ValueError(f"pictures of {one.shape} and {other.shape} cannot be compared")
    return np.abs(seen(one) - seen(other))


def largest(one: Pixels, other: Pixels) -> float:
    """The largest difference in levels."""
    return float(differences(one, other).max())


def mean(one: Pixels, other: Pixels) -> float:
    """The mean difference in levels."""
    return float(differences(one, other).mean())


def psnr(one: Pixels, other: Pixels) -> float:
    """Peak signal to noise ratio in decibels; endless for equal pictures."""
    error = float((differences(one, other) ** 2).mean())
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def ssim(one: Pixels, other: Pixels) -> float:
    """Mean structural similarity with the Gaussian window of Wang et al. (2004): 1.0 for equal pictures."""
    first, second = seen(one), seen(other)
    axis = None if first.ndim == 2 else 2  # noqa: PLR2004  # rows and columns
    found = structural_similarity(  # type: ignore[no-untyped-call]  # scikit-image has types for some of its functions
        first, second, data_range=255, channel_axis=axis, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return float(found)


def delta_e(one: Pixels, other: Pixels) -> Floats:
    """CIEDE2000 of every pixel of two sRGB pictures."""
    first, second = (rgb2lab(np.asarray(pixels, np.float64)[..., :3] / 255) for pixels in (one, other))
    return np.asarray(deltaE_ciede2000(first, second), np.float64)  # type: ignore[no-untyped-call]  # likewise
