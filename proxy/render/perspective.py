"""A picture brought onto a quadrilateral (``r-perspective``): tile by tile, each sampled as it needs it.

Each tile takes the picture at the size at which a few samples a pixel see all of it: no aliasing where it is far away, no blur
where it is near. The quadrilateral's edge comes from its exact outline, and the picture goes on beyond its own edge, so that no
edge is ever as soft as a magnified pixel. Nothing is made but what lies in the rectangle.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from proxy.protocol.path import Path, Point, Subpath
from proxy.recipe.model import Clip, Perspective, Size
from proxy.recipe.polygon import clipped
from proxy.render.paths import clip_image

Matrix = NDArray[np.float64]
Tile = tuple[int, int, int, int]
"""left, top, right, bottom."""

_TILE: Final = 64
_RIM: Final = 8
"""Pixels by which a picture goes on beyond its edge: more than samples and filters reach."""

_MOST_SAMPLES: Final = 32
"""Samples of a pixel; where more are needed the picture is made smaller."""

_SLACK: Final = 0.1
"""One sample is enough for this much more than a pixel of the picture, so that what keeps its size stays as sharp as it is."""

_PLAIN: Final = {"R1": Image.Resampling.NEAREST, "R2": Image.Resampling.BILINEAR}
"""The ways of sampling that look at a pixel's middle alone, at the picture as it is."""

_NO_DEPTH: Final = 1e-12
"""Stands in where the corner of a tile lies on the horizon, since what Pillow takes is counted in the depth of that corner."""

_FARTHEST: Final = 256
"""Pixels of the picture that these may look beyond its edge; farther steps are those of a picture that cannot be made out."""


@dataclass(slots=True)
class _Pyramid:
    """A picture, premultiplied and with its rim, at half, a quarter … of its size; made as they are asked for."""

    image: Image.Image
    rim: int
    levels: dict[int, Image.Image]

    def level(self, number: int) -> tuple[Image.Image, Size]:
        """The picture at 1/2^number of its size, and that size without the rim."""
        size = max(1, math.ceil(self.image.width / 2**number)), max(1, math.ceil(self.image.height / 2**number))
        if number not in self.levels:
            small = self.image if number == 0 else self.image.resize(size, Image.Resampling.BOX)
            self.levels[number] = _rimmed(small, self.rim)
        return self.levels[number], size


def projected(image: Image.Image, perspective: Perspective, size: Size) -> Image.Image:
    """Bring an image onto a quadrilateral in a transparent rectangle of ``size``.

    ``R1`` takes the nearest pixel, ``R2`` is bilinear, ``R3`` takes several samples of a pixel, moved about by ``jitter``
    hundredths of their distance from a regular grid, always in the same way.

    Args:
        image: mode RGB or RGBA, alpha not premultiplied.
        perspective: where its corners lie in the rectangle.
        size: of the result, whose mode is RGBA.
    """
    sheet = Image.new("RGBA", size)
    corners = perspective.corners
    if not corners:
        return sheet
    inverse = np.linalg.inv(_matrix(perspective)).astype(np.float64)
    pyramid = _Pyramid(image.convert("RGBa" if image.mode == "RGBA" else "RGB"), _rim(perspective, inverse, image.size, size), {})
    for tile, part in _tiles(perspective, size):
        sheet.paste(_tile(pyramid, inverse, tile, part, perspective).convert("RGBA"), tile[:2])
    outline = Path((Subpath(corners[0], tuple((corner,) for corner in corners[1:]), closed=True),))
    return clip_image(sheet, Clip((outline,)))


def _matrix(perspective: Perspective) -> Matrix:
    """The projective map of the unit square onto the corners (Heckbert, 1989)."""
    points = np.array(perspective.corners)
    first, second, across = points[1] - points[2], points[3] - points[2], points[0] - points[1] + points[2] - points[3]
    bend = np.linalg.solve(np.array([first, second]).T, across)
    columns = [points[1] - points[0] + bend[0] * points[1], points[3] - points[0] + bend[1] * points[3], points[0]]
    return np.vstack([np.array(columns).T, [*bend, 1.0]])


def _rim(perspective: Perspective, inverse: Matrix, picture: Size, size: Size) -> int:
    """How far the picture has to go on: as samples and filters reach, by whole steps where it is not made smaller."""
    part = clipped(perspective.corners, (0, 0, *size))
    if perspective.sampling not in _PLAIN or not part:
        return _RIM
    return _RIM + min(math.ceil(max(_steps(inverse, part, picture))), _FARTHEST)


def _rimmed(image: Image.Image, rim: int) -> Image.Image:
    """An image with its edge pixels repeated around it."""
    pixels = np.pad(np.asarray(image), ((rim, rim), (rim, rim), (0, 0)), mode="edge")
    return Image.frombytes(image.mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes())


def _tiles(perspective: Perspective, size: Size) -> Iterator[tuple[Tile, list[Point]]]:
    """What has to be drawn of the rectangle, in pieces, and which part of the quadrilateral lies in each."""
    columns, rows = zip(*perspective.corners, strict=True)
    left, top = max(0, math.floor(min(columns))), max(0, math.floor(min(rows)))
    right, bottom = min(size[0], math.ceil(max(columns))), min(size[1], math.ceil(max(rows)))
    for row in range(top, bottom, _TILE):
        for column in range(left, right, _TILE):
            tile = column, row, min(column + _TILE, right), min(row + _TILE, bottom)
            if part := clipped(perspective.corners, tile):
                yield tile, part


def _tile(pyramid: _Pyramid, inverse: Matrix, tile: Tile, part: list[Point], perspective: Perspective) -> Image.Image:
    """One tile, without the outline of the quadrilateral."""
    if perspective.sampling in _PLAIN:
        return _sampled(pyramid, 0, inverse, tile, (0.5, 0.5), _PLAIN[perspective.sampling])
    steps = _steps(inverse, part, pyramid.image.size)
    level, across, down = _density(steps)
    offsets = _offsets(across, down, perspective.jitter)
    # samples that are averaged may be plain ones
    resampling = Image.Resampling.BICUBIC if len(offsets) == 1 else Image.Resampling.BILINEAR
    samples = [_sampled(pyramid, level, inverse, tile, offset, resampling) for offset in offsets]
    if len(samples) == 1:
        return samples[0]
    total = np.zeros((tile[3] - tile[1], tile[2] - tile[0], len(samples[0].getbands())), np.uint16)
    for sample in samples:
        total += np.asarray(sample)
    mean = ((total + len(samples) // 2) // len(samples)).astype(np.uint8)
    return Image.frombytes(samples[0].mode, samples[0].size, mean.tobytes())


def _steps(inverse: Matrix, part: list[Point], size: Size) -> tuple[float, float]:
    """How many pixels of a picture are passed from one pixel to the next, to the right and down, where that is most."""
    sums = inverse @ np.array([(*point, 1.0) for point in part]).T
    place = sums[:2] / sums[2]
    largest = []
    for axis in (0, 1):
        slopes = (inverse[:2, axis, None] - place * inverse[2, axis]) / sums[2] * np.array(size)[:, None]
        largest.append(float(np.hypot(*slopes).max()))
    return largest[0], largest[1]


def _density(steps: tuple[float, float]) -> tuple[int, int, int]:
    """By how many halvings a picture is made smaller, and how many samples to the right and down are then taken of a pixel."""
    level = 0
    while True:
        across, down = (max(1, math.ceil(step / 2**level - _SLACK)) for step in steps)
        if across * down <= _MOST_SAMPLES:
            return level, across, down
        level += 1


def _offsets(across: int, down: int, jitter: int) -> list[tuple[float, float]]:
    """Where in a pixel samples are taken, 0 to 1 each way."""
    noise = np.random.Generator(np.random.PCG64(jitter)).uniform(-0.5, 0.5, (down, across, 2)) * jitter / 100
    return [
        ((column + 0.5 + noise[row, column, 0]) / across, (row + 0.5 + noise[row, column, 1]) / down)
        for row in range(down)
        for column in range(across)
    ]


def _sampled(
    pyramid: _Pyramid, level: int, inverse: Matrix, tile: Tile, offset: tuple[float, float], resampling: Image.Resampling
) -> Image.Image:
    """One sample of each pixel of a tile."""
    image, (width, height) = pyramid.level(level)
    onto = np.array([[width, 0, pyramid.rim], [0, height, pyramid.rim], [0, 0, 1]])
    # Pillow looks at the middles of pixels
    start = np.array([[1, 0, tile[0] + offset[0] - 0.5], [0, 1, tile[1] + offset[1] - 0.5], [0, 0, 1]])
    matrix = onto @ inverse @ start
    last = matrix[2, 2] or _NO_DEPTH
    data = tuple(float(value) for value in (matrix / last).ravel()[:8])
    return image.transform((tile[2] - tile[0], tile[3] - tile[1]), Image.Transform.PERSPECTIVE, data, resampling)
