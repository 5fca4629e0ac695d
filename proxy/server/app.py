"""Wiring on one screen: from the configuration to an application. No globals, nothing registers itself."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence

from aiohttp import hdrs, web

from proxy.catalog.watch import CatalogFolder
from proxy.config import Config
from proxy.render.pool import Pool
from proxy.server import export
from proxy.server.content import ContentRoute
from proxy.server.headers import CROSS_ORIGIN
from proxy.server.health import Ready, healthz
from proxy.server.image import ImageRoute
from proxy.server.route import Manners, finish
from proxy.service import Renditions
from proxy.sources.folders import Folder
from proxy.sources.http import Foreign

_log = logging.getLogger(__name__)

LOOK_AHEAD = 2
"""An export keeps so many renditions more under way than there are workers: none ever waits for the zip to be written."""


def renditions_of(config: Config, catalogs: CatalogFolder | None = None) -> Renditions:
    """The one path as configured. Its pool has to be closed by whoever asked for it."""
    folder = catalogs or CatalogFolder(config.content.catalogs, config.content.macros)
    origins = [Folder(folder) for folder in config.content.images]
    return Renditions(folder, origins, Foreign(config.foreign()), Pool(config.pool(), config.opening()), config.service())


def application(config: Config, renditions: Renditions, tokens: Sequence[str]) -> web.Application:
    """The application. ``tokens`` are the digests of the bearer tokens that may export."""
    root, manners = config.server.root_path, _manners(config)
    exports = config.exports()
    app = web.Application(client_max_size=exports.body_bytes)
    image = ImageRoute(renditions, root, manners)
    content = ContentRoute(renditions, tuple(Folder(folder) for folder in config.content.static), root, manners)
    for route in (image, content):
        # (?s) since an escaped line break is a character like any other
        resource = app.router.add_resource(f"{route.prefix}{{tail:(?s:/.*)?}}")
        resource.add_route(hdrs.METH_GET, route.handle)
        resource.add_route(hdrs.METH_HEAD, route.handle)
        resource.add_route(hdrs.METH_OPTIONS, _preflight)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", Ready(renditions).handle)
    app.add_routes(export.routes(renditions, exports, tokens, renditions.pool.workers + LOOK_AHEAD, root))

    async def pool(_: web.Application) -> AsyncIterator[None]:
        await renditions.pool.start()
        yield
        renditions.close()

    async def fresh(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(_keep_fresh(renditions.folder, config.content.refresh))
        yield
        task.cancel()
        await asyncio.wait((task,))

    app.cleanup_ctx.extend((pool, fresh))
    app.on_response_prepare.append(finish)
    return app


def _manners(config: Config) -> Manners:
    security = config.security
    return Manners(config.limits.url_length, config.protocol.missing_status, security.url_keys, security.trusted_proxies)


async def _keep_fresh(catalogs: CatalogFolder, seconds: float) -> None:
    """Look at the catalogs again and again; a change that cannot be used is told once and the old ones stay."""
    while True:
        await asyncio.sleep(seconds)
        try:
            changed = await asyncio.to_thread(catalogs.refresh)
        except OSError as error:
            # a folder that is being replaced, or may not be read: the next look may be luckier
            _log.error("the catalogs could not be looked at: %s", error.strerror)
            continue
        if changed:
            _log.info("the catalogs were read again")
        for problem in catalogs.news():
            _log.error("the catalogs have changed and are not taken over: %s", problem)


async def _preflight(_: web.Request) -> web.Response:
    """Allow scripts of any origin to ask (protocol decision 15)."""
    allowed: dict[str, str] = {
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, HEAD",
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "*",
        hdrs.ACCESS_CONTROL_MAX_AGE: "86400",
    }
    return web.Response(status=204, headers={**CROSS_ORIGIN, **allowed})
