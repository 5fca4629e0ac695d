"""The canonical text of a recipe and the key made of it.

The text is what ``isproxy explain`` prints; the key is what caches hold renditions under. Equal recipes have equal text and
the other way round, since every number in a recipe was made by a value type or by geometry and is finite and never -0.
"""

import dataclasses
import hashlib
from typing import Any

from proxy.protocol.path import Subpath
from proxy.recipe.model import Recipe

ENGINE = 2
"""Bump it when a kernel changes what pixels it makes: cached renditions of earlier engines are then never found again."""


def canonical(value: Any, indent: int = 0) -> str:
    """Write a recipe or a part of it, one field a line; a field with its default value is left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pad = "  " * (indent + 1)
        lines = [
            f"{pad}{field.name}: {_written(value, field.name, indent + 1)}"
            for field in dataclasses.fields(value)
            if getattr(value, field.name) != field.default
        ]
        return "\n".join([type(value).__name__, *lines])
    if isinstance(value, tuple):
        if any(dataclasses.is_dataclass(item) for item in value):
            pad = "  " * (indent + 1)
            return "".join(f"\n{pad}- {canonical(item, indent + 1)}" for item in value)
        return "(" + ", ".join(canonical(item) for item in value) + ")"
    if isinstance(value, (str, bool, int, float)) or value is None:
        return repr(value)
    raise TypeError(f"a recipe may not hold a {type(value).__name__}")


def _written(owner: Any, name: str, indent: int) -> str:
    """The text of a field."""
    value = getattr(owner, name)
    if isinstance(owner, Subpath) and name == "segments":
        # thousands of points and nothing but numbers: as below, at once
        return repr(value).replace(",)", ")")
    return canonical(value, indent)


def text(recipe: Recipe) -> str:
    """The canonical text, with the engine's version in it."""
    return f"engine: {ENGINE}\n{canonical(recipe)}\n"


def key(recipe: Recipe) -> str:
    """The key: 64 hexadecimal digits."""
    return hashlib.sha256(text(recipe).encode()).hexdigest()
