"""Waiting for a busy server: an export is one client among others, and would rather take longer than lose assets."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from proxy.errors import Overloaded

A = TypeVar("A")
R = TypeVar("R")

PATIENCE: Final = 120.0
"""Seconds that one asset waits for room in the queue."""


async def patiently(call: Callable[[A], Awaitable[R]], argument: A) -> R:
    """Call, and call again while the server is overloaded.

    Raises:
        Overloaded: it still was after ``PATIENCE`` seconds. Whatever else the call raises goes through.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while True:
        try:
            return await call(argument)
        except Overloaded as error:
            if loop.time() >= until:
                raise
            await asyncio.sleep(error.retry_after)
