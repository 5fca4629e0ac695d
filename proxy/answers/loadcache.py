"""``req=loadcache``: make the image and keep it, answer only how long it is."""

from proxy.answers._base import Answer, Ask, Reply
from proxy.answers._properties import form_of, write


class Loadcache(Answer):
    """Length of the reply image in bytes."""

    name = "loadcache"
    page = "r-loadcache"

    async def answer(self, ask: Ask) -> Reply:
        """Make the image, or find it made."""
        rendition = await ask.renditions.get(ask.asked)
        form = form_of(ask.asked.request.settings)
        return Reply(write({"image.length": str(len(rendition.data))}, form), form.media_type, made=rendition.made)
