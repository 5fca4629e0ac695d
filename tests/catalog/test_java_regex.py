import contextlib
import time

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.catalog.java_class import ALL, complement, fold, intersection, union, written
from proxy.catalog.java_regex import DEEPEST, LONGEST, compile_java
from proxy.catalog.java_replacement import read_replacement

# what java.util.regex (OpenJDK 17) finds: begin and end of each match, and where its groups begin
FOUND = [
    ("(?i)_hg$", "cat/photo_HG", "9,12"),
    ("(?i)_hg$", "cat/photo_HGx", ""),
    ("([^/]+)/(small|medium|large)$", "myCat/myImage/small", "6,19;6;14"),
    (r"\$Edge-Control=", "a?$Edge-Control=x", "2,16"),
    ("op_blur=99(&|$)", "a?op_blur=99&x", "2,13;12"),
    ("op_blur=99(&|$)", "a?op_blur=999", ""),
    ("a.c", "a-c abc", "0,3|4,7"),
    ("[a-c&&[^b]]+", "abcab", "0,1|2,4"),
    ("[^a-c&&[b-z]]", "abcd", "0,1|3,4"),
    ("[[a-c]x-z]+", "axzbq", "0,4"),
    ("[]a]+", "]a]b", "0,3"),
    ("[a-]+", "a-b-", "0,2|3,4"),
    ("[+--]+", "+,-.", "0,3"),
    (r"[\w&&[^_]]+", "ab_cd", "0,2|3,5"),
    (r"\p{Alpha}+\p{Digit}*", "abc123 d", "0,6|7,8"),
    (r"\P{Upper}+", "abCd", "0,2|3,4"),
    (r"\p{Punct}", "a%b", "1,2"),
    (r"(?i)\p{Lower}+", "aBc", "0,3"),
    ("(?i)[^a]", "aAbA", "2,3"),
    ("a(?i)b|C", "xc aB", "1,2|3,5"),
    ("(?i:a(?-i)b)c", "AbcABc", "0,3"),
    ("(?x)a b # all of it", "ab", "0,2"),
    ("(?x)[a b]+", "a b", "0,1|2,3"),
    (r"(?x)a \  b", "a b", "0,3"),
    (r"\Qa.b?\E+", "a.b??", "0,5"),
    (r"[\Q^]\E]+", "]^a", "0,2"),
    (r"(a)(b)?\1", "aba", "0,3;0;1"),
    (r"(?<word>a+)-\k<word>", "aa-aa-a", "0,5;0"),
    (r"(a)\11", "aa1", "0,3;0"),
    (r"(?i)(a)\1", "aA", "0,2;0"),
    ("a*+a", "aaa", ""),
    ("a{2,3}?", "aaaaa", "0,2|2,4"),
    ("a{2}+", "aaaaa", "0,2|2,4"),
    ("(?>a|ab)c", "abc ac", "4,6"),
    (r"(?<=id=)\d+", "id=42", "3,5"),
    ("(?<!x)a", "xaa", "2,3"),
    ("(?=b)b|a", "ab", "0,1|1,2"),
    ("(?!a).", "ab", "1,2"),
    (r"\x41\u0042\x{43}\0104", "ABCD", "0,4"),
    (r"\cA|\e|\t", "x\ty", "1,2"),
    (r"\h\S", "a b", "1,3"),
    ("a|", "ba", "0,0|1,2|2,2"),
    ("^a|b$", "abab", "0,1|3,4"),
    (r"\Aa|b\z", "abab", "0,1|3,4"),
    (r"\bcat\b", "a cat/cats", "2,5"),
    ("a??b", "aab", "1,3"),
    ("x*", "axxb", "0,0|1,3|3,3|4,4"),
    ("(?m)^a$", "a", "0,1"),
    ("(?s).+", "ab", "0,2"),
    ("[a&b]+", "a&c", "0,2"),
    ("[a||b]+", "a|c", "0,2"),
    ("[[:alpha:]]+", "a:lq", "0,3"),
    ("}", "a}", "1,2"),
    ("]", "a]", "1,2"),
    (r"\_\-\%", "_-%", "0,3"),
]

NOT_JAVA = [
    *("*a", "a**", "(a", "a)", "[a", "[]", "[z-a]", r"[a-\d]", "{x", "a{,3}", "a{3,2}", "a{2", r"\y", r"\x4", r"\08", r"\k<x>"),
    *("(?<a_b>a)", "(?<n>a)(?<n>b)", "(?P<n>a)", "(?#x)", "(?c)a", "(*FAIL)", "(?R)", "(?1)", "(?(1)a|b)", r"[a\z]", "(?<n"),
    *("(?:a){e<=1}", "\\", r"\p{Nope}", r"\x{110000}", "a|+", "a???", "a{99999999999}", r"\E", "(?i", "[a", "[a-"),
]
"""OpenJDK 17 refuses them; some mean something to the package that does the work."""

LEFT_OUT = [
    *("(?u)a", "(?U)a", r"\p{L}", r"\pL", r"\p{IsAlphabetic}", r"\X", r"\N{DIGIT ONE}", r"\G", r"\b{g}", r"\1(a)", r"(a\1)"),
    *("[a&&]", "[&&a]", "[a&&&b]", "a{100001}", "a{2}{3}", "a\nb", "[a\n]", " \u2028"),
]
"""Java takes them; they are refused rather than read in another way."""


@pytest.mark.parametrize(("expression", "text", "expected"), FOUND)
def test_what_java_finds_is_found(expression: str, text: str, expected: str) -> None:
    compiled = compile_java(expression)
    found: list[str] = []
    at = 0
    while at <= len(text) and (match := compiled.search(text, at)):
        groups = (f";{match.start(number)}" for number in range(1, compiled.groups + 1))
        found.append(f"{match.start()},{match.end()}{''.join(groups)}")
        at = match.end() + (match.end() == match.start())
    assert "|".join(found) == expected


@pytest.mark.parametrize(
    "expression", [*NOT_JAVA, *LEFT_OUT, "(" * 60 + ")" * 60, "[" * 60 + "a" + "]" * 60, "a" * (LONGEST + 1)]
)
def test_what_is_refused_says_why(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\S+ \S+"):
        compile_java(expression)


def test_as_deep_as_it_may_be() -> None:
    expression = "(" * DEEPEST + "a" + ")" * DEEPEST
    found = compile_java(expression).search("a")
    assert found is not None
    assert found[DEEPEST] == "a"


_PIECES = st.sampled_from(
    [*"ab*+?{}()[]|^$.\\-&:=!<>#, 012iQEkdpx\n", "(?", "(?i:", "[^", "&&", r"\Q", r"\p{Alpha}", "{1,2}", r"\x4", "é"]
)


@given(st.one_of(st.text(), st.lists(_PIECES, max_size=20).map("".join)))
@example("\\Q")
@example("(?x)#")
@example("[^\\Q")
def test_any_text_is_an_expression_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        compile_java(text).search("conf/quad?wid=100", timeout=5)


@given(st.text(st.characters(exclude_characters="\n\r\x85\u2028\u2029", codec="utf-8"), min_size=1))
def test_a_quoted_text_matches_itself(text: str) -> None:
    quoted = "\\Q" + text.replace("\\E", "\\E\\\\E\\Q") + "\\E"
    assert compile_java(quoted).fullmatch(text)


_CODES = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 50)), max_size=6).map(
    lambda some: union(tuple((first, first + more) for first, more in some))
)


def _members(ranges: tuple[tuple[int, int], ...]) -> set[int]:
    return {code for code in range(400) if any(first <= code <= last for first, last in ranges)}


@given(_CODES, _CODES)
def test_sets_are_sets(one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]) -> None:
    assert _members(union(one, other)) == _members(one) | _members(other)
    assert _members(intersection(one, other)) == _members(one) & _members(other)
    assert _members(complement(one)) == set(range(400)) - _members(one)
    assert complement(complement(one)) == one
    letters = {chr(code) for code in _members(one)}
    other_case = {letter.swapcase() for letter in letters if letter.isascii()}
    assert {chr(code) for code in _members(fold(one))} == letters | other_case
    compiled = regex.compile(written(one), regex.DOTALL)
    assert {code for code in range(400) if compiled.fullmatch(chr(code))} == _members(one)


def test_all_and_nothing() -> None:
    assert (complement(()), complement(ALL)) == (ALL, ())


def test_a_catastrophe_can_be_stopped() -> None:
    begun = time.thread_time()
    with pytest.raises(TimeoutError):
        compile_java("(a|aa)+$").search("a" * 60 + "!", timeout=0.05)
    assert time.thread_time() - begun < 2


@pytest.mark.parametrize(
    ("text", "groups", "parts"),
    [
        ("", 0, ()),
        ("plain", 0, ("plain",)),
        ("$2T?src=a/$1", 2, (2, "T?src=a/", 1)),
        ("$12", 1, (1, "2")),
        ("$12", 12, (12,)),
        ("$100", 10, (10, "0")),
        ("$0", 0, (0,)),
        (r"\?qlt=95", 0, ("?", "qlt=95")),
        (r"&\$thumb\$", 0, ("&", "$", "thumb", "$")),
        (r"\\", 0, ("\\",)),
        ("${name}x", 1, (1, "x")),
    ],
)
def test_replacements(text: str, groups: int, parts: tuple[str | int, ...]) -> None:
    assert read_replacement(text, groups, {"name": 1}) == parts


@pytest.mark.parametrize("text", ["$", "$thumb$", "a$", "$1", "${x}", "${1}", "\\"])
def test_replacements_that_java_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|no such group|no group"):
        read_replacement(text, 0, {"name": 1})


@given(st.text(), st.integers(-1, 20))
def test_any_text_is_a_replacement_or_a_value_error(text: str, groups: int) -> None:
    try:
        parts = read_replacement(text, groups, {})
    except ValueError:
        assert "$" in text or "\\" in text
    else:
        assert all(part <= groups for part in parts if isinstance(part, int))
