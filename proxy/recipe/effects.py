"""From effect layers to what is drawn of them (``r-layer-effects``, ``r-effectmask``, ``r-opac``)."""

import math
from collections.abc import Mapping

from proxy.errors import BadValue, RequestError
from proxy.protocol.color import Color
from proxy.protocol.layers import Settings
from proxy.protocol.values import write_number
from proxy.recipe.asked import Asked
from proxy.recipe.geometry import Extent, Pixels, half_up
from proxy.recipe.model import EffectPlan
from proxy.recipe.op import Op

LARGEST_SHIFT = 20_000
"""Pixels by which an effect may be moved: what is farther away is outside of any canvas, and room for it would be needed."""


def plan_effects(
    effects: Mapping[int, Settings],
    asked: Asked,
    canvas: Pixels,
    opacity: float,
    scale: Extent,
    operations: tuple[type[Op], ...],
) -> tuple[EffectPlan, ...]:
    """Bring the effects of one parent to the scale of the composite, in the order of their numbers.

    ``canvas`` is the rectangle of layer 0 at full size, ``opacity`` the parent's, which an effect's own is multiplied by.

    Raises:
        RequestError: an effect without a colour, or moved too far.
    """
    chosen = asked.request.settings.one("effectMask", bool)
    masked = asked.main.flag("ApplyEffectMask") if chosen is None else chosen
    return tuple(
        _effect(number, effects[number], canvas, opacity, scale, operations, masked=masked) for number in sorted(effects)
    )


def _effect(
    number: int,
    settings: Settings,
    canvas: Pixels,
    opacity: float,
    scale: Extent,
    operations: tuple[type[Op], ...],
    *,
    masked: bool,
) -> EffectPlan:
    color = settings.one("color", Color)
    if color is None:
        raise RequestError(f"effect={number}: expected color= for this effect layer")
    own = settings.get("opac")
    shift = _shift(settings, canvas, scale)
    mean = math.sqrt(scale[0] * scale[1])
    found = [kind.of(values).at(mean, stage=None) for kind in operations if (values := settings.get(kind.name)) is not None]
    ops = [op for op in found if not op.idle]
    return EffectPlan(
        number=number,
        color=color,
        opacity=opacity * (own[0] / 100 if own is not None else 1.0),
        shape_ops=tuple(op for op in ops if op.shapes),
        ops=tuple(op for op in ops if not op.shapes),
        shift=shift,
        reach=math.ceil(sum(op.reach for op in ops)),
        mask_use=settings.one("maskUse", str) or "norm",
        masked=masked,
        blend=settings.one("blendMode", str) or "norm",
    )


def _shift(settings: Settings, canvas: Pixels, scale: Extent) -> Pixels:
    """How far an effect is moved away from its parent, in render pixels; ``posN=`` counts in sizes of layer 0 (``r-pos``)."""
    name, factors = ("posN", canvas) if "posN" in settings else ("pos", (1, 1))
    pos = settings.get(name) or (0, 0)
    shift = half_up(pos[0] * factors[0] * scale[0]), half_up(pos[1] * factors[1] * scale[1])
    if max(map(abs, shift)) > LARGEST_SHIFT:
        raise BadValue(name, f"{write_number(pos[0])},{write_number(pos[1])}", f"at most {LARGEST_SHIFT} pixels for an effect")
    return shift
