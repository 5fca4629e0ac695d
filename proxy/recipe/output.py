"""From what was asked for to how the reply is encoded.

Pages: ``r-is-http-fmt``, ``r-is-http-qlt``, ``r-is-http-quantize``, ``r-printres``; protocol decision 23 (26).
"""

from collections.abc import Callable, Mapping
from typing import ClassVar, Final, Protocol

from proxy.errors import BadValue
from proxy.protocol.commands import GONE_FORMATS, LIST_FORMATS
from proxy.protocol.layers import Settings
from proxy.protocol.values import Object
from proxy.recipe.asked import Asked
from proxy.recipe.conversion import converted
from proxy.recipe.model import Header, NamedPath, Output, Picture, PixelType, Quantize, Source
from proxy.recipe.outline import carried_paths

KILOBYTE = 1024

_Seen = tuple[Source, Header]

TELLING_OF_XMP: Final = frozenset(("JPEG", "PNG", "TIFF", "WEBP"))
"""Formats whose header says whether there is a packet."""


class Abilities(Protocol):
    """What a format can do, as far as a plan needs to know; each says so of itself in ``proxy/formats/``."""

    alpha: ClassVar[bool]
    pixels: ClassVar[tuple[PixelType, ...]]
    compressions: ClassVar[tuple[str, ...]]
    lossy_compressions: ClassVar[tuple[str, ...]]
    """The compressions for which ``qlt=`` counts, an empty word for none given."""
    subsampling: ClassVar[bool]
    palette: ClassVar[bool]
    size_limit: ClassVar[bool]
    profile: ClassVar[bool]
    resolution: ClassVar[bool]
    xmp: ClassVar[bool]
    paths: ClassVar[bool]


_SHARES: Final = {"fair": 0.75, "poor": 0.5}
"""What is left of the quality for a client whose network is not excellent (``r-network``)."""


def plan_output(
    asked: Asked, formats: Mapping[str, Abilities], named: PixelType | None = None
) -> Callable[[_Seen | None, Picture | None], Output]:
    """Work out what can be said before layer 0 has been looked at; what comes back does the rest.

    That wants the original of layer 0 and what its header says, and the picture that is drawn: ``None`` where layer 0 is no file,
    or where only the format matters.

    Settings that a format does not take are left out, so that equal replies have equal recipes. ``named`` is the pixel type of
    the profile that ``icc=`` names, which counts in place of that of ``fmt=``.

    Raises:
        BadValue: a format that nobody can decode any more or that is none of images, or a pixel type, of itself or of a profile,
            that the format has not.
    """
    settings = asked.request.settings
    word, pixels, compression = settings.get("fmt") or ("jpeg", None, None)
    if word in GONE_FORMATS:
        raise BadValue("fmt", word, "a format that can still be decoded; Flash formats are gone")
    if word in LIST_FORMATS:
        raise BadValue("fmt", word, "a format of images; this one is for req=mbrSet alone")
    base, _, alpha = word.partition("-")
    able = formats[base]
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

    def output(seen: _Seen | None, picture: Picture | None) -> Output:
        own = Output(
            format=base,
            alpha=bool(alpha) and not of_mask,
            pixels=pixel_type,
            compression=compression,
            quality=quality if lossy else 0,
            chroma=chroma and lossy and able.subsampling and pixel_type == "rgb",
            quantize=_quantize(settings) if able.palette else Quantize(),
            size_limit=(settings.one("jpegSize", int) or 0) * KILOBYTE if able.size_limit else 0,
            dpi=_print_resolution(asked, seen) if able.resolution else 0.0,
            embed_profile=able.profile and not of_mask and (settings.one("iccEmbed", bool) or False),
            of_mask=of_mask,
            xmp=_packet(seen) if able.xmp and settings.one("xmpEmbed", bool) else None,
            paths=_paths(seen, picture) if able.paths and settings.one("pathEmbed", bool) else (),
        )
        # a profile that was asked for by name is one that the picture cannot do without
        return own if "icc" in settings else converted(own, asked.client.formats)

    return output


def _quality(asked: Asked) -> tuple[int, bool]:
    values = asked.request.settings.get("qlt")
    quality, chroma = asked.main.pair("JpegQuality") if values is None else values
    return max(1, round(quality * _SHARES.get(asked.client.network, 1))), bool(chroma)


def _quantize(settings: Settings) -> Quantize:
    values = settings.get("quantize")
    if values is None:
        return Quantize()
    kind, dither, count, colors = values
    forced = tuple((value[0], value[1], value[2]) for value in (bytes.fromhex(text.strip()) for text in colors))
    if len(forced) > count:
        raise BadValue("quantize", ",".join(colors), f"at most as many colours as numColors, {count}")
    return Quantize(kind, dither == "diffuse", count, forced)


def _paths(seen: _Seen | None, picture: Picture | None) -> tuple[NamedPath, ...]:
    return carried_paths(seen[1].paths, picture) if seen is not None and picture is not None else ()


def _packet(seen: _Seen | None) -> Source | None:
    """The original whose packet is embedded: that of layer 0, unless its header says that it has none."""
    if seen is None:
        return None
    source, header = seen
    return source if header.xmp or header.format not in TELLING_OF_XMP else None


def _print_resolution(asked: Asked, seen: _Seen | None) -> float:
    """``printRes=``, else that of the lowest image's record, or of its file without one, else the catalog's (``r-printres``)."""
    asked_for = asked.request.settings.one("printRes", float)
    if asked_for is not None:
        return asked_for
    image = next((layer.image for layer in asked.layers if layer.image is not None), None)
    record = image.record if image is not None else None
    in_file = seen[1].dpi if seen is not None else 0.0
    own = in_file if record is None else float(record.print_resolution or 0)
    return own or float(asked.main.integer("PrintResolution"))
