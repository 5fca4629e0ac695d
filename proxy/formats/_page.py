"""What the formats of pages, EPS and PDF, have in common: a picture has a size on paper there, in points of 1/72 inch."""

from typing import Final

from PIL import Image

POINTS: Final = 72


def extent(image: Image.Image, dpi: float) -> tuple[float, float]:
    """Width and height in points at a print resolution; without one a pixel is a point."""
    scale = POINTS / dpi if dpi else 1.0
    return image.width * scale, image.height * scale


def components(image: Image.Image) -> int:
    """How many numbers a pixel has."""
    return len(image.getbands())


def number(value: float) -> str:
    """A number as both languages write it: no exponent, no more digits than tell."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
