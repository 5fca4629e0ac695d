"""Any values in range on any small picture: same mode and size, same bytes again, nothing raised."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from proxy.ops import operations
from proxy.ops.colour import ColorBalance, Colorize, Tint, TintValue
from proxy.ops.mask import Grow, RadiusValue
from proxy.protocol.color import Color
from proxy.protocol.command import OnComp
from proxy.protocol.values import Choice, Flag, Int, Real, ValueType
from proxy.recipe.op import Op

OPERATIONS = [op for op in operations() if op.on_comp is not OnComp.LAYER0]
MASK_OPERATIONS = [op for op in operations() if op.on_comp is OnComp.LAYER0]
"""They work on a mask by itself, of mode L."""

MODES = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}


def values(kind: ValueType[Any]) -> st.SearchStrategy[Any]:
    match kind:
        case Int():
            return st.integers(int(kind.low), int(kind.high))
        case Real():
            return st.floats(kind.low, kind.high)
        case Flag():
            return st.booleans()
        case Choice():
            return st.sampled_from(kind.words)
        case RadiusValue():
            return st.floats(-100, 100)
        case TintValue():
            color = st.builds(Color, st.just("rgb"), st.tuples(*[st.integers(0, 255)] * 3))
            return st.none() | st.builds(Tint, color, st.booleans(), st.floats(0, 100))
        case _:
            raise AssertionError(kind)


def ops(kinds: list[type[Op]] = OPERATIONS) -> st.SearchStrategy[Op]:
    return st.one_of([st.builds(op, *(values(arg.type) for arg in op.row().args)) for op in kinds])


@st.composite
def pictures(draw: st.DrawFn, *modes: str) -> Image.Image:
    mode = draw(st.sampled_from(modes or list(MODES)))
    width, height = draw(st.integers(1, 20)), draw(st.integers(1, 20))
    seed = draw(st.integers(0, 99))
    levels = np.random.default_rng(seed).integers(0, 256, width * height * MODES[mode], dtype=np.uint8)
    if draw(st.booleans()):  # many extremes: alpha that is 0 or 255, flat places, full colours
        levels = np.where(levels < 128, 0, 255).astype(np.uint8)
    return Image.frombytes(mode, (width, height), levels.tobytes())


@settings(deadline=None, max_examples=300)
@given(st.tuples(ops(), pictures()) | st.tuples(ops(MASK_OPERATIONS), pictures("L")))
def test_size_and_mode_stay(job: tuple[Op, Image.Image]) -> None:
    op, picture = job
    before = picture.tobytes()
    result = op.apply(picture)
    colour_arises = isinstance(op, ColorBalance) or (isinstance(op, Colorize) and not op.idle)
    assert result.mode == (picture.mode.replace("L", "RGB") if colour_arises else picture.mode)
    assert result.size == picture.size
    assert picture.tobytes() == before
    assert op.apply(picture).tobytes() == result.tobytes()


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(operations()), pictures())
def test_idle_ones_change_nothing(op: type[Op], picture: Image.Image) -> None:
    assert op().apply(picture).convert(picture.mode).tobytes() == picture.tobytes()


@settings(deadline=None, max_examples=200)
@given(ops(), pictures())
def test_what_is_not_seen_stays_unseen(op: Op, picture: Image.Image) -> None:
    if picture.mode in {"LA", "RGBA"} and not isinstance(op, Grow):  # what grows is seen where nothing was
        before = np.asarray(picture.getchannel("A"))
        after = np.asarray(op.apply(picture).getchannel("A"))
        assert (after[before == 0] == 0).all()
        assert (after[before == 255] == 255).all()


@settings(deadline=None, max_examples=200)
@given(ops(), pictures(), st.integers(0, 99))
def test_colour_under_transparent_pixels_does_not_count(op: Op, picture: Image.Image, seed: int) -> None:
    if picture.mode not in {"LA", "RGBA"}:
        return
    levels = np.array(picture)
    hidden = levels[..., -1] == 0
    other = levels.copy()
    other[hidden, :-1] = np.random.default_rng(seed).integers(0, 256, (hidden.sum(), levels.shape[2] - 1))
    one, two = (np.asarray(op.apply(Image.fromarray(array))) for array in (levels, other))
    assert (one[..., -1] == two[..., -1]).all()
    seen = ~hidden | (one[..., -1] > 0)
    assert (one[seen] == two[seen]).all()
