"""Masks of layers: separate ones, a picture's own alpha, those of nested requests (``r-mask``, ``r-maskuse``, ``r-mask-req``).

Alpha is compared to one level of 255.
"""

import numpy as np
import pytest

from tests.pictures import BLUE, PICTURES, RED, Array, Gallery


@pytest.fixture(scope="module", name="gallery")
def _gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(tmp_path_factory.mktemp("originals"))


RAMP = np.asarray(PICTURES["ramp"]).astype(float)
ALPHA = np.asarray(PICTURES["disc"]).astype(float)[..., 3]
OPAQUE = np.full((30, 40), 255.0)


@pytest.mark.parametrize(
    ("query", "alpha"),
    [
        ("white?mask=ramp", RAMP),
        ("white?mask=ramp&maskUse=norm", RAMP),
        ("white?mask=ramp&maskUse=invert", 255 - RAMP),
        ("white?mask=ramp&maskUse=off", OPAQUE),
        ("masked", RAMP),
        ("masked?maskUse=invert", 255 - RAMP),
        ("masked?maskUse=off", OPAQUE),
        ("masked?mask=white", OPAQUE),
        ("masked?mask=black", 0 * OPAQUE),
        # a mask takes the place of the picture's own alpha
        ("half?mask=ramp", RAMP),
        ("maskedDisc", RAMP),
        # that of the mask image counts more than its brightness
        ("white?mask=half", OPAQUE * 128 / 255),
        ("white?mask=half&maskUse=invert", OPAQUE * 127 / 255),
        # own alpha
        ("disc", ALPHA),
        ("disc?maskUse=invert", 255 - ALPHA),
        ("disc?maskUse=off", np.full((40, 40), 255.0)),
        # no mask at all
        ("white?maskUse=off", OPAQUE),
        ("white?maskUse=invert", 0 * OPAQUE),
        # cropped together
        ("white?mask=ramp&crop=10,5,20,10", RAMP[5:15, 10:30]),
        ("white?mask=ramp&maskUse=invert&crop=10,5,20,10", 255 - RAMP[5:15, 10:30]),
        ("disc?maskUse=invert&crop=0,0,20,20", 255 - ALPHA[:20, :20]),
        ("white?mask=ramp&flip=lr&layer=0&flip=lr", RAMP),
        ("white?mask=ramp&layer=0&flip=lr", RAMP[:, ::-1]),
        ("white?mask=ramp&rotate=90", np.rot90(RAMP, -1)),
        # nested
        ("white?mask=is{g/ramp}", RAMP),
        ("white?mask=is{g/ramp}&maskUse=invert", 255 - RAMP),
        ("white?mask=is{g/masked}", RAMP),
        ("white?mask=is{g/ramp?layer=0&flip=lr}", RAMP[:, ::-1]),
        ("nothing?src=is{g/disc}", ALPHA),
        ("nothing?src=is{g/disc}&maskUse=invert", 255 - ALPHA),
        ("nothing?src=is{g/disc}&maskUse=off", np.full((40, 40), 255.0)),
        ("nothing?src=is{g/ramp}&mask=is{g/ramp}", RAMP),
        # a nested picture that is opaque has no mask
        ("nothing?src=is{g/ramp}", OPAQUE),
        ("nothing?src=is{g/ramp}&maskUse=off", OPAQUE),
        ("nothing?src=is{g/ramp}&maskUse=invert", 0 * OPAQUE),
        # a solid colour takes the size and the shape of its mask
        ("nothing?color=ff0000&mask=ramp", RAMP),
        ("nothing?color=ff000080&mask=ramp", RAMP * 128 / 255),
        ("nothing?color=ff0000&mask=ramp&maskUse=invert", 255 - RAMP),
        ("nothing?color=ff0000&mask=disc", ALPHA),
    ],
)
def test_masks(gallery: Gallery, query: str, alpha: Array) -> None:
    pixels = gallery.pixels(query)
    assert pixels.shape == (*alpha.shape, 4)
    assert np.abs(pixels[..., 3] - alpha).max() <= 1


PICTURED = ("white?mask=ramp", "half?mask=ramp", "disc?", "nothing?src=is{g/disc}")
COLOURED = "nothing?color=ff0000&mask=ramp"


@pytest.mark.parametrize(
    ("source", "use"),
    [*((source, use) for source in PICTURED for use in ("norm", "invert", "off")), (COLOURED, "norm"), (COLOURED, "invert")],
)
def test_what_a_crop_adds_is_hidden_whatever_the_use(gallery: Gallery, source: str, use: str) -> None:
    inside = gallery.pixels(f"{source}&maskUse={use}")
    height, width = inside.shape[:2]
    pixels = gallery.pixels(f"{source}&maskUse={use}&crop=-7,-3,{width + 12},{height + 5}")
    assert pixels.shape == (height + 5, width + 12, 4)
    assert np.array_equal(pixels[3 : 3 + height, 7 : 7 + width, 3], inside[..., 3])
    assert pixels[..., 3].sum() == inside[..., 3].sum()


@pytest.mark.parametrize("source", [*PICTURED, COLOURED])
@pytest.mark.parametrize("use", ["norm", "invert"])
@pytest.mark.parametrize("radius", [3, -3])
def test_so_is_it_where_a_mask_grows(gallery: Gallery, source: str, use: str, radius: int) -> None:
    inside = gallery.pixels(f"{source}&maskUse={use}&op_growMask={radius}")[..., 3]
    height, width = inside.shape
    target = f"{source}&maskUse={use}&op_growMask={radius}&crop=-7,-3,{width + 12},{height + 5}"
    pixels = gallery.pixels(target)[..., 3]
    assert np.array_equal(pixels[6:height, 10 : 4 + width], inside[3:-3, 3:-3])
    pixels[3 : 3 + height, 7 : 7 + width] = 0
    assert pixels.max() == 0


@pytest.mark.parametrize("source", ["disc?", "nothing?src=is{g/disc}", "nothing?color=ff0000&mask=disc"])
@pytest.mark.parametrize("radius", [3, -3])
def test_alpha_grows_as_any_mask_does(gallery: Gallery, source: str, radius: int) -> None:
    # a disc of 16 pixels' radius in 40×40, along the row and the column through its middle
    for command in ("op_growMask", "op_growMaskR"):
        alpha = gallery.pixels(f"{source}&{command}={radius}")[..., 3]
        assert [np.count_nonzero(alpha[20]), np.count_nonzero(alpha[:, 20])] == [32 + 2 * radius] * 2
        # inverted afterwards
        background = gallery.pixels(f"{source}&{command}={radius}&maskUse=invert")[..., 3]
        assert np.array_equal(background, 255 - alpha)
        # and not at all where it is not used
        assert gallery.pixels(f"{source}&{command}={radius}&maskUse=off")[..., 3].min() == 255


def test_without_the_mask_what_it_hides_is_seen(gallery: Gallery) -> None:
    assert gallery.at("disc?maskUse=off", 0, 0) == (*RED, 255)
    assert gallery.at("disc?maskUse=off", 20, 20) == (*BLUE, 255)
    assert gallery.at("disc?maskUse=invert", 0, 0) == (*RED, 255)


def test_a_mask_of_another_size_is_fitted(gallery: Gallery) -> None:
    # 80×60 to 40×30: a column of the one is the mean of two of the other
    wide = np.asarray(PICTURES["wideRamp"]).astype(float)
    expected = (wide[:30, 0::2] + wide[:30, 1::2]) / 2
    assert np.abs(gallery.pixels("white?mask=wideRamp&resMode=bilin")[..., 3] - expected).max() <= 2
    # the part of it is that of the picture
    part = gallery.pixels("white?mask=wideRamp&crop=20,0,20,30&resMode=bilin")[..., 3]
    assert np.abs(part - expected[:, 20:]).max() <= 2


def test_the_mask_alone(gallery: Gallery) -> None:
    for query in ("masked", "disc", "half", "white", "clear", "disc?layer=1&src=red", "white?opac=50"):
        path, _, modifiers = query.partition("?")
        image = gallery.image(f"{path}?{modifiers}&req=mask&fmt=png")
        assert image.mode == "L"
        assert np.array_equal(np.asarray(image), gallery.pixels(query)[..., 3].astype(np.uint8)), query
