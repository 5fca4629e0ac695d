"""Settings of the export: the section ``[export]`` and the limits that are the export's. Standard library only."""

from dataclasses import dataclass

from proxy.errors import ConfigError

_DIGEST = 64


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """What the export may do and for whom.

    ``tokens`` are SHA-256 digests of bearer tokens, 64 hexadecimal digits each. ``export_assets`` is how many assets one
    export may name, ``export_bytes`` how many bytes it may hold, ``body_bytes`` the largest request body.
    ``planners`` is how many assets are looked at at once before the first byte is sent, ``stalled`` for how many seconds a
    client may take nothing before it is given up.

    Raises:
        ConfigError: a token is no digest, or a number is not positive.
    """

    tokens: tuple[str, ...] = ()
    export_assets: int = 5000
    export_bytes: int = 20 * 10**9
    body_bytes: int = 4 * 2**20
    planners: int = 16
    stalled: float = 300.0

    def __post_init__(self) -> None:
        for token in self.tokens:
            if len(token) != _DIGEST or not set(token.lower()) <= set("0123456789abcdef"):
                raise ConfigError("export.tokens: expected SHA-256 digests of 64 hexadecimal digits, not the tokens themselves")
        for name in ("export_assets", "export_bytes", "body_bytes", "planners", "stalled"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name}={getattr(self, name)}: expected a number above 0")
