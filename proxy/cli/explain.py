"""``isproxy explain URL``: every stage of one request, the way it is understood."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from proxy.config import load
from proxy.errors import IsproxyError
from proxy.protocol.command import Scope
from proxy.protocol.layers import Request, Settings
from proxy.protocol.printer import print_node, print_tree
from proxy.protocol.tree import Comment, Setting
from proxy.recipe.asked import Asked
from proxy.recipe.key import text as recipe_text
from proxy.server.app import renditions_of
from proxy.service import Planned, Renditions

_ROUTE = "/is/image"


def explain(
    url: Annotated[str, typer.Argument(help="A URL, a path, or what follows /is/image/.")],
    config: Annotated[Path, typer.Option(help="The configuration.")] = Path("config.toml"),
) -> None:
    """Print how a request is read: its modifiers, macros and variables replaced, layers, the recipe, and what was ignored."""
    renditions = renditions_of(load(config))
    try:
        asyncio.run(_print(renditions, target_of(url)))
    except IsproxyError as error:
        typer.echo(f"error ({error.status}): {error.title}: {error.detail}")
        raise typer.Exit(1) from None
    finally:
        renditions.close()


def target_of(url: str) -> str:
    """What follows ``/is/image/`` in a URL or path; any other text is taken to be that already."""
    before, found, behind = url.partition(_ROUTE)
    return behind.removeprefix("/") if found and "?" not in before else url.removeprefix("/")


async def _print(renditions: Renditions, target: str) -> None:
    """Print stage by stage, so that an error stands behind those that were reached."""
    asked = renditions.read(renditions.admit(target))
    for line in (*_read(asked, renditions), *_layers(asked, renditions)):
        typer.echo(line)
    if asked.kind in ("img", "tmb", "loadcache", "props"):
        for line in _planned(await renditions.plan(asked)):
            typer.echo(line)
    else:
        typer.echo(f"req={asked.kind}: no image is made")


def _read(asked: Asked, renditions: Renditions) -> Iterator[str]:
    """The request as it was sent and as it was understood."""
    yield f"object     {asked.object or '(none)'}"
    yield f"catalog    {asked.main.root_id or '(default)'}"
    record = asked.resolved.record
    yield f"record     {record.id if record is not None else '(none)'}"
    yield f"path       {asked.resolved.path or '(none)'}"
    yield "parsed"
    yield from (f"  {print_node(node)}" for node in asked.tree)
    for name, tree in zip(("Modifier", "request", "PostModifier"), asked.segments, strict=True):
        if tree:
            yield f"expanded   {name}"
            yield from (f"  {print_node(node)}" for node in tree)
    yield from _ignored(asked, renditions)


def _ignored(asked: Asked, renditions: Renditions) -> Iterator[str]:
    """Why a modifier has no effect: unknown, empty, without meaning where it stands, or overridden."""
    reasons = [(item.text, item.reason) for item in asked.request.ignored]
    reasons += [(f".{node.text}", "a comment") for node in asked.tree if isinstance(node, Comment)]
    reasons += _overridden(asked, renditions)
    if reasons:
        yield "ignored"
        yield from (f"  {text}: {reason}" for text, reason in reasons)


def _overridden(asked: Asked, renditions: Renditions) -> list[tuple[str, str]]:
    """Request and view commands that a later one replaced."""
    seen: dict[str, str] = {}
    reasons: list[tuple[str, str]] = []
    for node in (node for tree in asked.segments for node in tree if isinstance(node, Setting) and node.value):
        row = renditions.language.words.find(node.name)
        if row is None or row.scope not in (Scope.REQUEST, Scope.VIEW):
            continue
        if row.name in seen:
            reasons.append((seen[row.name], f"overridden by {print_tree((node,))}"))
        seen[row.name] = print_tree((node,))
    return reasons


def _layers(asked: Asked, renditions: Renditions) -> Iterator[str]:
    """Who was told what."""
    request: Request = asked.request
    for name, settings in (
        ("request and view", request.settings),
        ("composite", request.composite),
        ("final view", request.view_ops),
        *((f"layer {item.layer.number}", item.layer.settings) for item in asked.layers),
    ):
        if settings.values:
            yield name
            yield from _settings(settings, renditions)


def _settings(settings: Settings, renditions: Renditions) -> Iterator[str]:
    for name, values in settings.values.items():
        row = renditions.language.words.find(name)
        if row is not None:
            yield f"  {name}={row.write(values)}"


def _planned(planned: Planned) -> Iterator[str]:
    """What will be done."""
    if planned.is_default:
        yield f"default    {planned.answered.object} stands in for the missing image"
    yield "recipe"
    yield from (f"  {line}" for line in recipe_text(planned.recipe).splitlines())
    yield f"key        {planned.key}"
