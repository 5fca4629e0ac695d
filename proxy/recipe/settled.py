"""What settings come to as operations and as opacity, at a scale (``r-opac`` and the pages of the operations)."""

from proxy.protocol.command import OnComp
from proxy.protocol.layers import Settings
from proxy.recipe.op import Op, Stage


def operations(settings: Settings, kinds: tuple[type[Op], ...], scale: float, stage: Stage | None) -> tuple[Op, ...]:
    """The operations of one stage, in the order in which they are carried out, without those that change nothing."""
    found = (kind.of(values).at(scale, stage=stage) for kind in kinds if (values := settings.get(kind.name)) is not None)
    return tuple(op for op in found if not op.idle)


def of_picture(kinds: tuple[type[Op], ...]) -> tuple[type[Op], ...]:
    """The operations that work on a picture; those that mean layer 0 under ``layer=comp`` work on its mask."""
    return tuple(kind for kind in kinds if kind.on_comp is not OnComp.LAYER0)


def primary(settings: Settings) -> float:
    """The opacity that a layer shares with its effects, 0 to 1 (``r-opac``)."""
    values = settings.get("opac")
    return 1.0 if values is None else values[0] / 100


def opacity(settings: Settings) -> float:
    """Opacity times fill opacity, 0 to 1 (``r-opac``)."""
    values = settings.get("opac")
    return 1.0 if values is None else values[0] * values[1] / 10000
