"""Load: closed loops of keep-alive connections over plain sockets, and wrk where it is installed.

A closed loop sends a connection's next request when the reply to the last one is complete. Knows HTTP/1.1 as far as
replies with a Content-Length; every reply but 200 is an error, so that no figure is made of refusals.
"""

import asyncio
import math
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import median, quantiles

import uvloop

HOST = "127.0.0.1"
WRK = shutil.which("wrk")
GENERATOR = "wrk" if WRK else "a closed loop in Python (uvloop, plain sockets)"
LEAST = 12
"""Completions that a rate is made of at least, however long they take."""
_WRK_RATE = re.compile(r"^Requests/sec:\s+([\d.]+)", re.MULTILINE)
_WRK_FAILURES = re.compile(r"^\s*(?:Socket errors|Non-2xx).*$", re.MULTILINE)


class LoadError(Exception):
    """A server answered with something that cannot be measured."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply with status 200: its headers by lower-case name, and its body."""

    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Connection:
    """What one connection of a closed loop does: its port, and the request targets that it asks for in turn."""

    port: int
    targets: tuple[str, ...]


def rate(series: Sequence[Sequence[float]]) -> float:
    """Completions per second of several that worked side by side, each given by the times (in seconds) of its completions.

    Counted from the first completion of all until the first of them stopped, so that neither the start nor the end weighs on it.

    Raises:
        LoadError: nothing to count.
    """
    end = min(stamps[-1] for stamps in series)
    counted = sorted(stamp for stamps in series for stamp in stamps if stamp <= end)
    if len(counted) < 2:
        raise LoadError("fewer than two completions: nothing to count")
    return (len(counted) - 1) / (counted[-1] - counted[0])


def compared(above: Sequence[float], below: Sequence[float]) -> str:
    """One contestant's rates by another's, round by round: the median of the ratios, and between which half of them lie."""
    ratios = [a / b for a, b in zip(above, below, strict=True)]
    if len(ratios) < 2:
        return f"{ratios[0]:.2f}"
    low, _, high = quantiles(ratios, n=4, method="inclusive")
    return f"{median(ratios):.2f} ({low:.2f}-{high:.2f})"


def fetch(port: int, target: str) -> Reply:
    """One GET on a connection of its own.

    Raises:
        LoadError: the status is not 200.
    """

    async def once() -> Reply:
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            writer.write(_request(port, target))
            return await _read(reader, target)
        finally:
            writer.close()

    return uvloop.run(once())


def closed_loop(connections: Sequence[Connection], seconds: float) -> list[list[float]]:
    """Run connections side by side for a number of seconds, and until there are ``LEAST`` replies of all.

    Gives for each connection the times at which its replies were complete, the last one after the end.

    Raises:
        LoadError: a reply was not 200.
    """

    async def run() -> list[list[float]]:
        end = time.monotonic() + seconds
        least = math.ceil(LEAST / len(connections))
        return await asyncio.gather(*(_run(connection, end, least) for connection in connections))

    return uvloop.run(run())


def requests_per_second(port: int, target: str, connections: int, seconds: float) -> float:
    """The rate at which one URL is answered over keep-alive connections: by wrk, else by ``closed_loop``.

    Raises:
        LoadError: a reply was not 200, or a connection broke.
    """
    if WRK is None:
        return rate(closed_loop([Connection(port, (target,))] * connections, seconds))
    command = [WRK, "--threads", "1", "--connections", str(connections), "--duration", f"{max(1, round(seconds))}s"]
    done = subprocess.run([*command, f"http://{HOST}:{port}{target}"], check=True, capture_output=True, text=True)
    failures = _WRK_FAILURES.search(done.stdout)
    found = _WRK_RATE.search(done.stdout)
    if failures or not found:
        raise LoadError(f"wrk on {target}: {failures.group().strip() if failures else done.stdout}")
    return float(found.group(1))


def _request(port: int, target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: {HOST}:{port}\r\nAccept: */*\r\n\r\n".encode("ascii")


async def _read(reader: asyncio.StreamReader, target: str) -> Reply:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if "content-length" not in headers:
        raise LoadError(f"{target} was answered without a Content-Length: {first!r}")
    body = await reader.readexactly(int(headers["content-length"]))
    if first.split()[1] != "200":
        raise LoadError(f"{target} was answered {first!r}: {body[:200]!r}")
    return Reply(headers, body)


async def _run(connection: Connection, end: float, least: int) -> list[float]:
    reader, writer = await asyncio.open_connection(HOST, connection.port)
    requests = cycle([(target, _request(connection.port, target)) for target in connection.targets])
    stamps: list[float] = []
    try:
        while time.monotonic() < end or len(stamps) < least:
            target, request = next(requests)
            writer.write(request)
            await _read(reader, target)
            stamps.append(time.monotonic())
    finally:
        writer.close()
    return stamps
