"""Bearer tokens: who may export. Only digests of tokens are configured; one token is made at the first start if none is.

RFC 6750. Knows no route and nothing of what is protected.
"""

import hashlib
import hmac
import os
import secrets
import shlex
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from proxy.errors import ConfigError
from proxy.export.config import ExportConfig

TOKEN_FILE: Final = "export-token"  # noqa: S105  # the name of the file, not what is in it
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_REALM = 'Bearer realm="isproxy export"'


@dataclass(frozen=True, slots=True)
class Token:
    """A token that this server made. ``made`` says that it was made just now; ``file`` is where it is kept."""

    value: str
    file: Path
    made: bool

    @property
    def digest(self) -> str:
        """What the configuration would hold of it."""
        return digest(self.value)

    def curl(self, address: str, handle: str = "catalog/id") -> str:
        """Give a command line that exports one asset from a server at an address such as ``http://127.0.0.1:8080``."""
        body = f'{{"assetHandleArray": ["{handle}"], "fmt": "convert", "is_modifier": "fmt=png&wid=600"}}'
        words = ("curl", "-fJO", "-H", f"Authorization: Bearer {self.value}", "--json", body, f"{address.rstrip('/')}/export")
        return shlex.join(words)


def digest(token: str) -> str:
    """Give the SHA-256 of a token, as the configuration holds it."""
    return hashlib.sha256(token.encode()).hexdigest()


def ensure_token(config: ExportConfig, state: Path) -> Token | None:
    """Give the token that this server keeps for itself, made if there is none yet; ``None`` where tokens are configured.

    The file is complete as soon as it has its name: of several processes that start at once, one makes the token and all use it.

    Args:
        config: the settings of the export.
        state: the folder for what the server keeps between starts; made if it does not exist.

    Raises:
        ConfigError: the file holds no token, or others than its owner may read it.
    """
    if config.tokens:
        return None
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = state / TOKEN_FILE
    made = not file.exists() and _made(file)
    return Token(_read(file), file, made)


def refusal(request: web.Request, digests: Iterable[str]) -> web.Response | None:
    """Give the reply to a request without a good token, or ``None`` for one that may go on.

    Args:
        request: any request.
        digests: SHA-256 of each token that is good, as hexadecimal digits.
    """
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return _unauthorised(_REALM, "a bearer token is required: Authorization: Bearer …")
    given = hashlib.sha256(token.strip().encode(errors="surrogateescape")).hexdigest()
    # every digest is compared, so that the time tells neither which one it was nor how much of it
    good = [hmac.compare_digest(given, known.lower()) for known in digests]
    return None if any(good) else _unauthorised(f'{_REALM}, error="invalid_token"', "this bearer token is not known")


def _unauthorised(challenge: str, message: str) -> web.Response:
    told = {"errors": [{"field": hdrs.AUTHORIZATION, "handle": "", "message": message}]}
    return web.json_response(told, status=401, headers={hdrs.WWW_AUTHENTICATE: challenge, hdrs.CACHE_CONTROL: "no-store"})


def _made(file: Path) -> bool:
    """Make a token and its file; ``False`` if another process was quicker."""
    beside = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as written:
            written.write(secrets.token_urlsafe(32) + "\n")
            written.flush()
            os.fsync(written.fileno())
        os.link(beside, file)
    except FileExistsError:
        return False
    else:
        return True
    finally:
        beside.unlink()


def _read(file: Path) -> str:
    if os.name == "posix" and file.stat().st_mode & _OTHERS:
        raise ConfigError(f"{file.name}: others than its owner may read this token: expected permissions 0600")
    token = file.read_text(encoding="ascii", errors="replace").strip()
    if not token or not token.isascii() or not token.isprintable():
        raise ConfigError(f"{file.name}: expected a token, found none: remove the file to have one made")
    return token
