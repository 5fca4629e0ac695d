import contextlib
import ipaddress
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.catalog.rules import (
    LONGEST_REQUEST,
    NO_RULES,
    SECONDS,
    UNUSABLE,
    Header,
    Rewritten,
    RuleSet,
    apply,
    filled,
    merged,
)
from proxy.catalog.rules_file import read_rules
from proxy.errors import BadSyntax, IsproxyError, LimitExceeded, Refused

CLIENT = ipaddress.ip_address("127.0.0.1")
DOCUMENTED = ipaddress.ip_address("192.0.2.9")
CONFORMANCE = Path(__file__).parents[1] / "conformance" / "catalog"


def of(*elements: str) -> RuleSet:
    read, problems = read_rules(f"<ruleset>{''.join(elements)}</ruleset>".encode(), "r.xml")
    assert [problem for problem in problems if problem.severity == "error"] == []
    return read


def asked(rules: RuleSet, request: str, *, static: bool = False) -> Rewritten:
    path, _, query = request.partition("?")
    return apply(rules, path, query, CLIENT, static=static)


def became(rules: RuleSet, request: str) -> str:
    made = asked(rules, request)
    return f"{made.path}?{made.query}" if made.query else made.path


def conformance(file: str = "conf-rules.xml") -> RuleSet:
    read, problems = read_rules((CONFORMANCE / file).read_bytes(), file)
    assert problems == ()
    return read


REWRITTEN = [
    ("conf/red?wid=20", "conf/red?wid=20"),
    ("conf/red-dropme?fmt=png", "conf/red?fmt=png"),
    (
        "conf/crimson?layer=1&src=conf/blue&size=100,100&layer=2&src=conf/crimson&size=50,50",
        "conf/red?layer=1&src=conf/blue&size=100,100&layer=2&src=conf/red&size=50,50",
    ),
    ("conf/azure?layer=1&src=conf/azure&size=50,50", "conf/blue?layer=1&src=conf/azure&size=50,50"),
    ("conf/step-one?fmt=png", "conf/halt-here?fmt=png"),
    ("conf/halt-here?fmt=png", "conf/blue?fmt=png"),
    ("conf/photo_hg", "conf/photo?qlt=95,1&fmt=jpeg"),
    ("conf/photo_HG", "conf/photo?qlt=95,1&fmt=jpeg"),
    ("conf/photo_hg?wid=20", "conf/photo_hg?wid=20"),
    ("conf/quad?fmt=png&.rule-flip", "conf/quad?fmt=png&flip=lr"),
    ("conf/quad?wid=300&.rule-macro", "conf/quad?wid=300&$thumb100$"),
    ("conf/virtual/red?fmt=png", "conf/red?fmt=png"),
    ("conf/quad/mini", "conf/box-mini?src=conf/quad"),
    ("conf/quad/mini?x", "conf/quad/mini?x"),
]


@pytest.mark.parametrize(("request_", "expected"), REWRITTEN)
def test_what_the_conformance_rules_rewrite(request_: str, expected: str) -> None:
    assert became(conformance(), request_) == expected


def test_the_rules_of_the_default_catalog() -> None:
    assert became(conformance("default-rules.xml"), "alias-of-quad?fmt=png") == "quad.png?fmt=png"


@pytest.mark.parametrize(
    ("trigger", "attributes"),
    [
        ("", {}),
        ("&.rule-expiration", {"expiration": 5.0}),
        ("&.rule-maxpix", {"maxpix": (50, 50)}),
        ("&.rule-maxpix-wide", {"maxpix": (90, 90)}),
        ("&.rule-watermark", {"watermark": "mark"}),
        ("&.rule-lock", {"requestlock": True}),
        ("&.rule-lock&c6db", {"requestlock": True}),
        ("&.rule-errorimage", {"errorimage": "err/onerror"}),
        ("&.rule-lock&.rule-maxpix", {"requestlock": True, "maxpix": (50, 50)}),
    ],
)
def test_attributes_for_one_request(trigger: str, attributes: dict[str, Any]) -> None:
    assert asked(conformance(), f"conf/quad?wid=50&fmt=png{trigger}").attributes == attributes


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("wid=20", {"X-Conformance": "conf"}),
        ("wid=20&.rule-add", {"X-Conformance": "conf, more"}),
        ("wid=20&.rule-set", {"X-Conformance": "other"}),
        ("wid=20&$Edge-Control=no-store", {"X-Conformance": "conf", "Edge-Control": "no-store"}),
    ],
)
def test_headers(query: str, headers: dict[str, str]) -> None:
    made = asked(conformance(), f"conf/red?{query}")
    assert merged({}, filled(made.headers, made.path, made.query)) == headers


def test_static_content_has_rules_of_its_own() -> None:
    made = asked(conformance(), "conf/notes", static=True)
    assert (made.path, made.headers) == ("conf/notes", (Header("X-Static", "seen"),))
    assert asked(conformance(), "conf/quad/mini", static=True) == Rewritten("conf/quad/mini", "")


@pytest.mark.parametrize("request_type", ["", 'RequestType="static,is"', 'RequestType=" is , static "'])
def test_rules_for_all_requests(request_type: str) -> None:
    rules = of(f"<rule {request_type}><expression>a</expression><substitution>b</substitution></rule>")
    assert (asked(rules, "a").path, asked(rules, "a", static=True).path) == ("b", "b")


def test_rules_for_render_requests_never_apply() -> None:
    rules = of('<rule RequestType="ir" OnMatch="error"/>')
    assert asked(rules, "a") == Rewritten("a", "")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("conf/quad?wid=50&.word=secret", 'rule "no secrets" refuses this request'),
        ("conf/secret", 'rule "no secrets" refuses this request'),
        ("conf/quad?op_blur=99", 'rule "no costly blur" refuses this request'),
        ("conf/quad?OP_BLUR=99&wid=1", 'rule "no costly blur" refuses this request'),
        ("conf/quad?wid=50&.rule-address", 'rule "address": requests from this address are not answered'),
    ],
)
def test_refusals(request_: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        asked(conformance(), request_)
    assert refused.value.detail == message


def test_not_refused() -> None:
    assert became(conformance(), "conf/quad?wid=50&op_blur=9&fmt=png") == "conf/quad?wid=50&op_blur=9&fmt=png"


ADMITTING = of('<rule OnMatch="continue"><expression>^a</expression><addressfilter>192.0.2.0/24</addressfilter></rule>')


def test_an_address_filter_stands_in_for_that_of_the_catalog() -> None:
    made = apply(ADMITTING, "a", "", DOCUMENTED, static=False)
    assert made.attributes == {"clientaddressfilter": (ipaddress.ip_network("192.0.2.0/24"),)}
    assert apply(ADMITTING, "b", "", CLIENT, static=False).attributes == {}


@pytest.mark.parametrize("client", [CLIENT, None, ipaddress.ip_address("2001:db8::1")])
def test_who_is_not_admitted_is_refused_before_anything_is_rewritten(client: Any) -> None:
    with pytest.raises(Refused, match="the rule in line 1: requests from this address"):
        apply(ADMITTING, "a", "", client, static=False)


def test_the_filter_of_every_rule_counts() -> None:
    rules = of(
        '<rule OnMatch="continue"><addressfilter>192.0.2.0/24</addressfilter></rule>',
        '<rule OnMatch="continue"><addressfilter>192.0.2.8/30</addressfilter></rule>',
    )
    made = apply(rules, "a", "", DOCUMENTED, static=False)
    assert made.attributes["clientaddressfilter"] == (ipaddress.ip_network("192.0.2.8/30"),)
    with pytest.raises(Refused):
        apply(rules, "a", "", ipaddress.ip_address("192.0.2.1"), static=False)


def test_an_empty_filter_admits_everybody() -> None:
    rules = of("<rule><addressfilter/></rule>")
    assert apply(rules, "a", "", None, static=False).attributes == {"clientaddressfilter": ()}


# expression and substitution, request, what becomes of it
SUBSTITUTIONS = [
    # nothing to match: the end of the request
    ("<substitution>-x</substitution>", "a", "a-x"),
    ("<substitution>-x</substitution>", "a?b=1", "a?b=1-x"),
    ("<expression/><substitution>-x</substitution>", "a", "a-x"),
    ("<substitution>&amp;c=2</substitution>", "a?b=1", "a?b=1&c=2"),
    ("<substitution>&amp;c=2</substitution>", "a", "a?c=2"),
    ("<substitution>?c=2</substitution>", "a?b=1", "a?b=1&c=2"),
    (r"<substitution>\?c=2</substitution>", "a", "a?c=2"),
    (r"<substitution>&amp;\$p\$</substitution>", "a?b=1", "a?b=1&$p$"),
    ("<substitution/>", "a?b=1", "a?b=1"),
    # nothing to put
    ("<expression>a</expression>", "a?b=1", "a?b=1"),
    ("<expression>b=1</expression><substitution/>", "a?b=1", "a"),
    ("<expression>^a/</expression><substitution/>", "a/b?c", "b?c"),
    # path and query are one text, as it was sent
    (r"<expression>a\?b</expression><substitution>c</substitution>", "a?b=1", "c=1"),
    (r"<expression>%20</expression><substitution>_</substitution>", "a%20b?c=%20", "a_b?c=%20"),
    ("<expression>é</expression><substitution>e</substitution>", "%C3%A9", "%C3%A9"),
    ("<expression>^b</expression><substitution>c</substitution>", "a?b=1", "a?b=1"),
    ("<expression>([^/]+)/([^?]+)</expression><substitution>$2/$1/$0</substitution>", "a/b?c", "b/a/a/b?c"),
    ("<expression>(x)?b</expression><substitution>[$1]</substitution>", "ab", "a[]"),
    ("<expression>(?&lt;n&gt;b)</expression><substitution>${n}${n}</substitution>", "ab", "abb"),
]


@pytest.mark.parametrize(("elements", "request_", "expected"), SUBSTITUTIONS)
def test_substitutions(elements: str, request_: str, expected: str) -> None:
    assert became(of(f"<rule>{elements}</rule>"), request_) == expected


@pytest.mark.parametrize(
    ("expression", "substitution", "request_", "expected"),
    [
        ("a", "b", "aXa?a", "bXb?b"),
        ("x*", "-", "axc", "-a--c-"),
        ("a*?", "-", "aab", "-a-a-b-"),
        ("(?&lt;=a)b", "c", "abb", "acb"),
        ("^a", "b", "aa", "ba"),
        ("(.)(.)", "$2$1", "abcd", "badc"),
    ],
)
def test_every_match_is_replaced_as_java_does(expression: str, substitution: str, request_: str, expected: str) -> None:
    elements = f"<expression>{expression}</expression><substitution>{substitution}</substitution>"
    assert became(of(f'<rule Replace="all">{elements}</rule>'), request_) == expected


def test_a_question_mark_that_is_put_in_begins_the_query() -> None:
    made = asked(of(r"<rule><expression>_hg$</expression><substitution>\?qlt=95?</substitution></rule>"), "a_hg")
    assert (made.path, made.query) == ("a", "qlt=95?")


def test_what_is_not_rewritten_stays_as_it_is() -> None:
    rules = of('<rule MaxPix="1,1"/>')
    assert apply(rules, "a", "?b", CLIENT, static=False).query == "?b"
    assert apply(NO_RULES, "a\n", "?b", None, static=True) == Rewritten("a\n", "?b")


def test_break_is_the_default() -> None:
    rules = of('<rule MaxPix="1,1"/>', '<rule OnMatch="error"/>')
    assert asked(rules, "a").attributes == {"maxpix": (1, 1)}


def test_a_rule_that_does_not_match_breaks_nothing() -> None:
    rules = of('<rule MaxPix="1,1"><expression>b</expression></rule>', '<rule MaxPix="2,2"/>')
    assert asked(rules, "a").attributes == {"maxpix": (2, 2)}


@pytest.mark.parametrize("static", [False, True])
def test_an_unusable_rule_set_refuses_everything(static: bool) -> None:  # noqa: FBT001  # the parameter
    with pytest.raises(Refused, match="cannot be used"):
        apply(UNUSABLE, "a", "", CLIENT, static=static)


@pytest.mark.parametrize("end", ["\n", "\r", "\x85", "\u2028", "\u2029"])
def test_a_line_end_cannot_hide_anything_from_the_end_of_an_expression(end: str) -> None:
    rules = of('<rule OnMatch="error"><expression>secret$</expression></rule>')
    with pytest.raises(BadSyntax):
        asked(rules, f"secret{end}")


def test_a_catastrophic_expression_is_bounded_and_named() -> None:
    rules = of(
        '<rule Name="harmless" OnMatch="continue"/>',
        '<rule Name="cata" Replace="all"><expression>(a|aa)+$</expression><substitution>b</substitution></rule>',
    )
    begun = time.thread_time()
    with pytest.raises(LimitExceeded, match='rule "cata"'):
        asked(rules, "a" * 60 + "!")
    assert time.thread_time() - begun < 10 * SECONDS


def test_expressions_share_their_time() -> None:
    # each alone would be in time
    rule = '<rule OnMatch="continue"><expression>(?:a|aa){17}!</expression></rule>'
    begun = time.thread_time()
    with pytest.raises(LimitExceeded):
        asked(of(*[rule] * 400), "a" * 40 + "?")
    assert time.thread_time() - begun < 10 * SECONDS


def test_requests_do_not_grow_without_bound() -> None:
    double = '<rule OnMatch="continue" Name="double"><expression>(.*)</expression><substitution>$1$1</substitution></rule>'
    with pytest.raises(LimitExceeded, match='rule "double" makes a request of more than'):
        asked(of(*[double] * 40), "a" * 100)
    each = f'<rule Replace="all"><expression>a</expression><substitution>{"b" * 1000}</substitution></rule>'
    with pytest.raises(LimitExceeded, match=f"{LONGEST_REQUEST}"):
        asked(of(each), "a" * 16_000)


# ---- headers


@pytest.mark.parametrize(
    ("template", "query", "name", "value"),
    [
        (Header("Edge-Control", "$Edge-Control$"), "$Edge-Control=no-store", "Edge-Control", "no-store"),
        (Header("Edge-Control", "$EDGE-control$"), "$Edge-Control=a%20b", "Edge-Control", "a b"),
        (Header("X", "$a$$b$"), "$a=1&$b=2", "X", "12"),
        (Header("X", "$none$a$"), "$a=1", "X", "$none1"),
        (Header("X", "$a$"), "wid=1", "X", "$a$"),
        (Header("X", "100%25 $a$"), "$a=1", "X", "100%25 1"),
        (Header("X", "$a$"), "$a=$b$&$b=1", "X", "$b$"),
        (Header("X", "$a$"), "$a=1&$a=2", "X", "2"),
        (Header("X-$n$", "1"), "$n=Y", "X-Y", "1"),
        (Header("X", "$object$"), "", "X", "cat/id"),
        (Header("X", "$"), "", "X", "$"),
    ],
)
def test_variables_in_headers(template: Header, query: str, name: str, value: str) -> None:
    assert filled((template,), "cat/id", query) == (Header(name, value),)


@pytest.mark.parametrize(
    ("template", "query"),
    [
        *((Header("X", "$a$"), f"$a=1{bad}Set-Cookie:b") for bad in ("%0d%0a", "%0A", "%0D", "\n", "\r\n", "%7f", "%08")),
        *((Header("X", "$a$"), f"$a=1{bad}Set-Cookie:b") for bad in ("%C3%A9", "%e2%80%a8", "\u010a\u010d")),
        *((Header("X", "$a$"), f"$a={bad}") for bad in ("%00", "\0")),
        *((Header("X-$a$", "1"), f"$a={bad}") for bad in ("%20", "%3A", "a%0d%0ab", "%C3%A9", "a,b")),
        (Header("$a$", "1"), "$a=Content-Length"),
        (Header("$a$", "1"), "$a=transfer-encoding"),
        (Header("$a$$b$", "1"), "$a=&$b="),
    ],
)
def test_nothing_else_comes_in_by_a_header(template: Header, query: str) -> None:
    with pytest.raises(BadSyntax):
        filled((template,), "cat/id", query)


HEADERS = st.builds(Header, st.just("X-$a$") | st.just("X"), st.just("$a$ and $b$"))


@given(st.lists(HEADERS, max_size=3).map(tuple), st.text(), st.text(), st.text())
def test_headers_are_always_fit_to_be_sent(templates: tuple[Header, ...], path: str, one: str, other: str) -> None:
    with contextlib.suppress(IsproxyError):
        for header in filled(templates, path, f"$a={one}&$b={other}"):
            line = f"{header.name}: {header.value}"
            assert line.isascii()
            assert line.replace("\t", " ").isprintable()


@pytest.mark.parametrize(
    ("current", "headers", "expected"),
    [
        ({}, (), {}),
        ({"A": "1"}, (Header("B", "2"),), {"A": "1", "B": "2"}),
        ({"Cache-Control": "x"}, (Header("cache-control", "y"),), {"Cache-Control": "y"}),
        ({"Vary": "x"}, (Header("vary", "y", add=True),), {"Vary": "x, y"}),
        ({}, (Header("Vary", "x", add=True), Header("VARY", "y", add=True)), {"Vary": "x, y"}),
        ({"Vary": "x"}, (Header("Vary", "y", add=True), Header("Vary", "z")), {"Vary": "z"}),
        ({"Vary": ""}, (Header("Vary", "y", add=True),), {"Vary": "y"}),
    ],
)
def test_headers_are_set_or_added(current: dict[str, str], headers: tuple[Header, ...], expected: dict[str, str]) -> None:
    before = dict(current)
    assert merged(current, headers) == expected
    assert current == before


# ---- any text


CONF = conformance()
WORDS = ("crimson", "azure", "_hg", "/mini", "virtual/", "step-one", ".rule-add", "$Edge-Control=", "-dropme")
PIECES = st.sampled_from([*"/?&=$.ab", *WORDS])


@given(st.text() | st.lists(PIECES).map("".join), st.text() | st.lists(PIECES).map("".join), st.booleans())
def test_any_request_is_rewritten_or_refused(path: str, query: str, static: bool) -> None:  # noqa: FBT001  # drawn
    with contextlib.suppress(IsproxyError):
        made = apply(CONF, path, query, CLIENT, static=static)
        filled(made.headers, made.path, made.query)
        assert static or ("crimson" not in made.path + made.query)
