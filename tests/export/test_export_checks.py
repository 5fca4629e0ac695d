"""What is found out about assets before the first byte."""

from typing import Any

import pytest

from proxy.export.checks import Asset, look_at
from proxy.export.config import ExportConfig
from proxy.export.request import Problem, read_job
from proxy.service import Renditions

Found = tuple[tuple[Asset, ...], tuple[Problem, ...]]


async def found(renditions: Renditions, *handles: str, export_bytes: int = 10**9, **fields: object) -> Found:
    job, problems = read_job({"assetHandleArray": list(handles), **fields}, 100)
    assert problems == ()
    return await look_at(job, renditions, ExportConfig(export_bytes=export_bytes))


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
    guessed, _ = await found(renditions, "fileToExport.jpg", fmt="convert", is_modifier="fmt=png")
    made = await renditions.get(renditions.read("fileToExport.jpg?fmt=png"))
    exact, _ = await found(renditions, "fileToExport.jpg", fmt="convert", is_modifier="fmt=png")
    assert exact[0].expected == len(made.data)
    assert 0.1 < guessed[0].expected / len(made.data) < 10
