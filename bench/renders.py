"""Renditions per second: this server, the bare decode-resize-encode loop, and thumbor, in one run on the same files.

All are given the work of two processor cores at once: this server four connections over two render workers, thumbor two
processes with two connections each (a port each, so that neither process idles), the bare loop two processes. Nothing is
cached anywhere, and no two connections ask for the same file, so that no work is shared. Each case is measured in
rounds, the contestants one after the other in each round and in another order every time, so that a drift of the machine
meets all alike; figures are medians over the rounds, ratios medians of the ratios within a round, with the range in which
half of these lie. Sizes and SSIM (against Lanczos from every pixel of the original) stand beside the speed, since either
can be bought with the other.

    python bench/renders.py [--json] [--seconds S] [--rounds N] [--no-thumbor]
"""

import argparse
import io
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, median

import inputs
import loop
import processes
import servers
from likeness import ssim
from load import Connection, closed_loop, compared, fetch, rate
from PIL import Image

WIDTHS = (800, 300)
QUALITY = 85
PNG_LEVEL = 4
PROCESSES = 2
SETTINGS = {
    "JPEG": loop.Settings("JPEG", {"quality": QUALITY, "subsampling": "4:2:0"}),
    "PNG": loop.Settings("PNG", {"compress_level": PNG_LEVEL, "compress_type": 3}),
    "WEBP": loop.Settings("WEBP", {"quality": QUALITY, "method": 2}),
}
"""The encoder options of this server, which the bare loop has to use too: see the note below the table."""

SIZE_TOLERANCE = 0.01
OURS, BARE, THUMBOR = "isproxy", "bare loop", "thumbor"


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of original, made into renditions of one width in its own format."""

    kind: inputs.Kind
    width: int

    @property
    def title(self) -> str:
        """How tables name it."""
        return f"{self.kind.name} to {self.width}"


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something that makes renditions: the times of completions (see ``load.rate``), and one rendition of a file."""

    name: str
    run: Callable[[Case, float], list[list[float]]]
    one: Callable[[Case, Path], bytes]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one contestant in one case: renditions/s per round, mean bytes, mean SSIM."""

    rates: tuple[float, ...]
    size: float
    likeness: float


def _isproxy_target(case: Case, path: Path) -> str:
    quality = f"&qlt={QUALITY},0" if case.kind.format != "PNG" else ""
    return f"/is/image/{path.name}?wid={case.width}&fmt={case.kind.format.lower()}{quality}&resMode=sharp2"


def _thumbor_target(case: Case, path: Path) -> str:
    quality = f"quality({QUALITY}):" if case.kind.format != "PNG" else ""
    return f"/unsafe/{case.width}x0/filters:{quality}format({case.kind.format.lower()})/{path.name}"


def _served(name: str, ports: tuple[int, ...], target: Callable[[Case, Path], str]) -> Contestant:
    def run(case: Case, seconds: float) -> list[list[float]]:
        connections = [Connection(ports[at % len(ports)], (target(case, path),)) for at, path in enumerate(case.kind.files)]
        return closed_loop(connections, seconds)

    return Contestant(name, run, lambda case, path: fetch(ports[0], target(case, path)).body)


def _bare(bare: loop.Loop) -> Contestant:
    return Contestant(
        BARE,
        lambda case, seconds: bare.run(case.kind.files, case.width, SETTINGS[case.kind.format], seconds),
        lambda case, path: loop.render(path, case.width, SETTINGS[case.kind.format]),
    )


def contestants(stack: ExitStack, folder: Path, *, with_thumbor: bool) -> list[Contestant]:
    """Start them all; ``stack`` ends them."""
    bare = stack.enter_context(loop.running(PROCESSES))
    ours = stack.enter_context(servers.isproxy(inputs.FOLDER, folder, memory="0", workers=PROCESSES))
    found = [_served(OURS, (ours.port,), _isproxy_target), _bare(bare)]
    if with_thumbor:
        ports = tuple(
            stack.enter_context(servers.thumbor(inputs.FOLDER, folder, png_level=PNG_LEVEL, name=f"thumbor-{number}")).port
            for number in range(PROCESSES)
        )
        found.append(_served(THUMBOR, ports, _thumbor_target))
    return found


def _look(case: Case, contestant: Contestant) -> tuple[float, float]:
    sizes, likenesses = [], []
    for path in case.kind.files:
        data = contestant.one(case, path)
        with Image.open(io.BytesIO(data)) as image:
            likenesses.append(ssim(image.convert("RGB"), loop.reference(path, case.width)))
        sizes.append(len(data))
    return fmean(sizes), fmean(likenesses)


def measure(field: list[Contestant], case: Case, rounds: int, seconds: float) -> dict[str, Figures]:
    """One case: every contestant in every round, by the contestant's name."""
    looks = {contestant.name: _look(case, contestant) for contestant in field}
    rates: dict[str, list[float]] = {contestant.name: [] for contestant in field}
    for number in range(rounds):
        first = number % len(field)
        for contestant in field[first:] + field[:first]:
            rates[contestant.name].append(rate(contestant.run(case, seconds)))
    return {name: Figures(tuple(rates[name]), *looks[name]) for name in rates}


def table(results: dict[str, dict[str, Figures]]) -> str:
    """The results as a table in Markdown."""
    names = list(next(iter(results.values())))
    others = [name for name in names if name != OURS]
    heads = [
        "case",
        *(f"{name} /s" for name in names),
        *(f"{OURS} / {name}" for name in others),
        f"KiB ({', '.join(names)})",
        f"SSIM ({', '.join(names)})",
    ]
    lines = [heads, ["---", *("--:" for _ in heads[1:])]]
    for title, figures in results.items():
        lines.append(
            [
                title,
                *(f"{median(figures[name].rates):.1f}" for name in names),
                *(compared(figures[OURS].rates, figures[name].rates) for name in others),
                ", ".join(f"{figures[name].size / 1024:.1f}" for name in names),
                ", ".join(f"{figures[name].likeness:.4f}" for name in names),
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def notes(results: dict[str, dict[str, Figures]]) -> list[str]:
    """What has to be said of the results: cases in which the bare loop does not write what the server writes."""
    return [
        f"{title}: {OURS} and the {BARE} write different sizes, so SETTINGS are not the server's and their ratio says little"
        for title, figures in results.items()
        if abs(figures[OURS].size / figures[BARE].size - 1) > SIZE_TOLERANCE
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Renditions per second of this server, the bare loop and thumbor.")
    parser.add_argument("--json", action="store_true", help="print every round's figures as JSON")
    parser.add_argument("--seconds", type=float, default=1.5, help="seconds per contestant, case and round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-thumbor", action="store_true", help="leave thumbor out: nothing is installed")
    given = parser.parse_args()
    machine = processes.machine("aiohttp", "pillow", "uvloop")
    if not given.no_thumbor:
        machine["thumbor"] = servers.install_thumbor()
    inputs.make(_say)
    results = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        field = contestants(stack, Path(folder), with_thumbor=not given.no_thumbor)
        for case in (Case(kind, width) for kind in inputs.KINDS for width in WIDTHS):
            _say(case.title)
            results[case.title] = measure(field, case, given.rounds, given.seconds)
    if given.json:
        figures = {title: {name: asdict(one) for name, one in by_name.items()} for title, by_name in results.items()}
        print(json.dumps({"machine": machine, "settings": _settings(), "results": figures}, indent=2))
        return
    print("\n".join(f"{name}: {value}" for name, value in (machine | _settings()).items()))
    print(f"rounds: {given.rounds} of {given.seconds:g} s per case and contestant\n")
    print("\n".join([table(results), *notes(results)]))


def _settings() -> dict[str, str]:
    bare = "; ".join(
        f"{one.format} {', '.join(f'{name} {value}' for name, value in one.options.items())}" for one in SETTINGS.values()
    )
    return {"concurrency": f"{len(inputs.PHOTOGRAPHS)} connections, {PROCESSES} render processes each", "bare loop": bare}


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
