"""The command ``isproxy warm``: requests many URLs so that a server has their renditions in its cache.

Knows the command's arguments and puts together where the URLs come from (``warm_sources``), how they are requested
(``warm_client``) and what is told about it (``warm_report``). What it does for this server the log player does for the hosted
one (``c-playlog``).
"""

import asyncio
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated

import typer

from proxy.cli.warm_client import Client, Failed, Plan, Via, warm_all
from proxy.cli.warm_report import Tally, report, show_progress
from proxy.cli.warm_sources import Reading, Tell, catalogued, guarded, is_url, listed, logged, mapped
from proxy.cli.warm_target import read_base
from proxy.errors import ConfigError, IsproxyError

_STDIN = Path("-")
_STDIN_FD = 0
_INTERRUPTED = 130

Urls = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE|-]",
        help="URLs or paths, one on a line; - reads standard input. Blank lines and lines beginning with # are left out.",
    ),
]
Sitemaps = Annotated[
    list[str] | None,
    typer.Option("--sitemap", metavar="FILE_OR_URL", help="A sitemap or sitemap index, also compressed with gzip."),
]
Logs = Annotated[
    list[Path] | None,
    typer.Option("--log", exists=True, dir_okay=False, help="An access log in combined format, also compressed with gzip."),
]
Macros = Annotated[list[str] | None, typer.Option("--macro", metavar="NAME", help="A macro for every record of --catalog.")]
CatalogId = Annotated[str | None, typer.Option("--catalog", metavar="ID", help="Every record of this catalog.")]
Base = Annotated[
    str | None,
    typer.Option("--base", metavar="URL", help="The server to ask: takes paths, and replaces the host of absolute URLs."),
]
Concurrency = Annotated[int, typer.Option("--concurrency", min=1, help="How many requests at a time.")]
Rate = Annotated[float, typer.Option("--rate", min=0, help="Requests per second at most; 0 is no limit.")]
Retry = Annotated[
    int,
    typer.Option("--retry", min=0, help="How often again after a lost connection, a timeout, or status 429, 502, 503, 504."),
]
Timeout = Annotated[float, typer.Option("--timeout", min=0.001, help="Seconds for one request.")]
ViaOption = Annotated[
    Via,
    typer.Option("--via", help="loadcache asks isproxy for the length of the image only; get fetches it, from any server."),
]
Failures = Annotated[
    Path | None,
    typer.Option("--failures", dir_okay=False, help="Write the URLs that failed here, each with a tab and the reason."),
]
ConfigFile = Annotated[Path, typer.Option("--config", dir_okay=False, help="The configuration, for --catalog.")]


@dataclass(frozen=True, slots=True)
class _Inputs:
    """The places that the arguments name."""

    urls: Path | None
    sitemaps: tuple[str, ...]
    logs: tuple[Path, ...]
    catalog: str | None
    macros: tuple[str, ...]

    @property
    def parts(self) -> int:
        return (self.urls is not None) + len(self.sitemaps) + len(self.logs) + (self.catalog is not None)


def warm(
    urls: Urls = None,
    *,
    sitemap: Sitemaps = None,
    log: Logs = None,
    catalog: CatalogId = None,
    macro: Macros = None,
    base: Base = None,
    concurrency: Concurrency = 4,
    rate: Rate = 0,
    retry: Retry = 3,
    timeout: Timeout = 60,
    via: ViaOption = Via.LOADCACHE,
    failures: Failures = None,
    config: ConfigFile = Path("config.toml"),
) -> None:
    """Request many URLs, so that the server has their renditions in its cache.

    With --via loadcache any req= of a URL is replaced. URLs that are locked, obfuscated or signed cannot be changed: they
    need --via get.

    The exit status is 0 when all is in the cache, 1 when something failed, 2 for arguments that cannot be used, 130 after
    Ctrl-C.
    """
    inputs = _Inputs(urls, tuple(sitemap or ()), tuple(log or ()), catalog, tuple(macro or ()))
    with ExitStack() as held:
        try:
            base = None if base is None else read_base(base)
            _check(inputs, base, failures)
            records = () if catalog is None else _record_ids(config, catalog)
            failed = held.enter_context(_failure_file(failures))
        except IsproxyError as error:
            raise typer.BadParameter(error.detail) from None
        status = _warm(inputs, records, Plan(base, concurrency, rate, retry, timeout, via), failed)
    raise typer.Exit(status)


def _warm(inputs: _Inputs, records: Iterable[str], plan: Plan, failed: Failed) -> int:
    """Make the requests, print the report and return the exit status."""
    tally = Tally()
    reading = Reading(inputs.parts)

    def tell(sentence: str) -> None:
        tally.problems += 1
        typer.echo(f"isproxy warm: {sentence}", err=True)

    def texts(client: Client) -> Generator[str]:
        yield from _texts(inputs, records, reading, tell, client.fetch)

    interrupted = False
    try:
        asyncio.run(_run(texts, plan, tally, reading, failed))
    except KeyboardInterrupt:
        interrupted = True
    typer.echo(report(tally, interrupted=interrupted))
    if interrupted:
        return _INTERRUPTED
    if not tally.requests:
        typer.echo("isproxy warm: there was no URL in the input", err=True)
    return 1 if tally.failed or tally.problems else 0


async def _run(
    texts: Callable[[Client], Generator[str]],
    plan: Plan,
    tally: Tally,
    reading: Reading,
    failed: Failed,
) -> None:
    async with asyncio.TaskGroup() as group:
        narrator = group.create_task(show_progress(tally, lambda: reading.share))
        await warm_all(texts, plan, tally, failed)
        narrator.cancel()


def _check(inputs: _Inputs, base: str | None, failures: Path | None) -> None:
    """Refuse combinations of arguments that cannot be meant.

    Raises:
        ConfigError: saying which and what was expected.
    """
    if not inputs.parts:
        raise ConfigError("nothing to warm: expected a file, -, --sitemap, --log or --catalog")
    if inputs.urls not in (None, _STDIN) and (not inputs.urls.exists() or inputs.urls.is_dir()):
        raise ConfigError(f"{inputs.urls}: expected a file, or - for standard input")
    if (inputs.catalog is None) != (not inputs.macros):
        raise ConfigError("--catalog and --macro go together: expected both or none")
    if base is None and (inputs.logs or inputs.catalog is not None):
        raise ConfigError("--log and --catalog give paths: expected --base URL to say which server")
    for name in inputs.sitemaps:
        if not is_url(name) and not Path(name).is_file():
            raise ConfigError(f"--sitemap {name}: expected a file or an http or https URL")
    if failures is not None and failures.exists():
        read = [inputs.urls, *inputs.logs, *(Path(name) for name in inputs.sitemaps if not is_url(name))]
        if any(path and path != _STDIN and path.samefile(failures) for path in read):
            raise ConfigError(f"--failures {failures}: expected another file than the one that is read")


@contextmanager
def _failure_file(path: Path | None) -> Iterator[Failed]:
    """Open the file of failures and give what writes to it: URL, tab, reason.

    Raises:
        ConfigError: it cannot be written.
    """
    if path is None:
        yield lambda _url, _reason: None
        return
    try:
        # By lines, so that an interrupted run has written what it knew.
        file = path.open("w", buffering=1, encoding="utf-8", errors="surrogateescape", newline="\n")
    except OSError as error:
        raise ConfigError(f"--failures {path}: {error.strerror}") from None
    with file:
        yield lambda url, reason: file.write(f"{url}\t{reason}\n")


def _record_ids(config: Path, catalog: str) -> Iterable[str]:
    """Return the ids of a catalog's records.

    Raises:
        ConfigError: the configuration cannot be used or has no such catalog.
    """
    from proxy.catalog import store  # noqa: PLC0415  # only --catalog needs these, and they take a while to load
    from proxy.config import load  # noqa: PLC0415

    content = load(config).content
    found = store.load(content.catalogs, content.macros).by_root_id(catalog)
    if found is None:
        raise ConfigError(f"--catalog {catalog}: no catalog of the configuration has this root id")
    return found.ids()


def _texts(
    inputs: _Inputs, records: Iterable[str], reading: Reading, tell: Tell, fetch: Callable[[str], IO[bytes]]
) -> Iterator[str]:
    """Give what all inputs hold, one input after the other."""

    def opened(location: str) -> IO[bytes]:
        return fetch(location) if is_url(location) else Path(location).open("rb")

    if inputs.urls == _STDIN:
        # Not sys.stdin: at the end the interpreter would wait for the lock of a buffer that the input's thread is reading.
        stdin = open(_STDIN_FD, "rb", closefd=False)  # noqa: SIM115  # the reader closes it
        yield from guarded("standard input", listed(stdin, 0, reading, tell), tell)
    elif inputs.urls is not None:
        yield from _file(inputs.urls, lambda file, size: listed(file, size, reading, tell), tell)
    for log in inputs.logs:
        yield from _file(log, lambda file, size: logged(file, size, reading), tell)
    for name in inputs.sitemaps:
        reading.begin()
        yield from guarded(name, mapped(name, opened, tell), tell)
    if inputs.catalog is not None:
        yield from catalogued(inputs.catalog, records, inputs.macros, reading)


def _file(path: Path, read: Callable[[IO[bytes], int], Iterator[str]], tell: Tell) -> Iterator[str]:
    def texts() -> Iterator[str]:
        yield from read(path.open("rb"), path.stat().st_size)

    return guarded(str(path), texts(), tell)
