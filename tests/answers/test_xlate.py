import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.answers import answer_for
from proxy.answers._base import NEVER, Ask, Reply
from proxy.catalog.watch import CatalogFolder
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import Pool, PoolConfig
from proxy.service import Renditions
from proxy.sources.hosts import ForeignConfig
from proxy.sources.http import Foreign

FOLDER = Path(__file__).parents[1] / "conformance" / "catalog"


@pytest.fixture(scope="module", name="renditions")
def _renditions() -> Iterator[Renditions]:
    pool = Pool(PoolConfig(workers=1), Opening(Limits()))
    renditions = Renditions(CatalogFolder(FOLDER, None), (), Foreign(ForeignConfig()), pool)
    yield renditions
    renditions.close()


async def answered(renditions: Renditions, target: str) -> Reply:
    asked = renditions.read(target)
    return await answer_for(asked.kind).answer(Ask(asked, renditions))


@pytest.mark.parametrize(
    ("object_", "ids"),
    [
        ("conf/img", "img,img_D,img_F"),
        ("loc/img", "img,img_D,img_F"),
        ("conf//pic", "pic,pic_D,pic_A"),
        ("conf/only", "only_D"),
        ("dflt/red", "red"),
        ("dflt-only", "dflt-only"),
        ("conf/quad.png", "quad.png"),
        ("conf/none.png", ""),
        ("conf", ""),
        ("", ""),
    ],
)
async def test_ids(renditions: Renditions, object_: str, ids: str) -> None:
    reply = await answered(renditions, f"{object_}?req=xlate")
    lines = reply.body.decode().splitlines()
    assert lines[0] == "#S7Z OK"
    assert lines[2:] == [f"xlate.translatedIds={ids}"]
    assert reply.media_type == "text/plain; charset=utf-8"


async def test_forms(renditions: Renditions) -> None:
    text = (await answered(renditions, "conf/img?req=xlate,json&id=7&handler=told")).body.decode()
    assert text.startswith("/*jsonp*/told(")
    assert text.endswith(',"7");')
    assert json.loads(text[len("/*jsonp*/told(") : -len(',"7");')]) == {"xlate.translatedIds": "img,img_D,img_F"}
    javascript = await answered(renditions, "conf/img?req=xlate,javascript")
    assert javascript.body == b"xlate.translatedIds='img,img_D,img_F'\n"
    xml = (await answered(renditions, "conf/img?req=xlate,xml")).body.decode()
    assert '<property name="translatedIds" value="img,img_D,img_F" />' in xml


@pytest.mark.parametrize(
    ("object_", "hours"), [("conf/exp1", 1), ("conf/expnever", NEVER), ("conf/img", 10), ("shop/none", 0), ("dflt/none", 0.1)]
)
async def test_how_long_it_may_be_kept(renditions: Renditions, object_: str, hours: float) -> None:
    assert (await answered(renditions, f"{object_}?req=xlate")).hours == hours
