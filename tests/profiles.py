"""Colour profiles for tests, made by hand, and where Debian keeps real ones; colour differences by a formula written out."""

import itertools
import struct
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from proxy.render.profiles import Profile, read_profile

PROFILES = Path("/usr/share/color/icc")
"""Where the Debian packages libgs-common and colord-data put what they hold."""
PRESS = PROFILES / "ghostscript/default_cmyk.icc"
"""Inks on coated paper (SWOP), with tables for both directions."""


def made(space: bytes, connection: bytes, kind: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile of version 2."""
    tags = {b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz(0.9642, 1, 0.8249), **tags}
    start = 132 + 12 * len(tags)
    table, body = b"", b""
    for tag, value in tags.items():
        table += struct.pack(">4sII", tag, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x", start + len(body), 0x02100000, kind, space, connection, b"acsp", 63190, 65536, 54061
    )
    return head + struct.pack(">I", len(tags)) + table + body


def xyz(*numbers: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(number * 65536) for number in numbers))


def named(name: str) -> bytes:
    return b"desc" + struct.pack(">4xI", len(name) + 1) + name.encode() + b"\0" + bytes(78)


def gray_profile(gamma: float) -> bytes:
    curve = b"curv" + struct.pack(">4xIH", 1, round(gamma * 256))
    return made(b"GRAY", b"XYZ ", b"mntr", {b"desc": named("Gray test"), b"kTRC": curve + b"\0\0"})


def ink_profile() -> bytes:
    """Inks that look like nothing in print: without black everything is mid green, with full black it is mid red."""
    corners = [(128, 200, 128) if black else (128, 60, 160) for *_, black in itertools.product((0, 1), repeat=4)]
    ramp = bytes(range(256))
    table = b"mft1" + struct.pack(">4x4B9i", 4, 3, 2, 0, *[65536, 0, 0, 0, 65536, 0, 0, 0, 65536])
    table += ramp * 4 + bytes(value for corner in corners for value in corner) + ramp * 3
    return made(b"CMYK", b"Lab ", b"prtr", {b"desc": named("Ink test"), b"A2B0": table})


def swapped(data: bytes) -> bytes:
    """The same RGB profile with red and blue exchanged, and nothing else: not its name either."""
    return data.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")


def read(data: bytes) -> Profile:
    found = read_profile(data)
    assert found is not None
    return found


def delta_e(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE76: the distance of colours in Lab, whose three numbers stand in the last axis."""
    difference: NDArray[np.float64] = np.sqrt(((one - other) ** 2).sum(axis=-1))
    return difference


def lab_of_srgb(levels: NDArray[np.uint8] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Lab (D50) of sRGB levels, by the formulas of IEC 61966-2-1 and CIE 15, with Bradford's adaptation."""
    part = levels.astype(np.float64) / 255
    light = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]])
    scaled = light @ matrix.T / np.array([0.96422, 1.0, 0.82521])
    root = np.where(scaled > 216 / 24389, np.cbrt(scaled), (24389 / 27 * scaled + 16) / 116)
    first, second, third = root[..., 0], root[..., 1], root[..., 2]
    return np.stack((116 * second - 16, 500 * (first - second), 200 * (second - third)), axis=-1)


def through(colors: NDArray[np.float64], source: Path, target: Path | str, *, intent: int = 1) -> NDArray[np.float64]:
    """Colours through LittleCMS's own program, which counts in real numbers: RGB and gray 0 to 255, inks 0 to 100, Lab as such.

    ``target`` may be one of the program's own spaces, such as ``*Lab``. The black point is compensated.
    """
    lines = "\n".join(" ".join(f"{number:.6f}" for number in row) for row in colors) + "\n"
    call = ["transicc", "-n", "-b", f"-t{intent}", f"-i{source}", f"-o{target}"]
    told = subprocess.run(call, input=lines, capture_output=True, text=True, check=True).stdout  # noqa: S603  # a fixed program
    found = np.array([[float(number) for number in line.split()] for line in told.splitlines() if line.strip()])
    # real numbers leave the space where colours do; pixels cannot
    return found if target == "*Lab" else found.clip(0, 255)
