"""Wiring on one screen: from the configuration to an application. No globals, nothing registers itself."""

from collections.abc import AsyncIterator, Callable, Sequence

from aiohttp import hdrs, web

from proxy.catalog.catalogs import Catalogs
from proxy.catalog.store import load as load_catalogs
from proxy.config import Config
from proxy.render.pool import Pool
from proxy.server import export
from proxy.server.content import ContentRoute
from proxy.server.headers import CROSS_ORIGIN
from proxy.server.health import Ready, healthz
from proxy.server.image import ImageRoute
from proxy.service import Renditions
from proxy.sources.folders import Folder

LOOK_AHEAD = 2
"""An export keeps so many renditions more under way than there are workers: none ever waits for the zip to be written."""


def renditions_of(config: Config, catalogs: Callable[[], Catalogs] | None = None) -> Renditions:
    """The one path as configured. Its pool has to be closed by whoever asked for it."""
    if catalogs is None:
        loaded = load_catalogs(config.content.catalogs, config.content.macros)

        def catalogs() -> Catalogs:
            return loaded

    origins = [Folder(folder) for folder in config.content.images]
    return Renditions(catalogs, origins, Pool(config.pool(), config.opening()), config.service())


def application(config: Config, renditions: Renditions, tokens: Sequence[str]) -> web.Application:
    """The application. ``tokens`` are the digests of the bearer tokens that may export."""
    root = config.server.root_path
    exports = config.exports()
    app = web.Application(client_max_size=exports.body_bytes)
    image = ImageRoute(renditions, f"{root}/is/image", config.limits.url_length, config.protocol.missing_status)
    static = tuple(Folder(folder) for folder in config.content.static)
    content = ContentRoute(renditions, static, f"{root}/is/content", config.limits.url_length, config.protocol.missing_status)
    for path, handler in ((f"{root}/is/image", image.handle), (f"{root}/is/content", content.handle)):
        # (?s) since an escaped line break is a character like any other
        resource = app.router.add_resource(f"{path}{{tail:(?s:/.*)?}}")
        resource.add_route(hdrs.METH_GET, handler)
        resource.add_route(hdrs.METH_HEAD, handler)
        resource.add_route(hdrs.METH_OPTIONS, _preflight)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", Ready(renditions).handle)
    app.add_routes(export.routes(renditions, exports, tokens, renditions.pool.workers + LOOK_AHEAD, root))

    async def pool(_: web.Application) -> AsyncIterator[None]:
        await renditions.pool.start()
        yield
        renditions.pool.close()

    app.cleanup_ctx.append(pool)
    return app


async def _preflight(_: web.Request) -> web.Response:
    """Allow scripts of any origin to ask (protocol decision 15)."""
    allowed: dict[str, str] = {
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, HEAD",
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "*",
        hdrs.ACCESS_CONTROL_MAX_AGE: "86400",
    }
    return web.Response(status=204, headers={**CROSS_ORIGIN, **allowed})
