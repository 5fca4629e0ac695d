"""Hot replies: what was answered a moment ago is answered again before anything is parsed.

By request target and, where a reply depends on what the client tells of itself, by that as well.
"""

import time
from dataclasses import replace
from typing import Final

from aiohttp import web
from cachetools import TTLCache

from proxy.answers._base import Reply
from proxy.recipe.asked import SILENT, Client
from proxy.recipe.client import told
from proxy.server.hints import client_of

_LONGEST: Final = 1000
"""Characters of a request whose reply is kept."""

_OVERHEAD: Final = 2048
"""Bytes of memory that a reply takes beside its body at most."""


class HotReplies:
    """Replies of the last ``seconds``, in ``memory`` bytes."""

    def __init__(self, memory: int, seconds: float) -> None:
        # what stands under a silent client is the reply for everybody or, without a body, says what else to look for
        self._kept: TTLCache[tuple[str, Client], Reply] = TTLCache(
            memory, seconds or 1e-9, time.monotonic, lambda reply: _OVERHEAD + len(reply.body)
        )

    def get(self, request: web.Request) -> Reply | None:
        """The reply to a request if it still holds."""
        path = request.raw_path
        reply = self._kept.get((path, SILENT))
        if reply is not None and reply.heeds:
            reply = self._kept.get((f"{path}\0", told(client_of(request.headers), reply.heeds)))
        return reply if reply is not None and time.monotonic() < reply.until else None

    def put(self, request: web.Request, reply: Reply) -> None:
        """Keep a reply, if it and its request are not too long."""
        path = request.raw_path
        if len(path) > _LONGEST or _OVERHEAD + len(reply.body) > self._kept.maxsize:
            return
        if reply.heeds:
            self._kept[path, SILENT] = replace(reply, body=b"")
            self._kept[f"{path}\0", told(client_of(request.headers), reply.heeds)] = reply
        else:
            self._kept[path, SILENT] = reply

    def clear(self) -> None:
        """Forget them all."""
        self._kept.clear()
