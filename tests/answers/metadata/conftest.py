"""One service for all tests of metadata, with catalogs and originals made for them."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from proxy.answers import answer_for
from proxy.answers._base import Ask, Reply
from proxy.catalog.watch import CatalogFolder
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import Pool, PoolConfig
from proxy.service import Renditions, ServiceConfig
from proxy.sources.folders import Folder
from proxy.sources.hosts import ForeignConfig
from proxy.sources.http import Foreign
from tests.serving import quadrants

Asking = Callable[[str], Awaitable[Reply]]

FIELDS = ("Id", "Path", "AssetType", "ImageSet", "UserData", "Targets", "Map", "Expiration")
STATIC_FIELDS = ("Id", "Path", "UserData", "VideoBitRate", "AudioBitRate", "TotalStreamBitRate", "VideoSize")
MANY = 100_000
CROP = "SmartCropDef={0}??SmartCropType={0}??SmartCropRect=0.1,0.2,0.5,0.5,{1},{1}??SmartCropWidth={1}.0??SmartCropHeight={1}.0"

RECORDS: tuple[dict[str, str], ...] = (
    {"Id": "quad", "Path": "quad.png", "UserData": "label=Quad??sku=Q-1"},
    {"Id": "quad:Banner", "Path": "quad.png", "UserData": CROP.format("Banner", 800)},
    {"Id": "quad:Swatch", "Path": "quad.png", "UserData": CROP.format("Swatch", 200)},
    {"Id": "quad:note", "Path": "quad.png", "UserData": "a=b"},
    {"Id": "one", "Path": "red.png"},
    {"Id": "one:Only", "Path": "red.png", "UserData": CROP.format("Only", 50)},
    {"Id": "own", "Path": "red.png", "UserData": CROP.format("Tall", 90)},
    {
        "Id": "red",
        "Path": "red.png",
        "UserData": "label=Red??Big Size=</script><b a='1'>\"x\"",
        "Map": "<AREA>",
        "Targets": "Target.1.rect=0,0,1,1",
    },
    {"Id": "blue", "Path": "blue.png"},
    {"Id": "lost", "Path": "no-such-file.png"},
    {"Id": "noise", "Path": "noise.png"},
    {"Id": "sized", "Path": "quad.png", "Expiration": "3"},
    {"Id": "two words", "Path": "blue.png"},
    {"Id": "a:b;c", "Path": "blue.png"},
    {"Id": "template"},
    {"Id": "plain", "Path": "red.png", "UserData": "only <words> & ?? more"},
    {"Id": "clip", "Path": "red.png"},
    {
        "Id": "swatches",
        "AssetType": "IMAGESET",
        "ImageSet": "shop/red;shop/blue,shop/blue;{0xFF8800Or%2Cange},quad",
        "UserData": "caption=Colours",
    },
    {"Id": "spin", "AssetType": "SPINSET", "ImageSet": "red,blue,quad"},
    {"Id": "self", "Path": "red.png", "AssetType": "IMAGESET", "ImageSet": "shop/self,shop/blue"},
    {"Id": "ping", "AssetType": "IMAGESET", "ImageSet": "pong;red"},
    {"Id": "pong", "AssetType": "IMAGESET", "ImageSet": "blue;red,ping;red"},
    {
        "Id": "media",
        "AssetType": "MEDIASET",
        "ImageSet": "quad;red;img,swatches;blue;img_set,clip-only;blue;video,{red:blue,quad};red;ecat",
    },
    {"Id": "nested", "AssetType": "MEDIASET", "ImageSet": "media;red"},
    {"Id": "nested-img", "AssetType": "MEDIASET", "ImageSet": "media;red;img"},
    {"Id": "nested-auto", "ImageSet": "auto-media;red;img,quad;;"},
    {"Id": "auto-media", "ImageSet": "quad;red;img"},
    {"Id": "videos", "AssetType": "VIDEOSET", "ImageSet": "clip-only,clip-hd,clip-silent"},
    {"Id": "flash-videos", "AssetType": "VIDEOSET", "ImageSet": "flash"},
    {"Id": "many", "ImageSet": ",".join(f"p{number}" for number in range(MANY))},
    {"Id": "wide", "AssetType": "SPINSET2D", "ImageSet": ",".join(["hundred"] * 100)},
    {"Id": "hundred", "AssetType": "SPINSET", "ImageSet": ",".join(["lost"] * 100)},
    {"Id": "unmatched", "ImageSet": "{red,blue"},
    {"Id": "deep", "ImageSet": "{" * 100 + "red" + "}" * 100},
    *({"Id": f"chain{number}", "AssetType": "SPINSET2D", "ImageSet": f"chain{number + 1},red"} for number in range(8)),
    {"Id": "chain8", "Path": "red.png"},
    {"Id": "talkative", "AssetType": "IMAGESET", "ImageSet": ",".join(f"word{number}" for number in range(8))},
    *({"Id": f"word{number}", "Path": "red.png", "UserData": "text=" + "x" * 90_000} for number in range(8)),
)
STATICS: tuple[dict[str, str], ...] = (
    {
        "Id": "clip",
        "Path": "film/clip.mp4",
        "VideoBitRate": "500000",
        "AudioBitRate": "64000",
        "VideoSize": "320,180",
        "UserData": "label=Film",
    },
    {"Id": "clip-only", "Path": "clip.mp4", "TotalStreamBitRate": "700000"},
    {"Id": "clip-hd", "Path": "big clip.MP4", "TotalStreamBitRate": "1500000", "VideoSize": "1280,720"},
    {"Id": "clip-silent", "Path": "silent.mp4"},
    {"Id": "flash", "Path": "old.f4v", "VideoBitRate": "1"},
    {"Id": "sheet", "Path": "sheet.pdf"},
)


def table(fields: tuple[str, ...], rows: tuple[dict[str, str], ...]) -> bytes:
    """A data file."""
    lines = ("\t".join(fields), *("\t".join(_field(row.get(name, "")) for name in fields) for row in rows))
    return ("\ufeff" + "\n".join(lines) + "\n").encode()


def _field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if '"' in text else text


def _catalogs(folder: Path) -> CatalogFolder:
    folder.mkdir()
    (folder / "default.ini").write_text("RootId=\nExpiration=10\nNonImgExpiration=0.5\nCatalogFile=default.tab\n")
    (folder / "default.tab").write_text("Id\tPath\tUserData\nshared\tblue.png\tfrom=default\n")
    shop = "RootId=shop\nCatalogFile=shop.tab\nStaticContentCatalogFile=static.tab\nSavePath=shop\n"
    (folder / "shop.ini").write_text(f"{shop}HttpAppleStreamingContext=http://media.example/apple/\nPublishInfo=it's <7>\n")
    (folder / "shop.tab").write_bytes(table(FIELDS, RECORDS))
    (folder / "static.tab").write_bytes(table(STATIC_FIELDS, STATICS))
    (folder / "sub.ini").write_text("RootId=sub\nCatalogFile=default.tab\nSavePath=../out\n")
    return CatalogFolder(folder, None)


@pytest.fixture(scope="session")
def renditions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Renditions]:
    folder = tmp_path_factory.mktemp("metadata")
    images = folder / "images"
    images.mkdir()
    (folder / "saved" / "shop" / "spring").mkdir(parents=True)
    (folder / "out").mkdir()
    quadrants(40, 30).save(images / "quad.png")
    Image.new("RGB", (20, 10), (255, 0, 0)).save(images / "red.png")
    Image.new("RGB", (30, 60), (0, 0, 255)).save(images / "blue.png")
    (images / "noise.png").write_bytes(b"no picture")
    catalogs = _catalogs(folder / "catalogs")
    pool = Pool(PoolConfig(workers=2), Opening(Limits()))
    renditions = Renditions(catalogs, [Folder(images)], Foreign(ForeignConfig()), pool, ServiceConfig(save=folder / "saved"))
    yield renditions
    renditions.close()


@pytest.fixture
def ask(renditions: Renditions) -> Asking:
    """Answers a target."""

    async def asked(target: str) -> Reply:
        question = renditions.read(target)
        return await answer_for(question.kind).answer(Ask(question, renditions))

    return asked


_ENVELOPE = re.compile(r'/\*jsonp\*/(?P<name>\w+)\((?P<value>.+),(?P<id>"[^"]*")\);')


@pytest.fixture
def ask_json(ask: Asking) -> Callable[[str], Awaitable[Any]]:
    """Answers a target in JSON form: what stands in the call, which has to be framed to the letter."""

    async def asked(target: str) -> Any:
        reply = await ask(target)
        assert reply.media_type == "text/javascript; charset=utf-8"
        match = _ENVELOPE.fullmatch(reply.body.decode("ascii"))
        assert match is not None, reply.body[:200]
        value = json.loads(match["value"])
        assert json.dumps(value, separators=(",", ":")).replace("<", "\\u003c") == match["value"], "not compact"
        return value

    return asked
