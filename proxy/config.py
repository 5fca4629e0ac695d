"""Settings: ``config.toml`` and the environment (``ISPROXY_<SECTION>__<KEY>``), checked and composed.

Sections are those of the file; what they say is handed to the packages in the packages' own frozen configurations, whose
defaults stand there. Unknown keys are refused. Paths are relative to the folder of the file.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from proxy.errors import ConfigError
from proxy.export.config import ExportConfig
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import PoolConfig
from proxy.service import ServiceConfig

_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)i?b?\s*\Z", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def _bytes(value: Any) -> Any:
    """Read ``256 MB`` and its like; a K is 1024."""
    if not isinstance(value, str):
        return value
    match = _SIZE.match(value)
    if match is None:
        raise ValueError("expected a number of bytes such as 512, 64 MB or 2 GB")
    return int(float(match[1]) * 1024 ** _POWERS[match[2].lower()])


Bytes = Annotated[int, BeforeValidator(_bytes), Field(ge=0)]
Count = Annotated[int, Field(ge=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Section):
    """Where to listen and with how many processes."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    processes: Annotated[int, Field(ge=1, le=64)] = 1
    render_workers: Count = 0
    root_path: Annotated[str, Field(pattern=r"^(/[^/?#]+)*$")] = ""
    state: Path = Path("var")


class Content(_Section):
    """Where originals, catalogs and macros are."""

    images: tuple[Path, ...] = ()
    catalogs: Path | None = None
    macros: Path | None = None
    orient: bool = True


class Cache(_Section):
    """How much is kept, and for how long originals are taken to be unchanged."""

    memory: Bytes = ServiceConfig().memory
    validate_after: Annotated[float, Field(ge=0)] = ServiceConfig().validate_after


class LimitsSection(_Section):
    """What one request may cost; 0 is no limit."""

    source_pixels: Count = Limits().source_pixels
    source_bytes: Bytes = Limits().source_bytes
    reply_pixels: Count = ServiceConfig().reply_pixels
    nesting: Count = ServiceConfig().nesting
    layers: Annotated[int, Field(ge=1)] = ServiceConfig().layers
    url_length: Annotated[int, Field(ge=256)] = 16384
    render_seconds: Annotated[float, Field(gt=0)] = PoolConfig().seconds
    queue: Count = PoolConfig().queue
    export_assets: Annotated[int, Field(ge=1)] = ExportConfig().export_assets
    export_bytes: Annotated[int, BeforeValidator(_bytes), Field(ge=1)] = ExportConfig().export_bytes


class Export(_Section):
    """Who may export: SHA-256 digests of bearer tokens."""

    tokens: tuple[str, ...] = ()


class Log(_Section):
    """What is logged and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"
    access: bool = True


class ProtocolSection(_Section):
    """Where this server may depart from the protocol: for migrations."""

    unknown_macro: Literal["error", "ignore"] = "error"
    missing_status: Literal[403, 404] = 403


class Config(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(env_prefix="ISPROXY_", env_nested_delimiter="__", extra="forbid", frozen=True)

    server: Server = Server()
    content: Content = Content()
    cache: Cache = Cache()
    limits: LimitsSection = LimitsSection()
    export: Export = Export()
    log: Log = Log()
    protocol: ProtocolSection = ProtocolSection()

    def service(self) -> ServiceConfig:
        """What the one path needs."""
        return ServiceConfig(
            memory=self.cache.memory,
            validate_after=self.cache.validate_after,
            reply_pixels=self.limits.reply_pixels,
            nesting=self.limits.nesting,
            layers=self.limits.layers,
            unknown_macro_is_error=self.protocol.unknown_macro == "error",
        )

    def pool(self) -> PoolConfig:
        """What the worker processes need."""
        return PoolConfig(self.server.render_workers, self.limits.queue, self.limits.render_seconds)

    def opening(self) -> Opening:
        """How workers open originals."""
        return Opening(Limits(self.limits.source_pixels, self.limits.source_bytes), self.content.orient)

    def exports(self) -> ExportConfig:
        """What the export needs."""
        return ExportConfig(self.export.tokens, self.limits.export_assets, self.limits.export_bytes)


def load(path: Path, *, required: bool = True) -> Config:
    """Read the configuration.

    Args:
        path: the file.
        required: whether its absence is an error; without it there are the defaults and the environment.

    Raises:
        ConfigError: it cannot be read, a key is unknown, a value is not as expected: all of them in one message.
    """
    if required and not path.is_file():
        raise ConfigError(f"{path.name}: there is no such file")

    class FromFile(Config):
        @classmethod
        def settings_customise_sources(  # pydantic's own signature
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            file = path if path.is_file() else None
            return env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)

    try:
        config = FromFile()
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ConfigError(f"{path.name}: {told}") from error
    except ValueError as error:
        raise ConfigError(f"{path.name}: {error}") from error
    return _rooted(config, path.parent.absolute())


def _rooted(config: Config, folder: Path) -> Config:
    """Take relative paths from the folder of the file."""
    content = config.content
    rooted = content.model_copy(
        update={
            "images": tuple(folder / path for path in content.images),
            "catalogs": content.catalogs and folder / content.catalogs,
            "macros": content.macros and folder / content.macros,
        }
    )
    server = config.server.model_copy(update={"state": folder / config.server.state})
    return config.model_copy(update={"content": rooted, "server": server})
