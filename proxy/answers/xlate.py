"""``req=xlate``: which versions of a record there are for the locales of its catalog."""

from proxy.answers._base import Answer, Ask, Reply, object_hours
from proxy.answers._properties import form_of, write
from proxy.catalog.locale import translations


class Xlate(Answer):
    """The ids that exist; none for a file path or an id that nobody has."""

    name = "xlate"
    page = "r-xlate"

    async def answer(self, ask: Ask) -> Reply:
        """Look at the catalogs alone."""
        form = form_of(ask.asked.request.settings)
        main, id_ = ask.renditions.catalogs().main_of(ask.asked.object)
        properties = {"xlate.translatedIds": ",".join(translations(main, id_))}
        return Reply(write(properties, form), form.media_type, object_hours(ask.asked.resolved))
