"""How large a rendition will be, guessed from its pixels before it is made. Rough: what a picture shows counts as much."""

from typing import Final

from proxy.recipe.model import Output

BYTES_PER_PIXEL: Final = {
    "avif": 0.10,
    "eps": 4.0,
    "gif": 0.60,
    "heic": 0.12,
    "jpeg2000": 0.35,
    "png": 1.60,
    "png8": 0.50,
    "tif": 3.0,
    "webp": 0.15,
}
"""Bytes for a pixel of a photograph in RGB at quality 80, by the words of ``fmt=``."""

_AS_JPEG = 0.22

_COMPONENTS: Final = {"gray": 1, "rgb": 3, "cmyk": 4}
_HEADER = 600
_QUALITY_HALVES = 25
_USUAL_QUALITY = 80
_EXACT: Final = frozenset(("eps", "gif", "png", "png8", "tif"))
"""Formats whose size no quality changes."""


def expected_bytes(pixels: int, output: Output) -> int:
    """Guess the bytes of a rendition of so many pixels; a size limit of its own (``r-jpegsize``) holds."""
    rate = BYTES_PER_PIXEL.get(output.format, _AS_JPEG) * _COMPONENTS[output.pixels] / 3 * (1.2 if output.alpha else 1.0)
    if output.format not in _EXACT:
        rate *= 2 ** ((output.quality - _USUAL_QUALITY) / _QUALITY_HALVES)
    guess = _HEADER + round(pixels * rate)
    return min(guess, output.size_limit) if output.size_limit else guess
