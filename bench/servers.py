"""The servers that are measured: how each is configured and started, with its caches as the measurement wants them."""

import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from load import HOST
from processes import Server, free_port, serving

THUMBOR_VERSION = "7.8.0"
_THUMBOR = Path(__file__).parent / ".venv-thumbor"


@contextmanager
def isproxy(images: Path, folder: Path, *, memory: str, workers: int = 2, content: str = "", more: str = "") -> Iterator[Server]:
    """This project's server over a folder of pictures.

    ``folder`` takes its configuration, its state and its log; ``memory`` is the size of the rendition cache, "0" for none;
    ``content`` is further lines of ``[content]`` in TOML, ``more`` further sections.
    """
    port = free_port()
    config = folder / "isproxy.toml"
    config.write_text(
        f"""
        [server]
        host = "{HOST}"
        port = {port}
        render_workers = {workers}
        [content]
        images = ["{images}"]
        {content}
        [cache]
        memory = "{memory}"
        {more}
        """
    )
    command: list[str | Path] = [sys.executable, "-m", "proxy", "serve", "--config", config]
    with serving(command, port, "/healthz", folder / "isproxy.log") as server:
        yield server


@contextmanager
def thumbor(images: Path, folder: Path, *, png_level: int, name: str) -> Iterator[Server]:
    """One thumbor process that keeps nothing: neither originals nor results.

    JPEG is baseline with optimized Huffman tables, unlike ours; WebP is written by thumbor with Pillow's default method, always.
    """
    port = free_port()
    config = folder / f"{name}.conf"
    config.write_text(
        f"""
LOADER = "thumbor.loaders.file_loader"
FILE_LOADER_ROOT_PATH = {str(images)!r}
STORAGE = "thumbor.storages.no_storage"
RESULT_STORAGE = None
PROGRESSIVE_JPEG = False
PNG_COMPRESSION_LEVEL = {png_level}
"""
    )
    binary = _THUMBOR / "bin" / "thumbor"
    command: list[str | Path] = [binary, "--ip", HOST, "--port", str(port), "--conf", config, "--log-level", "error"]
    with serving(command, port, "/healthcheck", folder / f"{name}.log") as server:
        yield server


def install_thumbor() -> str:
    """Make thumbor's own virtual environment if it is not there; the versions of thumbor and its Pillow."""
    python = _THUMBOR / "bin" / "python"
    if not (_THUMBOR / "bin" / "thumbor").exists():
        venv.create(_THUMBOR, with_pip=True, clear=True)
        install: list[str | Path] = [python, "-m", "pip", "install", "--quiet", f"thumbor=={THUMBOR_VERSION}"]
        subprocess.run(install, check=True, stdout=sys.stderr)
    code = "from importlib.metadata import version as v; print(v('thumbor'), 'with Pillow', v('pillow'))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def handler(body: Path, headers: Path, log: Path) -> Iterator[Server]:
    """A bare aiohttp handler on uvloop that answers everything with one body and the headers of a JSON file."""
    port = free_port()
    script = Path(__file__).parent / "handler.py"
    with serving([sys.executable, script, str(port), body, headers], port, "/", log) as server:
        yield server
