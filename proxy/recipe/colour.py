"""Which colour spaces a request goes through: of originals, of the composite image, of the reply and of colour values.

The planner has worked out everything else by then; here its picture is completed by spaces. What a profile's file says is
asked for, as what originals say is: the questions are ``ProfileLook``. Pages: ``r-color-management``, ``r-icc``, ``r-iccembed``,
``r-is-http-color`` and those of the attributes ``IccProfile…``.

Layers are laid over each other in RGB: in the output space if that is one of RGB data, else in the catalog's IccProfileRgb. A
reply of gray or of inks that shows one opaque original and no more is converted straight from the original's space into
its own, so that inks in the right space stay as they are.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, fields, replace
from operator import is_
from typing import TYPE_CHECKING, Final, TypeVar

from proxy.catalog.catalog import Catalog
from proxy.catalog.profiles import OUTPUTS, SOURCES, STANDARDS, ProfileAttribute, ProfileFile, Standard, find_profile
from proxy.errors import BadValue
from proxy.protocol.color import Color
from proxy.recipe.asked import Asked
from proxy.recipe.model import (
    ColorMeaning,
    ColorSpace,
    Conversion,
    EffectPlan,
    Header,
    LayerPlan,
    Output,
    Picture,
    PixelType,
    Recipe,
    Source,
)
from proxy.recipe.text import TextPlan
from proxy.recipe.text_layers import Typeset

if TYPE_CHECKING:
    from proxy.recipe.planner import Measured, MeasuredLayer

_T = TypeVar("_T")
_QUARTER: Final = 90
_OF_PICTURE: Final = tuple(item.name for item in fields(Picture))


@dataclass(frozen=True, slots=True)
class ProfileLook:
    """The planner's other question: what is the profile at this path?

    The path is below the roots of the originals or, for a standard profile that the user ``supplied``, a file's name in the
    folder of these. ``name`` is what messages may call it.
    """

    path: str
    name: str
    supplied: bool = False


@dataclass(frozen=True, slots=True)
class ProfileSeen:
    """What is known of a profile: its space, whether it is sRGB whatever its name, whether it leads back to its space.

    Without a space it cannot be used; ``expected`` then says what was.
    """

    space: ColorSpace | None
    srgb: bool = False
    writable: bool = True
    expected: str = ""


Looking = Generator[ProfileLook, ProfileSeen | None, _T]
"""Asks for profiles; ``None`` answers for a file that is not there."""


@dataclass(frozen=True, slots=True)
class Known:
    """A space that can be used."""

    space: ColorSpace
    srgb: bool = False

    def same(self, other: "Known") -> bool:
        """Whether nothing has to be converted from one to the other."""
        return self.space == other.space or (self.srgb and other.srgb)

    @property
    def shortest(self) -> ColorSpace:
        """The space for pixels; whatever calls itself sRGB is one and the same."""
        return ColorSpace() if self.srgb else self.space


_SRGB: Final = Known(ColorSpace(), srgb=True)
_MADE: Final = {
    row.name: ProfileSeen(ColorSpace(row.pixels, row.name), srgb=row.name == _SRGB.space.name)
    for row in STANDARDS
    if row.pixels != "cmyk"
}
"""Those that this program makes: nothing has to be asked about them."""


def named_output(asked: Asked) -> Looking[Known | None]:
    """The space that ``icc=`` names, ``None`` without one. An alpha channel has no colours (``r-mask-req``).

    Raises:
        BadValue: there is no such profile, or it cannot be used.
    """
    values = asked.request.settings.get("icc")
    if values is None or asked.kind == "mask":
        return None
    name = values[0].path
    return (yield from _known("icc", name, asked.icc, None))


def managed(measured: "Measured", picture: Picture, output: Output, icc: Known | None) -> Looking[Recipe]:
    """Complete a picture and its output by colour spaces.

    Raises:
        BadValue: an attribute names a profile that there is not, or one of another kind of data.
    """
    asked = measured.asked
    content = measured.layers[0].content
    header = content[1] if isinstance(content, tuple) else None
    pixels: PixelType = "rgb" if output.of_mask else output.pixels
    target = icc or (yield from _attribute(asked.main, OUTPUTS[pixels], pixels)) or _embedded(header, pixels)
    if output.embed_profile and target is None:
        output = replace(output, embed_profile=False)
    space = target
    straight = pixels != "rgb" and _is_plain(picture, header) and not output.alpha
    if straight and target is None:
        # inks that nobody explains stay as they are; naive gray is the same either way
        straight = pixels == "cmyk" and header is not None and header.pixels == "cmyk"
        space = Known(ColorSpace(pixels, ""))
    if pixels != "rgb" and not straight:
        space = (yield from _attribute(asked.main, OUTPUTS["rgb"], "rgb")) or _SRGB
    working = space or _SRGB
    result = yield from _Manager(asked.main, icc).filled(measured, picture, working)
    values = {name: getattr(result, name) for name in _OF_PICTURE}
    if output.embed_profile:
        values["space"] = working.space
    if target is not None and pixels != "rgb" and not straight:
        values["output_space"] = target.space
    return Recipe(**values, output=output, conversion=conversion(asked))


def conversion(asked: Asked) -> Conversion:
    """How colours are converted: what ``icc=`` says, else the attributes."""
    main = asked.main
    _, intent, black_point, dither = asked.request.settings.get("icc") or (None, None, None, None)
    return Conversion(
        intent or main.text("IccRenderIntent"),
        main.flag("IccBlackPointCompensation") if black_point is None else black_point,
        main.flag("IccDither") if dither is None else dither,
    )


def _embedded(header: Header | None, pixels: PixelType) -> Known | None:
    """The space of the lowest image, which is that of a reply of its pixel type where no catalog names one."""
    if header is None or header.space is None or header.space.pixels != pixels:
        return None
    return Known(header.space)


def _is_plain(picture: Picture, header: Header | None) -> bool:
    """Whether a picture is one opaque original, cropped, scaled, mirrored and turned by quarters, and no more."""
    layer, *others = picture.layers
    done = (*picture.ops, *picture.view_ops, *picture.effects, *layer.ops, *layer.mask_ops, *layer.effects, *others)
    if done or picture.watermark or picture.opacity < 1 or picture.view.fitted != picture.view.canvas:
        return False
    if header is None or header.alpha or layer.mask is not None or layer.mask_use != "norm" or layer.opacity < 1:
        return False
    if layer.color is not None or layer.background is not None or layer.angle % _QUARTER or max(layer.margins) > 0:
        return False
    if layer.perspective is not None or layer.clip is not None or picture.clip is not None:
        return False
    crop = layer.crop
    return crop.left >= 0 and crop.top >= 0 and crop.right <= header.width and crop.bottom <= header.height


@dataclass(frozen=True, slots=True)
class _Manager:
    """Completes a picture and those nested in it; default output spaces are those of the outermost request's catalog."""

    main: Catalog
    icc: Known | None

    def filled(self, measured: "Measured", picture: Picture, space: Known) -> Looking[Picture]:
        layers: list[LayerPlan] = []
        for found, plan in zip(measured.layers, picture.layers, strict=True):
            layers.append((yield from self._layer(measured.asked, found, plan, space)))
        watermark = picture.watermark
        if watermark is not None and measured.watermark is not None and isinstance(watermark.source, Picture):
            watermark = replace(watermark, source=(yield from self._nested(measured.watermark, watermark.source, space)))
        meanings: list[ColorMeaning] = []
        for pixels, source in sorted({(color.space, color.source) for color in _colors(picture)}):
            meant = yield from self._meaning(measured.asked, pixels, source=source)
            if meant is not None and not meant.same(space):
                meanings.append(ColorMeaning(pixels, source, meant.shortest))
        filled, shortest = tuple(layers), space.shortest
        if (
            not meanings
            and watermark is picture.watermark
            and shortest == picture.space
            and all(map(is_, filled, picture.layers))
        ):
            return picture
        return replace(picture, layers=filled, watermark=watermark, space=shortest, meanings=tuple(meanings))

    def _layer(self, asked: Asked, found: "MeasuredLayer", plan: LayerPlan, space: Known) -> Looking[LayerPlan]:
        if found.content is not None and not isinstance(found.content, (tuple, Typeset)) and isinstance(plan.source, Picture):
            plan = replace(plan, source=(yield from self._nested(found.content, plan.source, space)))
        if found.mask is not None and not isinstance(found.mask, tuple) and isinstance(plan.mask, Picture):
            plan = replace(plan, mask=(yield from self._nested(found.mask, plan.mask, space)))
        if isinstance(found.content, tuple) and isinstance(plan.source, Source) and found.content[1].space is None:
            image = found.asked.image
            catalog = asked.main if image is None else image.catalog
            assumed = yield from _assumed(catalog, found.content[1].pixels)
            if assumed is not None and not assumed.same(space):
                plan = replace(plan, assumed=assumed.shortest)
        return plan

    def _nested(self, measured: "Measured", picture: Picture, space: Known) -> Looking[Picture]:
        """A nested request works in the space around it unless it names one itself."""
        own = yield from named_output(measured.asked)
        if own is None:
            return (yield from self.filled(measured, picture, space))
        inner = _Manager(self.main, own)
        if own.space.pixels == "rgb":
            return (yield from inner.filled(measured, picture, own))
        filled = yield from inner.filled(measured, picture, space)
        return replace(filled, output_space=own.space)

    def _meaning(self, asked: Asked, pixels: PixelType, *, source: bool) -> Looking[Known | None]:
        """The space of colour values of a pixel type, without or with the suffix ``s`` (``r-is-http-color``)."""
        if source:
            return (yield from _assumed(asked.main, pixels))
        if self.icc is not None and self.icc.space.pixels == pixels:
            return self.icc
        return (yield from _attribute(self.main, OUTPUTS[pixels], pixels))


def _colors(picture: Picture) -> Iterator[Color]:
    """The colours that a picture is drawn with, but for its background, which is never converted (``r-bgc``)."""
    effects: list[EffectPlan] = list(picture.effects)
    for layer in picture.layers:
        effects += layer.effects
        yield from (color for color in (layer.color, layer.background) if color is not None)
        if isinstance(layer.source, TextPlan):
            yield from layer.source.managed_colors
    yield from (effect.color for effect in effects)


def _assumed(catalog: Catalog, pixels: PixelType) -> Looking[Known | None]:
    """The space of what does not say so: IccProfileSrc…, IccProfile… where that leads nowhere, or none."""
    name = catalog.text(SOURCES[pixels])
    if name:
        seen = yield from _seen(find_profile(name, catalog))
        if seen.space is not None and seen.space.pixels == pixels:
            return Known(seen.space, seen.srgb)
    return (yield from _attribute(catalog, OUTPUTS[pixels], pixels))


def _attribute(catalog: Catalog, attribute: ProfileAttribute, pixels: PixelType) -> Looking[Known | None]:
    name = catalog.text(attribute)
    return (yield from _known(attribute, name, find_profile(name, catalog), pixels)) if name else None


def expected_of(catalog: Catalog, attribute: ProfileAttribute, pixels: PixelType) -> Looking[str]:
    """What was expected of the profile that an attribute names; empty where it is fit for its purpose.

    Raises:
        Refused: a path leads upwards.
    """
    seen = yield from _seen(find_profile(catalog.text(attribute), catalog))
    return seen.expected or _unfit(seen, pixels, written=attribute == OUTPUTS[pixels])


def expected_of_file(path: str) -> Looking[str]:
    """What was expected of the file of a profile; empty where it is one."""
    return (yield from _seen(ProfileFile(path))).expected


def _known(command: str, name: str, found: Standard | ProfileFile | None, pixels: PixelType | None) -> Looking[Known]:
    """A space that is converted into.

    Raises:
        BadValue: it cannot be, or is not one of ``pixels``.
    """
    seen = yield from _seen(found)
    expected = seen.expected or _unfit(seen, pixels, written=True)
    if seen.space is None or expected:
        raise BadValue(command, name, expected)
    return Known(seen.space, seen.srgb)


def _unfit(seen: ProfileSeen, pixels: PixelType | None, *, written: bool) -> str:
    """Why a good profile is not the right one; empty where it is."""
    if pixels is not None and seen.space is not None and seen.space.pixels != pixels:
        return f"a profile of {pixels} data; this is one of {seen.space.pixels} data"
    if written and not seen.writable:
        return "a profile that colours can be converted into; this one describes originals only"
    return ""


def _seen(found: Standard | ProfileFile | None) -> Looking[ProfileSeen]:
    """What is known of a profile; asks only about files."""
    if found is None:
        return ProfileSeen(
            None, expected="the name of a profile in the ICC profile map, of a standard profile, or a profile's path"
        )
    if isinstance(found, ProfileFile):
        answer = yield ProfileLook(found.path, found.path)
        return answer or ProfileSeen(None, expected="a profile that is there; its file is missing")
    if found.pixels != "cmyk":
        return _MADE[found.name]
    answer = yield ProfileLook(found.file, found.file, supplied=True)
    if answer is not None:
        return answer
    where = "put it into the folder that content.profiles names, or name another file so in the ICC profile map"
    return ProfileSeen(None, expected=f"the file {found.file}, which is missing: {where}")
