"""The server's one path, and the pictures that measurements are made on.

Pictures are small and made of those in ``samples/``; their names are ids of requests. Everything is asked of the service as
the image route asks it: a target in, an encoded reply out.
"""

import asyncio
import io
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from PIL import Image

from fidelity.rows import Pixels
from proxy.catalog.watch import CatalogFolder
from proxy.recipe.model import Recipe
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import Pool, PoolConfig
from proxy.service import Renditions, ServiceConfig
from proxy.sources.folders import Folder
from proxy.sources.hosts import ForeignConfig
from proxy.sources.http import Foreign

SAMPLES = Path(__file__).parents[1] / "samples" / "images"


class Studio:
    """A folder of pictures and a service over it. Use it in a ``with`` block, which ends its workers and removes the folder.

    ``catalogs`` is a folder of catalogs for it.
    """

    def __init__(self, catalogs: Path | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fidelity")
        self.images = Path(self._folder.name)
        for name, make in PICTURES.items():
            make().save(self.images / name)
        self._runner = asyncio.Runner()
        pool = Pool(PoolConfig(workers=1), Opening(Limits()))
        self._renditions = Renditions(
            CatalogFolder(catalogs, None), [Folder(self.images)], Foreign(ForeignConfig()), pool, ServiceConfig(validate_after=60)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._renditions.close()
        self._runner.close()
        self._folder.cleanup()

    def add(self, name: str, image: Image.Image, **options: Any) -> None:
        """Add an original that is no picture of the list, such as one with a profile; options are those of Pillow's ``save``."""
        image.save(self.images / name, **options)

    def put(self, file: Path) -> None:
        """Put a file beside the originals."""
        (self.images / file.name).write_bytes(file.read_bytes())

    def reply(self, target: str) -> bytes:
        """The bytes of a reply."""
        return self._runner.run(self._renditions.get(self._renditions.read(target))).data

    def recipe(self, target: str) -> Recipe:
        """What a request comes to."""
        return self._runner.run(self._renditions.plan(self._renditions.read(target))).recipe

    def image(self, target: str) -> Image.Image:
        """A reply as a picture."""
        with Image.open(io.BytesIO(self.reply(target))) as image:
            image.load()
            return image

    def pixels(self, target: str) -> Pixels:
        """A reply as PNG without alpha, as numbers."""
        return np.asarray(self.image(_with(target, "fmt=png")))

    def alpha(self, target: str) -> Pixels:
        """A reply as PNG with alpha, as numbers: shape (height, width, 4)."""
        return np.asarray(self.image(_with(target, "fmt=png-alpha")))

    def original(self, name: str) -> Pixels:
        """An original as Pillow reads it."""
        return np.asarray(picture(name))

    def path(self, name: str) -> Path:
        """The file of an original."""
        return self.images / name


def _with(target: str, modifier: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}{modifier}"


@cache
def picture(name: str) -> Image.Image:
    """One of ``PICTURES`` as it is decoded again."""
    stream = io.BytesIO()
    PICTURES[name]().save(stream, "JPEG" if name.endswith(".jpg") else "PNG")
    with Image.open(stream) as image:
        image.load()
        return image


def _sample(name: str, size: tuple[int, int]) -> Image.Image:
    """A photograph made smaller, without the profile that it may have."""
    with Image.open(SAMPLES / name) as image:
        small = image.resize(size, Image.Resampling.LANCZOS)
    return Image.fromarray(np.asarray(small.convert("RGB")))


def _zone_plate() -> Image.Image:
    """Rings that get finer from the middle, up to half the finest that 240 pixels can hold: any aliasing is seen at once."""
    side = 240
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    rings = 127.5 + 127.5 * np.cos(np.pi / (2 * side) * (x * x + y * y))
    return Image.fromarray(np.rint(rings).astype(np.uint8)).convert("RGB")


def _cut_out() -> Image.Image:
    """A head in a soft disc: what is transparent is black, so that dark fringes would be seen."""
    side = 200
    head = _sample("astronaut.jpg", (side, side))
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    alpha = np.rint(np.clip((85 - np.hypot(x, y)) / 4 + 0.5, 0, 1) * 255).astype(np.uint8)
    pixels = np.where(alpha[..., None] > 0, np.asarray(head), 0).astype(np.uint8)
    return Image.fromarray(np.dstack([pixels, alpha]))


def _veil() -> Image.Image:
    """A photograph whose alpha goes from 0 at the left to 255 at the right."""
    image = _sample("rocket.jpg", (256, 171))
    ramp = np.broadcast_to(np.arange(256, dtype=np.uint8), (171, 256))
    return Image.fromarray(np.dstack([np.asarray(image), ramp]))


def _curtain() -> Image.Image:
    """A photograph whose alpha goes from 255 at the top to 0 at the bottom."""
    image = _sample("coffee.jpg", (256, 171))
    ramp = np.broadcast_to(np.rint(np.linspace(255, 0, 171)).astype(np.uint8)[:, None], (171, 256))
    return Image.fromarray(np.dstack([np.asarray(image), ramp]))


def _ramp() -> Image.Image:
    return Image.fromarray(np.broadcast_to(np.arange(256, dtype=np.uint8), (64, 256)).copy())


def _colours() -> Image.Image:
    """All mixtures of nine levels of red, green and blue, in 27 by 27 pixels, each of which is shown as it is."""
    levels = np.rint(np.linspace(0, 255, 9)).astype(np.uint8)
    mixed = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(27, 27, 3)
    return Image.fromarray(mixed)


def _shape() -> Image.Image:
    """A mask for the cat, with edges of all directions, single dots, steps of gray and a corner at the border."""
    y, x = np.mgrid[:171, :256]
    levels = np.where(np.hypot(x - 60, y - 60) < 34, 255, 0)  # noqa: PLR2004  # radius
    levels = np.where((np.abs(x - 120) + np.abs(y - 50)) < 25, 140, levels)  # noqa: PLR2004  # half a diagonal
    levels[105:108, 20:140:17] = 200
    levels[30:90, 58:61] = 20
    levels[140:, 200:] = 255
    return Image.fromarray(levels.astype(np.uint8))


PICTURES: Mapping[str, Callable[[], Image.Image]] = {
    "photo.png": lambda: _sample("coffee.jpg", (300, 200)),
    "face.png": lambda: _sample("astronaut.jpg", (256, 256)),
    "cat.png": lambda: _sample("chelsea.jpg", (256, 171)),
    "rocket.png": lambda: _sample("rocket.jpg", (256, 171)),
    "scene.png": lambda: _sample("rocket.jpg", (640, 427)),
    "large.png": lambda: _sample("hubble_deep_field.jpg", (800, 698)),
    "large.jpg": lambda: _sample("hubble_deep_field.jpg", (1632, 1224)),
    "gray.png": lambda: _sample("chelsea.jpg", (256, 171)).convert("L"),
    "zone.png": _zone_plate,
    "cutout.png": _cut_out,
    "veil.png": _veil,
    "curtain.png": _curtain,
    "ramp.png": _ramp,
    "colours.png": _colours,
    "shape.png": _shape,
    "half.png": lambda: Image.new("L", (200, 200), 128),
    "middle.png": lambda: Image.new("RGB", (200, 200), (128, 128, 128)),
}
"""Every picture by its name. The JPEG is of Pillow's default quality."""
