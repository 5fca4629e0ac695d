"""Coverage of polygons, and how text is coloured."""

from itertools import pairwise
from math import pi

import numpy as np
import pytest

from proxy.errors import LimitExceeded
from proxy.protocol.color import Color
from proxy.protocol.rtf.document import Span, Style
from proxy.render.text import draw
from proxy.render.text.contours import flattened
from proxy.render.text.coverage import bounding, coverage
from tests.texts import document, ink, plan

RED, BLUE = Color("rgb", (255, 0, 0)), Color("rgb", (0, 0, 255))


def edges(*polygons: tuple[tuple[float, float], ...]) -> np.ndarray:
    return np.array([(*a, *b) for points in polygons for a, b in zip(points, (*points[1:], points[0]), strict=True)], float)


def square(left: float, top: float, right: float, bottom: float, *, back: bool = False) -> tuple[tuple[float, float], ...]:
    points = ((left, top), (right, top), (right, bottom), (left, bottom))
    return points[::-1] if back else points


@pytest.mark.parametrize(
    ("polygons", "total"),
    [
        ([square(1, 1, 3, 3)], 4),
        ([square(1.25, 1.5, 3.75, 3)], 3.75),
        ([square(1, 1, 4, 4), square(2, 2, 3, 3, back=True)], 8),
        ([square(1, 1, 3, 3), square(2, 2, 4, 4)], 7),
        ([square(-5, -5, 50, 50)], 80),
        ([square(-5, 2, 50, 3)], 10),
        ([((0, 0), (10, 0), (0, 8))], 40),
        ([((-10, 0), (10, 0), (-10, 16))], 40),
        ([square(20, 20, 30, 30)], 0),
        ([square(-30, -30, -20, -20)], 0),
        ([square(-1e9, -1e9, 1e9, 1e9)], 80),
        ([], 0),
    ],
)
def test_areas_are_exact(polygons: list[tuple[tuple[float, float], ...]], total: float) -> None:
    filled = coverage(edges(*polygons) if polygons else np.zeros((0, 4)), 10, 8)
    assert filled.shape == (8, 10)
    assert filled.astype(float).sum() / 255 == pytest.approx(total, abs=0.06)


def test_the_order_and_the_bands_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(1)
    points = chance.uniform(-20, 120, (40, 2))
    drawn = edges(tuple(map(tuple, points.tolist())))
    whole = coverage(drawn, 100, 90)
    assert (coverage(chance.permutation(drawn), 100, 90) == whole).all()
    monkeypatch.setattr("proxy.render.text.coverage._BAND", 700)
    assert np.abs(coverage(drawn, 100, 90).astype(int) - whole).max() <= 1


def test_bounds_are_whole_pixels_of_the_picture() -> None:
    assert bounding(edges(square(1.5, 2.2, 3.1, 200)), 10, 8) == (1, 2, 4, 8)
    assert bounding(np.zeros((0, 4)), 10, 8) == (0, 0, 0, 0)


@pytest.mark.parametrize("pixels", [8, 64, 1024])
def test_curves_are_flattened_to_a_fraction_of_a_pixel(pixels: int) -> None:
    k = 0.5523
    outline = (
        ("M", (1.0, 0.0)),
        ("C", (1.0, k, k, 1.0, 0.0, 1.0)),
        ("C", (-k, 1.0, -1.0, k, -1.0, 0.0)),
        ("C", (-1.0, -k, -k, -1.0, 0.0, -1.0)),
        ("C", (k, -1.0, 1.0, -k, 1.0, 0.0)),
        ("Z", ()),
    )
    (points,) = flattened(outline, pixels)
    area = 0.5 * abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(points)))
    assert (pi - area) * pixels / (2 * pi) < 0.15


@pytest.mark.parametrize("renderer", ["text", "textPs"])
def test_without_anti_aliasing_there_are_two_alphas(renderer: str) -> None:
    image = draw(plan(document("Hamburg", style=Style(size=14)), renderer=renderer, anti_aliasing="off"), (1, 1))
    assert set(image.getchannel("A").tobytes()) == {0, 255}


def test_modes_differ_in_weight_and_contrast() -> None:
    weights, grays = {}, {}
    for mode in ("norm", "crisp", "sharp", "strong", "smooth"):
        alpha = np.asarray(
            draw(plan(document("Hamburgefonts", style=Style(size=14)), anti_aliasing=mode), (1, 1)).getchannel("A"), float
        )
        weights[mode], grays[mode] = alpha.sum(), ((alpha > 20) & (alpha < 235)).sum()
    assert grays["norm"] > grays["crisp"] > grays["sharp"]
    assert weights["strong"] > weights["smooth"] > weights["norm"]


def test_colour_lies_under_every_alpha() -> None:
    image = draw(plan(document("Ham", style=Style(size=30, color=RED))), (1, 1))
    assert image.getchannel("R").getextrema() == (255, 255)
    assert image.getchannel("G").getextrema() == (0, 0)
    two = draw(plan(document(Span("HH", Style(size=30, color=RED)), Span("HH", Style(size=30, color=BLUE)))), (1, 1))
    pixels = np.asarray(two).reshape(-1, 4)
    assert not pixels[:, 1].any()
    assert set((pixels[:, 0].astype(int) + pixels[:, 2]).tolist()) <= {254, 255, 256}
    middle = np.asarray(two)[two.height // 2]
    assert middle[3, :3].tolist() == [255, 0, 0]
    assert middle[-3, :3].tolist() == [0, 0, 255]


def test_alpha_of_a_colour_dims_the_text() -> None:
    half = Color("rgb", (0, 0, 0), alpha=128)
    assert draw(plan(document("H", style=Style(size=60, color=half))), (1, 1)).getchannel("A").getextrema() == (0, 128)


def test_overlapping_letters_cover_and_do_not_cancel() -> None:
    close = document("HHH", style=Style(face="mono", size=60, spacing=-30))
    mirrored = document(Span("H", Style(face="mono", size=60, spacing=-36)), Span("H", Style(face="mono", size=60, scale_x=-1)))
    for text in (close, mirrored):
        alpha = np.asarray(draw(plan(text, renderer="textPs"), (1, 1)).getchannel("A"))
        bar = alpha[np.argmax((alpha > 250).sum(axis=1))]
        filled = np.flatnonzero(bar > 250)
        assert (np.diff(filled) == 1).all()


@pytest.mark.parametrize(("renderer", "thick"), [("text", 3.0), ("textPs", 1.8)])
def test_underlines_differ_in_thickness(renderer: str, thick: float) -> None:
    plain, lined = (
        np.asarray(
            draw(
                plan(document("HHHH", style=Style(size=40, underline=under)), renderer=renderer, box=(200, 60)), (1, 1)
            ).getchannel("A"),
            float,
        )
        for under in (False, True)
    )
    column = (lined - plain)[:, 50] / 255
    assert column.sum() == pytest.approx(thick, abs=0.5)
    if renderer == "text":
        assert set(column.tolist()) == {0.0, 1.0}


def test_letters_far_larger_than_their_box_are_cut_to_it() -> None:
    image = draw(plan(document("MMMM", style=Style(size=130_000)), box=(200, 100)), (1, 1))
    assert image.size == (200, 100)


def test_pictures_have_a_limit() -> None:
    with pytest.raises(LimitExceeded, match="100000000"):
        draw(plan(document("M", style=Style(size=30_000))), (1, 1))


def test_a_missing_glyph_is_a_box() -> None:
    assert ink(draw(plan(document("日", style=Style(face="mono", size=40))), (1, 1)))[2] > 10
