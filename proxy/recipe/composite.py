"""What paths do to the composite image as a whole: named under ``layer=comp`` they crop and clip it.

Pages: ``r-croppath``, ``r-clippath``. Embedded paths are those of layer 0's image, carried along with it. The composite is
cropped before it is mirrored and clipped after that, in pixels of what is then the composite image.
"""

from collections.abc import Sequence
from dataclasses import replace

from proxy.protocol.layers import Settings
from proxy.protocol.path import Path
from proxy.recipe.asked import AskedLayer
from proxy.recipe.clips import Allowance, Paths, clip_of, crop_to_paths, mirrored
from proxy.recipe.model import Box, Clip
from proxy.recipe.placement import Laid, carry_path, trimmed


def cropped(layers: Sequence[Laid], composite: Settings, layer: AskedLayer, paths: Paths) -> list[Laid]:
    """Layers in the composite image as it is cropped. The first of them is layer 0, which ``layer`` and ``paths`` are of.

    Raises:
        RequestError: nothing is left.
    """
    base, *others = layers
    width, height = base.shape.rectangle
    whole = Box(0.0, 0.0, float(width), float(height))
    box = crop_to_paths(composite, paths, whole, lambda path: _carried(path, base, layer, paths.allowance))
    if box == whole:
        return list(layers)
    left, top = int(box.left), int(box.top)
    moved = [replace(laid, place=(laid.place[0] - left, laid.place[1] - top)) for laid in others]
    return [trimmed(base, (left, top, int(box.right) - left, int(box.bottom) - top)), *moved]


def composite_clip(base: Laid, composite: Settings, layer: AskedLayer, paths: Paths) -> Clip | None:
    """What the composite image is clipped to, in pixels of it at full size."""
    flip = composite.one("flip", str) or ""
    size = base.shape.rectangle
    return clip_of(composite, paths, lambda path: mirrored(_carried(path, base, layer, paths.allowance), flip, size))


def _carried(path: Path, base: Laid, layer: AskedLayer, allowance: Allowance) -> Path:
    """A path of layer 0's image in its rectangle."""
    return carry_path(path, base, layer.layer.settings.one("flip", str) or "", allowance)
