import asyncio
import threading
import time
from collections.abc import Generator
from contextlib import suppress

import pytest

from proxy.cli.warm_client import Feed, Pace


async def test_a_feed_takes_no_more_than_is_asked_for() -> None:
    given: list[int] = []

    def texts() -> Generator[str]:
        for number in range(100):
            given.append(number)
            yield str(number)

    feed = Feed(texts())
    assert list(await asyncio.gather(feed.take(), feed.take(), feed.take())) == ["0", "1", "2"]
    await asyncio.sleep(0.05)
    assert given == [0, 1, 2]
    feed.close()


async def test_a_feed_ends_and_is_closed() -> None:
    closed = threading.Event()

    def texts() -> Generator[str]:
        try:
            yield "a"
            yield "b"
        finally:
            closed.set()

    feed = Feed(texts())
    assert await feed.take() == "a"
    feed.close()
    assert await asyncio.to_thread(closed.wait, 5)

    feed = Feed(text for text in ("a",))
    assert [await feed.take() for _ in range(3)] == ["a", None, None]
    feed.close()


async def test_an_error_of_the_input_reaches_whoever_waits() -> None:
    def texts() -> Generator[str]:
        yield "a"
        raise ZeroDivisionError

    feed = Feed(texts())
    assert await feed.take() == "a"
    with pytest.raises(ZeroDivisionError):
        await feed.take()
    assert await feed.take() is None
    feed.close()


async def test_whoever_stops_waiting_does_not_disturb_the_feed() -> None:
    go = threading.Event()

    def texts() -> Generator[str]:
        go.wait(5)
        yield "a"
        yield "b"

    feed = Feed(texts())
    with suppress(TimeoutError):
        await asyncio.wait_for(feed.take(), 0.05)
    go.set()
    assert await feed.take() == "b"
    feed.close()


@pytest.mark.parametrize(("rate", "least", "most"), [(0, 0.0, 0.1), (100, 0.19, 0.6)])
async def test_a_pace_spaces_its_turns(rate: float, least: float, most: float) -> None:
    pace = Pace(rate)
    began = time.monotonic()
    await asyncio.gather(*(pace.turn() for _ in range(21)))
    assert least <= time.monotonic() - began <= most
