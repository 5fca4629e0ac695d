"""``req=resolve``: the request as it is understood, macros and variables replaced."""

from proxy.answers._base import Answer, Ask, Reply


class Resolve(Answer):
    """The final request string."""

    name = "resolve"
    page = "r-resolve"

    async def answer(self, ask: Ask) -> Reply:
        """Write what was read."""
        text = f"/is/image/{ask.asked.target.partition('?')[0]}?{ask.asked.effective}\n"
        return Reply(text.encode(), "text/plain; charset=utf-8")
