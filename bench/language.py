"""What reading a request costs, beside answering it from the cache; what a large catalog costs to load and to look up in.

Reading is catalogs, macros, variables and every value of a target of about 300 characters, and of a short one; nothing is
planned. The reply from the cache is timed on one kept-alive connection to a server of two render workers, so it holds a
client's share too. The catalog is written to a temporary folder and loaded in a process of its own, whose memory is looked
at.

    python bench/language.py [--json] [--records N] [--rounds N]
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from os import getpid
from pathlib import Path
from statistics import median

import processes
import servers
from load import Connection, closed_loop, rate

from proxy.catalog.store import load
from proxy.recipe.asked import Reader
from proxy.vocabulary import words

ROOT = Path(__file__).parent.parent.absolute()
SAMPLES, CATALOGS, MACROS = ROOT / "samples", ROOT / "samples" / "catalogs", ROOT / "macros"
LONG = (
    "samples/chelsea?$thumbnail$&wid=640&hei=480&fit=crop,1&align=0,-0.5&op_usm=1.2,1,5,0&fmt=webp&qlt=82,1&resMode=sharp2&bgc=f0f0f0"
    "&layer=1&src=samples/coffee&size=160,120&pos=120,-80&opac=80&rotate=-8&op_colorize=ff8800&blendMode=mult"
    "&layer=2&src=is(samples/rocket?crop=10,10,300,200&wid=100)&posN=-0.3,0.3&cache=on&.ts=1732200000"
)
SHORT = "samples/chelsea?wid=300"
CALLS = 500
MB = 1e6


@dataclass(frozen=True, slots=True)
class Reading:
    """Microseconds to read a target, and to have its picture from the cache; the median of the rounds."""

    characters: int
    read: float
    cached: float


@dataclass(frozen=True, slots=True)
class Loading:
    """A catalog in seconds, megabytes (after it was loaded, and at most while it was) and microseconds for each look-up."""

    records: int
    seconds: float
    resident: float
    peak: float
    look_up: float


def reading(rounds: int) -> list[Reading]:
    """Time both targets; every round has both ways of both."""
    reader = Reader(load(CATALOGS, MACROS), words())
    content = f'catalogs = "{CATALOGS}"\n        macros = "{MACROS}"'
    times: dict[str, tuple[list[float], list[float]]] = {target: ([], []) for target in (LONG, SHORT)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with servers.isproxy(SAMPLES / "images", folder, memory="256 MB", content=content) as server:
            for _ in range(rounds):
                for target, (read, cached) in times.items():
                    read.append(_timed(partial(reader.read, target)))
                    cached.append(1 / rate(closed_loop([Connection(server.port, (f"/is/image/{target}",))], 1.0)))
    return [Reading(len(target), *(median(values) * 1e6 for values in both)) for target, both in times.items()]


def _timed(call: Callable[[], object]) -> float:
    """Seconds of one call, of the CPU."""
    begin = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - begin) / CALLS


def loading(records: int) -> Loading:
    """Write a catalog of so many records, and load it in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "shop.ini").write_text("RootId=shop\nCatalogFile=shop.tab\n")
        with (folder / "shop.tab").open("w") as file:
            file.write("Id\tPath\tModifier\tExpiration\n")
            file.writelines(f"shoe-{n}\tshoes/{n % 1000}/{n}.tif\twid={n % 500 + 100}&qlt=85\t{n % 48}\n" for n in range(records))
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            return alone.submit(_load, folder, records).result()


def _load(folder: Path, records: int) -> Loading:
    with _peak() as most:
        begin = time.monotonic()
        catalogs = load(folder, None)
        seconds = time.monotonic() - begin
    resident = processes.resident(getpid()) / MB
    step = max(1, records // CALLS)
    begin = time.perf_counter()
    found = [catalogs.resolve(f"shop/shoe-{n}", None) for n in range(0, records, step)]
    look_up = (time.perf_counter() - begin) / len(found)
    if any(one.record is None for one in found):
        raise ValueError("a record that was written was not found")
    return Loading(records, seconds, resident, max(*most, resident), look_up * 1e6)


@contextmanager
def _peak() -> Iterator[list[float]]:
    """The resident sizes of this process while something is done, in MB."""
    seen = [0.0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            seen.append(processes.resident(getpid()) / MB)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--records", type=int, default=1_000_000, help="records of the catalog (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of reading (%(default)s)")
    asked = parser.parse_args()
    machine = processes.machine()
    read, loaded = reading(asked.rounds), loading(asked.records)
    if asked.json:
        sys.stdout.write(
            json.dumps({"machine": machine, "reading": [asdict(one) for one in read], "loading": asdict(loaded)}) + "\n"
        )
        return
    lines = [f"{name}: {value}" for name, value in machine.items()]
    lines += [
        f"{one.characters} characters: read in {one.read:.0f} us of CPU; a cached reply takes {one.cached:.0f} us, so reading is "
        f"{one.read / one.cached:.2f} of one"
        for one in read
    ]
    lines.append(
        f"{loaded.records} records: loaded in {loaded.seconds:.1f} s, "
        f"{loaded.resident:.0f} MB then ({loaded.peak:.0f} MB at most), a look-up "
        f"takes {loaded.look_up:.1f} us"
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
