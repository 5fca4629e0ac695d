"""``req=xmp``: the XMP packet of the original."""

import asyncio

from proxy.answers._base import Answer, Ask, Reply, original_hours
from proxy.answers._properties import xml_head
from proxy.errors import Missing
from proxy.recipe.looks import Look
from proxy.render.xmp import read_packet


class Xmp(Answer):
    """The packet as an XML document; an original without one is an error, since an empty document is none."""

    name = "xmp"
    page = "r-xmp"

    async def answer(self, ask: Ask) -> Reply:
        """Look for it in the file."""
        image = ask.asked.resolved
        if image.path is None:
            raise Missing(image.object)
        source, header = await ask.renditions.look(Look(image.path, image.object))
        try:
            packet = await asyncio.to_thread(read_packet, source, header)
        except OSError as error:
            raise Missing(image.object) from error
        if packet is None:
            raise Missing(image.object, "XMP packet")
        body = xml_head("UTF-8").encode() + packet.decode("utf-8", "replace").encode() + b"\n"
        return Reply(body, "text/xml; charset=utf-8", original_hours(image))
