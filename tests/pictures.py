"""Small pictures in files, requests to them, and the formula by which layers are laid over each other."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from proxy.catalog.records import Record
from proxy.recipe.model import Recipe
from proxy.render.decode import Limits
from proxy.render.load import probe
from proxy.render.pipeline import Opening, render
from tests.composed import Desk, catalog, catalogs

Array = NDArray[np.float64]

LIMITS = Limits(source_pixels=1_000_000)
RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


def ramp(width: int, height: int) -> Image.Image:
    """A mask: black at the left, white at the right, a step of 255/(width−1) a column."""
    return Image.fromarray(np.tile(np.rint(np.linspace(0, 255, width)).astype(np.uint8), (height, 1)))


def photograph(width: int, height: int) -> Image.Image:
    """Smooth colours, a disc and thin lines."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    bands = [128 + 100 * np.sin(9 * x + 3 * y + 2 * band) * np.cos(7 * y - 2 * x + band) for band in range(3)]
    picture = np.stack(bands, axis=2)
    picture[(x - 0.4) ** 2 + (y - 0.3) ** 2 < 0.03] = (250, 240, 20)
    picture[:, :: max(1, width // 10)] //= 2
    return Image.fromarray(picture.astype(np.uint8))


def disc(size: int) -> Image.Image:
    """Blue where it is seen, red where it is not: what is hidden shows where alpha is taken away."""
    y, x = np.mgrid[0:size, 0:size] + 0.5
    inside = (x - size / 2) ** 2 + (y - size / 2) ** 2 < (size / 2.5) ** 2
    picture = np.where(inside[..., None], (0, 0, 255, 255), (255, 0, 0, 0))
    return Image.fromarray(picture.astype(np.uint8))


PICTURES: Mapping[str, Image.Image] = {
    "white": Image.new("RGB", (40, 30), WHITE),
    "black": Image.new("RGB", (40, 30), BLACK),
    "clear": Image.new("RGBA", (40, 30)),
    "red": Image.new("RGB", (20, 10), RED),
    "green": Image.new("RGB", (20, 10), GREEN),
    "half": Image.new("RGBA", (40, 30), (0, 100, 200, 128)),
    "faint": Image.new("RGBA", (40, 30), (200, 40, 0, 50)),
    "strong": Image.new("RGBA", (40, 30), (10, 220, 90, 201)),
    "ramp": ramp(40, 30),
    "wideRamp": ramp(80, 60),
    "disc": disc(40),
    "photo": photograph(200, 150),
    "grayPhoto": photograph(60, 45).convert("L"),
    "grayPhotoInColour": photograph(60, 45).convert("L").convert("RGB"),
    "grayVeil": Image.merge("LA", (photograph(40, 30).convert("L"), ramp(40, 30))),
    "corner": Image.fromarray(np.arange(60, dtype=np.uint8).reshape(4, 5, 3) * 4),
}


class Gallery:
    """The pictures in files, and requests to them."""

    def __init__(self, folder: Path) -> None:
        records, headers = [Record("nothing")], {}
        for name, image in PICTURES.items():
            path = folder / f"{name}.png"
            image.save(path)
            headers[str(path)] = probe(str(path), LIMITS)
            records.append(Record(name, path=str(path)))
        # the mask of a record
        records.append(Record("masked", path=str(folder / "white.png"), mask_path=str(folder / "ramp.png")))
        records.append(Record("maskedDisc", path=str(folder / "half.png"), mask_path=str(folder / "ramp.png")))
        self.desk = Desk(catalogs(catalog("g", *records)), headers)

    def recipe(self, query: str) -> Recipe:
        """What follows ``g/``, planned; the reply is PNG with alpha unless the query says something else."""
        path, _, modifiers = query.partition("?")
        return self.desk.recipe(f"g/{path}?fmt=png-alpha&{modifiers}")

    def image(self, query: str) -> Image.Image:
        """The reply image."""
        data = render(self.recipe(query), Opening(LIMITS)).data
        with Image.open(io.BytesIO(data)) as image:
            return image.copy()

    def pixels(self, query: str) -> Array:
        """The reply image as numbers, rows first."""
        return np.asarray(self.image(query)).astype(np.float64)

    def at(self, query: str, x: int, y: int) -> tuple[float, ...]:
        """One pixel."""
        return tuple(self.pixels(query)[y, x])


def over_exactly(above: Array, below: Array) -> Array:
    """Source over destination (Porter and Duff, 1984), RGBA of 0 to 255, alpha not premultiplied."""
    top, bottom = above[..., 3:] / 255, below[..., 3:] / 255
    alpha = top + bottom * (1 - top)
    sums = above[..., :3] * top + below[..., :3] * bottom * (1 - top)
    color = np.divide(sums, alpha, out=np.zeros_like(sums), where=alpha > 0)
    return np.concatenate([color, alpha * 255], axis=-1)


def sheet(size: tuple[int, int], color: tuple[float, ...]) -> Array:
    """A picture of one colour."""
    return np.full((size[1], size[0], 4), color, dtype=np.float64)


def assert_near(pixels: Array, expected: Array, levels: float) -> None:
    """Compare alpha, and colours as far as they are seen."""
    assert pixels.shape == expected.shape
    assert np.abs(pixels[..., 3] - expected[..., 3]).max() <= levels
    assert (np.abs(pixels[..., :3] - expected[..., :3]) * expected[..., 3:] / 255).max() <= levels
