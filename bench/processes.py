"""Processes: what /proc says of a server and its children, and servers started and ended for one measurement.

Linux only. Knows nothing of what the servers answer beyond a URL that replies 200 when they are ready.
"""

import os
import platform
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from load import HOST, LoadError, fetch

START_SECONDS = 30.0
STOP_SECONDS = 10.0
ROOT = Path(__file__).parent.parent
_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: the process that was started, and its port."""

    pid: int
    port: int


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: Sequence[str | Path], port: int, ready: str, log: Path) -> Iterator[Server]:
    """Start a server in the project's folder, wait until ``ready`` is answered 200, and end it with the block.

    ``ready`` is a request target. Its output goes to ``log``, whose end is shown if it does not start.

    Raises:
        LoadError: it ended or was not ready within ``START_SECONDS``.
    """
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT) as process,
    ):
        try:
            _wait(process, port, ready, log)
            yield Server(process.pid, port)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], port: int, ready: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            fetch(port, ready)
        except (OSError, EOFError, LoadError) as error:
            if process.poll() is not None or time.monotonic() > end:
                tail = log.read_text(errors="replace")[-2000:]
                raise LoadError(f"{process.args!r} is not ready: {error}\n{tail}") from error
            time.sleep(0.1)
        else:
            return


def tree(pid: int) -> list[int]:
    """A process and all its descendants, itself first; those that end meanwhile are left out."""
    found = [pid]
    for parent in found:
        for listing in (_PROC / str(parent) / "task").glob("*/children"):
            found += [int(child) for child in _text(listing).split()]
    return found


def resident(pid: int) -> int:
    """The resident memory of one process in bytes (VmRSS); 0 when it has ended."""
    for line in _text(_PROC / str(pid) / "status").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def cpu_seconds(pid: int) -> float:
    """Processor time used so far by a process and its living descendants, in seconds."""
    ticks = 0
    for member in tree(pid):
        fields = _text(_PROC / str(member) / "stat").rpartition(")")[2].split()
        ticks += sum(int(field) for field in fields[11:13])
    return ticks / _TICKS


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""  # the process ended between being listed and being read


def machine(*packages: str) -> dict[str, str]:
    """What the figures were taken on: processors, kernel, Python, the load before, versions of packages."""
    return {
        "processors": f"{os.cpu_count()} x {_processor()}",
        "system": f"{platform.system()} {platform.release()}",
        "load before": f"{os.getloadavg()[0]:.2f}",
        "Python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


def _processor() -> str:
    for line in _text(_PROC / "cpuinfo").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
