"""The one path: from a request target to a rendition. The image route, exports, warming and properties all go through it.

    target ─read─▶ Asked ─plan (looks at originals)─▶ Planned ─get─▶ Rendition

Free of HTTP. Nothing else in this program makes pixels.
"""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cachetools import LRUCache, TTLCache

from proxy.cache.flight import Flights
from proxy.cache.memory import MemoryTier
from proxy.catalog.addresses import Address
from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.locale import Localization
from proxy.catalog.watch import CatalogFolder
from proxy.errors import BadSource, Missing
from proxy.formats import formats
from proxy.gate import Admitted, admit, overridden, rewrite
from proxy.ops import operations
from proxy.protocol.grammar import path_elements
from proxy.protocol.layers import with_settings
from proxy.protocol.printer import quote_value
from proxy.recipe.asked import Asked, Reader, ReadLimits
from proxy.recipe.key import key as key_of
from proxy.recipe.model import Header, Recipe, Source
from proxy.recipe.planner import Language, Limits, Look, Measured, plan
from proxy.render.pool import Pool
from proxy.sources._base import ForeignOrigin, Origin
from proxy.vocabulary import words

KEPT_ON_DEFAULT = ("wid", "hei", "fmt", "qlt", "req")
"""What a request keeps when a default image replaces it whole (``r-is-http-defaultimage``)."""

_DEFAULTED_KINDS = ("img", "tmb", "loadcache")
_VALIDATING = ("validate", "update")
"""Words of ``cache=`` that have originals looked at again at once (``r-is-http-cache``)."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A recipe and what it came from.

    ``sources`` are the originals, that of layer 0 first. ``measured`` is the request at full size. ``answered`` is what the
    recipe was made of: ``asked``, or the request for the default image that stands in for a missing one.
    """

    asked: Asked
    recipe: Recipe
    key: str
    sources: tuple[tuple[Source, Header], ...]
    measured: Measured
    answered: Asked

    @property
    def is_default(self) -> bool:
        """Whether a default image stands in for a missing one."""
        return self.answered is not self.asked


@dataclass(frozen=True, slots=True)
class Rendition:
    """An encoded image. ``made`` is true if this call made it, false if it was there already."""

    data: bytes
    media_type: str
    etag: str
    key: str
    made: bool = False


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """What the one path needs to be told. ``memory`` is in bytes, ``validate_after`` in seconds.

    ``save`` is the folder that ``req=saveToFile`` may write below; ``None`` turns it off.
    """

    memory: int = 256 * 2**20
    validate_after: float = 2.0
    reply_pixels: int = 100_000_000
    nesting: int = ReadLimits().nesting
    layers: int = ReadLimits().layers
    unknown_macro_is_error: bool = True
    save: Path | None = None


LOOPBACK: Final = ip_address("127.0.0.1")
"""Who asks where nobody else does: this machine."""


class Renditions:
    """Reads, plans and makes; owns the caches."""

    def __init__(
        self,
        catalogs: CatalogFolder,
        origins: Sequence[Origin],
        foreign: ForeignOrigin,
        pool: Pool,
        config: ServiceConfig = ServiceConfig(),
    ) -> None:
        self.folder = catalogs
        self._read_with = catalogs.current
        self.pool = pool
        self.config = config
        self.language = Language(words(), operations(), formats())
        self._origins = tuple(origins)
        self._foreign = foreign
        self._memory: MemoryTier[Rendition] = MemoryTier(config.memory, lambda rendition: len(rendition.data))
        self._flights: Flights[Rendition] = Flights()
        self._probes: Flights[Header] = Flights()
        self._headers: LRUCache[Source, Header] = LRUCache(100_000)
        self._plans: TTLCache[str, Planned] = TTLCache(20_000, config.validate_after or 1e-9, time.monotonic)
        self._opened: TTLCache[str, tuple[Source | None]] = TTLCache(100_000, config.validate_after or 1e-9, time.monotonic)

    def close(self) -> None:
        """End the workers, and remove what was fetched from other servers."""
        self.pool.close()
        self._foreign.close()

    def catalogs(self) -> Catalogs:
        """The snapshot that counts now; plans made with an earlier one are forgotten."""
        if self.folder.current is not self._read_with:
            self._read_with = self.folder.current
            self._plans.clear()
        return self._read_with

    def admit(self, target: str, client: Address | None = LOOPBACK, *, static: bool = False) -> Admitted:
        """Let what follows ``/is/image/`` or ``/is/content/`` through the rules, filters and locks of its catalog.

        Raises:
            Refused, BadSyntax, LimitExceeded: see ``proxy.gate``.
        """
        return admit(target, client, self.catalogs(), static=static)

    def main_of(self, admitted: Admitted) -> Catalog:
        """The main catalog of a request, with what rules say of its attributes."""
        catalogs = overridden(self.catalogs(), admitted.target, admitted.overrides)
        return catalogs.main_of("/".join(path_elements(admitted.target.partition("?")[0])))[0]

    def read(self, target: str | Admitted, client: Address | None = LOOPBACK) -> Asked:
        """Read a target; no original is looked at.

        Raises:
            RequestError, Refused, Unbuilt: see ``proxy.recipe.asked``.
        """
        admitted = self.admit(target, client) if isinstance(target, str) else target
        planned = self._plans.get(admitted.key)
        if planned is not None:
            return planned.asked
        catalogs = overridden(self.catalogs(), admitted.target, admitted.overrides)
        return self._reader(catalogs, client).read(admitted.target, admitted.key)

    def read_error_image(self, admitted: Admitted, title: str, message: str) -> Asked | None:
        """The request for the image that tells of an error, where the catalog of a request has one (``r-errorimage``).

        Raises:
            RequestError, Refused, Unbuilt: it cannot be read.
        """
        main = self.main_of(admitted)
        object_ = main.text("ErrorImage")
        if not object_:
            return None
        variables = {"error.title": quote_value(title), "error.message": quote_value(message)}
        return self._reader(self.catalogs(), LOOPBACK).read_object(object_, main, Localization(), variables)

    def _reader(self, catalogs: Catalogs, client: Address | None) -> Reader:
        return Reader(
            catalogs,
            self.language.words,
            ReadLimits(self.config.nesting, self.config.layers),
            self.config.unknown_macro_is_error,
            lambda path, query: rewrite(path, query, client, catalogs),
        )

    async def plan(self, asked: Asked) -> Planned:
        """Work out the recipe; a default image stands in for one that is missing, where request and catalog allow it.

        Raises:
            Missing, BadSource, LimitExceeded, Unbuilt, RequestError: see ``proxy.recipe.planner``.
        """
        fresh = _cache_control(asked)[0] in _VALIDATING
        planned = self._plans.get(asked.key)
        if planned is not None and planned.asked is asked and not fresh:
            return planned
        try:
            planned = await self._plan(asked, fresh=fresh)
        except Missing:
            instead = self._default(asked)
            if instead is None:
                raise
            planned = replace(await self._plan(instead, fresh=fresh), asked=asked)
        if asked.key:
            self._plans[asked.key] = planned
        return planned

    async def get(self, asked: Asked) -> Rendition:
        """The rendition of what was asked for, from the cache or made now."""
        return await self.make(await self.plan(asked))

    async def make(self, planned: Planned) -> Rendition:
        """The rendition of a plan, from the cache or made now; identical work under way is waited for.

        Raises:
            Overloaded, TimedOut, RenderFailed, BadSource, LimitExceeded: see ``proxy.render.pool``.
        """
        client, server = _cache_control(planned.asked)
        stored = (server or client) != "off"
        if stored and client != "update" and (rendition := self._memory.get(planned.key)) is not None:
            return rendition
        made = await self._flights.join(planned.key, lambda: self._make(planned, stored=stored))
        return replace(made, made=True)

    def cached(self, planned: Planned) -> Rendition | None:
        """The rendition of a plan if it is in the cache; nothing is made."""
        return self._memory.peek(planned.key)

    async def _make(self, planned: Planned, *, stored: bool) -> Rendition:
        encoded = await self.pool.render(planned.recipe)
        # not for safety: the manual calls the ETag the MD5 of the reply
        etag = hashlib.md5(encoded.data, usedforsecurity=False).hexdigest()
        rendition = Rendition(encoded.data, encoded.media_type, etag, planned.key)
        if stored:
            self._memory.put(planned.key, rendition)
        return rendition

    async def _plan(self, asked: Asked, *, fresh: bool) -> Planned:
        seen: list[tuple[Source, Header]] = []
        steps = plan(asked, self.language, Limits(self.config.reply_pixels))
        try:
            question = next(steps)
            while True:
                seen.append(await self.look(question, fresh=fresh))
                question = steps.send(seen[-1])
        except StopIteration as done:
            outcome: tuple[Recipe, Measured] = done.value
        recipe, measured = outcome
        return Planned(asked, recipe, key_of(recipe), tuple(seen), measured, asked)

    def _default(self, asked: Asked) -> Asked | None:
        """What to answer instead of a missing image, or ``None`` (``r-is-http-defaultimage``, ``r-defaultimagemode``)."""
        if asked.kind not in _DEFAULTED_KINDS:
            return None
        settings = asked.request.settings
        values = settings.get("defaultImage")
        object_ = asked.main.text("DefaultImage") if values is None else str(values[0] or "")
        if not object_:
            return None
        instead = self._reader(self.catalogs(), LOOPBACK).read_instead(asked, object_)
        kept = {name: values for name in KEPT_ON_DEFAULT if (values := settings.get(name)) is not None}
        return replace(instead, request=with_settings(instead.request, **kept))

    async def look(self, question: Look, *, fresh: bool = False) -> tuple[Source, Header]:
        """Find an original and read its header; both are remembered, the place for ``validate_after`` seconds.

        ``fresh`` looks at once whether it has changed.

        Raises:
            Missing: no origin has it.
            Refused, BadSource, LimitExceeded: it may not or cannot be used.
        """
        if question.foreign:
            return await self._headed(await self._fetched(question))
        source = await self._opened_source(question.path, question.name, fresh=fresh)
        if source is None and question.otherwise is not None:
            source = await self._opened_source(question.otherwise, question.name, fresh=fresh)
        if source is None:
            raise Missing(question.name)
        return await self._headed(source)

    async def _headed(self, source: Source) -> tuple[Source, Header]:
        header = self._headers.get(source)
        if header is None:
            header = self._headers[source] = await self._probes.join(repr(source), lambda: self.pool.probe(source))
        return source, header

    async def _fetched(self, question: Look) -> Source:
        """An original of another server; no default image stands in for it (``r-is-http-defaultimage``)."""
        source = await self._foreign.open(question.path)
        if source is None:
            raise BadSource(question.name, "its server has no such image")
        return source

    async def _opened_source(self, path: str, name: str, *, fresh: bool) -> Source | None:
        # one look-up: an entry may expire between two
        known = None if fresh else self._opened.get(path)
        if known is None:
            known = self._opened[path] = (await asyncio.to_thread(self._open, path, name),)
        return known[0]

    def _open(self, path: str, name: str) -> Source | None:
        for origin in self._origins:
            source = origin.open(path, name)
            if source is not None:
                return source
        return None


def _cache_control(asked: Asked) -> tuple[str, str | None]:
    """What a request says of the caches of clients and server (``r-is-http-cache``)."""
    values = asked.request.settings.get("cache")
    return ("on", None) if values is None else (values[0], values[1])
