"""What became of the requests: the counts, the latencies in bounded memory, the progress on stderr and the final report.

Knows how a run is told to a person. It must not know how requests are made.
"""

import asyncio
import math
import sys
import time
from collections import Counter
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

_SHORTEST = 1e-4  # seconds; anything faster counts as this
_RATIO = 1.02
_BUCKETS = 1000  # up to 1e-4 s · 1.02^1000, about eleven hours
_BAR_EVERY, _LINE_EVERY = 0.1, 2.0  # seconds
_EXAMPLES = 5
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


class Latencies:
    """Any number of durations in a fixed number of counters, each a fiftieth wider than the one before."""

    def __init__(self) -> None:
        self._counts = [0] * (_BUCKETS + 1)
        self._total = 0

    def add(self, seconds: float) -> None:
        """Count a duration."""
        bucket = int(math.log(max(seconds, _SHORTEST) / _SHORTEST, _RATIO))
        self._counts[min(bucket, _BUCKETS)] += 1
        self._total += 1

    def quantile(self, share: float) -> float | None:
        """Return the duration in seconds, to 1 %, that ``share`` (0 to 1) of all do not exceed; ``None`` if there are none."""
        wanted = max(1, math.ceil(share * self._total))
        seen = 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if seen >= wanted:
                return _SHORTEST * math.pow(_RATIO, bucket + 0.5)
        return None


class Tally:
    """What became of the requests so far. Sizes are bytes, durations seconds."""

    def __init__(self) -> None:
        self.made = self.hits = self.failed = self.retries = self.size = 0
        self.latencies = Latencies()
        self.reasons: Counter[str] = Counter()
        self.examples: list[str] = []
        self.problems = 0
        self._began = time.monotonic()

    @property
    def requests(self) -> int:
        """How many URLs have been dealt with, failures included."""
        return self.made + self.hits + self.failed

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    def count(self, size: int, seconds: float, *, hit: bool) -> None:
        """Count a rendition that is in the cache now."""
        self.hits += hit
        self.made += not hit
        self.size += size
        self.latencies.add(seconds)

    def fail(self, url: str, kind: str, reason: str) -> None:
        """Count a URL that failed. ``kind`` is one of a few words, ``reason`` any text."""
        self.failed += 1
        self.reasons[kind] += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(f"{url}  {reason}")


def progress_line(tally: Tally) -> str:
    """Return the counts so far in one line."""
    rate = tally.requests / max(tally.elapsed, 1e-3)
    return f"{tally.requests} requests, {tally.made} made, {tally.hits} already there, {tally.failed} failed, {rate:.1f}/s"


async def show_progress(tally: Tally, share: Callable[[], float | None]) -> None:
    """Show the progress on stderr until cancelled: a bar on a terminal, else a plain line every other second.

    ``share`` says how much of the input has been read, from 0 to 1, or ``None`` while nobody can know.
    """
    if not sys.stderr.isatty():
        while True:
            await asyncio.sleep(_LINE_EVERY)
            print(f"isproxy warm: {progress_line(tally)}", file=sys.stderr, flush=True)  # noqa: T201  # what a command is for
    columns = (SpinnerColumn(), BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task(progress_line(tally), total=None)
        while True:
            known = share()
            bar.update(task, description=progress_line(tally), completed=known or 0, total=None if known is None else 1)
            bar.refresh()
            await asyncio.sleep(_BAR_EVERY)


def report(tally: Tally, *, interrupted: bool) -> str:
    """Return the final report, several lines."""
    retried = f" ({tally.retries} retries)" if tally.retries else ""
    reasons = ", ".join(f"{kind}: {count}" for kind, count in tally.reasons.most_common())
    rows = [
        ("requests", f"{tally.requests}{retried}"),
        ("made", str(tally.made)),
        ("already there", str(tally.hits)),
        ("failed", f"{tally.failed}{f' ({reasons})' if reasons else ''}"),
        ("bytes", _size(tally.size)),
        ("elapsed", f"{tally.elapsed:.1f} s ({tally.requests / max(tally.elapsed, 1e-3):.1f}/s)"),
        ("latency", f"p50 {_duration(tally.latencies.quantile(0.5))}, p95 {_duration(tally.latencies.quantile(0.95))}"),
    ]
    lines = [f"{name:<14}{value}" for name, value in rows]
    if tally.problems:
        lines.append(f"{'unreadable':<14}{tally.problems} inputs or parts of them")
    if tally.examples:
        lines += ["failures" if tally.failed <= _EXAMPLES else "first failures", *(f"  {text}" for text in tally.examples)]
    return "\n".join(["interrupted", *lines] if interrupted else lines)


def _size(size: float) -> str:
    unit = 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.1f} {_UNITS[unit]}" if unit else f"{size:.0f} {_UNITS[0]}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"
