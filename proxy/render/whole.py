"""Originals that another package than Pillow decodes, and only as a whole: a base for plug-ins of Pillow.

A plug-in reads the header when a file is opened, and gives all samples when they are needed; here they become eight bits.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

Samples = NDArray[Any]


class WholeFile(ImageFile.ImageFile):
    """A file that is decoded in one go. ``depth`` is the bits of a component as it is stored."""

    depth = 8

    def picture(self) -> Image.Image:
        """All pixels, in the mode and of the size that were said when the file was opened."""
        raise NotImplementedError

    def load(self) -> Any:
        """Decode the pixels, once."""
        if getattr(self, "_im", None) is None:
            image = self.picture()
            if image.size != self.size or image.mode != self.mode:
                raise ValueError(f"{image.mode} of {image.size}, where the header says {self.mode} of {self.size}")
            self.im = image.im
        return super().load()


def rounded(samples: Samples) -> NDArray[np.uint8]:
    """Samples of 1, 8 or 16 bits as eight bits.

    Raises:
        ValueError: samples of another type.
    """
    if samples.dtype == np.bool_:
        return samples.astype(np.uint8) * np.uint8(255)
    if samples.dtype == np.uint16:
        return ((samples.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    if samples.dtype != np.uint8:
        raise ValueError(f"samples of the type {samples.dtype}")
    return np.ascontiguousarray(samples)


def image_of(samples: NDArray[np.uint8], mode: str) -> Image.Image:
    """Make an image of rows of pixels; inks with alpha become RGB with alpha, since Pillow has no mode for them."""
    height, width = samples.shape[:2]
    if mode == "CMYKA":
        inks, alpha = samples[..., :4], samples[..., 4]
        image = Image.frombytes("CMYK", (width, height), inks.tobytes()).convert("RGB")
        image.putalpha(Image.fromarray(np.ascontiguousarray(alpha)))
        return image
    return Image.frombytes(mode, (width, height), samples.tobytes())


def mode_of(mode: str) -> str:
    """The mode in which pixels of ``mode`` come out of ``image_of``."""
    return "RGBA" if mode == "CMYKA" else mode
