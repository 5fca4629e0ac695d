"""The kinds of ``req=``, one file each."""

import sys
from collections.abc import Mapping
from functools import cache

from proxy.answers._base import Answer
from proxy.errors import RequestError, Unbuilt
from proxy.protocol.commands import FOREIGN_KINDS
from proxy.registry import collect


@cache
def answers() -> Mapping[str, Answer]:
    """Every kind that this version answers, by its name."""
    return {kind.name: kind() for kind in collect(sys.modules[__name__], Answer)}


def answer_for(kind: str) -> Answer:
    """The answer of a kind.

    Raises:
        RequestError: it exists outside the reference only (protocol decision 21).
        Unbuilt: this version does not answer it.
    """
    if kind in FOREIGN_KINDS:
        raise RequestError(f"req={kind} is not supported")
    found = answers().get(kind)
    if found is None:
        raise Unbuilt(f"req={kind}")
    return found
