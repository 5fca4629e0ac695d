"""``/is/image``: from a request target to a reply."""

from typing import ClassVar, Final

from aiohttp import hdrs, web

from proxy.answers import answer_for
from proxy.answers._base import Ask, Reply
from proxy.answers._properties import text_head
from proxy.errors import IsproxyError, RenderFailed
from proxy.gate import Admitted
from proxy.protocol.grammar import path_elements, split_target
from proxy.recipe.asked import Asked
from proxy.server.errors import asked_kind, error_response, told
from proxy.server.headers import respond
from proxy.server.hints import client_of
from proxy.server.hot import HotReplies
from proxy.server.route import Manners, Route
from proxy.service import Renditions, validates

_HOT_SHARE: Final = 8
"""Replies that are answered without being read again take at most this part of what renditions may take."""

_DRAWN = ("", "img", "tmb", "mask")
_METHODS = (hdrs.METH_GET, hdrs.METH_HEAD)


class ImageRoute(Route):
    """Images and what is asked about them."""

    name: ClassVar[str] = "image"

    def __init__(self, renditions: Renditions, root: str, manners: Manners) -> None:
        super().__init__(renditions, root, manners)
        config = renditions.config
        self._hot = HotReplies(config.memory // _HOT_SHARE, config.validate_after)
        self._hot_with = renditions.catalogs()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request; one that was answered from the cache a moment ago is not even read."""
        if self.renditions.catalogs() is not self._hot_with:
            self._hot_with = self.renditions.catalogs()
            self._hot.clear()
        hot = self._hot.get(request) if request.method in _METHODS else None
        if hot is not None:
            return respond(request, hot)
        return await super().handle(request)

    async def answer(self, request: web.Request, admitted: Admitted) -> web.StreamResponse:
        """Answer a request that has passed the gate."""
        path, query = split_target(admitted.target)
        if not query.strip() and not path_elements(path):
            # a request for nothing at all tells who answers
            return respond(request, Reply((text_head() + "copyright=isproxy\n").encode(), "text/plain; charset=utf-8"))
        read_with = self.renditions.catalogs()
        asked = self.renditions.read(admitted)
        reply = await answer_for(asked.kind).answer(Ask(asked, self.renditions, client_of(request.headers)))
        if read_with is self._hot_with and self._may_be_hot(admitted, asked, reply):
            self._hot.put(request, reply)
        return respond(request, reply)

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

    def _may_be_hot(self, admitted: Admitted, asked: Asked, reply: Reply) -> bool:
        """Whether a reply came from the cache, is the same for everybody, and its originals need not be looked at at once."""
        if reply.made is not False or reply.hours is None or validates(asked):
            return False
        main = self.renditions.main_of(admitted)
        by_rule = self.renditions.asks_who or admitted.headers or main.has_rules
        return not (self.manners.url_keys or by_rule or main.attribute("ClientAddressFilter"))
