"""Which files a worker reads for a job: what it is to be blamed on when it ends the worker."""

import dataclasses
from collections.abc import Iterator

from proxy.recipe.model import Source
from proxy.recipe.text import FontFile


def originals(value: object) -> tuple[str, ...]:
    """The names of originals and fonts in a recipe, a text plan or a source, each once, as messages may show them."""
    return tuple(dict.fromkeys(_names(value)))


def _names(value: object) -> Iterator[str]:
    if isinstance(value, tuple):
        for item in value:
            yield from _names(item)
    elif dataclasses.is_dataclass(value):
        if isinstance(value, (Source, FontFile)):
            yield value.name
        for field in dataclasses.fields(value):
            yield from _names(getattr(value, field.name))
