"""Workers that die, hang or have too much to do: one request pays for it, the next one is answered."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from tests.serving import RED, Server, processor_time, quadrants, serving, wait_until

SECONDS = 2
SLOW = "quad.png?scale=160&scl=1&rotate=33&fmt=png"
"""Takes a worker far longer than it may take."""

_TICKS = 2
"""Hundredths of a second of processor time in a tenth, from which on a worker is at work; one that waits uses none."""

_numbers = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("workers")
    (folder / "images").mkdir()
    quadrants(40, 30).save(folder / "images/quad.png")
    limits = {"render_seconds": SECONDS, "queue": 3}
    with serving(folder, {"server": {"render_workers": 1}, "limits": limits}) as running:
        yield running


def fresh() -> str:
    """A rendition that nobody has asked for yet."""
    return f"quad.png?fmt=png&wid=44&hei=30&bgc={next(_numbers):06x}"


def slow() -> str:
    """A slow rendition that nobody has asked for yet."""
    return f"{SLOW}&opac={next(_numbers) % 100}"


def works(server: Server) -> bool:
    reply = server.image(fresh())
    return reply.status == 200 and reply["X-Cache"] == "miss" and reply.pixel(5, 5)[:3] == RED


def busy(server: Server) -> bool:
    """Whether a worker uses its processor."""
    before = {pid: processor_time(pid) for pid in server.workers()}
    time.sleep(0.1)
    return any(processor_time(pid) - spent >= _TICKS for pid, spent in before.items())


def test_a_worker_that_is_killed_is_replaced(server: Server) -> None:
    assert works(server)
    with ThreadPoolExecutor(1) as pool:
        doomed = pool.submit(server.image, slow())
        assert wait_until(lambda: busy(server))
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        reply = doomed.result()
    # its job is begun once more, and takes as long as before
    assert reply.status == 504
    assert reply["Cache-Control"] == "no-store"
    assert "Traceback" not in reply.text
    assert works(server)
    assert server.workers() != [worker]
    assert "exit code" in server.log


def test_an_idle_worker_that_is_killed_costs_nothing(server: Server) -> None:
    assert works(server)
    (worker,) = server.workers()
    os.kill(worker, signal.SIGKILL)
    time.sleep(0.5)
    assert works(server)
    (worker,) = server.workers()
    os.kill(worker, signal.SIGKILL)
    assert works(server)


def test_a_rendering_that_takes_too_long(server: Server) -> None:
    begun = time.monotonic()
    reply = server.image(slow())
    assert reply.status == 504
    assert f"more than {SECONDS} seconds" in reply.text
    assert reply["Cache-Control"] == "no-store"
    assert SECONDS <= time.monotonic() - begun < SECONDS + 10
    assert works(server)


def test_a_queue_that_is_full(server: Server) -> None:
    # one at work, three in the queue; all others are sent away at once
    with ThreadPoolExecutor(13) as pool:
        first = pool.submit(server.image, slow())
        assert wait_until(lambda: busy(server))
        # in JSON form too, since a script that is told to come again would not hear of it
        others = list(pool.map(server.image, [fresh() + form for form in ("", "&req=loadcache,json&id=1") for _ in range(6)]))
        assert first.result().status == 504
    refused = [reply for reply in others if reply.status == 503]
    assert len(refused) == 9
    assert [reply.status for reply in others if reply not in refused] == [200] * 3
    for reply in refused:
        assert reply["Retry-After"] == "1"
        assert reply["Cache-Control"] == "no-store"
        assert "busy" in reply.text
    assert works(server)


def test_what_is_cached_is_served_while_all_is_busy(server: Server) -> None:
    known = fresh()
    assert server.image(known).status == 200
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(server.image, slow())
        assert wait_until(lambda: busy(server))
        begun = time.monotonic()
        assert server.image(known)["X-Cache"] == "hit"
        assert server.image("quad.png?req=exists").status == 200
        assert server.ask("/healthz").status == 200
        assert time.monotonic() - begun < SECONDS / 2
        assert first.result().status == 504
