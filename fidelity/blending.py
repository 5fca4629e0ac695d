"""Blend modes and opacity, with alpha in source and backdrop, against the canvas of a browser (``r-blendmode``, ``r-opac``)."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from fidelity.figures import largest, mean
from fidelity.programs import computed, version
from fidelity.rows import Measurement, Pixels, Row, least, most
from fidelity.studio import Studio

_CANVAS: Mapping[str, str] = {
    "norm": "source-over",
    "lighten": "lighten",
    "darken": "darken",
    "mult": "multiply",
    "screen": "screen",
}
"""The words of ``blendMode=`` and what a canvas calls them."""

_BACKDROPS: Mapping[str, str] = {"rocket.png": "opaque", "veil.png": "alpha from 0 to 255"}
_OPACITIES = (100, 60)
_PRODUCTS: Mapping[str, float] = {"100": 1.0, "60": 0.6, "80,50": 0.4, "3": 0.03}
"""Values of ``opac=`` and what they come to."""
_SCRIPT = """
  const {width, height} = given;
  const canvas = (data) => {
    const context = new OffscreenCanvas(width, height).getContext("2d", {willReadFrequently: true});
    context.putImageData(new ImageData(bytes(data), width, height), 0, 0);
    return context;
  };
  const source = canvas(given.source).canvas, results = [];
  for (const [backdrop, operation, opacity] of given.cases) {
    const context = canvas(given.backdrops[backdrop]);
    context.globalCompositeOperation = operation;
    context.globalAlpha = opacity / 100;
    context.drawImage(source, 0, 0);
    results.push(text(context.getImageData(0, 0, width, height).data));
  }
  return results;
"""


def _rgba(pixels: Pixels) -> str:
    """The bytes of a picture as ``ImageData`` takes them, in base64."""
    whole = pixels if pixels.shape[2] == 4 else np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])  # noqa: PLR2004  # RGBA
    return base64.b64encode(whole.tobytes()).decode()


def _modes(studio: Studio) -> Iterator[Row]:
    source = studio.original("curtain.png")
    height, width = source.shape[:2]
    cases = list(product(_BACKDROPS, _CANVAS, _OPACITIES))
    results = computed(
        _SCRIPT,
        width=width,
        height=height,
        source=_rgba(source),
        backdrops={name: _rgba(studio.original(name)) for name in _BACKDROPS},
        cases=[(backdrop, _CANVAS[word], opacity) for backdrop, word, opacity in cases],
    )
    found = {
        case: np.frombuffer(base64.b64decode(result), np.uint8).reshape(source.shape)
        for case, result in zip(cases, results, strict=True)
    }
    for backdrop, word in product(_BACKDROPS, _CANVAS):
        pairs = [(_ours(studio, backdrop, word, opac), found[backdrop, word, opac]) for opac in _OPACITIES]
        yield _row(word, backdrop, _OPACITIES, f"`{_CANVAS[word]}` on a canvas of {version('chromium')}", pairs, 3.0)


def _ours(studio: Studio, backdrop: str, word: str, opac: float | str) -> Pixels:
    return studio.alpha(f"{backdrop}?layer=1&src=curtain.png&blendMode={word}&opac={opac}&scl=1")


def _row(
    word: str, backdrop: str, opacities: Sequence[float | str], against: str, pairs: list[tuple[Pixels, Pixels]], limit: float
) -> Row:
    """The worst of several opacities."""
    return Row(
        f"`blendMode={word}`, `opac=` {' and '.join(map(str, opacities))}",
        against,
        f"curtain over {backdrop.removesuffix('.png')} ({_BACKDROPS[backdrop]})",
        (most("max", max(largest(*pair) for pair in pairs), limit), most("mean", max(mean(*pair) for pair in pairs), 0.6)),
        max(pairs, key=lambda pair: mean(*pair)),
    )


_MIXED: Mapping[str, Callable[[Pixels, Pixels], Pixels]] = {
    "norm": lambda _, source: source,
    "lighten": np.maximum,
    "darken": np.minimum,
    "mult": lambda backdrop, source: backdrop * source,
    "screen": lambda backdrop, source: backdrop + source - backdrop * source,
}


def _formula(backdrop: Pixels, source: Pixels, word: str, opacity: float) -> Pixels:
    """The W3C's Compositing and Blending, sections 5 and 9, in real numbers; RGBA in and out."""
    below, above = backdrop / 255, source / 255
    if below.shape[2] == 3:  # noqa: PLR2004  # opaque
        below = np.dstack([below, np.ones(below.shape[:2])])
    behind, alpha = below[..., 3:], above[..., 3:] * opacity
    mixed = (1 - behind) * above[..., :3] + behind * _MIXED[word](below[..., :3], above[..., :3])
    whole = alpha + behind * (1 - alpha)
    colour = np.divide(alpha * mixed + (1 - alpha) * behind * below[..., :3], whole, out=np.zeros_like(mixed), where=whole > 0)
    return np.asarray(np.dstack([colour, whole]) * 255)


def _formulas(studio: Studio) -> Iterator[Row]:
    source = studio.original("curtain.png")
    for word, backdrop in product(_CANVAS, _BACKDROPS):
        below = studio.original(backdrop)
        pairs = [
            (_ours(studio, backdrop, word, opac), _formula(below, source, word, opacity)) for opac, opacity in _PRODUCTS.items()
        ]
        yield _row(word, backdrop, list(_PRODUCTS), "the W3C's formula in real numbers", pairs, 2.2)


_DISSOLVE = "rocket.png?layer=1&src=curtain.png&blendMode=dissolve&scl=1"


def _dissolve(studio: Studio) -> Iterator[Row]:
    """Every pixel is one of two, and in each row of the alpha ramp as many of them are the source's as alpha says."""
    ours, backdrop, source = studio.pixels(_DISSOLVE), studio.original("rocket.png"), studio.original("curtain.png")
    taken = (ours == source[..., :3]).all(axis=2)
    kept = (ours == backdrop).all(axis=2)
    chance = source[:, 0, 3] / 255
    deviation = np.sqrt(np.maximum(chance * (1 - chance), 1e-9) / ours.shape[1])
    # pixels that are the same in both say nothing
    telling = ~(taken & kept)
    share = np.where(telling, taken, 0).sum(axis=1) / telling.sum(axis=1)
    off = np.abs(share - chance) / deviation
    yield Row(
        "`blendMode=dissolve`",
        "a Bernoulli trial a pixel",
        "curtain over rocket (opaque)",
        (
            least("share of pixels that are source or backdrop unchanged", float((taken | kept).mean()), 1.0),
            most("largest deviation of a row's share, in standard deviations", float(off.max()), 4.5),
            most("correlation of neighbours", abs(_correlation(taken, chance)), 0.02),
        ),
    )


def _correlation(taken: Pixels, chance: Pixels) -> float:
    """Of the trials of pixels side by side, freed of what alpha says of them."""
    rest = taken - chance[:, None]
    return float((rest[:, 1:] * rest[:, :-1]).mean() / (rest**2).mean())


MEASUREMENTS = (
    Measurement(
        "blend_modes",
        "Blend modes",
        "A canvas keeps colours multiplied by alpha in eight bits and rounds after every step, so a level or two lie "
        "between two right "
        "answers. Colours count as far as they are seen.",
        _modes,
        needs=("chromium",),
    ),
    Measurement(
        "blend_formulas",
        "Blend modes and opacity, by formula",
        "What is left is the rounding of alpha, of the mixed colour and of the result to eight bits.",
        _formulas,
    ),
    Measurement(
        "dissolve",
        "Dissolve",
        "Every pixel is wholly there or not at all, as often as its alpha says, and independently of its neighbours.",
        _dissolve,
    ),
)
