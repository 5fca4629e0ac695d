"""One flight a key: identical work that is under way is waited for, not done again."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class Flights(Generic[V]):
    """Work under way by key. It goes on while anybody waits for it and is cancelled when the last one has gone."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[V]] = {}
        self._waiting: dict[str, int] = {}

    async def join(self, key: str, make: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """The result of ``make``, or of the same work somebody else has begun; an error is everybody's."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(make())
            task.add_done_callback(lambda done: self._landed(key, done))
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            # shielded: a client that goes away must not take the result from the others
            return await asyncio.shield(task)
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]
                if not task.done():
                    task.cancel()
                    self._landed(key, task)

    def _landed(self, key: str, task: asyncio.Task[V]) -> None:
        # another flight of the same key may have begun since
        if self._tasks.get(key) is task:
            del self._tasks[key]

    def __len__(self) -> int:
        """How many pieces of work are under way."""
        return len(self._tasks)
