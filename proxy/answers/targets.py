"""``req=targets``: the zoom targets of the record."""

from proxy.answers._base import Answer, Ask, Reply, object_hours
from proxy.answers._properties import form_among
from proxy.answers._record_data import FORMS, strings_of, write_record_data
from proxy.catalog.locale import localized_targets


class Targets(Answer):
    """``catalog::Targets``; nothing for what is no record. In JSON form the properties keep their whole names."""

    name = "targets"
    page = "r-targets"

    async def answer(self, ask: Ask) -> Reply:
        """Look at the catalogs alone."""
        form = form_among(ask.asked.request.settings, FORMS)
        record = ask.asked.resolved.record
        data = localized_targets((record and record.targets) or "", strings_of(ask.asked))
        return Reply(write_record_data(data, form, "targets"), form.media_type, object_hours(ask.asked.resolved))
