"""The pictures of docs/examples are what the server makes of the requests above them; every picture belongs to a request."""

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from tests.example_pages import FOLDER, PROJECT, Example, examples, samples_served
from tests.serving import Server

MEAN, LARGEST = 1.5, 40
"""How far pixels may lie from the picture in the page, in levels of 255: another version of an encoder, no other picture."""

SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with samples_served() as running:
        yield running


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.file)
def test_the_server_makes_the_picture(server: Server, example: Example) -> None:
    reply = server.ask(example.target)
    assert reply.status == 200, reply.text
    assert example.file.endswith(SUFFIXES[reply.media_type])
    with Image.open(FOLDER / example.file) as shown:
        kept = np.asarray(shown.convert("RGBA")).astype(int)
    made = np.asarray(reply.image.convert("RGBA")).astype(int)
    assert made.shape == kept.shape
    difference = np.abs(made - kept)
    assert difference.mean() <= MEAN
    assert difference.max() <= LARGEST


def test_every_picture_belongs_to_one_request() -> None:
    named = [example.file for example in examples()]
    assert sorted(named) == sorted(file.name for file in FOLDER.iterdir() if file.suffix != ".md")


def test_every_page_is_found_from_the_first() -> None:
    first = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"({page.name})" in first for page in FOLDER.glob("*.md") if page.name != "README.md")
    assert "docs/examples" in (PROJECT / "README.md").read_text(encoding="utf-8")


def test_every_request_has_a_picture() -> None:
    blocks = sum(page.read_text(encoding="utf-8").count("```url") for page in FOLDER.glob("*.md"))
    assert blocks == len(examples()) > 0
