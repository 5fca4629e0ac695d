"""The pictures that are measured: camera-sized files made from the sample photographs.

The samples are small. Each is cropped to 4:3, enlarged and given grain, so that decoders and encoders find the detail
and the noise that they find in a real photograph. The same samples give the same pixels on every machine; files are
made once and kept in ``bench/.inputs``. Knows nothing of servers.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SAMPLES = Path(__file__).parent.parent / "samples" / "images"
FOLDER = Path(__file__).parent / ".inputs"
PHOTOGRAPHS = ("astronaut", "coffee", "rocket", "hubble_deep_field")
GRAIN = 4.0
"""Standard deviation of the grain, in levels of 255: about that of a compact camera at ISO 400."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of original: its name, its size in pixels, its suffix and how Pillow saves it."""

    name: str
    size: tuple[int, int]
    suffix: str
    format: str
    options: dict[str, Any]

    @property
    def files(self) -> tuple[Path, ...]:
        """Where its files are kept, one per photograph."""
        stem = self.name.replace(" ", "-").lower()
        return tuple(FOLDER / f"{stem}-{photograph}{self.suffix}" for photograph in PHOTOGRAPHS)


KINDS = (
    Kind("12 MP JPEG", (4000, 3000), ".jpg", "JPEG", {"quality": 92, "subsampling": "4:2:0"}),
    Kind("2 MP JPEG", (1640, 1230), ".jpg", "JPEG", {"quality": 92, "subsampling": "4:2:0"}),
    Kind("2 MP PNG", (1640, 1230), ".png", "PNG", {"compress_level": 6}),
    Kind("2 MP WebP", (1640, 1230), ".webp", "WEBP", {"quality": 92, "method": 4}),
)


def photograph(name: str, size: tuple[int, int]) -> Image.Image:
    """A sample in RGB, cropped to the proportions of ``size``, enlarged to it and given grain."""
    with Image.open(SAMPLES / f"{name}.jpg") as sample:
        picture = sample.convert("RGB")
    scale = min(picture.width / size[0], picture.height / size[1])
    width, height = size[0] * scale, size[1] * scale
    left, top = (picture.width - width) / 2, (picture.height - height) / 2
    picture = picture.resize(size, Image.Resampling.LANCZOS, box=(left, top, left + width, top + height))
    random = np.random.default_rng(PHOTOGRAPHS.index(name))
    light = random.normal(0.0, GRAIN, (size[1], size[0], 1))
    tint = random.normal(0.0, GRAIN / 2, (size[1], size[0], 3))
    grained = np.asarray(picture, dtype=np.float64) + light + tint
    return Image.fromarray(np.clip(np.rint(grained), 0, 255).astype(np.uint8))


def make(say: Callable[[str], None]) -> None:
    """Make the files that are missing; ``say`` is told of each."""
    FOLDER.mkdir(exist_ok=True)
    for kind in KINDS:
        for name, path in zip(PHOTOGRAPHS, kind.files, strict=True):
            if path.exists():
                continue
            say(f"making {path.name}")
            data = io.BytesIO()
            photograph(name, kind.size).save(data, kind.format, **kind.options)
            partial = path.with_suffix(".partial")
            partial.write_bytes(data.getvalue())
            partial.replace(path)
