"""Settings from file and environment: read, checked, composed."""

import re
from pathlib import Path

import pytest

from proxy.config import Config, load
from proxy.errors import ConfigError


def loaded(folder: Path, text: str) -> Config:
    (folder / "config.toml").write_text(text)
    return load(folder / "config.toml")


def test_everything_has_a_default(tmp_path: Path) -> None:
    config = loaded(tmp_path, "")
    assert (config.server.host, config.server.port, config.server.processes) == ("127.0.0.1", 8080, 1)
    assert config.content.images == ()
    assert config.limits.queue == config.pool().queue
    assert config.cache.memory == config.service().memory == 256 * 2**20


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[server]\nprt = 1", "server.prt: Extra inputs are not permitted"),
        ("[sever]\nport = 1", "sever: Extra inputs are not permitted"),
        ("[server]\nport = -1", "server.port: "),
        ("[server]\nport = 65536", "server.port: "),
        ("[server]\nport = 'http'", "server.port: "),
        ("[server]\nprocesses = 0", "server.processes: "),
        ("[server]\nroot_path = 'media'", "server.root_path: "),
        ("[server]\nroot_path = '/media/'", "server.root_path: "),
        ("[cache]\nmemory = 'lots'", "cache.memory: Value error, expected a number of bytes such as"),
        ("[cache]\nmemory = -1", "cache.memory: "),
        ("[cache]\nvalidate_after = -1", "cache.validate_after: "),
        ("[limits]\nrender_seconds = 0", "limits.render_seconds: "),
        ("[limits]\nurl_length = 10", "limits.url_length: "),
        ("[log]\nlevel = 'loud'", "log.level: "),
        ("[protocol]\nmissing_status = 500", "protocol.missing_status: "),
        ("[protocol]\nunknown_macro = 'maybe'", "protocol.unknown_macro: "),
        ("[server", "config.toml: "),
        ("port = 1", "port: Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert caught.value.detail.startswith("config.toml: ")
    assert told in caught.value.detail
    assert str(tmp_path) not in caught.value.detail


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"server\.prt: .*; log\.level: "):
        loaded(tmp_path, "[server]\nprt = 1\n[log]\nlevel = 'loud'\n")


def test_no_text(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"config\.toml: "):
        load(tmp_path / "config.toml")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: there is no such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path)
    assert load(tmp_path / "none.toml", required=False).server.port == 8080


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("512", 512),
        ("64 MB", 64 * 2**20),
        ("2GB", 2 * 2**30),
        ("1.5 kib", 1536),
        ("1 T", 2**40),
        ("0", 0),
        ("10b", 10),
        (4096, 4096),
    ],
)
def test_sizes(tmp_path: Path, size: str | int, expected: int) -> None:
    assert loaded(tmp_path, f"[cache]\nmemory = {size!r}\n").cache.memory == expected


@pytest.mark.parametrize("size", ["MB", "1,5 MB", "-1 MB", "1 XB", "1e3", "", "1 2"])
def test_sizes_that_are_none(tmp_path: Path, size: str) -> None:
    with pytest.raises(ConfigError, match=re.escape("cache.memory")):
        loaded(tmp_path, f"[cache]\nmemory = '{size}'\n")


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISPROXY_SERVER__PORT", "9000")
    monkeypatch.setenv("ISPROXY_CACHE__MEMORY", "1 MB")
    monkeypatch.setenv("ISPROXY_CONTENT__IMAGES", '["elsewhere"]')
    config = loaded(tmp_path, "[server]\nport = 1\nprocesses = 3\n[content]\nimages = ['here']\n")
    assert (config.server.port, config.server.processes) == (9000, 3)
    assert config.cache.memory == 2**20
    assert config.content.images == (tmp_path / "elsewhere",)


def test_the_environment_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISPROXY_SERVER__PORT", "many")
    with pytest.raises(ConfigError, match=r"server\.port"):
        loaded(tmp_path, "")


def test_paths_are_those_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    config = loaded(tmp_path, "[content]\nimages = ['a', '/b']\ncatalogs = 'c'\nmacros = 'm'\n[server]\nstate = 's'\n")
    assert config.content.images == (tmp_path / "a", Path("/b"))
    assert (config.content.catalogs, config.content.macros) == (tmp_path / "c", tmp_path / "m")
    assert config.server.state == tmp_path / "s"


def test_sections_reach_the_packages(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        "[server]\nrender_workers = 3\n[content]\norient = false\n[cache]\nvalidate_after = 7\n"
        "[limits]\nqueue = 4\nrender_seconds = 5\nsource_pixels = 6\nsource_bytes = '1 KB'\nreply_pixels = 8\nexport_assets = 9\n"
        "[protocol]\nunknown_macro = 'ignore'\n",
    )
    pool, opening, service = config.pool(), config.opening(), config.service()
    assert (pool.workers, pool.queue, pool.seconds) == (3, 4, 5)
    assert (opening.limits.source_pixels, opening.limits.source_bytes, opening.orient) == (6, 1024, False)
    assert (service.validate_after, service.reply_pixels, service.unknown_macro_is_error) == (7, 8, False)
    assert config.exports().export_assets == 9


def test_addresses_and_keys_reach_the_packages(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        "[content]\nforeign_hosts = ['img.example:8443']\nforeign_networks = ['10.0.0.0/8', 'fd00::1']\n"
        "[security]\nurl_keys = ['0123456789abcdef']\ntrusted_proxies = ['192.0.2.7', '2001:db8::/32']\n"
        "[limits]\nnesting = 3\nlayers = 4\nrender_seconds = 5\n",
    )
    foreign, service = config.foreign(), config.service()
    assert (foreign.hosts, foreign.networks, foreign.seconds) == (("img.example:8443",), ("10.0.0.0/8", "fd00::1/128"), 5)
    assert (service.read.nesting, service.read.layers) == (3, 4)
    assert config.security.url_keys == ("0123456789abcdef",)
    assert list(map(str, config.security.trusted_proxies)) == ["192.0.2.7/32", "2001:db8::/32"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[content]\nforeign_networks = ['10.0.0.1/8']\n", "foreign_networks"),
        ("[content]\nrefresh = 0\n", "refresh"),
        ("[security]\ntrusted_proxies = ['localhost']\n", "trusted_proxies"),
        ("[security]\nurl_keys = ['too short']\n", "url_keys"),
    ],
)
def test_addresses_and_keys_are_checked(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        loaded(tmp_path, text)


def test_the_example_can_be_used() -> None:
    config = load(Path(__file__).parents[1] / "config.toml")
    assert config.content.images
    assert all(folder.is_dir() for folder in config.content.images)


def test_the_example_names_every_key() -> None:
    text = (Path(__file__).parents[1] / "config.toml").read_text()
    for name, section in Config().model_dump().items():
        assert f"[{name}]" in text
        part = text.partition(f"[{name}]\n")[2].partition("\n[")[0]
        for key in section:
            assert re.search(rf"^(# )?{key} = ", part, re.MULTILINE), f"{name}.{key}"
