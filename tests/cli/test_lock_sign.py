import re

import pytest
import typer
from typer.testing import CliRunner

from proxy.cli.lock import lock, locked_url
from proxy.cli.sign import seconds_of, sign, signed_url
from proxy.errors import ConfigError
from proxy.protocol.seal import check_lock, deobfuscate, verify

APP = typer.Typer()
APP.command()(lock)
APP.command()(sign)
KEY = "a key of signatures"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/is/image/locked/quad?wid=100", "/is/image/locked/quad?wid=100&0716"),
        ("https://host/is/image/locked/quad?wid=100#top", "https://host/is/image/locked/quad?wid=100&0716"),
        ("/is/image/locked/quad", "/is/image/locked/quad"),
        ("/is/image/locked/quad?", "/is/image/locked/quad"),
        # escaped before, as it will be sent
        ("a?text=one two", "a?text=one%20two&b493"),
    ],
)
def test_locked_urls(url: str, expected: str) -> None:
    assert locked_url(url) == expected


def test_obfuscated_urls() -> None:
    assert locked_url("/a?wid=50&fmt=png", obfuscated=True) == "/a?d2lkPTUwJmZtdD1wbmcmYjJjMQ=="
    assert locked_url("/a?wid=50&fmt=png", obfuscated=True, unlocked=True) == "/a?d2lkPTUwJmZtdD1wbmc="
    sealed = locked_url("/a?text={größer}", obfuscated=True).partition("?")[2]
    assert check_lock(deobfuscate(sealed)) == "text=%7Bgr%C3%B6%C3%9Fer%7D"


def test_the_command_lock() -> None:
    result = CliRunner().invoke(APP, ["lock", "/a?wid=100"])
    assert (result.exit_code, result.output) == (0, "/a?wid=100&0716\n")
    result = CliRunner().invoke(APP, ["lock", "--obfuscate", "--no-lock", "/a?wid=100"])
    assert (result.exit_code, result.output) == (0, "/a?d2lkPTEwMA==\n")


@pytest.mark.parametrize(
    ("url", "before", "path", "query"),
    [
        ("https://host/is/image/shop/shoe?wid=100", "https://host", "/is/image/shop/shoe", "wid=100"),
        ("https://host/media/is/image/shop/shoe", "https://host/media", "/is/image/shop/shoe", ""),
        ("/is/content/shop/a b.pdf?x='#page", "", "/is/content/shop/a%20b.pdf", "x=%27"),
        ("/is/image?src=/is/image/x", "", "/is/image", "src=/is/image/x"),
    ],
)
def test_signed_urls(url: str, before: str, path: str, query: str) -> None:
    signed = signed_url(url, KEY, "", 1000)
    assert signed.startswith(f"{before}{path}?")
    assert verify(path, signed.partition("?")[2], [KEY], 0).query == query


def test_signed_urls_that_expire() -> None:
    signed = signed_url("/is/image/a", KEY, "2h", 1000.9)
    assert verify("/is/image/a", signed.partition("?")[2], [KEY], 0).expires == 1000 + 7200


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("30m", 1800), ("12h", 43200), ("7d", 604800)])
def test_times(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "-1", "1w", "1.5h", "9999999999", "1h "])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ConfigError, match="--valid"):
        seconds_of(text)


@pytest.mark.parametrize("url", ["", "shop/shoe", "https://host/img/a.png", "/is/images/a", "/a?/is/image/x"])
def test_what_is_no_url_to_sign(url: str) -> None:
    with pytest.raises(ConfigError, match="expected a URL with /is/image/ or /is/content/"):
        signed_url(url, KEY, "", 0)


def test_short_keys_are_refused() -> None:
    with pytest.raises(ConfigError, match="at least 16"):
        signed_url("/is/image/a", "short", "", 0)


@pytest.mark.parametrize("by_environment", [False, True])
def test_the_command_sign(by_environment: bool) -> None:  # noqa: FBT001  # the parameter
    words = ["sign", "/is/image/a?wid=1", "--valid", "1h", *([] if by_environment else ["--key", KEY])]
    result = CliRunner().invoke(APP, words, env={"ISPROXY_URL_KEY": KEY} if by_environment else {})
    assert result.exit_code == 0
    assert re.fullmatch(r"/is/image/a\?wid=1&\.expires=\d+&\.signature=[\w-]{43}\n", result.output)
    assert verify("/is/image/a", result.output.strip().partition("?")[2], [KEY], 0).query == "wid=1"
