r"""RTF to documents: every word of the table, groups, tables, encodings, errors, and laws that hold of any text."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import BadSyntax, LimitExceeded, RequestError
from proxy.protocol.color import Color
from proxy.protocol.rtf.controls import CONTROLS, HIDDEN, SYMBOLS
from proxy.protocol.rtf.document import Document, Paragraph, Span, Style
from proxy.protocol.rtf.reader import DEEPEST, LONGEST, read

PLAIN = Style()
RED, GREEN = Color("rgb", (255, 0, 0)), Color("rgb", (0, 255, 0))
FONTS = r"{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\froman Times New Roman;}{\f2\fcharset128 MS Gothic;}{\f3\fcharset204 Arial;}}"


def text_of(document: Document) -> str:
    return "¶".join("".join(span.text for span in paragraph.spans) for paragraph in document.paragraphs)


def spans_of(text: str, renderer: str = "text") -> list[tuple[str, Style]]:
    return [(span.text, span.style) for paragraph in read(text, renderer).paragraphs for span in paragraph.spans]


@pytest.mark.parametrize(
    ("rtf", "expected"),
    [
        ("Hello", "Hello"),
        ("", ""),
        (r"{\rtf1\ansi\ansicpg1252\deff0 Hello}", "Hello"),
        ("a\r\nb\nc", "abc"),
        ("a\tb", "a\tb"),
        ("a\x01b\x85c", "abc"),
        (r"a\par b", "a¶b"),
        (r"a\par", "a"),
        (r"a\par\par b", "a¶¶b"),
        (r"\par", ""),
        ("a\\\nb", "a¶b"),
        (r"a\line b\tab c", "a\nb\tc"),
        (r"\\\{\}", r"\{}"),
        (r"a\fs48b", "ab"),
        (r"a\fs48 b", "ab"),
        (r"a\fs48  b", "a b"),
        (r"a\b1Bold\b0, x", "aBold, x"),
        (r"a\unknown5 b\alsoUnknown-7c", "abc"),
        (r"a\|\:b", "ab"),
        (r"{\*\generator Riched20;}a", "a"),
        (r"{\*\unknown b{c}}a", "a"),
        (r"{\stylesheet{\s0 Normal;}}{\info{\author me}}a{\pict\pngblip 89504e47}b", "ab"),
        (r"\info a", "a"),
        (r"\fonttbl a", "a"),
        (r"a\bin3 {{{b", "ab"),
        (r"a\bin b", "ab"),
        (r"a\bin99 b", "a"),
        (r"a\'41b", "aAb"),
        (r"\'e9", "é"),
        (r"\ansicpg1251\'e9", "й"),
        (r"\ansicpg99999\'e9", "é"),
        (r"\mac\'8e", "é"),
        (r"\pc\'82", "é"),
        (r"\u65?b", "Ab"),
        (r"\u65 b", "A"),
        (r"\uc0\u65 b", "Ab"),
        (r"\uc2\u65 bcd", "Ad"),
        (r"\uc2\u65\'41\'42d", "Ad"),
        (r"{\uc0 \u65 x}\u65 xy", "Axy".replace("xy", "xAy")),
        (r"\u65{b}", "Ab"),
        (r"\u65\par b", "A¶b"),
        (r"\u-3913?", "\uf0b7"),
        (r"\u8364?", "€"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"\u128512?", "😀"),
        (r"\u-10179?x", "\ufffdx"),
        (r"\u-8704?x", "\ufffdx"),
        (r"\u7?a", "a"),
        ("日本", "日本"),
    ],
)
def test_text(rtf: str, expected: str) -> None:
    assert text_of(read(rtf)) == expected


@pytest.mark.parametrize(
    ("rtf", "expected"),
    [
        (r"\f2\'93\'fa\'96\'7b", "日本"),
        (r"\f2\'83S", "ゴ"),
        (r"\f2\'93 x", "\ufffd x"),
        (r"\f2\'93\b\'fa", "\ufffd\ufffd"),
        (r"\f3\'cf", "П"),
        (r"\f0\'cf", "Ï"),
        (r"\f1\ansicpg1253\'e1", "\u03b1"),
    ],
)
def test_bytes_are_those_of_the_fonts_code_page(rtf: str, expected: str) -> None:
    assert text_of(read(FONTS + rtf)) == expected


def styled(**changes: object) -> Style:
    return replace(PLAIN, **changes)  # type: ignore[arg-type]  # the fields are those of the cases


STYLES = [
    (r"\f1 x", {"size": 12.0}),
    (r"\fs48 x", {"size": 24.0}),
    (r"\fs x", {}),
    (r"\fs0 x", {"size": 0.5}),
    (r"\b x", {"bold": True}),
    (r"\b0 x", {}),
    (r"\b\b0 x", {}),
    (r"\i x", {"italic": True}),
    (r"\sub x", {"script": "sub"}),
    (r"\super x", {"script": "super"}),
    (r"\super\super0 x", {}),
    *(
        (rf"\{word} x", {"underline": True})
        for word in ("ul", "uld", "uldash", "uldashd", "uldashdd", "uldb", "ulth", "ulw", "ulwave")
    ),
    (r"\ul\ulnone x", {}),
    (r"\ul\ul0 x", {}),
    (r"\ulhair x", {}),
    (r"\dn x", {"rise": -3.0}),
    (r"\dn20 x", {"rise": -10.0}),
    (r"\dn0 x", {}),
    (r"\up x", {"rise": 3.0}),
    (r"\up20 x", {"rise": 10.0}),
    (r"\kerning0 x", {"kerning": None}),
    (r"\kerning x", {}),
    (r"\kerning48 x", {"kerning": 24.0}),
    (r"\kerningoptical\kerningmetric x", {}),
    (r"\expnd4 x", {"spacing": 1.0}),
    (r"\expndtw-40 x", {"spacing": -2.0}),
    (r"\charscalex200 x", {"scale_x": 2.0}),
    (r"\charscalex-50 x", {"scale_x": -0.5}),
    (r"\charscalex0 x", {}),
    (r"\charscaley50 x", {"scale_y": 0.5}),
    (r"{\b\i{\fs48}} x", {}),
]
ONLY_TEXT = [(r"\rtlch x", {"right_to_left": True}), (r"\rtlch\ltrch x", {})]
ONLY_PS = [
    (r"\caps x", {"caps": "all"}),
    (r"\scaps x", {"caps": "small"}),
    (r"\scaps\caps0 x", {}),
    (r"\kerningoptical x", {"optical": True}),
    (r"\copyfit100 x", {"copyfit": 50.0}),
    (r"\copyfitlines2 x", {"copyfit_lines": 2}),
    (r"\copyfitmaxlines3 x", {"copyfit_max_lines": 3}),
    (r"\baselinedir1 x", {"sideways": True}),
    (r"\b\fs48\plain x", {}),
]


@pytest.mark.parametrize("renderer", ["text", "textPs"])
@pytest.mark.parametrize(("rtf", "changes"), STYLES)
def test_styles(rtf: str, changes: dict[str, object], renderer: str) -> None:
    ((_, style),) = [span for span in spans_of(rtf, renderer) if span[0].strip()]
    assert style == styled(**changes)


@pytest.mark.parametrize(("rtf", "changes"), ONLY_TEXT)
def test_styles_of_text_alone(rtf: str, changes: dict[str, object]) -> None:
    assert spans_of(rtf) == [("x", styled(**changes))]
    assert spans_of(rtf, "textPs") == [("x", PLAIN)]


@pytest.mark.parametrize(("rtf", "changes"), ONLY_PS)
def test_styles_of_text_ps_alone(rtf: str, changes: dict[str, object]) -> None:
    assert spans_of(rtf, "textPs") == [("x", styled(**changes))]
    without = PLAIN if "plain" not in rtf else styled(bold=True, size=24.0)
    assert spans_of(rtf) == [("x", without)]


PARAGRAPHS = [
    (r"\qr x", {"align": "right"}),
    (r"\qc x\ql", {"align": "left"}),
    (r"\qc x", {"align": "center"}),
    (r"{\qc x}", {"align": "center"}),
    (r"{\qc x}\par", {"align": "center"}),
    (r"{\qc} x", {"align": "left"}),
    (r"\sl240 x", {"line_spacing": 12.0}),
    (r"\sl-240 x", {"line_spacing": -12.0}),
    (r"\sl360\slmult1 x", {"line_spacing": 1.5, "multiple": True}),
    (r"\slmult1 x", {}),
    (r"\sb200\sa100 x", {"before": 10.0, "after": 5.0}),
]
PARAGRAPHS_OF_PS = [
    (r"\qj x", {"align": "justify"}),
    (r"\qj\lastqr x", {"align": "justify", "last": "right"}),
    (r"\lastqr x", {}),
    (r"\qj\lastqj\lastqc\lastql x", {"align": "justify"}),
    (r"\fi-200\li400\ri600 x", {"first_indent": -10.0, "left_indent": 20.0, "right_indent": 30.0}),
    (r"\fi9\pard x", {}),
]


@pytest.mark.parametrize(("rtf", "changes"), PARAGRAPHS)
def test_paragraphs(rtf: str, changes: dict[str, object]) -> None:
    for renderer in ("text", "textPs"):
        (paragraph,) = read(rtf, renderer).paragraphs
        assert replace(paragraph, spans=()) == replace(Paragraph(), **changes)  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize(("rtf", "changes"), PARAGRAPHS_OF_PS)
def test_paragraphs_of_text_ps_alone(rtf: str, changes: dict[str, object]) -> None:
    (paragraph,) = read(rtf, "textPs").paragraphs
    assert replace(paragraph, spans=()) == replace(Paragraph(), **changes)  # type: ignore[arg-type]  # likewise
    assert replace(read(rtf).paragraphs[0], spans=()) == Paragraph()


def test_each_paragraph_has_its_own_format() -> None:
    first, second, third = read(r"\qr a\par\qc b\par{\ql\fs48\par}").paragraphs
    assert [first.align, second.align, third.align] == ["right", "center", "left"]
    assert (third.spans, third.end.size) == ((), 24.0)


@pytest.mark.parametrize(
    ("rtf", "changes"),
    [
        (r"\margl20\margt40\margr60\margb80", {"margins": (1.0, 2.0, 3.0, 4.0)}),
        (r"{\margl20}", {"margins": (1.0, 0.0, 0.0, 0.0)}),
        (r"\stextflow1", {"vertical_flow": True}),
        (r"\stextFlow1", {"vertical_flow": True}),
        (r"\stextflow1\stextflow0", {}),
    ],
)
def test_boxes_of_text_ps(rtf: str, changes: dict[str, object]) -> None:
    assert read(rtf, "textPs") == replace(Document(), **changes)  # type: ignore[arg-type]  # likewise
    assert read(rtf) == Document()


@pytest.mark.parametrize(("word", "vertical"), [("t", "top"), ("c", "center"), ("b", "bottom")])
def test_vertical_alignment(word: str, vertical: str) -> None:
    assert read(rf"\vertal{word}").vertical == vertical == read(rf"{{\vertal{word}}}", "textPs").vertical


@pytest.mark.parametrize(
    ("rtf", "in_text", "in_ps"),
    [
        ("a~", "a~", "a~"),
        (r"a\~b", "ab", "a\u00a0b"),
        (r"a\_b", "ab", "a\u2011b"),
        (r"a\-b", "ab", "a\u00adb"),
    ],
)
def test_special_entities(rtf: str, in_text: str, in_ps: str) -> None:
    assert (text_of(read(rtf)), text_of(read(rtf, "textPs"))) == (in_text, in_ps)


@pytest.mark.parametrize(
    ("rtf", "face"),
    [
        (r"\f0 x", "Arial"),
        (r"\f1 x", "Times New Roman"),
        (r"x", ""),
        (r"\f9 x", ""),
        (r"\f-1 x", ""),
        (r"\f x", "Arial"),
        (r"{\f1}x", ""),
    ],
)
def test_faces(rtf: str, face: str) -> None:
    assert [style.face for _, style in spans_of(FONTS + rtf)] == [face]


@pytest.mark.parametrize(
    ("table", "face"),
    [
        (r"{\fonttbl\f0\fnil Arial Black;}", "Arial Black"),
        (r"{\fonttbl\f0 Arial;\f1 Times;}", "Arial"),
        (r"{\fonttbl{\f0 Arial}}", "Arial"),
        (r"{\fonttbl{\f0{\*\panose 02020603}Arial{\*\falt Helvetica};}}", "Arial"),
        (r"{\fonttbl{\f0\fcharset128 \'82\'60;}}", "\uff21"),
        (r"{\fonttbl{\f0 \u65?rial;}}", "Arial"),
        (r"{\fonttbl{\f0 A;}{\f0 B;}}", "B"),
        (r"{\fonttbl nothing;}", ""),
    ],
)
def test_font_tables(table: str, face: str) -> None:
    assert [style.face for _, style in spans_of(table + r"\f0 x")] == [face]


RGB = r"{\colortbl;\red255\green0\blue0;\green255;}"
CMYK = r"{\cmykcolortbl;\cyan100\magenta0\yellow50\black0;}"
IS = r"{\*\iscolortbl;;0x80;0,50,100,0k}"


@pytest.mark.parametrize(
    ("rtf", "renderer", "cmyk", "color"),
    [
        (r"\cf1 x", "text", False, Color("rgb", (0, 0, 0))),
        (RGB + r"\cf0 x", "text", False, Color("rgb", (0, 0, 0))),
        (RGB + r"\cf1 x", "text", False, RED),
        (RGB + r"\cf2 x", "textPs", False, GREEN),
        (RGB + r"\cf3 x", "text", False, Color("rgb", (0, 0, 0))),
        (RGB + r"\cf-1 x", "text", False, Color("rgb", (0, 0, 0))),
        (r"{\colortbl;\red255}\cf1 x", "text", False, RED),
        (RGB + CMYK + r"\cf1 x", "text", False, RED),
        (RGB + CMYK + r"\cf1 x", "text", True, Color("cmyk", (255, 0, 128, 0))),
        (RGB + CMYK + r"\cf2 x", "text", True, GREEN),
        (RGB + CMYK + r"\cf1 x", "textPs", True, RED),
        (RGB + IS + r"\cf1 x", "textPs", False, RED),
        (RGB + IS + r"\cf2 x", "textPs", False, Color("gray", (128,))),
        (RGB + IS + r"\cf3 x", "textPs", True, Color("cmyk", (0, 128, 255, 0))),
        (RGB + IS + r"\cf2 x", "text", False, GREEN),
        (r"{{\*\iscolortbl;ff0000;00ff00;0000ff;}{\colortbl;\red0\green0\blue0;}\cf2 x}", "textPs", False, GREEN),
    ],
)
def test_colors(rtf: str, renderer: str, cmyk: bool, color: Color) -> None:  # noqa: FBT001  # a column of the table
    (paragraph,) = read(rtf, renderer, cmyk=cmyk).paragraphs
    assert [span.style.color for span in paragraph.spans] == [color]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (r"\fs48 a", r"{\fs48 a}"),
        (r"a\b b\b0 c", r"a{\b b}c"),
        (r"ab", r"{a}{b}"),
        (r"a\par b", r"{a\par}b\par"),
        (r"a\'41", r"a\u65?"),
        (FONTS + "x", "x"),
        (r"\fs24\b0\cf0\ql x", "x"),
        (r"\sl0\slmult1 x", "x"),
    ],
)
def test_equal_texts_are_equal_documents(first: str, second: str) -> None:
    assert read(first) == read(second)


@pytest.mark.parametrize(
    ("rtf", "message"),
    [
        ("a{b", "text=: character 2: an opening brace"),
        ("{a{b}", "text=: character 1: an opening brace"),
        ("a}b", "text=: character 2: a closing brace"),
        ("ab\\", "text=: character 3: a backslash at the end"),
        (r"a\'4", r"text=: character 2: \' without"),
        (r"\'zz", r"text=: character 1: \' without"),
        (r"{\colortbl;\red256;}", r"text=: character 12: \red256: expected a number from 0 to 255"),
        (r"{\cmykcolortbl;\cyan101;}", r"text=: character 16: \cyan101: expected a number from 0 to 100"),
    ],
)
def test_errors_name_the_place(rtf: str, message: str) -> None:
    with pytest.raises(BadSyntax) as caught:
        read(rtf)
    assert message in caught.value.detail


def test_a_colour_that_is_none_is_named() -> None:
    with pytest.raises(BadSyntax, match=r"textPs=: .* nonsense is no colour"):
        read(r"{\*\iscolortbl;nonsense;}", "textPs")


MANUAL = (Path(__file__).parents[2] / "docs/text.md").read_text("utf-8")


@pytest.mark.parametrize("name", CONTROLS)
def test_every_word_is_in_the_manual_with_its_renderers(name: str) -> None:
    (line,) = [row for row in MANUAL.splitlines() if row.startswith("| ") and re.search(rf"\\{name}[^a-z]", row.split(" | ")[0])]
    both = {"text": "`text=`", "textPs": "`textPs=`"}
    renderers = CONTROLS[name].renderers
    assert line.endswith(f"| {'both' if len(renderers) > 1 else both[next(iter(renderers))]} |")


def test_limits() -> None:
    assert text_of(read("{" * DEEPEST + "a" + "}" * DEEPEST)) == "a"
    with pytest.raises(LimitExceeded, match=f"more than {DEEPEST}"):
        read("{" * 50_000)
    assert len(text_of(read("a" * LONGEST))) == LONGEST
    with pytest.raises(LimitExceeded, match=f"at most {LONGEST}"):
        read("a" * (LONGEST + 1))
    assert text_of(read(r"\fs" + "9" * 20_000 + " a")) == "a"


PIECES = st.sampled_from(
    [
        *(f"\\{name}" for name in (*CONTROLS, *sorted(HIDDEN))),
        *(f"\\{symbol}" for symbol in SYMBOLS),
        *("{", "}", "{", "}", ";", " ", "\\", "\\*", "\\'", "\\'e9", "\\'83", "\\u", "-", "1", "255", "65", "99999999999"),
        *("\n", "é", "日", "\ud800"),
        *(FONTS, RGB, CMYK, IS, "text", "ff0000"),
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join), st.sampled_from(["text", "textPs"]), st.booleans())
def test_any_text_is_a_document_or_an_error_of_the_request(rtf: str, renderer: str, cmyk: bool) -> None:  # noqa: FBT001  # drawn
    try:
        document = read(rtf, renderer, cmyk=cmyk)
    except RequestError as error:
        said = error.detail
        assert said.startswith(f"{renderer}=: ")
        return
    for paragraph in document.paragraphs:
        for span in paragraph.spans:
            assert span.text
            assert not any(character < " " and character not in "\n\t" for character in span.text)
            span.text.encode()
        styles = [span.style for span in paragraph.spans]
        assert all(first != second for first, second in pairwise(styles))
    assert repr(document) == repr(document).replace("-0.0", "0.0")
    assert hash(document) == hash(read(rtf, renderer, cmyk=cmyk))


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=50))
def test_escaped_text_comes_back(text: str) -> None:
    escaped = "".join(f"\\{character}" if character in "\\{}" else character for character in text)
    printed = text.translate({0x2028: "\n", 0x2029: "\n", 0xFEFF: None})
    assert text_of(read(escaped)) == printed
    (*_, last) = (*read(f"{escaped}x").paragraphs[-1].spans,)
    assert last == Span(f"{printed}x", PLAIN)
