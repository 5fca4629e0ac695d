"""The memory tier: bounded by bytes, the least recently used goes first."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.cache.memory import MemoryTier

OVERHEAD = 600


def tier(capacity: int) -> MemoryTier[bytes]:
    return MemoryTier(capacity, len)


def test_least_recently_used_goes_first() -> None:
    cache = tier(3 * (100 + OVERHEAD))
    for key in "abc":
        cache.put(key, bytes(100))
    assert cache.get("a") is not None
    cache.put("d", bytes(100))
    assert [key for key in "abcd" if cache.peek(key) is not None] == ["a", "c", "d"]


def test_peeking_is_no_use() -> None:
    cache = tier(2 * (100 + OVERHEAD))
    cache.put("a", bytes(100))
    cache.put("b", bytes(100))
    hits = cache.hits, cache.misses
    cache.peek("a")
    cache.peek("c")
    assert (cache.hits, cache.misses) == hits
    assert cache.get("c") is None
    assert cache.get("b") is not None
    assert (cache.hits, cache.misses) == (1, 1)


def test_what_is_larger_than_all_is_not_kept_and_drives_nothing_out() -> None:
    cache = tier(2000)
    cache.put("a", bytes(100))
    cache.put("b", bytes(2000))
    assert cache.peek("b") is None
    assert cache.peek("a") is not None
    cache.put("c", bytes(2000 - OVERHEAD))
    assert cache.peek("c") is not None


def test_a_key_holds_one_value() -> None:
    cache = tier(5000)
    cache.put("a", b"old")
    cache.put("a", b"newer")
    assert cache.peek("a") == b"newer"
    assert cache.bytes == 5 + OVERHEAD
    cache.drop("a")
    cache.drop("a")
    assert (cache.bytes, len(cache)) == (0, 0)


def test_no_capacity_keeps_nothing() -> None:
    cache = tier(0)
    cache.put("a", b"")
    assert cache.peek("a") is None


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 6000))), st.integers(0, 9000))
def test_never_more_than_it_may_hold(puts: list[tuple[str, int]], capacity: int) -> None:
    cache = tier(capacity)
    for key, size in puts:
        cache.put(key, bytes(size))
        assert cache.bytes <= capacity
        kept = [value for letter in "abcdefgh" if (value := cache.peek(letter)) is not None]
        assert sum(len(value) + OVERHEAD for value in kept) == cache.bytes
