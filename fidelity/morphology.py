"""Dilation and erosion by a disc, of pictures and of masks, against SciPy (``r-op-grow``, ``r-op-growmask``)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import grey_dilation, grey_erosion

from fidelity.figures import largest, seen
from fidelity.rows import Measurement, Pixels, Row, most
from fidelity.studio import Studio
from fidelity.versions import package

_RADII = (1, 2, 5, 13, -1, -4)


def _disc(radius: int) -> NDArray[np.bool_]:
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(x * x + y * y <= radius * radius)


def _by_scipy(plane: Pixels, radius: int) -> Pixels:
    """What lies beyond the border does not count: it is the least for a dilation, the greatest for an erosion."""
    footprint = _disc(abs(radius))
    if radius > 0:
        return np.asarray(grey_dilation(plane, footprint=footprint, mode="constant", cval=0))
    return np.asarray(grey_erosion(plane, footprint=footprint, mode="constant", cval=255))


def _against(radius: int) -> str:
    return f"grey_{'dilation' if radius > 0 else 'erosion'} of {package('scipy')} by a disc of radius {abs(radius)}"


def _pictures(studio: Studio) -> Iterator[Row]:
    original = studio.original("photo.png")
    for radius in _RADII:
        ours = studio.pixels(f"photo.png?op_grow={radius}&scl=1")
        theirs = np.dstack([_by_scipy(original[..., band], radius) for band in range(3)])
        yield Row(f"`op_grow={radius}`", _against(radius), "photo", (most("max", largest(ours, theirs), 0),), (ours, theirs))
    cut_out = studio.original("cutout.png").astype(np.int64)
    weighted = np.dstack([cut_out[..., :3] * cut_out[..., 3:], cut_out[..., 3]])
    for radius in (3, -3):
        ours = seen(studio.alpha(f"cutout.png?op_grow={radius}&scl=1"))
        grown = [_by_scipy(weighted[..., band], radius) for band in range(4)]
        theirs = np.dstack([*(plane / 255 for plane in grown[:3]), grown[3]])
        found = (most("max", largest(ours, theirs), 0.6),)
        yield Row(f"`op_grow={radius}`, with alpha", f"{_against(radius)}, colours times alpha", "cutout", found, (ours, theirs))


def _masks(studio: Studio) -> Iterator[Row]:
    mask = studio.original("shape.png")
    for radius in _RADII:
        ours = studio.alpha(f"cat.png?mask=shape.png&op_growMask={radius}&scl=1")[..., 3]
        theirs = _by_scipy(mask, radius)
        yield Row(f"`op_growMask={radius}`", _against(radius), "shape", (most("max", largest(ours, theirs), 0),), (ours, theirs))


def _scaled(studio: Studio) -> Iterator[Row]:
    """A radius that is not whole at the scale of the reply lies between its neighbours in the same proportion."""
    original = studio.pixels("photo.png?wid=150")
    for radius in (3, 5):
        ours = studio.pixels(f"photo.png?op_grow={radius}&wid=150")
        low, high = (
            np.dstack([_by_scipy(original[..., band], size) for band in range(3)]) for size in (radius // 2, radius // 2 + 1)
        )
        theirs = (low.astype(np.float64) + high) / 2
        found = (most("max", largest(ours, theirs), 0.6),)
        yield Row(f"`op_grow={radius}` at half size", f"the mean of two of {package('scipy')}", "photo", found, (ours, theirs))


MEASUREMENTS = (
    Measurement("grown_pictures", "Dilation and erosion of pictures", "Whole radii are exact.", _pictures),
    Measurement("grown_masks", "Dilation and erosion of masks", "Likewise.", _masks),
    Measurement(
        "grown_between",
        "Radii between whole ones",
        "At another scale a radius need not be whole any more: the edge is moved by parts of a pixel.",
        _scaled,
    ),
)
