"""Fonts, shaping, direction and line breaking, compared with what libraqm and the algorithms' own examples say."""

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from proxy.errors import BadSource, Missing
from proxy.protocol.rtf.document import Span, Style
from proxy.recipe.text import Face, FontFile, TextPlan
from proxy.render.text import bidi, breaking, draw, measure
from proxy.render.text.cells import cells_of
from proxy.render.text.fonts import open_font
from proxy.render.text.shaping import Shape, scripts, shaped
from tests.texts import FILES, document, font, font_at, plan

HINDI = "नमस्ते क्षत्रिय हिन्दी कार्य र्क"
ARABIC = "السلام عليكم"


@pytest.mark.parametrize(
    ("face", "text", "direction"),
    [
        ("sans", "Affinity AVATAR Wörld", "ltr"),
        ("sans", ARABIC, "rtl"),
        ("sans", "لا إله", "rtl"),
        ("sans", "a\u0301e\u0323\u0308o\u0302", "ltr"),
        ("sans", "שלום עולם", "rtl"),
        ("deva", HINDI, "ltr"),
    ],
)
def test_widths_and_masks_are_those_of_raqm(face: str, text: str, direction: str) -> None:
    size = 120
    style = Style(face=face, size=size)
    shown = plan(document(text, style=style))
    (cells,) = cells_of(shown)
    raqm = ImageFont.truetype(str(FILES[face]), size, layout_engine=ImageFont.Layout.RAQM)
    width = sum(cell.advance for cell in cells.cells)
    assert width == pytest.approx(raqm.getlength(text, direction=direction), rel=0.01)

    ours = draw(shown, (1, 1)).getchannel("A")
    theirs = Image.new("L", (ours.width + 40, ours.height + 200), 0)
    ImageDraw.Draw(theirs).text((20, 60), text, font=raqm, fill=255, direction=direction)
    ours, theirs = (image.crop(image.getbbox()) for image in (ours, theirs))
    assert abs(ours.width - theirs.width) <= 4
    assert abs(ours.height - theirs.height) <= 4
    same = theirs.resize(ours.size)
    assert np.abs(np.asarray(ours, float) - np.asarray(same, float)).mean() < 16


@pytest.mark.parametrize("text", ["क्ष", "त्रि", "a\u0301", "لا"])
def test_what_belongs_together_is_one_cluster(text: str) -> None:
    face = "deva" if "\u0900" <= text[0] < "\u0980" else "sans"
    clusters = shaped(text, Shape(open_font(font(face))), leftwards=text == "لا")
    assert [(each.start, each.end) for each in clusters] == [(0, len(text))]


def test_kerning_and_ligatures_can_be_left_out() -> None:
    arimo = open_font(font("", 400))
    kerned, plain = (
        sum(each.advance for each in shaped("AVAT", Shape(arimo, kerning=kerning), leftwards=False)) for kerning in (True, False)
    )
    assert kerned < plain - 0.1
    sans = open_font(font("sans"))
    assert len(shaped("fi", Shape(sans), leftwards=False)) == 1
    assert len(shaped("fi", Shape(sans, ligatures=False), leftwards=False)) == 2


def test_a_change_of_colour_parts_neither_pairs_nor_joins() -> None:
    red, black = Style(face="", size=40, underline=True), Style(face="", size=40)
    one = measure(plan(document("AV", style=black))).size
    two = measure(plan(document(Span("A", black), Span("V", red)))).size
    assert one == two


def test_weight_sets_the_axis_and_synthesis_thickens_and_slants() -> None:
    light, bold = (
        sum(
            draw(
                TextPlan(document("HHH", style=Style(size=60)), (Face("", bold=False, italic=False, file=font("", weight)),)),
                (1, 1),
            )
            .getchannel("A")
            .tobytes()
        )
        for weight in (400, 700)
    )
    assert bold > light * 1.2
    thick = sum(draw(plan(document("HHH", style=Style(face="mono", size=60, bold=True))), (1, 1)).getchannel("A").tobytes())
    thin = sum(draw(plan(document("HHH", style=Style(face="mono", size=60))), (1, 1)).getchannel("A").tobytes())
    assert thick > thin * 1.1
    slants = []
    for renderer in ("text", "textPs"):
        image = draw(plan(document("I", style=Style(face="sans", size=200, italic=True)), renderer=renderer), (1, 1)).getchannel(
            "A"
        )
        rows = np.asarray(image) > 127
        filled = np.flatnonzero(rows.any(axis=1))
        top, bottom = filled[2], filled[-3]
        slants.append((rows[top].argmax() - rows[bottom].argmax()) / (bottom - top))
    assert slants == pytest.approx([0.25, 0.2126], abs=0.02)


@pytest.mark.parametrize("junk", [b"", b"no font", b"\0\1\0\0" + bytes(3000), FILES["mono"].read_bytes()[:40_000]])
def test_what_is_no_font_is_an_error_that_names_it(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "broken.ttf"
    path.write_bytes(junk)
    with pytest.raises(BadSource, match=r"broken\.ttf") as raised:
        measure(TextPlan(document("Ham", style=Style()), (Face("", bold=False, italic=False, file=font_at(path)),)))
    assert str(tmp_path) not in raised.value.detail


def test_a_font_that_is_gone_is_missing() -> None:
    file = FontFile("gone.ttf", "/nowhere/gone.ttf", 1, 1)
    with pytest.raises(Missing, match=r"gone\.ttf"):
        open_font(file)


@pytest.mark.parametrize("seed", range(12))
def test_damaged_fonts_draw_something_or_are_refused(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # damage, no secrets
    data = bytearray(FILES["mono"].read_bytes())
    for _ in range(400):
        data[chance.randrange(len(data) if seed % 2 else 400)] = chance.randrange(256)
    path = tmp_path / "damaged.ttf"
    path.write_bytes(data)
    shown = TextPlan(document("Ham fi", style=Style()), (Face("", bold=False, italic=False, file=font_at(path)),), box=(100, 30))
    try:
        size = draw(shown, (1, 1)).size
    except BadSource as error:
        size = (100, 30) if "damaged.ttf" in error.detail else (0, 0)
    assert size == (100, 30)


@pytest.mark.parametrize(
    ("text", "spans", "levels"),
    [
        ("abc", [], [0, 0, 0]),
        ("a אב", [], [0, 0, 1, 1]),
        ("אב 12", [], [1, 1, 1, 2, 2]),
        ("abc", [(0, 3)], [1, 1, 1]),
        ("a12", [(1, 3)], [0, 1, 1]),
        ("a אב12", [(2, 6)], [0, 0, 1, 1, 2, 2]),
        ("a\u2067b\u2069\u00ad", [], [0, 0, 0, 0, 0]),
    ],
)
def test_levels(text: str, spans: list[tuple[int, int]], levels: list[int]) -> None:
    assert bidi.turned(text, spans) == levels


@pytest.mark.parametrize(
    ("levels", "order"),
    [([0, 0, 0], [0, 1, 2]), ([1, 1, 1], [2, 1, 0]), ([0, 1, 1, 0], [0, 2, 1, 3]), ([1, 1, 2, 2], [2, 3, 1, 0])],
)
def test_visual_order(levels: list[int], order: list[int]) -> None:
    assert bidi.visual(levels) == order


def test_rtlch_turns_letters_around_for_text_only() -> None:
    """The page's example: `desrever` is drawn as `reversed`."""
    turned = Style(face="mono", size=36, right_to_left=True)
    plain = Style(face="mono", size=36)
    box = (300, 50)
    shown = draw(plan(document("desrever", style=turned), box=box), (1, 1))
    assert shown.tobytes() == draw(plan(document("reversed", style=plain), box=box), (1, 1)).tobytes()
    photoshop = draw(plan(document("desrever", style=turned), box=box, renderer="textPs"), (1, 1))
    assert photoshop.tobytes() == draw(plan(document("desrever", style=plain), box=box, renderer="textPs"), (1, 1)).tobytes()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("one two", [4]),
        ("well-known fact", [5, 11]),
        ("no\u2011break a\u00a0b", [9]),
        ("op\u00adtion", [3]),
        ("-5 and 3-4", [3, 7]),
        ("日本語。文", [1, 2, 4]),
        ("x (y) z", [2, 6]),
        ("end .  next", [7]),
        ("  a", [2]),
    ],
)
def test_places_to_break(text: str, places: list[int]) -> None:
    assert sorted(breaking.opportunities(text)) == places


def test_long_words_without_spaces_break_where_short_ones_do() -> None:
    text = "日本語、文字。「引用」テスト" * 20
    assert len(text) > 200
    whole = breaking.opportunities(text)
    piece = breaking.opportunities("日本語、文字。「引用」テスト")
    assert {at for at in whole if at < 14} == piece


def test_scripts_are_cut_apart() -> None:
    assert scripts("ab क्ष 12") == [(0, 3), (3, 9)]
    assert scripts("") == []
