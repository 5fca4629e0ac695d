import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.cli.warm_target import names_image, read_base, record_target, request_url, with_loadcache
from proxy.errors import BadSyntax, BadValue
from proxy.protocol.grammar import split_modifiers

HERE = "http://h:8080"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "req=loadcache"),
        ("wid=5", "wid=5&req=loadcache"),
        ("wid=5&", "wid=5&&req=loadcache"),
        ("req=props,json", "req=loadcache"),
        ("wid=5&REQ=img&hei=6", "wid=5&hei=6&req=loadcache"),
        ("r%65q=tmb&wid=5&req=mask", "wid=5&req=loadcache"),
        ("src=is{a?req=img&wid=1}&wid=5", "src=is{a?req=img&wid=1}&wid=5&req=loadcache"),
        ("src=is(a?src=is(b?req=x&w=1)&req=img)&req=img", "src=is(a?src=is(b?req=x&w=1)&req=img)&req=loadcache"),
        ("src=is%7Ba?w=1&req=img%7d&req=img", "src=is%7Ba?w=1&req=img%7d&req=loadcache"),
        ("src=(http://x/y?a=1&req=z)", "src=(http://x/y?a=1&req=z)&req=loadcache"),
        ("text=:(&req=img", "text=:(&req=loadcache"),
        ("$req=img&$text=a", "$req=img&$text=a&req=loadcache"),
        ("&.req=img", "&.req=img&req=loadcache"),
        ("req&$m$", "req&$m$&req=loadcache"),
    ],
)
def test_the_request_type_becomes_loadcache_and_nothing_else_changes(query: str, expected: str) -> None:
    assert with_loadcache(query) == expected


@given(st.text(alphabet="abreq=&?{}()$%728Dd.,", max_size=60))
def test_loadcache_is_the_last_modifier_and_the_only_request_type(query: str) -> None:
    parts = [part for _, part in split_modifiers(with_loadcache(query))]
    assert parts[-1] == "req=loadcache"
    assert [part for part in parts if part.lower().startswith("req=")] == ["req=loadcache"]
    kept = [part for _, part in split_modifiers(query) if not part.lower().startswith("req=")]
    assert [part for part in parts[:-1] if part] == [part for part in kept if part]


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        ("/is/image/c/a?$m$&wid=5", HERE, "http://h:8080/is/image/c/a?$m$&wid=5"),
        ("is/image/c/a", HERE, "http://h:8080/is/image/c/a"),
        ("//is//image/c/a", HERE, "http://h:8080//is//image/c/a"),
        ("https://cdn.x/is/image/a?b", HERE, "http://h:8080/is/image/a?b"),
        ("https://cdn.x/is/image/a?b", None, "https://cdn.x/is/image/a?b"),
        ("HTTPS://cdn.x:81/is/image/a", None, "https://cdn.x:81/is/image/a"),
        ("//cdn.x/is/image/a", None, "https://cdn.x/is/image/a"),
        ("//cdn.x/is/image/a", HERE, "http://h:8080/is/image/a"),
        ("http://cdn.x?wid=5", None, "http://cdn.x/?wid=5"),
        ("http://bücher.example/is/image/ü", None, "http://xn--bcher-kva.example/is/image/%C3%BC"),
        ("/is/image/a? wid=5#top", HERE, "http://h:8080/is/image/a?%20wid=5"),
        ("/is/image/a?text=\udce9\x01", HERE, "http://h:8080/is/image/a?text=%E9%01"),
        ("/is/image/a", HERE + "/shop", "http://h:8080/shop/is/image/a"),
        ("http://[::1]:8080/is/image/a", None, "http://[::1]:8080/is/image/a"),
    ],
)
def test_where_a_request_goes(text: str, base: str | None, expected: str) -> None:
    assert str(request_url(text, base, loadcache=False)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/is/image/a", "http://h:8080/is/image/a?req=loadcache"),
        ("/is/image/a?", "http://h:8080/is/image/a?req=loadcache"),
        ("/is/image/a??req=img&w=1", "http://h:8080/is/image/a??w=1&req=loadcache"),
        ("/is/image/a#b", "http://h:8080/is/image/a?req=loadcache"),
        ("/is/image/a?w=1#b", "http://h:8080/is/image/a?w=1&req=loadcache"),
    ],
)
def test_where_loadcache_is_written(text: str, expected: str) -> None:
    assert str(request_url(text, HERE, loadcache=True)) == expected


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("/is/image/a", None),
        ("ftp://h/is/image/a", HERE),
        ("http://h:99999/a", None),
        ("http://[::1/a", None),
        ("http:///a", None),
        ("http://a\tb/c", None),
    ],
)
def test_what_cannot_be_requested(text: str, base: str | None) -> None:
    with pytest.raises(BadSyntax):
        request_url(text, base, loadcache=True)


@given(st.text(), st.sampled_from([HERE, None]), st.booleans())
def test_any_text_is_a_url_or_refused(text: str, base: str | None, loadcache: bool) -> None:  # noqa: FBT001  # drawn
    try:
        url = request_url(text, base, loadcache=loadcache)
    except BadSyntax:
        return
    assert url.raw_path_qs.isascii()
    assert " " not in url.raw_path_qs
    assert url.host


@given(st.text(alphabet=[chr(code) for code in range(0x21, 0x7F) if chr(code) != "#"]))
def test_a_target_of_printed_ascii_is_unchanged(tail: str) -> None:
    target = f"/is/image/{tail}"
    # an empty query says nothing and is all that may get lost
    assert request_url(target, HERE, loadcache=False).raw_path_qs in (target, target.removesuffix("?"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://h", "http://h"),
        ("HTTP://h:81/", "http://h:81"),
        (" https://u:p@h/shop/ ", "https://u:p@h/shop"),
    ],
)
def test_a_base_is_read(text: str, expected: str) -> None:
    assert read_base(text) == expected


@pytest.mark.parametrize("text", ["h:80", "/is", "ftp://h", "//h", "http://h?a", "http://h#a", "http://h:x", "", "http://"])
def test_a_base_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="--base"):
        read_base(text)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("conf", "quad", "product"), "/is/image/conf/quad?$product$"),
        (("conf", "a/b c", "$p$"), "/is/image/conf/a/b%20c?$p$"),
        (("c", "50%&=?#ü", "!_s7(1)"), "/is/image/c/50%25%26%3D%3F%23%C3%BC?$!_s7%281%29$"),
        (("c", "asset:Crop", "m"), "/is/image/c/asset:Crop?$m$"),
    ],
)
def test_the_target_of_a_record(parts: tuple[str, str, str], expected: str) -> None:
    assert record_target(*parts) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x/is/image/c/a?w=1", True),
        ("https://x/shop/is/image/c/a", True),
        ("https://x/is/image", True),
        ("https://x/is/images/c", False),
        ("https://x/is/content/c", False),
        ("https://x/page?u=/is/image/a", False),
    ],
)
def test_which_urls_name_images(url: str, *, expected: bool) -> None:
    assert names_image(url) is expected
