"""Originals of kinds that no sample is of, and damage to originals: what decoders have to survive.

What is made is the same wherever the same encoders are.
"""

import zlib
from pathlib import Path
from random import Random
from typing import Final

import imagecodecs
import numpy as np
import pillow_heif
import tifffile
from PIL import Image

_PNG: Final = b"\x89PNG\r\n\x1a\n"

_SVG: Final = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
width="60" height="40" viewBox="0 0 60 40">
<defs><linearGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="#00f8"/></linearGradient>
<filter id="f"><feGaussianBlur stdDeviation="2"/></filter>
<pattern id="p" width="9" height="9" patternUnits="userSpaceOnUse"><circle r="5"/></pattern>
<mask id="m"><rect width="50" height="30" fill="white"/></mask></defs>
<rect width="60" height="40" fill="url(#g)" filter="url(#f)"/><g mask="url(#m)" transform="rotate(20) scale(1.5)">
<path id="a" d="M5 5C20 0 30 40 50 20Z" fill="url(#p)" stroke="green" stroke-dasharray="3 1"/></g>
<use xlink:href="#a" x="9" opacity=".5"/><text x="5" y="30" font-size="12">Text</text>
<image xlink:href="quad.png" width="9" height="9"/></svg>
"""

_LENGTHS: Final = (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff", b"\x00\x00\xff\xff")


def make(folder: Path) -> None:
    """Write small originals of many kinds into a folder."""
    color = Image.merge("RGB", [Image.radial_gradient("L").resize((60, 40)).rotate(turn) for turn in (0, 90, 180)])
    gray, alpha = color.convert("L"), color.copy()
    alpha.putalpha(Image.linear_gradient("L").resize(color.size))
    frames = [color.rotate(turn) for turn in (90, 180, 270)]
    for name, image, options in (
        ("made-lossy.webp", alpha, {"quality": 60}),
        ("made-lossless.webp", alpha, {"lossless": True}),
        ("made-moving.webp", color, {"save_all": True, "append_images": frames}),
        ("made.avif", color, {"quality": 60}),
        ("made-alpha.avif", alpha, {"quality": 60}),
        ("made.bmp", color, {}),
        ("made-palette.bmp", color.quantize(16), {}),
        ("made-progressive.jpg", color, {"progressive": True, "optimize": True}),
        ("made-inks.jpg", color.convert("CMYK"), {"quality": 80}),
        ("made-restarts.jpg", color, {"restart_marker_rows": 1}),
        ("made-bits.png", gray.convert("1"), {}),
        ("made-key.png", color, {"transparency": (255, 255, 255)}),
        ("made-moving.png", color, {"save_all": True, "append_images": frames}),
        ("made-moving.gif", color, {"save_all": True, "append_images": frames, "duration": 50}),
        ("made-lzw.tif", alpha, {"compression": "tiff_lzw"}),
        ("made-deflate.tif", color, {"compression": "tiff_adobe_deflate"}),
        ("made-jpeg.tif", color, {"compression": "jpeg"}),
        ("made-fax.tif", gray.convert("1"), {"compression": "group4"}),
        ("made-inks.tif", color.convert("CMYK"), {"compression": "tiff_lzw"}),
        ("made-turned.tif", color, {"tiffinfo": {274: 6}}),
    ):
        image.save(folder / name, **options)
    color.save(folder / "made.jp2")
    alpha.save(folder / "made-alpha.jp2", irreversible=True)
    for name, image in (("made.heic", color), ("made-alpha.heic", alpha)):
        pillow_heif.from_pillow(image).save(folder / name)
    (folder / "made.jxr").write_bytes(imagecodecs.jpegxr_encode(np.asarray(color), level=80))
    (folder / "made.svg").write_text(_SVG)
    deep = np.asarray(color).astype(np.uint16) * 257
    tifffile.imwrite(folder / "made-planes.tif", np.moveaxis(deep, 2, 0), photometric="rgb", planarconfig="separate")
    tifffile.imwrite(folder / "made-deep.tif", deep, photometric="rgb", compression="zlib", tile=(16, 16))


def damage(data: bytes, rng: Random) -> bytes:
    """Bytes with a few of them changed, cut off, put in, repeated or moved."""
    found = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 1, 1, 2, 3, 10))):
        if not found:
            break
        # headers decide more than pixels do
        at = rng.randrange(min(len(found), rng.choice((32, 300, 4000, *[len(found)] * 4))))
        match rng.randrange(12):
            case 0 | 1 | 8 | 9 | 10 | 11:
                found[at] ^= 1 << rng.randrange(8)
            case 2:
                found[at] = rng.choice((0, 1, 127, 128, 255))
            case 3:
                del found[at : at + rng.choice((1, 2, 4, 100, 5000))]
            case 4:
                found[at:at] = rng.randbytes(rng.choice((1, 2, 4, 100)))
            case 5:
                found[at : at + 4] = rng.choice(_LENGTHS)
            case 6:
                del found[max(at, 1) :]
            case _:
                found[at:at] = found[at : at + rng.choice((4, 64, 1000))]
    return _summed(bytes(found)) if rng.random() < 0.8 else bytes(found)


def _summed(data: bytes) -> bytes:
    """A PNG with right sums for its chunks, so that what is damaged in them is looked at; anything else as it is."""
    if not data.startswith(_PNG):
        return data
    parts, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            break
        parts += [data[at:end], zlib.crc32(data[at + 4 : end]).to_bytes(4, "big")]
        at = end + 4
    return b"".join([*parts, data[at:]])
