"""What the headers of originals say, remembered by path, size and modification time.

The header of an SVG document may depend on what a request defines: it is then remembered by that too, apart from all others and
for fewer of them, since a request may define as much as it likes. Knows nothing of how a header is read.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from cachetools import LRUCache

from proxy.cache.flight import Flights
from proxy.recipe.drawing import FORMAT, drawn_with
from proxy.recipe.model import Header, Source

_MOST: Final = 100_000
_MOST_DRAWINGS: Final = 1_000


class Headers:
    """Asks ``probe`` about each original once."""

    def __init__(self, probe: Callable[[Source], Coroutine[Any, Any, Header]]) -> None:
        self._probe = probe
        self._under_way: Flights[Header] = Flights()
        self._known: LRUCache[Source, Header] = LRUCache(_MOST)
        self._drawings: LRUCache[Source, Header] = LRUCache(_MOST_DRAWINGS)

    async def of(self, source: Source, variables: Mapping[str, str]) -> tuple[Source, Header]:
        """The header of an original, and the original with those of the ``variables`` that it asks for.

        Raises:
            IsproxyError: whatever ``probe`` raises.
        """
        header = await self._read(source, self._known)
        if header.format != FORMAT:
            return source, header
        source = drawn_with(source, header, variables)
        return source, await self._read(source, self._drawings) if header.unsettled else header

    async def _read(self, source: Source, known: LRUCache[Source, Header]) -> Header:
        header = known.get(source)
        if header is None:
            header = known[source] = await self._under_way.join(repr(source), lambda: self._probe(source))
        return header
