"""Copy-fitting, text on paths, in shapes, at angles and downwards."""

from math import cos, hypot, pi, radians, sin
from typing import Any

import numpy as np
import pytest

from proxy.errors import LimitExceeded
from proxy.protocol.path import Path, Subpath
from proxy.protocol.rtf.document import Align, Document, Paragraph, Span, Style
from proxy.recipe.text import TextPlan
from proxy.render.text import draw, measure
from proxy.render.text.layout import lay_out
from proxy.render.text.marks import Mark
from tests.texts import MONO, circle, document, ink, plan, polygon

EM = Style(face="mono", size=10)
LETTER = 10 * MONO


def letters(shown: TextPlan) -> list[Mark]:
    """The marks that show, but for underlines."""
    return [mark for mark in lay_out(shown).marks if mark.font and mark.font.box(mark.glyph)]


def size_of(mark: Mark) -> float:
    return hypot(mark.matrix[1], mark.matrix[4])


def places(shown: TextPlan) -> list[tuple[float, float]]:
    """Where the middles of the letters' advances are, in the frame of the path or of the box."""
    x, y = measure(shown).anchor or (0.0, 0.0)
    found = []
    for mark in letters(shown):
        a, _, c, d, _, f = mark.matrix
        found.append((c + a * MONO / 2 - x, f + d * MONO / 2 - y))
    return found


def sizes(*spans: Span, box: tuple[int, int] = (300, 100)) -> list[float]:
    """The sizes of letters, each once, in their order."""
    shown = plan(document(*spans), renderer="textPs", box=box)
    return list(dict.fromkeys(round(size_of(mark), 3) for mark in letters(shown)))


def fit(text: str, size: float, copyfit: float, **more: Any) -> Span:
    return Span(text, Style(face="mono", size=size, copyfit=copyfit, **more))


class TestCopyFitting:
    """The examples of r-copy-fitting; their sizes are half-points."""

    LITTLE, MUCH = 4, 400

    def test_the_same_ratio_throughout(self) -> None:
        little = sizes(fit("A", 5, 50), fit("B", 10, 100), fit("C", 5, 50), box=(500, 200))
        assert little == [50, 100]
        some = sizes(fit("A" * 20, 5, 50), fit("B" * 9, 10, 100), fit("C", 5, 50))
        assert 5 < some[0] < 50
        assert some[1] == pytest.approx(2 * some[0], abs=0.01)
        assert sizes(fit("A " * self.MUCH, 5, 50), fit("B " * self.MUCH, 10, 100))[:1] == [5]

    def test_converging_to_a_common_large_size(self) -> None:
        assert sizes(fit("A", 5, 50), fit("B", 10, 50), box=(500, 200)) == [50]
        small = sizes(fit("A " * self.MUCH, 5, 50), fit("B ", 10, 50), box=(300, 60))
        assert small[0] == 5

    def test_converging_to_a_common_small_size(self) -> None:
        assert sizes(fit("A", 5, 50), fit("B", 5, 100), box=(500, 200)) == [50, 100]
        assert sizes(fit("A " * self.MUCH, 5, 50), fit("B ", 5, 100), box=(300, 30)) == [5]

    def test_an_inner_span_is_left_alone(self) -> None:
        assert sizes(fit("A", 5, 50), fit("B", 25, 0), box=(500, 200)) == [50, 25]
        assert sizes(fit("A " * 60, 5, 50), fit("B", 25, 0))[-1] == 25

    @pytest.mark.parametrize("words", [8, 30])
    def test_one_line_at_the_size_that_fits_it(self, words: int) -> None:
        text = " ".join(["word"] * words)
        shown = plan(document(fit(text, 5, 50, copyfit_lines=1)), renderer="textPs", box=(600, 100))
        marks = letters(shown)
        assert len({mark.matrix[5] for mark in marks}) == 1
        size = size_of(marks[0])
        step = 45 / 512
        assert len(text) * MONO * size <= 600 < len(text) * MONO * (size + step)

    def test_overflow_of_a_soft_limit_and_truncation_of_a_hard_one(self) -> None:
        text = "word " * 40
        soft = plan(document(fit(text, 5, 50, copyfit_lines=1)), renderer="textPs", box=(300, 100))
        hard = plan(document(fit(text, 5, 50, copyfit_max_lines=1)), renderer="textPs", box=(300, 100))
        assert {round(size_of(mark), 3) for shown in (soft, hard) for mark in letters(shown)} == {5}
        assert len(letters(soft)) == 160 > len(letters(hard)) > 60
        assert len({mark.matrix[5] for mark in letters(hard)}) == 1

    def test_line_breaks_of_the_text_are_honoured(self) -> None:
        shown = plan(document(fit("ab\ncd", 5, 50, copyfit_lines=1)), renderer="textPs", box=(300, 200))
        assert len({mark.matrix[5] for mark in letters(shown)}) == 2
        assert size_of(letters(shown)[0]) == pytest.approx(50)
        cut = plan(document(fit("ab\ncd", 5, 50, copyfit_max_lines=1), Span("\nef", EM)), renderer="textPs", box=(300, 200))
        assert len({mark.matrix[5] for mark in letters(cut)}) == 2
        assert [round(size_of(mark)) for mark in letters(cut)].count(10) == 2

    def test_words_are_not_broken_to_be_larger(self) -> None:
        (size,) = sizes(fit("internationalization", 5, 100), box=(200, 400))
        assert 20 * MONO * size <= 200

    def test_text_does_not_copy_fit(self) -> None:
        shown = plan(document(fit("A", 5, 50)), box=(500, 200))
        assert size_of(letters(shown)[0]) == pytest.approx(5)


@pytest.mark.parametrize(("reverse", "turn"), [(False, 1), (True, -1)])
def test_letters_stand_on_a_circle(*, reverse: bool, turn: int) -> None:
    shown = plan(document("abcdefgh"), renderer="textPs", path=circle(50, 60, 40), reverse=reverse)
    middles = places(shown)
    assert len(middles) == 8
    assert [hypot(x - 50, y - 60) for x, y in middles] == pytest.approx([40] * 8, abs=0.05)
    for number, (x, y) in enumerate(middles):
        turned = pi + turn * (number + 0.5) * LETTER / 40
        assert (x, y) == pytest.approx((50 + 40 * cos(turned), 60 + 40 * sin(turned)), abs=0.15)


@pytest.mark.parametrize(
    ("align", "indents", "first"),
    [
        ("left", (0, 0), 0.0),
        ("center", (0, 0), 50 - LETTER),
        ("right", (0, 0), 100 - 2 * LETTER),
        ("left", (12, 0), 12.0),
        ("right", (0, 7), 93 - 2 * LETTER),
    ],
)
def test_alignment_along_a_path(align: Align, indents: tuple[float, float], first: float) -> None:
    paragraph = Paragraph(align=align, left_indent=indents[0], right_indent=indents[1])
    line = polygon((10, 20), (110, 20), closed=False)
    shown = plan(document("ab", paragraph=paragraph), renderer="textPs", path=line)
    one, other = places(shown)
    assert one == pytest.approx((10 + first + LETTER / 2, 20))
    assert other == pytest.approx((10 + first + 1.5 * LETTER, 20))
    given = plan(document("ab", paragraph=paragraph), renderer="textPs", path=line, box=(120, 40))
    assert places(given)[0][0] == pytest.approx(10 + indents[0] + LETTER / 2)


@pytest.mark.parametrize(
    ("closed", "reverse", "start", "end", "first"),
    [
        (False, False, 0.25, 1.0, (25 + LETTER / 2, 0)),
        (False, True, 0.0, 1.0, (100 - LETTER / 2, 0)),
        (False, True, 0.0, 0.5, (50 - LETTER / 2, 0)),
        (True, False, 0.5, 1.5, (100 - LETTER / 2, 100)),
    ],
)
def test_positions_on_a_path(*, closed: bool, reverse: bool, start: float, end: float, first: tuple[float, float]) -> None:
    path = polygon((0, 0), (100, 0), (100, 100), (0, 100)) if closed else polygon((0, 0), (100, 0), closed=False)
    shown = plan(document("ab"), renderer="textPs", path=path, reverse=reverse, start=start, end=end)
    assert places(shown)[0] == pytest.approx(first)


def test_a_closed_path_goes_on_over_its_start_and_an_open_one_ends() -> None:
    square = polygon((0, 0), (100, 0), (100, 100), (0, 100))
    many = document("x" * 200)
    assert len(letters(plan(many, renderer="textPs", path=square, start=0.5, end=1.5))) == int(400 / LETTER)
    assert len(letters(plan(many, renderer="textPs", path=square, start=0.5, end=1.0))) == int(200 / LETTER)
    assert len(letters(plan(many, renderer="textPs", path=polygon((0, 0), (100, 0), closed=False), end=1.9))) == int(100 / LETTER)


def test_text_goes_on_on_the_next_path_and_ends_at_a_break() -> None:
    two = Path((Subpath((0, 0), (((50, 0),),)), Subpath((0, 30), (((100, 30),),))))
    shown = plan(document("abcd efgh ijkl mnop qrst"), renderer="textPs", path=two)
    assert [round(y) for _, y in places(shown)] == [0] * 4 + [30] * 12
    ended = plan(document("abcd\nefgh"), renderer="textPs", path=two)
    assert len(letters(ended)) == 4
    other = Document((Paragraph((Span("abc", EM),), EM), Paragraph((Span("def", EM),), EM)))
    assert len(letters(plan(other, renderer="textPs", path=two))) == 3


def test_text_ignores_paths() -> None:
    assert measure(plan(document("ab"), path=circle(50, 50, 40))) == measure(plan(document("ab")))


def test_the_origin_of_a_path_is_the_anchor_or_the_corner_of_the_box() -> None:
    path = polygon((40, 50), (140, 50), closed=False)
    free = measure(plan(document("MM"), renderer="textPs", path=path))
    assert free.anchor is not None
    assert -41 <= free.anchor[0] <= -40
    assert free.size[0] < 14
    given = plan(document("MM"), renderer="textPs", path=path, box=(60, 60))
    assert measure(given).anchor is None
    assert ink(draw(given, (1, 1)))[0] in (40, 41)
    far = measure(plan(document("MM"), renderer="textPs", path=polygon((-40, 50), (140, 50), closed=False), box=(60, 60)))
    assert far.overhang[0] in (39, 40)


def test_text_flows_inside_a_circle() -> None:
    words = "the quick brown fox jumps over the lazy dog " * 30
    shown = plan(document(words), renderer="textPs", flow=circle(100, 100, 90))
    x, y = measure(shown).anchor or (0, 0)
    alpha = np.asarray(draw(shown, (1, 1)).getchannel("A"))
    rows, columns = np.nonzero(alpha > 60)
    assert np.hypot(columns - x + 0.5 - 100, rows - y + 0.5 - 100).max() < 92
    assert rows.max() - rows.min() > 140
    assert len(letters(shown)) > 200


def test_text_keeps_out_of_what_is_excluded() -> None:
    words = "the quick brown fox jumps over the lazy dog " * 30
    box = polygon((0, 0), (200, 0), (200, 200), (0, 200))
    hole = polygon((60, 60), (140, 60), (140, 140), (60, 140))
    shown = draw(plan(document(words), renderer="textPs", flow=box, exclude=hole, box=(200, 200)), (1, 1)).getchannel("A")
    assert max(shown.crop((61, 61, 139, 139)).tobytes()) < 60
    assert max(shown.crop((5, 70, 60, 130)).tobytes()) == 255
    assert max(shown.crop((140, 70, 200, 130)).tobytes()) == 255


def test_text_flows_through_regions_in_their_order() -> None:
    first, second = ((0, 0), (60, 0), (60, 20), (0, 20)), ((100, 50), (160, 50), (160, 200), (100, 200))
    path = Path(polygon(*first).subpaths + polygon(*second).subpaths)
    shown = plan(document("aaaa bbbb cccc dddd"), renderer="textPs", flow=path, box=(200, 200))
    found = places(shown)
    assert sum(x < 60 and y < 30 for x, y in found) == 8
    assert sum(x > 100 and y > 50 for x, y in found) == 8
    with pytest.raises(LimitExceeded, match="257 sub-paths"):
        measure(plan(document("a"), renderer="textPs", flow=Path(polygon(*first).subpaths * 257)))


@pytest.mark.parametrize(("vertical", "expected"), [("top", 0), ("center", 45), ("bottom", 90)])
def test_vertical_alignment_in_a_shape(vertical: str, expected: float) -> None:
    shape = polygon((0, 0), (100, 0), (100, 100), (0, 100))
    shown = plan(document("HH", vertical=vertical), renderer="textPs", flow=shape, box=(100, 100))
    top = ink(draw(shown, (1, 1)))[1]
    assert top == pytest.approx(expected, abs=4)


@pytest.mark.parametrize(
    ("angle", "direction"), [(0, (1, 0)), (90, (0, 1)), (180, (-1, 0)), (-90, (0, -1)), (30, (cos(radians(30)), 0.5))]
)
@pytest.mark.parametrize("box", [(0, 0), (120, 80), (120, 0)])
def test_text_at_an_angle_runs_that_way(angle: float, direction: tuple[float, float], box: tuple[int, int]) -> None:
    shown = plan(document("HHH"), renderer="textPs", angle=angle, box=box)
    (x0, y0), *_, (x1, y1) = places(shown)
    assert (x1 - x0, y1 - y0) == pytest.approx((2 * LETTER * direction[0], 2 * LETTER * direction[1]), abs=1e-6)
    extent = measure(shown)
    left, top, right, bottom = ink(draw(shown, (1, 1)))
    assert right - left > 5
    assert bottom - top > 5
    assert max(extent.overhang) <= 2


def test_a_box_at_an_angle_stays_low_where_no_height_is_enough() -> None:
    lines = document("a\nb\nc", style=Style(face="mono", size=40))
    assert measure(plan(lines, renderer="textPs", angle=90, box=(60, 0))).size[1] < 1000


def test_a_right_angle_begins_at_the_right_and_uses_the_height() -> None:
    shown = plan(document("aaaa bbbb cccc"), renderer="textPs", angle=90, box=(100, 45))
    found = places(shown)
    assert [x > 60 for x, _ in found] == [True] * 12
    rows = sorted({round(x) for x, _ in found}, reverse=True)
    assert len(rows) == 3
    assert rows[0] - rows[1] == pytest.approx(12, abs=1)


def test_vertical_flow_runs_down_and_to_the_left() -> None:
    sans = Style(face="sans", size=16)
    shown = plan(document("abcdefgh", style=sans, vertical_flow=True), renderer="textPs", box=(100, 100))
    marks = letters(shown)
    assert [mark.matrix[3] for mark in marks] == [0] * 8
    assert marks[0].matrix[0] == pytest.approx(16)
    first, second, *_ = marks
    assert second.matrix[5] > first.matrix[5] + 12
    columns = sorted({round(mark.matrix[2] + 8) // 18 for mark in marks}, reverse=True)
    assert len(columns) == 2
    assert ink(draw(shown, (1, 1)))[2] > 90
    plain = plan(document("abcdefgh", style=sans, vertical_flow=True), box=(100, 100))
    assert letters(plain)[1].matrix[5] == letters(plain)[0].matrix[5]


def test_sideways_letters_are_turned() -> None:
    style = Style(face="sans", size=16, sideways=True)
    shown = plan(document("ab", style=style, vertical_flow=True), renderer="textPs", box=(100, 100))
    one, other = letters(shown)
    assert one.matrix[:2] == pytest.approx((0, 16))
    assert one.matrix[3:5] == pytest.approx((16, 0))
    assert other.matrix[5] > one.matrix[5]
    assert other.matrix[2] == pytest.approx(one.matrix[2])


@pytest.mark.parametrize(
    "path",
    [
        Path(),
        Path((Subpath((1, 1)),)),
        polygon((1, 1), (1, 1)),
        polygon((0, 0), (1e9, 1e9), (0, 1e9)),
        polygon((0, 0), (1e-9, 0)),
    ],
)
@pytest.mark.parametrize("use", ["path", "flow", "exclude"])
def test_odd_paths_are_harmless(path: Path, use: str) -> None:
    settings = {"flow": polygon((0, 0), (90, 0), (90, 90), (0, 90))} if use == "exclude" else {}
    shown = plan(document("some words"), renderer="textPs", **settings, **{use: path})
    extent = measure(shown)
    assert draw(shown, (0.5, 0.5)).size == tuple(max(1, round(side / 2)) for side in extent.size)
