"""Laws of plans: whatever is asked for, sizes, rectangles and keys of a recipe keep their promises."""

import pickle
from collections.abc import Iterator
from fractions import Fraction
from math import floor

from hypothesis import assume, settings
from hypothesis import given as with_any
from hypothesis import strategies as st

from proxy.errors import RequestError
from proxy.formats import formats
from proxy.ops import operations
from proxy.recipe.geometry import ThumbSpec, ViewSpec, place_thumbnail, place_view, render_layer, shape_layer, turned
from proxy.recipe.key import key, text
from proxy.recipe.model import Box, LayerPlan, Picture, Recipe, Source
from proxy.recipe.planner import Language
from proxy.recipe.text import TextPlan
from proxy.vocabulary import words
from tests.given import given, planned
from tests.properties.strategies import COMPOSITES, REQUESTS, SIZES

LAWS = settings(deadline=None, max_examples=80)
LANGUAGE = Language(words(), operations(), formats())
MODES = ("fit", "constrain", "crop", "wrap", "stretch", "hfit", "vfit")
SIDES = st.integers(1, 3000)


def plan_of(request: str, size: tuple[int, int]) -> Recipe | None:
    """The recipe, or nothing where the request contradicts itself or asks for too much."""
    try:
        return planned(given((f"image {size[0]}x{size[1]}", request)), LANGUAGE)
    except RequestError:
        return None


def specs(**fixed: object) -> st.SearchStrategy[ViewSpec]:
    given_ = {
        "width": SIDES | st.just(0),
        "height": SIDES | st.just(0),
        "mode": st.sampled_from(MODES),
        "upscale": st.booleans(),
        "align": st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    }
    return st.builds(ViewSpec, **{**given_, **{name: st.just(value) for name, value in fixed.items()}})


@LAWS
@with_any(REQUESTS | COMPOSITES, SIZES)
def test_no_size_is_less_than_one_and_no_part_leaves_the_whole(request: str, size: tuple[int, int]) -> None:
    recipe = plan_of(request, size)
    assume(recipe is not None)
    assert recipe is not None
    for picture in pictures(recipe):
        view = picture.view
        assert min(*view.canvas, *view.fitted, *view.size, *view.rect[2:]) >= 1
        assert 0 <= picture.opacity <= 1
        assert rectangle(picture.layers[0]) == view.canvas
        assert picture.layers[0].offset == (0, 0)
        numbers = [layer.number for layer in picture.layers]
        assert numbers == sorted(set(numbers))
        for layer in picture.layers:
            assert min(*layer.size, *layer.turned, *rectangle(layer)) >= 1
            assert 0 <= layer.opacity <= 1
            assert not isinstance(layer.source, TextPlan)
            assert touches(layer.crop, layer.source, size, layer.size)
            assert layer.mask_crop is None or touches(layer.mask_crop, layer.mask, size, layer.size)
            assert (layer.mask is None) == (layer.mask_crop is None)
        for effect in (*picture.effects, *(effect for layer in picture.layers for effect in layer.effects)):
            assert 0 <= effect.opacity <= 1
            assert effect.reach >= 0
    if "rect=" not in request:
        assert recipe.view.rect == (0, 0, *recipe.view.size)


def pictures(picture: Picture) -> Iterator[Picture]:
    """A picture and all that is nested in it."""
    yield picture
    for layer in picture.layers:
        for content in (layer.source, layer.mask):
            if isinstance(content, Picture):
                yield from pictures(content)


def rectangle(layer: LayerPlan) -> tuple[int, int]:
    """The picture after rotation with its margins."""
    left, top, right, bottom = layer.margins
    return layer.turned[0] + left + right, layer.turned[1] + top + bottom


def touches(crop: Box, content: Source | Picture | None, size: tuple[int, int], filled: tuple[int, int]) -> bool:
    """Whether a part that is used is one of what it is taken from: an original of a size, a picture, a filled rectangle."""
    width, height = content.view.rect[2:] if isinstance(content, Picture) else filled if content is None else size
    return crop.left < min(crop.right, width) and crop.top < min(crop.bottom, height) and crop.right > 0 < crop.bottom


@LAWS
@with_any(REQUESTS | COMPOSITES, SIZES)
def test_the_same_request_has_the_same_recipe_and_travels(request: str, size: tuple[int, int]) -> None:
    recipe = plan_of(request, size)
    assume(recipe is not None)
    assert recipe is not None
    again = plan_of(request.replace("?", "??.x&").replace("wid", "WID") + "&unknown=1", size)
    assert again is not None
    assert (again, text(again), key(again), hash(again)) == (recipe, text(recipe), key(recipe), hash(recipe))
    travelled = pickle.loads(pickle.dumps(recipe))  # noqa: S301  # made in the line itself
    assert text(travelled) == text(recipe)


@LAWS
@with_any(REQUESTS | COMPOSITES, REQUESTS | COMPOSITES, SIZES, SIZES | st.none())
def test_equal_recipes_and_equal_keys_are_one(
    one: str, other: str, size: tuple[int, int], another: tuple[int, int] | None
) -> None:
    first, second = plan_of(one, size), plan_of(other, another or size)
    assume(first is not None and second is not None)
    assert first is not None
    assert second is not None
    assert (first == second) == (key(first) == key(second)) == (text(first) == text(second))


@LAWS
@with_any(SIZES, specs(upscale=False), st.sampled_from((1.0, 2.0, 1.37)))
def test_nothing_is_enlarged_without_the_flag(composite: tuple[int, int], spec: ViewSpec, factor: float) -> None:
    placed = place_view(composite, spec, factor)
    assert all(scale <= factor * (1 + 1e-9) for scale in placed.scale)


@LAWS
@with_any(SIZES, specs(), st.sampled_from((1.0, 2.0, 3.5, 1.37)))
def test_constrain_and_wrap_leave_no_space_and_cut_nothing(composite: tuple[int, int], spec: ViewSpec, factor: float) -> None:
    placed = place_view(composite, spec, factor)
    if spec.mode in ("constrain", "wrap") and (spec.width or spec.height):
        assert placed.size == fitted(composite, placed.scale)
        assert placed.offset == (0, 0)


@LAWS
@with_any(SIZES, SIZES)
def test_crop_leaves_no_space_where_it_may_enlarge(composite: tuple[int, int], view: tuple[int, int]) -> None:
    placed = place_view(composite, ViewSpec(*view, mode="crop", upscale=True))
    made = fitted(composite, placed.scale)
    assert placed.size == view
    assert all(offset <= 0 for offset in placed.offset)
    assert all(offset + side >= limit for offset, side, limit in zip(placed.offset, made, view, strict=True))
    assert made[0] == view[0] or made[1] == view[1]


@LAWS
@with_any(SIZES, SIZES, st.booleans(), st.tuples(st.floats(-1, 1), st.floats(-1, 1)))
def test_fit_cuts_nothing(composite: tuple[int, int], view: tuple[int, int], upscale: bool, align: tuple[float, float]) -> None:  # noqa: FBT001
    placed = place_view(composite, ViewSpec(*view, upscale=upscale, align=align))
    made = fitted(composite, placed.scale)
    assert placed.size == view
    assert all(0 <= offset <= limit - side for offset, side, limit in zip(placed.offset, made, view, strict=True))
    if upscale:
        assert made[0] == view[0] or made[1] == view[1]


@LAWS
@with_any(SIZES, SIZES)
def test_stretch_fills_the_view_where_it_may_enlarge(composite: tuple[int, int], view: tuple[int, int]) -> None:
    placed = place_view(composite, ViewSpec(*view, mode="stretch", upscale=True))
    assert (placed.size, placed.offset, fitted(composite, placed.scale)) == (view, (0, 0), view)


@LAWS
@with_any(SIZES, specs())
def test_scales_and_sizes_are_those_of_exact_arithmetic(composite: tuple[int, int], spec: ViewSpec) -> None:
    """The table of ``r-fit`` in fractions, written a second time."""
    scales, size = exact(composite, spec)
    placed = place_view(composite, spec)
    assert all(abs(Fraction(got) - want) < Fraction(1, 10**9) for got, want in zip(placed.scale, scales, strict=True))
    assert placed.size == size


@LAWS
@with_any(SIZES, SIZES, st.sampled_from(("crop", "fit")))
def test_thumbnails_have_the_size_asked_for(composite: tuple[int, int], size: tuple[int, int], kind: str) -> None:
    placed = place_thumbnail(composite, ThumbSpec(*size, kind, 1.0, (0.0, 0.0)))
    made = fitted(composite, placed.scale)
    assert placed.size == size
    assert made[0] == size[0] or made[1] == size[1]
    compare = int.__ge__ if kind == "crop" else int.__le__
    assert all(compare(side, limit) for side, limit in zip(made, size, strict=True))


@LAWS
@with_any(st.floats(1, 3000), st.floats(1, 3000), st.floats(-36000, 36000))
def test_a_turned_box_holds_what_was_turned(width: float, height: float, angle: float) -> None:
    across, down = turned((width, height), angle)
    diagonal = (width**2 + height**2) ** 0.5
    assert min(width, height) - 1e-6 <= min(across, down)
    assert max(across, down) <= diagonal + 1e-6
    assert turned((width, height), angle + 180) == (across, down) or angle % 90


@LAWS
@with_any(SIZES, st.sampled_from((0.0, 90.0, 180.0, 270.0)), st.tuples(*[st.integers(0, 300)] * 4), st.floats(0.01, 4))
def test_a_rendered_layer_adds_up(size: tuple[int, int], angle: float, margins: tuple[int, int, int, int], scale: float) -> None:
    shape = shape_layer(size, angle, margins, normalized=False)
    rendered = render_layer(shape, (scale, scale))
    left, top, right, bottom = rendered.margins
    assert (left + rendered.box[0] + right, top + rendered.box[1] + bottom) == rendered.rectangle
    assert rendered.rectangle == fitted(shape.rectangle, (scale, scale))
    assert sorted(rendered.size) == sorted(rendered.box)


def fitted(composite: tuple[int, int], scale: tuple[float, float]) -> tuple[int, int]:
    """A scaled size, halves rounded up, at least 1."""
    return rounded(composite[0] * scale[0]), rounded(composite[1] * scale[1])


def rounded(value: float | Fraction) -> int:
    return max(1, floor(value + Fraction(1, 2) + Fraction(1, 10**6)))


def exact(composite: tuple[int, int], spec: ViewSpec) -> tuple[tuple[Fraction, Fraction], tuple[int, int]]:
    """Scales and size of a view without ``scl=``, ``rgn=`` and DefaultPix."""
    width, height = composite
    asked = [Fraction(side, length) if side else None for side, length in ((spec.width, width), (spec.height, height))]
    if asked == [None, None]:
        return (Fraction(1), Fraction(1)), composite
    known = [scale for scale in asked if scale is not None]
    across, down = (known[0] if scale is None else scale for scale in asked)
    if not spec.upscale:
        across, down = min(across, Fraction(1)), min(down, Fraction(1))
    both = {
        "fit": min(across, down),
        "constrain": min(across, down),
        "crop": max(across, down),
        "wrap": max(across, down),
        "hfit": across,
        "vfit": down,
    }
    scales = (across, down) if spec.mode == "stretch" else (both[spec.mode],) * 2
    made = rounded(width * scales[0]), rounded(height * scales[1])
    return scales, made if spec.mode in ("constrain", "wrap") else (spec.width or made[0], spec.height or made[1])
