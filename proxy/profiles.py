"""Colour profiles in files: found among the originals or in the folder of standard ones, looked at by a worker, remembered.

Answers the planner's ``ProfileLook`` for the one path. Knows nothing of what profiles say.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from cachetools import LRUCache

from proxy.recipe.colour import ProfileLook, ProfileSeen
from proxy.recipe.model import Source
from proxy.render.pool import Pool
from proxy.sources._base import Origin

_REMEMBERED: Final = 10_000


class Profiles:
    """What is known of profiles by file, size and date; a worker opens them, since they may be as hostile as originals."""

    def __init__(self, origins: Sequence[Origin], supplied: Sequence[Origin], pool: Pool) -> None:
        self._origins, self._supplied, self._pool = tuple(origins), tuple(supplied), pool
        self._seen: LRUCache[Source, ProfileSeen] = LRUCache(_REMEMBERED)

    async def look(self, question: ProfileLook) -> ProfileSeen | None:
        """Answer the planner; ``None`` if there is no such file.

        Raises:
            Refused: the path leads out of where it may.
            Overloaded, TimedOut, RenderFailed: see ``proxy.render.pool``.
        """
        source = await asyncio.to_thread(self._found, question)
        if source is None:
            return None
        seen = self._seen.get(source)
        if seen is None:
            seen = self._seen[source] = await self._pool.profile(source)
        return seen

    def _found(self, question: ProfileLook) -> Source | None:
        origins = self._supplied if question.supplied else self._origins
        found = (origin.open(question.path, question.name) for origin in origins)
        return next((source for source in found if source is not None), None)
