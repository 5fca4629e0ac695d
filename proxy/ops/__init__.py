"""The ``op_`` commands, one block each: word, arguments, meaning under ``layer=comp``, kernel.

Operations of one stage are carried out in the order of ``ORDER``, whatever the order in the URL (protocol decision 23 (35)).
"""

import sys

from proxy.recipe.op import Op
from proxy.registry import collect

ORDER = ("tone", "colour", "blur", "noise", "mask", "focus")
"""The families in the order of their work; within one, operations stand in that order in the file."""


def operations() -> tuple[type[Op], ...]:
    """Every operation, in the order in which they are carried out."""
    return collect(sys.modules[__name__], Op, ORDER)
