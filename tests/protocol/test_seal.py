import base64
import contextlib
import hashlib
import hmac
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from proxy.errors import Refused
from proxy.protocol.grammar import split_modifiers
from proxy.protocol.parser import parse
from proxy.protocol.seal import (
    Verified,
    check_lock,
    deobfuscate,
    escaped,
    lock,
    locked,
    obfuscate,
    opened,
    sign,
    verify,
)
from proxy.protocol.tree import Comment

TABLE = [
    # modifiers, lock, obfuscated, both (the table of the conformance suite, and its cases)
    ("wid=100", "0716", "d2lkPTEwMA==", "d2lkPTEwMCYwNzE2"),
    ("wid=50&fmt=png", "b2c1", "d2lkPTUwJmZtdD1wbmc=", "d2lkPTUwJmZtdD1wbmcmYjJjMQ=="),
    ("req=exists", "a5ef", "cmVxPWV4aXN0cw==", "cmVxPWV4aXN0cyZhNWVm"),
]
LOCKS = [
    ("wid=120&hei=60&bgc=0,0,255&fmt=png", "e42d"),
    ("fmt=png&bgc=0%2C0%2C255&hei=60&wid=120", "fe2d"),
    ("wid=40&hei=77&fmt=png", "0023"),
    ("wid=50&fmt=png&.rule-lock", "c6db"),
    ("d2lkPTUwJmZtdD1wbmc=", "59e7"),
    ("", "0000"),
]
KEY, OTHER = "a key of signatures", "another key, longer"
ANY = st.one_of(st.text(), st.text(st.characters()), st.text("wid=&?.0aF%{}$/ +é'#:\n\0\ud800"))


@pytest.mark.parametrize(("modifiers", "expected", "encoded", "both"), TABLE)
def test_the_table(modifiers: str, expected: str, encoded: str, both: str) -> None:
    assert lock(modifiers) == expected
    assert locked(modifiers) == f"{modifiers}&{expected}"
    assert obfuscate(modifiers) == encoded
    assert obfuscate(locked(modifiers)) == both
    assert check_lock(locked(modifiers)) == modifiers
    assert deobfuscate(encoded) == modifiers
    assert check_lock(deobfuscate(both)) == modifiers


@pytest.mark.parametrize(("modifiers", "expected"), LOCKS)
def test_locks(modifiers: str, expected: str) -> None:
    assert lock(modifiers) == expected


def test_hexadecimal_digits_in_any_case() -> None:
    assert check_lock("wid=50&fmt=png&B2c1") == "wid=50&fmt=png"


def test_nothing_needs_no_lock() -> None:
    assert locked("") == ""
    assert check_lock("") == ""


@pytest.mark.parametrize(
    "query",
    [
        "wid=100",
        "wid=100&0717",
        "wid=200&0716",
        "0716&wid=100",
        "wid=100&0716&",
        "wid=100&716",
        "wid=100&00716",
        "0000",
        "&",
        "wid=100&\uff10716",
    ],
)
def test_requests_without_their_lock(query: str) -> None:
    with pytest.raises(Refused, match="RequestLock"):
        check_lock(query)


@given(ANY)
def test_any_text_can_be_locked_and_obfuscated(text: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{4}", lock(text))
    assert check_lock(locked(text)) == text


@given(st.text())
def test_any_characters_can_be_obfuscated(text: str) -> None:
    encoded = obfuscate(text)
    assert deobfuscate(encoded) == text
    assert deobfuscate(encoded.rstrip("=")) == text
    assert deobfuscate(encoded.replace("+", "-").replace("/", "_")) == text
    assert deobfuscate(encoded.replace("=", "%3D").replace("+", "%2b").replace("/", "%2F")) == text


@given(ANY)
def test_any_text_is_checked(text: str) -> None:
    for check in (check_lock, deobfuscate):
        with contextlib.suppress(Refused):
            assert isinstance(check(text), str)


@pytest.mark.parametrize(
    ("encoded", "text"),
    [
        ("", ""),
        ("w6k=", "é"),
        ("6Q==", "é"),  # Latin-1
        ("8J+YgA==", "😀"),
        ("8J-YgA", "😀"),
        ("dHh0PW15IHRleHQgc3RyaW5nJiRpbWc9bXlJbWFnZQ==", "txt=my text string&$img=myImage"),
    ],
)
def test_base64(encoded: str, text: str) -> None:
    assert deobfuscate(encoded) == text


@pytest.mark.parametrize(
    "query",
    [
        "wid=100&fmt=png",
        "wid=100",
        "d2lk!TEwMA==",
        "d2lkPTEwMA===",
        "d2lkP",
        "=",
        "d2lk PTEw",
        "d2lk\n",
        "d2lkPTEwMA==&59e7",
        "%",
    ],
)
def test_what_is_no_base64(query: str) -> None:
    with pytest.raises(Refused, match="RequestObfuscation"):
        deobfuscate(query)


PLAIN, LOCKED = "wid=50&fmt=png", "wid=50&fmt=png&b2c1"
CODED, BOTH = obfuscate(PLAIN), obfuscate(LOCKED)


@pytest.mark.parametrize(
    ("arrived", "rewritten", "lock_", "obfuscated", "expected"),
    [
        (PLAIN, PLAIN, False, False, PLAIN),
        (PLAIN, "rewritten", False, False, "rewritten"),
        (LOCKED, LOCKED, True, False, PLAIN),
        (CODED, CODED, False, True, PLAIN),
        (BOTH, BOTH, True, True, PLAIN),
        ("", "", True, True, ""),
        # what rules put around it is neither locked nor encoded
        ("", "src=conf/quad", True, True, "src=conf/quad"),
        (LOCKED, f"src=x&{LOCKED}&qlt=95", True, False, f"src=x&{PLAIN}&qlt=95"),
        (BOTH, f"src=x&{BOTH}&qlt=95", True, True, f"src=x&{PLAIN}&qlt=95"),
        # rules within it: the lock was that of what arrived, and is a stray text behind
        (LOCKED, "wid=70&fmt=png&b2c1", True, False, "wid=70&fmt=png&b2c1"),
        (CODED, obfuscate("wid=9"), False, True, "wid=9"),
        # not demanded: nothing is taken off
        (LOCKED, LOCKED, False, False, LOCKED),
    ],
)
def test_opened(arrived: str, rewritten: str, lock_: bool, obfuscated: bool, expected: str) -> None:  # noqa: FBT001  # columns
    assert opened(arrived, rewritten, locked=lock_, obfuscated=obfuscated) == expected


@pytest.mark.parametrize(
    ("arrived", "rewritten", "lock_", "obfuscated"),
    [
        (PLAIN, PLAIN, True, False),
        (PLAIN, PLAIN, False, True),
        (PLAIN, LOCKED, True, False),  # a rule cannot lend the lock
        (LOCKED, LOCKED, True, True),
        (CODED, CODED, True, True),
        (f"{CODED}&59e7", f"{CODED}&59e7", True, True),
        (CODED, "wid=9", False, True),
        # a text that occurs in what the rule wrote is not decoded in its place
        ("forced", "forced=1&forced", False, True),
        ("forced", "forced&forced=1", False, True),
    ],
)
def test_not_opened(arrived: str, rewritten: str, lock_: bool, obfuscated: bool) -> None:  # noqa: FBT001  # columns
    with pytest.raises(Refused):
        opened(arrived, rewritten, locked=lock_, obfuscated=obfuscated)


# ---- signatures


def test_a_signature_is_what_is_documented() -> None:
    path, query = "/is/image/shop/shoe", "wid=100"
    message = b"isproxy signed request 1\n" + len(path).to_bytes(8) + path.encode() + b"wid=100&.expires=2000000000&"
    digest = base64.urlsafe_b64encode(hmac.new(KEY.encode(), message, hashlib.sha256).digest()).decode().rstrip("=")
    signed = sign(path, query, KEY, 2_000_000_000)
    assert signed == f"{path}?wid=100&.expires=2000000000&.signature={digest}"
    assert verify(path, signed.partition("?")[2], [KEY], 0) == Verified("wid=100", 2_000_000_000)


@given(ANY, ANY, st.none() | st.integers(1, 10**15 - 1))
def test_what_was_signed_is_verified(path: str, query: str, expires: int | None) -> None:
    signed_path, _, signed = sign(path, query, KEY, expires).partition("?")
    verified = verify(signed_path, signed, [OTHER, KEY], 0)
    assert verified.expires == expires
    unsealed = re.sub(r"(?:(?:\A|&)\.(?:expires|signature)=[^&]*)+\Z", "", query)
    assert verified.query == escaped(unsealed)
    # what stands in a URL is not changed by anything that passes it on
    assert re.fullmatch(r"[!$%&'()*+,\-./:;=?@_~0-9A-Za-z]*", signed_path + signed)
    with pytest.raises(Refused, match="not that of this request"):
        verify(signed_path, signed, [OTHER], 0)


def test_signing_twice_replaces_the_seal() -> None:
    path, _, once = sign("/is/image/a", "wid=1", OTHER, 5).partition("?")
    assert sign(path, once, KEY) == sign("/is/image/a", "wid=1", KEY)


@given(st.data())
def test_altering_any_character_fails(data: st.DataObject) -> None:
    path, _, query = sign("/is/image/shop/shoe", "wid=100&$a=b", KEY, data.draw(st.sampled_from([None, 10**9]))).partition("?")
    whole = f"{path}?{query}"
    at = data.draw(st.integers(0, len(whole) - 1))
    put = data.draw(st.text(max_size=2))
    changed = whole[:at] + put + whole[at + data.draw(st.integers(0, 1)) :]
    assume(changed != whole)
    new_path, _, new_query = changed.partition("?")
    with pytest.raises(Refused):
        verify(new_path, new_query, [KEY, OTHER], 0)


@given(st.data())
def test_the_border_of_path_and_query_is_signed(data: st.DataObject) -> None:
    query = sign("/is/image/ab", "cd", KEY).partition("?")[2]
    at = data.draw(st.integers(0, len("/is/image/ab") - 1))
    with pytest.raises(Refused):
        verify("/is/image/ab"[:at], "/is/image/ab"[at:] + query, [KEY], 0)


@given(ANY, ANY, st.lists(st.text(), max_size=3))
def test_no_text_breaks_it(path: str, query: str, keys: list[str]) -> None:
    with pytest.raises(Refused):
        verify(path, query, keys, 0)


@pytest.mark.parametrize(
    ("query", "now", "message"),
    [
        ("wid=100", 0, "not signed"),
        ("", 0, "not signed"),
        (".signature=", 0, "not signed"),
        (f"x.signature={'A' * 43}", 0, "not signed"),
        (f".signature={'A' * 43}", 0, "not that of this request"),
        (f"wid=1&.expires=1&.signature={'A' * 43}", 9, "not that of this request"),
    ],
)
def test_refusals(query: str, now: float, message: str) -> None:
    with pytest.raises(Refused, match=message):
        verify("/is/image/a", query, [KEY], now)


def test_expiry() -> None:
    path, _, query = sign("/is/image/a", "wid=1", KEY, 1000).partition("?")
    assert verify(path, query, [KEY], 999.9) == Verified("wid=1", 1000)
    with pytest.raises(Refused, match="has expired"):
        verify(path, query, [KEY], 1000)
    with pytest.raises(Refused, match="not that of this request"):
        verify(path, query.replace("1000", "9999"), [KEY], 0)


def test_an_expiry_of_the_page_itself_does_not_count() -> None:
    path, _, query = sign("/is/image/a", ".expires=1&wid=1", KEY).partition("?")
    assert verify(path, query, [KEY], 5) == Verified(".expires=1&wid=1", None)


@pytest.mark.parametrize("expires", [-1, 10**15])
def test_an_expiry_that_could_not_be_read_is_not_signed(expires: int) -> None:
    with pytest.raises(ValueError, match="expires"):
        sign("/is/image/a", "", KEY, expires)


def test_no_key_verifies_nothing() -> None:
    path, _, query = sign("/is/image/a", "wid=1", "").partition("?")
    with pytest.raises(Refused):
        verify(path, query, [], 0)


@given(st.text(st.characters(codec="ascii", exclude_characters="&#"), min_size=1))
def test_the_parser_takes_the_seal_for_comments(value: str) -> None:
    query = sign("/is/image/a", f"src={value}", KEY, 7).partition("?")[2]
    assume("%00" not in query)
    assert all(isinstance(node, Comment) for node in parse(query)[-2:])
    assert [text.partition("=")[0] for _, text in split_modifiers(query)][-2:] == [".expires", ".signature"]
