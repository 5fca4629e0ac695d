"""``req=imageprops``: properties of the original that the path names, and of its record; other commands are ignored."""

import time

from proxy.answers._base import Answer, Ask, Reply, non_image_hours, original_hours
from proxy.answers._properties import form_of, write
from proxy.answers.props import PIXEL_TYPES, flag, number
from proxy.catalog.attributes import THUMB_TYPE
from proxy.catalog.catalogs import Resolved
from proxy.catalog.records import Record
from proxy.errors import Missing
from proxy.recipe.looks import Look
from proxy.recipe.model import Header, Source

_NO_MASK, _UNASSOCIATED_ALPHA, _SEPARATE_MASK = "0", "2", "3"
_EMPTY = Record("")
_THUMB_NUMBERS = {word: str(number) for number, word in THUMB_TYPE.words}


class Imageprops(Answer):
    """What is known of the original."""

    name = "imageprops"
    page = "r-imageprops"

    async def answer(self, ask: Ask) -> Reply:
        """Look at the header alone."""
        image = ask.asked.resolved
        if image.path is None:
            raise Missing(image.object)
        source, header = await ask.renditions.look(Look(image.path, image.object, variables=ask.asked.variables))
        form = form_of(ask.asked.request.settings)
        return Reply(write(_of_image(image, source, header), form), form.media_type, non_image_hours(ask.asked.main))


def _of_image(image: Resolved, source: Source, header: Header) -> dict[str, str]:
    catalog, record = image.catalog, image.record or _EMPTY
    anchor = record.anchor or (header.width // 2, header.height // 2)
    mask = _SEPARATE_MASK if record.mask_path else _UNASSOCIATED_ALPHA if header.alpha else _NO_MASK
    modified = record.time_stamp if record.time_stamp is not None else source.mtime_ns // 1_000_000
    return {
        "image.anchor": f"{anchor[0]},{anchor[1]}",
        "image.expiration": number(original_hours(image)),
        "image.height": str(header.height),
        "image.iccProfile": header.profile,
        "image.embeddedIccProfile": flag(header.profile),
        "image.embeddedPhotoshopPaths": flag(header.paths),
        "image.embeddedXmpData": flag(header.xmp),
        "image.mask": mask,
        "image.modifier": record.modifier or "",
        "image.photoshopPathNames": ",".join(item.name for item in header.paths),
        "image.pixTyp": PIXEL_TYPES[header.pixels],
        "image.postModifier": record.post_modifier or "",
        "image.printRes": number(record.print_resolution or catalog.integer("PrintResolution")),
        "image.resolution": number(record.resolution or catalog.number("Resolution")),
        "image.timeStamp": time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(modified / 1000)),
        "image.thumbRes": number(record.thumb_res or catalog.number("ThumbRes")),
        "image.thumbType": _THUMB_NUMBERS[record.thumb_type or catalog.text("ThumbType")],
        "image.width": str(header.width),
        "image.translatedId": record.id or image.object,
    }
