"""What a plan knows of an operation: its arguments, in which pixels it speaks, and how to say it at another scale.

An operation is one block in ``proxy/ops/``: a frozen dataclass below ``Op`` whose fields are its arguments, each
``Annotated`` with its value type and given its default. The command table's row is derived from it, so the block is the
only place that knows it. Kernels (``apply``) live in ``proxy/ops/``; this module needs no pixels.
"""

import dataclasses
import typing
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Self

from proxy.protocol.command import Arg, Command, OnComp, Scope, Values
from proxy.protocol.values import ValueType


class Stage(Enum):
    """Where an operation named under ``layer=comp`` is carried out."""

    COMPOSITE = "composite"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class Op:
    """Base of the operations. An instance holds argument values and says nothing of pictures."""

    name: ClassVar[str]
    page: ClassVar[str]
    on_comp: ClassVar[OnComp] = OnComp.COMPOSITE
    in_effect: ClassVar[bool] = False
    built: ClassVar[bool] = True
    shapes: ClassVar[bool] = False
    """In an effect layer it works on the shape, not on the colour that fills it."""

    @classmethod
    def row(cls) -> Command:
        """The row of the command table."""
        hints = typing.get_type_hints(cls, include_extras=True)
        args: list[Arg] = []
        for number, field in enumerate(dataclasses.fields(cls)):
            (value_type,) = (note for note in hints[field.name].__metadata__ if isinstance(note, ValueType))
            args.append(Arg(field.name, value_type, field.default, required=number == 0))
        default = cls()
        first_line = (cls.__doc__ or "").strip().splitlines()[0]
        return Command(
            cls.name,
            Scope.LAYER,
            tuple(args),
            first_line.rstrip("."),
            cls.page,
            on_comp=cls.on_comp,
            in_effect=cls.in_effect,
            built=cls.built,
            harmless=(tuple(getattr(default, arg.name) for arg in args),) if default.idle else (),
        )

    @classmethod
    def of(cls, values: Values) -> Self:
        """Make the operation of the values that its row has read."""
        return cls(*values)

    def at(self, scale: float, *, stage: Stage | None) -> Self:  # noqa: ARG002  # radii are for those that have one
        """The same operation for pixels of ``scale`` times the size it speaks of.

        ``stage`` is ``None`` in a layer, else where it is carried out under ``layer=comp``. Operations without a radius
        are the same at every scale.
        """
        return self

    @property
    def reach(self) -> float:
        """How many pixels it may carry something outwards."""
        return 0.0

    @property
    def work(self) -> float:
        """How many times as long as scaling a pixel it takes, about; its share of ``limits.drawn_pixels``."""
        return 1.0

    @property
    def idle(self) -> bool:
        """True if it changes nothing, so that the plan leaves it out."""
        return False

    def apply(self, image: Any) -> Any:
        """Carry it out on a Pillow image of mode L, LA, RGB or RGBA; the result has the same size and mode.

        Only where colour arises does L become RGB and LA become RGBA.
        """
        raise NotImplementedError
