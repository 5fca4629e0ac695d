"""What is wrong with the colour profiles that catalogs name: missing, broken, or of another kind of data than is wanted.

Their files are looked at as they are for requests, in a worker process, which a hostile one may end.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.problems import Problem, Severity
from proxy.catalog.profiles import OUTPUTS, SOURCES
from proxy.config import Config
from proxy.errors import IsproxyError
from proxy.profiles import Profiles
from proxy.recipe.colour import Looking, expected_of, expected_of_file
from proxy.render.pool import Pool, PoolConfig
from proxy.sources.folders import Folder

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Named:
    """A profile that a catalog names: where, how, and the question what was expected of it."""

    file: str
    name: str
    steps: Looking[str]
    severity: Severity


def profile_problems(settings: Config, catalogs: Catalogs) -> list[Problem]:
    """Look at every profile that a map or an attribute names, each once."""
    named = [found for catalog in catalogs for found in _named(catalog)]
    return asyncio.run(_problems(settings, named))


def _named(catalog: Catalog) -> Iterator[_Named]:
    """The profiles a catalog names itself; what it inherits is told of where it stands."""
    for name, path in catalog.profiles.items():
        yield _Named(catalog.text("IccProfileMapFile"), name, expected_of_file(catalog.rooted(path)), "error")
    inherited = catalog.default
    for attributes in (OUTPUTS, SOURCES):
        for pixels, attribute in attributes.items():
            name = catalog.text(attribute)
            if name and (inherited is None or name != inherited.text(attribute)):
                # without a usable one for originals, that for replies stands in
                severity: Severity = "error" if attributes is OUTPUTS else "warning"
                steps = expected_of(catalog, attribute, pixels)
                yield _Named(catalog.file, f"{attribute}={name}", steps, severity)


async def _problems(settings: Config, named: list[_Named]) -> list[Problem]:
    content = settings.content
    origins = [Folder(folder) for folder in content.images]
    supplied = [] if content.profiles is None else [Folder(content.profiles)]
    pool = Pool(PoolConfig(workers=1, seconds=settings.limits.render_seconds), settings.opening())
    try:
        profiles = Profiles(origins, supplied, pool)
        found = [(item, await _expected(item, profiles)) for item in named]
    finally:
        pool.close()
    return [Problem(item.file, 0, 0, f"{item.name}: {wrong}", item.severity) for item, wrong in found if wrong]


async def _expected(named: _Named, profiles: Profiles) -> str:
    try:
        expected = await _answered(named.steps, profiles)
    except IsproxyError as error:
        return error.detail
    return expected and f"expected {expected}"


async def _answered(steps: Looking[_T], profiles: Profiles) -> _T:
    try:
        question = next(steps)
        while True:
            question = steps.send(await profiles.look(question))
    except StopIteration as done:
        result: _T = done.value
        return result
