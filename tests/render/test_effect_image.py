"""Where an effect is drawn, and how much room that takes (``r-layer-effects``)."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from proxy.ops.blur import Blur
from proxy.protocol.color import read_color
from proxy.recipe.model import EffectPlan
from proxy.render.blend import over
from proxy.render.effects import effect_image

OUTER = EffectPlan(-1, read_color("0000ff"), shape_ops=(Blur(2.0),), reach=6)
INNER = replace(OUTER, number=1)


def shape() -> Image.Image:
    picture = Image.new("L", (30, 20))
    picture.paste(255, (5, 4, 22, 15))
    return picture


def seen(plan: EffectPlan) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The effect on a sheet of its own, its parent at 40, 40."""
    image, place = effect_image(plan, shape())
    sheet = over(Image.new("RGBA", (120, 110)), image, (40 + place[0], 40 + place[1]))
    return np.asarray(sheet.getchannel("A"))


@pytest.mark.parametrize("shift", [(0, 0), (7, -3), (-25, 14), (40, 40)])
def test_a_shift_moves_it(shift: tuple[int, int]) -> None:
    bare = replace(OUTER, masked=False)
    moved = np.roll(seen(bare), (shift[1], shift[0]), (0, 1))
    assert (seen(replace(bare, shift=shift)) == moved).all()
    parent = np.zeros((110, 120), np.uint8)
    parent[40:60, 40:70] = np.asarray(shape())
    assert (seen(replace(OUTER, shift=shift)) == np.where(parent, 0, moved)).all()


@pytest.mark.parametrize("shift", [(0, 0), (7, -3), (-25, 14), (40, 40)])
def test_an_inner_one_stays_in_its_parent(shift: tuple[int, int]) -> None:
    outside = 255 - np.roll(seen(replace(OUTER, masked=False)), (shift[1], shift[0]), (0, 1)).astype(int)
    parent = np.zeros((110, 120), int)
    parent[40:60, 40:70] = np.asarray(shape())
    assert np.abs(seen(replace(INNER, shift=shift)) - np.where(parent, outside, 0)).max() <= 1


@pytest.mark.parametrize("plan", [OUTER, INNER, replace(OUTER, masked=False)])
def test_a_far_shift_takes_no_room(plan: EffectPlan) -> None:
    image, place = effect_image(replace(plan, shift=(20_000, -20_000)), shape())
    assert image.width <= 30 + 2 * 6
    assert image.height <= 20 + 2 * 6
    assert place in ((0, 0), (20_000 - 6, -20_000 - 6))
