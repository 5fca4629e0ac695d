"""``req=message``: a line of the client for the log."""

import logging

from proxy.answers._base import Answer, Ask, Reply
from proxy.protocol.grammar import decode
from proxy.protocol.tree import Setting
from proxy.recipe.asked import Asked

LONGEST = 1000
"""Characters of a message that go to the log."""

_log = logging.getLogger("isproxy.message")


class Message(Answer):
    """Nothing is answered; what ``message=`` says is logged, on one line whatever is in it."""

    name = "message"
    page = "r-message"

    async def answer(self, ask: Ask) -> Reply:
        """Write the log."""
        text = _message(ask.asked)
        if text:
            _log.info("%s: %s", _one_line(ask.asked.object) or "(no object)", _one_line(text))
        return Reply(b"", "text/plain; charset=utf-8")


def _message(asked: Asked) -> str:
    """The last ``message=`` of the request."""
    found = (
        node.value for tree in asked.segments for node in tree if isinstance(node, Setting) and node.name.lower() == "message"
    )
    return decode(next(reversed(tuple(found)), "").replace("+", "%20"))


def _one_line(text: str) -> str:
    """Escape what would begin another line of the log or move a terminal's cursor."""
    shown = text[:LONGEST].encode("unicode_escape").decode("ascii") if not text[:LONGEST].isprintable() else text[:LONGEST]
    return shown if len(text) <= LONGEST else shown + "…"
