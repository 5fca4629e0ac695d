"""One flight a key: joined, not repeated; shared errors; cancelled by the last who leaves."""

import asyncio
from dataclasses import dataclass, field

import pytest

from proxy.cache.flight import Flights


@dataclass
class Work:
    """Work that ends when it is told to, and remembers what became of it."""

    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0
    cancelled: int = 0

    async def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return number


async def joined(flights: Flights[int], work: Work, count: int = 1, key: str = "a") -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(flights.join(key, work)) for _ in range(count)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_the_same_is_done_once() -> None:
    flights: Flights[int] = Flights()
    work = Work()
    tasks = await joined(flights, work, 20)
    assert (work.begun, len(flights)) == (1, 1)
    work.may_end.set()
    assert await asyncio.gather(*tasks) == [1] * 20
    assert len(flights) == 0


async def test_other_keys_are_other_work() -> None:
    flights: Flights[int] = Flights()
    work = Work()
    tasks = [*await joined(flights, work), *await joined(flights, work, key="b")]
    work.may_end.set()
    assert sorted(await asyncio.gather(*tasks)) == [1, 2]


async def test_nothing_is_remembered() -> None:
    flights: Flights[int] = Flights()
    work = Work()
    work.may_end.set()
    assert [await flights.join("a", work) for _ in range(3)] == [1, 2, 3]


async def test_an_error_is_everybodys() -> None:
    flights: Flights[int] = Flights()
    may_end = asyncio.Event()

    async def fail() -> int:
        await may_end.wait()
        raise ValueError("no")

    tasks = [asyncio.create_task(flights.join("a", fail)) for _ in range(3)]
    await asyncio.sleep(0)
    may_end.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [ValueError] * 3
    assert len(flights) == 0


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    flights: Flights[int] = Flights()
    work = Work()
    first, *others = await joined(flights, work, 3)
    first.cancel()
    await asyncio.sleep(0)
    assert work.cancelled == 0
    work.may_end.set()
    assert await asyncio.gather(*others) == [1, 1]
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_the_last_who_leaves_ends_it() -> None:
    flights: Flights[int] = Flights()
    work = Work()
    tasks = await joined(flights, work, 3)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)
    assert (work.cancelled, len(flights)) == (1, 0)


async def test_whoever_comes_after_the_end_begins_anew() -> None:
    flights: Flights[int] = Flights()
    work = Work()
    (first,) = await joined(flights, work)
    first.cancel()
    await asyncio.sleep(0)
    # the cancelled work may still be busy ending
    (second,) = await joined(flights, work)
    work.may_end.set()
    assert await second == 2
    assert work.begun == 2
    assert len(flights) == 0
