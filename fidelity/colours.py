"""Colour conversion with profiles, against LittleCMS's own program in real numbers and against ImageMagick (``r-icc``).

The profiles are Debian's: Adobe RGB and ProPhoto (colord-data), inks of a press (libgs-common). Differences are CIEDE2000 as a
viewer of sRGB sees them; two colours apart by less than 1 are hard to tell from each other side by side.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from fidelity.figures import delta_e, mean
from fidelity.programs import magick, through, version
from fidelity.rows import Figure, Measurement, Pixels, Row, most
from fidelity.studio import Studio

_FOLDER = Path("/usr/share/color/icc")
_ADOBE = _FOLDER / "colord/AdobeRGB1998.icc"
_PROPHOTO = _FOLDER / "colord/ProPhotoRGB.icc"
_PRESS = _FOLDER / "ghostscript/default_cmyk.icc"
_SRGB = _FOLDER / "colord/sRGB.icc"
_NEEDED = ("transicc", *map(str, (_ADOBE, _PROPHOTO, _PRESS, _SRGB)))


def _distance(ours: Pixels, theirs: Pixels, largest: float, average: float) -> tuple[Figure, ...]:
    found = delta_e(ours, theirs)
    return most("ΔE max", found.max(), largest), most("ΔE mean", found.mean(), average)


def _inks(studio: Studio) -> Pixels:
    """Mixtures of five levels of each ink, 0 to 255."""
    levels = np.rint(np.linspace(0, 255, 5)).astype(np.uint8)
    mixed = np.stack(np.meshgrid(levels, levels, levels, levels, indexing="ij"), axis=-1).reshape(25, 25, 4)
    image = Image.frombytes("CMYK", (25, 25), mixed.tobytes())
    studio.add("inks.tif", image, icc_profile=_PRESS.read_bytes())
    return mixed


def _sources(studio: Studio) -> Iterator[Row]:
    """Originals with a profile, brought to sRGB."""
    original = studio.original("colours.png")
    for name, profile in (("adobe.png", _ADOBE), ("prophoto.png", _PROPHOTO)):
        studio.add(name, Image.fromarray(original), icc_profile=profile.read_bytes())
        ours = studio.pixels(f"{name}?scl=1")
        theirs = through(original, profile, "*sRGB")
        yield Row(
            f"an original in {profile.stem}",
            f"transicc of {version('transicc')}",
            "colours",
            _distance(ours, theirs, 1.0, 0.25),
            (ours, theirs),
        )
        theirs = magick(
            original, "-intent", "relative", "-black-point-compensation", "-profile", str(profile), "-profile", str(_SRGB)
        )
        figures = _distance(ours, theirs, 1.0, 0.25)
        yield Row(f"an original in {profile.stem}", f"-profile of {version('convert')}", "colours", figures, (ours, theirs))
    inks = _inks(studio)
    ours = studio.pixels("inks.tif?scl=1")
    theirs = through(inks / 2.55, _PRESS, "*sRGB")
    figures = _distance(ours, theirs, 1.0, 0.25)
    yield Row("an original in inks of a press", f"transicc of {version('transicc')}", "mixtures of inks", figures, (ours, theirs))


def _targets(studio: Studio) -> Iterator[Row]:
    """Replies in another space than sRGB (``icc=``), looked at through the same profile by transicc."""
    original = studio.original("colours.png")
    for profile, largest in ((_ADOBE, 1.0), (_PROPHOTO, 1.6)):
        studio.put(profile)
        ours = np.asarray(studio.image(f"colours.png?scl=1&icc={profile.name},relative,1&fmt=png"))
        theirs = through(original, "*sRGB", profile)
        seen, expected = (through(pixels, profile, "*sRGB") for pixels in (ours, theirs))
        figures = (*_distance(seen, expected, largest, 0.25), most("mean", mean(ours, theirs), 0.4))
        yield Row(f"`icc={profile.name},relative,1`", f"transicc of {version('transicc')}", "colours", figures, (ours, theirs))
    studio.put(_PRESS)
    for intent, number in (("relative", 1), ("perceptual", 0)):
        ours = np.asarray(studio.image(f"colours.png?scl=1&icc={_PRESS.name},{intent},1&fmt=tif,cmyk,none"))
        theirs = through(original, "*sRGB", _PRESS, number) * 2.55
        seen, expected = (through(pixels / 2.55, _PRESS, "*sRGB") for pixels in (ours, theirs))
        figures = (*_distance(seen, expected, 1.0, 0.2), most("mean of inks", mean(ours, theirs), 0.3))
        yield Row(f"`icc={_PRESS.name},{intent},1&fmt=tif,cmyk`", f"transicc of {version('transicc')}", "colours", figures)


MEASUREMENTS = (
    Measurement(
        "source_profiles",
        "Originals with a colour profile",
        "All three call LittleCMS, but transicc counts in real numbers, ImageMagick in 16 bits and the server in 8, "
        "whose rounding shows most in the darkest colours.",
        _sources,
        needs=("convert", *_NEEDED),
    ),
    Measurement(
        "output_profiles",
        "Replies in another colour space",
        "ProPhoto spreads colours that nobody can see over its levels, so one level of it is a larger step than one of sRGB.",
        _targets,
        needs=_NEEDED,
    ),
)
