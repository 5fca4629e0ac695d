"""``req=validate``: whether the request can be read."""

from proxy.answers._base import Answer, Ask, Reply
from proxy.answers._properties import form_of, write


class Validate(Answer):
    """1 for a request that can be read; one that cannot never comes this far."""

    name = "validate"
    page = "r-is-http-validate"

    async def answer(self, ask: Ask) -> Reply:
        """No original is looked at."""
        form = form_of(ask.asked.request.settings)
        return Reply(write({"request.isValid": "1"}, form), form.media_type)
