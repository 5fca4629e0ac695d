"""A run: requests by their numbers over several connections, what was wrong with the replies, and what the server looks like.

Request ``number`` of a seed is the same for ever and can be made alone.
"""

import asyncio
import itertools
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import quote

from proxy.cli.check import not_built
from tests.fuzz.ask import Ask
from tests.fuzz.ground import PATIENCE, Ground
from tests.fuzz.images import Images
from tests.fuzz.judge import Wrong, judge
from tests.fuzz.others import Others
from tests.fuzz.shrink import shrunk
from tests.fuzz.wire import Connection, NoReplyError, Reply
from tests.serving import Server, processor_time

MODES: Final = {"image": 78, "hostile": 7, "header": 4, "content": 4, "export": 4, "elsewhere": 1, "raw": 2}
"""Kinds of requests, and how many of a hundred are of each."""

MOST_MEMORY: Final = 900 * 2**20
"""Bytes that no process of the server may come to hold here: its cache takes 64 MB, a worker's pictures rather less."""

SLOW: Final = 2.0
"""Seconds that a reply may take at the sizes allowed here."""

_LONG: Final = ("slow", "no reply in time", "status 504")
"""Symptoms that a busy machine has as well."""

_LOOK_EVERY: Final = 1.0
_TIMES: Final = 3
_NOBODY: Final = -1
_IDLE: Final = 0.05
"""Seconds of processor time in a second that a server uses which does nothing."""

_LONGEST_WAIT: Final = PATIENCE + 20
_PAGE: Final = 4096
_LOGGED: Final = re.compile(r"^\S+ \S+ (?:ERROR|CRITICAL) .*$|^Traceback .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: which request, what was wrong with the reply. ``number`` is ``_NOBODY`` where none is to blame."""

    number: int
    ask: Ask
    wrong: Wrong
    seconds: float = 0.0
    shrunk: Ask | None = None

    @property
    def sort(self) -> str:
        """What findings have in common that have one cause, as far as can be told."""
        return self.wrong.symptom + re.sub(r"[^a-z ]+", "", self.wrong.seen.lower())[:60]

    def line(self, seed: int, mode: str) -> str:
        """The finding as a line of JSON."""
        told = {"seed": seed, "mode": mode, "number": self.number, "symptom": self.wrong.symptom, "seen": self.wrong.seen}
        told |= {"seconds": round(self.seconds, 2), "ask": self.ask.line()}
        return json.dumps(told | ({"shrunk": self.shrunk.line()} if self.shrunk is not None else {}))


@dataclass(slots=True)
class Outcome:
    """What came of a run."""

    asked: int = 0
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    pixels: int = 0
    findings: list[Finding] = field(default_factory=list)
    slowest: list[tuple[float, int, int, str]] = field(default_factory=list)
    memory: list[tuple[int, int]] = field(default_factory=list)
    """Bytes of the front and of the largest worker, in the order of time."""
    workers: set[int] = field(default_factory=set)

    def note(self, number: int, ask: Ask, reply: Reply) -> None:
        """Count a reply."""
        self.statuses[reply.status] += 1
        self.pixels += reply.status in (200, 206) and reply.media_type.startswith("image/")
        self.slowest.append((round(reply.seconds, 2), number, reply.status, ask.line()[:300]))
        if len(self.slowest) > 200:  # sorted now and then only
            self.slowest = sorted(self.slowest, reverse=True)[:15]


class Maker:
    """Requests by their numbers."""

    def __init__(self, ground: Ground, seed: int, mode: str = "all") -> None:
        self._images = Images(ground.names)
        self._others = Others(self._images, ground.grounds)
        self._seed, self._mode = seed, mode

    def ask(self, number: int) -> Ask:
        """Request ``number``."""
        rng = Random(f"{self._seed}:{self._mode}:{number}")  # it has to come again, not to be secret
        mode = rng.choices(list(MODES), list(MODES.values()))[0] if self._mode == "all" else self._mode
        match mode:
            case "image":
                return Ask(_sendable(self._images.target(rng)))
            case "header":
                return self._others.with_headers(rng, Ask(_sendable(self._images.target(rng))))
        made: Ask = getattr(self._others, mode)(rng)
        return made if mode == "raw" else Ask(_sendable(made.target), made.method, made.headers, made.body)


def _sendable(target: str) -> str:
    """A target that is one word of ASCII, as clients send it."""
    return quote(target, safe=_PLAINLY, errors="surrogateescape")


_PLAINLY: Final = "".join(map(chr, range(33, 127)))


async def run(
    ground: Ground, server: Server, asks: Iterable[tuple[int, Ask]], *, connections: int = 6, every: int = 6, quiet: bool = True
) -> Outcome:
    """Ask everything, and say what was wrong.

    Args:
        ground: where it is tried.
        server: the server, which runs.
        asks: the requests and their numbers.
        connections: how many are asked at the same time.
        every: one body of so many is looked into.
        quiet: do not print how far it is.
    """
    outcome, unbuilt, queue = Outcome(), tuple(not_built()), iter(asks)
    started = time.monotonic()

    async def work() -> None:
        connection = Connection(server.port, _LONGEST_WAIT)
        for number, ask in queue:
            outcome.asked += 1
            finding = await _asked(ground, connection, number, ask, outcome, unbuilt, thoroughly=number % every == 0)
            if finding is not None:
                outcome.findings.append(finding)
        connection.close()

    watcher = asyncio.create_task(_watch(server, outcome, started, quiet=quiet))
    try:
        await asyncio.gather(*(work() for _ in range(connections)))
    finally:
        watcher.cancel()
    outcome.seconds = time.monotonic() - started
    outcome.slowest.sort(reverse=True)
    outcome.findings += [Finding(_NOBODY, _PLAIN, Wrong("in the log", line)) for line in logged(server)]
    outcome.findings += await _afterwards(server, outcome)
    return outcome


_PLAIN: Final = Ask("/is/image/conf/quad?wid=33&fmt=png")


async def _asked(
    ground: Ground, connection: Connection, number: int, ask: Ask, outcome: Outcome, unbuilt: tuple[str, ...], *, thoroughly: bool
) -> Finding | None:
    try:
        with ground.damaged(ask):
            reply = await connection.ask(ask)
    except NoReplyError as error:
        return Finding(
            number, ask, Wrong("no reply in time" if isinstance(error.__cause__, TimeoutError) else "no reply", str(error))
        )
    outcome.note(number, ask, reply)
    wrong = judge(ask, reply, unbuilt, thoroughly=thoroughly)
    if wrong is None and reply.seconds > SLOW:
        wrong = Wrong("slow", "")
    return None if wrong is None else Finding(number, ask, wrong, reply.seconds)


async def _watch(server: Server, outcome: Outcome, started: float, *, quiet: bool) -> None:
    """Look at the server's processes again and again."""
    for count in itertools.count():
        workers = server.workers()
        outcome.workers |= set(workers)
        outcome.memory.append((resident(server.process.pid), max(map(resident, workers), default=0)))
        if not quiet and count % 10 == 9:  # now and then
            seconds = time.monotonic() - started
            statuses = " ".join(f"{status}:{many}" for status, many in outcome.statuses.most_common())
            front, worker = (size >> 20 for size in outcome.memory[-1])
            print(  # a run takes minutes
                f"{outcome.asked} asked, {outcome.asked / seconds:.0f}/s, {statuses}, {len(outcome.findings)} findings, "
                f"{front} + {worker} MB",
                flush=True,
            )
        await asyncio.sleep(_LOOK_EVERY)


def resident(pid: int) -> int:
    """Bytes of memory that a process holds, 0 if it has gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (FileNotFoundError, ProcessLookupError):
        return 0


def logged(server: Server) -> list[str]:
    """Errors and traces of the server's log."""
    return [line[:500] for line in _LOGGED.findall(server.log)]


async def _afterwards(server: Server, outcome: Outcome) -> list[Finding]:
    """What is wrong with the server when all is over."""
    found: list[Finding] = []
    connection = Connection(server.port, _LONGEST_WAIT)
    try:
        reply = await connection.ask(_PLAIN)
        if reply.status != 200 or reply.seconds > SLOW:  # OK
            found.append(Finding(_NOBODY, _PLAIN, Wrong("a plain request afterwards", f"{reply.status}"), reply.seconds))
    except NoReplyError as error:
        found.append(Finding(_NOBODY, _PLAIN, Wrong("a plain request afterwards", str(error))))
    finally:
        connection.close()
    front, worker = (max(sizes, default=0) for sizes in zip(*outcome.memory, strict=True))
    if max(front, worker) > MOST_MEMORY:
        found.append(Finding(_NOBODY, _PLAIN, Wrong("memory", f"front {front >> 20} MB, worker {worker >> 20} MB")))
    return found


def numbered(maker: Maker, first: int, count: int) -> Iterator[tuple[int, Ask]]:
    """Requests ``first`` and those that follow it."""
    return ((number, maker.ask(number)) for number in range(first, first + count))


async def confirmed(
    ground: Ground, findings: Iterable[Finding], most: int, tries: int = 100, tell: Callable[[str], None] = lambda _: None
) -> list[Finding]:
    """Ask again what was wrong, alone and of a new server without a cache, and make shorter what is wrong again.

    Of findings that look alike the first two are taken, and no more than ``most`` altogether. What took too long has to cost
    the server as much processor time: on a busy machine everything takes long. Of these, what was quick alone is left out;
    other findings that do not come again are kept as they are.
    """
    kept: list[Finding] = []
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        server: Server | None = None
        for finding in sorted(findings, key=lambda item: item.wrong.symptom in _LONG):
            counts[finding.sort] += 1
            if finding.number == _NOBODY:
                kept += [finding] if counts[finding.sort] == 1 else []
                continue
            slow = finding.wrong.symptom in _LONG
            if counts[finding.sort] > (most if slow else 2) or len(kept) >= most:
                continue
            server = server or stack.enter_context(ground.server(cache={"memory": 0, "validate_after": 0}))
            again = await _again(ground, server, finding, tries)
            if again is not None:
                tell(again.line(0, ""))
                kept.append(again)
    return kept


async def _again(ground: Ground, server: Server, finding: Finding, tries: int) -> Finding | None:
    connection, unbuilt = Connection(server.port, _LONGEST_WAIT), tuple(not_built())
    seen: list[Finding] = []

    long = finding.wrong.symptom in _LONG

    async def fails(ask: Ask) -> bool:
        before = _worked(server)
        found = await _asked(ground, connection, finding.number, ask, Outcome(), unbuilt, thoroughly=True)
        if found is None or (found.wrong.symptom not in _LONG if long else found.wrong.symptom != finding.wrong.symptom):
            return False
        # the work of a worker that was ended cannot be told any more
        if found.wrong.symptom == "slow" and _worked(server) - before < SLOW:
            return False
        seen.append(found)
        return True

    before = 0.0
    try:
        # a server that has just begun is busy with itself, its workers one after the other
        await connection.ask(_PLAIN)
        while _worked(server) - before > _IDLE:
            before = _worked(server)
            await asyncio.sleep(_LOOK_EVERY)
        # the first request of its kind has each worker load what it needs for it
        if not all([await fails(finding.ask) for _ in range(_TIMES if finding.wrong.symptom == "slow" else 1)]):
            return None if long else finding
        short = await shrunk(finding.ask, fails, min(tries, 30) if long else tries)
        return Finding(finding.number, finding.ask, seen[-1].wrong, seen[-1].seconds, short)
    finally:
        connection.close()


def _worked(server: Server) -> float:
    """Seconds of processor time that the server's processes have used so far."""
    return sum(map(processor_time, server.processes())) / 100
