"""The steps from a recipe to an encoded image, in order: per layer, then the composite, then the view, then the output.

A step's first line says when it has nothing to do. Everything numeric was decided in the recipe.
"""

from PIL import Image

from proxy.formats import formats
from proxy.recipe.model import Encoded, LayerPlan, Output, Recipe, View
from proxy.render.colour import naive, srgb_profile
from proxy.render.decode import Limits
from proxy.render.load import load
from proxy.render.transform import extend, fade, fill, mirror, turn


def render(recipe: Recipe, limits: Limits, *, orient: bool = True) -> Encoded:
    """Make a rendition.

    Raises:
        BadSource: an original that cannot be decoded.
        LimitExceeded: an original too large, or a reply that cannot be made as small as was asked.
    """
    composite = _composite(recipe, limits, orient=orient)
    for op in recipe.ops:
        composite = op.apply(composite)
    composite = fade(mirror(composite, recipe.flip), recipe.opacity)
    view = _fitted(composite, recipe)
    for op in recipe.view_ops:
        view = op.apply(view)
    return _encode(_in_view(view, recipe.view, recipe.output), recipe.output)


def _composite(recipe: Recipe, limits: Limits, *, orient: bool) -> Image.Image:
    (base,) = recipe.layers
    return _layer(base, recipe.resample, limits, orient=orient)


def _layer(plan: LayerPlan, resample: str, limits: Limits, *, orient: bool) -> Image.Image:
    """Crop, scale, operations, opacity, fill, mirror, rotation, margins, background (``r-layer-transforms``)."""
    image = load(plan.source, plan.crop, plan.size, resample, limits, orient=orient)
    if image.mode in ("L", "LA"):
        image = naive(image, "rgb")
    for op in plan.ops:
        image = op.apply(image)
    image = fill(fade(image, plan.opacity), plan.color)
    image = turn(mirror(image, plan.flip), plan.angle, plan.turned)
    return fill(extend(image, plan.margins), plan.background)


def _fitted(image: Image.Image, recipe: Recipe) -> Image.Image:
    """Stretch a composite that could not be made at the size it has in the view."""
    if image.size == recipe.view.fitted:
        return image
    mode = image.mode
    stretched = image.convert("RGBa" if mode == "RGBA" else mode).resize(recipe.view.fitted, Image.Resampling.BICUBIC)
    return stretched.convert(mode)


def _in_view(image: Image.Image, view: View, output: Output) -> Image.Image:
    """Lay the composite into the view, cut out the final rectangle, and fill what is free unless the reply has alpha."""
    left, top, width, height = view.rect
    # what lies outside the view is gone, even where the rectangle reaches out of it
    begin = max(view.offset[0], 0), max(view.offset[1], 0)
    end = min(view.offset[0] + image.width, view.size[0]), min(view.offset[1] + image.height, view.size[1])
    if begin == (left, top) and end == (left + width, top + height) and (image.mode == "RGB" or output.alpha):
        return _part(image, view, begin, end)
    sheet = Image.new("RGBA", (width, height)) if output.alpha else Image.new("RGB", (width, height), view.background.rgb())
    if begin[0] < end[0] and begin[1] < end[1]:
        part = _part(image, view, begin, end)
        mask = part.getchannel("A") if part.mode == "RGBA" and not output.alpha else None
        sheet.paste(part, (begin[0] - left, begin[1] - top), mask)
    return sheet


def _part(image: Image.Image, view: View, begin: tuple[int, int], end: tuple[int, int]) -> Image.Image:
    """The part of a composite between two points of the view."""
    box = (begin[0] - view.offset[0], begin[1] - view.offset[1], end[0] - view.offset[0], end[1] - view.offset[1])
    return image if box == (0, 0, *image.size) else image.crop(box)


def _encode(image: Image.Image, output: Output) -> Encoded:
    """Bring an image to the pixel type of the reply and encode it."""
    image = image.convert("RGBA") if output.alpha else image
    encoder = formats()[output.format]
    profile = srgb_profile() if output.embed_profile and output.pixels == "rgb" else None
    return Encoded(encoder.encode(naive(image, output.pixels), output, profile), encoder.media_type)
