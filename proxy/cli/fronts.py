"""Several front processes on one port, and a parent that keeps them running (``server.processes``)."""

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from proxy.config import Config

_log = logging.getLogger(__name__)
_PATIENCE = 1.0
"""Seconds between looks at the fronts, and before one that ended is started again."""


def run_fronts(config: Path, settings: Config, port: int) -> int:
    """Start the fronts and wait; one that ends is started again. The exit status is 0 once they were told to stop.

    A front's standard input is a pipe from here, which tells it when this process has gone.
    """
    count = settings.server.processes
    workers = max(1, (settings.server.render_workers or os.cpu_count() or 1) // count)
    environment = {**os.environ, "ISPROXY_SERVER__RENDER_WORKERS": str(workers), "ISPROXY_SERVER__PORT": str(port)}
    command = [sys.executable, "-m", "proxy", "serve", "--config", str(config), "--front"]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE)  # noqa: S603  # our own command line

    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    fronts = [start() for _ in range(count)]
    while not stopping:
        time.sleep(_PATIENCE)
        for place, front in enumerate(fronts):
            if front.poll() is not None and not stopping:
                _log.error("a front ended with exit code %s and is started again", front.returncode)
                fronts[place] = start()
    for front in fronts:
        front.terminate()
    for front in fronts:
        front.wait()
    return 0
