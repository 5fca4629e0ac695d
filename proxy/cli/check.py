"""``isproxy check``: whether configuration, catalogs and macros can be used, and what this version does not do yet."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from proxy.answers import answers
from proxy.catalog.store import load as load_catalogs
from proxy.config import Content, load
from proxy.formats import formats
from proxy.protocol.commands import FORMATS, REQUEST_KINDS
from proxy.recipe import unbuilt as unbuilt_things
from proxy.vocabulary import words


def check(
    config: Annotated[Path, typer.Option(help="The configuration.")] = Path("config.toml"),
    *,
    unbuilt: Annotated[
        bool, typer.Option("--unbuilt", help="Print what is documented and answered 501 by this version.")
    ] = False,
) -> None:
    """Load everything and print every problem; the exit status is 1 if there is an error among them."""
    if unbuilt:
        for line in not_built():
            typer.echo(line)
        return
    settings = load(config)
    catalogs = load_catalogs(settings.content.catalogs, settings.content.macros)
    problems = catalogs.problems
    for problem in problems:
        typer.echo(str(problem))
    missing = [(key, folder) for key, folder in _folders(settings.content) if not folder.is_dir()]
    for key, folder in missing:
        typer.echo(f"{config.name}: error: content.{key}: {folder} is no folder")
    errors = len(missing) + sum(problem.severity == "error" for problem in problems)
    typer.echo(f"{errors} errors, {len(problems) + len(missing) - errors} warnings")
    if errors:
        raise typer.Exit(1)


def _folders(content: Content) -> Iterator[tuple[str, Path]]:
    """Every folder that is named, with its key."""
    yield from (("images", folder) for folder in content.images)
    for key, folder in (("catalogs", content.catalogs), ("macros", content.macros)):
        if folder is not None:
            yield key, folder


def not_built() -> Iterator[str]:
    """What is documented and has no effect in this version, by name."""
    for row in words().rows():
        if not row.built:
            harmless = [text for values in row.harmless if (text := row.write(values))]
            without = f" (but for {' and '.join(harmless)})" if harmless else ""
            yield f"{row.name}={without}"
    yield from (f"req={kind}" for kind in REQUEST_KINDS if kind not in answers())
    yield from (f"fmt={word}" for word in FORMATS if word.partition("-")[0] not in formats())
    yield from unbuilt_things.STRUCTURES
