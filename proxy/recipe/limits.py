"""What a plan may not go beyond: sizes and work. Every refusal names what was asked for and the limit."""

from proxy.catalog.catalog import Catalog
from proxy.errors import LimitExceeded
from proxy.recipe.model import Size


def check_max_pix(main: Catalog, size: Size) -> None:
    """Refuse a reply larger than the catalog's MaxPix.

    Raises:
        LimitExceeded: it is.
    """
    for side, largest, name in zip(size, main.pair("MaxPix"), ("wide", "high"), strict=True):
        if largest and side > largest:
            raise LimitExceeded(f"the reply image would be {side} pixels {name}: this catalog's MaxPix is {largest}")


def check_pixels(most: int, size: Size) -> None:
    """Refuse a picture of more pixels than ``most``, which is no limit if it is 0.

    Raises:
        LimitExceeded: it has more.
    """
    if most and size[0] * size[1] > most:
        raise LimitExceeded(f"an image of {size[0]} by {size[1]} pixels: this server's limit is {most} pixels")


def check_drawn(most: int, pixels: int) -> None:
    """Refuse more work than ``most``, which is no limit if it is 0.

    Raises:
        LimitExceeded: it is more.
    """
    if most and pixels > most:
        raise LimitExceeded(f"{pixels} pixels would be drawn for this image: this server's limit is {most} (drawn_pixels)")
