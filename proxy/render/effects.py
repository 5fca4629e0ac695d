"""Layer effects: shadows, glows and borders that follow the shape of their parent layer (``r-layer-effects``).

An outer effect is the parent's shape, grown, feathered, moved and filled with a colour, behind the parent; where effects are
masked, it is not seen where the parent is. An inner one is made of what is *not* the parent's shape in the same way, and is
seen only where the parent is.
"""

from PIL import Image, ImageChops

from proxy.recipe.model import EffectPlan
from proxy.render.transform import solid

OPAQUE = 255


def effect_image(plan: EffectPlan, shape: Image.Image) -> tuple[Image.Image, tuple[int, int]]:
    """Draw an effect.

    Args:
        plan: what it is.
        shape: mode L, the parent's shape in its layer rectangle, as if the parent were not faded.

    Returns:
        The effect in mode RGBA, and where its top left corner lies relative to that of the layer rectangle.
    """
    inner = plan.number > 0
    sheet = _used(shape, plan.mask_use, plan.reach)
    if inner:
        sheet = ImageChops.invert(sheet)
    for op in plan.shape_ops:
        sheet = op.apply(sheet)
    place = (plan.shift[0] - plan.reach, plan.shift[1] - plan.reach)
    if inner:
        # outside of what is not the shape there is all of it, and nothing of it is seen outside of the parent
        sheet, place = ImageChops.multiply(_sheet(sheet, shape.size, place, OPAQUE), shape), (0, 0)
    elif plan.masked:
        parent = _sheet(shape, sheet.size, (-place[0], -place[1]), 0)
        sheet = ImageChops.multiply(sheet, ImageChops.invert(parent))
    image = solid(sheet.size, plan.color).convert("RGBA")
    for op in plan.ops:
        image = op.apply(image)
    levels = [int(level * plan.opacity * plan.color.alpha / OPAQUE + 0.5) for level in range(OPAQUE + 1)]
    image.putalpha(sheet.point(levels))
    return image, place


def _used(shape: Image.Image, use: str, reach: int) -> Image.Image:
    """The shape as ``maskUse=`` takes it, with room around it; outside of the parent's rectangle there is nothing of it."""
    if use == "invert":
        shape = ImageChops.invert(shape)
    elif use == "off":
        shape = Image.new("L", shape.size, OPAQUE)
    return _sheet(shape, (shape.width + 2 * reach, shape.height + 2 * reach), (reach, reach), 0)


def _sheet(shape: Image.Image, size: tuple[int, int], place: tuple[int, int], level: int) -> Image.Image:
    """A shape at a place of a sheet that is of one level elsewhere; what lies beside the sheet is cut off."""
    sheet = Image.new("L", size, level)
    sheet.paste(shape, place)
    return sheet
