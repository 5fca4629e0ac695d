"""Finds what a plug folder holds: every public class of its modules that says it is one.

A plug folder is a package whose modules each add one or more things of a kind (operations, formats, sources,
answers). Modules whose name begins with ``_`` hold what the plugs share and are not plugs themselves.
"""

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

Plug = TypeVar("Plug")


def collect(package: ModuleType, base: type[Plug], order: tuple[str, ...] = ()) -> tuple[type[Plug], ...]:
    """Return the subclasses of ``base`` defined in the package's modules, in the order they are written.

    Modules named in ``order`` come first and in that order, the others after them by name. A class counts where it is defined,
    so importing one plug into another does not list it twice.
    """
    found = {info.name for info in pkgutil.iter_modules(package.__path__) if not info.name.startswith("_")}
    missing = [name for name in order if name not in found]
    if missing:
        raise ImportError(f"{package.__name__} has no module {missing[0]}")
    plugs: list[type[Plug]] = []
    for name in (*order, *sorted(found.difference(order))):
        module = importlib.import_module(f"{package.__name__}.{name}")
        plugs += [
            value
            for key, value in vars(module).items()
            if not key.startswith("_")
            and isinstance(value, type)
            and issubclass(value, base)
            and value.__module__ == module.__name__
        ]
    return tuple(plugs)
