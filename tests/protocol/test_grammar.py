import time

import pytest

from proxy.errors import BadSyntax, LimitExceeded
from proxy.protocol.expand import LONGEST_VALUE, definitions, expand_macros, substitute
from proxy.protocol.grammar import decode, nested, path_elements, split_modifiers, split_target
from proxy.protocol.parser import MOST_MODIFIERS, parse
from proxy.protocol.printer import print_tree, quote_value
from proxy.protocol.tree import Comment, Definition, MacroCall, Setting, Stray


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("a/b?c=d", "a/b", "c=d"),
        ("a", "a", ""),
        ("a??c", "a", "c"),
        ("a? +%20?c=d", "a", "c=d"),
        ("a?c=?", "a", "c=?"),
        ("?c", "", "c"),
    ],
)
def test_targets(target: str, path: str, query: str) -> None:
    assert split_target(target) == (path, query)


def test_path_elements() -> None:
    assert path_elements("/a%20b//c%2Fd/") == ("a b", "c/d")


@pytest.mark.parametrize(
    ("text", "decoded"), [("%C3%A9", "é"), ("%E9", "é"), ("%", "%"), ("%zz", "%zz"), ("é%20", "é "), ("%2525", "%25")]
)
def test_decoding(text: str, decoded: str) -> None:
    assert decode(text) == decoded


@pytest.mark.parametrize(
    ("value", "inner"),
    [
        ("is{a?b=(c)}", ("is", "a?b=(c)")),
        (" FXG(a) ", ("fxg", "a")),
        ("{http://a/b?c=d}", ("", "http://a/b?c=d")),
        ("ir%7Ba%7d", ("ir", "a")),
        ("is{}", ("is", "")),
        ("is{a", None),
        ("is{a}b", None),
        ("is{a}{b}", None),
        ("isa{b}", None),
        ("is", None),
        ("a", None),
        ("", None),
        ("is{a)", None),
        ("is(a%29", ("is", "a")),
    ],
)
def test_nested_requests(value: str, inner: tuple[str, str] | None) -> None:
    assert nested(value) == inner


def test_places() -> None:
    assert split_modifiers("a=1&&b=is{c&d}&e") == [(0, "a=1"), (4, ""), (5, "b=is{c&d}"), (15, "e")]
    assert [node.at for node in parse("a=1&&$b=2&$c$&.d&e")] == [0, 5, 10, 14, 17]


def test_nodes() -> None:
    assert parse("a=1&$b=2&$c$&.d&e&$f$=&&$$&$g$h=3&$=4&=5") == (
        *(Setting("a", "1"), Definition("b", "2"), MacroCall("c"), Comment("d"), Stray("e"), MacroCall("f")),
        *(Definition("g$h", "3"), Stray("$=4"), Stray("=5")),
    )


def test_a_macro_call_with_a_value_is_a_stray_text() -> None:
    assert parse("$a$=1") == (Stray("$a$=1"),)


@pytest.mark.parametrize("query", ["a=\x00", "a=%00", "%00=a", "$a=%00"])
def test_nul_is_refused_where_it_could_do_harm(query: str) -> None:
    with pytest.raises(BadSyntax, match="NUL"):
        parse(query)


def test_nul_in_a_comment_is_read_by_nobody() -> None:
    assert parse(".\x00") == (Comment("\x00"),)


@pytest.mark.parametrize("text", ["a=\ud800", ".\udfff", "%20\udce9"])
def test_halves_of_characters_are_refused(text: str) -> None:
    with pytest.raises(BadSyntax, match="half of a character"):
        parse(text)
    with pytest.raises(BadSyntax, match="half of a character"):
        split_target(text)


def test_the_number_of_modifiers_is_limited() -> None:
    assert len(parse("&".join(["a=1"] * MOST_MODIFIERS))) == MOST_MODIFIERS
    with pytest.raises(LimitExceeded, match="2001 modifiers"):
        parse("&".join(["a=1"] * (MOST_MODIFIERS + 1)))


def test_macros_may_not_multiply() -> None:
    with pytest.raises(LimitExceeded, match="2000"):
        expand_macros(parse("$a$"), {"a": "&".join(["$b$"] * 100), "b": "&".join(["wid=1"] * 100)}.get)


def test_macros_that_double_and_say_nothing_end_soon() -> None:
    macros = {f"m{level}": f"$m{level + 1}$&$m{level + 1}$" for level in range(20)} | {"m20": ""}
    started = time.process_time()
    with pytest.raises(LimitExceeded, match="2000"):
        expand_macros(parse("$m0$"), macros.get)
    assert time.process_time() - started < 1


def test_macros_may_not_be_nested_for_ever() -> None:
    macros = {f"m{level}": f"$m{level + 1}$" for level in range(40)}
    with pytest.raises(LimitExceeded, match="32 deep"):
        expand_macros(parse("$m0$"), macros.get)


def test_unknown_macros_may_be_dropped() -> None:
    assert expand_macros(parse("a=1&$b$&c=2"), lambda _: None, unknown_is_error=False) == parse("a=1&c=2")


def test_variables_may_not_multiply() -> None:
    variables = {"a": "x" * 1000}
    assert len(substitute("$a$" * (LONGEST_VALUE // 1000), variables)) == LONGEST_VALUE
    with pytest.raises(LimitExceeded, match="100000"):
        substitute("$a$" * (LONGEST_VALUE // 1000 + 1), variables)


def test_definitions() -> None:
    assert definitions(parse("$A=1+2&b=3&$a=4+5"), "x/y") == {"object": "x/y", "a": "4%205"}
    assert definitions(parse("$Object=z"), "x/y") == {"object": "z"}
    assert definitions(()) == {}


@pytest.mark.parametrize(
    "query", ["a=1&$b=2&$c$&.d&e", "%2Ea=1", "%24b%3Dc%24", "$%20a=is{b&c}", "a%26b=c%26d", "%C3%A9=%E9", "a%2525=1"]
)
def test_a_printed_tree_reads_back(query: str) -> None:
    tree = parse(query)
    assert parse(print_tree(tree)) == tree


@pytest.mark.parametrize("text", ["a b", "a&b=c", "100%", "is{a}", "é+", "$a$", "a%20b"])
def test_a_quoted_value_decodes_to_itself(text: str) -> None:
    quoted = quote_value(text)
    assert decode(quoted) == text
    assert len(split_modifiers(f"a={quoted}")) == 1
