"""Laws of the text side: any text is read or refused, printing reads back, expansion ends, names know no letter case."""

import time

import pytest
from hypothesis import given as with_any
from hypothesis import settings
from hypothesis import strategies as st

from proxy.errors import IsproxyError, RequestError
from proxy.protocol.expand import definitions, expand_macros, substitute_tree
from proxy.protocol.grammar import decode, nested, pairs, split_modifiers, split_target
from proxy.protocol.layers import Layer, Settings, collect
from proxy.protocol.parser import parse
from proxy.protocol.printer import print_tree, quote_value
from proxy.protocol.tree import MacroCall, Setting, Tree
from proxy.vocabulary import words
from tests.given import given
from tests.properties.strategies import ANY_TEXT, COMMANDS, QUERIES, TARGETS, value_of

LAWS = settings(deadline=None, max_examples=80)
MACROS = {"a": "wid=1&$b$&.x", "b": "hei=$c$&$c=5", "x": "&&$a$&y"}


def tree_of(query: str) -> Tree:
    try:
        return parse(query)
    except RequestError:
        return ()


@LAWS
@with_any(QUERIES | st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_is_a_tree_or_a_request_error(query: str) -> None:
    for node in tree_of(query):
        assert 0 <= node.at <= len(query)
    try:
        path, rest = split_target(query)
    except RequestError:
        return
    assert len(path) + len(rest) <= len(query)


@LAWS
@with_any(TARGETS)
def test_any_target_is_understood_or_refused_by_name(target: str) -> None:
    case = given(("macro a = wid=1&$b=2", "shop/record shoe Path=a.tif Modifier=$a$", target))
    try:
        asked = case.asked
    except IsproxyError:
        return
    assert asked.target == target


@LAWS
@with_any(QUERIES)
def test_splitting_loses_nothing(query: str) -> None:
    parts = split_modifiers(query)
    assert "&".join(text for _, text in parts) == query
    assert [query[at : at + len(text)] for at, text in parts] == [text for _, text in parts]


@LAWS
@with_any(QUERIES)
def test_pairs_match_and_nest(query: str) -> None:
    closed = pairs(query)
    for opening, (closing, end) in closed.items():
        assert opening < closing < end <= len(query)
        opener, closer = decode(query[opening : opening + 3])[0], decode(query[closing:end])
        assert opener + closer in ("{}", "()")
        for other, (far, _) in closed.items():
            assert not opening < other < closing < far


@LAWS
@with_any(QUERIES)
def test_a_printed_tree_reads_back(query: str) -> None:
    tree = tree_of(query)
    assert parse(print_tree(tree)) == tree
    assert print_tree(parse(print_tree(tree))) == print_tree(tree)


@LAWS
@with_any(ANY_TEXT)
def test_a_quoted_value_is_one_value(text: str) -> None:
    if "\x00" not in text:
        (node,) = parse(f"id={quote_value(text)}")
        assert isinstance(node, Setting)
        assert decode(node.value) == text


@LAWS
@with_any(QUERIES)
def test_to_expand_twice_is_to_expand_once(query: str) -> None:
    once = expand_macros(tree_of(query), MACROS.get, unknown_is_error=False)
    assert not [node for node in once if isinstance(node, MacroCall)]
    assert expand_macros(once, MACROS.get) == once


@LAWS
@with_any(QUERIES)
def test_to_substitute_without_definitions_changes_nothing_but_dollar_signs(query: str) -> None:
    tree = tree_of(query)
    plain = substitute_tree(tree, {}, lambda _: False)
    assert [decode(node.value) for node in plain if isinstance(node, Setting)] == [
        decode(node.value) for node in tree if isinstance(node, Setting)
    ]
    assert substitute_tree(tree, definitions(tree), lambda _: True) == tree


@LAWS
@with_any(st.sampled_from(COMMANDS).flatmap(lambda row: st.tuples(st.just(row.name), value_of(row))))
def test_names_know_no_letter_case(command: tuple[str, str]) -> None:
    name, value = command
    raw = quote_value(value)
    read: list[tuple[Settings, tuple[Layer, ...]] | str] = []
    for spelling in (name, name.upper(), name.lower(), name.swapcase(), "".join(f"%{ord(letter):02x}" for letter in name)):
        try:
            request = collect((parse(f"{spelling}={raw}"),), words())
        except RequestError as error:
            read.append(error.detail)
        else:
            read.append((request.settings, request.layers))
    assert read == [read[0]] * len(read)


@LAWS
@with_any(QUERIES, QUERIES)
def test_nested_text_is_never_split(left: str, right: str) -> None:
    """Whatever is balanced stays whole inside a nested request."""
    inner = "".join(letter for letter in left + right if letter not in "{}()%\x00")
    assert split_modifiers(f"mask=is({inner})&wid=1") == [(0, f"mask=is({inner})"), (len(inner) + 10, "wid=1")]
    assert nested(f"is{{{inner}}}") == ("is", inner)


LONG = 100_000
REPEATED = (
    "{",
    "(",
    "$",
    "&",
    "%7B",
    "%28",
    "}",
    ")",
    "%7D",
    "=",
    ".",
    "{}",
    "()",
    "%",
    "a={",
    "&a=(",
    "is{",
    "$a$",
    "a&",
    "%24",
)


@pytest.mark.parametrize("piece", REPEATED)
def test_long_texts_are_read_in_linear_time(piece: str) -> None:
    text = "a=" + piece * (LONG // len(piece))
    # of the processor: others may be using it too
    started = time.process_time()
    tree = tree_of(text)
    variables = definitions(tree, "x")
    substitute_tree(tree, {**variables, "a": "b"}, lambda _: False)
    nested(text.partition("=")[2])
    print_tree(tree)
    assert time.process_time() - started < 1
