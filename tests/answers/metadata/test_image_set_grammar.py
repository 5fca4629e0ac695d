"""The grammar of ImageSet (``r-imageset-cat``)."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.catalog.image_set import (
    DEEPEST,
    InlineSet,
    Item,
    Name,
    Part,
    SolidColor,
    read_image_set,
    without_brackets,
    write_image_set,
)
from proxy.errors import BadSyntax, IsproxyError, LimitExceeded


def _items(*entries: tuple[tuple[Part, ...], ...]) -> tuple[Item, ...]:
    return tuple(Item(entry) for entry in entries)


A, B, C, EMPTY = Name("a"), Name("b"), Name("c"), Name("")

READ = [
    ("", ()),
    (" , ,", ()),
    ("a", _items(((A,),))),
    ("a,b , c", _items(((A,),), ((B,),), ((C,),))),
    ("a;b", _items(((A,), (B,)))),
    ("a:b:c", _items(((A, B, C),))),
    ("a;;", _items(((A,), (EMPTY,), (EMPTY,)))),
    ("a;{0xFF8800}", _items(((A,), (SolidColor("ff8800"),)))),
    ("a;{0xff8800Deep Blue}", _items(((A,), (SolidColor("ff8800", "Deep Blue"),)))),
    ("a;(0xff8800)", _items(((A,), (SolidColor("ff8800"),)))),
    ("{a,b},{c}", _items(((InlineSet(_items(((A,),), ((B,),))),),), ((InlineSet(_items(((C,),))),),))),
    ("(a,b);c;spin", _items(((InlineSet(_items(((A,),), ((B,),))),), (C,), (Name("spin"),)))),
    ("{a;b}", _items(((InlineSet(_items(((A,), (B,)))),),))),
    ("{{a}}", _items(((InlineSet(_items(((InlineSet(_items(((A,),))),),))),),))),
    ("a%2Cb%3A%7B", _items(((Name("a%2Cb%3A%7B"),),))),
    ("a?x={1,2}&y,b", _items(((Name("a?x={1,2}&y"),),), ((B,),))),
    ("{0xff88}", _items(((InlineSet(_items(((Name("0xff88"),),))),),))),
    ("{}", _items(((InlineSet(()),),))),
]


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text or "empty" for text, _ in READ])
def test_a_set_is_read(text: str, expected: tuple[Item, ...]) -> None:
    assert read_image_set(text) == expected


@pytest.mark.parametrize("text", ["{a", "a}", "{a)", "(a}", "{a,(b})", "}{", "a,b;(c"])
def test_brackets_have_to_match(text: str) -> None:
    with pytest.raises(BadSyntax, match="imageSet"):
        read_image_set(text)


def test_names_and_labels_are_decoded_on_request() -> None:
    (item,) = read_image_set("two%20words%3A;{0x0000FFsky%2C%20blue}")
    assert isinstance(item.first, Name)
    assert (item.first.raw, item.first.text) == ("two%20words%3A", "two words:")
    assert item.field(1) == SolidColor("0000ff", "sky%2C%20blue")
    assert SolidColor("0000ff", "sky%2C%20blue").label == "sky, blue"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("{a,b}", "a,b"), ("(x/y)", "x/y"), ("a", "a"), (" {a} ", "a"), ("{a},{b}", "{a},{b}"), ("{{a},{b}}", "{a},{b}"), ("", "")],
)
def test_brackets_around_a_whole_value_are_taken_off(value: str, expected: str) -> None:
    assert without_brackets(value) == expected


def test_a_set_has_its_limits() -> None:
    assert len(read_image_set("a," * 100, most=100)) == 100
    with pytest.raises(LimitExceeded, match="shop/x: a set of more than 10 items"):
        read_image_set("a," * 11, "shop/x", most=10)
    with pytest.raises(LimitExceeded):
        read_image_set("{" + "a," * 11 + "}", most=10)
    with pytest.raises(LimitExceeded, match="nested"):
        read_image_set("{" * (DEEPEST + 1) + "}" * (DEEPEST + 1))


@pytest.mark.parametrize(
    "text", ["{" * 300_000, "}" * 300_000, "{}" * 300_000, ";" * 300_000, "a:" * 300_000, "a," * 300_000, "({" * 150_000]
)
def test_hostile_sets_take_no_time(text: str) -> None:
    start = time.process_time()
    with suppress(IsproxyError):
        read_image_set(text)
    assert time.process_time() - start < 3


_names = st.text("ab/ .?=&%0xé", max_size=6).map(str.strip)
_name = _names.map(Name)
_colors = st.builds(SolidColor, st.from_regex(r"[0-9a-f]{6}", fullmatch=True), st.text("xyz %", max_size=5).map(str.rstrip))


def _sets(parts: st.SearchStrategy[Part]) -> st.SearchStrategy[tuple[Item, ...]]:
    field = st.lists(parts, min_size=1, max_size=3).map(tuple)
    item = st.lists(field, min_size=1, max_size=3).map(lambda fields: Item(tuple(fields)))
    return st.lists(item.filter(lambda item: item.fields != ((Name(""),),)), max_size=4).map(tuple)


_parts: st.SearchStrategy[Part] = st.recursive(_name | _colors, lambda parts: _sets(parts).map(InlineSet), max_leaves=8)


@given(_sets(_parts))
def test_a_set_that_is_written_reads_back(items: tuple[Item, ...]) -> None:
    text = write_image_set(items)
    if text.count("{") <= DEEPEST:
        assert read_image_set(text) == items


@given(st.text("a{}();:,0xf%3A ", max_size=40))
def test_any_text_is_a_set_or_an_error(text: str) -> None:
    try:
        items = read_image_set(text)
    except IsproxyError:
        return
    assert read_image_set(write_image_set(items)) == items
