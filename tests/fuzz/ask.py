"""What is asked: one HTTP request exactly as it goes over the wire, and how it is written down as a line."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. ``target`` is sent as it is, as UTF-8; lone surrogates are bytes that are no UTF-8."""

    target: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    def wire(self, port: int) -> bytes:
        """The bytes of it."""
        body = self.body.encode("utf-8", "surrogateescape")
        given = {"Host": f"127.0.0.1:{port}", **self.headers}
        if body or self.method == "POST":
            given.setdefault("Content-Length", str(len(body)))
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body

    def line(self) -> str:
        """One line: the target alone for a plain GET that can be written so, else JSON."""
        plain = self.method == "GET" and not self.headers and not self.body
        if plain and self.target.isprintable() and self.target.isascii() and not self.target.endswith(" "):
            return self.target
        return json.dumps({name: value for name, value in asdict(self).items() if value})


def read_line(line: str) -> Ask:
    """Read what ``line`` has written."""
    return Ask(**json.loads(line)) if line.startswith("{") else Ask(line)


def read_file(file: Path) -> list[Ask]:
    """The requests of a file of lines; empty ones and those that begin with ``#`` are passed over."""
    return [read_line(line) for line in file.read_text().split("\n") if line and not line.startswith("#")]
