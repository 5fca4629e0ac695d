"""Colour spaces: embedded ICC profiles (LittleCMS) and the naive conversions between pixel types.

Knows Pillow images and profiles as bytes; knows nothing of files, requests or which conversion a request wants
(``r-color-management``, ``r-icc``; protocol decisions 9 and 23 (24)).
"""

import hashlib
import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from PIL import Image, ImageCms

from proxy.formats._ink import cmyk
from proxy.recipe.model import PixelType

INTENTS: Mapping[str, int] = MappingProxyType({"perceptual": 0, "relative": 1, "saturation": 2, "absolute": 3})
"""Rendering intents: the words of ``icc=`` and the numbers of ``attribute::IccRenderIntent``."""

_SPACES = {"RGB": "RGB ", "RGBA": "RGB ", "L": "GRAY", "LA": "GRAY", "CMYK": "CMYK"}
"""The colour space (an ICC signature) that a profile must have to say anything about pixels of a mode."""

_SRGB_PRIMARIES = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
_D50 = (0.9642, 1.0, 0.8249)


@dataclass(frozen=True, slots=True)
class Profile:
    """An ICC profile. Two are equal if their bytes are: ``digest`` stands for ``data``, which is large."""

    digest: str
    description: str
    space: str
    srgb: bool
    data: bytes = field(repr=False, compare=False)


def read_profile(data: bytes) -> Profile | None:
    """Read what an ICC profile says of itself, or ``None`` where the bytes are not one.

    Only the few tags that are needed are read, since this is asked about every original whose header is looked at. A profile
    counts as sRGB if it is called so *and* has the primaries; by the name alone a wrongly named one would be believed.
    """
    try:
        if data[36:40] != b"acsp":
            return None
        tags = _tags(data)
        description = _text(tags.get(b"desc", b""))
        primaries = [_xyz(tags.get(name, b"")) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    except (struct.error, IndexError):
        return None
    near = all(
        abs(number - wanted) < 0.003  # noqa: PLR2004  # rounding and chromatic adaptation differ by this much between makers
        for found, wanted_all in zip(primaries, _SRGB_PRIMARIES, strict=True)
        for number, wanted in zip(found, wanted_all, strict=True)
    )
    space = data[16:20].decode("latin-1")
    return Profile(hashlib.sha256(data).hexdigest(), description, space, near and "sRGB" in description, data)


def to_profile(
    image: Image.Image, source: Profile | None, target: Profile, intent: str = "relative", *, black_point: bool = True
) -> Image.Image:
    """Bring pixels from the colour space of ``source`` into that of ``target``, an RGB profile.

    Args:
        image: mode L, LA, RGB, RGBA or CMYK. CMYK becomes RGB; all others keep their mode.
        source: the embedded profile. Without one, with one of another pixel type or with one that cannot be used, the numbers are
            taken to be in the target space already, and CMYK is converted naively.
        target: where to.
        intent: a word of ``INTENTS``.
        black_point: whether to compensate the black point.

    Raises:
        ValueError: ``target`` is not an RGB profile.
    """
    if target.space != "RGB ":
        raise ValueError(f"output profile {target.description!r} is not one of RGB data")
    bands = "RGB" if image.mode == "RGBA" else image.mode.rstrip("A")
    if source is not None and _SPACES[image.mode] == source.space and not _same(source, target):
        transform = _transform(source, target, bands, INTENTS[intent], black_point=black_point)
        if transform is not None:
            return _applied(image, transform)
    return image.convert("RGB") if image.mode == "CMYK" else image


def naive(image: Image.Image, pixels: PixelType) -> Image.Image:
    """Convert L, LA, RGB, RGBA or CMYK to a pixel type without profiles (protocol decision 23 (24)).

    Alpha is kept. Pillow has no mode for inks with alpha: ``cmyk`` makes such images RGBA, as the TIFF encoder takes them.
    """
    alpha = "A" if image.mode.endswith("A") else ""
    if pixels == "gray":
        flat = image.convert("RGB") if image.mode == "CMYK" else image
        return flat.convert("L" + alpha)
    if pixels == "rgb" or alpha:
        return image.convert("RGB" + alpha)
    return image if image.mode == "CMYK" else cmyk(image.convert("RGB"))


@lru_cache(maxsize=1)
def srgb() -> Profile:
    """The sRGB profile as ``to_profile`` takes it."""
    profile = read_profile(srgb_profile())
    assert profile is not None  # noqa: S101  # made by the function below
    return profile


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """An sRGB profile of ICC version 2.1, to embed; always the same bytes.

    Made here because LittleCMS writes the present date into those it makes. Version 2 since some readers know no other.
    """
    curve = b"curv" + struct.pack(">4xI1024H", 1024, *(_linear(step / 1023) for step in range(1024)))
    name = b"sRGB IEC61966-2.1\0"
    tags = {
        b"desc": b"desc" + struct.pack(">4xI", len(name)) + name + bytes(78),
        b"cprt": b"text" + bytes(4) + b"No copyright, use freely\0",
        b"wtpt": _xyz_tag(_D50),
        b"rXYZ": _xyz_tag(_SRGB_PRIMARIES[0]),
        b"gXYZ": _xyz_tag(_SRGB_PRIMARIES[1]),
        b"bXYZ": _xyz_tag(_SRGB_PRIMARIES[2]),
        b"rTRC": curve,
    }
    table, body = b"", b""
    start = 128 + 4 + 12 * (len(tags) + 2)
    for tag, value in tags.items():
        entry = struct.pack(">II", start + len(body), len(value))
        for shared in (b"rTRC", b"gTRC", b"bTRC") if tag == b"rTRC" else (tag,):
            table += shared + entry
        body += value + bytes(-len(value) % 4)
    header = struct.pack(
        ">I4sI4s4s4s6H4s28x3i48x",
        *(start + len(body), b"\0\0\0\0", 0x02100000, b"mntr", b"RGB ", b"XYZ "),
        *(2000, 1, 1, 0, 0, 0, b"acsp"),
        *_fixed(_D50),
    )
    return header + struct.pack(">I", len(tags) + 2) + table + body


def _same(source: Profile, target: Profile) -> bool:
    return source == target or (source.srgb and target.srgb)


@lru_cache(maxsize=32)
def _transform(
    source: Profile, target: Profile, mode: str, intent: int, *, black_point: bool
) -> ImageCms.ImageCmsTransform | None:
    """Build a transform, or ``None`` if LittleCMS refuses the profile. Building takes longer than a thumbnail's pixels."""
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION if black_point else ImageCms.Flags.NONE
    try:
        return ImageCms.buildTransform(
            io.BytesIO(source.data), io.BytesIO(target.data), mode, "RGB", ImageCms.Intent(intent), flags
        )
    except ImageCms.PyCMSError:
        return None


def _applied(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    if image.mode in ("RGB", "CMYK"):
        return transform.apply(image)
    if image.mode == "RGBA":
        result = transform.apply(image.convert("RGB"))
        result.putalpha(image.getchannel("A"))
        return result
    # A gray profile leads to neutral RGB: any of the three bands is the gray.
    gray = transform.apply(image.getchannel(0)).getchannel("G")
    return Image.merge("LA", (gray, image.getchannel("A"))) if image.mode == "LA" else gray


def _tags(data: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", data, 128)
    found = {}
    for number in range(min(count, 100)):
        name, start, length = struct.unpack_from(">4sII", data, 132 + 12 * number)
        found[name] = data[start : start + length]
    return found


def _text(tag: bytes) -> str:
    """The text of a description: ASCII in version 2, UTF-16 in several languages in version 4, of which the first counts."""
    if tag[:4] == b"desc":
        (length,) = struct.unpack_from(">I", tag, 8)
        return tag[12 : 12 + length].split(b"\0")[0].decode("latin-1")
    if tag[:4] == b"mluc":
        length, start = struct.unpack_from(">II", tag, 20)
        return tag[start : start + length].decode("utf-16-be", "replace").rstrip("\0")
    return ""


def _xyz(tag: bytes) -> tuple[float, ...]:
    """The numbers of an XYZ tag; zeros where a profile has none, as those made of look-up tables."""
    return tuple(number / 65536 for number in struct.unpack_from(">3i", tag, 8)) if tag else (0.0, 0.0, 0.0)


def _xyz_tag(numbers: tuple[float, float, float]) -> bytes:
    return b"XYZ " + struct.pack(">4x3i", *_fixed(numbers))


def _fixed(numbers: tuple[float, float, float]) -> tuple[int, ...]:
    return tuple(round(number * 65536) for number in numbers)


def _linear(level: float) -> int:
    """The light (0 to 65535) of an sRGB level (0 to 1), by IEC 61966-2-1."""
    light = level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # as in the standard
    return round(light * 65535)
