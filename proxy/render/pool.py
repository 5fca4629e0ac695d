"""The worker processes: a bounded queue, a deadline, and a new process for one that ended.

Workers are started by a fork server, never forked from a process with threads. A decoder that crashes, hangs or eats memory
costs one request an error and one worker a restart.
"""

import asyncio
import concurrent.futures
import logging
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from proxy.errors import IsproxyError, Overloaded, RenderFailed, TimedOut
from proxy.recipe.model import Encoded, Header, Recipe, Source
from proxy.render.pipeline import Opening
from proxy.render.worker import probe_job, render_job, start

T = TypeVar("T")

_log = logging.getLogger(__name__)
_PRELOADED = ["proxy.render.worker"]


@dataclass(frozen=True, slots=True)
class PoolConfig:
    """``workers`` processes, 0 for one a core; at most ``queue`` jobs wait for one; each may take ``seconds``."""

    workers: int = 0
    queue: int = 200
    seconds: float = 30.0


class Pool:
    """Runs jobs in worker processes. Made and closed by whoever wires the application."""

    def __init__(self, config: PoolConfig, opening: Opening) -> None:
        self.workers = config.workers or os.cpu_count() or 1
        self._config, self._opening = config, opening
        context = multiprocessing.get_context("forkserver")
        # the fork server imports what workers need once; they start in milliseconds
        context.set_forkserver_preload(_PRELOADED)
        self._pool = ProcessPool(max_workers=self.workers, initializer=start, context=context)
        self.pending = 0

    async def render(self, recipe: Recipe) -> Encoded:
        """Make a rendition.

        Raises:
            Overloaded, TimedOut, RenderFailed: the pool's own; whatever rendering raises besides.
        """
        return await self._run(render_job, recipe)

    async def probe(self, source: Source) -> Header:
        """Read the header of an original; raises as ``render`` does."""
        return await self._run(probe_job, source)

    async def _run(self, job: Callable[..., T | IsproxyError], value: object) -> T:
        if self.pending >= self.workers + self._config.queue:
            raise Overloaded(f"{self._config.queue} renderings are waiting already")
        future = self._pool.schedule(job, args=(value, self._opening), timeout=self._config.seconds)
        self.pending += 1
        future.add_done_callback(_retrieve)
        try:
            # shielded, since cancelling a job that has begun would end its worker
            result = await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            if not future.running():
                future.cancel()  # type: ignore[no-untyped-call]  # pebble's own signature lacks it
            raise
        except concurrent.futures.TimeoutError:
            raise TimedOut(f"the rendering took more than {self._config.seconds:g} seconds") from None
        except ProcessExpired as error:
            _log.error("a worker process ended with exit code %s", error.exitcode)
            raise RenderFailed("the process that made the image ended") from None
        except Exception as error:
            _log.exception("a rendering failed")
            raise RenderFailed("the image could not be made") from error
        finally:
            self.pending -= 1
        if isinstance(result, IsproxyError):
            raise result
        return result

    def close(self) -> None:
        """End the workers; what they are doing is lost."""
        self._pool.stop()  # type: ignore[no-untyped-call]  # likewise
        self._pool.join()


def _retrieve(future: concurrent.futures.Future[Any]) -> None:
    """Look at the outcome of a job that nobody waits for any more, so that it is not reported as forgotten."""
    if not future.cancelled():
        future.exception()
