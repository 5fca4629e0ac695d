"""Headers of originals: each is asked for once, those of SVG documents once for each set of variables that they ask for."""

import asyncio
from dataclasses import replace

import pytest

from proxy.cache.headers import Headers
from proxy.errors import BadSource
from proxy.recipe.drawing import FORMAT
from proxy.recipe.model import Header, Source

PHOTO = Source("photo.jpg", "/photo.jpg", 1, 1)
DRAWING = Source("box.svg", "/box.svg", 1, 1)
PLAIN = Header(4, 3, "rgb")


class Probe:
    """Answers with a header and remembers what it was asked."""

    def __init__(self, header: Header = PLAIN, error: Exception | None = None) -> None:
        self.header, self.error = header, error
        self.asked: list[Source] = []

    async def __call__(self, source: Source) -> Header:
        self.asked.append(source)
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return self.header


async def test_an_original_is_read_once_whatever_is_defined() -> None:
    probe = Probe()
    headers = Headers(probe)
    for variables in ({}, {"a": "1"}, {"a": "2"}):
        assert await headers.of(PHOTO, variables) == (PHOTO, PLAIN)
    assert probe.asked == [PHOTO]


async def test_those_who_ask_together_wait_for_one_answer() -> None:
    probe = Probe()
    headers = Headers(probe)
    assert await asyncio.gather(*(headers.of(PHOTO, {}) for _ in range(5))) == [(PHOTO, PLAIN)] * 5
    assert probe.asked == [PHOTO]


@pytest.mark.parametrize("change", [{"size": 2}, {"mtime_ns": 2}, {"location": "/other.jpg"}])
async def test_another_version_is_read_anew(change: dict[str, object]) -> None:
    probe = Probe()
    headers = Headers(probe)
    other = replace(PHOTO, **change)  # type: ignore[arg-type]  # fields of several types
    for source in (PHOTO, other, PHOTO, other):
        await headers.of(source, {})
    assert probe.asked == [PHOTO, other]


async def test_an_error_is_not_remembered() -> None:
    probe = Probe(error=BadSource("photo.jpg", "damaged"))
    headers = Headers(probe)
    for _ in range(2):
        with pytest.raises(BadSource, match="damaged"):
            await headers.of(PHOTO, {})
    probe.error = None
    assert (await headers.of(PHOTO, {}))[1] == PLAIN
    assert len(probe.asked) == 3


async def test_a_document_is_drawn_with_what_it_asks_for() -> None:
    probe = Probe(Header(4, 3, "rgb", format=FORMAT, variables=("c",)))
    headers = Headers(probe)
    source, _ = await headers.of(DRAWING, {"c": "red", "other": "1"})
    assert source.drawing is not None
    assert source.drawing.variables == (("c", "red"),)
    await headers.of(DRAWING, {"c": "blue"})
    # its header says the same whatever the variable is
    assert probe.asked == [DRAWING]


async def test_a_document_whose_header_is_unsettled_is_read_for_each_set_of_variables() -> None:
    probe = Probe(Header(4, 3, "rgb", format=FORMAT, variables=("w",), unsettled=True))
    headers = Headers(probe)
    for width, others in (("5", "1"), ("6", "1"), ("5", "2")):
        await headers.of(DRAWING, {"w": width, "other": others})
    assert [source.drawing and source.drawing.variables for source in probe.asked] == [None, (("w", "5"),), (("w", "6"),)]
