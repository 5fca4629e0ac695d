"""``isproxy check``: whether configuration, catalogs and macros can be used, and what this version does not do yet."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from proxy.answers import answers
from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.problems import Problem
from proxy.catalog.records import Font
from proxy.catalog.store import load as load_catalogs
from proxy.cli.check_profiles import profile_problems
from proxy.config import Config, Content, load
from proxy.errors import IsproxyError
from proxy.protocol.commands import REQUEST_KINDS
from proxy.recipe.fonts import look_for
from proxy.recipe.model import Source
from proxy.render.pool import Pool
from proxy.sources.folders import Folder
from proxy.typesetting import Typesetter
from proxy.vocabulary import words


def check(
    config: Annotated[Path, typer.Option(help="The configuration.")] = Path("config.toml"),
    *,
    unbuilt: Annotated[
        bool, typer.Option("--unbuilt", help="Print what is documented and answered 501 by this version.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Load everything and print every problem; the exit status is 1 if there is an error among them."""
    if unbuilt:
        lines = tuple(not_built())
        typer.echo(json.dumps(lines, indent=1) if as_json else "".join(f"{line}\n" for line in lines), nl=as_json)
        return
    settings = load(config)
    catalogs = load_catalogs(settings.content.catalogs, settings.content.macros)
    problems = (
        *catalogs.problems,
        *_absent(settings.content, config.name),
        *profile_problems(settings, catalogs),
        *_fonts(catalogs, settings),
    )
    errors = sum(problem.severity == "error" for problem in problems)
    if as_json:
        typer.echo(json.dumps([asdict(problem) for problem in problems], indent=1))
    else:
        for problem in problems:
            typer.echo(str(problem))
        typer.echo(f"{errors} errors, {len(problems) - errors} warnings")
    if errors:
        raise typer.Exit(1)


def _absent(content: Content, file: str) -> Iterator[Problem]:
    """The named folders that are not there; those of catalogs and macros are told of where they are read."""
    profiles = () if content.profiles is None else (content.profiles,)
    for key, folders in (("images", content.images), ("static", content.static), ("profiles", profiles)):
        for folder in folders:
            if not folder.is_dir():
                yield Problem(file, 0, 0, f"content.{key}: {folder} is no folder", "error")


def _fonts(catalogs: Catalogs, settings: Config) -> tuple[Problem, ...]:
    """The font files of font maps that are not there or cannot be used: a word is set in each of them."""
    keys = [(catalog, key) for catalog in catalogs for key in catalog.fonts]
    rows = [(catalog, row) for catalog, (name, *style) in keys if (row := catalog.font(name, bold=style[0], italic=style[1]))]
    if not rows:
        return ()
    pool = Pool(settings.pool(), settings.opening())
    try:
        found = asyncio.run(_tried(rows, [Folder(folder) for folder in settings.content.images], Typesetter(pool)))
    finally:
        pool.close()
    return tuple(found)


async def _tried(rows: Sequence[tuple[Catalog, Font]], folders: Sequence[Folder], typesetter: Typesetter) -> list[Problem]:
    async def opener(path: str) -> Source | None:
        found = (folder.open(path, path) for folder in folders)
        return next((source for source in found if source is not None), None)

    problems: list[Problem] = []
    for catalog, row in rows:
        try:
            await typesetter.try_font(look_for(row), opener)
        except IsproxyError as error:
            problems.append(Problem(catalog.text("FontMapFile"), 0, 0, error.detail, "error"))
    return problems


def not_built() -> Iterator[str]:
    """What is documented and has no effect in this version, by name."""
    for row in words().rows():
        if not row.built:
            harmless = [text for values in row.harmless if (text := row.write(values))]
            without = f" (but for {' and '.join(harmless)})" if harmless else ""
            yield f"{row.name}={without}"
    yield from (f"req={kind}" for kind in REQUEST_KINDS if kind not in answers())
