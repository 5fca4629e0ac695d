"""A layer's picture on its way to the canvas: opacity, fill, mirror, rotation, margins.

Pages: ``r-layer-transforms``, ``r-opac``, ``r-color-commandref``, ``r-bgcolor``, ``r-flip``, ``r-rotate``, ``r-extend``.
Images come and go as RGB or RGBA, alpha not premultiplied.
"""

import math

from PIL import Image, ImageChops, ImageOps

from proxy.protocol.color import OPAQUE, Color
from proxy.recipe.geometry import turned
from proxy.recipe.model import Size

_QUARTERS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
_MIRRORS = {
    "lr": Image.Transpose.FLIP_LEFT_RIGHT,
    "ud": Image.Transpose.FLIP_TOP_BOTTOM,
    "lrud": Image.Transpose.ROTATE_180,
}
_RIM = 2
"""Transparent pixels around a picture that is turned, so that its edge is smoothed into them: what the filter reaches."""


def fade(image: Image.Image, opacity: float) -> Image.Image:
    """Multiply alpha by an opacity of 0 to 1."""
    if opacity >= 1:
        return image
    faded = image.convert("RGBA")
    faded.putalpha(faded.getchannel("A").point([int(level * opacity + 0.5) for level in range(256)]))
    return faded


def fill(image: Image.Image, color: Color | None, overhang: Size = (0, 0)) -> Image.Image:
    """Lay a colour under an image; its alpha counts. ``overhang`` is what reaches out of the filled area on both sides."""
    if color is None or color.alpha == 0 or image.mode == "RGB":
        return image
    if any(overhang):
        under = Image.new("RGBA", image.size)
        inner = (overhang[0], overhang[1], image.width - overhang[0], image.height - overhang[1])
        under.paste((*color.rgb(), color.alpha), inner)
        return Image.alpha_composite(under, image)
    if color.alpha == OPAQUE:
        under = Image.new("RGB", image.size, color.rgb())
        under.paste(image, mask=image.getchannel("A"))
        return under
    return Image.alpha_composite(Image.new("RGBA", image.size, (*color.rgb(), color.alpha)), image)


def reaching(size: Size, overhang: Size, angle: float) -> Size:
    """The box of a picture of ``size`` once it is turned, when it reaches out of that by ``overhang`` on both sides each way.

    ``size`` is that of the turned picture, ``overhang`` that of the upright one.
    """
    if not any(overhang):
        return size
    across, down = turned(overhang, angle)
    return size[0] + 2 * math.ceil(across), size[1] + 2 * math.ceil(down)


def widened(levels: Image.Image, overhang: Size) -> Image.Image:
    """Add black around a mask on both sides each way."""
    return ImageOps.expand(levels, overhang, 0 if levels.mode == "L" else (0, 0)) if any(overhang) else levels


def mirror(image: Image.Image, axis: str) -> Image.Image:
    """Exchange left and right (``lr``), top and bottom (``ud``) or both; an empty word does nothing."""
    return image.transpose(_MIRRORS[axis]) if axis else image


def turn(image: Image.Image, angle: float, box: Size) -> Image.Image:
    """Turn clockwise by degrees about the middle, into an image of the size ``box``. Quarter turns are exact."""
    angle %= 360
    if angle == 0:
        return image
    if angle in _QUARTERS:
        return image.transpose(_QUARTERS[int(angle)])
    rimmed = ImageOps.expand(image.convert("RGBA"), _RIM, (0, 0, 0, 0))
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    across, down = box[0] / 2, box[1] / 2
    # from the middle of the box back to the middle of the picture
    matrix = (
        *(cosine, sine, rimmed.width / 2 - cosine * across - sine * down),
        *(-sine, cosine, rimmed.height / 2 + sine * across - cosine * down),
    )
    return rimmed.transform(box, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)


def extend(image: Image.Image, margins: tuple[int, int, int, int]) -> Image.Image:
    """Add transparent margins (left, top, right, bottom) or cut them off where they are negative."""
    left, top, right, bottom = margins
    if not any(margins):
        return image
    grown = image.convert("RGBA") if max(margins) > 0 else image
    return grown.crop((-left, -top, image.width + right, image.height + bottom))


def masked(image: Image.Image, levels: Image.Image, *, invert: bool) -> Image.Image:
    """Give an image a mask, of mode L or LA, on top of the transparency it has.

    What lies outside the mask is hidden either way. The image may be gray and stays so.
    """
    mode = "LA" if image.mode in ("L", "LA") else "RGBA"
    mask = ImageChops.invert(levels.getchannel("L")) if invert else levels.getchannel("L")
    if levels.mode == "LA":
        mask = ImageChops.multiply(mask, levels.getchannel("A"))
    if image.mode == mode:
        mask = ImageChops.multiply(mask, image.getchannel("A"))
    result = image.convert(mode)
    result.putalpha(mask)
    return result


def solid(size: Size, color: Color | None) -> Image.Image:
    """An image of one colour; without one it is transparent."""
    if color is None:
        return Image.new("RGBA", size)
    return Image.new("RGB", size, color.rgb()) if color.alpha == OPAQUE else Image.new("RGBA", size, (*color.rgb(), color.alpha))
