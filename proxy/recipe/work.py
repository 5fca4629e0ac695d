"""How much work a recipe is, before any of it is done: the pixels of all pictures that are drawn for it.

A pixel counts once for being decoded or scaled, and for an operation as often as that takes times as long (``Op.work``). What
comes out is not a time, but no time is spent that does not show in it.
"""

from typing import Final

from proxy.recipe.model import Clip, EffectPlan, LayerPlan, Picture, Size
from proxy.recipe.op import Op

_LEVELS: Final = 3
"""The share of the work on a picture that is work on a mask: one band of three or four."""

_SAMPLES: Final = 12
"""The work on a pixel of a quadrilateral: up to 32 samples, each less than a scaled pixel."""


def drawn(picture: Picture) -> int:
    """Pixels that are drawn for a picture, those of nested ones included."""
    view, canvas = picture.view, _pixels(picture.view.canvas)
    total = canvas * _times(picture.ops) + _pixels(view.fitted) * _times(picture.view_ops) + _pixels(view.rect[2:])
    total += canvas * _clipped(picture.clip)
    total += sum(_effect(effect, view.canvas) for effect in picture.effects)
    layers = picture.layers if picture.watermark is None else (*picture.layers, picture.watermark)
    return round(total + sum(map(_layer, layers)))


def sheet(effect: EffectPlan, rectangle: Size) -> Size:
    """Width and height of what an effect is drawn in, for a parent of the size ``rectangle``."""
    return rectangle[0] + 2 * effect.reach, rectangle[1] + 2 * effect.reach


def rectangle(layer: LayerPlan) -> Size:
    """Width and height of a layer with its margins and what reaches out of it."""
    left, top, right, bottom = layer.margins
    return layer.turned[0] + left + right + 2 * layer.spill[0], layer.turned[1] + top + bottom + 2 * layer.spill[1]


def _layer(layer: LayerPlan) -> float:
    masked = bool(layer.mask or layer.mask_ops) or layer.mask_use == "invert"
    size = (layer.size[0] + 2 * layer.overhang[0], layer.size[1] + 2 * layer.overhang[1])
    total = _pixels(size) * (_times(layer.ops) + masked * _times(layer.mask_ops) / _LEVELS)
    total += _pixels(layer.turned) if layer.angle else 0
    total += _pixels(rectangle(layer)) * (1 + _clipped(layer.clip) + (_SAMPLES if layer.perspective else 0))
    total += sum(_effect(effect, rectangle(layer)) for effect in layer.effects)
    # where alpha takes the way of a mask, the picture is drawn for it once more
    nested = (layer.source, layer.mask or (layer.source if masked else None))
    return total + sum(drawn(picture) for picture in nested if isinstance(picture, Picture))


def _effect(effect: EffectPlan, parent: Size) -> float:
    return _pixels(sheet(effect, parent)) * (_times(effect.ops) + _times(effect.shape_ops) / _LEVELS)


def _clipped(clip: Clip | None) -> float:
    return 0 if clip is None else (len(clip.within) + len(clip.without)) / _LEVELS


def _times(operations: tuple[Op, ...]) -> float:
    return 1 + sum(op.work for op in operations)


def _pixels(size: Size) -> int:
    return size[0] * size[1]
