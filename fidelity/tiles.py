"""Tiles of a view put together again, against the view in one piece (``r-rect``). No pixel may differ."""

from collections.abc import Iterator

import numpy as np

from fidelity.composites import COMPOSITES, asking
from fidelity.figures import largest
from fidelity.rows import Measurement, Row, most
from fidelity.studio import Studio

_VIEWS = (
    "wid=260",
    "wid=150&hei=150&fit=crop",
    "wid=211&hei=167&fit=stretch&resMode=sharp2",
    "wid=333&resMode=bilin&op_usm=1,2,0,0",
    "wid=190&rgn=37,41,400,300&dpr=on,2",
)
"""Composites take them in turn, which is every pair of neighbours among features without the product of both."""

_SIDE = 131
"""The side of a tile: no view is a multiple of it, nor of the blocks of any kernel."""


def _views(studio: Studio) -> Iterator[Row]:
    for number, (name, target) in enumerate(COMPOSITES.items()):
        yield _row(studio, name, target, _VIEWS[number % len(_VIEWS)], 1.0)
    for name in ("shadow and glow", "turned layers", "nested"):
        yield _row(studio, name, COMPOSITES[name], _VIEWS[0], 1.5)


def _all_views(studio: Studio) -> Iterator[Row]:
    for view in _VIEWS:
        rows = [_row(studio, name, target, view, 1.0) for name, target in COMPOSITES.items()]
        worst = max((figure.value for row in rows for figure in row.figures), default=0)
        yield Row(f"`{view}`", "the view in one piece", f"each of {len(rows)} composites", (most("max", worst, 0),))


def _row(studio: Studio, name: str, target: str, view: str, scale: float) -> Row:
    """``scale`` is that of ``rect=``; at another scale the whole is a tile as well."""
    width, height = (int(side * scale + 0.5) for side in studio.pixels(asking(target, view)).shape[1::-1])
    ending = "" if scale == 1 else f",{scale}"
    whole = studio.alpha(asking(target, f"{view}&rect=0,0,{width},{height}{ending}" if ending else view))
    pieces = np.zeros_like(whole)
    for top in range(0, height, _SIDE):
        for left in range(0, width, _SIDE):
            box = (min(_SIDE, width - left), min(_SIDE, height - top))
            tile = studio.alpha(asking(target, f"{view}&rect={left},{top},{box[0]},{box[1]}{ending}"))
            pieces[top : top + box[1], left : left + box[0]] = tile
    return Row(
        f"`{view}{'&rect=…' + ending if ending else ''}`",
        "the view in one piece",
        name,
        (most("max", largest(pieces, whole), 0),),
        (pieces, whole),
    )


MEASUREMENTS = (
    Measurement(
        "tiles",
        "Tiles",
        f"Every view is asked for in tiles of {_SIDE} pixels as well; put together they have to be the same picture.",
        _views,
    ),
    Measurement("all_tiles", "Tiles of every composite in every view", "Likewise.", _all_views, slow=True),
)
