"""The one place where an error becomes a response.

Pages: ``r-errors``, ``r-errordetail``; protocol decision 14; wire formats, "Error in JSON form". A reply in JSON form
carries errors in that form and with status 200, since a script element has to run it.
"""

import traceback
from dataclasses import dataclass

from aiohttp import hdrs, web

from proxy.answers._properties import ERROR_HANDLER, padded
from proxy.errors import IsproxyError, Missing, Overloaded, RequestError
from proxy.protocol.grammar import decode, split_target
from proxy.protocol.parser import parse
from proxy.protocol.tree import Setting
from proxy.server.headers import CROSS_ORIGIN

_DETAILED, _TRACED = 2, 3


@dataclass(frozen=True, slots=True)
class Telling:
    """How much to tell, and how: ErrorDetail, and the status of what is missing."""

    detail: int = 2
    missing_status: int = 403


def error_response(error: IsproxyError, target: str, telling: Telling) -> web.Response:
    """Answer with an error; never to be kept by anybody."""
    title, message = error.title, told(error, telling.detail)
    headers = {**CROSS_ORIGIN, hdrs.CACHE_CONTROL: "no-store"}
    if isinstance(error, Overloaded):
        headers[hdrs.RETRY_AFTER] = str(error.retry_after)
    request_id = _json_id(target)
    if request_id is not None and error.status < Overloaded.status:
        body = padded({"message": message, "title": title}, ERROR_HANDLER, request_id)
        return web.Response(text=body, content_type="text/javascript", charset="utf-8", headers=headers)
    status = telling.missing_status if isinstance(error, Missing) else error.status
    return web.Response(status=status, text=f"{message}\n", content_type="text/plain", charset="utf-8", headers=headers)


def told(error: IsproxyError, detail: int) -> str:
    """What ErrorDetail lets an error say."""
    if detail < _DETAILED:
        return error.title
    message = f"{error.title}: {error.detail}"
    return message + "\n" + "".join(traceback.format_exception(error)) if detail >= _TRACED else message


def asked_kind(target: str) -> str:
    """The ``req=`` of a target in lower case, empty if there is none. The request may be one that cannot be read."""
    return _options(target)[1][0]


def _json_id(target: str) -> str | None:
    """The ``id=`` of a request in JSON form, ``None`` for any other form."""
    said, options = _options(target)
    return said.get("id", "") if "json" in options[1:] else None


def _options(target: str) -> tuple[dict[str, str], list[str]]:
    """What a target says, by name in lower case, and the options of its ``req=``; nothing if it cannot be read."""
    try:
        tree = parse(split_target(target)[1])
    except RequestError:
        return {}, [""]
    said = {node.name.lower(): decode(node.value) for node in tree if isinstance(node, Setting)}
    return said, [option.strip().lower() for option in said.get("req", "").split(",")]
