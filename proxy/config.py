"""Settings: ``config.toml`` and the environment (``ISPROXY_<SECTION>__<KEY>``), checked and composed.

Sections are those of the file; what they say is handed to the packages in the packages' own frozen configurations, whose
defaults stand there. Unknown keys are refused. Paths are relative to the folder of the file.
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from proxy.errors import ConfigError
from proxy.export.config import ExportConfig
from proxy.protocol.seal import SHORTEST_KEY
from proxy.recipe.asked import ReadLimits
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import PoolConfig
from proxy.service import ServiceConfig
from proxy.sources.hosts import ForeignConfig

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


def _network(value: Any) -> Any:
    """Read an address range; a single address is one."""
    return ip_network(value) if isinstance(value, str) else value


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Bytes = Annotated[int, BeforeValidator(_bytes), Field(ge=0)]
Count = Annotated[int, Field(ge=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Server(_Section):
    """Where to listen and with how many processes."""

    host: str = "127.0.0.1"
    """Address to listen at; `0.0.0.0` for all."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port to listen at; 0 for any free one."""
    processes: Annotated[int, Field(ge=1, le=64)] = 1
    """Front processes that share the port."""
    render_workers: Count = 0
    """Processes that make pixels; 0 is one for each core."""
    root_path: Annotated[str, Field(pattern=r"^(/[^/?#]+)*$")] = ""
    """What stands before `/is` and `/export`, for example `/media`."""
    state: Path = Path("var")
    """Folder of what the server keeps between starts, such as the export token that it made."""


class Content(_Section):
    """Where originals, static content, catalogs and macros are, and where ``req=saveToFile`` may write."""

    images: tuple[Path, ...] = ()
    """Folders of originals, searched in order."""
    static: tuple[Path, ...] = ()
    """Folders of static content, searched in order."""
    catalogs: Path | None = None
    """Folder of catalogs (`*.ini`), `default.ini` among them."""
    macros: Path | None = None
    """Folder of macro files for the default catalog."""
    profiles: Path | None = None
    """Folder of the standard CMYK profiles that were bought or downloaded, under their usual file names."""
    save: Path | None = None
    """Folder that `req=saveToFile` may write to; nowhere if there is none."""
    orient: bool = True
    """Turn originals upright by their EXIF orientation."""
    refresh: Annotated[float, Field(gt=0)] = 5.0
    """Seconds between looks at the catalogs; a changed attribute or macro file has them read again."""
    foreign_hosts: tuple[str, ...] = ()
    """Hosts that `src=(http…)` may name: `name`, `name:port` or `*.name`."""
    foreign_networks: tuple[Network, ...] = ()
    """Address ranges of foreign hosts that are reached although they are private."""


class Cache(_Section):
    """How much is kept, and for how long originals are taken to be unchanged."""

    memory: Bytes = ServiceConfig().memory
    """Size of the renditions kept in memory."""
    validate_after: Annotated[float, Field(ge=0)] = ServiceConfig().validate_after
    """Seconds for which an original is taken to be unchanged."""


class LimitsSection(_Section):
    """What one request may cost; 0 is no limit."""

    source_pixels: Count = Limits().source_pixels
    """Pixels of an original."""
    source_bytes: Bytes = Limits().source_bytes
    """Size of the file of an original."""
    svg_bytes: Bytes = Limits().svg_bytes
    """Size of an SVG document, once unpacked."""
    svg_pixels: Count = Limits().svg_pixels
    """Pixels that an SVG document is drawn at."""
    reply_pixels: Count = ServiceConfig().reply_pixels
    """Pixels of a reply image, and of any picture made on the way to it."""
    drawn_pixels: Count = ServiceConfig().drawn_pixels
    """Pixels drawn for a reply in all: of layers, effects and nested requests, as often as each is worked on."""
    fine_pixels: Count = ServiceConfig().fine_pixels
    """Pixels of a composite of several layers, which is made up to three times as wide as a small reply; 0 for no wider."""
    nesting: Count = ReadLimits().nesting
    """How deep requests may be nested in each other."""
    layers: Annotated[int, Field(ge=1)] = ReadLimits().layers
    """Layers of one request, each nested one counted by itself."""
    all_layers: Annotated[int, Field(ge=1)] = ReadLimits().all_layers
    """Layers of one request and of all that are nested in it together."""
    url_length: Annotated[int, Field(ge=256)] = 16384
    """Characters of a request target."""
    render_seconds: Annotated[float, Field(gt=0)] = PoolConfig().seconds
    """Seconds that making one image may take."""
    queue: Count = PoolConfig().queue
    """Images that may wait to be made; more are refused with 503."""
    export_assets: Annotated[int, Field(ge=1)] = ExportConfig().export_assets
    """Assets that one export may name."""
    export_bytes: Annotated[int, BeforeValidator(_bytes), Field(ge=1)] = ExportConfig().export_bytes
    """Bytes that one export may hold."""


class Export(_Section):
    """Who may export: SHA-256 digests of bearer tokens."""

    tokens: tuple[str, ...] = ()
    """SHA-256 digests of the bearer tokens that may export; without one the server makes a token at its first start."""


class Security(_Section):
    """Who may ask, beside what catalogs say of it."""

    url_keys: tuple[Annotated[str, Field(min_length=SHORTEST_KEY)], ...] = ()
    """Keys that URLs may be signed with, the newest first; with any, unsigned URLs are refused."""
    trusted_proxies: tuple[Network, ...] = ()
    """Address ranges of the proxies whose X-Forwarded-For counts."""


class Log(_Section):
    """What is logged and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged."""
    format: Literal["text", "json"] = "text"
    """One line of text or one JSON object for each event."""
    access: bool = True
    """Log every request."""


class ProtocolSection(_Section):
    """Where this server may depart from the protocol: for migrations."""

    unknown_macro: Literal["error", "ignore"] = "error"
    """What a macro that nobody defined is: an error, or nothing."""
    missing_status: Literal[403, 404] = 403
    """HTTP status for objects that are not there."""


class Config(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(env_prefix="ISPROXY_", env_nested_delimiter="__", extra="forbid", frozen=True)

    server: Server = Server()
    content: Content = Content()
    cache: Cache = Cache()
    limits: LimitsSection = LimitsSection()
    export: Export = Export()
    security: Security = Security()
    log: Log = Log()
    protocol: ProtocolSection = ProtocolSection()

    def service(self) -> ServiceConfig:
        """What the one path needs."""
        return ServiceConfig(
            memory=self.cache.memory,
            validate_after=self.cache.validate_after,
            reply_pixels=self.limits.reply_pixels,
            drawn_pixels=self.limits.drawn_pixels,
            fine_pixels=self.limits.fine_pixels,
            read=ReadLimits(self.limits.nesting, self.limits.layers, self.limits.all_layers),
            unknown_macro_is_error=self.protocol.unknown_macro == "error",
            save=self.content.save,
            profiles=self.content.profiles,
        )

    def pool(self) -> PoolConfig:
        """What the worker processes need."""
        return PoolConfig(self.server.render_workers, self.limits.queue, self.limits.render_seconds)

    def opening(self) -> Opening:
        """How workers open originals."""
        limits = self.limits
        allowed = Limits(limits.source_pixels, limits.source_bytes, limits.svg_bytes, limits.svg_pixels)
        return Opening(allowed, self.content.orient)

    def foreign(self) -> ForeignConfig:
        """What may be fetched from other servers."""
        content = self.content
        return ForeignConfig(content.foreign_hosts, tuple(map(str, content.foreign_networks)), seconds=self.limits.render_seconds)

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
            "static": tuple(folder / path for path in content.static),
            "catalogs": content.catalogs and folder / content.catalogs,
            "macros": content.macros and folder / content.macros,
            "save": content.save and folder / content.save,
            "profiles": content.profiles and folder / content.profiles,
        }
    )
    server = config.server.model_copy(update={"state": folder / config.server.state})
    return config.model_copy(update={"content": rooted, "server": server})
