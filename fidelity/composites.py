"""Composites that several subjects measure: targets with layers, masks, effects, operations, rotation and nesting.

All of them are made of the studio's pictures and have no view commands, so that a measurement adds its own.
"""

from collections.abc import Mapping

COMPOSITES: Mapping[str, str] = {
    "one picture": "scene.png",
    "three layers": (
        "scene.png?layer=1&src=cutout.png&size=420,420&pos=-120,60&layer=2&src=veil.png&size=500,400&pos=150,-140&opac=80"
    ),
    "blend modes": (
        "scene.png?layer=1&src=face.png&size=400,400&pos=-180,-100&blendMode=screen"
        "&layer=2&src=photo.png&size=420,300&pos=150,120&blendMode=mult&layer=3&src=veil.png&size=600,420&blendMode=lighten&opac=70"
    ),
    "a mask": (
        "scene.png?layer=1&src=rocket.png&mask=shape.png&size=640,428&pos=40,0&layer=2&color=ff8000a0&size=200,90&pos=-150,-100"
    ),
    "shadow and glow": (
        "scene.png?op_brightness=30&layer=1&src=cutout.png&size=500,500"
        "&effect=-1&color=000000b0&pos=24,24&op_blur=12&op_grow=4&effect=-2&color=ffe060&op_grow=10&op_blur=20&blendMode=screen"
    ),
    "inner shadow": (
        "?layer=0&color=d0d8e0&size=640,427&layer=1&src=cutout.png&size=520,520&effect=1&color=000000&pos=16,16&op_blur=10"
        "&effect=2&color=ff0000&opac=60&op_grow=6"
    ),
    "turned layers": (
        "scene.png?layer=1&src=photo.png&size=480,320&rotate=17&pos=-100,-80&layer=2&src=cutout.png&size=360,360&rotate=-40&pos=160,120"
    ),
    "a turned canvas": "?layer=0&src=scene.png&rotate=12&bgColor=203040&layer=1&src=cutout.png&size=300,300",
    "mirrored and extended": (
        "?layer=0&src=scene.png&flip=lr&extend=40,30,20,10&bgColor=ffffff&layer=1&src=face.png&extend=12,12,12,12&bgColor=ff0000"
    ),
    "blurred and grown": (
        "scene.png?layer=1&src=cutout.png&size=460,460&op_grow=5&op_blur=6&layer=2&src=photo.png&op_blur=3&pos=150,-80"
    ),
    "nested": (
        "scene.png?layer=1&src=is{photo.png?layer=1&src=cutout.png&size=180,180&rotate=20}&size=500,400&rotate=-8&pos=60,40"
    ),
    "operations on all": (
        "scene.png?layer=1&src=face.png&size=420,420&pos=90,30&layer=comp&op_saturation=-40&op_contrast=20&op_blur=5&flip=ud"
    ),
}
"""Targets by name."""


def asking(target: str, modifiers: str) -> str:
    """A target with view commands behind what it says."""
    return f"{target}{'&' if '?' in target else '?'}{modifiers}"
