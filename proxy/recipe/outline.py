"""Paths of layer 0's original, carried along with its picture into the reply image (``r-pathembed``)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from proxy.protocol.path import Path
from proxy.recipe.model import LayerPlan, NamedPath, Picture, Size

_DIGITS = 3
"""Decimals of a coordinate: a thousandth of a pixel, so that what is left of dividing makes no other recipe."""


@dataclass(frozen=True, slots=True)
class Affine:
    """(x, y) becomes (a·x + c·y + e, b·x + d·y + f)."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def then(self, other: "Affine") -> "Affine":
        """This one, and the other after it."""
        return Affine(
            other.a * self.a + other.c * self.b,
            other.b * self.a + other.d * self.b,
            other.a * self.c + other.c * self.d,
            other.b * self.c + other.d * self.d,
            other.a * self.e + other.c * self.f + other.e,
            other.b * self.e + other.d * self.f + other.f,
        )


def carried_paths(paths: Sequence[NamedPath], picture: Picture) -> tuple[NamedPath, ...]:
    """Paths in source pixels of layer 0, in pixels of the reply image; no open subpaths, and no path without any subpath.

    There are none where layer 0 is in perspective: curves do not stay what these files can say.
    """
    base = picture.layers[0]
    if base.perspective is not None:
        return ()
    move = _to_reply(picture, base)
    closed = ((item.name, Path(tuple(part for part in item.path.subpaths if part.closed))) for item in paths)
    return tuple(
        NamedPath(name, path.affine(move.a, move.b, move.c, move.d, move.e, move.f).rounded(_DIGITS))
        for name, path in closed
        if path.subpaths
    )


def _to_reply(picture: Picture, base: LayerPlan) -> Affine:
    move = Affine()
    for step in (*_in_layer(base), *_in_view(picture)):
        move = move.then(step)
    return move


def _in_layer(base: LayerPlan) -> Iterator[Affine]:
    """Crop, scale, mirror, rotation, margins, in the order of the renderer."""
    crop, (width, height) = base.crop, base.size
    yield _shift(-crop.left, -crop.top)
    yield Affine(width / (crop.right - crop.left), d=height / (crop.bottom - crop.top))
    yield _mirror(base.flip, base.size)
    yield _shift(-width / 2, -height / 2)
    cosine, sine = math.cos(math.radians(base.angle)), math.sin(math.radians(base.angle))
    yield Affine(cosine, sine, -sine, cosine)
    left, top, _, _ = base.margins
    yield _shift(base.turned[0] / 2 + left, base.turned[1] / 2 + top)


def _in_view(picture: Picture) -> Iterator[Affine]:
    """Mirror of the composite, its size and place in the view, the final rectangle."""
    view = picture.view
    yield _mirror(picture.flip, view.canvas)
    yield Affine(view.fitted[0] / view.canvas[0], d=view.fitted[1] / view.canvas[1])
    yield _shift(view.offset[0] - view.rect[0], view.offset[1] - view.rect[1])


def _shift(across: float, down: float) -> Affine:
    return Affine(e=across, f=down)


def _mirror(flip: str, size: Size) -> Affine:
    across, down = "lr" in flip, "ud" in flip
    return Affine(-1.0 if across else 1.0, d=-1.0 if down else 1.0, e=size[0] if across else 0.0, f=size[1] if down else 0.0)
