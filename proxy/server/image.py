"""``/is/image``: from a request target to a reply."""

import logging

from aiohttp import web

from proxy.answers import answer_for
from proxy.answers._base import Ask, Reply
from proxy.answers._properties import text_head
from proxy.errors import IsproxyError, LimitExceeded, RenderFailed
from proxy.protocol.grammar import path_elements, split_target
from proxy.server.errors import Telling, error_response
from proxy.server.headers import respond
from proxy.service import Renditions

_log = logging.getLogger(__name__)


class ImageRoute:
    """The handler; ``prefix`` is what stands before the target in every path, such as ``/is/image``."""

    def __init__(self, renditions: Renditions, prefix: str, url_length: int, missing_status: int) -> None:
        self._renditions = renditions
        self._depth = prefix.count("/")
        self._url_length = url_length
        self._missing_status = missing_status

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request. Only its raw path is read: everything else has been decoded before it was split."""
        target = self._target(request.raw_path)
        try:
            self._check_length(request.raw_path)
            return await self.reply(request, target)
        except IsproxyError as error:
            return error_response(error, target, self._telling(target))
        except Exception:  # noqa: BLE001  # the last resort: logged with its trace, and a 500 that shows nothing of it
            _log.exception("a request failed: %s", target[:500])
            return error_response(RenderFailed("an error that nobody foresaw; the log has it"), target, self._telling(target))

    async def reply(self, request: web.Request, target: str) -> web.StreamResponse:
        """Answer a request whose target has been cut out; errors are for ``handle``."""
        return respond(request, await self.answer(target))

    async def answer(self, target: str) -> Reply:
        """Answer a target."""
        path, query = split_target(target)
        if not query.strip() and not path_elements(path):
            # a request for nothing at all tells who answers
            return Reply((text_head() + "copyright=isproxy\n").encode(), "text/plain; charset=utf-8")
        asked = self._renditions.read(target)
        return await answer_for(asked.kind).answer(Ask(asked, self._renditions))

    def _check_length(self, raw_path: str) -> None:
        if len(raw_path) > self._url_length:
            raise LimitExceeded(f"a URL of {len(raw_path)} characters: at most {self._url_length} are read")

    def _target(self, raw_path: str) -> str:
        """Cut the prefix off, which the router has found there; it may be spelt with escapes, so its elements are counted."""
        if not raw_path.startswith("/"):
            # RFC 9112, 3.2.2: a proxy's client sends the whole address
            _, _, raw_path = raw_path.partition("://")
        path, mark, query = raw_path.partition("?")
        elements = path.split("/", self._depth + 1)
        return "".join((*elements[self._depth + 1 :], mark, query))

    def _telling(self, target: str) -> Telling:
        """How much the catalog of the path lets errors tell."""
        path = "/".join(path_elements(split_target(target)[0]))
        main, _ = self._renditions.catalogs().main_of(path)
        return Telling(main.integer("ErrorDetail"), self._missing_status)
