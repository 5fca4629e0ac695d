"""``req=img`` and ``req=tmb``: the image itself, and its thumbnail."""

from proxy.answers._base import Answer, Ask, Reply, image_hours, modified
from proxy.recipe.client import listening, topics


class Img(Answer):
    """The reply image."""

    name = "img"
    page = "r-img"

    async def answer(self, ask: Ask) -> Reply:
        """Make it or take it from the cache."""
        planned = await ask.renditions.plan(listening(ask.asked, ask.client))
        rendition = await ask.renditions.make(planned)
        values = ask.asked.request.settings.get("cache")
        kept = values is None or values[0] != "off"
        return Reply(
            rendition.data,
            rendition.media_type,
            image_hours(planned) if kept else None,
            rendition.etag,
            modified(planned),
            rendition.made,
            planned.until,
            topics(ask.asked),
        )


class Tmb(Img):
    """A thumbnail; the plan knows its rules."""

    name = "tmb"
    page = "r-tmb"
