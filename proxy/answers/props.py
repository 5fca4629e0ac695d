"""``req=props``: properties of the reply image; nothing is rendered."""

from proxy.answers._base import Answer, Ask, Reply, non_image_hours, version
from proxy.answers._properties import form_of, write
from proxy.catalog.profiles import standard
from proxy.formats import formats
from proxy.protocol.color import Color
from proxy.recipe.model import ColorSpace
from proxy.service import Planned

PIXEL_TYPES = {"rgb": "RGB", "gray": "BW", "cmyk": "CMYK"}
"""How the manual's property replies call pixel types."""


def number(value: float) -> str:
    """A real number as property replies write it: ``72.0``."""
    return str(float(value))


def flag(value: object) -> str:
    """A flag as property replies write it."""
    return "1" if value else "0"


def hexadecimal(color: Color) -> str:
    """A colour as property replies write it: ``0xRRGGBBAA``, always opaque."""
    red, green, blue = color.rgb()
    return f"0x{red:02x}{green:02x}{blue:02x}ff"


def _title(space: ColorSpace) -> str:
    """What a profile calls itself; nothing for an undefined space."""
    row = None if space.location else standard(space.name)
    return space.name if row is None else row.title


class Props(Answer):
    """What the reply image would be."""

    name = "props"
    page = "r-props"

    async def answer(self, ask: Ask) -> Reply:
        """Plan the image and tell of the plan."""
        planned = await ask.renditions.plan(ask.asked)
        rendition = ask.renditions.cached(planned)
        form = form_of(ask.asked.request.settings)
        properties = _of_plan(planned, len(rendition.data) if rendition is not None else 0)
        return Reply(write(properties, form), form.media_type, non_image_hours(ask.asked.main))


def _of_plan(planned: Planned, length: int) -> dict[str, str]:
    recipe, asked = planned.recipe, planned.asked
    output = recipe.output
    quality = asked.request.settings.one("qlt", int) or asked.main.pair("JpegQuality")[0]
    space = recipe.output_space or recipe.space
    if space.pixels != output.pixels or output.of_mask:
        space = ColorSpace(output.pixels, "")
    return {
        "image.bgc": hexadecimal(recipe.view.background),
        "image.height": str(recipe.view.rect[3]),
        "image.iccEmbed": flag(output.embed_profile),
        "image.iccProfile": _title(space),
        "image.length": str(length),
        "image.mask": flag(output.alpha),
        "image.pixTyp": PIXEL_TYPES[output.pixels],
        "image.pathEmbed": flag(output.paths),
        "image.printRes": number(output.dpi),
        "image.quality": str(quality),
        "image.type": formats()[output.format].media_type,
        "image.width": str(recipe.view.rect[2]),
        "image.xmpEmbed": flag(output.xmp),
        "image.version": version(*((source.name, source.size, source.mtime_ns) for source, _ in planned.sources)),
        "metadata.version": version(asked.resolved.record),
    }
