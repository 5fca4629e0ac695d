"""The one path with real originals and real workers: work is done once, kept within bounds, and looked at again in time."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from proxy.catalog.watch import CatalogFolder
from proxy.errors import Missing, Overloaded
from proxy.recipe.model import Encoded, Header, Recipe, Source
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import Pool, PoolConfig
from proxy.service import Rendition, Renditions, ServiceConfig
from proxy.sources.folders import Folder
from proxy.sources.hosts import ForeignConfig
from proxy.sources.http import Foreign
from tests.serving import BLUE, GREEN, RED, quadrants

SLOW = "quad.png?scale=100&scl=1&rotate=33"


class CountingPool(Pool):
    """A pool that counts what it is given to do."""

    def __init__(self, config: PoolConfig) -> None:
        super().__init__(config, Opening(Limits()))
        self.renders = 0
        self.probes = 0

    async def render(self, recipe: Recipe) -> Encoded:
        self.renders += 1
        return await super().render(recipe)

    async def probe(self, source: Source) -> Header:
        self.probes += 1
        return await super().probe(source)


class CountingFolder(Folder):
    """A folder that counts how often it is looked into."""

    opened = 0

    def open(self, path: str, name: str) -> Source | None:
        self.opened += 1
        return super().open(path, name)


class House:
    """The one path over a folder of its own."""

    def __init__(self, folder: Path, service: ServiceConfig, pool: PoolConfig) -> None:
        self.images = folder
        self.origin = CountingFolder(folder)
        self.pool = CountingPool(pool)
        foreign = Foreign(ForeignConfig())
        self.renditions = Renditions(CatalogFolder(None, None), [self.origin], foreign, self.pool, service)

    async def get(self, target: str) -> Rendition:
        return await self.renditions.get(self.renditions.read(target))


@asynccontextmanager
async def house(folder: Path, service: ServiceConfig | None = None, pool: PoolConfig | None = None) -> AsyncIterator[House]:
    quadrants(40, 30).save(folder / "quad.png")
    built = House(folder, service or ServiceConfig(), pool or PoolConfig(workers=1))
    try:
        yield built
    finally:
        built.renditions.close()


async def until(holds: Callable[[], bool]) -> None:
    """Wait until a claim holds."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  # what is waited for is in another process
            await asyncio.sleep(0.01)


def replace_original(images: Path, color: tuple[int, int, int]) -> None:
    """Put another picture of the same size in the place of quad.png, as a careful publisher does."""
    Image.new("RGB", (40, 30), color).save(images / "new.png")
    os.utime(images / "new.png", ns=(time.time_ns(), time.time_ns()))
    (images / "new.png").replace(images / "quad.png")


async def test_what_twenty_ask_for_is_made_once(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        made = await asyncio.gather(*(here.get("quad.png?wid=20") for _ in range(20)))
        assert (here.pool.probes, here.pool.renders) == (1, 1)
        assert len({rendition.etag for rendition in made}) == 1
        assert len({id(rendition.data) for rendition in made}) == 1
        again = await here.get("quad.png?wid=20")
        assert (again.made, made[0].made, here.pool.renders) == (False, True, 1)


async def test_other_words_for_the_same_are_the_same(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        for target in (
            "quad.png?wid=20&fmt=jpeg",
            "quad.png?FMT=JPG&WID=20",
            "quad.png?wid=7&wid=20&unknown=1",
            "quad.png?$w=20&wid=$w$",
        ):
            await here.get(target)
        assert here.pool.renders == 1


async def test_an_error_is_everybodys_and_is_not_kept(tmp_path: Path) -> None:
    async with house(tmp_path, ServiceConfig(validate_after=0)) as here:
        results = await asyncio.gather(*(here.get("lost.png") for _ in range(5)), return_exceptions=True)
        assert all(isinstance(result, Missing) for result in results)
        (here.images / "quad.png").rename(here.images / "lost.png")
        assert (await here.get("lost.png")).data


async def test_the_last_one_to_leave_takes_queued_work_back(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.get("quad.png?wid=1")
        # the one worker is at work, so what comes next has to wait
        first = asyncio.create_task(here.get(SLOW))
        await until(lambda: here.pool.renders == 2)
        await asyncio.sleep(0.3)
        waiting = [asyncio.create_task(here.get("quad.png?wid=9")) for _ in range(3)]
        await until(lambda: here.pool.renders == 3)
        waiting[0].cancel()
        await asyncio.sleep(0.05)
        assert here.pool.pending == 2
        for task in waiting[1:]:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await until(lambda: here.pool.pending == 1)
        assert (await first).data
        planned = await here.renditions.plan(here.renditions.read("quad.png?wid=9"))
        assert here.renditions.cached(planned) is None
        assert (await here.get("quad.png?wid=9")).made
        assert here.pool.pending == 0


async def test_work_goes_on_while_anybody_waits(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.get("quad.png?wid=1")
        waiting = [asyncio.create_task(here.get(SLOW)) for _ in range(3)]
        await until(lambda: here.pool.renders == 2)
        for task in waiting[:2]:
            task.cancel()
        assert (await waiting[2]).made
        assert here.pool.renders == 2


async def test_the_queue_is_bounded(tmp_path: Path) -> None:
    async with house(tmp_path, pool=PoolConfig(workers=1, queue=2)) as here:
        await here.get("quad.png?wid=1")
        results = await asyncio.gather(*(here.get(f"quad.png?wid={number}") for number in range(2, 9)), return_exceptions=True)
        assert sum(isinstance(result, Overloaded) for result in results) == 4
        assert sum(isinstance(result, Rendition) for result in results) == 3
        assert here.pool.pending == 0


async def test_memory_is_bounded_by_bytes(tmp_path: Path) -> None:
    async with house(tmp_path, ServiceConfig(memory=20_000)) as here:
        targets = [f"quad.png?fmt=tif&wid=40&bgc={number:06x}&hei=31" for number in range(12)]
        made = {target: await here.get(target) for target in targets}
        size = len(made[targets[0]].data)
        assert 3000 < size < 6000
        plans = [await here.renditions.plan(here.renditions.read(target)) for target in targets]
        kept = [plan for plan in plans if here.renditions.cached(plan) is not None]
        assert 0 < len(kept) * size < 20_000
        assert kept == plans[-len(kept) :]
        assert not (await here.get(targets[-1])).made
        again = await here.get(targets[0])
        assert again.made
        assert again.etag == made[targets[0]].etag


async def test_no_memory_keeps_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, ServiceConfig(memory=0)) as here:
        assert [(await here.get("quad.png")).made for _ in range(2)] == [True, True]


async def test_the_hot_path_plans_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, ServiceConfig(validate_after=60)) as here:
        renditions = here.renditions
        asked = renditions.read("quad.png?wid=20")
        planned = await renditions.plan(asked)
        first = await renditions.make(planned)
        looks = here.origin.opened
        for _ in range(5):
            # neither parsed nor planned again, and no file is looked at
            assert renditions.read("quad.png?wid=20") is asked
            assert await renditions.plan(asked) is planned
            assert (await renditions.make(planned)).data is first.data
        assert here.origin.opened == looks
        assert (here.pool.probes, here.pool.renders) == (1, 1)


async def test_another_size_of_the_same_is_not_probed_again(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        for width in (5, 6, 7):
            await here.get(f"quad.png?wid={width}")
        assert (here.pool.probes, here.pool.renders) == (1, 3)


class Clock:
    """The monotonic time as a test has it: it goes on by itself, and faster when told so."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of services that are made in the test."""
    made = Clock()
    monkeypatch.setattr("proxy.service.time", made)
    return made


async def test_a_replaced_original_shows_up_after_a_while(tmp_path: Path, clock: Clock) -> None:
    async with house(tmp_path, ServiceConfig(validate_after=600)) as here:
        before = await here.get("quad.png?fmt=png")
        replace_original(here.images, BLUE)
        assert (await here.get("quad.png?fmt=png")).etag == before.etag
        clock.ahead += 601
        after = await here.get("quad.png?fmt=png")
        assert after.made
        assert after.etag != before.etag
        assert after.key != before.key
        assert not (await here.get("quad.png?fmt=png")).made


async def test_an_original_that_goes_is_missed_after_a_while(tmp_path: Path, clock: Clock) -> None:
    async with house(tmp_path, ServiceConfig(validate_after=600)) as here:
        await here.get("quad.png")
        (here.images / "quad.png").unlink()
        assert not (await here.get("quad.png")).made
        clock.ahead += 601
        with pytest.raises(Missing):
            await here.get("quad.png")


async def test_without_a_while_every_request_looks(tmp_path: Path) -> None:
    async with house(tmp_path, ServiceConfig(validate_after=0)) as here:
        tags = set()
        for color in (RED, GREEN, BLUE):
            replace_original(here.images, color)
            tags.add((await here.get("quad.png?fmt=png")).etag)
        assert len(tags) == 3


@pytest.mark.parametrize("word", ["validate", "update"])
async def test_validation_may_be_asked_for(tmp_path: Path, word: str) -> None:
    async with house(tmp_path, ServiceConfig(validate_after=60)) as here:
        before = await here.get("quad.png?fmt=png")
        await here.get(f"quad.png?fmt=png&cache={word}")
        replace_original(here.images, BLUE)
        after = await here.get(f"quad.png?fmt=png&cache={word}")
        assert after.etag != before.etag


@pytest.mark.parametrize(
    ("cache", "made", "kept"),
    [
        ("on", [True, False], True),
        ("on,on", [True, False], True),
        ("off", [True, True], False),
        ("on,off", [True, True], False),
        ("off,off", [True, True], False),
        ("off,on", [True, False], True),
        ("update", [True, True], True),
        ("validate", [True, False], True),
    ],
)
async def test_the_words_of_cache(tmp_path: Path, cache: str, made: list[bool], kept: bool) -> None:  # noqa: FBT001  # a column
    async with house(tmp_path) as here:
        assert [(await here.get(f"quad.png?cache={cache}")).made for _ in range(2)] == made
        assert (not (await here.get("quad.png")).made) is kept


async def test_cache_off_takes_what_is_there_from_nobody(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.get("quad.png")
        assert (await here.get("quad.png?cache=off")).made
        assert not (await here.get("quad.png")).made


async def test_a_default_image_gives_way_to_the_image(tmp_path: Path) -> None:
    async with house(tmp_path, ServiceConfig(validate_after=0)) as here:
        target = "lost.png?defaultImage=quad.png&wid=20"
        planned = await here.renditions.plan(here.renditions.read(target))
        assert planned.is_default
        assert planned.answered.object == "quad.png"
        Image.new("RGB", (10, 10), RED).save(here.images / "lost.png")
        planned = await here.renditions.plan(here.renditions.read(target))
        assert not planned.is_default
