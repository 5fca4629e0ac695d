"""The worker processes: a bounded queue, a deadline, and a new process for one that ended.

Workers are started by a fork server, never forked from a process with threads. A decoder that crashes or eats memory costs a
worker a restart. The job is then done once more, since somebody else may have ended its worker; where that ends one too, it is
the fault of the originals and said of them. What hangs costs one request an error.
"""

import asyncio
import concurrent.futures
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from proxy.errors import BadSource, IsproxyError, Overloaded, RenderFailed, TimedOut
from proxy.recipe.colour import ProfileSeen
from proxy.recipe.model import Encoded, Header, Recipe, Source
from proxy.recipe.originals import originals
from proxy.recipe.text import TextExtent, TextPlan
from proxy.render.pipeline import Opening
from proxy.render.worker import measure_job, probe_job, profile_job, render_job, start

T = TypeVar("T")

_log = logging.getLogger(__name__)
_PRELOADED = ["proxy.render.worker"]
_MOST_NAMED = 5
"""Originals that a message names."""

_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""What has libraries of linear algebra work in the thread that asks. There is a worker for each core: threads of theirs would
wait for each other's, busily."""


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
        self._context = multiprocessing.get_context("forkserver")
        for name in _ONE_THREAD:
            os.environ.setdefault(name, "1")
        # the fork server imports what workers need once; they start in milliseconds
        self._context.set_forkserver_preload(_PRELOADED)
        self._pool = self._new()
        self._closed = False
        self.pending = 0

    def _new(self) -> ProcessPool:
        return ProcessPool(max_workers=self.workers, initializer=start, context=self._context)

    async def start(self) -> None:
        """Start the workers now, so that the first job does not wait for them and nothing else waits with it."""
        await asyncio.to_thread(self._pool.schedule, start)

    async def render(self, recipe: Recipe) -> Encoded:
        """Make a rendition.

        Raises:
            BadSource: it ends workers.
            Overloaded, TimedOut, RenderFailed: the pool's own; whatever rendering raises besides.
        """
        return await self._run(render_job, recipe)

    async def probe(self, source: Source) -> Header:
        """Read the header of an original; raises as ``render`` does."""
        return await self._run(probe_job, source)

    async def profile(self, source: Source) -> ProfileSeen:
        """Read a colour profile; raises as ``render`` does."""
        return await self._run(profile_job, source)

    async def measure(self, plan: TextPlan) -> TextExtent:
        """Find out how large a text comes out; raises as ``render`` does."""
        return await self._run(measure_job, plan)

    async def _run(self, job: Callable[..., T | IsproxyError], value: object) -> T:
        if self.pending >= self.workers + self._config.queue:
            raise Overloaded(f"{self._config.queue} renderings are waiting already")
        self.pending += 1
        try:
            try:
                result = await self._done(job, value)
            except BrokenProcessPool:
                # no job had begun when the pool broke, so nothing is done twice
                result = await self._done(job, value)
            except ProcessExpired as error:
                _log.warning("a worker process ended with exit code %s; its job is done once more", error.exitcode)
                result = await self._done(job, value)
        except concurrent.futures.TimeoutError:
            raise TimedOut(f"the rendering took more than {self._config.seconds:g} seconds") from None
        except ProcessExpired as error:
            _log.error("a worker process ended with exit code %s", error.exitcode)
            raise _ended(value) from None
        except Exception as error:
            _log.exception("a rendering failed")
            raise RenderFailed("the image could not be made") from error
        finally:
            self.pending -= 1
        if isinstance(result, IsproxyError):
            raise result
        return result

    async def _done(self, job: Callable[..., T | IsproxyError], value: object) -> T | IsproxyError:
        """Have a worker do a job; it is taken back if nobody waits for it any more before it has begun.

        Raises:
            BrokenProcessPool: a worker ended while none was busy, for which pebble gives the whole pool up.
        """
        future = self._scheduled(job, value)
        future.add_done_callback(_retrieve)
        try:
            # shielded, since cancelling a job that has begun would end its worker
            return await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            if not future.running():
                future.cancel()  # type: ignore[no-untyped-call]  # pebble's own signature lacks it
            raise

    def _scheduled(self, job: Callable[..., T | IsproxyError], value: object) -> ProcessFuture[T | IsproxyError]:
        """Queue a job, in a new pool where the one there was is broken."""
        arguments = (value, self._opening)
        try:
            return self._pool.schedule(job, args=arguments, timeout=self._config.seconds)
        except RuntimeError:
            if self._closed:
                raise
            _log.error("the worker processes are started anew: one of them ended while none was busy")
            broken, self._pool = self._pool, self._new()
            threading.Thread(target=_end, args=(broken,), daemon=True).start()
            return self._pool.schedule(job, args=arguments, timeout=self._config.seconds)

    def close(self) -> None:
        """End the workers; what they are doing is lost."""
        self._closed = True
        _end(self._pool)


def _ended(value: object) -> IsproxyError:
    """What is said of a job that ended two workers: nothing but what it reads can be the cause, if it reads anything."""
    names = originals(value)
    if not names:
        return RenderFailed("the process that made the image ended")
    shown = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    return BadSource(shown, "the process that reads it ends: it is damaged, or takes more memory than there is")


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # likewise
    pool.join()


def _retrieve(future: concurrent.futures.Future[Any]) -> None:
    """Look at the outcome of a job that nobody waits for any more, so that it is not reported as forgotten."""
    if not future.cancelled():
        future.exception()
