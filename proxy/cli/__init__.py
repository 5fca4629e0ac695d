"""The command ``isproxy``; each of its commands is a module."""

import sys

import typer

from proxy import __version__
from proxy.cli.check import check
from proxy.cli.docs import docs
from proxy.cli.explain import explain
from proxy.cli.export import export
from proxy.cli.lock import lock
from proxy.cli.serve import serve
from proxy.cli.sign import sign
from proxy.cli.warm import warm
from proxy.errors import IsproxyError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (serve, warm, export, explain, check, lock, sign, docs):
    app.command()(command)


def _version(asked: bool) -> None:  # noqa: FBT001  # typer's own signature of a callback
    if asked:
        typer.echo(f"isproxy {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),  # noqa: FBT001, FBT003
) -> None:
    """Answer Scene7 / Dynamic Media Image Serving URLs from your own originals."""


def main() -> None:
    """Run the command line; an error of ours is one line, not a trace."""
    try:
        app()
    except IsproxyError as error:
        sys.stderr.write(f"isproxy: {error.title}: {error.detail}\n")
        sys.exit(2)
