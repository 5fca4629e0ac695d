"""Grayscale originals: operations see them without colour, and what comes of it is what the same picture in colour gives."""

import numpy as np
import pytest

from tests.pictures import Gallery

NOISE = "op_noise=30,gaussian,0"


@pytest.fixture(scope="module", name="gallery")
def _gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(tmp_path_factory.mktemp("originals"))


def colourful(gallery: Gallery, query: str) -> bool:
    return bool(np.ptp(gallery.pixels(query)[..., :3], axis=2).any())


@pytest.mark.parametrize(
    "query",
    [
        f"grayPhoto?{NOISE}",
        f"grayPhoto?layer=0&{NOISE}",
        f"grayPhoto?layer=0&mask=g/ramp&{NOISE}",
        f"grayPhoto?maskUse=invert&mask=g/ramp&{NOISE}",
        f"grayVeil?layer=0&{NOISE}&rotate=20&bgColor=808080",
        f"grayPhoto?layer=1&src=g/grayVeil&layer=comp&{NOISE}",
        f"grayPhoto?layer=1&src=g/grayVeil&{NOISE}",
        f"grayPhoto?extend=5,5,5,5&opac=60&flip=lr&{NOISE}",
        f"photo?layer=1&src=g/grayPhoto&{NOISE}&size=300,300&hide=0&layer=0&op_saturation=-100",
    ],
)
def test_gray_gets_no_colour_by_noise(gallery: Gallery, query: str) -> None:
    quiet = query.replace(NOISE, "")
    assert not np.array_equal(gallery.pixels(query), gallery.pixels(quiet))
    assert not colourful(gallery, query)


@pytest.mark.parametrize(
    "query",
    [
        f"grayPhotoInColour?{NOISE}",
        f"grayPhoto?layer=1&src=g/white&layer=comp&{NOISE}",
        f"grayPhoto?op_colorize=ff0000,off&layer=comp&{NOISE}",
        f"grayPhoto?layer=0&op_colorbalance=10,0,0&{NOISE}",
        f"grayVeil?layer=0&color=ff0000&layer=comp&{NOISE}",
        f"grayVeil?layer=0&bgColor=0000ff&layer=comp&{NOISE}",
        f"grayVeil?layer=0&effect=-1&color=00ff00&op_grow=3&layer=comp&{NOISE}",
    ],
)
def test_noise_in_colour_where_there_is_some(gallery: Gallery, query: str) -> None:
    assert colourful(gallery, query)


@pytest.mark.parametrize(
    "op",
    [
        *(
            "op_brightness=20",
            "op_contrast=-30",
            "op_colorbalance=10,-20,30",
            "op_hue=90",
            "op_saturation=50",
            "op_colorize=3060c0",
        ),
        *(
            "op_colorize=3060c0,off",
            "op_invert=1",
            "op_blur=2",
            "op_noise=20,uniform,1",
            "op_grow=2",
            "op_sharpen=1",
            "op_usm=1,2,3,1",
        ),
    ],
)
@pytest.mark.parametrize("place", ["", "layer=0&", "layer=0&mask=g/ramp&", "layer=comp&"])
def test_other_operations_are_the_same_in_gray(gallery: Gallery, op: str, place: str) -> None:
    gray, colour = (gallery.pixels(f"{name}?{place}{op}") for name in ("grayPhoto", "grayPhotoInColour"))
    assert np.array_equal(gray, colour)
