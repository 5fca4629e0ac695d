"""The one path: from a request target to a rendition. The image route, exports, warming and properties all go through it.

    target ─read─▶ Asked ─plan (looks at originals)─▶ Planned ─get─▶ Rendition

Free of HTTP. Nothing else in this program makes pixels.
"""

import asyncio
import hashlib
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from cachetools import TTLCache

from proxy.cache.flight import Flights
from proxy.cache.headers import Headers
from proxy.cache.memory import MemoryTier
from proxy.catalog.addresses import Address
from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.locale import Localization
from proxy.catalog.watch import CatalogFolder
from proxy.errors import BadSource, Missing
from proxy.formats import formats
from proxy.gate import Admitted, admit, asks_who, main_of, overridden, rewrite, trusting
from proxy.ops import operations
from proxy.profiles import Profiles
from proxy.protocol.layers import with_settings
from proxy.protocol.printer import quote_value
from proxy.protocol.rtf.tokens import escape
from proxy.recipe.asked import Asked, Reader, ReadLimits
from proxy.recipe.colour import ProfileLook
from proxy.recipe.key import key as key_of
from proxy.recipe.looks import Look, looks
from proxy.recipe.model import Header, Recipe, Source
from proxy.recipe.planner import Answer, Language, Limits, Measured, Question, plan
from proxy.render.pool import Pool
from proxy.sources._base import ForeignOrigin, Origin
from proxy.sources.folders import Folder
from proxy.typesetting import Typesetter
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
    recipe was made of: ``asked``, or the request for the default image that stands in for a missing one. ``replaced`` are the
    paths of those originals for which a default image stands in within its layer (``r-defaultimagemode``). ``until`` is the
    monotonic time until which all originals are taken to be unchanged.
    """

    asked: Asked
    recipe: Recipe
    key: str
    sources: tuple[tuple[Source, Header], ...]
    measured: Measured
    answered: Asked
    replaced: frozenset[str] = frozenset()
    until: float = 0.0

    @property
    def is_default(self) -> bool:
        """Whether a default image stands in for a missing one."""
        return self.answered is not self.asked


@dataclass(slots=True)
class _Seen:
    """What a planner was shown so far, and the monotonic time until which all of that is taken to be unchanged."""

    until: float
    sources: list[tuple[Source, Header]] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)


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

    ``save`` is the folder that ``req=saveToFile`` may write below; ``None`` turns it off. ``profiles`` is that of the standard
    colour profiles that this program cannot make.
    """

    memory: int = 256 * 2**20
    validate_after: float = 2.0
    reply_pixels: int = 100_000_000
    drawn_pixels: int = 1_000_000_000
    fine_pixels: int = 500_000
    read: ReadLimits = field(default_factory=ReadLimits)
    unknown_macro_is_error: bool = True
    save: Path | None = None
    profiles: Path | None = None


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
        self._take_over(catalogs.current)
        self.pool = pool
        self.config = config
        self.language = Language(words(), operations(), formats())
        self.typesetter = Typesetter(pool)
        self._origins = tuple(origins)
        self._foreign = foreign
        self._memory: MemoryTier[Rendition] = MemoryTier(config.memory, lambda rendition: len(rendition.data))
        self._flights: Flights[Rendition] = Flights()
        self._headers = Headers(pool.probe)
        self._profiles = Profiles(origins, () if config.profiles is None else (Folder(config.profiles),), pool)
        kept = config.validate_after or 1e-9
        self._plans: TTLCache[str, Planned] = TTLCache(20_000, kept, time.monotonic)
        self._opened: TTLCache[str, tuple[Source | None, float]] = TTLCache(100_000, kept, time.monotonic)

    def close(self) -> None:
        """End the workers, and remove what was fetched from other servers."""
        self.pool.close()
        self._foreign.close()

    def catalogs(self) -> Catalogs:
        """The snapshot that counts now; plans made with an earlier one are forgotten."""
        if self.folder.current is not self._read_with:
            self._take_over(self.folder.current)
            self._plans.clear()
        return self._read_with

    def _take_over(self, catalogs: Catalogs) -> None:
        self._read_with, self._trusting = catalogs, trusting(catalogs)
        self.asks_who = asks_who(catalogs)
        """Whether what a request comes to may depend on who asks, by a rule of any catalog."""

    def admit(self, target: str, client: Address | None = LOOPBACK, *, static: bool = False) -> Admitted:
        """Let what follows ``/is/image/`` or ``/is/content/`` through the rules, filters and locks of its catalog.

        Raises:
            Refused, BadSyntax, LimitExceeded: see ``proxy.gate``.
        """
        return admit(target, client, self.catalogs(), static=static)

    def main_of(self, admitted: Admitted) -> Catalog:
        """The main catalog of a request, with what rules say of its attributes."""
        catalogs = overridden(self.catalogs(), admitted.target, admitted.overrides)
        return main_of(admitted.target.partition("?")[0], catalogs)

    def read(self, target: str | Admitted) -> Asked:
        """Read a target; no original is looked at. A text is a request of this program's own, see ``proxy.gate.trusting``.

        Raises:
            RequestError, Refused, Unbuilt: see ``proxy.recipe.asked``.
        """
        catalogs = self.catalogs()
        if isinstance(target, str):
            catalogs = self._trusting
            admitted = admit(target, None, catalogs)
            key = f"\0{admitted.key}"
        else:
            admitted = target
            key = f"{admitted.key}\0{admitted.client}" if self.asks_who else admitted.key
        planned = self._plans.get(key)
        if planned is not None and time.monotonic() < planned.until:
            return planned.asked
        catalogs = overridden(catalogs, admitted.target, admitted.overrides)
        return self._reader(catalogs, admitted.client).read(admitted.target, key)

    def read_error_image(self, admitted: Admitted, title: str, message: str) -> Asked | None:
        """The request for the image that tells of an error, where the catalog of a request has one (``r-errorimage``).

        Raises:
            RequestError, Refused, Unbuilt: it cannot be read.
        """
        main = self.main_of(admitted)
        object_ = main.text("ErrorImage")
        if not object_:
            return None
        # a template draws them as text (r-errorimage), and messages quote what was wrong with a text
        variables = {"error.title": quote_value(escape(title)), "error.message": quote_value(escape(message))}
        return self._reader(self._trusting, None).read_object(object_, main, Localization(), variables)

    def _reader(self, catalogs: Catalogs, client: Address | None) -> Reader:
        return Reader(
            catalogs,
            self.language.words,
            self.config.read,
            self.config.unknown_macro_is_error,
            lambda path, query: rewrite(path, query, client, catalogs),
        )

    async def plan(self, asked: Asked) -> Planned:
        """Work out the recipe; a default image stands in for one that is missing, where request and catalog allow it.

        Raises:
            Missing, BadSource, LimitExceeded, Unbuilt, RequestError: see ``proxy.recipe.planner``.
        """
        fresh, read_with = validates(asked), self._read_with
        planned = self._plans.get(asked.key)
        if planned is not None and planned.asked is asked and not fresh and time.monotonic() < planned.until:
            return planned
        seen = _Seen(self._kept_until())
        try:
            planned = await self._plan(asked, seen, fresh=fresh)
        except Missing:
            instead = self._default(asked)
            if instead is None:
                raise
            # it stands in no longer than the missing one is known to be missing
            planned = replace(await self._plan(instead, _Seen(seen.until), fresh=fresh), asked=asked)
        if asked.key and self._read_with is read_with:
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
        client, server = planned.asked.caching
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

    def _kept_until(self) -> float:
        return time.monotonic() + self.config.validate_after

    async def _plan(self, asked: Asked, seen: _Seen, *, fresh: bool) -> Planned:
        steps = self._steps(asked)
        try:
            question = next(steps)
            while True:
                question = steps.send(await self._answer(question, seen, fresh=fresh))
        except StopIteration as done:
            recipe, measured = done.value
        sources, replaced = tuple(seen.sources), frozenset(seen.replaced)
        return Planned(asked, recipe, key_of(recipe), sources, measured, asked, replaced, seen.until)

    async def _answer(self, question: Question, seen: _Seen, *, fresh: bool) -> Answer:
        if isinstance(question, ProfileLook):
            return await self._profiles.look(question)
        if not isinstance(question, Look):
            return await self.typesetter.answer(question, lambda path: self._opened_source(path, path, seen, fresh=fresh))
        header = await self._headers.of(await self._found(question, seen, fresh=fresh), question.variables)
        seen.sources.append(header)
        return header

    def _steps(self, asked: Asked) -> Generator[Question, Any, tuple[Recipe, Measured]]:
        return plan(asked, self.language, Limits(self.config.reply_pixels, self.config.drawn_pixels, self.config.fine_pixels))

    def _default(self, asked: Asked) -> Asked | None:
        """What to answer instead of a missing image, or ``None`` (``r-is-http-defaultimage``, ``r-defaultimagemode``)."""
        if asked.kind not in _DEFAULTED_KINDS:
            return None
        settings = asked.request.settings
        values = settings.get("defaultImage")
        object_ = asked.main.text("DefaultImage") if values is None else str(values[0] or "")
        if not object_:
            return None
        instead = self._reader(self._trusting, None).read_instead(asked, object_)
        kept = {name: values for name in KEPT_ON_DEFAULT if (values := settings.get(name)) is not None}
        return replace(instead, request=with_settings(instead.request, **kept), client=asked.client)

    async def look(self, question: Look, *, fresh: bool = False) -> tuple[Source, Header]:
        """Find an original and read its header; both are remembered, the place for ``validate_after`` seconds.

        ``fresh`` looks at once whether it has changed.

        Raises:
            Missing: no origin has it.
            Refused, BadSource, LimitExceeded: it may not or cannot be used.
        """
        source = await self._found(question, _Seen(self._kept_until()), fresh=fresh)
        return await self._headers.of(source, question.variables)

    def looks(self, asked: Asked) -> tuple[Look, ...]:
        """What a request looks at, the original of layer 0 first; finds what is wrong with it whatever they show.

        What depends on the sizes of originals, or on what is in them, is found by ``plan`` alone.

        Raises:
            RequestError, LimitExceeded, Missing, Unbuilt: see ``proxy.recipe.planner``.
        """
        with suppress(StopIteration):
            # as far as it comes without a header
            next(self._steps(asked))
        return tuple(looks(asked))

    async def find(self, questions: Sequence[Look]) -> list[Source]:
        """Find originals, all of them in one go and without opening any.

        Raises:
            Missing, Refused, BadSource: as ``look`` does, but for what is wrong inside of them.
        """
        unknown = {question.path: question.name for question in questions if not question.foreign}
        unknown = {path: name for path, name in unknown.items() if path not in self._opened}
        if unknown:
            until = self._kept_until()
            opened = await asyncio.to_thread(lambda: {path: (self._open(path, name), until) for path, name in unknown.items()})
            self._opened.update(opened)
        seen = _Seen(self._kept_until())
        return [await self._found(question, seen, fresh=False) for question in questions]

    async def _found(self, question: Look, seen: _Seen, *, fresh: bool) -> Source:
        """An original, or the default image that stands in for it."""
        if question.foreign:
            return await self._fetched(question)
        source = await self._opened_source(question.path, question.name, seen, fresh=fresh)
        if source is None and question.otherwise is not None:
            seen.replaced.add(question.path)
            source = await self._opened_source(question.otherwise, question.name, seen, fresh=fresh)
        if source is None:
            raise Missing(question.name)
        return source

    async def _fetched(self, question: Look) -> Source:
        """An original of another server; no default image stands in for it (``r-is-http-defaultimage``)."""
        source = await self._foreign.open(question.path)
        if source is None:
            raise BadSource(question.name, "its server has no such image")
        return source

    async def _opened_source(self, path: str, name: str, seen: _Seen, *, fresh: bool) -> Source | None:
        # one look-up: an entry may expire between two
        known = None if fresh else self._opened.get(path)
        if known is None:
            until = self._kept_until()
            known = self._opened[path] = (await asyncio.to_thread(self._open, path, name), until)
        seen.until = min(seen.until, known[1])
        return known[0]

    def _open(self, path: str, name: str) -> Source | None:
        for origin in self._origins:
            source = origin.open(path, name)
            if source is not None:
                return source
        return None


def validates(asked: Asked) -> bool:
    """Whether a request wants its originals looked at again at once."""
    return asked.caching[0] in _VALIDATING
