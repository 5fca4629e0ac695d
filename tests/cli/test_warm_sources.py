import gzip
import io
import re
from collections.abc import Callable
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.cli.warm_sources import Reading, catalogued, distinct, guarded, listed, logged, logged_target, mapped
from proxy.errors import BadSyntax

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
LINE = '10.0.0.1 - "bob" [22/Nov/2025:10:00:00 +0000] "{}" 200 512 "https://shop/" "Mozilla/5.0"'


def read_list(data: bytes) -> tuple[list[str], list[str]]:
    told: list[str] = []
    return list(listed(io.BytesIO(data), len(data), Reading(1), told.append)), told


def opener(files: dict[str, bytes]) -> Callable[[str], IO[bytes]]:
    def opened(location: str) -> IO[bytes]:
        if location not in files:
            raise FileNotFoundError(2, "No such file or directory")
        return io.BytesIO(files[location])

    return opened


def read_map(location: str, files: dict[str, str | bytes]) -> tuple[list[str], list[str]]:
    told: list[str] = []
    data = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
    return list(guarded(location, mapped(location, opener(data), told.append), told.append)), told


def urlset(*locations: str, images: tuple[str, ...] = ()) -> str:
    entries = "".join(f"<url><loc>{text}</loc></url>" for text in locations)
    shown = "".join(f"<image:image><image:loc>{text}</image:loc><image:title>t</image:title></image:image>" for text in images)
    return f"{HEAD}<urlset {SITEMAP}>{entries}<url><loc>https://shop/page</loc>{shown}</url></urlset>"


def index(*locations: str) -> str:
    entries = "".join(f"<sitemap><loc>{text}</loc><lastmod>2025-01-01</lastmod></sitemap>" for text in locations)
    return f"{HEAD}<sitemapindex {SITEMAP}>{entries}</sitemapindex>"


def test_a_list_has_blank_lines_and_comments_and_reasons() -> None:
    data = b"\xef\xbb\xbf/is/image/a?$m$\r\n\n  # no\n\t\n/is/image/b c\tHTTP 403 no\n/is/image/a?$m$\n/is/image/\xe9"
    assert read_list(data) == (["/is/image/a?$m$", "/is/image/b c", "/is/image/a?$m$", "/is/image/\udce9"], [])
    assert read_list(gzip.compress(data)) == read_list(data)


def test_a_line_without_end_is_left_out_and_told() -> None:
    texts, told = read_list(b"/a\n" + b"x" * 300_000 + b"\n/b\n")
    assert texts == ["/a", "/b"]
    assert told == ["line 2 has more than 65536 characters and is left out"]


def test_a_broken_archive_ends_the_input() -> None:
    told: list[str] = []
    data = gzip.compress(b"/is/image/a\n" * 1000)[:-20]
    texts = list(guarded("x.gz", listed(io.BytesIO(data), len(data), Reading(1), told.append), told.append))
    assert set(texts) <= {"/is/image/a"}
    assert told == ["x.gz: Compressed file ended before the end-of-stream marker was reached"]


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        ("GET /is/image/c/a?$m$&wid=5 HTTP/1.1", "/is/image/c/a?$m$&wid=5"),
        ("HEAD /is/image/c/a HTTP/2.0", "/is/image/c/a"),
        ("GET /is/image/c/a", "/is/image/c/a"),
        ("GET /is/image?src=c/a HTTP/1.1", "/is/image?src=c/a"),
        ("GET http://cdn.x/is/image/c/a?b HTTP/1.1", "/is/image/c/a?b"),
        ("GET /is/image/c/a?src=is{c/b?x=1|2}&t=%7b HTTP/1.1", "/is/image/c/a?src=is{c/b?x=1|2}&t=%7b"),
        (r"GET /is/image/a?text=\"x\"\\par HTTP/1.1", '/is/image/a?text="x"\\par'),
        (r"GET /is/image/a?text=\x22x\xE9\x0a HTTP/1.1", '/is/image/a?text="x%E9%0A'),
        (r"GET /is/image/a?text={\f0+Arial} HTTP/1.1", r"/is/image/a?text={\f0+Arial}"),
        ("POST /is/image/c/a HTTP/1.1", None),
        ("GET /is/content/c/a HTTP/1.1", None),
        ("GET /is/imagery/c/a HTTP/1.1", None),
        ("GET /page?u=/is/image/a HTTP/1.1", None),
        ("GET /is/image/a b HTTP/1.1", None),
        ("", None),
    ],
)
def test_what_a_line_of_a_log_asked_for(request_line: str, expected: str | None) -> None:
    assert logged_target(LINE.format(request_line)) == expected


def test_lines_that_are_none_of_a_log() -> None:
    common = LINE.format("GET /is/image/a HTTP/1.1").partition(' "https')[0]
    assert logged_target(common) == "/is/image/a"
    assert logged_target('"GET /is/image/a HTTP/1.1" 200 5') is None
    assert logged_target('h - - [t] "GET /page HTTP/1.1" 200 5 "http://x" "] \\"GET /is/image/a HTTP/1.1\\" 200 5"') is None


@given(
    st.one_of(
        st.text(),
        st.text(alphabet='[]" GETHAD/isimage?\\x2F').map(LINE.format),
        st.text().map(lambda tail: LINE.format(f"GET /is/image/{tail} HTTP/1.1")),
    )
)
def test_any_line_gives_a_target_or_nothing(line: str) -> None:
    target = logged_target(line)
    assert target is None or re.match(r"/+is/+image(?:[/?]|$)", target)
    assert target is None or not re.search(r"\s", target)


def test_a_log_gives_each_target_once() -> None:
    lines = [LINE.format(f"GET /is/image/{name} HTTP/1.1") for name in ("a", "b", "a?x", "b", "a")]
    data = "\n".join([lines[0], "noise", *lines]).encode()
    assert list(logged(io.BytesIO(data), len(data), Reading(1))) == ["/is/image/a", "/is/image/b", "/is/image/a?x"]


@given(st.lists(st.text(max_size=3)))
def test_distinct_keeps_the_first_of_each(texts: list[str]) -> None:
    assert list(distinct(texts)) == list(dict.fromkeys(texts))


def test_a_sitemap_gives_its_image_urls_once() -> None:
    text = urlset(
        "https://cdn/is/image/c/a?wid=5&amp;$m$",
        "https://shop/page2",
        images=("https://cdn/is/image/c/b?src=is{c?x}", "\n  https://cdn/is/image/c/a?wid=5&amp;$m$ ", "https://shop/logo.png"),
    )
    expected = ["https://cdn/is/image/c/a?wid=5&$m$", "https://cdn/is/image/c/b?src=is{c?x}"]
    assert read_map("s.xml", {"s.xml": text}) == (expected, [])
    assert read_map("s", {"s": gzip.compress(text.encode())}) == (expected, [])
    assert read_map("s", {"s": text.replace(f" {SITEMAP}", ' xmlns:image="urn:x"')}) == (expected, [])


def test_an_index_leads_to_its_sitemaps_and_goes_on_after_a_broken_one() -> None:
    files: dict[str, str | bytes] = {
        "maps/i.xml": index("one.xml.gz", "gone.xml", "broken.xml", "https://shop/two.xml"),
        "maps/one.xml.gz": gzip.compress(urlset("https://cdn/is/image/1").encode()),
        "maps/broken.xml": urlset("https://cdn/is/image/2")[:-10],
        "https://shop/two.xml": urlset("https://cdn/is/image/3"),
    }
    texts, told = read_map("maps/i.xml", files)
    assert texts == [f"https://cdn/is/image/{number}" for number in (1, 2, 3)]
    assert told[0] == "maps/gone.xml: No such file or directory"
    assert told[1].startswith("maps/broken.xml: ")
    assert len(told) == 2


def test_a_foreign_index_cannot_name_files() -> None:
    asked: list[str] = []

    def opened(location: str) -> IO[bytes]:
        asked.append(location)
        return io.BytesIO(index("/etc/passwd", "file:///etc/passwd", "b.xml").encode())

    told: list[str] = []
    assert list(mapped("https://shop/maps/i.xml", opened, told.append)) == []
    assert all(location.startswith(("https://shop/", "file:")) for location in asked)
    assert not [location for location in asked if location.startswith("/")]


def test_indexes_that_lead_in_circles_end() -> None:
    texts, told = read_map("a", {"a": index("b", "b"), "b": index("a", "b", "c"), "c": urlset("https://x/is/image/1")})
    assert texts == ["https://x/is/image/1"]
    assert {line.partition(":")[0] for line in told} == {"a", "b"}
    deep: dict[str, str | bytes] = {str(level): index(str(level + 1)) for level in range(9)}
    assert read_map("0", deep)[1] == ["4: left out, the sitemap indexes lead round in circles or too deep"]


@pytest.mark.parametrize("reference", ["&x;", "&f;"])
def test_entities_are_not_expanded(reference: str, tmp_path: object) -> None:
    dtd = f'<!DOCTYPE urlset [<!ENTITY x "boom"><!ENTITY f SYSTEM "file://{tmp_path}">]>'
    text = urlset(f"https://cdn/is/image/{reference}").replace(HEAD, HEAD + dtd)
    texts, told = read_map("s.xml", {"s.xml": text})
    assert texts == []
    assert "entities" in told[0]


@given(st.binary(max_size=200))
def test_any_bytes_as_a_sitemap_end_in_a_sentence(data: bytes) -> None:
    texts, told = read_map("s", {"s": data})
    assert texts == []
    assert len(told) == 1


def test_a_large_sitemap_is_forgotten_while_it_is_read() -> None:
    class Endless(io.RawIOBase):
        """A sitemap of more entries than anyone waits for."""

        def __init__(self) -> None:
            self.given = 0

        def read(self, _size: int = -1) -> bytes:
            start = HEAD + f"<urlset {SITEMAP}>" if not self.given else ""
            self.given += 1
            url = f"<url><loc>https://x/is/image/{self.given}</loc></url>" * 100
            return (start + url).encode()

        def seek(self, _offset: int, _whence: int = 0) -> int:
            self.given = 0
            return 0

    stream = Endless()
    texts = mapped("s", lambda _: stream, lambda _: None)  # type: ignore[arg-type, return-value]  # read and seek are all it takes
    assert [next(texts) for _ in range(50)] == [f"https://x/is/image/{number}" for number in range(1, 51)]
    assert stream.given < 100
    texts.close()  # type: ignore[attr-defined]  # it is a generator


def test_every_record_with_every_macro() -> None:
    reading = Reading(2)
    reading.begin()
    texts = catalogued("c", iter(["r", "s t"]), ("m", "$n$"), reading)
    assert list(texts) == [
        "/is/image/c/r?$m$",
        "/is/image/c/r?$n$",
        "/is/image/c/s%20t?$m$",
        "/is/image/c/s%20t?$n$",
    ]
    assert reading.share == 1


def test_how_far_the_reading_has_got() -> None:
    reading = Reading(2)
    assert reading.share is None
    data = b"/a\n" * 10
    texts = listed(io.BytesIO(data), len(data), reading, lambda _: None)
    for _ in range(5):
        next(texts)
    assert reading.share == 0.25
    reading.begin()
    assert reading.share is None


def test_an_unforeseen_error_is_not_an_unreadable_input() -> None:
    def broken() -> list[str]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(guarded("x", (text for text in broken()), lambda _: None))
    told: list[str] = []

    def unreadable() -> list[str]:
        raise BadSyntax("line 1: no")

    assert list(guarded("x", (text for _ in "a" for text in unreadable()), told.append)) == []
    assert told == ["x: line 1: no"]
