"""ICC profiles as bytes: what they say of themselves, and those that this program makes (``r-color-management``).

Knows the format (ICC.1:2001-04, version 2) and the primaries of well-known RGB spaces; knows nothing of pixels and files.
"""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from proxy.catalog.profiles import SRGB, standard
from proxy.recipe.model import PixelType

Point = tuple[float, float]
"""A chromaticity: x and y of CIE 1931."""
Numbers = tuple[float, float, float]

SIGNATURES: Mapping[str, PixelType] = MappingProxyType({"RGB ": "rgb", "GRAY": "gray", "CMYK": "cmyk"})
"""The colour spaces of profiles (ICC signatures) that mean something here."""

D50, D65, C, E = (0.3457, 0.3585), (0.3127, 0.3290), (0.3101, 0.3162), (1 / 3, 1 / 3)
_D50_XYZ = (0.9642, 1.0, 0.8249)
"""White of the connection space, as the standard rounds it."""
_SRGB_PRIMARIES = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
_BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
_ADOBE_GAMMA = 2 + 51 / 256
"""What Adobe's profiles say for 2.2."""


@dataclass(frozen=True, slots=True)
class RgbSpace:
    """An RGB space: chromaticities of red, green, blue and white, and the exponent from levels to light."""

    red: Point
    green: Point
    blue: Point
    white: Point
    gamma: float


_RGB_SPACES: Mapping[str, RgbSpace] = MappingProxyType(
    {
        "AdobeRGB": RgbSpace((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), D65, _ADOBE_GAMMA),
        "AppleRGB": RgbSpace((0.625, 0.34), (0.28, 0.595), (0.155, 0.07), D65, 1.8),
        "CIERGB": RgbSpace((0.735, 0.265), (0.274, 0.717), (0.167, 0.009), E, _ADOBE_GAMMA),
        "ColorMatchRGB": RgbSpace((0.63, 0.34), (0.295, 0.605), (0.15, 0.075), D50, 1.8),
        "NTSC": RgbSpace((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), C, _ADOBE_GAMMA),
        "PAL": RgbSpace((0.64, 0.33), (0.29, 0.6), (0.15, 0.06), D65, _ADOBE_GAMMA),
        "ProPhoto": RgbSpace((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), D50, 1.8),
        "SMPTE": RgbSpace((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), D65, _ADOBE_GAMMA),
        "WideGamutRGB": RgbSpace((0.735, 0.265), (0.115, 0.826), (0.157, 0.018), D50, _ADOBE_GAMMA),
    }
)
_GRAY_GAMMAS: Mapping[str, float] = MappingProxyType({"GrayGamma18": 1.8, "GrayGamma22": 2.2})


@dataclass(frozen=True, slots=True)
class Profile:
    """An ICC profile. Two are equal if their bytes are: ``digest`` stands for ``data``, which is large."""

    digest: str
    description: str
    space: str
    srgb: bool
    data: bytes = field(repr=False, compare=False)

    @property
    def pixels(self) -> PixelType | None:
        """The pixels that it is for; ``None`` for what cannot be here, such as Lab."""
        return SIGNATURES.get(self.space)


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


@lru_cache(maxsize=32)
def made_profile(name: str) -> bytes:
    """The bytes of a standard profile that this program makes; always the same.

    Raises:
        KeyError: it is none of those.
    """
    row = standard(name)
    if row is None:
        raise KeyError(name)
    if row is SRGB:
        return srgb_profile()
    if row.name in _GRAY_GAMMAS:
        return gray_profile(row.title, _GRAY_GAMMAS[row.name])
    return matrix_profile(row.title, _RGB_SPACES[row.name])


@lru_cache(maxsize=1)
def srgb() -> Profile:
    """The sRGB profile, read."""
    profile = read_profile(srgb_profile())
    assert profile is not None  # noqa: S101  # made by the function below
    return profile


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """An sRGB profile, to embed; always the same bytes.

    Made here because LittleCMS writes the present date into those it makes. Version 2 since some readers know no other.
    """
    curve = b"curv" + struct.pack(">4xI1024H", 1024, *(_linear(step / 1023) for step in range(1024)))
    return _profile(b"RGB ", SRGB.title, _rgb_tags(_SRGB_PRIMARIES, curve))


def matrix_profile(title: str, space: RgbSpace) -> bytes:
    """The profile of an RGB space, its primaries adapted to D50 by Bradford's matrix."""
    return _profile(b"RGB ", title, _rgb_tags(_adapted_primaries(space), _gamma_tag(space.gamma)))


def gray_profile(title: str, gamma: float) -> bytes:
    """The profile of a gray whose levels to the power of ``gamma`` are its light."""
    return _profile(b"GRAY", title, {(b"kTRC",): _gamma_tag(gamma)})


def _rgb_tags(primaries: tuple[Numbers, ...], curve: bytes) -> dict[tuple[bytes, ...], bytes]:
    columns: dict[tuple[bytes, ...], bytes] = {
        (name,): _xyz_tag(numbers) for name, numbers in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
    }
    return {**columns, (b"rTRC", b"gTRC", b"bTRC"): curve}


def _profile(space: bytes, title: str, tags: Mapping[tuple[bytes, ...], bytes]) -> bytes:
    """A display profile of version 2.1; several tags may share a value."""
    name = title.encode("ascii") + b"\0"
    values = {
        (b"desc",): b"desc" + struct.pack(">4xI", len(name)) + name + bytes(78),
        (b"cprt",): b"text" + bytes(4) + b"No copyright, use freely\0",
        (b"wtpt",): _xyz_tag(_D50_XYZ),
        **tags,
    }
    count = sum(map(len, values))
    table, body = b"", b""
    start = 128 + 4 + 12 * count
    for names, value in values.items():
        entry = struct.pack(">II", start + len(body), len(value))
        table += b"".join(shared + entry for shared in names)
        body += value + bytes(-len(value) % 4)
    header = struct.pack(
        ">I4sI4s4s4s6H4s28x3i48x",
        *(start + len(body), b"\0\0\0\0", 0x02100000, b"mntr", space, b"XYZ "),
        *(2000, 1, 1, 0, 0, 0, b"acsp"),
        *_fixed(_D50_XYZ),
    )
    return header + struct.pack(">I", count) + table + body


def _gamma_tag(gamma: float) -> bytes:
    return b"curv" + struct.pack(">4xIH", 1, round(gamma * 256))


def _adapted_primaries(space: RgbSpace) -> tuple[Numbers, Numbers, Numbers]:
    """The light of full red, green and blue in the connection space: together they are its white."""
    white, (red, green, blue) = _light(space.white), map(_light, (space.red, space.green, space.blue))
    shares = _solved(_columns(red, green, blue), white)
    source, target = _times(_BRADFORD, white), _times(_BRADFORD, _D50_XYZ)

    def adapted(primary: Numbers, share: float) -> Numbers:
        cone = _times(_BRADFORD, primary)
        scaled = (cone[0] * target[0] / source[0], cone[1] * target[1] / source[1], cone[2] * target[2] / source[2])
        light = _solved(_BRADFORD, scaled)
        return light[0] * share, light[1] * share, light[2] * share

    return adapted(red, shares[0]), adapted(green, shares[1]), adapted(blue, shares[2])


def _light(point: Point) -> Numbers:
    """X, Y, Z of a chromaticity, Y being 1."""
    return point[0] / point[1], 1.0, (1 - point[0] - point[1]) / point[1]


def _columns(first: Numbers, second: Numbers, third: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    rows = tuple(zip(first, second, third, strict=True))
    return rows[0], rows[1], rows[2]


def _times(matrix: tuple[Numbers, Numbers, Numbers], vector: Numbers) -> Numbers:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return one, two, three


def _solved(matrix: tuple[Numbers, Numbers, Numbers], wanted: Numbers) -> Numbers:
    """The vector that a matrix makes ``wanted`` of, by Cramer's rule."""
    whole = _determinant(matrix)
    results = []
    for place in range(3):
        rows = [[wanted[row] if column == place else matrix[row][column] for column in range(3)] for row in range(3)]
        results.append(_determinant(_columns(*(_column(rows, column) for column in range(3)))) / whole)
    return results[0], results[1], results[2]


def _column(rows: list[list[float]], column: int) -> Numbers:
    return rows[0][column], rows[1][column], rows[2][column]


def _determinant(matrix: tuple[Numbers, Numbers, Numbers]) -> float:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


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
