"""A small company with its originals, catalog and macros, and the real one path over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from proxy.catalog.watch import CatalogFolder
from proxy.export.config import ExportConfig
from proxy.render.decode import Limits
from proxy.render.pipeline import Opening
from proxy.render.pool import Pool, PoolConfig
from proxy.service import Renditions, ServiceConfig
from proxy.sources.folders import Folder
from proxy.sources.hosts import ForeignConfig
from proxy.sources.http import Foreign

RECORDS = """Id\tPath\tModifier\tAssetType\tImageSet
shoe\tshoes/left shoe.jpg\t\t\t
hat\that.png\tfmt=webp\t\t
lost\tnowhere.jpg\t\t\t
broken\tbroken.jpg\t\t\t
set\tshoes/left shoe.jpg\t\tIMAGESET\tshop/shoe,shop/hat
spin\t\t\tSPINSET\tshop/shoe;shop/hat
spin2\t\t\tSPINSET2D\t{shop/shoe}
media\t\t\tMEDIASET\tshop/shoe
video\t\t\tVIDEOSET\tmovie
book\t\t\tECATALOG\tshop/shoe
bare\t\t\t\tshop/shoe
template\t\tsrc=shop/shoe&wid=20\t\t
wild\tshoes/left shoe.jpg\t$nobody$\t\t
"""
RULES = """<ruleset>
<rule OnMatch="continue"><expression>/boot</expression><substitution>/shoe</substitution>
<addressfilter>192.0.2.0/24</addressfilter></rule>
<rule OnMatch="error"><expression>/hat</expression></rule>
</ruleset>"""
MACROS = "Name\tDefinition\ntest\tfmt=tif\nsmall\twid=10&hei=10\nbad\twid=huge\n"


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with ``images`` and ``catalogs``."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "images/shoes").mkdir(parents=True)
    (folder / "catalogs").mkdir()
    picture = Image.effect_mandelbrot((160, 120), (-2, -1.5, 1, 1.5), 30).convert("RGB")
    picture.save(folder / "images/fileToExport.jpg")
    picture.save(folder / "images/shoes/left shoe.jpg", quality=50)
    picture.resize((80, 60)).save(folder / "images/hat.png")
    (folder / "images/broken.jpg").write_bytes(b"\xff\xd8 nothing more")
    (folder / "images/notes.txt").write_text("not a picture")
    (folder / "catalogs/shop.ini").write_text("RootId=shop\nCatalogFile=shop.tab\nMacroFile=macros.tab\nDefaultImage=shop/hat\n")
    (folder / "catalogs/shop.tab").write_text(RECORDS)
    (folder / "catalogs/macros.tab").write_text(MACROS)
    (folder / "catalogs/default.ini").write_text("RootId=\nMacroFile=macros.tab\n")
    seals = "RequestLock=1\nRequestObfuscation=1\nClientAddressFilter=192.0.2.0/24\nRuleSetFile=rules.xml\n"
    (folder / "catalogs/sealed.ini").write_text(f"RootId=sealed\nCatalogFile=shop.tab\n{seals}")
    (folder / "catalogs/rules.xml").write_text(RULES)
    return folder


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    pool = Pool(PoolConfig(workers=2), Opening(Limits()))
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def foreign() -> Iterator[Foreign]:
    foreign = Foreign(ForeignConfig())
    yield foreign
    foreign.close()


@pytest.fixture
def renditions(shop: Path, pool: Pool, foreign: Foreign) -> Renditions:
    catalogs = CatalogFolder(shop / "catalogs", None)
    assert catalogs.current.problems == ()
    return Renditions(catalogs, [Folder(shop / "images")], foreign, pool, ServiceConfig(memory=2**20))


@pytest.fixture
def limits() -> ExportConfig:
    return ExportConfig()
