"""Browser format conversion: what a JPEG or a PNG becomes for a browser that takes something smaller (``r-bfc``).

A JPEG becomes an AVIF, or else a WebP, of a quality at which it looks as it did; a PNG stays without loss and becomes a WebP
(AVIF without loss takes as many bytes as PNG). Whatever was asked for is kept: a request with a pixel type, a profile, a packet,
paths or a limit of size that the other format cannot have is not converted. The renderer makes both and sends the smaller one.
"""

from bisect import bisect_right
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from proxy.recipe.model import Output

_INSTEAD: Final = {
    "jpeg": (("avif", ""), ("webp", "")),
    "pjpeg": (("avif", ""), ("webp", "")),
    "png": (("webp", "lossless"),),
}
"""By format, what is tried, the best first, and the compression."""

_AS_AVIF: Final = ((1, 10), (30, 41), (50, 48), (70, 55), (80, 65), (90, 80), (100, 100))
"""Qualities of JPEG and of AVIF at which photographs are equally like their original; measured by structural similarity."""


def converted(output: Output, formats: AbstractSet[str]) -> Output:
    """The output for a browser that takes some formats besides, holding the one that was asked for as ``otherwise``."""
    beside = output.embed_profile or output.xmp or output.paths or output.size_limit or output.of_mask
    if beside or output.pixels != "rgb":
        return output
    for name, compression in _INSTEAD.get(output.format, ()):
        if name in formats:
            quality = as_avif(output.quality) if name == "avif" else output.quality
            better = replace(output, format=name, compression=compression, quality=quality, chroma=False, dpi=0.0)
            return replace(better, otherwise=output)
    return output


def as_avif(quality: int) -> int:
    """The quality at which an AVIF looks like a JPEG of a quality of 1 to 100."""
    above = min(bisect_right(_AS_AVIF, (quality, 100)), len(_AS_AVIF) - 1)
    (low, first), (high, second) = _AS_AVIF[above - 1], _AS_AVIF[above]
    return round(first + (second - first) * (quality - low) / (high - low))
