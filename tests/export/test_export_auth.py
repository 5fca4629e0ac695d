"""Tokens: how the first one is made and kept. What a request is answered without one stands in ``test_export_http``."""

import shlex
import stat
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from proxy.errors import ConfigError
from proxy.export.config import ExportConfig
from proxy.server.auth import TOKEN_FILE, ensure_token


def test_the_first_start_makes_a_token_that_later_starts_find(tmp_path: Path) -> None:
    state = tmp_path / "var"
    first, second = ensure_token(ExportConfig(), state), ensure_token(ExportConfig(), state)
    assert first is not None
    assert second is not None
    assert (first.made, second.made, first.value) == (True, False, second.value)
    assert len(first.value) >= 43
    assert first.digest == sha256(first.value.encode()).hexdigest()
    assert stat.S_IMODE(first.file.stat().st_mode) == 0o600
    assert list(state.iterdir()) == [first.file]


def test_configured_tokens_need_no_other(tmp_path: Path) -> None:
    assert ensure_token(ExportConfig(tokens=("0" * 64,)), tmp_path / "var") is None
    assert not (tmp_path / "var").exists()


def test_processes_that_start_at_once_agree_on_one_token(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: ensure_token(ExportConfig(), tmp_path), range(32)))
    assert len({token.value for token in tokens if token}) == 1
    assert sum(token.made for token in tokens if token) == 1
    assert [file.name for file in tmp_path.iterdir()] == [TOKEN_FILE]


def test_a_token_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    token = ensure_token(ExportConfig(), tmp_path)
    assert token is not None
    token.file.chmod(0o640)
    with pytest.raises(ConfigError, match="0600"):
        ensure_token(ExportConfig(), tmp_path)


@pytest.mark.parametrize("text", ["", "\n", "with\x07bell", "grün"])
def test_a_file_without_a_token_is_not_used(tmp_path: Path, text: str) -> None:
    file = tmp_path / TOKEN_FILE
    file.touch(0o600)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="expected a token"):
        ensure_token(ExportConfig(), tmp_path)


def test_the_command_line_to_try_is_ready_to_be_pasted(tmp_path: Path) -> None:
    token = ensure_token(ExportConfig(), tmp_path)
    assert token is not None
    words = shlex.split(token.curl("http://127.0.0.1:8080/", "isproxy/it's"))
    assert f"Authorization: Bearer {token.value}" in words
    assert words[-1] == "http://127.0.0.1:8080/export"
    assert '"isproxy/it\'s"' in words[-2]
