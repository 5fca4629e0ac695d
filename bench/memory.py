"""Resident memory of the server during one large export, and the time to the export's first byte.

An export of many renditions (POST /export, fmt convert) is read as a stream and thrown away, while the resident memory
of the front process and of its children is looked at every 20 ms. No rendition is kept in memory unless asked for, so
that growth is the export's own; a second export of the same (``--exports 2``) tells what was filled once from what grows
every time. Resident sizes of several processes count shared pages once per process.

    python bench/memory.py [--json] [--renditions N] [--width W] [--cache SIZE] [--exports N]
"""

import argparse
import hashlib
import http.client
import json
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import inputs
import processes
import servers
from load import HOST, LoadError

SAMPLE_SECONDS = 0.02
REPLY_SECONDS = 600.0
PIECE = 256 * 1024
MB = 1e6


@dataclass(frozen=True, slots=True)
class Resident:
    """Resident memory in MB: of the front process, and of its children together."""

    front: float
    children: float

    @classmethod
    def now(cls, pid: int) -> "Resident":
        """What the server with this process id takes now."""
        front, *children = processes.tree(pid)
        return cls(processes.resident(front) / MB, sum(map(processes.resident, children)) / MB)


@dataclass(slots=True)
class Peak:
    """The largest sizes seen so far; kept up to date by ``watched`` in a thread of its own."""

    front: float = 0.0
    children: float = 0.0
    samples: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def watch(self, pid: int) -> None:
        """Look until ``done`` is set."""
        while not self.done.wait(SAMPLE_SECONDS):
            seen = Resident.now(pid)
            self.front, self.children = max(self.front, seen.front), max(self.children, seen.children)
            self.samples += 1


@contextmanager
def watched(pid: int) -> Iterator[Peak]:
    """Watch a server's memory during the block."""
    peak = Peak()
    thread = threading.Thread(target=peak.watch, args=(pid,))
    thread.start()
    try:
        yield peak
    finally:
        peak.done.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class Stream:
    """How a reply came: its size in MB, seconds until its headers, its first byte and its end."""

    size: float
    headers: float
    first_byte: float
    end: float


def export(port: int, token: str, job: dict[str, object]) -> Stream:
    """Ask for an export and read it to its end, keeping nothing.

    Raises:
        LoadError: it was refused.
    """
    connection = http.client.HTTPConnection(HOST, port, timeout=REPLY_SECONDS)
    began = time.monotonic()
    try:
        fields = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", "/export", json.dumps(job), fields)
        reply = connection.getresponse()
        headers = time.monotonic() - began
        if reply.status != 200:
            raise LoadError(f"/export was answered {reply.status}: {reply.read()[:500]!r}")
        size = len(reply.read(1))
        first_byte = time.monotonic() - began
        while piece := reply.read1(PIECE):
            size += len(piece)
        return Stream(size / MB, headers, first_byte, time.monotonic() - began)
    finally:
        connection.close()


def originals(folder: Path, number: int) -> list[str]:
    """Fill a folder with so many originals under different names, all links to a few files of 2 MP; the names."""
    files = next(kind for kind in inputs.KINDS if kind.name == "2 MP JPEG").files
    names = [f"{at:05}{files[0].suffix}" for at in range(number)]
    for at, name in enumerate(names):
        (folder / name).hardlink_to(files[at % len(files)])
    return names


@dataclass(frozen=True, slots=True)
class Figures:
    """Memory before, at its highest and after, and how the export came."""

    before: Resident
    peak: Resident
    after: Resident
    samples: int
    stream: Stream


def measure(folder: Path, renditions: int, width: int, cache: str, exports: int) -> list[Figures]:
    """Start a server, export a little to have everything loaded, then export and watch, so many times."""
    images = folder / "images"
    images.mkdir()
    names = originals(images, renditions)
    token = secrets.token_urlsafe()
    section = f'[export]\ntokens = ["{hashlib.sha256(token.encode()).hexdigest()}"]'
    job: dict[str, object] = {"fmt": "convert", "is_modifier": f"wid={width}&fmt=jpeg&qlt=85"}
    found = []
    with servers.isproxy(images, folder, memory=cache, more=section) as server:
        export(server.port, token, job | {"assetHandleArray": names[:20]})
        for _ in range(exports):
            before = Resident.now(server.pid)
            with watched(server.pid) as peak:
                stream = export(server.port, token, job | {"assetHandleArray": names})
            after = Resident.now(server.pid)
            found.append(Figures(before, Resident(peak.front, peak.children), after, peak.samples, stream))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Resident memory of this server during a large export.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--renditions", type=int, default=2000)
    parser.add_argument("--width", type=int, default=800)
    parser.add_argument("--cache", default="0", help='size of the rendition cache in memory, such as "64MB"; none by default')
    parser.add_argument("--exports", type=int, default=1, help="how many exports, one after the other")
    given = parser.parse_args()
    machine = processes.machine("aiohttp", "pillow", "uvloop")
    inputs.make(lambda line: print(line, file=sys.stderr, flush=True))
    with tempfile.TemporaryDirectory(dir=inputs.FOLDER) as folder:
        results = measure(Path(folder), given.renditions, given.width, given.cache, given.exports)
    if given.json:
        print(json.dumps({"machine": machine, "given": vars(given), "results": [asdict(one) for one in results]}, indent=2))
        return
    print("\n".join(f"{what}: {value}" for what, value in machine.items()))
    for figures in results:
        print(report(figures, given.renditions, given.width))


def report(figures: Figures, renditions: int, width: int) -> str:
    """The figures in words and as a table in Markdown."""
    before, peak, after, stream = figures.before, figures.peak, figures.after, figures.stream
    rows = [(which, *(getattr(one, which) for one in (before, peak, after))) for which in ("front", "children")]
    lines = [
        f"\nexport: {renditions} renditions {width} pixels wide of 2 MP JPEG, {stream.size:.1f} MB in {stream.end:.1f} s",
        f"headers after {stream.headers * 1000:.0f} ms, first byte after {stream.first_byte * 1000:.0f} ms",
        f"samples of memory: {figures.samples}\n",
        "| resident MB | before | peak | after | growth to peak | growth left |",
        "| --- | --: | --: | --: | --: | --: |",
        *(f"| {name} | {b:.1f} | {p:.1f} | {a:.1f} | {p - b:.1f} | {a - b:.1f} |" for name, b, p, a in rows),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
