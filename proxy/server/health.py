"""``/healthz``: the process answers. ``/readyz``: it can make images."""

from aiohttp import web

from proxy.service import Renditions


async def healthz(_: web.Request) -> web.Response:
    """The event loop runs: that is all it says."""
    return web.Response(text="ok\n")


class Ready:
    """Whether the catalogs are whole; the reasons if they are not."""

    def __init__(self, renditions: Renditions) -> None:
        self._renditions = renditions

    async def handle(self, _: web.Request) -> web.Response:
        """200 if every catalog was loaded, 503 with the reasons otherwise."""
        folder = self._renditions.folder
        problems = (*folder.current.problems, *folder.refused)
        wrong = [str(problem) for problem in problems if problem.severity == "error"]
        return web.Response(status=503 if wrong else 200, text="\n".join(wrong or ["ready"]) + "\n")
