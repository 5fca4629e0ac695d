import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.catalog.attributes import BUILT_IN
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.profiles import ProfileFile
from proxy.catalog.store import load


def folder(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("_", ".")
        path.write_bytes(text.encode("latin-1"))
    return root


def messages(catalogs: Catalogs) -> list[str]:
    return [str(problem) for problem in catalogs.problems]


def test_without_folders_the_built_in_values_count() -> None:
    catalogs = load(None, None)
    assert catalogs.default.attributes == BUILT_IN
    assert [catalog.root_id for catalog in catalogs] == [""]
    assert catalogs.problems == ()
    assert catalogs.resolve("a/b.png", None).path == "a/b.png"


def test_folders_that_are_not_there_are_told(tmp_path: Path) -> None:
    catalogs = load(tmp_path / "none", tmp_path / "neither")
    assert catalogs.default.attributes == BUILT_IN
    assert messages(catalogs) == [
        "neither: error: the folder cannot be read: No such file or directory",
        "none: error: the folder cannot be read: No such file or directory",
        "default.ini: warning: there is no such file; the built-in values count",
    ]


def test_a_broken_default_catalog_leaves_the_others_working(tmp_path: Path) -> None:
    catalogs = load(folder(tmp_path, default_ini="MaxPix=9,9\0", a_ini="RootId=a\nDefaultPix=5,5"), None)
    assert (catalogs.named["a"].pair("MaxPix"), catalogs.named["a"].pair("DefaultPix")) == ((0, 0), (5, 5))
    assert messages(catalogs) == [
        "default.ini: error: expected text in UTF-8 or ISO-8859-1, found zero bytes; the built-in values count"
    ]


def test_a_broken_catalog_leaves_the_others_working(tmp_path: Path) -> None:
    folder(
        tmp_path,
        default_ini="MaxPix=9,9",
        a_ini="RootId=same\nCatalogFile=a.tab",
        a_tab="Id\tPath\nx\tx.png\n",
        b_ini="RootId=same",
        c_ini="MaxPix=1,1",
        d_ini="RootId=\0",
        e_ini="RootId=e\nCatalogFile=../a.tab,nowhere.tab,/etc/passwd,a.tab\nMacroFile=a.tab",
    )
    catalogs = load(tmp_path, None)
    assert [(catalog.root_id, catalog.file) for catalog in catalogs] == [("", "default.ini"), ("same", "a.ini"), ("e", "e.ini")]
    assert [str(problem) for problem in catalogs.problems if problem.severity == "error"] == [
        "b.ini: error: RootId=same is that of a.ini already; this catalog is left out",
        "c.ini: error: RootId is missing or empty, and only default.ini goes without; the catalog is left out",
        "d.ini: error: expected text in UTF-8 or ISO-8859-1, found zero bytes",
        "a.tab:1: error: the header has no field Name",
        "../a.tab: error: the file is outside the catalog folder",
        "nowhere.tab: error: the file cannot be read: No such file or directory",
        "/etc/passwd: error: the file is outside the catalog folder",
    ]
    assert list(catalogs.named["e"].ids()) == ["x"]
    assert catalogs.named["e"].pair("MaxPix") == (9, 9)


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    folder(tmp_path, a_tab="Id\tPath\nx\tx.png\n")
    folder(inside, a_ini="RootId=a\nCatalogFile=link.tab", default_ini="")
    (inside / "link.tab").symlink_to(tmp_path / "a.tab")
    assert messages(load(inside, None)) == ["link.tab: error: the file is outside the catalog folder"]


def test_the_default_catalog_has_no_root_id(tmp_path: Path) -> None:
    catalogs = load(folder(tmp_path, default_ini="MaxPix=9,9\nRootId=x"), None)
    assert (catalogs.default.root_id, catalogs.default.text("RootId"), catalogs.named) == ("", "", {})
    assert messages(catalogs) == ["default.ini:2: warning: RootId=x: expected nothing in the default catalog; it is ignored"]


def test_macros(tmp_path: Path) -> None:
    shared = tmp_path / "macros"
    shared.mkdir()
    folder(
        shared,
        a_txt="Name\tDefinition\nfirst\twid=1\nboth\twid=1\nBad Name\twid=1\n",
        b_tab="Name\tDefinition\nsecond\t$first$&hei=2\nearly\t$late$\nlate\twid=$w$\nlate\twid=3\n",
        c_md="no macros",
    )
    root = tmp_path / "catalogs"
    root.mkdir()
    folder(
        root,
        default_ini="MacroFile=d.tab",
        d_tab="name\tdefinition\nBOTH\twid=2\n",
        n_ini="RootId=n\nMacroFile=n.tab",
        n_tab="Name\tDefinition\nuses\t$Second$&$unknown$\nself\t$self$\n",
    )
    catalogs = load(root, shared)
    named = catalogs.named["n"]
    assert (named.macro("BOTH"), named.macro("second"), named.macro("late")) == ("wid=2", "$first$&hei=2", "wid=3")
    assert catalogs.default.macro("uses") is None
    assert messages(catalogs) == [
        "a.txt:4:1: warning: Name=Bad Name: expected a name without blanks and any of $ & = ? #; the value is not used",
        "b.tab:3: warning: macro early invokes $late$, which is not defined before it",
        "b.tab:5: warning: macro late stands in this file already; the later one counts",
        "n.tab:2: warning: macro uses invokes $unknown$, which is not defined before it",
        "n.tab:3: warning: macro self invokes $self$, which is not defined before it",
    ]
    assert load(None, shared).default.macro("both") == "wid=1"


def test_maps(tmp_path: Path) -> None:
    folder(
        tmp_path,
        default_ini="FontMapFile=f.tab\nRootPath=base",
        f_tab="Name\tFontPath\tBold\nArial\tarial.ttf\t\nArial\tarialbd.ttf\t1\nBad\t\t\n",
        n_ini="RootId=n\nIccProfileMapFile=i.tab\nRootPath=own/",
        i_tab="Name\tProfilePath\nrel\ta.icc\nabs\t/b.icc\n",
    )
    catalogs = load(tmp_path, None)
    named = catalogs.named["n"]
    bold = named.font("Arial", bold=True)
    assert bold is not None
    assert bold.path == "base/arialbd.ttf"
    assert named.font("Arial", italic=True) is None
    assert (named.profile_path("rel"), named.profile_path("abs")) == ("own/a.icc", "/b.icc")
    assert catalogs.profile("n/rel", catalogs.default) == ProfileFile("own/a.icc")
    assert messages(catalogs) == ["f.tab:4: warning: FontPath is empty; the row is ignored"]


def test_the_version_follows_the_bytes_of_every_file_and_the_time_stamp_the_attribute_file(tmp_path: Path) -> None:
    folder(tmp_path, default_ini="", a_ini="RootId=a\nCatalogFile=a.tab", b_ini="RootId=b", a_tab="Id\tPath\nx\tx.png\n")
    os.utime(tmp_path / "a.ini", (1_000, 1_000))
    before = load(tmp_path, None)
    assert before.named["a"].timestamp == 1_000_000
    again = load(tmp_path, None)
    folder(tmp_path, a_tab="Id\tPath\nx\ty.png\n")
    after = load(tmp_path, None)
    assert before.named["a"].version == again.named["a"].version != after.named["a"].version
    assert before.named["b"].version == after.named["b"].version


@pytest.fixture(scope="module", name="root")
def _root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(ini=st.binary(max_size=80), tab=st.binary(max_size=80), name=st.text(max_size=8))
def test_any_folder_makes_a_snapshot(root: Path, ini: bytes, tab: bytes, name: str) -> None:
    (root / "default.ini").write_bytes(b"CatalogFile=x.tab\nMacroFile=" + name.encode() + b"\n" + ini)
    (root / "x.ini").write_bytes(b"RootId=x\nSvgCatalogFile=x.tab," + name.encode() + b"\n" + ini)
    (root / "x.tab").write_bytes(b"Id\tPath\tTimeStamp\tDefinition\n" + tab)
    catalogs = load(root, root)
    assert catalogs.default.root_id == ""
