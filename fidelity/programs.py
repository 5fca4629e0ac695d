"""Other programs: whether they are there, which version they are of, and what they make of pictures.

A picture goes to ImageMagick as PNG and comes back as one; a page in Chromium prints what it computed as text.
"""

import html
import io
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fidelity.rows import Pixels

_PATIENCE = 120
_RESULT = re.compile(r'<pre id="result">(.*?)</pre>', re.DOTALL)


def missing(names: Sequence[str]) -> list[str]:
    """Those of some programs, or files named by their path, that are not there."""
    return [name for name in names if not Path(name).is_file() and shutil.which(name) is None]


@cache
def version(name: str) -> str:
    """What a program calls itself, such as ``ImageMagick 6.9.11-60``."""
    if name == "transicc":
        return _lcms()
    option = "--version" if name == "chromium" else "-version"
    line = _run([name, option]).decode().splitlines()[0].removeprefix("Version: ")
    return " ".join(line.split()[:2])


def _lcms() -> str:
    """The library that transicc says it was built with."""
    done = subprocess.run(["transicc"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S607  # on the path
    found = re.search(r"LittleCMS (\d+\.\d+)", done.stdout + done.stderr)
    return f"LittleCMS {found[1]}" if found is not None else "LittleCMS"


def through(pixels: Pixels, source: Path | str, target: Path | str, intent: int = 1) -> Pixels:
    """Colours through LittleCMS's own program, in real numbers, the black point compensated.

    RGB goes from 0 to 255, inks from 0 to 100. ``source`` and ``target`` are profiles or spaces of the program, as ``*sRGB``.
    """
    lines = "\n".join(" ".join(f"{number:.6f}" for number in row) for row in pixels.reshape(-1, pixels.shape[-1])) + "\n"
    told = _run(["transicc", "-n", "-b", f"-t{intent}", f"-i{source}", f"-o{target}"], lines.encode()).decode()
    found = np.array([[float(number) for number in line.split()] for line in told.splitlines() if line.strip()])
    # real numbers leave the space where colours do; pixels cannot
    return found.reshape(*pixels.shape[:-1], -1).clip(0, 255)


def magick(pixels: Pixels, *options: str) -> Pixels:
    """What ImageMagick's ``convert`` makes of a picture with some options, in eight bits.

    Its computations are of 16 bits a component; the result is written as RGB, or RGBA if the picture has alpha.
    """
    stream = io.BytesIO()
    image = Image.fromarray(np.asarray(pixels, np.uint8))
    image.save(stream, "PNG")
    kind = {"RGBA": "PNG32:-", "RGB": "PNG24:-", "L": "PNG:-"}[image.mode]
    with Image.open(
        io.BytesIO(_run(["convert", "-limit", "thread", "1", "-", *options, "+repage", "-depth", "8", kind], stream.getvalue()))
    ) as result:
        return np.asarray(result.convert(image.mode))


def computed(script: str, **given: Any) -> Any:
    """What a script in a page in Chromium returns, as JSON has it.

    ``script`` is the body of a function; ``given`` are constants in it. It may not wait for anything, since the page is read
    as soon as it is loaded. The functions ``bytes`` and ``text`` turn base64 into an array and back.
    """
    page = (
        '<!doctype html><pre id="result"></pre><script>'
        f"const given = {json.dumps(given)}; {_BASE64}"
        f"const compute = () => {{ {script} }};"
        'document.getElementById("result").textContent = JSON.stringify(compute());</script>'
    )
    with tempfile.TemporaryDirectory(prefix="fidelity") as folder:
        file = Path(folder) / "page.html"
        file.write_text(page)
        options = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile")
        dump = _run(["chromium", *options, "--dump-dom", file.as_uri()]).decode()
    found = _RESULT.search(dump)
    if found is None or not found[1]:
        raise RuntimeError("the page in Chromium computed nothing")
    return json.loads(html.unescape(found[1]))


_BASE64 = """
  const bytes = (text) => Uint8ClampedArray.from(atob(text), (letter) => letter.charCodeAt(0));
  const text = (data) => {
    let letters = "";
    for (let at = 0; at < data.length; at += 8192) letters += String.fromCharCode(...data.subarray(at, at + 8192));
    return btoa(letters);
  };
"""


def _run(command: Sequence[str], given: bytes = b"") -> bytes:
    done = subprocess.run(  # noqa: S603  # our own command line
        command, input=given, capture_output=True, timeout=_PATIENCE, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout
