"""SVG documents: recognised, measured, filled, cleaned, bounded and drawn."""

import base64
import gzip
import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from proxy.errors import BadSource, IsproxyError, LimitExceeded
from proxy.recipe.model import Box, Drawing, Header, Source
from proxy.render import svg_document, svg_fill
from proxy.render.decode import Limits
from proxy.render.load import probe
from proxy.render.svg import draw

LIMITS = Limits()
NONE: Mapping[str, str] = MappingProxyType({})
SPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
RED, BLUE, CLEAR = (255, 0, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)
HALVES = '<rect width="50%" height="100%" fill="red"/><rect x="50%" width="50%" height="100%" fill="blue"/>'


def document(content: str = HALVES, attributes: str = 'width="40" height="20"') -> str:
    return f"<svg {SPACES} {attributes}>{content}</svg>"


def written(folder: Path, text: str | bytes, name: str = "a.svg") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def header(folder: Path, text: str | bytes, **variables: str) -> Header:
    drawing = Drawing(tuple(variables.items())) if variables else None
    return probe(str(written(folder, text)), LIMITS, drawing=drawing)


def drawn(
    folder: Path, text: str | bytes, size: tuple[int, int] = (40, 20), box: Box | None = None, values: Mapping[str, str] = NONE
) -> Image.Image:
    source = Source("a.svg", str(written(folder, text)), 1, 1, Drawing(tuple(values.items())))
    return draw(source, box or Box(0, 0, 40, 20), size, LIMITS)


@pytest.mark.parametrize(
    "data",
    [
        document().encode(),
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a drawing -->" + document().encode(),
        ("\ufeff" + document()).encode("utf-16-le"),
        gzip.compress(document().encode(), mtime=0),
        document().replace("<svg ", "<s:svg ").replace("</svg", "</s:svg").replace("xmlns=", "xmlns:s=").encode(),
        f"\n  <!DOCTYPE svg [<!ENTITY ns '{svg_document.SVG}'>]>{document().replace(svg_document.SVG, '&ns;')}".encode(),
    ],
)
def test_a_document_is_known_by_its_content(tmp_path: Path, data: bytes) -> None:
    said = probe(str(written(tmp_path, data, "drawing.jpg")), LIMITS)
    assert (said.format, said.width, said.height, said.alpha, said.pixels, said.dpi) == ("SVG", 40, 20, True, "rgb", 0.0)


@pytest.mark.parametrize(
    "data",
    [b"<html><body/></html>", gzip.compress(b"words", mtime=0), b"<svg", b"<a xmlns='b'><svg/></a>", b"<svg xmlns='other'/>"],
)
def test_what_is_no_document_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadSource, match=r"^a\.svg: "):
        probe(str(written(tmp_path, data)), LIMITS)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="40" height="20"', (40, 20)),
        ('width="40px" height="20.5"', (40, 21)),
        ('width="1in" height="2.54cm"', (96, 96)),
        ('width="25.4mm" height="72pt"', (96, 96)),
        ('width="6pc" height="2em"', (96, 32)),
        ('viewBox="5 5 80 30"', (80, 30)),
        ('width="50%" height="100%" viewBox="0 0 80 30"', (40, 30)),
        ('width="160" viewBox="0,0,80,30"', (160, 60)),
        ('height="15" viewBox="0 0 80 30"', (40, 15)),
        ("", (300, 150)),
        ('width="40"', (40, 150)),
        ('width="-4" height="wide" viewBox="0 0 0 9"', (300, 150)),
        ('width="0.2" height="1e-9"', (1, 1)),
    ],
)
def test_sizes(tmp_path: Path, attributes: str, size: tuple[int, int]) -> None:
    said = header(tmp_path, document("", attributes))
    assert (said.width, said.height) == size


def test_it_is_drawn_at_the_size_that_is_needed(tmp_path: Path) -> None:
    text = document('<circle cx="20" cy="10" r="9" fill="red"/>')
    pixels = np.asarray(drawn(tmp_path, text, (400, 200)))
    y, x = np.mgrid[0:200, 0:400] + 0.5
    distance = np.hypot(x - 200, y - 100)
    assert (pixels[distance < 89] == RED).all()
    assert (pixels[distance > 91] == CLEAR).all()


@pytest.mark.parametrize("attributes", ['width="40" height="20"', 'width="40" height="20" viewBox="0 0 400 200"'])
def test_a_box_is_cut_out_and_scaled_each_way(tmp_path: Path, attributes: str) -> None:
    text = document(HALVES, attributes)
    assert drawn(tmp_path, text, (10, 30), Box(0, 5, 20, 15)).getcolors() == [(300, RED)]
    right = drawn(tmp_path, text, (60, 60), Box(10, 0, 30, 20))
    assert [right.getpixel((x, 30)) for x in (0, 29, 30, 59)] == [RED, RED, BLUE, BLUE]
    beyond = drawn(tmp_path, text, (80, 40), Box(-20, -10, 60, 30))
    assert [beyond.getpixel((x, 20)) for x in (19, 20, 39, 40, 59, 60)] == [CLEAR, RED, RED, BLUE, BLUE, CLEAR]


def test_the_view_box_keeps_its_aspect(tmp_path: Path) -> None:
    image = drawn(tmp_path, document('<rect width="10" height="10" fill="red"/>', 'width="40" height="20" viewBox="0 0 10 10"'))
    assert image.getbbox() == (10, 0, 30, 20)


def test_text_has_the_bundled_font_whatever_it_asks_for(tmp_path: Path) -> None:
    def set_in(family: str) -> bytes:
        text = f'<text x="2" y="16" font-size="14" font-family="{family}">Hgi</text>'
        return drawn(tmp_path, document(text), (160, 80)).tobytes()

    assert any(set_in("Arimo"))
    assert len({set_in(family) for family in ("Arimo", "Arial", "serif", "monospace", "No Such Font")}) == 1


@pytest.mark.parametrize(
    ("content", "name", "value", "shown"),
    [
        ('<rect width="40" height="20" fill="$color$"/>', "color", "red", RED),
        ('<rect width="40" height="20" fill="#$color$"/>', "color", "00f", BLUE),
        ('<rect width="40" height="20" style="fill:$Some.Color$"/>', "some.color", "blue", BLUE),
        ('<rect width="$w$" height="20" fill="red"/>', "w", "40", RED),
        ('<rect width="$w$" height="20" fill="red"/>', "other", "40", CLEAR),
    ],
)
def test_variables_in_attributes(tmp_path: Path, content: str, name: str, value: str, shown: tuple[int, ...]) -> None:
    assert drawn(tmp_path, document(content), values={name: value}).getpixel((20, 10)) == shown


def filled(text: str, **values: str) -> etree._Element:
    root = svg_document.parse(text.encode(), "a.svg")
    svg_fill.fill(root, values, "a.svg")
    return root


def test_variables_in_text_are_text_whatever_they_hold() -> None:
    markup = '</text><image href="/is/image/a"/><text>&amp;"\'$b$\0'
    text = "<g>$a$</g><text>x $a$ <tspan>$A$</tspan> $none$ $a$</text>$a$"
    root = filled(document(text), a=markup, b="never")
    put_in = markup.replace("\0", " ")
    assert "".join(map(str, root[1].itertext())) == f"x {put_in} {put_in} $none$ {put_in}"
    assert (root[0].text, root[1].tail, len(root)) == ("$a$", "$a$", 2)
    again = etree.fromstring(etree.tostring(root))
    assert "".join(map(str, again[1].itertext())) == "".join(map(str, root[1].itertext()))


@given(st.text(max_size=40))
def test_no_value_of_a_variable_becomes_markup(value: str) -> None:
    root = filled(document('<text id="$v$">$v$</text>'), v=value)
    again = etree.fromstring(etree.tostring(root))
    assert [element.tag for element in again.iter()] == [element.tag for element in root.iter()]
    assert set(again[0].attrib) == {"id"}


def test_a_document_says_which_variables_it_asks_for(tmp_path: Path) -> None:
    plain = header(tmp_path, document('<rect fill="$A$"/><text>$b c$ and $5</text>'))
    assert ({"a", "b c"} <= set(plain.variables), plain.unsettled) == (True, False)
    assert header(tmp_path, document("", 'width="$w$" height="20"')).unsettled
    assert header(tmp_path, document("", 'width="$w$" height="20"'), w="77").width == 77
    assert header(tmp_path, document("", 'width="$w$" height="20"'), w="1e9 evil").width == 300
    assert header(tmp_path, document('<image href="/is/image/$a$"/>')).unsettled
    asks = header(tmp_path, document('<image href="/is/image/a?wid=$w$"/>'))
    assert (asks.unsettled, asks.references) == (False, ("a?wid=$w$",))


@pytest.mark.parametrize(
    ("href", "request_"),
    [
        ("/is/image/shop/hat?wid=9", "shop/hat?wid=9"),
        ("/is/image?src=$img$&amp;wid=300&hei=400", "?src=$img$&wid=300&hei=400"),
        ("http://www.example.com/is/image/shop/hat", "shop/hat"),
        ("HTTPS://example.com:8080/is/image/shop/hat#x", "shop/hat#x"),
    ],
)
def test_images_are_requests(tmp_path: Path, href: str, request_: str) -> None:
    assert header(tmp_path, document(f'<image xlink:href="{href}"/><image href="{href}"/>')).references == (request_,)


def test_a_document_without_its_namespaces_is_read_as_meant(tmp_path: Path) -> None:
    text = '<svg width="40" height="20"><image xlink:href="/is/image/a?b&c=d"/></svg>'
    assert header(tmp_path, text).references == ("a?b&c=d",)


@pytest.mark.parametrize(
    "content",
    [
        '<image href="file:///etc/passwd"/>',
        '<image href="/etc/passwd"/>',
        '<image xlink:href="../other.png"/>',
        '<image href="http://example.com/a.png"/>',
        '<image href="//example.com/is/image/a"/>',
        '<image href="/is/content/a"/>',
        '<image href="/ir/render/a"/>',
        '<image href="/is/imagery"/>',
        '<image href="data:image/svg+xml,%3Csvg/%3E"/>',
        '<image href="data:text/plain;base64,!!"/>',
        '<use href="other.svg#a"/>',
        '<use href="data:image/png;base64,"/>',
        '<filter id="f"><feImage xlink:href="/is/image/a"/></filter>',
        '<linearGradient xlink:href="http://example.com/#g"/>',
        '<textPath any:href="x" xmlns:any="y"/>',
        '<image href="$a$"/>',
    ],
)
def test_nothing_else_may_be_referred_to(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadSource, match=r"^a\.svg: "):
        header(tmp_path, document(content), a="file:///etc/passwd")
    with pytest.raises(BadSource, match=r"^a\.svg: "):
        drawn(tmp_path, document(content), values={"a": "file:///etc/passwd"})


def test_entities_lead_nowhere(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret", "secret.txt")
    for declaration in (f'<!ENTITY e SYSTEM "file://{secret}">', f'<!ENTITY % e SYSTEM "file://{secret}"> %e;'):
        text = f"<!DOCTYPE svg [{declaration}]>{document('<text>&e;</text>')}"
        with pytest.raises(BadSource, match="not a well-formed SVG document"):
            header(tmp_path, text)


def test_what_is_embedded_is_shown(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), RED[:3]).save(out, "PNG")
    url = "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()
    shown = drawn(tmp_path, document(f'<image href="{url}" width="40" height="20" preserveAspectRatio="none"/>'))
    assert shown.getpixel((20, 10)) == RED


def test_what_acts_or_links_is_left_out(tmp_path: Path) -> None:
    text = document(f'<script href="http://example.com/x.js">alert()</script><a href="http://example.com/">{HALVES}</a>')
    assert drawn(tmp_path, text).getpixel((5, 5)) == RED


def nested(form: str, leaf: str, *, times: int = 10, depth: int = 9, refer: str = '<use href="#{}"/>') -> str:
    parts = [form.format("n0", leaf)]
    parts += [form.format(f"n{level}", refer.format(f"n{level - 1}") * times) for level in range(1, depth)]
    return f"<defs>{''.join(parts)}</defs>" + refer.format(f"n{depth - 1}")


_RECT = '<rect width="1" height="1"/>'
_PATTERN = '<pattern id="{}" width="2" height="2" patternUnits="userSpaceOnUse">{}</pattern>'
_ENTITIES = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
HOSTILE: dict[str, str | bytes] = {
    "uses": document(nested('<g id="{}">{}</g>', _RECT)),
    "patterns": document(nested(_PATTERN, _RECT, refer='<rect width="2" height="2" fill="url(#{})"/>')),
    "patterns in styles": document(nested(_PATTERN, _RECT, refer='<rect width="2" height="2" style="fill:url( \'#{}\')"/>')),
    "patterns in a style sheet": document(
        "<style>.a, .b > .c {fill: url(#n5)}</style>"
        + nested(_PATTERN, _RECT, depth=6, refer='<rect width="2" height="2" fill="url(#{})"/>')
        + '<path class="c"/>' * 30
    ),
    "markers": document(
        f'<defs><marker id="m">{_RECT * 1000}</marker></defs><path marker-mid="url(#m)" d="M0 0{" L1 1" * 500}"/>'
    ),
    "a chain": document(nested('<g id="{}">{}</g>', _RECT, times=1, depth=2000)),
    "elements in elements": document("<g>" * 200 + "</g>" * 200),
    "text": document(f"<text>{'abc ' * 20_000}</text>"),
    "entities": f'<!DOCTYPE svg [<!ENTITY e0 "lol">{_ENTITIES}]>{document("<text>&e9;</text>")}',
    "a size": document("", 'width="1e9" height="1e9"'),
    "a packed file": gzip.compress(b"<svg>" + bytes(20_000_000), mtime=0),
    "requests": document("".join(f'<image href="/is/image/{number}"/>' for number in range(100))),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_documents_are_refused_at_once(tmp_path: Path, kind: str) -> None:
    with pytest.raises((LimitExceeded, BadSource), match=r"^a\.svg: "):
        header(tmp_path, HOSTILE[kind])


@pytest.mark.parametrize(
    "content",
    [
        '<g id="a"><use href="#a"/><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        "<g>" * 100 + _RECT + "</g>" * 100,
        f'<filter id="f" x="-1e5" width="1e9"><feGaussianBlur stdDeviation="1e9"/></filter><g filter="url(#f)">{_RECT}</g>',
        '<filter id="f"><feTurbulence numOctaves="100000000"/></filter><rect width="9" height="9" filter="url(#f)"/>',
        '<path stroke="red" stroke-dasharray="0.0001" d="M0 0L1e6 1e6"/>',
    ],
)
def test_odd_documents_are_drawn(tmp_path: Path, content: str) -> None:
    assert drawn(tmp_path, document(content)).size == (40, 20)


def test_limits(tmp_path: Path) -> None:
    path = written(tmp_path, document())
    source = Source("shop/a", str(path), 1, 1, Drawing())
    with pytest.raises(LimitExceeded, match=r"^shop/a: .*40×20 pixels.*limit is 799"):
        draw(source, Box(0, 0, 40, 20), (40, 20), Limits(svg_pixels=799))
    with pytest.raises(LimitExceeded, match="limit of 50 bytes"):
        probe(str(path), Limits(svg_bytes=50))
    with pytest.raises(LimitExceeded, match="limit of 799 for an original"):
        probe(str(path), Limits(source_pixels=799))
    unlimited = Limits(0, 0, 0, 0)
    assert probe(str(path), unlimited).width == 40
    assert draw(source, Box(0, 0, 40, 20), (40, 20), unlimited).getpixel((5, 5)) == RED


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8))
def test_damage_raises_nothing_else(tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]) -> None:
    text = document(f'<style>.a{{fill:url(#g)}}</style><g id="g">{HALVES}</g><text class="a">$v$</text><use href="#g"/>')
    data = bytearray(text.encode())
    for place, value in changes:
        data[place % len(data)] = value
    folder = tmp_path_factory.getbasetemp()
    try:
        probe(str(written(folder, bytes(data), "damaged.svg")), LIMITS)
        draw(Source("a", str(folder / "damaged.svg"), 1, 1, Drawing()), Box(0, 0, 40, 20), (20, 10), LIMITS)
    except IsproxyError as error:
        assert str(folder) not in error.detail  # noqa: PT017  # most damage does no harm, so nothing need be raised
