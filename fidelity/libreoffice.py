"""What LibreOffice makes of a text in RTF: where its glyphs stand, and a picture of the page.

It reads the same words in the same font files, through a fontconfig of its own that knows no others. The page becomes a PDF,
of which poppler tells places in points, y downwards, and draws pixels.
"""

import io
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
from PIL import Image

from fidelity.rows import Pixels

NEEDED = ("soffice", "pdftocairo", "pdftoppm")

_PATIENCE = 300
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_FONTS = (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
    "<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>"
)

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: the origins of all glyphs that have ink, in points, and its pixels in levels of gray."""

    places: tuple[Place, ...]
    pixels: Pixels


@cache
def version() -> str:
    """What it calls itself, such as ``LibreOffice 7.4``."""
    line = _run(["soffice", "--version"]).decode()
    found = re.search(r"LibreOffice \d+\.\d+", line)
    return found[0] if found is not None else line.strip()


def sheets(texts: Mapping[str, str], fonts: Sequence[Path], resolution: float) -> dict[str, Sheet]:
    """Typeset whole RTF files by their names, all in one run of the program."""
    with tempfile.TemporaryDirectory(prefix="fidelity") as made:
        folder = Path(made)
        (folder / "fonts").mkdir()
        for font in fonts:
            (folder / "fonts" / font.name).write_bytes(font.read_bytes())
        (folder / "fonts.conf").write_text(_FONTS.format(fonts=folder / "fonts", cache=folder / "cache"))
        for name, text in texts.items():
            (folder / f"{name}.rtf").write_bytes(text.encode("ascii"))
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
        _run([*command, *(str(folder / f"{name}.rtf") for name in texts)], FONTCONFIG_FILE=str(folder / "fonts.conf"), HOME=made)
        return {name: _sheet(folder / f"{name}.pdf", resolution) for name in texts}


def _sheet(file: Path, resolution: float) -> Sheet:
    drawn = _run(["pdftocairo", "-svg", "-noshrink", "-nocenter", str(file), "-"])
    page = _run(["pdftoppm", "-png", "-gray", "-singlefile", "-r", f"{resolution:g}", str(file)])
    with Image.open(io.BytesIO(page)) as image:
        return Sheet(_places(drawn), np.asarray(image.convert("L")))


def _places(drawn: bytes) -> tuple[Place, ...]:
    root = ET.fromstring(drawn)  # noqa: S314  # written by poppler just now
    outlines = {f"#{symbol.get('id')}" for symbol in root.iter() if symbol.get("id", "").startswith("glyph") and _has_ink(symbol)}
    used = (use for use in root.iter(f"{_SVG}use") if use.get(_HREF) in outlines)
    return tuple((float(use.get("x", "0")), float(use.get("y", "0"))) for use in used)


def _has_ink(symbol: ET.Element) -> bool:
    return any(path.get("d", "").strip() for path in symbol.iter(f"{_SVG}path"))


def _run(command: Sequence[str], **environment: str) -> bytes:
    done = subprocess.run(  # noqa: S603  # our own command line
        command, capture_output=True, timeout=_PATIENCE, check=False, env={**os.environ, **environment}
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout
