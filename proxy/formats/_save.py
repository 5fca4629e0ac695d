"""The one way to Pillow's encoders: nothing is written that was not asked for, and what a format cannot hold is said in words."""

import io
from typing import Any

from PIL import Image, ImageFile

from proxy.errors import LimitExceeded

# A progressive or optimized JPEG has to fit into one block of this size or one byte a pixel, whichever is more, and noisy
# pictures of high quality do not. Memory is only taken as it is filled.
ImageFile.MAXBLOCK = 1 << 26


def saved(image: Image.Image, form: str, longest_side: int, /, **options: Any) -> bytes:
    """Encode an image with Pillow's encoder ``form``.

    Args:
        image: of a mode that the encoder takes. Its metadata is left out: Pillow would write some of it unasked.
        form: Pillow's name of the format.
        longest_side: pixels that the file format can count to.
        options: the encoder's own.

    Raises:
        LimitExceeded: a side is longer than that.
    """
    check_sides(image, form, longest_side)
    out = io.BytesIO()
    bare(image).save(out, form, **options)
    return out.getvalue()


def check_sides(image: Image.Image, form: str, longest_side: int) -> None:
    """Refuse an image with more pixels a side than its format can count.

    Raises:
        LimitExceeded: naming the format.
    """
    if max(image.size) > longest_side:
        raise LimitExceeded(
            f"fmt: a {form} image has at most {longest_side} pixels a side, this one is {image.width}×{image.height}"
        )


def bare(image: Image.Image) -> Image.Image:
    """The same pixels without metadata."""
    if image.info or type(image) is not Image.Image:
        image = image.copy()
        image.info = {}
    return image


def resolution(dpi: float) -> dict[str, tuple[float, float]]:
    """The encoder's option for a print resolution, none for 0 (``r-printres``)."""
    return {"dpi": (dpi, dpi)} if dpi else {}
