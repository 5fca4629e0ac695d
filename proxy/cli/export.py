"""``isproxy export``: an ExportJob without a server, written to a file.

Knows arguments, the file and what is told; what an export is stands in ``proxy/export``. Page: ``r-exportjob``.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from proxy.config import Config, load
from proxy.errors import ConfigError
from proxy.export.checks import look_at
from proxy.export.report import Report
from proxy.export.request import CONVERT, HANDLES, MACRO, MODIFIER, ORIG, Problem, read_job
from proxy.export.stream import zip_stream
from proxy.server.app import LOOK_AHEAD, renditions_of
from proxy.service import Renditions

_STDIN = "@-"
_INCOMPLETE, _REFUSED, _INTERRUPTED = 1, 2, 130

Handles = Annotated[
    list[str],
    typer.Argument(
        metavar="HANDLE...", help="Objects: catalog/id or a path. @FILE reads one from every line of a file, @- of the input."
    ),
]
Out = Annotated[Path, typer.Option("--out", dir_okay=False, help="The zip to write; one that is there is replaced at the end.")]
Fmt = Annotated[
    str | None,
    typer.Option("--fmt", metavar="orig|convert", help="What to export; convert if there is something to convert into."),
]
Modifier = Annotated[
    str, typer.Option("--is-modifier", metavar="MODIFIERS", help="Image Serving modifiers, such as wid=800&fmt=webp.")
]
Macro = Annotated[
    str, typer.Option("--macro", metavar="NAME", help="A macro, which wins over the modifiers; several joined by &.")
]


def export(
    handles: Handles,
    *,
    out: Out,
    fmt: Fmt = None,
    is_modifier: Modifier = "",
    macro: Macro = "",
    config: Annotated[Path, typer.Option(help="The configuration.")] = Path("config.toml"),
) -> None:
    """Write originals, or renditions of them, to one zip. The status is 1 if the report in the zip names assets left out."""
    settings = load(config)
    fields: dict[str, object] = {
        HANDLES: [handle for argument in handles for handle in _named(argument)],
        "fmt": fmt or (CONVERT if is_modifier or macro else ORIG),
        MODIFIER: is_modifier,
        MACRO: macro,
    }
    renditions = renditions_of(settings)
    try:
        report = asyncio.run(_export(fields, settings, renditions, out))
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None
    finally:
        renditions.close()
    typer.echo(f"{out.name}: {_told(report)}")
    for line in (line for line in report.lines if line.error):
        typer.echo(f"left out: {line.handle}: {line.error}", err=True)
    if report.failed:
        raise typer.Exit(_INCOMPLETE)


def _named(argument: str) -> list[str]:
    """Give the handles that an argument names: itself, or the lines of a file."""
    if not argument.startswith("@"):
        return [argument]
    try:
        text = sys.stdin.read() if argument == _STDIN else Path(argument[1:]).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{argument}: expected a file with a handle on every line: {reason}") from None
    return [line.strip() for line in text.splitlines() if line.strip()]


async def _export(fields: dict[str, object], settings: Config, renditions: Renditions, out: Path) -> Report:
    """Look at everything, then write beside the file and put it in its place when it is complete."""
    limits = settings.exports()
    job, unread = read_job(fields, limits.export_assets)
    assets, unusable = await look_at(job, renditions, limits, thoroughly=bool(unread))
    if unread or unusable:
        _refuse((*unread, *unusable))
    report = Report(job)
    beside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with beside.open("xb") as file, _progress() as bar:
            task = bar.add_task("", total=len(assets))
            stream = zip_stream(assets, report, renditions, limits, renditions.pool.workers + LOOK_AHEAD)
            async with aclosing(stream):
                async for piece in stream:
                    file.write(piece)
                    bar.update(task, completed=len(report.lines), description=_told(report))
        beside.replace(out)
    except OSError as error:
        raise ConfigError(f"--out {out.name}: {error.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)
    return report


def _refuse(problems: Sequence[Problem]) -> None:
    for problem in problems:
        about = ": ".join(filter(None, (problem.field, problem.handle)))
        typer.echo(f"{about}: {problem.message}", err=True)
    raise typer.Exit(_REFUSED)


def _progress() -> Progress:
    """Give a line on a terminal, and nothing where there is none."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _told(report: Report) -> str:
    left_out = f", {report.failed} left out" if report.failed else ""
    return f"{report.exported} assets, {report.size:,} bytes{left_out}"
