"""The pool with real workers: errors come back whole, jobs are bounded, and a pool that breaks is replaced."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from proxy.errors import BadSource, LimitExceeded, Missing, Overloaded, RenderFailed, TimedOut
from proxy.recipe.model import Box, LayerPlan, Output, Recipe, Source, View
from proxy.render import worker
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import Pool, PoolConfig

OPENING = Opening(Limits())


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    made = Pool(PoolConfig(workers=1, queue=2, seconds=1), OPENING)
    await made.start()
    yield made
    made.close()


def original(folder: Path) -> Source:
    file = folder / "red.png"
    Image.new("RGB", (4, 3), (255, 0, 0)).save(file)
    return Source("shown", str(file), file.stat().st_size, file.stat().st_mtime_ns)


def recipe(source: Source) -> Recipe:
    layer = LayerPlan(0, source, Box(0, 0, 4, 3), (4, 3), turned=(4, 3))
    view = View((4, 3), (4, 3), (0, 0), (4, 3), (0, 0, 4, 3))
    return Recipe(layers=(layer,), view=view, output=Output("png", quality=0))


# what the pool does with other jobs than its own: they are module functions, since workers have to find them


def number(value: object, _: Opening) -> int:
    return os.getpid() if value is None else int(str(value))


def sleep(seconds: object, _: Opening) -> int:
    time.sleep(float(str(seconds)))
    return 1


def die(code: object, _: Opening) -> int:
    os._exit(int(str(code)))


def burst(_: object, __: Opening) -> int:
    raise ZeroDivisionError("nobody foresaw this")


def broken_inside(_: object, __: Opening) -> int:
    raise RuntimeError("a runtime error of the job's own")


async def test_rendering_and_probing(pool: Pool, tmp_path: Path) -> None:
    source = original(tmp_path)
    encoded = await pool.render(recipe(source))
    assert encoded.media_type == "image/png"
    header = await pool.probe(source)
    assert (header.width, header.height, header.format) == (4, 3, "PNG")


async def test_errors_come_back_as_they_were_raised(pool: Pool, tmp_path: Path) -> None:
    source = original(tmp_path)
    with pytest.raises(Missing) as missing:
        await pool.render(recipe(replace(source, location=str(tmp_path / "gone.png"))))
    assert missing.value.object == "shown"
    (tmp_path / "red.png").write_bytes(b"no picture")
    with pytest.raises(BadSource, match="shown"):
        await pool.probe(source)
    assert pool.pending == 0


@pytest.mark.parametrize("job", [burst, broken_inside])
async def test_what_nobody_foresaw(pool: Pool, job: object, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RenderFailed) as failed:
        await pool._run(job, None)  # type: ignore[arg-type]  # noqa: SLF001  # there is no other way to a job that fails
    assert "foresaw" not in failed.value.detail
    assert "Error" in caplog.text
    assert await pool._run(number, 7) == 7  # noqa: SLF001  # likewise


async def test_a_job_that_takes_too_long(pool: Pool) -> None:
    begun = time.monotonic()
    with pytest.raises(TimedOut, match="more than 1 seconds"):
        await pool._run(sleep, 60)  # noqa: SLF001  # likewise
    assert time.monotonic() - begun < 20
    assert await pool._run(number, 7) == 7  # noqa: SLF001  # likewise


@pytest.mark.parametrize("code", [1, 11])
async def test_a_job_that_reads_nothing_and_ends_workers(pool: Pool, code: int, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RenderFailed, match="ended"):
        await pool._run(die, code)  # noqa: SLF001  # likewise
    assert caplog.text.count(f"exit code {code}") == 2
    assert await pool._run(number, 7) == 7  # noqa: SLF001  # likewise


def die_of(_: object, __: Opening) -> int:
    os.abort()


def die_once(source: Source, _: Opening) -> int:
    """End the process unless one did so before."""
    file = Path(source.location)
    if file.exists():
        file.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return 7


async def test_an_original_that_ends_workers(pool: Pool, tmp_path: Path) -> None:
    source = original(tmp_path)
    for value in (source, recipe(source)):
        with pytest.raises(BadSource, match=r"^shown: the process that reads it ends") as caught:
            await pool._run(die_of, value)  # noqa: SLF001  # likewise
        assert caught.value.status == 403
        assert await pool._run(number, 7) == 7  # noqa: SLF001  # likewise
    assert pool.pending == 0


async def test_a_worker_that_somebody_ends_costs_nothing(pool: Pool, tmp_path: Path) -> None:
    assert await pool._run(die_once, original(tmp_path)) == 7  # noqa: SLF001  # likewise
    assert pool.pending == 0


def test_memory_that_runs_out_is_a_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = original(tmp_path)
    for inner in ("render", "probe", "look_at"):
        monkeypatch.setattr(worker, inner, _exhausted)
    assert isinstance(worker.render_job(recipe(source), OPENING), LimitExceeded)
    assert isinstance(worker.probe_job(source, OPENING), LimitExceeded)
    assert isinstance(worker.profile_job(source, OPENING), LimitExceeded)


def _exhausted(*_: object, **__: object) -> None:
    raise MemoryError


async def test_an_idle_worker_that_ends(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    idle = await pool._run(number, None)  # noqa: SLF001  # likewise
    os.kill(idle, signal.SIGKILL)
    # whether or not the loss has been noticed when the next job comes
    assert await pool._run(number, 7) == 7  # noqa: SLF001  # likewise
    os.kill(await pool._run(number, None), signal.SIGKILL)  # noqa: SLF001  # likewise
    await asyncio.sleep(0.5)
    assert await asyncio.gather(*(pool._run(number, value) for value in range(3))) == [0, 1, 2]  # noqa: SLF001  # likewise
    assert caplog.text.count("started anew") == 2
    assert pool.pending == 0


async def test_the_queue_is_bounded(pool: Pool) -> None:
    results = await asyncio.gather(*(pool._run(sleep, 0.05) for _ in range(5)), return_exceptions=True)  # noqa: SLF001  # likewise
    assert [result for result in results if not isinstance(result, Overloaded)] == [1, 1, 1]
    assert sum(isinstance(result, Overloaded) for result in results) == 2
    assert pool.pending == 0


async def test_what_waits_can_be_taken_back(pool: Pool) -> None:
    first = asyncio.create_task(pool._run(sleep, 0.5))  # noqa: SLF001  # likewise
    await asyncio.sleep(0.2)
    second = asyncio.create_task(pool._run(die, 3))  # noqa: SLF001  # likewise
    await asyncio.sleep(0)
    second.cancel()
    assert await first == 1
    with pytest.raises(asyncio.CancelledError):
        await second
    assert await pool._run(number, 7) == 7  # noqa: SLF001  # likewise


async def test_a_closed_pool_stays_closed() -> None:
    pool = Pool(PoolConfig(workers=1), OPENING)
    assert await pool._run(number, 7) == 7  # noqa: SLF001  # likewise
    pool.close()
    with pytest.raises(RenderFailed):
        await pool._run(number, 7)  # noqa: SLF001  # likewise


def test_a_pool_that_was_never_used_closes() -> None:
    Pool(PoolConfig(workers=1), OPENING).close()


@pytest.mark.parametrize(("asked", "given"), [(3, 3), (0, os.cpu_count())])
def test_how_many_workers(asked: int, given: int) -> None:
    assert Pool(PoolConfig(workers=asked), OPENING).workers == given
