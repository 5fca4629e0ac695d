"""Where requests are tried: a server with the catalogs and pictures of the samples and of the conformance suite, a server of
foreign pictures, and originals that are damaged as their names say.

Everything a request can name stays as it is between runs, so that a number names the same request for ever.
"""

import asyncio
import hashlib
import json
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import unquote

from proxy.catalog.store import load
from tests.fuzz.ask import Ask
from tests.fuzz.images import PREFIX, Names
from tests.fuzz.originals import damage, make
from tests.fuzz.others import HOSTILE, Grounds
from tests.serving import Server, serving

ROOT: Final = Path(__file__).parents[2]
SUITE: Final = ROOT / "tests/conformance"
SAMPLES: Final = ROOT / "samples"
MACROS: Final = ROOT / "macros"
TOKEN: Final = "a token for everybody"  # noqa: S105  # it opens nothing but the server that is started here
PATIENCE: Final = 10.0
"""Seconds that making one image may take here."""

_LARGEST: Final = 500_000
_DAMAGED: Final = re.compile(HOSTILE + r"(?:/|%2f)([\w.-]+)~([0-9]+)(\.[a-z0-9]+)", re.IGNORECASE)
_ATTRIBUTES: Final = ("AllowDirectUrls", "RootUrl", "SavePath")
_FOREIGN: Final = (
    "photo.jpg",
    "quad.png",
    "notimage.png",
    "broken.jpg",
    "nowhere.png",
    "empty",
    "away",
    "round",
    "short",
    "alpha.png?x=1",
)


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder with all that a server needs, and what may be asked of it."""

    folder: Path
    foreign_port: int
    names: Names
    grounds: Grounds

    def sections(self, **further: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """The configuration: pictures are small and quickly made, so that what is neither stands out."""
        own: dict[str, Mapping[str, Any]] = {
            "server": {"render_workers": 2},
            "content": {
                "images": [str(SUITE / "images"), str(SAMPLES / "images"), "images"],
                "static": [str(SUITE / "images/static")],
                "macros": str(MACROS),
                "save": "saved",
                "foreign_hosts": [f"127.0.0.1:{self.foreign_port}"],
                "foreign_networks": ["127.0.0.0/8"],
            },
            "cache": {"memory": "64 MB"},
            "limits": {
                "reply_pixels": _LARGEST,
                "drawn_pixels": 40 * _LARGEST,
                "render_seconds": PATIENCE,
                "export_bytes": "64 MB",
            },
            "export": {"tokens": [hashlib.sha256(TOKEN.encode()).hexdigest()]},
        }
        return {name: {**own.get(name, {}), **further.get(name, {})} for name in {**own, **further}}

    @contextmanager
    def server(self, **further: Mapping[str, Any]) -> Iterator[Server]:
        """Run a server; ``further`` are settings by section."""
        with serving(self.folder, self.sections(**further)) as server:
            yield server

    @contextmanager
    def damaged(self, ask: Ask) -> Iterator[None]:
        """Have the damaged originals that a request names there while it is answered."""
        files = [self._damaged(*found) for found in sorted(set(_DAMAGED.findall(ask.target + ask.body)))]
        try:
            yield
        finally:
            for file in files:
                file.unlink(missing_ok=True)

    def _damaged(self, stem: str, number: str, suffix: str) -> Path:
        file = self.folder / "images" / HOSTILE / f"{stem}~{number}{suffix}"
        folders = (*_FOLDERS, self.folder / "images")
        original = next((folder / f"{stem}{suffix}" for folder in folders if (folder / f"{stem}{suffix}").is_file()), None)
        if original is not None:
            file.write_bytes(damage(original.read_bytes(), Random(f"{file.name}")))  # nothing secret about it
        return file


_FOLDERS: Final = (SUITE / "images", SAMPLES / "images")


def prepare(folder: Path, foreign_port: int) -> Ground:
    """Fill a folder: catalogs of suite and samples, with foreign pictures and writing allowed."""
    catalogs = folder / "catalogs"
    shutil.copytree(SUITE / "catalog", catalogs)
    for name in ("samples.ini", "samples.tab", "samples-macros.tab"):
        shutil.copy(SAMPLES / "catalogs" / name, catalogs)
    base = f"http://127.0.0.1:{foreign_port}"
    values = dict(zip(_ATTRIBUTES, ("1", base, "saved"), strict=True))
    lines = (catalogs / "default.ini").read_text().splitlines()
    kept = [line for line in lines if line.partition("=")[0] not in values]
    (catalogs / "default.ini").write_text("\n".join([*kept, *(f"{name}={value}" for name, value in values.items())]) + "\n")
    (folder / "images" / HOSTILE).mkdir(parents=True)
    make(folder / "images")
    (folder / "saved").mkdir()
    static = [file.name for file in sorted((SUITE / "images/static").iterdir())]
    content = [*(f"conf/{name}" for name in ("notes", "style", "sheet", "clip", "gone", "both", "pages/one.txt")), *static]
    return Ground(folder, foreign_port, _names(folder, base), Grounds(content, _originals(folder), TOKEN))


def _names(folder: Path, base: str) -> Names:
    """What the catalogs name, and every request of the conformance suite."""
    loaded = load(folder / "catalogs", MACROS)
    pictures: list[str] = []
    others: list[str] = [*_originals(folder), "nowhere", "conf/nowhere", "shape.svg", "conf", "%"]
    for catalog in loaded:
        for id_ in sorted(catalog.ids()):
            record = catalog.own_record(id_)
            name = f"{catalog.root_id}/{id_}" if catalog.root_id else id_
            plain = record is not None and record.path and catalog.root_id in ("conf", "samples", "shop", "mark")
            (pictures if plain and id_ not in ("broken", "notimage", "lost") else others).append(name)
    pictures += [
        "conf/alpha",
        "conf/ring",
        "conf/cmyk",
        "conf/deep",
        "conf/pal",
        "conf/photo",
        "conf/anim",
        "samples/chelsea",
    ] * 2
    macros: list[str] = []
    for file in sorted([*(folder / "catalogs").glob("*macros.tab"), *MACROS.glob("*.tab")]):
        macros += [line.partition("\t")[0] for line in file.read_text("utf-8-sig").splitlines()[1:] if line]
    return Names(
        pictures, others, macros, _known(), [f"{base}/{name}" for name in _FOREIGN] + ["photo.jpg", "http://192.0.2.1/x"]
    )


def _known() -> list[str]:
    """Targets of the conformance suite's image requests."""
    found: list[str] = []
    for file in sorted((SUITE / "cases").glob("*.json")):
        for case in json.loads(file.read_text()):
            found += [step["request"] for step in case.get("steps", [case]) if step["request"].startswith(PREFIX)]
    return [target.removeprefix(PREFIX) for target in found if target.isascii() and " " not in target]


def _originals(folder: Path) -> list[str]:
    # rarer kinds twice, since each is there but once
    roots = (*_FOLDERS, folder / "images", folder / "images")
    return [file.name for root in roots for file in sorted(root.iterdir()) if file.is_file()]


@asynccontextmanager
async def foreign() -> AsyncIterator[int]:
    """Serve pictures, and what looks like them, as another server would. Gives the port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            writer.write(_foreign_reply(unquote(head.split(" ")[1]).partition("?")[0].lstrip("/")))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who asked has gone
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def _foreign_reply(path: str) -> bytes:
    file = SUITE / "images" / path
    body = file.read_bytes() if re.fullmatch(r"[\w-]+\.\w+", path) and file.is_file() else b""
    found = bool(body) or path in ("empty", "short")
    status = "302 Found" if path in ("away", "round") else "200 OK" if found else "404 Not Found"
    lines = [f"HTTP/1.1 {status}", "Content-Type: image/png", "Connection: close", "Cache-Control: max-age=600"]
    lines += [f"Content-Length: {len(body) + (99 if path == 'short' else 0)}"]
    lines += {"away": ["Location: http://192.0.2.1/quad.png"], "round": ["Location: /round"]}.get(path, [])
    return "\r\n".join([*lines, "", ""]).encode() + body
