"""``isproxy serve`` as processes: how it starts, what it says, and that it leaves nothing behind."""

import json
import os
import shlex
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import RED, Server, command, configure, free_port, in_session, parent, quadrants, serving, wait_until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "catalogs").mkdir()
    quadrants(40, 30).save(tmp_path / "images/quad.png")
    (tmp_path / "catalogs/default.ini").write_text("RootId=\n")
    (tmp_path / "catalogs/shop.ini").write_text("RootId=shop\nCatalogFile=shop.tab\n")
    (tmp_path / "catalogs/shop.tab").write_text("Id\tPath\nempty\t\nquad\tquad.png\n")
    return tmp_path


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that a test starts by itself; whatever is left of their sessions is ended, and nothing may be."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    left = [pid for process in processes for pid in in_session(process.pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    for process in processes:
        process.wait()
    assert not left


def start(folder: Path, started: list[subprocess.Popen[bytes]], config: Path) -> subprocess.Popen[bytes]:
    with (folder / "output").open("wb") as output:
        line = command("serve", "--config", config)
        process = subprocess.Popen(line, stdout=output, stderr=output, start_new_session=True)  # noqa: S603  # our own
    started.append(process)
    return process


def ended_by_itself(config: Path) -> subprocess.CompletedProcess[str]:
    """A server that has a reason not to start."""
    line = command("serve", "--config", config)
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  # our own


def answers(server: Server) -> bool:
    reply = server.image("shop/quad?fmt=png")
    return reply.status == 200 and reply.pixel(1, 1)[:3] == RED


def test_one_process(folder: Path) -> None:
    with serving(folder, {"server": {"root_path": "/media/is-1"}, "log": {"access": True, "format": "json"}}) as server:
        base = f"http://127.0.0.1:{server.port}/media/is-1"
        first, _, curl = server.announced.splitlines()
        # something to look at: the first record that has an image
        assert first == f"isproxy serves {base}/is/image/shop/quad?wid=600"
        assert server.ask("/media/is-1/is/image/shop/quad?fmt=png").pixel(1, 1)[:3] == RED
        assert server.ask("/is/image/shop/quad").status == 404
        assert server.ask("/media/is-1/is/image/shop/quad", method="OPTIONS").status == 204
        assert server.ask("/healthz").status == 200
        _export_as_told(server, curl, base)
        token = folder / "var/export-token"
        assert stat.S_IMODE(token.stat().st_mode) == 0o600
        assert stat.S_IMODE(token.parent.stat().st_mode) == 0o700
        assert token.read_text().strip() in curl
        events = [json.loads(line) for line in server.log.splitlines()]
        assert {"GET", "OPTIONS"} <= {event.get("method") for event in events}
        seen = [event for event in events if event.get("target") == "/media/is-1/is/image/shop/quad?fmt=png"]
        assert (seen[0]["status"], seen[0]["cache"], seen[0]["client"]) == (200, "miss", "127.0.0.1")
        # what is secret is not logged
        assert token.read_text().strip() not in server.log


def _export_as_told(server: Server, line: str, base: str) -> None:
    """The command line that the server printed can be run as it is."""
    words = shlex.split(line)
    assert words[-1] == f"{base}/export"
    body = words[words.index("--json") + 1]
    kind, _, secret = words[words.index("-H") + 1].partition(": ")
    head = (
        f"POST {words[-1].partition(str(server.port))[2]} HTTP/1.1",
        *("Host: a", "Connection: close", "Content-Type: application/json"),
        *(f"{kind}: {secret}", f"Content-Length: {len(body)}"),
    )
    reply = server.send("\r\n".join((*head, "", body)).encode())
    assert reply.startswith(b"HTTP/1.1 200 "), reply[:300]
    assert b"application/zip" in reply


def test_the_token_is_kept(folder: Path) -> None:
    told = []
    for _ in range(2):
        with serving(folder) as server:
            told.append(server.announced.splitlines()[1:])
    assert told[0][0].startswith("exports need a bearer token; one is made")
    assert told[1][0].startswith("exports need a bearer token; one is kept")
    assert told[0][1].partition(" --json")[0] == told[1][1].partition(" --json")[0]


def test_a_token_that_others_may_read_is_refused(folder: Path) -> None:
    (folder / "var").mkdir()
    (folder / "var/export-token").write_text("x" * 43)
    (folder / "var/export-token").chmod(0o644)
    ended = ended_by_itself(configure(folder))
    assert ended.returncode == 2
    assert "export-token" in ended.stderr
    assert "0600" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_configured_tokens_are_the_only_ones(folder: Path) -> None:
    with serving(folder, {"export": {"tokens": ["0" * 64]}}) as server:
        assert "token" not in server.announced
        assert not (folder / "var").exists()


def test_the_environment_decides_the_port(folder: Path) -> None:
    port = free_port()
    with serving(folder, {"server": {"port": free_port()}}, {"ISPROXY_SERVER__PORT": str(port)}) as server:
        assert server.port == port
        assert answers(server)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_port_that_is_taken(folder: Path, processes: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        config = configure(folder, {"server": {"port": port, "processes": processes}})
        ended = ended_by_itself(config)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith("isproxy: The configuration is not valid: ")
    assert f"server.port={port}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_several_fronts_share_a_port(folder: Path) -> None:
    with serving(folder, {"server": {"processes": 2, "render_workers": 2}}) as server:

        def fronts() -> list[int]:
            return [pid for pid in server.processes() if parent(pid) == server.process.pid and listens(pid)]

        assert wait_until(lambda: len(fronts()) == 2)
        assert all(answers(server) for _ in range(20))
        # one worker for each
        assert wait_until(lambda: len(server.workers()) == 2)
        # a front that ends is started again, and its workers end with it
        killed = fronts()[0]
        os.kill(killed, signal.SIGKILL)
        assert wait_until(lambda: len(fronts()) == 2 and killed not in fronts())
        assert wait_until(lambda: answers(server))
        assert wait_until(lambda: len(server.workers()) == 2)
        assert "started again" in server.log


def listens(pid: int) -> bool:
    """Whether a process has a socket open that listens."""
    listening = {line.split()[9] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"}
    try:
        links = [link.readlink() for link in Path(f"/proc/{pid}/fd").iterdir()]
    except FileNotFoundError:
        return False
    return any(str(link) == f"socket:[{inode}]" for link in links for inode in listening)


@pytest.mark.parametrize(
    ("processes", "number", "pause"), [(1, signal.SIGTERM, 0.4), (1, signal.SIGINT, 1.0), (2, signal.SIGTERM, 1.0)]
)
def test_it_may_be_stopped_while_it_starts(
    folder: Path, started: list[subprocess.Popen[bytes]], processes: int, number: int, pause: float
) -> None:
    process = start(folder, started, configure(folder, {"server": {"processes": processes}}))
    time.sleep(pause)
    process.send_signal(number)
    process.wait(30)
    assert wait_until(lambda: not in_session(process.pid)), (folder / "output").read_text()


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_killed_takes_its_own_with_it(folder: Path, started: list[subprocess.Popen[bytes]], processes: int) -> None:
    process = start(folder, started, configure(folder, {"server": {"processes": processes}}))
    # the process itself, its fronts if there are several, a fork server, its tracker, workers
    assert wait_until(lambda: len(in_session(process.pid)) >= 4)
    process.kill()
    assert wait_until(lambda: not in_session(process.pid)), f"{in_session(process.pid)} of {processes} are left"
