"""Operations on tone and colour against the same in real numbers (``r-op-hue``, ``r-op-saturation``, ``r-op-colorize`` …).

Hue and saturation are worked out through ``colorsys`` and matrices here, colorizing by interpolation between three colours;
the server has tables and its own kernels.
"""

import colorsys
from collections.abc import Callable, Iterator

import numpy as np

from fidelity.figures import largest, mean
from fidelity.rows import Measurement, Pixels, Row, most
from fidelity.studio import Studio

_LUMA = np.array([0.299, 0.587, 0.114])
_WHITE = 255.0


def _brightness(per_cent: float) -> Callable[[Pixels], Pixels]:
    return lambda pixels: pixels + per_cent / 100 * _WHITE


def _contrast(per_cent: float) -> Callable[[Pixels], Pixels]:
    factor = 1 + per_cent / 100 if per_cent < 0 else 1 / (1 - per_cent / 100)
    return lambda pixels: (pixels - _WHITE / 2) * factor + _WHITE / 2


def _balance(*per_cent: float) -> Callable[[Pixels], Pixels]:
    return lambda pixels: pixels + np.array(per_cent) / 100 * _WHITE


def _hue(degrees: float) -> Callable[[Pixels], Pixels]:
    def made(pixels: Pixels) -> Pixels:
        flat, where = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
        turned = []
        for red, green, blue in flat / _WHITE:
            hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
            turned.append(colorsys.hls_to_rgb((hue + degrees / 360) % 1, lightness, saturation))
        return (np.array(turned) * _WHITE)[where].reshape(pixels.shape)

    return made


def _saturation(per_cent: float) -> Callable[[Pixels], Pixels]:
    def made(pixels: Pixels) -> Pixels:
        gray = (pixels @ _LUMA)[..., None]
        return np.asarray(gray + (pixels - gray) * (1 + per_cent / 100))

    return made


def _colorize(color: tuple[int, int, int], *, norm: bool, contrast: float = 0.0) -> Callable[[Pixels], Pixels]:
    def made(pixels: Pixels) -> Pixels:
        tone = np.rint(pixels @ _LUMA)
        if norm:
            middle = np.median(tone)
            darkest, lightest = np.quantile(tone, (0.01, 0.99), method="inverted_cdf")
            tone = _WHITE / 2 + (tone - middle) * (contrast / 100 * _WHITE / (lightest - darkest) if contrast else 1)
        return np.dstack([np.interp(tone, (0, _WHITE / 2, _WHITE), (0, component, _WHITE)) for component in color])

    return made


def _invert(pixels: Pixels) -> Pixels:
    return np.asarray(_WHITE - pixels)


_CASES: tuple[tuple[str, Callable[[Pixels], Pixels], float], ...] = (
    ("op_brightness=23", _brightness(23), 0.51),
    ("op_brightness=-61", _brightness(-61), 0.51),
    ("op_contrast=37", _contrast(37), 0.51),
    ("op_contrast=-48", _contrast(-48), 0.51),
    ("op_colorbalance=20,-35,7", _balance(20, -35, 7), 0.51),
    ("op_hue=47", _hue(47), 0.51),
    ("op_hue=-160", _hue(-160), 0.51),
    ("op_saturation=60", _saturation(60), 0.51),
    ("op_saturation=-35", _saturation(-35), 0.51),
    ("op_saturation=-100", _saturation(-100), 0.51),
    ("op_colorize=3060c0,off", _colorize((0x30, 0x60, 0xC0), norm=False), 2.1),
    ("op_colorize=c08040", _colorize((0xC0, 0x80, 0x40), norm=True), 2.1),
    ("op_colorize=208040,norm,80", _colorize((0x20, 0x80, 0x40), norm=True, contrast=80), 2.6),
    ("op_invert=1", _invert, 0),
)
"""Commands, what they come to, and the levels that rounding leaves."""


def _formulas(studio: Studio) -> Iterator[Row]:
    for name in ("colours.png", "face.png"):
        original = studio.original(name).astype(np.float64)
        for command, formula, limit in _CASES:
            ours = studio.pixels(f"{name}?{command}&scl=1")
            theirs = np.clip(formula(original), 0, _WHITE)
            found = (most("max", largest(ours, theirs), limit), most("mean", mean(ours, theirs), 0.3))
            yield Row(f"`{command}`", "its formula in real numbers", name.removesuffix(".png"), found, (ours, theirs))


def _converted(studio: Studio) -> Iterator[Row]:
    """Pixel types without profiles (protocol decision 23 (24))."""
    original = studio.original("colours.png").astype(np.float64)
    gray = np.asarray(studio.image("colours.png?scl=1&fmt=png,gray"))
    theirs = original @ _LUMA
    found = (most("max", largest(gray, theirs), 0.51), most("mean", mean(gray, theirs), 0.3))
    yield Row("`fmt=png,gray`", "0.299 R + 0.587 G + 0.114 B in real numbers", "colours", found, (gray, theirs))
    inks = np.asarray(studio.image("colours.png?scl=1&fmt=tif,cmyk,none")).astype(np.float64)
    least = 1 - original.max(axis=2) / _WHITE
    under = np.divide(
        1 - original / _WHITE - least[..., None], (1 - least)[..., None], out=np.zeros_like(original), where=least[..., None] < 1
    )
    theirs = np.dstack([under, least]) * _WHITE
    found = (
        most("max", largest(inks[..., :3], theirs[..., :3]), 1.0),
        most("black, max", largest(inks[..., 3], theirs[..., 3]), 0.51),
    )
    yield Row("`fmt=tif,cmyk`", "black taken out of the colours, in real numbers", "colours", found)
    back = (1 - inks[..., :3] / _WHITE) * (1 - inks[..., 3:] / _WHITE) * _WHITE
    yield Row(
        "`fmt=tif,cmyk`", "the picture it was made of, by R = (1−C)(1−K)", "colours", (most("max", largest(back, original), 1.1),)
    )


MEASUREMENTS = (
    Measurement(
        "formulas",
        "Tone and colour",
        "Half a level is the rounding of the result; colorizing rounds brightness first.",
        _formulas,
    ),
    Measurement("pixel_types", "Conversions without profiles", "The naive conversions, there and back.", _converted),
)
