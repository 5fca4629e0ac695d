"""Where lines stand: wrapping, alignment, spacing, tabs, sizes of self-sizing layers, text that is contained in its box."""

import random
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from proxy.errors import LimitExceeded
from proxy.protocol.rtf.document import Align, Document, Paragraph, Span, Style
from proxy.recipe.text import Renderer, TextPlan
from proxy.render.text import draw, measure
from proxy.render.text.boxes import Box
from proxy.render.text.cells import cells_of
from proxy.render.text.compose import Composed, Composer, edges
from proxy.render.text.manners import MANNERS
from tests.texts import MONO, document, ink, plan

EM = Style(face="mono", size=10)
LETTER = 10 * MONO
RENDERERS: tuple[Renderer, ...] = ("text", "textPs")


def composed(given: TextPlan, width: float, height: float = 1e9) -> Composed:
    partial = not MANNERS[given.renderer].features
    composer = Composer([Box(0, 0, width, height, partial)], MANNERS[given.renderer], given.wrap, given.resolution / 72)
    return composer.compose(cells_of(given))


def lines(given: TextPlan, width: float, height: float = 1e9) -> list[str]:
    text = "".join(span.text for paragraph in given.document.paragraphs for span in paragraph.spans)
    return [
        "".join(text[cell.start : cell.end] for part in line.parts for _, cell in part.strip.cells)
        for line in composed(given, width, height).lines
    ]


@pytest.mark.parametrize(
    ("text", "letters", "wrap", "expected"),
    [
        ("one two three", 7, "wrap", ["one two", "three"]),
        ("one two three", 6.9, "wrap", ["one", "two", "three"]),
        ("one   two", 4, "wrap", ["one", "two"]),
        ("abcdefgh ij", 3, "wrap", ["abc", "def", "gh", "ij"]),
        ("abcdefgh ij", 3, "nbWrap", ["abcdefgh", "ij"]),
        ("ab abcdefgh ij", 3, "nbWrap", ["ab", "abcdefgh", "ij"]),
        ("one two three", 3, "noWrap", ["one two three"]),
        ("well-known", 6, "nbWrap", ["well-", "known"]),
        ("well\u2011known", 6, "wrap", ["well\u2011k", "nown"]),
        ("a\u00a0b c", 3, "wrap", ["a\u00a0b", "c"]),
        ("a b", 0, "wrap", ["a", "b"]),
    ],
)
def test_wrapping(text: str, letters: float, wrap: Literal["wrap", "noWrap", "nbWrap"], expected: list[str]) -> None:
    assert lines(plan(document(text), wrap=wrap), letters * LETTER) == expected


def test_an_optional_hyphen_shows_only_where_it_breaks() -> None:
    shown = plan(document("option\u00adal x"), renderer="textPs")
    assert [len(line.parts[0].strip.cells) for line in composed(shown, 7 * LETTER).lines] == [8, 4]
    assert composed(shown, 7 * LETTER).lines[0].parts[0].strip.width == pytest.approx(7 * LETTER)
    assert composed(shown, 20 * LETTER).width == pytest.approx(10 * LETTER)
    assert len(composed(shown, 6.5 * LETTER).lines) > 1


@pytest.mark.parametrize(("align", "left"), [("left", 0.0), ("center", 50 - LETTER), ("right", 100 - 2 * LETTER)])
def test_alignment(align: Align, left: float) -> None:
    (line,) = composed(plan(document("ab ", paragraph=Paragraph(align=align))), 100).lines
    assert line.parts[0].x == pytest.approx(left)


@pytest.mark.parametrize(
    ("last", "left"), [("left", 0.0), ("right", 100 - 5 * LETTER), ("center", 50 - 2.5 * LETTER), ("justify", 0.0)]
)
def test_justified_lines_reach_both_edges(last: Align, left: float) -> None:
    shown = plan(document("aa bb cc dd ee ff gg", paragraph=Paragraph(align="justify", last=last)), renderer="textPs")
    *full, end = composed(shown, 100).lines
    assert full
    for line in full:
        cells = edges(line.parts[0])
        assert (cells[0][0], cells[-1][1]) == pytest.approx((0.0, 100.0))
    cells = edges(end.parts[0])
    assert cells[0][0] == pytest.approx(left)
    if last == "justify":
        assert cells[-1][1] == pytest.approx(100)


def test_a_line_that_is_broken_by_hand_is_not_the_last_of_its_paragraph() -> None:
    shown = plan(document("aa bb\ncc dd", paragraph=Paragraph(align="justify")), renderer="textPs")
    broken, last = composed(shown, 100).lines
    assert broken.parts[0].stretch == pytest.approx(100 - 5 * LETTER)
    assert last.parts[0].stretch == 0


def test_justification_is_textps_alone() -> None:
    (first, *_) = composed(plan(document("aa bb cc dd ee ff gg", paragraph=Paragraph(align="justify"))), 100).lines
    assert first.parts[0].stretch == 0


def test_indents() -> None:
    paragraph = Paragraph(first_indent=12, left_indent=6, right_indent=18)
    first, second, *_ = composed(plan(document("aa bb cc dd ee ff gg hh", paragraph=paragraph), renderer="textPs"), 100).lines
    assert (first.parts[0].x, second.parts[0].x) == pytest.approx((18, 6))
    assert all(line.parts[0].x + line.parts[0].strip.width <= 82 + 1e-6 for line in (first, second))
    (ignored, *_) = composed(plan(document("aa", paragraph=paragraph)), 100).lines
    assert ignored.parts[0].x == 0


@pytest.mark.parametrize(
    ("line_spacing", "multiple", "distance"),
    [
        (0, False, 12.0),
        (20, False, 20.0),
        (5, False, 12.0),
        (-5, False, 5.0),
        (-30, False, 30.0),
        (1.5, True, 18.0),
        (2, True, 24.0),
    ],
)
def test_line_spacing(line_spacing: float, *, multiple: bool, distance: float) -> None:
    paragraph = Paragraph(line_spacing=line_spacing, multiple=multiple)
    shown = composed(plan(document("a\nb\nc", paragraph=paragraph), renderer="textPs", resolution=144), 200)
    baselines = [line.baseline for line in shown.lines]
    assert [b - a for a, b in pairwise(baselines)] == pytest.approx([2 * distance] * 2)


def test_space_around_paragraphs() -> None:
    paragraphs = tuple(Paragraph((Span("a", EM),), EM, before=7, after=5) for _ in range(2))
    inner = {}
    for renderer in RENDERERS:
        shown = composed(plan(Document(paragraphs), renderer=renderer), 100)
        bare = composed(plan(Document(tuple(Paragraph((Span("a", EM),), EM) for _ in range(2))), renderer=renderer), 100)
        first, second = shown.lines
        plain, other = bare.lines
        inner[renderer] = first.baseline - plain.baseline, shown.bottom - bare.bottom
        assert second.baseline - first.baseline == pytest.approx(other.baseline - plain.baseline + 12)
    assert inner["text"] == pytest.approx((7, 24))
    assert inner["textPs"] == pytest.approx((0, 12))


def test_tabs_stop_every_half_inch() -> None:
    (line,) = composed(plan(document("a\tb\t\tc")), 1000).lines
    assert [left for left, _, cell in edges(line.parts[0]) if cell.kind == ""] == pytest.approx([0, 36, 108])


def test_spacing_is_added_behind_each_letter() -> None:
    assert composed(plan(document("abcd", style=Style(face="mono", size=10, spacing=3))), 1000).width == pytest.approx(
        4 * LETTER + 12
    )


@pytest.mark.parametrize(
    ("style", "letters"),
    [
        (Style(face="mono", size=10, scale_x=2), 8.0),
        (Style(face="mono", size=10, scale_x=-1), 4.0),
        (Style(face="mono", size=10, script="super"), 4 * 0.583),
        (Style(face="mono", size=10, caps="small"), 4 * 0.7),
        (Style(face="mono", size=20), 8.0),
    ],
)
def test_widths_of_styles(style: Style, letters: float) -> None:
    assert composed(plan(document("abcd", style=style), renderer="textPs"), 1000).width == pytest.approx(letters * LETTER)


def test_capitals_may_be_longer() -> None:
    caps = Style(face="mono", size=10, caps="all")
    assert composed(plan(document("straße", style=caps), renderer="textPs"), 1000).width == pytest.approx(7 * LETTER)
    assert composed(plan(document("straße", style=caps)), 1000).width == pytest.approx(6 * LETTER)


def test_charscaley_scales_lines_of_text_alone() -> None:
    tall = Style(face="mono", size=10, scale_y=2)
    bottoms = [composed(plan(document("a", style=style), renderer=r), 100).bottom for r in RENDERERS for style in (EM, tall)]
    assert bottoms[1] == pytest.approx(2 * bottoms[0])
    assert bottoms[3] == pytest.approx(bottoms[2])


def test_self_sizing_text_is_as_large_as_its_lines() -> None:
    extent = measure(plan(document("MMMM", style=Style(size=12))))
    assert extent.size == (40, 14)
    assert extent.anchor == pytest.approx((0, 0.905 * 12), abs=0.01)
    assert measure(plan(document("MMMM", style=Style(size=48)))).size[0] in (159, 160)
    assert measure(plan(document("MMMM", style=Style(size=12)), resolution=288)).size[0] in (159, 160)
    assert measure(plan(document("M\nM", style=Style(size=12)))).size[1] == 28


@pytest.mark.parametrize(("align", "share"), [("left", 0.0), ("center", 0.5), ("right", 1.0)])
@pytest.mark.parametrize("renderer", RENDERERS)
def test_point_text_stands_about_its_origin(renderer: Renderer, align: Align, share: float) -> None:
    extent = measure(plan(document("HHHHHH", paragraph=Paragraph(align=align)), renderer=renderer))
    assert extent.anchor is not None
    assert extent.anchor[0] == pytest.approx(6 * LETTER * share, abs=0.5)
    assert 0 < extent.anchor[1] < extent.size[1]


def test_a_free_height_is_that_of_the_lines() -> None:
    shown = plan(document("aa bb cc dd"), renderer="textPs", box=(int(3 * LETTER), 0))
    assert measure(shown).size[1] == pytest.approx(4 * 12, abs=3)
    margins = document("aa bb cc dd", margins=(10, 20, 10, 30))
    wide = plan(margins, renderer="textPs", box=(int(3 * LETTER) + 20, 0))
    assert measure(wide).size[1] == pytest.approx(measure(shown).size[1] + 50, abs=1)


def test_a_line_that_does_not_fit_is_cropped_by_text_and_left_out_by_textps() -> None:
    text = document("MM MM MM MM", style=Style(size=20))
    box = (40, 35)
    cropped = ink(draw(plan(text, box=box), (1, 1)))
    assert cropped[3] == 35
    left_out = draw(plan(text, box=box, renderer="textPs"), (1, 1))
    assert ink(left_out)[3] < 20


def test_text_keeps_in_its_box_and_textps_its_place() -> None:
    """r-text-positioning: raised letters push ``text=`` down, and stick out of a box of ``textPs=``."""
    raised = document(Span("Normal ", Style(size=20)), Span("Raised", Style(size=20, rise=10)))
    contained = plan(raised, box=(230, 50))
    assert measure(contained).overhang == (0, 0)
    assert ink(draw(contained, (1, 1)))[1] >= 0
    sticking = plan(raised, box=(230, 50), renderer="textPs")
    assert measure(sticking).overhang[1] >= 5
    plain = measure(plan(document("Normal", style=Style(size=20)), box=(230, 50), renderer="textPs"))
    assert plain.overhang == (0, 0)
    margin = plan(Document(raised.paragraphs, margins=(0, 10, 0, 0)), box=(230, 50), renderer="textPs")
    assert measure(margin).overhang == (0, 0)


def test_text_has_a_margin_at_the_top_and_textps_has_none() -> None:
    tops = [ink(draw(plan(document("Normal", style=Style(size=20)), box=(230, 50), renderer=r), (1, 1)))[1] for r in RENDERERS]
    assert tops[0] >= 3
    assert tops[1] <= 1


@pytest.mark.parametrize(("vertical", "low", "high"), [("top", 0, 25), ("center", 40, 60), ("bottom", 75, 100)])
@pytest.mark.parametrize("renderer", RENDERERS)
def test_vertical_alignment(renderer: Renderer, vertical: Literal["top", "center", "bottom"], low: int, high: int) -> None:
    box = ink(draw(plan(document("HHH", style=Style(size=20), vertical=vertical), box=(100, 100), renderer=renderer), (1, 1)))
    assert low <= box[1]
    assert box[3] <= high


@pytest.mark.parametrize("wrap", ["wrap", "nbWrap", "noWrap"])
def test_auto_resolution_fills_the_box(wrap: Literal["wrap", "noWrap", "nbWrap"]) -> None:
    words = "Fill this box with words, internationalization"
    shown = plan(document(words, style=Style(size=12)), box=(200, 80), resolution_mode="autoRes", wrap=wrap)
    left, top, right, bottom = ink(draw(shown, (1, 1)))
    assert left >= 0
    assert right <= 200
    assert top >= 0
    assert bottom <= 80
    assert right > 180 or bottom > 65


def test_auto_resolution_ignores_the_resolution_and_max_resolution_only_lowers_it() -> None:
    letter = document("M", style=Style(size=12))
    assert ink(draw(plan(letter, box=(200, 100)), (1, 1)))[3] < 45
    filled = [draw(plan(letter, box=(200, 100), resolution_mode="autoRes", resolution=r), (1, 1)).tobytes() for r in (10, 300)]
    assert filled[0] == filled[1]
    assert ink(draw(plan(letter, box=(200, 100), resolution_mode="autoRes"), (1, 1)))[3] > 70
    assert measure(plan(letter, box=(200, 100), resolution_mode="maxRes")) == measure(plan(letter, box=(200, 100)))
    small = draw(plan(letter, box=(200, 100), resolution_mode="maxRes"), (1, 1))
    assert small.tobytes() == draw(plan(letter, box=(200, 100)), (1, 1)).tobytes()
    lowered = ink(draw(plan(letter, box=(200, 100), resolution_mode="maxRes", resolution=5000), (1, 1)))
    assert lowered[2] <= 200
    assert 70 < lowered[3] <= 100


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        (plan(document("a" * 40_000)), "32768"),
        (plan(document("a" * 10_000), box=(10, 10), resolution_mode="autoRes"), "8192"),
        (plan(document("a"), resolution=1e6), "131072"),
        (plan(document("MMMM", style=Style(size=60_000))), "131072"),
    ],
)
def test_limits(shown: TextPlan, message: str) -> None:
    with pytest.raises(LimitExceeded, match=message):
        measure(shown)


styles = st.builds(
    Style,
    face=st.sampled_from(["", "sans", "mono", "deva"]),
    bold=st.booleans(),
    italic=st.booleans(),
    underline=st.booleans(),
    size=st.sampled_from([0.5, 5, 12, 30]),
    rise=st.sampled_from([0, -10, 10]),
    script=st.sampled_from(["", "sub", "super"]),
    caps=st.sampled_from(["", "all", "small"]),
    kerning=st.sampled_from([None, 0.5, 14]),
    spacing=st.sampled_from([0, -30, 2]),
    scale_x=st.sampled_from([1, -1, 0, 2.5]),
    scale_y=st.sampled_from([1, -1, 0, 2.5]),
    right_to_left=st.booleans(),
    copyfit=st.sampled_from([0, 20, 60]),
    copyfit_lines=st.integers(0, 2),
    copyfit_max_lines=st.integers(0, 2),
    sideways=st.booleans(),
)
texts = st.text(st.sampled_from("aB é\t\nfi-\u00ad\u00a0\u2011السنש12कि्र日。\U0001f600\u0301\u202e\u2067\u200d"), max_size=12)  # noqa: RUF001  # Arabic is meant
aligns = st.sampled_from(["left", "right", "center", "justify"])
paragraphs = st.builds(
    Paragraph,
    spans=st.lists(st.builds(Span, texts, styles), max_size=3).map(tuple),
    end=styles,
    align=aligns,
    last=aligns,
    first_indent=st.sampled_from([0, -20, 30]),
    left_indent=st.sampled_from([0, 10, 500]),
    right_indent=st.sampled_from([0, 10, -10]),
    line_spacing=st.sampled_from([0, -1, 30, 2]),
    multiple=st.booleans(),
    before=st.sampled_from([0, 9]),
    after=st.sampled_from([0, 9]),
)
documents = st.builds(
    Document,
    paragraphs=st.lists(paragraphs, max_size=3).map(tuple),
    margins=st.sampled_from([(0, 0, 0, 0), (10, 5, 10, 5), (300, 300, 300, 300)]),
    vertical=st.sampled_from(["top", "center", "bottom"]),
    vertical_flow=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(
    documents,
    st.fixed_dictionaries(
        {
            "renderer": st.sampled_from(RENDERERS),
            "box": st.sampled_from([(0, 0), (80, 0), (80, 60), (1, 1), (0, 30)]),
            "resolution": st.sampled_from([1, 72, 200]),
            "resolution_mode": st.sampled_from(["fixedRes", "autoRes", "maxRes"]),
            "wrap": st.sampled_from(["wrap", "noWrap", "nbWrap"]),
            "angle": st.sampled_from([0, 30, 90, -180]),
            "anti_aliasing": st.sampled_from(["norm", "off", "strong"]),
        }
    ),
    st.sampled_from([(1.0, 1.0), (0.3, 0.3), (0.01, 0.5), (2.0, 1.5)]),
)
def test_any_document_is_drawn_as_large_as_it_is_measured(
    given: Document, how: dict[str, object], scale: tuple[float, float]
) -> None:
    shown = plan(given, **how)
    extent = measure(shown)
    expected = tuple(
        max(1, round((side + 2 * over) * factor)) for side, over, factor in zip(extent.size, extent.overhang, scale, strict=True)
    )
    assert draw(shown, scale).size == expected
    if shown.box[0]:
        assert extent.size[0] == shown.box[0]
    if all(shown.box):
        assert extent.size == shown.box


def test_every_scale_shows_the_same_lines() -> None:
    words = " ".join("".join(random.Random(n).choices("abcdefgh", k=1 + n % 9)) for n in range(60))  # noqa: S311  # words, no secrets
    shown = plan(document(words), box=(150, 0))
    full = draw(shown, (1, 1)).getchannel("A")
    weight = np.asarray(full, float).mean()
    for scale in (0.25, 0.5, 3.0):
        other = draw(shown, (scale, scale)).getchannel("A")
        assert np.asarray(other, float).mean() == pytest.approx(weight, rel=0.03)
    back = draw(shown, (3, 3)).getchannel("A").resize(full.size, Image.Resampling.BOX)
    assert np.abs(np.asarray(back, float) - np.asarray(full, float)).mean() < 1
