"""Answers to what planners ask about texts: which version of a font file is there, how large a text comes out.

Stands below ``service``, which knows where originals are; extents are measured in worker processes and remembered.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from cachetools import LRUCache

from proxy.cache.flight import Flights
from proxy.errors import BadSource
from proxy.protocol.rtf.document import Document, Paragraph, Span, Style
from proxy.recipe.fonts import FontLook
from proxy.recipe.model import Source
from proxy.recipe.text import Face, FontFile, TextExtent, TextPlan
from proxy.recipe.text_layers import TextLook, TextQuestion
from proxy.render.pool import Pool
from proxy.sources.built_in_fonts import open_built_in

REMEMBERED: Final = 10_000
"""Extents that are kept; each is a few numbers beside its plan."""

Opener = Callable[[str], Awaitable[Source | None]]
"""Finds a file at a path below the roots of the originals."""


class Typesetter:
    """Answers questions about texts; owns the extents."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._extents: LRUCache[TextPlan, TextExtent] = LRUCache(REMEMBERED)
        self._flights: Flights[TextExtent] = Flights()

    async def answer(self, question: TextQuestion, opener: Opener) -> FontFile | TextExtent:
        """Answer a question; raises as ``font`` and ``extent`` do."""
        return await (self.extent(question.plan) if isinstance(question, TextLook) else self.font(question, opener))

    async def font(self, look: FontLook, opener: Opener) -> FontFile:
        """Find a font file, and that of its metrics.

        Raises:
            BadSource: one of them is not there.
            Refused: a path leads out of the roots.
        """
        if look.built_in:
            source = await asyncio.to_thread(open_built_in, look.path, look.name)
        else:
            source = await opener(look.path)
        if source is None:
            raise BadSource(look.name, "the font file is not there")
        metrics = await opener(look.metrics) if look.metrics else None
        if look.metrics and metrics is None:
            raise BadSource(look.name, f"its metrics file {look.metrics} is not there")
        location = "" if metrics is None else metrics.location
        return FontFile(look.name, source.location, source.size, source.mtime_ns, location, look.weight)

    async def extent(self, plan: TextPlan) -> TextExtent:
        """Find out how large a text comes out.

        Raises:
            BadSource: a font that cannot be used.
            Overloaded, TimedOut, RenderFailed: see ``proxy.render.pool``.
        """
        known = self._extents.get(plan)
        if known is None:
            known = self._extents[plan] = await self._flights.join(repr(plan), lambda: self._pool.measure(plan))
        return known

    async def try_font(self, look: FontLook, opener: Opener) -> None:
        """Set a word in a font, to see whether it can be used.

        Raises:
            BadSource, Refused: it cannot.
        """
        document = Document((Paragraph((Span("Hamburg", Style()),)),))
        face = Face("", bold=False, italic=False, file=await self.font(look, opener))
        await self._pool.measure(TextPlan(document, (face,)))
