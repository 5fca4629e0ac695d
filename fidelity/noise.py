"""What ``op_noise`` adds, by its statistics (``r-op-noise``): mean, deviation, distribution, independence of pixels and bands."""

import math
from collections.abc import Iterator

import numpy as np
from scipy import stats

from fidelity.rows import Figure, Measurement, Pixels, Row, most
from fidelity.studio import Studio
from fidelity.versions import package


def _dependence(first: Pixels, second: Pixels) -> float:
    return abs(float(np.corrcoef(first.ravel(), second.ravel())[0, 1]))


def _figures(noise: Pixels, shape: str, reach: float) -> tuple[Figure, ...]:
    """``reach`` is the half width of uniform noise and the standard deviation of Gaussian noise, in levels."""
    deviation = reach if shape == "gaussian" else reach / math.sqrt(3)
    law = stats.norm(0, reach) if shape == "gaussian" else stats.uniform(-reach, 2 * reach)
    levels = np.arange(math.floor(noise.min()) - 1, math.ceil(noise.max()) + 2)
    # rounded to levels: what is counted at a level lies within half of one
    expected = law.cdf(levels + 0.5)
    counted = np.array([(noise <= level).mean() for level in levels])
    return (
        most("mean, levels", abs(float(noise.mean())), 0.4),
        most("deviation off by, %", abs(float(noise.std()) / deviation - 1) * 100, 2),
        most("distance of the distributions", float(np.abs(counted - expected).max()), 0.006),
        most("correlation of neighbours", _dependence(noise[:, 1:], noise[:, :-1]), 0.02),
    )


def _on_half(studio: Studio) -> Iterator[Row]:
    for shape, val in (("uniform", 20), ("gaussian", 10)):
        ours = studio.pixels(f"middle.png?op_noise={val},{shape},0&scl=1").astype(np.float64) - 128
        bands = max(_dependence(ours[..., one], ours[..., other]) for one, other in ((0, 1), (0, 2), (1, 2)))
        figures = (*_figures(ours[..., 0], shape, val * 2.55), most("correlation of bands", bands, 0.02))
        yield Row(f"`op_noise={val},{shape},0`", f"the distribution of {package('scipy')}", "one level of gray in RGB", figures)
        ours = studio.pixels(f"middle.png?op_noise={val},{shape},1&scl=1").astype(np.float64) - 128
        figures = (*_figures(ours[..., 0], shape, val * 2.55), most("difference of bands", float(np.ptp(ours, axis=2).max()), 0))
        yield Row(f"`op_noise={val},{shape},1`", f"the distribution of {package('scipy')}", "one level of gray in RGB", figures)


def _on_gray(studio: Studio) -> Iterator[Row]:
    """A picture without colour gets none by noise."""
    for target in ("half.png?op_noise=20,uniform,0&scl=1", "?layer=0&src=half.png&op_noise=20,uniform,0&scl=1"):
        ours = studio.pixels(target).astype(np.float64) - 128
        figures = (*_figures(ours[..., 0], "uniform", 51), most("difference of bands", float(np.ptp(ours, axis=2).max()), 0))
        where = "layer 0" if "layer" in target else "the composite"
        yield Row(
            f"`op_noise=20,uniform,0` on {where}", f"the distribution of {package('scipy')}", "one level in grayscale", figures
        )


MEASUREMENTS = (
    Measurement("noise", "Noise", "Statistics of 40 000 pixels; the limits are those that chance keeps.", _on_half),
    Measurement("gray_noise", "Noise on grayscale images", "`monochrome` is of no account there: the noise is gray.", _on_gray),
)
