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
    reach = plan.reach
    sheet = _used(shape, plan.mask_use, reach)
    if inner:
        sheet = ImageChops.invert(sheet)
    for op in plan.shape_ops:
        sheet = op.apply(sheet)
    # room for the shift: outside of a shape there is nothing, and outside of what is not one there is all
    room = (abs(plan.shift[0]), abs(plan.shift[1]))
    sheet = ImageChops.offset(_sheet(sheet, room, OPAQUE if inner else 0), *plan.shift)
    parent = _sheet(shape, (reach + room[0], reach + room[1]), 0)
    if inner:
        sheet = ImageChops.multiply(sheet, parent)
    elif plan.masked:
        sheet = ImageChops.multiply(sheet, ImageChops.invert(parent))
    image = solid(sheet.size, plan.color).convert("RGBA")
    for op in plan.ops:
        image = op.apply(image)
    levels = [int(level * plan.opacity * plan.color.alpha / OPAQUE + 0.5) for level in range(OPAQUE + 1)]
    image.putalpha(sheet.point(levels))
    return image, (-reach - room[0], -reach - room[1])


def _used(shape: Image.Image, use: str, reach: int) -> Image.Image:
    """The shape as ``maskUse=`` takes it, with room around it; outside of the parent's rectangle there is nothing of it."""
    if use == "invert":
        shape = ImageChops.invert(shape)
    elif use == "off":
        shape = Image.new("L", shape.size, OPAQUE)
    return _sheet(shape, (reach, reach), 0)


def _sheet(shape: Image.Image, room: tuple[int, int], level: int) -> Image.Image:
    sheet = Image.new("L", (shape.width + 2 * room[0], shape.height + 2 * room[1]), level)
    sheet.paste(shape, room)
    return sheet
