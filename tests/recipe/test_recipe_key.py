"""The canonical text and the key: the whole of one, and pairs of requests that have the same or another."""

import dataclasses
import multiprocessing
import pickle
import typing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal

import pytest

from proxy.ops import operations
from proxy.protocol.color import Color
from proxy.recipe.key import canonical, key, text
from proxy.recipe.model import EffectPlan, Picture, Recipe, Source
from proxy.recipe.op import Op
from proxy.recipe.planner import Language
from tests.given import given, planned, recipe

SAME = [
    ("fmt=pjpeg", "fmt=pjpeg&pscan=3"),
    ("fmt=webp", "fmt=webp&printRes=73"),
    ("fmt=png", "fmt=png&xmpEmbed=1"),
    ("wid=200&hei=150", "hei=150&wid=200"),
    ("wid=200", "WID=200&ts=1&.a&x"),
    ("wid=200", "wid=200.0"),
    ("wid=200", "wid=100&wid=200"),
    ("wid=200", "hei=150"),
    ("wid=200", "scl=2"),
    ("wid=800&fit=constrain", ""),
    ("wid=200", "wid=200&fit=fit,0&align=1,1"),
    ("", "fmt=jpg"),
    ("fmt=jpeg", "fmt=JPEG,rgb"),
    ("", "qlt=80,0&req=img&cache=off&bfc=0&id=5"),
    ("fmt=png", "fmt=png&qlt=10&quantize=web&jpegSize=5&pscan=3"),
    ("fmt=png&op_blur=1", "fmt=png&op_blur=1.0"),
    ("op_blur=.5", "op_blur=5e-1"),
    ("op_usm=1,2", "op_usm=1,2,0,0"),
    ("op_usm=0,2", "op_blur=-0"),
    ("bgc=ff0000", "bgc=255,0,0"),
    ("bgc=ff0000", "bgc=%23FF000080"),
    ("bgc=100", "bgc=0xffs"),
    ("op_blur=1&op_hue=2", "op_hue=2&op_blur=1"),
    ("rotate=0", "rotate=-0"),
    ("opac=50", "opac=50,100"),
    ("crop=0,0,400,300", "cropN=0,0,1,1"),
    ("crop=0,0,0,0", ""),
    ("rotate=90&extendN=.1,0,0,0", "rotate=90&extend=30,0,0,0"),
    ("layer=0&crop=0,0,9,9", "crop=0,0,9,9"),
    ("layer=0&op_blur=2&wid=200", "layer=0&op_usm=0&op_blur=2&scl=2"),
    ("dpr=on,2&wid=100", "wid=200"),
    ("rect=0,0,400,300", ""),
    ("rect=0,0,200,150,.5", "scl=2"),
    ("resMode=bicub", ""),
    ("printRes=72", ""),
    ("icc=srgb", ""),
    ("icc=sRGB%20IEC61966-2.1,relative,1,0", "fmt=jpeg,gray&icc=srgb"),
    ("icc=ADOBERGB", "icc=Adobe%20RGB%20(1998)"),
    ("fmt=webp&iccEmbed=1", "fmt=webp"),
    ("fmt=png,gray&iccEmbed=1", "fmt=png,gray"),
    ("color=ff0000s&fmt=png", "color=ff0000s&fmt=png&icc=srgb"),
]
DIFFERENT = [
    ("", "wid=200"),
    ("", "fmt=png"),
    ("fmt=png", "fmt=png-alpha"),
    ("fmt=png", "fmt=png8"),
    ("fmt=jpeg", "fmt=pjpeg"),
    ("qlt=80", "qlt=81"),
    ("qlt=80", "qlt=80,1"),
    ("", "fmt=jpeg,gray"),
    ("fmt=gif", "fmt=gif&quantize=adaptive,off"),
    ("", "jpegSize=5"),
    ("", "iccEmbed=1"),
    ("", "icc=AdobeRGB"),
    ("icc=AdobeRGB", "icc=AdobeRGB,absolute"),
    ("icc=AdobeRGB", "icc=AdobeRGB,relative,0"),
    ("icc=AdobeRGB", "icc=AdobeRGB,,,1"),
    ("icc=GrayGamma22", "fmt=jpeg,gray"),
    ("", "printRes=73"),
    ("", "resMode=bilin"),
    ("", "bgc=fefefe"),
    ("bgc=ffffff", "bgc=100"),
    ("op_blur=1", "layer=0&op_blur=1"),
    ("op_usm=1,1", "op_usmR=1,1"),
    ("op_usm=1,1", "layer=0&op_usm=1,1"),
    ("opac=50", "layer=0&opac=50"),
    ("flip=lr", "layer=0&flip=lr"),
    ("flip=lr", "flip=ud"),
    ("rotate=90", "rotate=-90"),
    ("crop=0,0,200,150", "wid=200"),
    ("extend=10,0,0,0", "extend=0,0,10,0"),
    ("extend=1,1,1,1", "extend=1,1,1,1&bgColor=ff0000"),
    ("color=ff0000", "bgColor=ff0000"),
    ("hide=1", "opac=0"),
    ("rect=0,0,100,100", "rect=1,0,100,100"),
    ("fit=crop&wid=100&hei=100", "fit=hfit&wid=100&hei=100"),
    ("rgn=0,0,200,150", "crop=0,0,200,150"),
]
ALL_OPS = (
    "photo.jpg?op_brightness=1&op_contrast=2&op_colorbalance=1,2,3&op_hue=4&op_saturation=5&op_invert=1&op_blur=1.5"
    "&op_usm=1,2,3,1&op_usmR=1,2&op_sharpen=1&layer=0&op_usm=.5,3&op_blur=7&color=50g&bgColor=0,0,0,0k&rotate=30"
    "&fmt=png8-alpha&quantize=adaptive,off,9,000000,ffffff&wid=100"
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same(one: str, other: str, language: Language) -> None:
    first, second = recipe(f"photo.jpg?{one}", language), recipe(f"photo.jpg?{other}", language)
    assert text(first) == text(second)
    assert (first, key(first)) == (second, key(second))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(one: str, other: str, language: Language) -> None:
    first, second = recipe(f"photo.jpg?{one}", language), recipe(f"photo.jpg?{other}", language)
    assert text(first) != text(second)
    assert first != second
    assert key(first) != key(second)


def test_records_and_catalogs_count_by_what_they_bring(language: Language) -> None:
    lines = ("image 40x30", "record shoe Path=shoe.tif Modifier=wid=20 UserData=a", "shoe")
    one = planned(given(lines), language)
    assert planned(given((*lines[:1], lines[1].replace("UserData=a", "UserData=b"), lines[2])), language) == one
    assert planned(given((*lines[:1], lines[1].replace("wid=20", "wid=21"), lines[2])), language) != one


@pytest.mark.parametrize("change", [{"size": 2}, {"mtime_ns": 2}, {"location": "/other"}, {"name": "other"}])
def test_another_original_is_another_key(change: dict[str, Any], language: Language) -> None:
    one = recipe("photo.jpg", language)
    (layer,) = one.layers
    assert isinstance(layer.source, Source)
    other = dataclasses.replace(one, layers=(dataclasses.replace(layer, source=dataclasses.replace(layer.source, **change)),))
    assert key(other) != key(one)


def test_the_whole_text(language: Language) -> None:
    """If this changes, so do all keys; if a kernel changes, ``ENGINE`` has to be raised, and this with it."""
    made = recipe("photo.jpg?wid=100&op_blur=2&fmt=png", language)
    assert text(made).split("\n") == [
        "engine: 2",
        "Recipe",
        "  layers: ",
        "    - LayerPlan",
        "      number: 0",
        "      source: Source",
        "        name: 'photo.jpg'",
        "        location: 'photo.jpg'",
        "        size: 1",
        "        mtime_ns: 1",
        "      crop: Box",
        "        left: 0.0",
        "        top: 0.0",
        "        right: 400.0",
        "        bottom: 300.0",
        "      size: (100, 75)",
        "      turned: (100, 75)",
        "  view: View",
        "    canvas: (100, 75)",
        "    fitted: (100, 75)",
        "    offset: (0, 0)",
        "    size: (100, 75)",
        "    rect: (0, 0, 100, 75)",
        "  resample: 'bicub'",
        "  ops: ",
        "    - Blur",
        "      radius: 0.5",
        "  output: Output",
        "    format: 'png'",
        "    quality: 0",
        "    dpi: 72.0",
        "",
    ]
    assert key(made) == "5e8e3c090bd87d7809efadef821ddecf6ccbca8198335164721a7b8d57600cf8"


@dataclass(frozen=True)
class _Holder:
    value: object


@pytest.mark.parametrize("value", [{1}, {"a": 1}, [1], b"a", object()])
def test_what_a_recipe_may_not_hold(value: object) -> None:
    with pytest.raises(TypeError, match="a recipe may not hold"):
        canonical(_Holder(value))


def test_texts_cannot_pretend_to_be_fields() -> None:
    assert canonical(_Holder("a\n  b: 1")) == "_Holder\n  value: 'a\\n  b: 1'"
    assert canonical(_Holder("1")) != canonical(_Holder(1))


def field_types(kind: Any, found: set[Any]) -> None:
    """Add every plain type that a value of a dataclass, a tuple, a union or the like may hold; pictures hold pictures."""
    origin = typing.get_origin(kind)
    if origin is Annotated:
        field_types(typing.get_args(kind)[0], found)
    elif origin in (tuple, UnionType, typing.Union):
        found |= {tuple} if origin is tuple else set()
        for arg in typing.get_args(kind):
            if arg is not Ellipsis:
                field_types(arg, found)
    elif origin is Literal:
        found |= {type(value) for value in typing.get_args(kind)}
    elif kind is Op:
        for operation in operations():
            field_types(operation, found)
    elif kind not in found:
        found.add(kind)
        hints = typing.get_type_hints(kind, include_extras=True) if dataclasses.is_dataclass(kind) else {}
        for field in dataclasses.fields(kind) if hints else ():
            field_types(hints[field.name], found)


def test_recipes_hold_plain_frozen_values() -> None:
    found: set[Any] = set()
    field_types(Recipe, found)
    plain = {kind for kind in found if not dataclasses.is_dataclass(kind)}
    assert plain == {int, float, bool, str, tuple, NoneType}
    for kind in found - plain:
        parameters = kind.__dataclass_params__
        assert parameters.frozen, kind
        assert parameters.eq, kind
        assert all(field.repr and field.compare and field.init for field in dataclasses.fields(kind)), kind
    assert {Color, Picture, EffectPlan} <= found
    assert set(operations()) <= found


def test_a_recipe_travels_to_a_spawned_process(language: Language) -> None:
    made = recipe(ALL_OPS, language)
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301  # made in the line itself
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as processes:
        assert processes.submit(key, made).result(30) == key(made)
        assert processes.submit(text, made).result(30) == text(made)
