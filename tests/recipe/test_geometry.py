import pytest

from proxy.recipe.geometry import (
    LayerShape,
    Placed,
    ViewSpec,
    fit_box,
    half_up,
    place_view,
    render_layer,
    render_scale,
    shape_layer,
    turned,
    view_extent,
    whole,
)


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.5, 1), (1.5, 2), (-0.5, 0), (-1.5, -1), (2.4999, 2), (34.49999999, 35), (-0.6, -1)]
)
def test_halves_round_up(value: float, rounded: int) -> None:
    assert half_up(value) == rounded


def test_nothing_is_smaller_than_one_pixel() -> None:
    assert whole((0.2, 0.0)) == (1, 1)


@pytest.mark.parametrize(
    ("extent", "box", "scale"),
    [((400, 300), (200, 200), 0.5), ((400, 300), (0, 150), 0.5), ((400, 300), (0, 0), 1.0), ((4, 3), (8, 9), 2.0)],
)
def test_fitting_into_a_box(extent: tuple[int, int], box: tuple[int, int], scale: float) -> None:
    assert fit_box(extent, box) == scale


@pytest.mark.parametrize(
    ("angle", "box"),
    [(0, (4, 2)), (90, (2, 4)), (-90, (2, 4)), (180, (4, 2)), (450, (2, 4)), (-36000, (4, 2)), (45, (4.242641, 4.242641))],
)
def test_the_box_around_what_is_turned(angle: float, box: tuple[float, float]) -> None:
    assert turned((4, 2), angle) == pytest.approx(box)


def test_quarter_turns_are_exact() -> None:
    assert [turned((333.3, 100.1), quarter * 90) for quarter in range(4)] == [(333.3, 100.1), (100.1, 333.3)] * 2


def test_a_layer_is_turned_and_then_extended() -> None:
    assert shape_layer((400, 300), 90, (0.1, 0.2, 0, -0.5), normalized=True) == LayerShape(
        (400, 300), 90, (300, 400), (30, 80, 0, -200)
    )
    assert shape_layer((4, 3), 0, (1, 2, 3, 4), normalized=False).rectangle == (8, 9)


def test_a_rendered_layer_adds_up() -> None:
    rendered = render_layer(LayerShape((101, 50), 0, (101, 50), (3, 5, 4, 2)), (1 / 3, 0.5))
    # edges at 1, 34.67, 36 and 2.5, 27.5, 28.5
    assert (rendered.size, rendered.box, rendered.margins, rendered.rectangle) == ((34, 25), (34, 25), (1, 3, 1, 1), (36, 29))


def test_a_view_in_more_pixels_has_no_free_line() -> None:
    spec = ViewSpec(width=200)
    placed = place_view((400, 299), spec, 2)
    assert (placed.scale, placed.size, placed.offset) == ((1, 1), (400, 299), (0, 0))
    assert view_extent((400, 299), spec) == (200, 149.5)


@pytest.mark.parametrize(
    ("scale", "fine_pixels", "made"),
    [
        pytest.param(0.25, 0, 0.25, id="no finer unless it may have more pixels"),
        pytest.param(0.25, 10**9, 0.75, id="three times as wide"),
        pytest.param(0.5, 10**9, 1.0, id="not wider than at full size"),
        pytest.param(0.25, 30_000, 0.5, id="100 by 75 are 7,500 pixels: four times as many are twice as wide"),
        pytest.param(0.25, 7_000, 0.25, id="a reply that has more pixels already"),
        pytest.param(2.0, 10**9, 2.0, id="what is enlarged"),
    ],
)
def test_composites_are_made_finer_than_small_replies(scale: float, fine_pixels: int, made: float) -> None:
    shape, size = LayerShape((400, 300), box=(400, 300)), (round(400 * scale), round(300 * scale))
    assert render_scale(shape, Placed((scale, scale), size, (0, 0)), fine_pixels) == ((made, made), size)
