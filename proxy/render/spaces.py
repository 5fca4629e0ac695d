"""The colour spaces of a recipe, as they are carried out: their profiles read, colour values and pictures brought into them.

Profiles are read once a process. What comes from files is verified by its digest, since the recipe, and so the key that the
rendition is found under, names the profile by it (``r-color-management``, ``r-is-http-color``).
"""

import io
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageCms

from proxy.errors import BadSource
from proxy.protocol.color import Color
from proxy.recipe.colour import ProfileSeen
from proxy.recipe.model import ColorSpace, Conversion, EffectPlan, LayerPlan, Picture, PixelType
from proxy.recipe.text import TextPlan
from proxy.render.colour import MODES, naive, to_space
from proxy.render.decode import Limits, block, opened, plainly
from proxy.render.profiles import Profile, made_profile, read_profile, srgb

LARGEST_PROFILE: Final = 32 * 2**20
"""Bytes. The largest profiles in use, of presses in fine steps, have a tenth of this."""

_LONGEST_NAME: Final = 100
_ONE: Final = (1, 1)
_KINDS: Final = ("RGB", "gray", "CMYK")


@lru_cache(maxsize=16)
def profile_of(space: ColorSpace) -> Profile | None:
    """The profile of a space, ``None`` for an undefined one.

    Raises:
        Missing, BadSource: its file is gone, or has another profile now.
    """
    if not space.defined:
        return None
    if not space.location:
        return srgb() if space == ColorSpace() else read_profile(made_profile(space.name))
    name = Path(space.location).name
    with plainly(name, "it is no colour profile"):
        data = _profile_data(space.location, name)
    profile = read_profile(data)
    if profile is None or profile.digest != space.digest:
        raise BadSource(name, "the colour profile has changed while the image was planned; ask again")
    return profile


def look_at(path: str, name: str) -> ProfileSeen:
    """Read a profile's file: what a planner asks about it.

    Raises:
        Missing: there is no such file.
    """
    with plainly(name, "it is no colour profile"):
        data = _own_data(path)
    profile = read_profile(data)
    if profile is None or profile.pixels is None:
        what = "which this file is not" if profile is None else f"this is one of {profile.space.strip() or 'unknown'} data"
        return ProfileSeen(None, expected=f"a colour profile of {', '.join(_KINDS)} data; {what}")
    bands = MODES[profile.pixels]
    reads, writes = (_leads(profile, bands, srgb(), "RGB"), _leads(srgb(), "RGB", profile, bands))
    if not reads:
        return ProfileSeen(None, expected="a colour profile that is whole; this one is damaged or of a kind that no pixels have")
    return ProfileSeen(space_of(profile, profile.pixels, path), profile.srgb, writes)


def space_of(profile: Profile, pixels: PixelType, path: str) -> ColorSpace:
    """The space of a profile that a file is or embeds."""
    shown = "".join(letter for letter in profile.description if letter.isprintable()).strip()
    return ColorSpace(pixels, shown[:_LONGEST_NAME] or "unnamed", path, profile.digest)


def brought(image: Image.Image, source: ColorSpace, target: ColorSpace, how: Conversion) -> Image.Image:
    """Bring pixels of one space into another. Of the modes with alpha, inks lose it."""
    return image if source == target else to_space(image, profile_of(source), profile_of(target), target.pixels, how)


def coloured(picture: Picture, how: Conversion) -> Picture:
    """A picture whose own colour values are those of its space; those of nested pictures stay."""
    if not picture.meanings:
        return picture
    spaces = {(meaning.pixels, meaning.source): meaning.space for meaning in picture.meanings}

    def color(value: Color) -> Color:
        space = spaces.get((value.space, value.source))
        return value if space is None else _converted(value, space, picture.space, how)

    def effect(plan: EffectPlan) -> EffectPlan:
        return replace(plan, color=color(plan.color))

    def layer(plan: LayerPlan) -> LayerPlan:
        return replace(
            plan,
            source=plan.source.recolored(color) if isinstance(plan.source, TextPlan) else plan.source,
            color=plan.color and color(plan.color),
            background=plan.background and color(plan.background),
            effects=tuple(map(effect, plan.effects)),
        )

    return replace(picture, layers=tuple(map(layer, picture.layers)), effects=tuple(map(effect, picture.effects)))


def components(color: Color, pixels: PixelType) -> tuple[int, ...]:
    """The components of a colour in a pixel type, converted naively; its alpha value is left out (``r-bgc``)."""
    if pixels == "rgb":
        return color.rgb()
    return _pixel(naive(_swatch(color), pixels))


def _converted(color: Color, space: ColorSpace, target: ColorSpace, how: Conversion) -> Color:
    image = brought(_swatch(color), space, target, replace(how, dither=False))
    return Color("rgb", _pixel(image.convert("RGB")), color.alpha)


def _swatch(color: Color) -> Image.Image:
    mode = MODES[color.space]
    return Image.new(mode, _ONE, color.components if len(color.components) > 1 else color.components[0])


def _pixel(image: Image.Image) -> tuple[int, ...]:
    return tuple(image.tobytes())


def _leads(source: Profile, bands: str, target: Profile, out: str) -> bool:
    """Whether LittleCMS can convert from one profile to the other."""
    try:
        for intent in (ImageCms.Intent.PERCEPTUAL, ImageCms.Intent.RELATIVE_COLORIMETRIC):
            ImageCms.buildTransform(io.BytesIO(source.data), io.BytesIO(target.data), bands, out, intent)
    except ImageCms.PyCMSError:
        return False
    return True


def _profile_data(path: str, name: str) -> bytes:
    """The profile that a file is, or that an original embeds."""
    data = _own_data(path)
    if read_profile(data) is not None:
        return data
    with opened(path, Limits(source_pixels=0), name) as original:
        return block(original.image.info.get("icc_profile"))


def _own_data(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(LARGEST_PROFILE)
