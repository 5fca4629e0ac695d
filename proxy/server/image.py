"""``/is/image``: from a request target to a reply."""

import time
from typing import ClassVar, Final

from aiohttp import hdrs, web
from cachetools import TTLCache

from proxy.answers import answer_for
from proxy.answers._base import Ask, Reply
from proxy.answers._properties import text_head
from proxy.errors import IsproxyError, RenderFailed
from proxy.gate import Admitted
from proxy.protocol.grammar import path_elements, split_target
from proxy.server.errors import asked_kind, error_response, told
from proxy.server.headers import respond
from proxy.server.route import Manners, Route
from proxy.service import Renditions

HOT: Final = 2048
"""Replies that are answered without being read again while ``validate_after`` lasts."""

_DRAWN = ("", "img", "tmb", "mask")
_METHODS = (hdrs.METH_GET, hdrs.METH_HEAD)


class ImageRoute(Route):
    """Images and what is asked about them."""

    name: ClassVar[str] = "image"

    def __init__(self, renditions: Renditions, root: str, manners: Manners) -> None:
        super().__init__(renditions, root, manners)
        self._hot: TTLCache[str, Reply] = TTLCache(HOT, renditions.config.validate_after or 1e-9, time.monotonic)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request; one that was answered from the cache a moment ago is not even read."""
        hot = self._hot.get(request.raw_path)
        if hot is not None and request.method in _METHODS:
            return respond(request, hot)
        return await super().handle(request)

    async def answer(self, request: web.Request, admitted: Admitted) -> web.StreamResponse:
        """Answer a request that has passed the gate."""
        reply = await self.reply(admitted)
        # only what is in the cache and what everybody gets alike
        if reply.made is False and reply.hours is not None and self._for_everybody(admitted):
            self._hot[request.raw_path] = reply
        return respond(request, reply)

    async def reply(self, admitted: Admitted) -> Reply:
        """Answer a target."""
        path, query = split_target(admitted.target)
        if not query.strip() and not path_elements(path):
            # a request for nothing at all tells who answers
            return Reply((text_head() + "copyright=isproxy\n").encode(), "text/plain; charset=utf-8")
        asked = self.renditions.read(admitted)
        return await answer_for(asked.kind).answer(Ask(asked, self.renditions))

    async def failed(self, request: web.Request, admitted: Admitted, error: IsproxyError) -> web.StreamResponse:
        """Answer with the catalog's error image, where it has one and it can be drawn, else with an error (``r-errorimage``)."""
        telling = self.telling(admitted)
        if error.status < RenderFailed.status and asked_kind(admitted.target) in _DRAWN:
            try:
                asked = self.renditions.read_error_image(admitted, error.title, told(error, min(telling.detail, 2)))
                if asked is not None:
                    made = await self.renditions.get(asked)
                    return respond(request, Reply(made.data, made.media_type))
            except IsproxyError as second:
                # the manual's rule: the standard response then
                return error_response(second, admitted.target, telling)
        return error_response(error, admitted.target, telling)

    def _for_everybody(self, admitted: Admitted) -> bool:
        main = self.renditions.main_of(admitted)
        return not (self.manners.url_keys or admitted.headers or main.attribute("ClientAddressFilter") or main.has_rules)
