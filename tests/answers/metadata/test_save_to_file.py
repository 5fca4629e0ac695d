"""``req=saveToFile`` (``r-savetofile``, ``r-savepath``)."""

import dataclasses
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from proxy.errors import BadValue, IsproxyError, Missing, Refused, RequestError
from proxy.service import Renditions
from tests.answers.metadata.conftest import Asking


@pytest.fixture
def saved(renditions: Renditions) -> Iterator[Path]:
    """The folder that the catalog may write to; empty again afterwards."""
    assert renditions.config.save is not None
    folder = renditions.config.save / "shop"
    yield folder
    for path in folder.rglob("*"):
        if path.is_symlink() or path.is_file():
            path.unlink()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or path.is_file())


async def test_an_image_is_saved(ask: Asking, saved: Path) -> None:
    before = time.time() * 1000
    reply = await ask("shop/quad?req=saveToFile&name=spring/quad.png&fmt=png&wid=20")
    head, _, properties = reply.body.decode().partition("UTC ")
    assert head.startswith("#S7Z OK\n")
    found = dict(line.split("=") for line in properties.splitlines()[1:])
    assert list(found) == ["lastUpdated", "pixelsTotal", "status"]
    assert before - 2000 <= int(found["lastUpdated"]) <= time.time() * 1000 + 2000
    assert (found["pixelsTotal"], found["status"]) == ("300", "done")
    assert (reply.media_type, reply.hours) == ("text/plain; charset=utf-8", None)
    image = Image.open(io.BytesIO((saved / "spring" / "quad.png").read_bytes()))
    assert (image.format, image.size) == ("PNG", (20, 15))
    assert files(saved) == ["spring/quad.png"]


async def test_a_file_is_replaced_whole(ask: Asking, saved: Path) -> None:
    (saved / "x.jpg").write_bytes(b"old")
    other = saved.parent / "other"
    other.write_bytes(b"untouched")
    (saved / "link.jpg").symlink_to(other)
    for name in ("x.jpg", "link.jpg"):
        await ask(f"shop/quad?req=saveToFile&name={name}")
        assert (saved / name).read_bytes().startswith(b"\xff\xd8")
        assert not (saved / name).is_symlink()
    assert other.read_bytes() == b"untouched"
    other.unlink()


BAD_NAMES = [
    *("", "/etc/passwd", "/x.jpg", "../x.jpg", "spring/../../x.jpg", "spring/", "spring//x.jpg", "./x.jpg", ".htaccess"),
    *("spring/.hidden", "a\\..\\b.jpg", "..", "x%2F..%2F..%2Fy.jpg", "%2E%2E/x.jpg"),
]


@pytest.mark.parametrize("name", BAD_NAMES)
async def test_names_that_no_file_may_have(ask: Asking, saved: Path, name: str) -> None:
    with pytest.raises(BadValue, match="name"):
        await ask(f"shop/quad?req=saveToFile&name={name}")
    assert files(saved) == []


REFUSED = [
    ("shop/quad?req=saveToFile&name=autumn/x.jpg", Refused, "no such folder"),
    ("shop/quad?req=saveToFile&name=out/x.jpg", Refused, "leads out"),
    ("shop/quad?req=saveToFile&name=spring", Refused, "spring"),
    ("shop/quad?req=saveToFile&name=" + "x" * 300, Refused, "too long"),
    ("quad.png?req=saveToFile&name=x.jpg", Refused, "saving is off"),
    ("sub/quad.png?req=saveToFile&name=x.jpg", Refused, "attribute::SavePath leads out"),
    ("shop/nobody?req=saveToFile&name=x.jpg", Missing, "shop/nobody"),
    ("shop/nobody?req=saveToFile&name=x.jpg&defaultImage=red", Missing, "shop/nobody"),
    ("shop/quad?req=saveToFile&name=x.jpg&timeout=soon", BadValue, "timeout"),
    ("shop/quad?req=saveToFile&name=x.jpg&timeout=0", BadValue, "timeout"),
]


@pytest.mark.parametrize(("target", "error", "message"), REFUSED, ids=[target[:60] for target, _, _ in REFUSED])
async def test_what_is_refused(ask: Asking, saved: Path, target: str, error: type[IsproxyError], message: str) -> None:
    (saved / "out").symlink_to(saved.parent.parent / "out")
    with pytest.raises(error, match=message) as caught:
        await ask(target)
    assert caught.value.status == 403
    assert files(saved) == ["out"]
    assert list((saved.parent.parent / "out").iterdir()) == []


async def test_a_time_limit(ask: Asking, saved: Path) -> None:
    with pytest.raises(RequestError, match=r"not done within 0\.001 seconds") as caught:
        await ask("shop/quad?req=saveToFile&name=x.png&fmt=png&wid=39&timeout=1")
    assert caught.value.status == 403
    assert files(saved) == []


async def test_it_is_off_unless_the_server_names_a_folder(
    ask: Asking, renditions: Renditions, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renditions, "config", dataclasses.replace(renditions.config, save=None))
    with pytest.raises(Refused, match="saving is off"):
        await ask("shop/quad?req=saveToFile&name=x.jpg")
    assert files(saved) == []
