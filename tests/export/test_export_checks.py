"""What is found out about assets before the first byte."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proxy.catalog.watch import CatalogFolder
from proxy.export.checks import Asset, look_at
from proxy.export.config import ExportConfig
from proxy.export.request import Problem, read_job
from proxy.recipe.model import Header, Source
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import Pool, PoolConfig
from proxy.service import Renditions
from proxy.sources.folders import Folder
from proxy.sources.http import Foreign

Found = tuple[tuple[Asset, ...], tuple[Problem, ...]]


async def found(
    renditions: Renditions, *handles: str, export_bytes: int = 10**9, thoroughly: bool = False, **fields: object
) -> Found:
    job, problems = read_job({"assetHandleArray": list(handles), **fields}, 100)
    assert problems == ()
    return await look_at(job, renditions, ExportConfig(export_bytes=export_bytes), thoroughly=thoroughly)


async def test_a_rendition_is_named_after_its_object_and_what_wins(renditions: Renditions) -> None:
    assets, problems = await found(
        renditions, "fileToExport.jpg", "shop/shoe", "shop/hat", fmt="convert", is_modifier="&fmt=png", macro="$test$"
    )
    assert problems == ()
    assert [asset.entry for asset in assets] == ["fileToExport.tiff", "shoe.tiff", "hat.tiff"]
    assert [asset.source for asset in assets] == ["fileToExport.jpg", "left shoe.jpg", "hat.png"]
    assert assets[2].modifiers == "fmt=webp&fmt=png&fmt=tif"


@pytest.mark.parametrize(
    ("word", "suffix"),
    [("jpeg", ".jpg"), ("jpg", ".jpg"), ("png-alpha", ".png"), ("png8", ".png"), ("tif-alpha", ".tiff"), ("webp", ".webp")],
)
async def test_formats_have_the_suffixes_that_were_decided(renditions: Renditions, word: str, suffix: str) -> None:
    assets, _ = await found(renditions, "fileToExport.jpg", fmt="convert", is_modifier=f"fmt={word}")
    assert [asset.entry for asset in assets] == [f"fileToExport{suffix}"]


async def test_originals_keep_their_names_sizes_and_times(renditions: Renditions) -> None:
    assets, problems = await found(renditions, "shop/shoe", "shoes/left%20shoe.jpg", "a|7|hat.png", fmt="orig")
    assert problems == ()
    assert [asset.entry for asset in assets] == ["left shoe.jpg", "left shoe (2).jpg", "hat.png"]
    source, _ = (await renditions.plan(renditions.read("hat.png"))).sources[0]
    assert (assets[2].expected, assets[2].modified_ns, assets[2].location) == (source.size, source.mtime_ns, source.location)


@pytest.mark.parametrize(
    ("handle", "part"),
    [
        ("nowhere.jpg", "not found: nowhere.jpg"),
        ("shop/nothing", "not found: shop/nothing"),
        ("shop/lost", "not found: shop/lost"),
        ("shop", "not found: shop"),
        ("shop/broken", "broken"),
        ("shop/set", "an Image Set (IMAGESET)"),
        ("shop/spin", "a Spin Set (SPINSET)"),
        ("shop/spin2", "a Spin Set (SPINSET2D)"),
        ("shop/media", "a Media Set (MEDIASET)"),
        ("shop/video", "a Video Set or Multi-bitrate Set (VIDEOSET)"),
        ("shop/book", "an eCatalog (ECATALOG)"),
        ("shop/bare", "a set"),
        ("shop/wild", "$nobody$"),
        ("../secret.jpg", "upwards"),
        ("..%2Fsecret.jpg", "upwards"),
    ],
)
@pytest.mark.parametrize("fields", [{"fmt": "orig"}, {"fmt": "convert", "is_modifier": "wid=9"}])
async def test_what_cannot_be_exported_is_said_with_its_handle(
    renditions: Renditions, handle: str, part: str, fields: dict[str, Any]
) -> None:
    assets, problems = await found(renditions, handle, "fileToExport.jpg", **fields)
    assert [(problem.field, problem.handle, problem.status) for problem in problems] == [("assetHandleArray", handle, 400)]
    assert part in problems[0].message
    assert [asset.handle for asset in assets] == ["fileToExport.jpg"]


async def test_a_template_can_be_converted_but_has_no_original(renditions: Renditions) -> None:
    _, problems = await found(renditions, "shop/template", fmt="orig")
    assert "no original" in problems[0].message
    assets, problems = await found(renditions, "shop/template", fmt="convert", is_modifier="fmt=jpeg")
    assert problems == ()
    assert assets[0].entry == "template.jpg"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"macro": "nobody"}, [("macro", "", "$nobody$")]),
        ({"is_modifier": "wid=huge"}, [("is_modifier", "", "wid=huge")]),
        ({"is_modifier": "$nobody$", "macro": "bad"}, [("is_modifier", "", "$nobody$"), ("macro", "", "wid=huge")]),
        ({"is_modifier": "wid=999999&hei=999999"}, [("is_modifier", "", "pixels")]),
        ({"is_modifier": "req=props"}, [("is_modifier", "", "holds images")]),
        ({"is_modifier": "rect=0,0,0,0", "macro": "small"}, [("is_modifier", "", "rect")]),
    ],
)
async def test_what_is_wrong_for_all_is_said_once(
    renditions: Renditions, fields: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    _, problems = await found(renditions, "fileToExport.jpg", "shop/shoe", "hat.png", fmt="convert", **fields)
    assert [(problem.field, problem.handle) for problem in problems] == [(field, handle) for field, handle, _ in expected]
    assert all(part in problem.message for problem, (_, _, part) in zip(problems, expected, strict=True))


async def test_originals_together_have_a_limit(renditions: Renditions) -> None:
    _, problems = await found(renditions, "hat.png", "fileToExport.jpg", fmt="orig", export_bytes=3000)
    assert [problem.status for problem in problems] == [413]


async def test_a_rendition_that_is_there_already_is_estimated_exactly(renditions: Renditions) -> None:
    guessed, _ = await found(renditions, "fileToExport.jpg", fmt="convert", is_modifier="fmt=png", thoroughly=True)
    made = await renditions.get(renditions.read("fileToExport.jpg?fmt=png"))
    exact, _ = await found(renditions, "fileToExport.jpg", fmt="convert", is_modifier="fmt=png", thoroughly=True)
    assert exact[0].expected == len(made.data)
    assert 0.1 < guessed[0].expected / len(made.data) < 10


SIX = ("fileToExport.jpg", "shop/shoe", "shop/hat", "shop/template", "hat.png", "shoes/left%20shoe.jpg")


@pytest.mark.parametrize("fields", [{"is_modifier": "wid=9"}, {"macro": "test"}, {"is_modifier": "layer=1&src=hat.png"}])
async def test_both_looks_find_the_same(renditions: Renditions, fields: dict[str, Any]) -> None:
    quick, _ = await found(renditions, *SIX, fmt="convert", **fields)
    thorough, problems = await found(renditions, *SIX, fmt="convert", thoroughly=True, **fields)
    assert problems == ()
    assert [replace(asset, expected=0) for asset in thorough] == list(quick)
    assert all(asset.expected > 0 for asset in thorough)


class Probed(Pool):
    """A pool that remembers which originals were opened."""

    opened: list[str]

    async def probe(self, source: Source) -> Header:
        self.opened.append(source.name)
        return await super().probe(source)


@pytest.fixture
def probed(shop: Path, foreign: Foreign) -> Iterator[tuple[Renditions, list[str]]]:
    pool = Probed(PoolConfig(workers=1), Opening(Limits()))
    pool.opened = []
    yield Renditions(CatalogFolder(shop / "catalogs", None), [Folder(shop / "images")], foreign, pool), pool.opened
    pool.close()


async def test_only_the_first_original_is_opened(probed: tuple[Renditions, list[str]]) -> None:
    renditions, opened = probed
    _, problems = await found(renditions, "fileToExport.jpg", "hat.png", "shop/shoe", fmt="convert", macro="small")
    assert (problems, opened) == ((), ["fileToExport.jpg"])
    await found(renditions, "fileToExport.jpg", "hat.png", "shop/shoe", fmt="convert", macro="small", thoroughly=True)
    assert sorted(opened) == ["fileToExport.jpg", "hat.png", "shop/shoe"]


@pytest.mark.parametrize("wrong", [{"is_modifier": "wid=999999&hei=999999"}, {"is_modifier": "rect=0,0,0,0", "macro": "small"}])
async def test_what_the_first_picture_shows_to_be_wrong_is_wrong_for_all(renditions: Renditions, wrong: dict[str, Any]) -> None:
    assets, problems = await found(renditions, "hat.png", "fileToExport.jpg", fmt="convert", **wrong)
    assert assets == ()
    assert [(problem.field, problem.handle) for problem in problems] == [("is_modifier", "")]


async def test_a_job_that_is_refused_hears_of_all_that_is_wrong(renditions: Renditions) -> None:
    handles = ("fileToExport.jpg", "shop/broken", "shop/lost")
    _, problems = await found(renditions, *handles, fmt="convert", is_modifier="wid=9")
    assert [problem.handle for problem in problems] == ["shop/broken", "shop/lost"]
    assets, problems = await found(renditions, *handles[:2], fmt="convert", is_modifier="wid=9")
    assert (len(assets), problems) == (2, ())
    _, problems = await found(renditions, *handles[:2], fmt="convert", is_modifier="wid=9", thoroughly=True)
    assert [problem.handle for problem in problems] == ["shop/broken"]


@pytest.mark.parametrize(
    ("modifiers", "part"),
    [
        ("layer=1&src=nowhere.png", "not found: nowhere.png"),
        ("layer=1&mask=nowhere.png&src=hat.png", "not found: nowhere.png"),
        ("layer=1&src=is{shop/lost?wid=9}", "not found: shop/lost"),
        ("layer=1&src=drawing.svg", "not found: drawing.svg"),
    ],
)
async def test_every_original_of_a_rendition_is_looked_for(renditions: Renditions, modifiers: str, part: str) -> None:
    _, problems = await found(renditions, "fileToExport.jpg", "hat.png", fmt="convert", is_modifier=modifiers)
    assert problems
    assert all(part in problem.message for problem in problems), problems


async def test_what_is_hidden_is_not_looked_for(renditions: Renditions) -> None:
    _, problems = await found(renditions, "hat.png", fmt="convert", is_modifier="layer=1&src=nowhere.png&hide=1")
    assert problems == ()
