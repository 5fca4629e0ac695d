"""URLs that a program of others makes: npm's ``unpic``, a library that rewrites the image URLs of pages, against a real server.

``sofa.png`` is 600×400: red top left, green top right, blue bottom left, yellow bottom right. unpic adds ``fit=crop,0`` to every
URL that says nothing of ``fit``, so a width alone keeps the proportions, and what has both is filled and cut, never enlarged.
"""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.serving import BLUE, GREEN, RED, YELLOW, Reply, Server, busy, quadrants, serving

CLIENTS = Path(__file__).parents[1] / "clients"
HOST = "https://s7d1.scene7.com"
SOFA = f"{HOST}/is/image/acme/sofa"
BUSY = f"{HOST}/is/image/acme/busy"
PATTERN = (RED, GREEN, BLUE, YELLOW)
WHITE = ((255, 255, 255),) * 4
TOLERANCE = 12
"""A lossy format's error in the middle of a plain surface."""

Corners = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A URL on a page, what unpic is told to make of it, and what has to come back.

    ``scene7`` are operations that unpic hands on as they are. ``corners`` are the colours in the corners of the picture.
    """

    name: str
    url: str
    size: tuple[int, int]
    media_type: str = "image/jpeg"
    operations: Mapping[str, Any] = field(default_factory=dict)
    scene7: Mapping[str, Any] = field(default_factory=dict)
    corners: Corners = PATTERN


def _formats() -> Iterator[Case]:
    """Every format that unpic knows of scene7 and that is made in this version."""
    for media_type, names in (
        ("image/jpeg", ("jpeg", "jpg", "pjpeg")),
        ("image/png", ("png", "png-alpha", "png8", "png8-alpha")),
        ("image/gif", ("gif", "gif-alpha")),
        ("image/webp", ("webp",)),
        ("image/avif", ("avif", "avif-alpha")),
        ("image/tiff", ("tif", "tif-alpha")),
    ):
        for name in names:
            yield Case(f"format {name}", SOFA, (150, 100), media_type, {"width": 150, "format": name})


CASES = (
    # the widths of a srcset: 400/600 of each, halves up
    *(
        Case(f"width {width}", SOFA, (width, height), operations={"width": width})
        for width, height in ((64, 43), (320, 213), (481, 321), (600, 400))
    ),
    Case("a width in text, with a fraction", SOFA, (100, 67), operations={"width": "99.6"}),
    # nothing is enlarged: the picture stays 600×400 in the middle, the rest of the width is white
    Case("wider than the original", SOFA, (1200, 400), operations={"width": 1200}, corners=WHITE),
    Case("height", SOFA, (150, 100), operations={"height": 100}),
    # both: filled and cut in the middle, so that all four quarters are seen
    Case("both, the same proportions", SOFA, (300, 200), operations={"width": 300, "height": 200}),
    Case("both, upright", SOFA, (100, 200), operations={"width": 100, "height": 200}),
    Case("both, flat", SOFA, (300, 50), operations={"width": 300, "height": 50}),
    *_formats(),
    *(Case(f"quality {quality}", SOFA, (120, 80), operations={"width": 120, "quality": quality}) for quality in (1, 80, 100)),
    Case(
        "everything at once",
        SOFA,
        (240, 240),
        "image/webp",
        {"width": 240, "height": 240, "quality": 75, "format": "webp"},
    ),
    # fit, given for 300×300: scales are 300/600 = 1/2 across and 300/400 = 3/4 down
    *(
        Case(f"fit={fit}", SOFA, size, operations={"width": 300, "height": 300}, scene7={"fit": fit}, corners=corners)
        for fit, size, corners in (
            ("fit", (300, 300), WHITE),
            ("constrain", (300, 200), PATTERN),
            ("crop", (300, 300), PATTERN),
            ("wrap", (450, 300), PATTERN),
            ("stretch", (300, 300), PATTERN),
            ("hfit", (300, 300), WHITE),
            ("vfit", (300, 300), PATTERN),
        )
    ),
    *(
        Case(f"enlarged, fit={fit}", SOFA, size, operations={"width": 900, "height": 900}, scene7={"fit": fit}, corners=corners)
        for fit, size, corners in (
            ("fit,1", (900, 900), WHITE),
            ("constrain,1", (900, 600), PATTERN),
            ("crop,1", (900, 900), PATTERN),
            ("wrap,1", (1350, 900), PATTERN),
            ("crop,0", (900, 900), WHITE),
        )
    ),
    # other commands that unpic hands on
    Case("turned", SOFA, (100, 150), operations={"width": 100}, scene7={"rotate": 90}, corners=(BLUE, RED, YELLOW, GREEN)),
    Case("a part", SOFA, (90, 60), operations={"width": 90}, scene7={"crop": "0,0,270,180"}, corners=(RED,) * 4),
    Case("a fresh one", SOFA, (90, 60), operations={"width": 90}, scene7={"cache": "off", "iccEmbed": True}),
    Case("sharpened", SOFA, (90, 60), operations={"width": 90}, scene7={"op_usm": "1.75,0.3,2,0"}),
    # URLs as pages have them, with commands already
    Case("another width", f"{SOFA}?wid=100&hei=90&fmt=png&qlt=90", (200, 90), "image/png", {"width": 200}),
    Case("another height", f"{SOFA}?wid=100&hei=90&fmt=png", (100, 150), "image/png", {"height": 150}),
    Case("another format", f"{SOFA}?wid=120&fmt=jpeg&qlt=85,1", (120, 80), "image/webp", {"format": "webp"}),
    Case("another quality", f"{SOFA}?wid=120&qlt=85,1&op_sharpen=1&resMode=sharp2", (120, 80), operations={"quality": 40}),
    Case("its own fit", f"{SOFA}?wid=100&hei=100&fit=stretch", (250, 100), operations={"width": 250}),
    Case("nothing changed", f"{SOFA}?wid=60&fmt=png-alpha", (60, 40), "image/png"),
    Case("a preset", f"{SOFA}?$Card$", (320, 240), "image/png"),
    # what stands behind a preset overrides it: 320×240 becomes 200×240, filled
    Case("a preset and a width", f"{SOFA}?$Card$", (200, 240), "image/png", {"width": 200}),
    Case("a preset and a format", f"{SOFA}?$Card$&ts=1700000000", (320, 240), "image/jpeg", {"format": "jpeg"}),
    Case("another host", "https://images.scene7.com/is/image/acme/sofa?wid=80", (90, 60), operations={"width": 90}),
)

REFUSED = (
    # unpic knows values that the protocol does not have, and fit= where it means nothing (r-fit)
    (Case("only a quality", SOFA, (0, 0), operations={"quality": 50}), "fit=crop: expected wid= or hei= beside it"),
    (Case("flip=h", SOFA, (0, 0), operations={"width": 60}, scene7={"flip": "h"}), "flip=h: expected one of lr, ud, lrud"),
    (Case("fmt=web-alpha", SOFA, (0, 0), operations={"width": 60, "format": "web-alpha"}), "fmt=web-alpha: expected format"),
    (Case("fmt=swf", SOFA, (0, 0), operations={"width": 60, "format": "swf"}), "fmt=swf: expected a format that can still"),
)

QUALITIES = [Case(f"size at {q}", BUSY, (0, 0), operations={"width": 300, "quality": q}) for q in (10, 40, 70, 95)]

_ASKED = (*CASES, *(case for case, _ in REFUSED), *QUALITIES)


@pytest.fixture(scope="session")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the clients and what they need, installed once for all processes of a run."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed (`make debian` does it as root on Debian)")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "clients"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.copytree(CLIENTS, part := folder.with_suffix(".part"), ignore=shutil.ignore_patterns("node_modules"))
            _run(part, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
            part.rename(folder)
    return folder


def _run(folder: Path, *command: str, given: str = "") -> str:
    """What a command prints."""
    done = subprocess.run(  # noqa: S603  # our own command line
        command, cwd=folder, input=given, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr or done.stdout}"
    return done.stdout


@pytest.fixture(scope="session")
def urls(clients: Path) -> dict[str, str]:
    """The URL that unpic makes of each case, by name."""
    given = json.dumps([[case.url, dict(case.operations), dict(case.scene7)] for case in _ASKED])
    made = json.loads(_run(clients, "node", "scene7_urls.mjs", given=given))
    assert {entry["provider"] for entry in made} == {"scene7"}
    return {case.name: entry["url"] for case, entry in zip(_ASKED, made, strict=True)}


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("unpic")
    (folder / "images").mkdir()
    (folder / "catalogs").mkdir()
    quadrants(600, 400).save(folder / "images/sofa.png")
    busy(600, 400).save(folder / "images/busy.png")
    for name, text in {
        "default.ini": "RootId=\nErrorDetail=2\n",
        "acme.ini": "RootId=acme\nCatalogFile=acme.tab\nMacroFile=macros.tab\n",
        "acme.tab": "Id\tPath\nsofa\tsofa.png\nbusy\tbusy.png\n",
        "macros.tab": "Name\tDefinition\nCard\twid=320&hei=240&fit=crop&fmt=png\n",
    }.items():
        (folder / "catalogs" / name).write_text(text)
    with serving(folder) as running:
        yield running


def served(server: Server, url: str) -> Reply:
    """What the server answers under the path and query of a URL of another host."""
    parts = urlsplit(url)
    assert parts.scheme == "https"
    assert (parts.hostname or "").endswith("scene7.com")
    assert parts.path.startswith("/is/image/acme/")
    return server.ask(f"{parts.path}?{parts.query}")


def corners_of(reply: Reply) -> list[tuple[int, ...]]:
    image = reply.image.convert("RGB")
    right, bottom = image.width - 2, image.height - 2
    return [tuple(image.getpixel(at) or ()) for at in ((1, 1), (right, 1), (1, bottom), (right, bottom))]  # type: ignore[arg-type]  # RGB gives tuples


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_urls_of_unpic(shop: Server, urls: dict[str, str], case: Case) -> None:
    reply = served(shop, urls[case.name])
    assert reply.status == 200, (urls[case.name], reply.text)
    assert reply.media_type == case.media_type
    assert Image.MIME[reply.image.format or ""] == case.media_type
    assert reply.image.size == case.size
    # at a quality of 1 nothing is left of colours
    if case.operations.get("quality") != 1:
        for found, expected in zip(corners_of(reply), case.corners, strict=True):
            assert max(abs(one - other) for one, other in zip(found, expected, strict=True)) <= TOLERANCE, urls[case.name]


@pytest.mark.parametrize(("case", "detail"), REFUSED, ids=[case.name for case, _ in REFUSED])
def test_what_the_protocol_has_not_is_refused_by_name(shop: Server, urls: dict[str, str], case: Case, detail: str) -> None:
    reply = served(shop, urls[case.name])
    assert reply.status == 403
    assert reply.text.startswith(f"The request is not valid: {detail}")


def test_the_quality_asked_for_counts(shop: Server, urls: dict[str, str]) -> None:
    sizes = [len(served(shop, urls[case.name]).body) for case in QUALITIES]
    assert sizes == sorted(set(sizes))
