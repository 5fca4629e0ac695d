"""How much work a recipe is, and the limits of it (``limits.drawn_pixels``, ``limits.reply_pixels``)."""

import pytest

from proxy.errors import LimitExceeded
from proxy.recipe.planner import Limits
from proxy.recipe.work import drawn
from tests.composed import Desk, catalogs, header

HEADERS = {"wide.png": header(400, 300), "small.png": header(100, 50, alpha=True)}
CANVAS = 100 * 50


@pytest.fixture(name="desk")
def _desk() -> Desk:
    return Desk(catalogs(), HEADERS)


def work(desk: Desk, query: str) -> float:
    """The work of a request for a small picture, in pixels of it."""
    return drawn(desk.recipe(f"small.png?{query}")) / CANVAS


def more(desk: Desk, query: str) -> float:
    return work(desk, query) - work(desk, "fmt=png")


def test_every_step_counts(desk: Desk) -> None:
    plain = work(desk, "fmt=png")
    assert 3 <= plain <= 6
    assert more(desk, "op_brightness=5") == 1
    assert more(desk, "layer=comp&op_brightness=5") == 1
    assert more(desk, "op_blur=3") == more(desk, "op_usm=1,9") == more(desk, "op_sharpen=1") == 8
    assert more(desk, "layer=1&src=small.png") == more(desk, "layer=1&src=small.png&layer=2&src=small.png") / 2 == 2
    assert more(desk, "layer=1&src=is{small.png}") == 2 + plain
    assert more(desk, "mask=is{small.png}") > plain
    assert more(desk, "rotate=45") > 2
    assert more(desk, "extend=100,0,0,0") == 4
    assert more(desk, "perspective=0,0,100,0,100,50,0,50") > 10
    assert 0 < more(desk, "clipPath=M0,0L9,0L9,9z") < more(desk, "clipPath=M0,0L9,0L9,9z&clipXPath=M0,0L9,0L9,9z") < 1
    assert 0 < more(desk, "layer=comp&clipPath=M0,0L9,0L9,9z") < 1
    assert 1 < more(desk, "effect=-1&color=ff0000") < 2
    assert 1 < more(desk, "layer=comp&effect=-1&color=ff0000") < 2


@pytest.mark.parametrize("op", ["op_grow", "op_growMask", "op_growMaskR"])
def test_the_work_of_growing_grows(desk: Desk, op: str) -> None:
    found = [more(desk, f"{op}={radius}") for radius in (0, 1, 12, -12, 100)]
    assert found[0] == 0
    assert found[0] < found[1] < found[2] == found[3] < found[4]


@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"effect=-{number}&color=ff0000&op_blur=30" for number in range(1, 300)),
        "&".join(f"layer={number}&src=small.png&op_usm=1,9" for number in range(1, 190)),
        "layer=1&src=is{small.png?layer=1&src=is{small.png?layer=comp&op_blur=9}&layer=comp&op_blur=9}&op_grow=100&op_blur=9",
        "&".join(f"layer={number}&src=wide.png&size=1,1" for number in range(1, 190)),
        "&".join(f"layer={number}&color=ff0000&size=1,1&mask=wide.png" for number in range(1, 190)),
    ],
)
def test_what_is_too_much_work_is_refused(desk: Desk, query: str) -> None:
    target = f"small.png?{query}&wid=50"
    assert desk.recipe(target, Limits(reply_pixels=10**6))
    with pytest.raises(LimitExceeded, match=r"[0-9]+ pixels would be drawn .* limit is 50000 \(drawn_pixels\)"):
        desk.recipe(target, Limits(10**6, 50_000))


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("layer=1&src=small.png&extend=1000,0,1000,0", "2100 by 50"),
        ("layer=1&src=small.png&rotate=45&size=400,0", "424 by 424"),
        ("layer=1&src=small.png&effect=-1&color=ff0000&op_blur=100", "700 by 650"),
        ("layer=comp&effect=-1&color=ff0000&op_grow=100&op_blur=100", "900 by 850"),
        ("effect=1&color=ff0000&op_grow=-100&op_blur=100", "900 by 850"),
    ],
)
def test_what_is_drawn_around_a_layer_is_no_larger_than_a_reply(desk: Desk, query: str, size: str) -> None:
    with pytest.raises(LimitExceeded, match=size):
        desk.recipe(f"small.png?{query}", Limits(reply_pixels=100_000))
