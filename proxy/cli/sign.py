"""``isproxy sign URL``: the URL with a signature, for servers with ``[security] url_keys``.

What a signature is stands in ``proxy/protocol/seal.py``.
"""

import re
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from proxy.config import load
from proxy.errors import ConfigError
from proxy.protocol.seal import SHORTEST_KEY
from proxy.protocol.seal import sign as signed

_CONTEXT = re.compile(r"(?P<before>[^?#]*?)(?P<path>/is/(?:image|content)(?:/[^?#]*)?)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.DOTALL)
_SPAN = re.compile(r"(?P<number>[0-9]{1,9})(?P<unit>[smhd]?)")
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def sign(
    url: Annotated[str, typer.Argument(help="A URL or path with /is/image/ or /is/content/ in it.")],
    *,
    valid: Annotated[
        str, typer.Option(metavar="TIME", help="How long it is answered: 90, 90s, 30m, 12h or 7d from now; for ever if left out.")
    ] = "",
    key: Annotated[
        str, typer.Option(envvar="ISPROXY_URL_KEY", show_default=False, help="The key, if it is not the first of url_keys.")
    ] = "",
    config: Annotated[Path, typer.Option(help="The configuration, for its key.")] = Path("config.toml"),
) -> None:
    """Sign a URL, so that a server with the same key among its url_keys answers it as it is and no other way."""
    typer.echo(signed_url(url, key or configured_key(config), valid, time.time()))


def configured_key(config: Path) -> str:
    """Give the first of the keys that a server signs with.

    Raises:
        ConfigError: there is none.
    """
    keys = load(config).security.url_keys
    if not keys:
        raise ConfigError(f"{config.name}: [security] url_keys: expected a key to sign with, or --key, or ISPROXY_URL_KEY")
    return keys[0]


def signed_url(url: str, key: str, valid: str, now: float) -> str:
    """Give a signed URL; what stands before ``/is/`` (scheme, host, root_path) is left as it is and not signed.

    Raises:
        ConfigError: the URL has no path that is signed, the key is too short, ``valid`` is no time.
    """
    if len(key) < SHORTEST_KEY:
        raise ConfigError(f"the key has {len(key)} characters: expected at least {SHORTEST_KEY}")
    found = _CONTEXT.fullmatch(url)
    if found is None:
        raise ConfigError(f"{url}: expected a URL with /is/image/ or /is/content/ in its path")
    expires = int(now) + seconds_of(valid) if valid else None
    return found["before"] + signed(found["path"], found["query"] or "", key, expires)


def seconds_of(text: str) -> int:
    """Read a time such as ``90``, ``30m``, ``12h`` or ``7d``.

    Raises:
        ConfigError: it is none.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ConfigError(f"--valid {text}: expected a number and one of s, m, h and d, such as 12h")
    return int(found["number"]) * _SECONDS[found["unit"]]
