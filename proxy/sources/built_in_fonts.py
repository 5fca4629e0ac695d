"""The font files that come with this program, in packages of their own. Knows file names and nothing of faces."""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Final

from proxy.recipe.model import Source

_PACKAGES: Final = ("fontpkg_arimo",)


@cache
def folders() -> tuple[Path, ...]:
    """The folders of the packages that are there; none of them is imported."""
    specs = [importlib.util.find_spec(package) for package in _PACKAGES]
    roots = [root for spec in specs if spec is not None for root in spec.submodule_search_locations or ()]
    return tuple(Path(root) / "files" for root in roots)


def open_built_in(file: str, name: str) -> Source | None:
    """Find a font file by its name; ``None`` if its package is not there. ``name`` is what messages may call it."""
    for folder in folders():
        path = folder / file
        if path.is_file():
            status = path.stat()
            return Source(name, str(path), status.st_size, status.st_mtime_ns)
    return None
