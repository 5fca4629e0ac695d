"""``isproxy lock URL``: the URL with the lock that RequestLock demands, and obfuscated where that is asked for.

Pages: ``r-request-locking``, ``r-request-obfuscation``. Knows no configuration: a lock has no key.
"""

from typing import Annotated

import typer

from proxy.protocol.seal import escaped, locked, obfuscate


def lock(
    url: Annotated[str, typer.Argument(help="A URL, or any text with a question mark in front of the modifiers.")],
    *,
    obfuscated: Annotated[bool, typer.Option("--obfuscate", help="Encode modifiers and lock, for RequestObfuscation.")] = False,
    unlocked: Annotated[bool, typer.Option("--no-lock", help="Append no lock; with --obfuscate.")] = False,
) -> None:
    """Append the lock of the modifiers to a URL, for catalogs with RequestLock. Without modifiers none is needed."""
    typer.echo(locked_url(url, obfuscated=obfuscated, unlocked=unlocked))


def locked_url(url: str, *, obfuscated: bool = False, unlocked: bool = False) -> str:
    """Give a URL with its lock, http-encoded before as the page wants it; what stands behind ``#`` is left out."""
    path, _, query = url.partition("#")[0].partition("?")
    sealed = escaped(query) if unlocked else locked(escaped(query))
    if obfuscated:
        sealed = obfuscate(sealed)
    return f"{path}?{sealed}" if sealed else path
