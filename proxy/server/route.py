"""What ``/is/image`` and ``/is/content`` have in common: cutting the target out, the gate, signatures, errors, rules' headers."""

import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import ClassVar, Final

from aiohttp import hdrs, web

from proxy.catalog.addresses import client_address
from proxy.catalog.datatypes import Network
from proxy.catalog.rules import Header, filled, merged
from proxy.errors import IsproxyError, LimitExceeded, RenderFailed
from proxy.gate import Admitted
from proxy.protocol.seal import verify
from proxy.server.errors import Telling, error_response
from proxy.service import Renditions

_log = logging.getLogger(__name__)

_MAX_AGE = re.compile(r"max-age=(\d+)")
_HEADERS: Final = web.RequestKey("headers", tuple[Header, ...])
_EXPIRES: Final = web.RequestKey("expires", int)


@dataclass(frozen=True, slots=True)
class Manners:
    """How requests are treated before they are read: what the configuration says of it.

    ``url_keys`` are those that signatures may be made with; without any none is asked for. ``trusted`` are the proxies whose
    word about the client's address counts.
    """

    url_length: int = 16384
    missing_status: int = 403
    url_keys: tuple[str, ...] = ()
    trusted: tuple[Network, ...] = ()


class Route:
    """A handler; ``prefix`` is what stands before the target in every path, such as ``/is/image``."""

    name: ClassVar[str]
    static: ClassVar[bool] = False

    def __init__(self, renditions: Renditions, root: str, manners: Manners) -> None:
        self.renditions = renditions
        self.prefix = f"{root}/is/{self.name}"
        self.manners = manners
        self._depth = self.prefix.count("/")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request. Only its raw path is read: everything else has been decoded before it was split."""
        admitted = Admitted(self._target(request.raw_path))
        try:
            admitted = self._admit(request, admitted.target)
            return await self.answer(request, admitted)
        except IsproxyError as error:
            return await self.failed(request, admitted, error)
        except Exception:  # noqa: BLE001  # the last resort: logged with its trace, and a 500 that shows nothing of it
            _log.exception("a request failed: %s", admitted.target[:500])
            foreseen = RenderFailed("an error that nobody foresaw; the log has it")
            return error_response(foreseen, admitted.target, self.telling(admitted))

    async def answer(self, request: web.Request, admitted: Admitted) -> web.StreamResponse:
        """Answer a request that has passed the gate; errors are for ``handle``."""
        raise NotImplementedError

    async def failed(self, request: web.Request, admitted: Admitted, error: IsproxyError) -> web.StreamResponse:
        """Answer with an error."""
        del request  # images look at it
        return error_response(error, admitted.target, self.telling(admitted))

    def telling(self, admitted: Admitted) -> Telling:
        """How much the catalog of the path lets errors tell."""
        return Telling(self.renditions.main_of(admitted).integer("ErrorDetail"), self.manners.missing_status)

    def _admit(self, request: web.Request, target: str) -> Admitted:
        if len(request.raw_path) > self.manners.url_length:
            raise LimitExceeded(f"a URL of {len(request.raw_path)} characters: at most {self.manners.url_length} are read")
        path, _, query = target.partition("?")
        if self.manners.url_keys:
            verified = verify(f"/is/{self.name}/{path}", query, self.manners.url_keys, time.time())
            target = f"{path}?{verified.query}" if verified.query else path
            if verified.expires is not None:
                request[_EXPIRES] = verified.expires
        forwarded = request.headers.getall(hdrs.X_FORWARDED_FOR, [])
        client = client_address(request.remote, forwarded, self.manners.trusted)
        admitted = self.renditions.admit(target, client, static=self.static)
        if admitted.headers:
            path, _, query = admitted.target.partition("?")
            request[_HEADERS] = filled(admitted.headers, path, query)
        return admitted

    def _target(self, raw_path: str) -> str:
        """Cut the prefix off, which the router has found there; it may be spelt with escapes, so its elements are counted."""
        if not raw_path.startswith("/"):
            # RFC 9112, 3.2.2: a proxy's client sends the whole address
            _, _, raw_path = raw_path.partition("://")
        path, mark, query = raw_path.partition("?")
        elements = path.split("/", self._depth + 1)
        return "".join((*elements[self._depth + 1 :], mark, query))


async def finish(request: web.Request, response: web.StreamResponse) -> None:
    """Put rules' headers on a response, and let nobody keep it longer than its signature lasts. A signal of the application."""
    headers: Sequence[Header] = request.get(_HEADERS, ())
    if headers:
        for name, value in merged(dict(response.headers), tuple(headers)).items():
            response.headers[name] = value
    expires = request.get(_EXPIRES)
    if expires is not None:
        left = max(0, expires - int(time.time()))
        control = response.headers.get(hdrs.CACHE_CONTROL, "")
        found = _MAX_AGE.search(control)
        if found is not None and int(found[1]) > left:
            response.headers[hdrs.CACHE_CONTROL] = _MAX_AGE.sub(f"max-age={left}", control)
            response.headers[hdrs.EXPIRES] = formatdate(time.time() + left, usegmt=True)
