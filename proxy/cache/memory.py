"""Renditions in memory: least recently used goes first, bounded by bytes."""

from collections.abc import Callable
from typing import Generic, TypeVar

from cachetools import LRUCache

V = TypeVar("V")

_OVERHEAD = 600
"""Bytes of a small entry beside its data: key, objects, table; measured with tracemalloc on CPython 3.11."""


class MemoryTier(Generic[V]):
    """A cache of at most ``capacity`` bytes; ``weigh`` says how many bytes a value's data has. 0 keeps nothing."""

    def __init__(self, capacity: int, weigh: Callable[[V], int]) -> None:
        self.capacity = capacity
        self._weigh = weigh
        self._entries: LRUCache[str, V] = LRUCache(max(capacity, 1), getsizeof=lambda value: weigh(value) + _OVERHEAD)
        self.hits = 0
        self.misses = 0

    def get(self, key: str) -> V | None:
        """The value of a key, which becomes the most recently used one."""
        value = self._entries.get(key)
        if value is None:
            self.misses += 1
        else:
            self.hits += 1
        return value

    def peek(self, key: str) -> V | None:
        """The value of a key without counting it as a hit or a miss."""
        return self._entries.get(key)

    def put(self, key: str, value: V) -> None:
        """Keep a value; one that is larger than the whole cache is not kept."""
        if self._weigh(value) + _OVERHEAD <= self.capacity:
            self._entries[key] = value

    def drop(self, key: str) -> None:
        """Forget a value."""
        self._entries.pop(key, None)

    @property
    def bytes(self) -> int:
        """What the entries weigh now."""
        return int(self._entries.currsize)

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self._entries)
