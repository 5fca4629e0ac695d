"""The bare loop: decode, resize, encode with Pillow in a few processes, with no server around it.

It is the most that a server made of the same parts could reach. Knows nothing of HTTP.
"""

import io
import math
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from load import LEAST
from PIL import Image

if TYPE_CHECKING:
    from multiprocessing.connection import Connection  # generic for type checkers only


REDUCING_GAP = 2.0
"""Above twice the wanted size pixels are averaged before Lanczos has them, as in this project's renderer."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the loop encodes a picture: Pillow's format, and the options of ``save``."""

    format: str
    options: dict[str, Any] = field(default_factory=dict)


def reference(path: Path, width: int) -> Image.Image:
    """The picture at that width, by Lanczos from every pixel of the original."""
    with Image.open(path) as image:
        return image.convert("RGB").resize(_size(image, width), Image.Resampling.LANCZOS)


def render(path: Path, width: int, settings: Settings) -> bytes:
    """One rendition of a file: a JPEG is decoded at the smallest of its own scales that is large enough."""
    with Image.open(path) as image:
        size = _size(image, width)
        image.draft("RGB", size)
        small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)
    data = io.BytesIO()
    small.save(data, settings.format, **settings.options)
    return data.getvalue()


def _size(image: Image.Image, width: int) -> tuple[int, int]:
    return width, max(1, (image.height * width * 2 + image.width) // (image.width * 2))


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does: the files in turn until ``end`` (``time.monotonic``) and until there are ``least`` renditions."""

    files: tuple[Path, ...]
    width: int
    settings: Settings
    end: float
    least: int


class Loop:
    """A few processes that wait for tasks; made by ``running``."""

    def __init__(self, pipes: list["Connection[Task | None, list[float]]"]) -> None:
        self._pipes = pipes

    def run(self, files: tuple[Path, ...], width: int, settings: Settings, seconds: float) -> list[list[float]]:
        """Keep all processes busy for a number of seconds, and until there are ``LEAST`` renditions of all.

        The files are dealt out: there must be one at least for each process. Gives for each process the times at which its
        renditions were complete, the last one after the end.
        """
        end, number = time.monotonic() + seconds, len(self._pipes)
        for at, pipe in enumerate(self._pipes):
            pipe.send(Task(files[at::number], width, settings, end, math.ceil(LEAST / number)))
        return [pipe.recv() for pipe in self._pipes]


@contextmanager
def running(processes: int) -> Iterator[Loop]:
    """Start the processes of a bare loop, and end them with the block."""
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(processes)]
    workers = [context.Process(target=_work, args=(theirs,), daemon=True) for _, theirs in pairs]
    for worker in workers:
        worker.start()
    for _, theirs in pairs:
        theirs.close()
    try:
        yield Loop([ours for ours, _ in pairs])
    finally:
        for ours, _ in pairs:
            ours.send(None)
        for worker in workers:
            worker.join()


def _work(pipe: "Connection[list[float], Task | None]") -> None:
    while (task := pipe.recv()) is not None:
        stamps: list[float] = []
        while time.monotonic() < task.end or len(stamps) < task.least:
            render(task.files[len(stamps) % len(task.files)], task.width, task.settings)
            stamps.append(time.monotonic())
        pipe.send(stamps)
