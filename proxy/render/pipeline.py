"""The steps from a recipe to an encoded image, in order: per layer, then the composite, then the view, then the output.

A step's first line says when it has nothing to do. Everything numeric was decided in the recipe.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

from PIL import Image

from proxy.errors import LimitExceeded
from proxy.formats import Embedded, formats
from proxy.protocol.color import Color
from proxy.recipe.model import Box, ColorSpace, Conversion, EffectPlan, Encoded, LayerPlan, Picture, Recipe, Source, View
from proxy.recipe.op import Op
from proxy.recipe.text import TextPlan
from proxy.render.blend import over
from proxy.render.colour import AS_USUAL, MODES, PIXELS, naive
from proxy.render.decode import Limits, plainly
from proxy.render.effects import effect_image
from proxy.render.load import SRGB, Bands, cut, load
from proxy.render.paths import clip_image
from proxy.render.perspective import projected
from proxy.render.spaces import brought, coloured, components, profile_of
from proxy.render.transform import extend, fade, fill, masked, mirror, reaching, solid, turn, widened
from proxy.render.xmp import packet_in


@dataclass(frozen=True, slots=True)
class Opening:
    """How originals are opened."""

    limits: Limits
    orient: bool = True
    space: ColorSpace = SRGB
    """Where originals are brought to: that of the picture which is being drawn."""
    how: Conversion = AS_USUAL


def render(recipe: Recipe, opening: Opening) -> Encoded:
    """Make a rendition.

    Raises:
        BadSource: an original that cannot be decoded.
        LimitExceeded: an original too large, or a reply that cannot be made as small as was asked.
    """
    image = _picture(recipe, replace(opening, how=recipe.conversion))
    other = recipe.output.otherwise
    if other is None:
        return _encoded(image, recipe)
    asked_for = _encoded(image, replace(recipe, output=other))
    try:
        smaller = _encoded(image, replace(recipe, output=replace(recipe.output, otherwise=None)))
    except LimitExceeded:
        # the other format cannot have as many pixels
        return asked_for
    return min(smaller, asked_for, key=lambda encoded: len(encoded.data))


def _encoded(image: Image.Image, recipe: Recipe) -> Encoded:
    """Lay what was drawn into the view, bring it to the pixel type of the reply, and encode it."""
    output = recipe.output
    encoder = formats()[output.format]
    embedded = _embedded(recipe)
    if not (output.alpha or output.of_mask):
        return Encoded(encoder.encode(_flat(image, recipe), output, embedded), encoder.media_type)
    # the alpha channel is there only where alpha is kept
    image = _in_view(image, recipe.view, alpha=True).convert("RGBA")
    if output.of_mask:
        data = encoder.encode(naive(image.getchannel("A"), output.pixels), output, embedded)
    elif output.pixels == "cmyk":
        data = encoder.encode_inks(_put_out(image.convert("RGB"), recipe), image.getchannel("A"), output, embedded)
    else:
        data = encoder.encode(_put_out(image, recipe), output, embedded)
    return Encoded(data, encoder.media_type)


def _embedded(recipe: Recipe) -> Embedded:
    """What goes into the file beside the picture; an original without a packet, after all, brings none."""
    output = recipe.output
    profile = profile_of(recipe.output_space or recipe.space) if output.embed_profile else None
    packet = None
    if output.xmp is not None:
        with plainly(output.xmp.name, "it cannot be read"):
            packet = packet_in(output.xmp)
    return Embedded(None if profile is None else profile.data, packet or b"")


def _flat(image: Image.Image, recipe: Recipe) -> Image.Image:
    """An opaque reply image. Its background is a colour of the output space, so it is laid under what has been brought there."""
    if recipe.output.pixels == "rgb":
        return _in_view(image, recipe.view, alpha=False)
    if image.mode != "RGBA":
        return _in_view(_put_out(image, recipe), recipe.view, alpha=False)
    return _in_view(_put_out(image.convert("RGB"), recipe), recipe.view, image.getchannel("A"), alpha=False)


def _put_out(image: Image.Image, recipe: Recipe) -> Image.Image:
    """Bring what is drawn into the space and the pixel type of the reply."""
    return naive(brought(image, recipe.space, recipe.output_space or recipe.space, recipe.conversion), recipe.output.pixels)


def _picture(picture: Picture, opening: Opening) -> Image.Image:
    """Draw the layers, then do what is done to their composite and to the view of it."""
    picture, opening = coloured(picture, opening.how), replace(opening, space=picture.space)
    composite, gray = _composite(picture, opening)
    if gray and picture.ops:
        composite = naive(composite, "gray")
    for op in picture.ops:
        composite = op.apply(composite)
    composite = _drawable(composite, opening)
    composite = clip_image(mirror(composite, picture.flip), picture.clip)
    if picture.effects:
        sheet = Image.new("RGBA", composite.size)
        composite = _with_effects(sheet, fade(composite, picture.opacity), _shape(composite), picture.effects)
    else:
        composite = fade(composite, picture.opacity)
    if picture.watermark is not None:
        image, *_ = _layer(picture.watermark, picture.resample, opening)
        composite = over(composite, image, picture.watermark.offset, picture.watermark.blend, picture.watermark.number)
    view = _fitted(composite, picture)
    for op in picture.view_ops:
        view = op.apply(view)
    return view


def _drawable(image: Image.Image, opening: Opening) -> Image.Image:
    """Give a grayscale image the bands that pictures of the space are drawn with."""
    return naive(image, "rgb") if opening.space.pixels == "rgb" else image


def _composite(picture: Picture, opening: Opening) -> tuple[Image.Image, bool]:
    """Lay the layers over each other; layer 0 is the canvas, what lies outside of it is cut off.

    Beside the canvas comes whether it is made of grayscale images alone.
    """
    base, *others = picture.layers
    canvas, shape, gray = _layer(base, picture.resample, opening)
    if base.effects:
        canvas = _with_effects(Image.new("RGBA", canvas.size), canvas, shape, base.effects)
    for plan in others:
        image, shape, image_gray = _layer(plan, picture.resample, opening)
        gray = gray and image_gray
        place = (plan.offset[0] - plan.spill[0], plan.offset[1] - plan.spill[1])
        canvas = _with_effects(canvas, image, shape, plan.effects, place, plan.blend, plan.number)
    return canvas, gray


def _with_effects(
    canvas: Image.Image,
    image: Image.Image,
    shape: Image.Image | None,
    effects: tuple[EffectPlan, ...],
    offset: tuple[int, int] = (0, 0),
    blend: str = "norm",
    seed: int = 0,
) -> Image.Image:
    """Lay an image over a canvas, its outer effects behind it and its inner ones on top, in the order of their numbers."""
    drawn = [(plan, *effect_image(plan, shape)) for plan in effects] if shape is not None else []
    sheets = [(effect, place, plan.blend) for plan, effect, place in drawn if plan.number < 0]
    sheets.append((image, (0, 0), blend))
    sheets += [(effect, place, plan.blend) for plan, effect, place in drawn if plan.number > 0]
    for sheet, place, mode in sheets:
        canvas = over(canvas, sheet, (offset[0] + place[0], offset[1] + place[1]), mode, seed)
    return canvas


def _layer(plan: LayerPlan, resample: str, opening: Opening) -> tuple[Image.Image, Image.Image | None, bool]:
    """Crop, scale, operations, opacity, fill, mirror, rotation, margins, background, clip (``r-layer-transforms``).

    Beside the layer its shape comes back where effects need it: its alpha in the layer rectangle, before it is faded or filled.
    Both are larger than the rectangle by ``spill`` on both sides each way. Last comes whether it is of a grayscale image and no
    colour was added to it. Operations see such an image without colour.
    """
    image = _content(plan, resample, opening)
    for op in plan.ops:
        image = op.apply(image)
    gray = image.mode in ("L", "LA") and _neutral(plan.color) and _neutral(plan.background) and not plan.effects
    image = _drawable(image, opening)
    shape = None
    if plan.effects:
        shape = clip_image(_shape(_in_rectangle(image, plan)), plan.clip)
    image = fade(image, plan.opacity)
    if plan.source is not None:
        image = fill(image, plan.color, plan.overhang)
    return clip_image(fill(_in_rectangle(image, plan), plan.background, plan.spill), plan.clip), shape, gray


def _neutral(color: Color | None) -> bool:
    return color is None or len(set(color.rgb())) == 1


def _in_rectangle(image: Image.Image, plan: LayerPlan) -> Image.Image:
    """A layer's picture in its rectangle: mirrored, turned and extended, or brought onto a quadrilateral."""
    left, top, right, bottom = plan.margins
    if plan.perspective is not None:
        # what reaches out of a text's box has no place on the quadrilateral
        image = extend(image, (-plan.overhang[0], -plan.overhang[1], -plan.overhang[0], -plan.overhang[1]))
        return projected(image, plan.perspective, (plan.turned[0] + left + right, plan.turned[1] + top + bottom))
    box = reaching(plan.turned, plan.overhang, plan.angle)
    across, down = (box[0] - plan.turned[0]) // 2 - plan.spill[0], (box[1] - plan.turned[1]) // 2 - plan.spill[1]
    margins = (left - across, top - down, right - across, bottom - down)
    return extend(turn(mirror(image, plan.flip), plan.angle, box), margins)


def _shape(image: Image.Image) -> Image.Image:
    """Alpha as an image of its own, white where there is none."""
    return image.getchannel("A") if image.mode == "RGBA" else Image.new("L", image.size, 255)


def _content(plan: LayerPlan, resample: str, opening: Opening) -> Image.Image:
    """What a layer is made of, at its size: an original, a nested picture, or a colour; masked."""
    if plan.mask is None and plan.mask_use == "norm" and not plan.mask_ops:
        return _drawn(plan.source, plan.crop, plan, resample, opening, "all")
    image = _drawn(plan.source, plan.crop, plan, resample, opening, "colour")
    if plan.mask_use == "off":
        return image
    if plan.mask is None:
        levels = _drawn(plan.source, plan.crop, plan, resample, opening, "alpha")
    else:
        # what reaches out of the layer is outside its mask
        levels = widened(_drawn(plan.mask, plan.mask_crop or plan.crop, plan, resample, opening, "mask"), plan.overhang)
    return masked(image, _changed(levels, plan.mask_ops), invert=plan.mask_use == "invert")


def _changed(levels: Image.Image, ops: tuple[Op, ...]) -> Image.Image:
    """Carry out the operations on a mask; where it has an alpha channel, that says what of the layer it covers, and stays."""
    changed = levels.getchannel("L")
    for op in ops:
        changed = op.apply(changed)
    return Image.merge("LA", (changed, levels.getchannel("A"))) if levels.mode == "LA" else changed


def _drawn(
    source: Source | Picture | TextPlan | None, crop: Box, plan: LayerPlan, resample: str, opening: Opening, bands: Bands
) -> Image.Image:
    if isinstance(source, Source) and source.drawing is not None:
        return _svg(source, crop, plan, resample, opening, bands)
    if isinstance(source, Source):
        return load(
            *(source, crop, plan.size, resample, opening.limits),
            orient=opening.orient,
            bands=bands,
            space=opening.space,
            assumed=plan.assumed,
            how=opening.how,
        )
    if isinstance(source, Picture):
        inner = _in_view(_picture(source, opening), source.view, alpha=True)
        return cut(_from_nested(inner, source, opening), crop, plan.size, resample, bands)
    return _text(source, plan) if isinstance(source, TextPlan) else solid(plan.size, plan.color)


def _text(text: TextPlan, plan: LayerPlan) -> Image.Image:
    """Draw a text, brought to whole pixels of the layer: its edges are rounded where it lies, the picture's by itself."""
    size = (plan.size[0] + 2 * plan.overhang[0], plan.size[1] + 2 * plan.overhang[1])
    if not text.document.paragraphs:
        return Image.new("RGBA", size)
    from proxy.render.text import draw  # noqa: PLC0415  # most pictures have no text

    image = draw(text, plan.text_scale)
    return image if image.size == size else image.crop((0, 0, *size))


def _svg(source: Source, crop: Box, plan: LayerPlan, resample: str, opening: Opening, bands: Bands) -> Image.Image:
    """Draw an SVG document, the pictures that it names made before it. Its colours are sRGB."""
    from proxy.render.svg import draw  # noqa: PLC0415  # lxml, which no other original needs

    recipes = source.drawing.images if source.drawing is not None else ()
    pictures = [render(recipe, opening).data for recipe in recipes]
    with plainly(source.name, "the SVG document is damaged"):
        image = draw(source, crop, plan.size, opening.limits, pictures)
    image = cut(image, Box(0, 0, *plan.size), plan.size, resample, bands)
    return image if bands in ("alpha", "mask") else brought(image, SRGB, opening.space, opening.how)


def _fitted(image: Image.Image, picture: Picture) -> Image.Image:
    """Bring a composite that was made at another size to the one that it has in the view."""
    if image.size == picture.view.fitted:
        return image
    return cut(image, Box(0.0, 0.0, float(image.width), float(image.height)), picture.view.fitted, picture.resample, "all")


def _from_nested(image: Image.Image, picture: Picture, opening: Opening) -> Image.Image:
    """Bring a nested picture that has spaces of its own into that of the picture around it."""
    spaces = [space for space in (picture.space, picture.output_space, opening.space) if space is not None]
    if all(space == opening.space for space in spaces):
        return image
    result = image.convert("RGB")
    for source, target in pairwise(spaces):
        result = brought(result, source, target, opening.how)
    if image.mode == "RGBA":
        result.putalpha(image.getchannel("A"))
    return result


def _in_view(image: Image.Image, view: View, levels: Image.Image | None = None, *, alpha: bool) -> Image.Image:
    """Lay the composite into the view, cut out the final rectangle, and fill what is free unless alpha is kept.

    ``levels`` are the alpha channel of an image that has none of its own.
    """
    left, top, width, height = view.rect
    # what lies outside the view is gone, even where the rectangle reaches out of it
    begin = max(view.offset[0], 0), max(view.offset[1], 0)
    end = min(view.offset[0] + image.width, view.size[0]), min(view.offset[1] + image.height, view.size[1])
    opaque = levels is None and not image.mode.endswith("A")
    if begin == (left, top) and end == (left + width, top + height) and (opaque or alpha):
        return _part(image, view, begin, end)
    pixels = PIXELS[image.mode]
    ground = None if alpha else components(view.background, pixels)
    sheet = Image.new("RGBA", (width, height)) if ground is None else Image.new(MODES[pixels], (width, height), ground)
    if begin[0] < end[0] and begin[1] < end[1]:
        part = _part(image, view, begin, end)
        if part.mode == "RGBA" and not alpha:
            levels = part.getchannel("A")
        elif levels is not None:
            levels = _part(levels, view, begin, end)
        sheet.paste(part, (begin[0] - left, begin[1] - top), levels)
    return sheet


def _part(image: Image.Image, view: View, begin: tuple[int, int], end: tuple[int, int]) -> Image.Image:
    """The part of a composite between two points of the view."""
    box = (begin[0] - view.offset[0], begin[1] - view.offset[1], end[0] - view.offset[0], end[1] - view.offset[1])
    return image if box == (0, 0, *image.size) else image.crop(box)
