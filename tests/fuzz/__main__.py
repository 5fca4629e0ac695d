"""Tries many requests on a server of its own, and says which of them it should not have answered in the way it did.

python -m tests.fuzz                                  100,000 requests of a new seed
python -m tests.fuzz --seed 7 --first 50000           another 100,000 of seed 7
python -m tests.fuzz --seed 7 --only 123              one request, printed with its reply
python -m tests.fuzz --kept                           every request that was answered wrongly once
"""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.fuzz.ask import read_file
from tests.fuzz.ground import foreign, prepare
from tests.fuzz.run import MODES, Maker, Outcome, confirmed, numbered, run
from tests.fuzz.wire import Connection

KEPT = Path(__file__).with_name("found.txt")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="which requests; a new one if not given")
    parser.add_argument("--first", type=int, default=0, help="number of the first request")
    parser.add_argument("--count", type=int, default=100_000, help="how many")
    parser.add_argument("--only", type=int, help="this request alone, and print the reply")
    parser.add_argument("--mode", choices=("all", *MODES), default="all", help="one kind of requests")
    parser.add_argument("--kept", action="store_true", help="the requests of found.txt")
    parser.add_argument("--connections", type=int, default=6)
    parser.add_argument("--findings", type=Path, default=Path("var/fuzz.jsonl"), help="the file that findings are added to")
    return parser.parse_args()


async def _only(folder: Path, given: argparse.Namespace) -> int:
    async with foreign() as port:
        ground = prepare(folder, port)
        ask = Maker(ground, given.seed, given.mode).ask(given.only)
        with ground.server() as server, ground.damaged(ask):
            print(ask.line())  # what was asked for
            reply = await Connection(server.port, 60).ask(ask)
            print(reply.status, f"{reply.seconds:.2f} s", reply.headers, reply.body[:600])  # likewise
    return 0


async def _all(folder: Path, given: argparse.Namespace) -> int:
    async with foreign() as port:
        ground = prepare(folder, port)
        asks = (
            enumerate(read_file(KEPT))
            if given.kept
            else numbered(Maker(ground, given.seed, given.mode), given.first, given.count)
        )
        print(f"seed {given.seed}, mode {given.mode}, from {given.first}", flush=True)  # to come back to it
        with ground.server() as server:
            outcome = await run(ground, server, asks, connections=given.connections, quiet=False)
        _tell(outcome)
        given.findings.parent.mkdir(exist_ok=True)
        outcome.findings = await confirmed(ground, outcome.findings, 60, tell=lambda line: print(line, flush=True))
        with given.findings.open("a") as file:
            file.writelines(finding.line(given.seed, given.mode) + "\n" for finding in outcome.findings)
        for finding in outcome.findings:
            print(finding.line(given.seed, given.mode))  # what this is for
    return 1 if outcome.findings else 0


def _tell(outcome: Outcome) -> None:
    lines = [f"{outcome.asked} requests in {outcome.seconds:.0f} s, {outcome.asked / outcome.seconds:.0f}/s"]
    lines += [f"  {status}  {many:7}  {100 * many / outcome.asked:5.1f} %" for status, many in sorted(outcome.statuses.items())]
    lines += [f"replies that are pictures: {100 * outcome.pixels / outcome.asked:.1f} %", "slowest:"]
    lines += [f"  {seconds:6.2f} s  {number:7}  {status}  {line[:160]}" for seconds, number, status, line in outcome.slowest[:10]]
    fifth = outcome.memory[len(outcome.memory) // 5 :]
    (front, worker), (last_front, last_worker) = fifth[0], fifth[-1]
    lines.append(
        f"memory from a fifth of the run on: front {front >> 20} to {last_front >> 20} MB, "
        f"largest worker {worker >> 20} to {last_worker >> 20} MB, at most {max(worker for _, worker in fifth) >> 20}"
    )
    lines.append(f"worker processes seen: {len(outcome.workers)}; findings: {len(outcome.findings)}")
    print("\n".join(lines), flush=True)  # what this is for


def main() -> int:
    """Run; the exit status is 1 if anything was found."""
    given = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run((_all if given.only is None else _only)(Path(folder), given))


if __name__ == "__main__":
    sys.exit(main())
