"""Replies that depend on what the client tells: formats, network, device pixel ratio (``r-bfc``, ``r-network``, ``r-dpr``)."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pictures import photograph
from tests.serving import Server, serving

CHROME = {"Accept": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"}
WEBP = {"Accept": "image/webp,*/*"}
PLAIN = {"Accept": "*/*"}


@pytest.fixture(scope="module")
def smart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that keeps hot replies for a long time."""
    folder: Path = tmp_path_factory.mktemp("smart")
    (folder / "images").mkdir()
    (folder / "catalogs").mkdir()
    photograph(400, 300).save(folder / "images/photo.png")
    photograph(4, 3).save(folder / "images/tiny.png")
    photograph(17000, 8).save(folder / "images/wide.png")
    (folder / "catalogs/default.ini").write_text("RootId=\nErrorDetail=2\nMaxPix=20000,20000\n")
    (folder / "catalogs/smart.ini").write_text("RootId=smart\nBfc=true\n")
    with serving(folder, {"cache": {"validate_after": 60.0}}) as server:
        yield server


@pytest.mark.parametrize("target", ["photo.png?bfc=on&wid=300", "smart/photo.png?wid=300", "smart/photo.png?wid=300&fmt=pjpeg"])
def test_each_client_gets_its_own_format_also_from_hot_replies(smart: Server, target: str) -> None:
    expected = {"image/avif": CHROME, "image/webp": WEBP, "image/jpeg": PLAIN}
    tags = set()
    for _ in range(4):
        for media_type, headers in expected.items():
            reply = smart.image(target, headers)
            assert reply.media_type == media_type
            assert reply["Vary"] == "Accept"
            assert reply.headers["Accept-CH"] is None
            assert reply.image.size == (300, 225)
            tags.add(reply["ETag"])
    assert len(tags) == 3
    assert smart.image(target, PLAIN | {"If-None-Match": smart.image(target, CHROME)["ETag"]}).status == 200
    again = smart.image(target, CHROME | {"If-None-Match": smart.image(target, CHROME)["ETag"]})
    assert (again.status, again["Vary"]) == (304, "Accept")


def test_the_other_format_is_smaller(smart: Server) -> None:
    avif, webp, jpeg = (len(smart.image("smart/photo.png?wid=300", headers).body) for headers in (CHROME, WEBP, PLAIN))
    assert max(avif, webp) < 0.6 * jpeg


def test_what_would_not_be_smaller_stays(smart: Server) -> None:
    reply = smart.image("tiny.png?bfc=on&fmt=png", WEBP)
    other = smart.image("tiny.png?fmt=webp,,lossless")
    assert reply.media_type == ("image/png" if len(other.body) > len(smart.image("tiny.png?fmt=png").body) else "image/webp")
    assert len(reply.body) == min(len(other.body), len(smart.image("tiny.png?fmt=png").body))


def test_png_stays_without_loss(smart: Server) -> None:
    reply = smart.image("photo.png?bfc=on&fmt=png", CHROME)
    assert reply.media_type == "image/webp"
    assert reply.image.convert("RGB").tobytes() == smart.image("photo.png?fmt=png").image.tobytes()


@pytest.mark.parametrize(
    "target", ["photo.png?wid=300", "photo.png?bfc=off", "smart/photo.png?bfc=off", "photo.png?bfc=on&fmt=gif"]
)
def test_who_does_not_ask_for_it_is_not_touched(smart: Server, target: str) -> None:
    replies = [smart.image(target, headers) for headers in (CHROME, WEBP, PLAIN)]
    assert len({reply.body for reply in replies}) == 1
    assert {reply.headers["Vary"] for reply in replies} == {None}


def test_a_format_that_cannot_have_so_many_pixels_is_passed_over(smart: Server) -> None:
    assert smart.image("wide.png?bfc=on&wid=16000", WEBP).media_type == "image/webp"
    reply = smart.image("wide.png?bfc=on&scl=1", WEBP)
    assert (reply.media_type, reply.image.width, reply["Vary"]) == ("image/jpeg", 17000, "Accept")


@pytest.mark.parametrize(
    ("headers", "share"), [({}, 1.0), ({"ECT": "3g"}, 0.95), ({"ECT": "2g"}, 0.8), ({"Save-Data": "on"}, 0.8)]
)
def test_a_worse_network_gets_fewer_bytes(smart: Server, headers: dict[str, str], share: float) -> None:
    target = "photo.png?network=on&qlt=90"
    whole = len(smart.image("photo.png?qlt=90").body)
    reply = smart.image(target, headers)
    assert len(reply.body) <= whole * share
    assert reply["Vary"] == "Save-Data, ECT, Downlink, RTT"
    assert reply["Accept-CH"] == "Save-Data, ECT, Downlink, RTT"
    assert reply.body == smart.image(target, headers).body


def test_the_ratio_of_the_client(smart: Server) -> None:
    target = "photo.png?wid=100&dpr=on"
    for _ in range(2):
        assert smart.image(target).image.width == 100
        assert smart.image(target, {"DPR": "2"}).image.width == 200
        assert smart.image(target, {"Sec-CH-DPR": "3"}).image.width == 300
    assert smart.image(target)["Vary"] == "Sec-CH-DPR, DPR"
    assert smart.image(f"{target}&network=on", {"DPR": "2", "ECT": "2g"}).image.width == 100


def test_hot_replies_are_hot_for_each_client(smart: Server) -> None:
    target = "smart/photo.png?wid=250"
    for headers in (CHROME, PLAIN):
        made = smart.image(target, headers)
        assert made["X-Cache"] == "miss"
        begin = time.monotonic()
        hits = [smart.image(target, headers) for _ in range(20)]
        assert time.monotonic() - begin < 10
        assert {reply["X-Cache"] for reply in hits} == {"hit"}
        assert {reply["ETag"] for reply in hits} == {made["ETag"]}
