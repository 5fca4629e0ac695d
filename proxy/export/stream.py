"""The zip of an export as a stream: assets in their order, the report last, and never more than a window of renditions at once.

Renditions are made side by side and written one after the other; originals are read in pieces. What fails is left out and told in
the report. Knows nothing of where the bytes go.
"""

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import islice

from proxy.errors import IsproxyError
from proxy.export.archive import Archive
from proxy.export.checks import Asset, planned_image
from proxy.export.config import ExportConfig
from proxy.export.original import Original, off_loop
from proxy.export.patience import patiently
from proxy.export.report import REPORT_NAME, Line, Report
from proxy.export.request import ORIG
from proxy.service import Renditions

Made = tuple[bytes, str]
"""A rendition's bytes and their SHA-256."""


async def zip_stream(
    assets: Sequence[Asset], report: Report, renditions: Renditions, config: ExportConfig, window: int
) -> AsyncGenerator[bytes, None]:
    """Give the zip piece by piece.

    Close the iterator (``contextlib.aclosing``) where it is not read to its end: that stops what is being made.

    Args:
        assets: what is to be exported, in this order.
        report: empty to begin with; filled while the zip is read.
        renditions: the one path.
        config: the settings of the export; ``export_bytes`` bounds all entries together.
        window: how many renditions are made, or wait to be written, at once.
    """
    archive = Archive()
    if report.job.fmt == ORIG:
        entries = _originals(assets, archive, report, config.export_bytes)
    else:
        entries = _renditions(assets, archive, report, config.export_bytes, _in_order(assets, renditions, window))
    async with aclosing(entries):
        async for piece in entries:
            if piece:
                yield piece
    for piece in archive.whole(REPORT_NAME, report.text(), time.time_ns()):
        yield piece
    yield archive.close()


async def _renditions(
    assets: Sequence[Asset], archive: Archive, report: Report, most: int, outcomes: AsyncGenerator[Made | str, None]
) -> AsyncGenerator[bytes, None]:
    """Write renditions as long as they are ``most`` bytes together; what comes after is not even made."""
    async with aclosing(outcomes):
        for asset in assets:
            made = await anext(outcomes)
            if isinstance(made, str):
                report.add(_left_out(asset, made))
                continue
            data, sha256 = made
            if report.size + len(data) > most:
                break
            for piece in archive.whole(asset.entry, data, asset.modified_ns):
                yield piece
            report.add(_exported(asset, len(data), sha256))
    for asset in assets[len(report.lines) :]:
        report.add(_left_out(asset, _too_much(most)))


async def _in_order(assets: Sequence[Asset], renditions: Renditions, window: int) -> AsyncGenerator[Made | str, None]:
    """Make renditions side by side and give them, or why they could not be made, in order."""
    upcoming = (asyncio.create_task(_make(asset, renditions)) for asset in assets)
    under_way = deque(islice(upcoming, window))
    try:
        while under_way:
            made = await under_way[0]
            under_way.popleft()
            under_way.extend(islice(upcoming, 1))
            yield made
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _make(asset: Asset, renditions: Renditions) -> Made | str:
    """Make one rendition, or say why it cannot be made. Everything is looked up again: the check may be long ago."""
    try:
        planned = await planned_image(asset.target, renditions)
        if planned.recipe.output.format != asset.format:
            return f"it would now be {planned.recipe.output.format} instead of {asset.format}: the catalog has changed meanwhile"
        rendition = await patiently(renditions.make, planned)
    except IsproxyError as error:
        return error.detail
    digest = await asyncio.to_thread(hashlib.sha256, rendition.data)
    return rendition.data, digest.hexdigest()


async def _originals(assets: Sequence[Asset], archive: Archive, report: Report, most: int) -> AsyncGenerator[bytes, None]:
    """Copy originals. One that cannot be read on after its entry was begun is left out of the archive's list."""
    for asset in assets:
        original = Original(asset.location, asset.source)
        try:
            size, modified_ns = await off_loop(original.open)
            if report.size + size > most:
                report.add(_left_out(asset, _too_much(most)))
                continue
            yield archive.begin(asset.entry, size, modified_ns)
            while piece := await off_loop(original.read):
                yield archive.more(piece)
            yield archive.end()
            report.add(_exported(asset, size, original.sha256()))
        except IsproxyError as error:
            yield archive.abandon()
            report.add(_left_out(asset, error.detail))
        finally:
            archive.abandon()
            original.close()


def _exported(asset: Asset, size: int, sha256: str) -> Line:
    return Line(asset.handle, asset.source, asset.modifiers, asset.entry, size, sha256)


def _left_out(asset: Asset, why: str) -> Line:
    return Line(asset.handle, asset.source, asset.modifiers, error=why)


def _too_much(most: int) -> str:
    return f"left out: the export would have more than {most} bytes"
