"""Looks at every asset of an export before its first byte: what it is made of, what its entry is called, what is wrong with it.

For renditions there are two looks. The *quick* one reads every request and sees that its originals are there, but opens those of
the first asset alone: what modifiers and macros do wrong in any picture, they do in that one. The *thorough* one works every
rendition out; it is for estimates, and for exports that are refused anyway, which then hear of all that is wrong.

Pages: ``r-exportjob``, ``r-assettype-cat``. Goes through ``proxy.service`` alone; makes no pixels and writes nothing.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from proxy.errors import BadSource, IsproxyError, Missing, Overloaded, RenderFailed, RequestError, TimedOut
from proxy.export.config import ExportConfig
from proxy.export.estimate import expected_bytes
from proxy.export.names import Names, converted_name, safe_name
from proxy.export.patience import patiently
from proxy.export.report import REPORT_NAME
from proxy.export.request import CONVERT, HANDLES, MACRO, MODIFIER, ORIG, TOO_MUCH, ExportJob, Problem, object_of
from proxy.formats import formats
from proxy.recipe.asked import Asked
from proxy.recipe.looks import Look
from proxy.recipe.model import Source
from proxy.recipe.output import plan_output
from proxy.service import Planned, Renditions

UNSUPPORTED: Final = {
    "IMAGESET": "an Image Set",
    "SPINSET": "a Spin Set",
    "SPINSET2D": "a Spin Set",
    "MEDIASET": "a Media Set",
    "VIDEOSET": "a Video Set or Multi-bitrate Set",
    "ECATALOG": "an eCatalog",
}
"""The types that ExportJob does not take, by their words in catalogs. Catalogs have no word for Render Sets and Offer Sets."""

IMAGE_KINDS: Final = ("img", "tmb")
"""Words of ``req=`` that ask for a picture made by the recipe alone."""

AT_ONCE: Final = 50
"""So many renditions are read before their originals are looked for together."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One asset of an export that is to be made. Small, since there may be thousands.

    ``target`` is the rendition's request and ``format`` the word for how it is encoded, both empty for originals. ``entry`` is
    its name in the zip, ``source`` the original's file name and ``modifiers`` what counts in the end, macros expanded.
    ``location`` and ``modified_ns`` are the original's. ``expected`` is its size in bytes: exact for originals, a guess for
    renditions that were looked at thoroughly, else 0.
    """

    handle: str
    entry: str
    source: str
    location: str
    modified_ns: int
    expected: int
    target: str = ""
    modifiers: str = ""
    format: str = ""


async def look_at(
    job: ExportJob, renditions: Renditions, config: ExportConfig, *, thoroughly: bool = False
) -> tuple[tuple[Asset, ...], tuple[Problem, ...]]:
    """Look at every asset, several at a time, and give those that can be exported and all that is wrong with the others.

    ``thoroughly`` has renditions worked out even if nothing is found to be wrong with them.
    """
    if job.fmt == CONVERT and not thoroughly:
        assets = await _glanced(job, renditions)
        if assets:
            return _named(assets), ()
    found: list[Asset | tuple[Problem, ...]] = [()] * len(job.handles)
    places = iter(range(len(job.handles)))

    async def looker() -> None:
        for place in places:
            found[place] = await _look(job.handles[place], job, renditions)
            # what is remembered is answered without waiting: other requests get their turn here
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(config.planners, len(job.handles))):
            group.create_task(looker())
    assets = [result for result in found if isinstance(result, Asset)]
    problems = [problem for result in found if not isinstance(result, Asset) for problem in result]
    total = sum(asset.expected for asset in assets)
    if job.fmt == ORIG and total > config.export_bytes:
        message = f"the originals have {total} bytes: at most {config.export_bytes} can be exported at once"
        problems.append(Problem(HANDLES, message, status=TOO_MUCH))
    return _named(assets), _merged(problems, len(job.handles))


async def planned_image(target: str, renditions: Renditions) -> Planned:
    """Plan a rendition of an asset itself, never of a default image in its place.

    Raises:
        RequestError: it asks for something else than an image. Whatever reading and planning raise besides.
    """
    planned = await patiently(renditions.plan, _read_image(target, renditions))
    if planned.is_default:
        raise Missing(planned.asked.object)
    return planned


def _read_image(target: str, renditions: Renditions) -> Asked:
    asked = renditions.read(target)
    if asked.kind not in IMAGE_KINDS:
        raise RequestError(f"req={asked.kind}: an export holds images: expected req={' or req='.join(IMAGE_KINDS)}, or none")
    return asked


async def _glanced(job: ExportJob, renditions: Renditions) -> list[Asset]:
    """Look at all renditions quickly; nothing if anything is wrong with any, which a thorough look tells better."""
    assets: list[Asset] = []
    try:
        for start in range(0, len(job.handles), AT_ONCE):
            assets += await _glance(job.handles[start : start + AT_ONCE], job, renditions)
        if assets:
            await planned_image(assets[0].target, renditions)
    except IsproxyError:
        return []
    return assets


async def _glance(handles: Sequence[str], job: ExportJob, renditions: Renditions) -> list[Asset]:
    """Look at some renditions quickly; raises the first error of any."""
    read: list[tuple[str, str, Asked, tuple[Look, ...]]] = []
    for handle in handles:
        target = f"{object_of(handle)}?{job.query()}"
        asked = _read_image(target, renditions)
        own = _own_original(asked, job.fmt)
        read.append((handle, target, asked, (*renditions.looks(asked), *([own] if own is not None else []))))
        # other requests get their turn here
        await asyncio.sleep(0)
    sources = await renditions.find([look for *_, looks in read for look in looks])
    assets: list[Asset] = []
    at = 0
    for handle, target, asked, looks in read:
        word = plan_output(asked, renditions.language.formats)(None, None).format
        assets.append(_as_rendition(handle, target, asked, word, sources[at : at + len(looks)]))
        at += len(looks)
    return assets


async def _look(handle: str, job: ExportJob, renditions: Renditions) -> Asset | tuple[Problem, ...]:
    """Look at one asset: first at the asset alone, then, for a rendition, with the modifiers."""
    object_ = object_of(handle)
    try:
        own = _own_original(renditions.read(object_), job.fmt)
        if own is not None:
            source, _ = await patiently(renditions.look, own)
    except IsproxyError as error:
        return (_problem(HANDLES, error, handle),)
    if job.fmt != CONVERT and own is not None:
        return _as_original(handle, own.path, source)
    target = f"{object_}?{job.query()}"
    try:
        return _as_planned(handle, target, await planned_image(target, renditions), renditions)
    except (Missing, BadSource) as error:
        return (_problem(HANDLES, error, handle),)
    except IsproxyError as error:
        return await _blamed(error, handle, job, renditions)


def _own_original(asked: Asked, fmt: str) -> Look | None:
    """The original of an asset; ``None`` for a template without, which can be converted all the same.

    Raises:
        RequestError: an asset that cannot be exported.
        Missing: there is no such record.
    """
    record, path = asked.resolved.record, asked.resolved.path
    if record is not None and record.asset_type in UNSUPPORTED:
        raise RequestError(f"{UNSUPPORTED[record.asset_type]} ({record.asset_type}): sets and catalogs cannot be exported")
    if path is not None:
        return Look(path, asked.object)
    if record is None:
        raise Missing(asked.object)
    if record.image_set:
        raise RequestError("a set: sets and catalogs cannot be exported")
    if fmt == ORIG:
        raise RequestError("a template without an image of its own: there is no original to export")
    return None


async def _blamed(error: IsproxyError, handle: str, job: ExportJob, renditions: Renditions) -> tuple[Problem, ...]:
    """Say what a rendition fails for: ``is_modifier``, ``macro`` or both by themselves; else the asset, or all together."""
    object_ = object_of(handle)
    problems: list[Problem] = []
    for field, query in ((HANDLES, ""), (MODIFIER, job.modifiers), (MACRO, job.macros)):
        if query or field == HANDLES:
            try:
                await planned_image(f"{object_}?{query}", renditions)
            except IsproxyError as reason:
                problems.append(_problem(field, reason, handle))
    of_fields = tuple(problem for problem in problems if problem.field != HANDLES)
    return of_fields or tuple(problems) or (_problem(MACRO if job.macros else MODIFIER, error, handle),)


def _problem(field: str, error: IsproxyError, handle: str) -> Problem:
    """Tell an error as a problem; only what this server is to blame for keeps its status."""
    own = isinstance(error, (Overloaded, TimedOut, RenderFailed))
    return Problem(field, error.detail, handle, error.status if own else 400)


def _as_original(handle: str, path: str, original: Source) -> Asset:
    # the name in the path: what is opened may be the end of a symbolic link and be called anything
    name = _last(path)
    return Asset(handle, safe_name(name), name, original.location, original.mtime_ns, original.size)


def _as_planned(handle: str, target: str, planned: Planned, renditions: Renditions) -> Asset:
    output = planned.recipe.output
    _, _, width, height = planned.recipe.view.rect
    cached = renditions.cached(planned)
    expected = len(cached.data) if cached else expected_bytes(width * height, output)
    sources = tuple(source for source, _ in planned.sources)
    return replace(_as_rendition(handle, target, planned.asked, output.format, sources), expected=expected)


def _as_rendition(handle: str, target: str, asked: Asked, format_: str, sources: Sequence[Source]) -> Asset:
    source = sources[0] if sources else None
    return Asset(
        handle,
        converted_name(_last(asked.object), formats()[format_].suffix),
        _last(asked.resolved.path or ""),
        source.location if source else "",
        source.mtime_ns if source else time.time_ns(),
        0,
        target,
        asked.effective,
        format_,
    )


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _named(assets: Iterable[Asset]) -> tuple[Asset, ...]:
    """Give every entry a name of its own; that of the report is taken."""
    names = Names(REPORT_NAME)
    return tuple(replace(asset, entry=names.claim(asset.entry)) for asset in assets)


def _merged(problems: Iterable[Problem], assets: int) -> tuple[Problem, ...]:
    """Tell once what is wrong with a field for many assets: without a handle if for all, else with the first and a count."""
    alike: dict[tuple[str, str, int], list[Problem]] = {}
    for problem in problems:
        own = problem.handle if problem.field == HANDLES else ""
        alike.setdefault((problem.field, problem.message + own, problem.status), []).append(problem)
    merged: list[Problem] = []
    for same in alike.values():
        first, others = same[0], len(same) - 1
        if first.field == HANDLES or assets == 1:
            merged.append(first)
        elif len(same) == assets:
            merged.append(replace(first, handle=""))
        else:
            merged.append(replace(first, message=f"{first.message} (and for {others} more assets)" if others else first.message))
    return tuple(merged)
