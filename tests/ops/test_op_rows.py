"""What the operations tell the command table and the plan; no pixels."""

import pickle

import pytest

from proxy.errors import BadValue
from proxy.ops import operations
from proxy.ops.blur import Blur
from proxy.ops.colour import Colorize, Hue, Tint
from proxy.ops.focus import Usm, UsmR
from proxy.ops.mask import Grow, GrowMask, GrowMaskR
from proxy.ops.noise import Noise
from proxy.protocol.color import Color
from proxy.protocol.command import OnComp
from proxy.recipe.key import canonical
from proxy.recipe.op import Op, Stage

OPS = {op.name: op for op in operations()}
LAYER0, COMPOSITE, VIEW = OnComp.LAYER0, OnComp.COMPOSITE, OnComp.VIEW
BLUE_GRAY = Color("rgb", (160, 176, 192))


def read(text: str) -> Op:
    name, _, value = text.partition("=")
    return OPS[name].of(OPS[name].row().read(value))


def test_order_of_work() -> None:
    assert list(OPS) == [
        "op_brightness",
        "op_contrast",
        "op_colorbalance",
        "op_hue",
        "op_saturation",
        "op_colorize",
        "op_invert",
        "op_blur",
        "op_noise",
        "op_grow",
        "op_growMask",
        "op_growMaskR",
        "op_sharpen",
        "op_usm",
        "op_usmR",
    ]


def test_what_layer_comp_means() -> None:
    expected = dict.fromkeys(OPS, COMPOSITE)
    expected |= dict.fromkeys(("op_growMask", "op_growMaskR"), LAYER0)
    expected |= dict.fromkeys(("op_sharpen", "op_usm", "op_usmR"), VIEW)
    assert {name: op.row().on_comp for name, op in OPS.items()} == expected


def test_what_effects_accept() -> None:
    assert {name for name, op in OPS.items() if op.row().in_effect} == {"op_blur", "op_noise", "op_grow"}


def test_all_are_built() -> None:
    assert [name for name, op in OPS.items() if not op.row().built] == []


def test_what_works_on_the_shape_in_effects() -> None:
    assert {name for name, op in OPS.items() if op.shapes} == {"op_blur", "op_grow"}


@pytest.mark.parametrize(
    ("text", "reach"),
    [("op_blur=5", 15), ("op_blur=0", 0), ("op_grow=4", 4), ("op_grow=-4", 4), ("op_noise=9", 0), ("op_hue=9", 0)],
)
def test_reach(text: str, reach: float) -> None:
    assert read(text).reach == reach


def test_pages_are_named_after_the_commands() -> None:
    assert {op.page for op in OPS.values()} == {"r-" + name.lower().replace("_", "-") for name in OPS}


@pytest.mark.parametrize("name", OPS)
def test_as_declared_it_is_idle(name: str) -> None:
    assert OPS[name]().idle


@pytest.mark.parametrize("name", OPS)
def test_helps_are_one_phrase(name: str) -> None:
    text = OPS[name].row().help
    assert 0 < len(text) < 90
    assert "``" not in text


@pytest.mark.parametrize(
    ("text", "idle"),
    [
        ("op_brightness=0", True),
        ("op_brightness=-1", False),
        ("op_contrast=1", False),
        ("op_colorbalance=0", True),
        ("op_colorbalance=0,0,-1", False),
        ("op_hue=-0", True),
        ("op_hue=180", False),
        ("op_saturation=-100", False),
        ("op_colorize=808080,off", False),
        ("op_invert=0", True),
        ("op_invert=1", False),
        ("op_blur=0.0", True),
        ("op_blur=.1", False),
        ("op_noise=0,gaussian,1", True),
        ("op_noise=1", False),
        ("op_grow=0", True),
        ("op_grow=-1", False),
        ("op_growMask=1", False),
        ("op_growMaskR=1", False),
        ("op_sharpen=0", True),
        ("op_sharpen=on", False),
        ("op_usm=0,3,0,0", True),
        ("op_usm=2,0,3", True),
        ("op_usm=2", True),
        ("op_usm=.5,2", False),
        ("op_usmR=0,3", True),
        ("op_usmR=1,1,255,1", False),
    ],
)
def test_idle(text: str, idle: bool) -> None:  # noqa: FBT001  # a column of the table
    assert read(text).idle is idle


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("op_usm=1.2,1,5", Usm(1.2, 1.0, 5)),
        ("op_usm=1.2,1,5,1", Usm(1.2, 1.0, 5, monochrome=True)),
        ("op_usm=1.2,,5", Usm(1.2, 0.0, 5)),
        ("op_usmR=5,250,255,0", UsmR(5.0, 250.0, 255)),
        ("op_hue=-180", Hue(-180)),
        ("op_blur=100", Blur(100.0)),
        ("op_noise=100", Noise(100)),
        ("op_noise=7,GAUSSIAN", Noise(7, "gaussian")),
        ("op_noise=7,,1", Noise(7, "uniform", monochrome=True)),
        ("op_grow=-100", Grow(-100.0)),
        ("op_growMask=100", GrowMask(100.0)),
        ("op_growMaskR=+3", GrowMaskR(3.0)),
        ("op_colorize=a0b0c0", Colorize(Tint(BLUE_GRAY))),
        ("op_colorize=160,176,192", Colorize(Tint(BLUE_GRAY))),
        ("op_colorize=160,176,192,norm", Colorize(Tint(BLUE_GRAY))),
        ("op_colorize=160,176,192,off", Colorize(Tint(BLUE_GRAY, norm=False))),
        ("op_colorize=A0B0C0, OFF ,70", Colorize(Tint(BLUE_GRAY, norm=False))),
        ("op_colorize=a0b0c0,norm,37.5", Colorize(Tint(BLUE_GRAY, contrast=37.5))),
        ("op_colorize=160,176,192,,37.5", Colorize(Tint(BLUE_GRAY, contrast=37.5))),
        ("op_colorize=160,176,192,norm,", Colorize(Tint(BLUE_GRAY))),
        ("op_colorize=160,176,192,128", Colorize(Tint(Color("rgb", (160, 176, 192), 128)))),
    ],
)
def test_arguments(text: str, op: Op) -> None:
    assert read(text) == op
    written = type(op).row().write(type(op).row().read(text.partition("=")[2]))
    assert read(f"{op.name}={written}") == op
    assert pickle.loads(pickle.dumps(op)) == op  # noqa: S301  # made on the same line


@pytest.mark.parametrize(
    "text",
    [
        "op_brightness=bright",
        "op_brightness=101",
        "op_brightness=1.5",
        "op_brightness=1,2",
        "op_contrast=-101",
        "op_colorbalance=0,0,101",
        "op_colorbalance=0,0,0,0",
        "op_hue=181",
        "op_saturation=-101",
        "op_invert=2",
        "op_blur=-1",
        "op_blur=100.5",
        "op_noise=101",
        "op_noise=5,pink",
        "op_grow=101",
        "op_grow=1.5",
        "op_growMask=-101",
        "op_growMaskR=.5",
        "op_sharpen=2",
        "op_usm=5.1",
        "op_usm=,1",
        "op_usm=1,251",
        "op_usm=1,1,256",
        "op_usm=1,1,1.5",
        "op_usm=1,1,1,2",
        "op_usmR=-1",
        "op_colorize=50g",
        "op_colorize=50",
        "op_colorize=0,50,100,0k",
        "op_colorize=off",
        "op_colorize=,off",
        "op_colorize=200,0,off",
        "op_colorize=200,0,0,maybe",
        "op_colorize=200,0,0,norm,101",
        "op_colorize=200,0,0,off,101",
        "op_colorize=200,0,0,norm,5,5",
    ],
)
def test_errors_name_the_command(text: str) -> None:
    name = text.partition("=")[0]
    with pytest.raises(BadValue, match=f"^{name}=.*expected"):
        read(text)


@pytest.mark.parametrize(
    ("op", "stage", "expected"),
    [
        (Usm(1.0, 8.0, 3), None, Usm(1.0, 2.0, 3)),
        (Usm(1.0, 8.0, 3), Stage.VIEW, Usm(1.0, 8.0, 3)),
        (UsmR(1.0, 8.0, 3), None, UsmR(1.0, 8.0, 3)),
        (UsmR(1.0, 8.0, 3), Stage.VIEW, UsmR(1.0, 8.0, 3)),
        (Blur(8.0), None, Blur(2.0)),
        (Blur(8.0), Stage.COMPOSITE, Blur(2.0)),
        (Hue(8), Stage.COMPOSITE, Hue(8)),
        (Grow(-6.0), None, Grow(-1.5)),
        (Grow(-6.0), Stage.COMPOSITE, Grow(-1.5)),
        (GrowMask(6.0), None, GrowMask(1.5)),
        (GrowMaskR(6.0), None, GrowMaskR(6.0)),
        (Noise(8), None, Noise(8)),
    ],
)
def test_at_a_quarter(op: Op, stage: Stage | None, expected: Op) -> None:
    assert op.at(0.25, stage=stage) == expected


@pytest.mark.parametrize("name", ["op_grow", "op_growMask", "op_growMaskR"])
@pytest.mark.parametrize("text", ["0", "-0", "7", "7.0", "-100"])
def test_equal_radii_have_equal_text(name: str, text: str) -> None:
    op = read(f"{name}={text}")
    radius = float(text) + 0.0
    assert canonical(op) == type(op).__name__ + (f"\n  radius: {radius}" if radius else "")
    assert canonical(op.at(1.0, stage=None)) == canonical(op)
    row = type(op).row()
    assert row.write(row.read(text)) == f"{radius:.0f}"


def test_recipes_can_write_them() -> None:
    assert canonical(Usm(1.0, 2.0)) == "Usm\n  amount: 1.0\n  radius: 2.0"
    assert "contrast: 5.0" in canonical(Colorize(Tint(BLUE_GRAY, contrast=5.0)))
