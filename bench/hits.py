"""Cached replies per second: this server against a bare aiohttp handler that returns the same bytes and headers.

One rendition is asked for again and again over keep-alive connections, of this server (one front process, its rendition
in memory) and of the bare handler (uvloop, one process) in turns, within one run; figures are medians over the rounds,
the ratio the median of the ratios within a round, with the range in which half of these lie. How busy the server and the
load generator were stands beside the figures: where the server is near 100 % and the generator well below it, the
generator is not what is measured. Neither server writes an access log unless ``--access-log`` asks it of this one.

    python bench/hits.py [--json] [--seconds S] [--rounds N] [--connections N] [--access-log]
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import inputs
import processes
import servers
from load import GENERATOR, Reply, compared, fetch, requests_per_second

WIDTHS = (300, 800)
PHOTOGRAPH = inputs.SAMPLES / "coffee.jpg"
OURS, BARE = "isproxy", "bare aiohttp"
_OWN = frozenset({"content-length", "date", "server", "connection", "keep-alive"})
"""Headers that the bare handler makes itself."""


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement: replies/s, and how busy the server and the generator were, in cores."""

    rate: float
    server: float
    generator: float


@contextmanager
def _both(target: str, ours: processes.Server, folder: Path) -> Iterator[tuple[dict[str, processes.Server], Reply]]:
    """The two servers by name, the bare one with the other's reply."""
    reply = fetch(ours.port, target)
    body, headers = folder / "body", folder / "headers.json"
    body.write_bytes(reply.body)
    headers.write_text(json.dumps({name: value for name, value in reply.headers.items() if name not in _OWN}))
    with servers.handler(body, headers, folder / "handler.log") as bare:
        yield {OURS: ours, BARE: bare}, reply


def measure(server: processes.Server, target: str, connections: int, seconds: int) -> Round:
    """One round of one server."""
    before, began = processes.cpu_seconds(server.pid), time.monotonic()
    spent = _generator_seconds()
    found = requests_per_second(server.port, target, connections, seconds)
    took = time.monotonic() - began
    return Round(
        found,
        (processes.cpu_seconds(server.pid) - before) / took,
        (_generator_seconds() - spent) / took,
    )


def _generator_seconds() -> float:
    """Processor time of this process and of its children that have ended: wrk, and no server, which still runs."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def table(results: dict[str, dict[str, list[Round]]]) -> str:
    """The results as a table in Markdown."""
    lines = [
        f"| reply | {OURS} /s | {BARE} /s | {OURS} / {BARE} | server busy | generator busy |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for title, by_name in results.items():
        ours, bare = by_name[OURS], by_name[BARE]
        ratio = compared([one.rate for one in ours], [one.rate for one in bare])
        busy = [
            ", ".join(f"{median(getattr(one, which) for one in rounds):.0%}" for rounds in (ours, bare))
            for which in ("server", "generator")
        ]
        rates = (f"{median(one.rate for one in rounds):.0f}" for rounds in (ours, bare))
        lines.append(f"| {' | '.join((title, *rates, ratio, *busy))} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Cached replies per second of this server and of a bare handler.")
    parser.add_argument("--json", action="store_true", help="print every round's figures as JSON")
    parser.add_argument("--seconds", type=int, default=1, help="seconds per server and round, at least 1")
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--access-log", action="store_true", help="have this server write its access log, as it does by default")
    given = parser.parse_args()
    machine = processes.machine("aiohttp", "uvloop") | {
        "generator": GENERATOR,
        "concurrency": f"{given.connections} keep-alive connections, one server process each",
        "access log": "on" if given.access_log else "off",
    }
    results: dict[str, dict[str, list[Round]]] = {}
    log = f"[log]\naccess = {str(given.access_log).lower()}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with servers.isproxy(inputs.SAMPLES, folder, memory="64MB", workers=1, more=log) as ours:
            for width in WIDTHS:
                target = f"/is/image/{PHOTOGRAPH.name}?wid={width}&fmt=jpeg&qlt=85"
                with _both(target, ours, folder) as (both, reply):
                    title = f"{width} pixels wide, {len(reply.body) / 1024:.1f} KiB"
                    print(title, file=sys.stderr, flush=True)
                    results[title] = _rounds(both, target, given.rounds, given.connections, given.seconds)
    if given.json:
        figures = {
            title: {server: [asdict(one) for one in rounds] for server, rounds in by_name.items()}
            for title, by_name in results.items()
        }
        print(json.dumps({"machine": machine, "results": figures}, indent=2))
        return
    print("\n".join(f"{what}: {value}" for what, value in machine.items()))
    print(f"rounds: {given.rounds} of {given.seconds} s per reply and server\n")
    print(table(results))


def _rounds(
    both: dict[str, processes.Server], target: str, rounds: int, connections: int, seconds: int
) -> dict[str, list[Round]]:
    found: dict[str, list[Round]] = {name: [] for name in both}
    for number in range(rounds):
        for name in sorted(both, reverse=number % 2 == 1):
            found[name].append(measure(both[name], target, connections, seconds))
    return found


if __name__ == "__main__":
    main()
