"""Paths as masks: how much of each pixel lies within a path, filled by the non-zero rule and anti-aliased.

Alpha alone is multiplied, never a colour. aggdraw (Anti-Grain Geometry) draws; where several edges cross within one pixel its
sums are off there, everywhere else it is exact to a level.
"""

from functools import reduce

from PIL import Image, ImageChops

from proxy.protocol.path import Path
from proxy.recipe.model import Clip, Size
from proxy.recipe.polygon import clipped

_TOLERANCE = 0.02
"""How far lines may be from the curve that they stand for, in pixels."""

_RIM = 2.0
"""Pixels beyond the mask that polygons are cut at: its numbers are 24.8 bits, and what is far away costs time."""

_CORNERS = 3


def coverage(path: Path, size: Size) -> Image.Image:
    """An image of mode L: 255 where a pixel lies within the path, 0 where it lies outside. Open subpaths count as closed."""
    import aggdraw  # noqa: PLC0415  # hardly any request draws a path

    sheet = Image.new("L", size)
    outline, drawn = aggdraw.Path(), False
    for polyline in path.flat(_TOLERANCE):
        points = clipped(polyline, (-_RIM, -_RIM, size[0] + _RIM, size[1] + _RIM))
        if len(points) < _CORNERS:
            continue
        outline.moveto(*points[0])
        for point in points[1:]:
            outline.lineto(*point)
        outline.close()
        drawn = True
    if drawn:
        drawing = aggdraw.Draw(sheet)
        # without a pen it fills a quarter of a pixel too much on all sides
        drawing.path(outline, aggdraw.Pen("black", width=0, opacity=0), aggdraw.Brush("white"))
        drawing.flush()
    return sheet


def clip_image(image: Image.Image, clip: Clip | None) -> Image.Image:
    """Make transparent what a clip does not leave; an image of mode RGB becomes RGBA, a mask of mode L remains one.

    The paths are in pixels of the image.
    """
    if clip is None:
        return image
    masks = [coverage(path, image.size) for path in clip.within]
    masks += [ImageChops.invert(coverage(path, image.size)) for path in clip.without]
    mask = reduce(ImageChops.multiply, masks)
    if image.mode == "L":
        return ImageChops.multiply(image, mask)
    result = image.convert("RGBA")
    result.putalpha(ImageChops.multiply(result.getchannel("A"), mask) if image.mode == "RGBA" else mask)
    return result
