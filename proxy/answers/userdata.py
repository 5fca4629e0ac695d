"""``req=userdata``: what the record says for clients."""

from proxy.answers._base import Answer, Ask, Reply, object_hours
from proxy.answers._properties import form_among
from proxy.answers._record_data import FORMS, strings_of, write_record_data
from proxy.catalog.locale import localized_user_data


class Userdata(Answer):
    """``catalog::UserData``; nothing for what is no record."""

    name = "userdata"
    page = "r-userdata"

    async def answer(self, ask: Ask) -> Reply:
        """Look at the catalogs alone."""
        form = form_among(ask.asked.request.settings, FORMS)
        record = ask.asked.resolved.record
        data = localized_user_data((record and record.user_data) or "", strings_of(ask.asked))
        return Reply(write_record_data(data, form, "userdata"), form.media_type, object_hours(ask.asked.resolved))
