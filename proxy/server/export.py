"""``/export``: an ExportJob over HTTP, answered at once with a streamed zip.

``POST`` takes the job as JSON, ``GET`` as a query with the same names; ``estimate=1`` in the query of either asks for the size.
Knows the wire; what an export is and what may be wrong with it stands in ``proxy/export``. Page: ``r-exportjob``.
"""

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from aiohttp import hdrs, web

from proxy.export.checks import Asset, look_at
from proxy.export.config import ExportConfig
from proxy.export.report import Report
from proxy.export.request import CONVERT, TOO_MUCH, ExportJob, Problem, fields_of_query, read_job
from proxy.export.stream import zip_stream
from proxy.server.auth import refusal
from proxy.service import Renditions

PATH: Final = "/export"
ESTIMATE: Final = "estimate"
_JSON: Final = "application/json"
_BUSY: Final = 503

_log = logging.getLogger(__name__)


def routes(
    renditions: Renditions, config: ExportConfig, tokens: Sequence[str], window: int, root: str = ""
) -> list[web.RouteDef]:
    """Give the routes of the export.

    Args:
        renditions: the one path.
        config: limits of the export.
        tokens: SHA-256 of every bearer token that is good: ``config.tokens``, or the digest of what ``ensure_token`` gave.
        window: how many renditions of one export may be under way, best a few more than there are render workers.
        root: what stands before ``/export`` in paths.
    """
    export = _Export(renditions, config, tuple(tokens), window)
    return [web.post(root + PATH, export.post), web.get(root + PATH, export.get, allow_head=False)]


class _Export:
    """The two handlers and what they need."""

    def __init__(self, renditions: Renditions, config: ExportConfig, tokens: tuple[str, ...], window: int) -> None:
        self._renditions, self._config = renditions, config
        self._tokens, self._window = tokens, window

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Answer a job in JSON."""
        refused = refusal(request, self._tokens)
        if refused is not None:
            return refused
        if request.content_type != _JSON:
            return _errors([Problem(hdrs.CONTENT_TYPE, f"{request.content_type}: expected {_JSON}", status=415)])
        body = await _body(request, self._config.body_bytes)
        if body is None:
            message = f"the request has more than {self._config.body_bytes} bytes"
            return _errors([Problem("", message, status=TOO_MUCH)])
        try:
            fields = json.loads(body)
        except (ValueError, RecursionError) as error:
            return _errors([Problem("", f"the request is not valid JSON: {error}")])
        if not isinstance(fields, dict):
            return _errors([Problem("", "expected a JSON object with the members of an ExportJob")])
        return await self._answer(request, fields, [])

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer a job in a query."""
        refused = refusal(request, self._tokens)
        if refused is not None:
            return refused
        fields, problems = fields_of_query([(name, value) for name, value in request.query.items() if name != ESTIMATE])
        return await self._answer(request, fields, list(problems))

    async def _answer(self, request: web.Request, fields: dict[str, object], problems: list[Problem]) -> web.StreamResponse:
        """Look at everything, and answer all that is wrong or else the zip."""
        job, unread = read_job(fields, self._config.export_assets)
        asks_size = request.query.get(ESTIMATE) == "1"
        problems += [*unread, *_unreadable_estimate(request)]
        assets, unusable = await look_at(job, self._renditions, self._config, thoroughly=asks_size or bool(problems))
        problems += unusable
        if problems:
            return _errors(problems)
        if asks_size:
            return _estimate(job, assets)
        return await self._stream(request, job, assets)

    async def _stream(self, request: web.Request, job: ExportJob, assets: Sequence[Asset]) -> web.StreamResponse:
        """Send the zip. A client that goes away, or takes nothing for too long, ends the work for it."""
        name = time.strftime("isproxy-export-%Y%m%dT%H%M%SZ.zip", time.gmtime())
        disposition = f'attachment; filename="{name}"'
        response = web.StreamResponse(headers={hdrs.CONTENT_DISPOSITION: disposition, hdrs.CACHE_CONTROL: "no-store"})
        response.content_type = "application/zip"
        await response.prepare(request)
        report = Report(job)
        try:
            async with aclosing(zip_stream(assets, report, self._renditions, self._config, self._window)) as pieces:
                async for piece in pieces:
                    async with asyncio.timeout(self._config.stalled):
                        await response.write(piece)
        except (TimeoutError, ConnectionError) as error:
            why = "took nothing for too long" if isinstance(error, TimeoutError) else "has gone"
            _log.info("export given up after %d of %d assets: the client %s", len(report.lines), len(assets), why)
            # without the end of the zip: whoever still listens must not take this for the whole of it
            if request.transport is not None:
                request.transport.abort()
        return response


def _unreadable_estimate(request: web.Request) -> list[Problem]:
    value = request.query.get(ESTIMATE, "0")
    return [] if value in ("0", "1") else [Problem(ESTIMATE, f"{value}: expected 0 or 1")]


def _estimate(job: ExportJob, assets: Sequence[Asset]) -> web.Response:
    """Say how large the export will be; for renditions that is a guess from their pixels, and said to be one."""
    total = sum(asset.expected for asset in assets)
    exact = job.fmt != CONVERT
    return web.json_response({"assets": len(assets), "bytes": total, "exact": exact}, headers={hdrs.CACHE_CONTROL: "no-store"})


def _errors(problems: Sequence[Problem]) -> web.Response:
    """Tell all problems; the gravest decides the status."""
    status = max(problem.status for problem in problems)
    headers = {hdrs.CACHE_CONTROL: "no-store"}
    if status == _BUSY:
        headers[hdrs.RETRY_AFTER] = "5"
    return web.json_response({"errors": [problem.shown() for problem in problems]}, status=status, headers=headers)


async def _body(request: web.Request, most: int) -> bytes | None:
    """Read the body; ``None`` if it is too long, of which no more than that much is read."""
    if (request.content_length or 0) > most:
        return None
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > most:
            return None
    return bytes(body)
