"""A real server for tests: ``isproxy serve`` as a process of its own, a client that sends bytes as they are, and originals.

The client undoes nothing and adds nothing: what a test writes as a target is what the server reads.
"""

import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

Sections = Mapping[str, Mapping[str, Any]]
RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)
_PATIENCE = 30.0
"""Seconds that anything may take which should take one, on a machine that does something else as well."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. Header names are as ``http.client`` gives them: found in any letter case."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def __getitem__(self, header: str) -> str:
        """A header that has to be there."""
        value = self.headers[header]
        assert value is not None, f"no header {header}"
        return str(value)

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode()

    @property
    def media_type(self) -> str:
        """The media type without parameters."""
        return self["Content-Type"].partition(";")[0]

    @property
    def image(self) -> Image.Image:
        """The body as a picture, decoded."""
        assert self.status in (200, 206), (self.status, self.body[:300])
        image = Image.open(io.BytesIO(self.body))
        image.load()
        return image

    def pixel(self, x: int, y: int) -> tuple[int, ...]:
        """A pixel of the picture."""
        value = self.image.getpixel((x, y))
        assert isinstance(value, tuple)
        return value


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs. ``folder`` holds its configuration, its originals (``images``) and its log (``log``)."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    announced: str

    @property
    def images(self) -> Path:
        """The folder of the originals."""
        return self.folder / "images"

    @property
    def log(self) -> str:
        """What was logged so far."""
        return (self.folder / "log").read_text()

    def ask(
        self, target: str, headers: Mapping[str, str] | None = None, method: str = "GET", timeout: float = _PATIENCE
    ) -> Reply:
        """Send one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def image(self, target: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Reply:
        """Ask for what follows ``/is/image/``."""
        return self.ask(f"/is/image/{target}", headers, method)

    def images_at_once(self, targets: Sequence[str]) -> list[Reply]:
        """Ask for several at the same time."""
        with ThreadPoolExecutor(len(targets)) as pool:
            return list(pool.map(self.image, targets))

    def send(self, data: bytes) -> bytes:
        """Send bytes that may be no HTTP, and read until the server closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE) as connection:
            connection.sendall(data)
            received = b""
            while piece := connection.recv(65536):
                received += piece
        return received

    def processes(self) -> list[int]:
        """Every process of the server: all there are in its session."""
        return in_session(self.process.pid)

    def workers(self) -> list[int]:
        """The worker processes: children of a fork server, which are children of a front."""
        parents = {pid: parent(pid) for pid in self.processes()}
        depth = {pid: _depth(pid, parents) for pid in parents}
        return [pid for pid in parents if depth[pid] == max(depth.values()) and max(depth.values()) >= _WORKER_DEPTH]


_WORKER_DEPTH = 2


def _depth(pid: int, parents: Mapping[int, int]) -> int:
    return 0 if parents.get(pid) not in parents else 1 + _depth(parents[pid], parents)


def _fields(pid: int) -> list[str]:
    """What the kernel says of a process: state, parent, group, session … (proc(5)); of one that has gone, that it has."""
    try:
        # the name in parentheses may hold anything
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["Z", *["0"] * 40]


def parent(pid: int) -> int:
    """The parent of a process, 0 if it has gone."""
    return int(_fields(pid)[1])


def processor_time(pid: int) -> int:
    """Hundredths of a second that a process has worked."""
    user, system = _fields(pid)[11:13]
    return int(user) + int(system)


def in_session(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            state, _, _, its_session = _fields(int(entry.name))[:4]
            if int(its_session) == session and state != "Z":
                found.append(int(entry.name))
    return found


def toml(sections: Sections) -> str:
    """Write a configuration: JSON's texts, numbers, truth values and lists are TOML's as well."""
    lines: list[str] = []
    for name, section in sections.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value, default=str)}" for key, value in section.items())]
    return "\n".join(lines) + "\n"


def configure(folder: Path, sections: Sections | None = None) -> Path:
    """Write ``config.toml``: a free port, two workers, the folders ``images`` and ``catalogs`` (if it is there), ``sections``."""
    (folder / "images").mkdir(exist_ok=True)
    content: dict[str, Any] = {"images": ["images"]}
    if (folder / "catalogs").is_dir():
        content["catalogs"] = "catalogs"
    basis: dict[str, Mapping[str, Any]] = {
        "server": {"port": 0, "render_workers": 2},
        "content": content,
        "log": {"access": False},
    }
    given = sections or {}
    whole = {name: {**basis.get(name, {}), **given.get(name, {})} for name in (*basis, *given)}
    file = folder / "config.toml"
    file.write_text(toml(whole))
    return file


def command(*arguments: str | Path) -> list[str]:
    """The command line of ``isproxy`` with some arguments."""
    return [sys.executable, "-m", "proxy", *map(str, arguments)]


@contextmanager
def serving(folder: Path, sections: Sections | None = None, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a server. It ends with the block, and has to end cleanly: status 0, and no process left behind."""
    config = configure(folder, sections)
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(  # noqa: S603  # our own command line
            command("serve", "--config", config),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        ) as process,
    ):
        try:
            yield _started(process, folder)
            process.send_signal(signal.SIGTERM)
            assert process.wait(_PATIENCE) == 0, (folder / "log").read_text()
            assert wait_until(lambda: not in_session(process.pid)), f"still there: {in_session(process.pid)}"
        finally:
            for pid in in_session(process.pid):
                os.kill(pid, signal.SIGKILL)


def _started(process: subprocess.Popen[str], folder: Path) -> Server:
    """Wait until the server says where it listens and does so."""
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first.startswith("isproxy serves http://"), first + (folder / "log").read_text()
    announced = first + (process.stdout.readline() + process.stdout.readline() if not _tokens_configured(folder) else "")
    server = Server(process, int(first.split("/")[2].rpartition(":")[2]), folder, announced)
    assert wait_until(lambda: _listens(server.port)), (folder / "log").read_text()
    return server


def _tokens_configured(folder: Path) -> bool:
    return "tokens" in (folder / "config.toml").read_text()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until(holds: Callable[[], bool], seconds: float = _PATIENCE) -> bool:
    """Wait until a claim holds; false if it never did."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def quadrants(width: int, height: int) -> Image.Image:
    """Red top left, green top right, blue bottom left, yellow bottom right."""
    image = Image.new("RGB", (width, height), YELLOW)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def busy(width: int, height: int) -> Image.Image:
    """A picture in which no two pixels near each other are alike."""
    image = Image.new("RGB", (width, height))
    image.putdata(
        [((x * 37 + y * 11) % 256, (x * 5 + y * 53) % 256, (x * y + 7 * x) % 256) for y in range(height) for x in range(width)]
    )
    return image
