"""How near one picture is to another."""

import numpy as np
from numpy.typing import NDArray


def psnr(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Peak signal to noise ratio in decibels, of levels from 0 to 255."""
    error = float(np.mean((one - other) ** 2))
    return float("inf") if error == 0 else 10 * float(np.log10(255**2 / error))
