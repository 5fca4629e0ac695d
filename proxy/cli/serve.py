"""``isproxy serve``: the server, with one front process or several on one port."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from aiohttp import web

from proxy.catalog.catalogs import Catalogs
from proxy.catalog.watch import CatalogFolder
from proxy.cli.fronts import run_fronts
from proxy.config import Config, load
from proxy.errors import ConfigError
from proxy.server.app import application, renditions_of
from proxy.server.auth import Token, ensure_token
from proxy.server.log import AccessLogger, configure

_log = logging.getLogger(__name__)
_BACKLOG = 1024


def serve(
    config: Annotated[Path, typer.Option(help="The configuration.")] = Path("config.toml"),
    *,
    front: Annotated[bool, typer.Option(hidden=True, help="Be one of several fronts.")] = False,
) -> None:
    """Serve images and exports over HTTP until interrupted."""
    settings = load(config)
    access = configure(settings.log)
    folder = CatalogFolder(settings.content.catalogs, settings.content.macros)
    catalogs = folder.current
    token = ensure_token(settings.exports(), settings.server.state)
    if not front:
        for problem in catalogs.problems:
            _log.warning("%s", problem)
    if settings.server.processes > 1 and not front:
        # held, though never listened to: the port is this server's before the first front has opened it
        with _listen(settings, shared=True) as listener:
            port = listener.getsockname()[1]
            _announce(settings, catalogs, token, port)
            raise typer.Exit(run_fronts(config, settings, port))
    with contextlib.suppress(KeyboardInterrupt):
        run(_serve(settings, folder, token, access, front=front))


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on uvloop where there is one."""
    if sys.platform == "win32":
        asyncio.run(main)
        return
    import uvloop  # noqa: PLC0415  # not on every platform

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


async def _serve(
    settings: Config, folder: CatalogFolder, token: Token | None, access: logging.Logger | None, *, front: bool
) -> None:
    # from here on a signal ends this process in order, whatever it is about to do
    stopped = _told_to_stop(front=front)
    renditions = renditions_of(settings, folder)
    tokens = settings.export.tokens or ((token.digest,) if token is not None else ())
    runner = web.AppRunner(
        application(settings, renditions, tokens),
        access_log_class=AccessLogger,
        access_log=access,
        # a client that goes away ends the work for it
        handler_cancellation=True,
        # a line a little longer than is read gets an answer of ours, one much longer than that aiohttp's
        max_line_size=settings.limits.url_length + 8192,
        max_field_size=16384,
    )
    await runner.setup()
    try:
        listener = _listen(settings, shared=front)
        await web.SockSite(runner, listener, backlog=_BACKLOG).start()
        if not front:
            _announce(settings, folder.current, token, listener.getsockname()[1])
        await stopped.wait()
    finally:
        await runner.cleanup()


def _listen(settings: Config, *, shared: bool) -> socket.socket:
    """Open the port; several fronts share one and the kernel deals the connections out."""
    host, port = settings.server.host, settings.server.port
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(f"server.host={host}, server.port={port}: {error.strerror}") from error
    return listener


def _told_to_stop(*, front: bool) -> asyncio.Event:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    if front:
        # the other end is the parent's; it closes even if the parent was killed
        loop.add_reader(sys.stdin.fileno(), stopped.set)
    return stopped


def _announce(settings: Config, catalogs: Catalogs, token: Token | None, port: int) -> None:
    """Say where to look first and how to export."""
    host = settings.server.host if settings.server.host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104  # compared, not bound
    address = f"http://{host}:{port}{settings.server.root_path}"
    handle = _first_object(catalogs)
    typer.echo(f"isproxy serves {address}/is/image/{handle or '…'}{'?wid=600' if handle else ''}")
    if token is not None:
        where = f"made and kept in {token.file.name}" if token.made else f"kept in {token.file.name}"
        typer.echo(f"exports need a bearer token; one is {where} for you:\n  {token.curl(address, handle or 'catalog/id')}")


def _first_object(catalogs: Catalogs) -> str:
    """An image to try: the first record with a file of the first catalog that has one."""
    for catalog in catalogs:
        for id_ in catalog.ids():
            record = catalog.own_record(id_)
            if record is not None and record.path:
                return f"{catalog.root_id}/{id_}" if catalog.root_id else id_
    return ""
