"""From what was asked for to how the reply is encoded.

Pages: ``r-is-http-fmt``, ``r-is-http-qlt``, ``r-is-http-quantize``, ``r-printres``; protocol decision 23 (26).
"""

from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol

from proxy.errors import BadValue, Unbuilt
from proxy.protocol.commands import GONE_FORMATS
from proxy.protocol.layers import Settings
from proxy.protocol.values import Object
from proxy.recipe.asked import Asked
from proxy.recipe.model import Header, Output, PixelType, Quantize

KILOBYTE = 1024


class Abilities(Protocol):
    """What a format can do, as far as a plan needs to know; each says so of itself in ``proxy/formats/``."""

    alpha: ClassVar[bool]
    pixels: ClassVar[tuple[PixelType, ...]]
    compressions: ClassVar[tuple[str, ...]]
    lossy_compressions: ClassVar[tuple[str, ...]]
    """The compressions for which ``qlt=`` counts, an empty word for none given."""
    subsampling: ClassVar[bool]
    palette: ClassVar[bool]
    scans: ClassVar[bool]
    size_limit: ClassVar[bool]
    profile: ClassVar[bool]


def plan_output(
    asked: Asked, formats: Mapping[str, Abilities], named: PixelType | None = None
) -> Callable[[Header | None], Output]:
    """Work out what can be said before layer 0 has been looked at; what comes back does the rest.

    Settings that a format does not take are left out, so that equal replies have equal recipes. ``named`` is the pixel type of
    the profile that ``icc=`` names, which counts in place of that of ``fmt=``.

    Raises:
        BadValue: a format that nobody can decode any more, or a pixel type, of itself or of a profile, that the format has not.
        Unbuilt: a format that this version does not encode.
    """
    settings = asked.request.settings
    word, pixels, compression = settings.get("fmt") or ("jpeg", None, None)
    if word in GONE_FORMATS:
        raise BadValue("fmt", word, "a format that can still be decoded; Flash formats are gone")
    base, _, alpha = word.partition("-")
    able = formats.get(base)
    if able is None or (alpha and not able.alpha):
        raise Unbuilt(f"fmt={word}")
    if named:
        pixels = named
        if named not in able.pixels:
            name = asked.request.settings.one("icc", Object)
            raise BadValue(
                "icc", str(name), f"for fmt={word} a profile of {', '.join(able.pixels)} data; this is one of {named} data"
            )
    if pixels and pixels not in able.pixels:
        raise BadValue("fmt", f"{word},{pixels}", f"for {word} a pixel type of {', '.join(able.pixels)}")
    if compression not in able.compressions or (alpha and compression == "jpeg"):
        compression = ""
    quality, chroma = _quality(asked)
    lossy = compression in able.lossy_compressions
    of_mask = asked.kind == "mask"
    pixel_type: PixelType = pixels or ("gray" if of_mask and "gray" in able.pixels else "rgb")

    def output(header: Header | None) -> Output:
        return Output(
            format=base,
            alpha=bool(alpha) and not of_mask,
            pixels=pixel_type,
            compression=compression,
            quality=quality if lossy else 0,
            chroma=chroma and lossy and able.subsampling and pixel_type == "rgb",
            scans=(settings.one("pscan", str) or "auto") if able.scans else "auto",
            quantize=_quantize(settings) if able.palette else Quantize(),
            size_limit=(settings.one("jpegSize", int) or 0) * KILOBYTE if able.size_limit else 0,
            dpi=_print_resolution(asked, header),
            embed_profile=able.profile and not of_mask and (settings.one("iccEmbed", bool) or False),
            of_mask=of_mask,
        )

    return output


def _quality(asked: Asked) -> tuple[int, bool]:
    values = asked.request.settings.get("qlt")
    if values is not None:
        return values[0], bool(values[1])
    quality, chroma = asked.main.pair("JpegQuality")
    return quality, bool(chroma)


def _quantize(settings: Settings) -> Quantize:
    values = settings.get("quantize")
    if values is None:
        return Quantize()
    kind, dither, count, colors = values
    forced = tuple((value[0], value[1], value[2]) for value in (bytes.fromhex(text.strip()) for text in colors))
    if len(forced) > count:
        raise BadValue("quantize", ",".join(colors), f"at most as many colours as numColors, {count}")
    return Quantize(kind, dither == "diffuse", count, forced)


def _print_resolution(asked: Asked, header: Header | None) -> float:
    """``printRes=``, else that of the lowest image's record, or of its file without one, else the catalog's (``r-printres``)."""
    asked_for = asked.request.settings.one("printRes", float)
    if asked_for is not None:
        return asked_for
    image = next((layer.image for layer in asked.layers if layer.image is not None), None)
    record = image.record if image is not None else None
    in_file = header.dpi if header is not None else 0.0
    own = in_file if record is None else float(record.print_resolution or 0)
    return own or float(asked.main.integer("PrintResolution"))
