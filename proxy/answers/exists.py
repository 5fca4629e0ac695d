"""``req=exists``: whether the path names a record."""

from proxy.answers._base import Answer, Ask, Reply, non_image_hours
from proxy.answers._properties import form_of, write


class Exists(Answer):
    """1 if the catalog, or the default one, has the record; 0 for anything else, files included."""

    name = "exists"
    page = "r-exists"

    async def answer(self, ask: Ask) -> Reply:
        """Look at the catalogs alone."""
        form = form_of(ask.asked.request.settings)
        found = ask.asked.resolved.record is not None
        return Reply(
            write({"catalogRecord.exists": "1" if found else "0"}, form), form.media_type, non_image_hours(ask.asked.main)
        )
