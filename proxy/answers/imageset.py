"""``req=imageset``: the image set of the record as it is written."""

from proxy.answers._base import Answer, Ask, Reply, non_image_hours
from proxy.answers._properties import form_of, write
from proxy.answers._record_data import LINE_END, strings_of
from proxy.catalog.locale import localized_image_set

PROPERTY = "IMAGE_SET"
"""What real replies call it."""


class Imageset(Answer):
    """``catalog::ImageSet``, percent escapes and all; nothing for what is no record."""

    name = "imageset"
    page = "r-imageset-req"

    async def answer(self, ask: Ask) -> Reply:
        """Look at the catalogs alone."""
        form = form_of(ask.asked.request.settings)
        record = ask.asked.resolved.record
        text = localized_image_set((record and record.image_set) or "", strings_of(ask.asked))
        body = form.encode(text + LINE_END) if form.format == "text" else write({PROPERTY: text}, form)
        return Reply(body, form.media_type, non_image_hours(ask.asked.main))
