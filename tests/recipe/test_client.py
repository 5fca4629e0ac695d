"""What requests listen to, and what becomes of it (``r-bfc``, ``r-network``, ``r-dpr``)."""

from dataclasses import replace

import pytest

from proxy.recipe.asked import SILENT, Asked, Client
from proxy.recipe.client import Topic, listening, told, topics
from proxy.recipe.conversion import as_avif
from proxy.recipe.key import key
from proxy.recipe.model import Output, Recipe
from tests.composed import Desk, catalog, catalogs, header

BROWSER = Client(frozenset({"avif", "webp"}), "poor", 2.0)
WEBP = Client(frozenset({"webp"}))
DESK = Desk(
    catalogs(catalog("shop"), catalog("smart", Bfc="true"), catalog("small", MaxPix="150,150")),
    {"photo.jpg": header(400, 300), "alpha.png": header(40, 30, alpha=True)},
)


def heard(query: str, client: Client, root: str = "shop") -> Asked:
    return listening(DESK.asked(f"{root}/{query}"), client)


def recipe(query: str, client: Client = BROWSER, root: str = "shop") -> Recipe:
    return DESK.recipe(f"{root}/{query}", client=client)


def output(query: str, client: Client = BROWSER, root: str = "shop") -> Output:
    return recipe(query, client, root).output


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ()),
        ("bfc=on", (Topic.FORMATS,)),
        ("bfc=off", ()),
        ("bfc=1&fmt=pjpeg", (Topic.FORMATS,)),
        ("bfc=1&fmt=png", (Topic.FORMATS,)),
        ("bfc=1&fmt=png-alpha", (Topic.FORMATS,)),
        ("bfc=1&fmt=png8", ()),
        ("bfc=1&fmt=gif", ()),
        ("bfc=1&fmt=webp", ()),
        ("network=on", (Topic.NETWORK,)),
        ("network=off", ()),
        ("dpr=on", (Topic.RATIO,)),
        ("dpr=on,2", ()),
        ("dpr=off", ()),
        ("dpr=on&network=on&bfc=on", (Topic.FORMATS, Topic.NETWORK, Topic.RATIO)),
    ],
)
def test_topics(query: str, expected: tuple[Topic, ...]) -> None:
    assert topics(DESK.asked(f"shop/photo.jpg?{query}")) == expected
    kept = heard(f"photo.jpg?{query}", BROWSER).client
    assert kept == told(BROWSER, expected)


def test_who_does_not_listen_is_left_alone() -> None:
    asked = DESK.asked("shop/photo.jpg?wid=100")
    assert listening(asked, BROWSER) is asked
    assert recipe("photo.jpg?wid=100&dpr=on,2") == recipe("photo.jpg?wid=100&dpr=on,2", SILENT)


def test_the_catalog_decides_where_the_request_does_not() -> None:
    assert topics(DESK.asked("smart/photo.jpg")) == (Topic.FORMATS,)
    assert topics(DESK.asked("smart/photo.jpg?bfc=off")) == ()
    assert output("photo.jpg", root="smart").format == "avif"


@pytest.mark.parametrize(
    ("query", "client", "expected"),
    [
        ("photo.jpg?bfc=on", BROWSER, ("avif", "", 65, "jpeg")),
        ("photo.jpg?bfc=on", WEBP, ("webp", "", 80, "jpeg")),
        ("photo.jpg?bfc=on", SILENT, ("jpeg", "", 80, None)),
        ("photo.jpg?bfc=on&fmt=pjpeg&qlt=90", BROWSER, ("avif", "", 80, "pjpeg")),
        ("photo.jpg?bfc=on&fmt=png", BROWSER, ("webp", "lossless", 0, "png")),
        ("photo.jpg?bfc=on&fmt=png", Client(frozenset({"avif"})), ("png", "", 0, None)),
        ("alpha.png?bfc=on&fmt=png-alpha", BROWSER, ("webp", "lossless", 0, "png")),
        ("photo.jpg?bfc=on&fmt=jpeg,gray", BROWSER, ("jpeg", "", 80, None)),
        ("photo.jpg?bfc=on&fmt=jpeg,cmyk", BROWSER, ("jpeg", "", 80, None)),
        ("photo.jpg?bfc=on&jpegSize=20", BROWSER, ("jpeg", "", 80, None)),
        ("photo.jpg?bfc=on&iccEmbed=1", BROWSER, ("jpeg", "", 80, None)),
        ("photo.jpg?bfc=on&xmpEmbed=1", BROWSER, ("jpeg", "", 80, None)),
        ("alpha.png?bfc=on&req=mask", BROWSER, ("jpeg", "", 80, None)),
        ("photo.jpg?bfc=on&req=tmb", BROWSER, ("avif", "", 65, "jpeg")),
    ],
)
def test_formats(query: str, client: Client, expected: tuple[str, str, int, str | None]) -> None:
    found = output(query, client)
    other = found.otherwise.format if found.otherwise is not None else None
    assert (found.format, found.compression, found.quality, other) == expected
    assert found.alpha == ("alpha&" in f"{query}&")
    if found.otherwise is not None:
        assert found.otherwise == output(query, SILENT)


def test_qualities_of_avif_rise_with_those_of_jpeg() -> None:
    qualities = [as_avif(quality) for quality in range(1, 101)]
    assert qualities == sorted(qualities)
    assert (qualities[0], qualities[79], qualities[99]) == (10, 65, 100)


@pytest.mark.parametrize(
    ("query", "network", "quality"),
    [
        ("network=on&qlt=80", "", 80),
        ("network=on&qlt=80", "fair", 60),
        ("network=on&qlt=80", "poor", 40),
        ("network=on&qlt=1", "poor", 1),
        ("network=off&qlt=80", "poor", 80),
        ("qlt=80", "poor", 80),
        ("network=on&fmt=webp", "poor", 40),
        ("network=on&fmt=png", "poor", 0),
    ],
)
def test_quality_follows_the_network(query: str, network: str, quality: int) -> None:
    assert output(f"photo.jpg?{query}", Client(network=network)).quality == quality


@pytest.mark.parametrize(
    ("query", "client", "width"),
    [
        ("dpr=on", Client(ratio=2.0), 200),
        ("dpr=on", Client(ratio=1.25), 125),
        ("dpr=on", SILENT, 100),
        ("dpr=off", Client(ratio=2.0), 100),
        ("dpr=on,3", Client(ratio=2.0), 300),
        ("dpr=on,3&network=on", Client(network="poor"), 100),
        ("dpr=on,3&network=on", Client(network="fair"), 300),
        ("dpr=on&network=on", Client(network="poor", ratio=2.0), 100),
        ("dpr=on,3", Client(network="poor"), 300),
    ],
)
def test_the_ratio_is_the_clients(query: str, client: Client, width: int) -> None:
    assert recipe(f"photo.jpg?wid=100&{query}", client).view.size[0] == width


def test_a_ratio_that_a_client_tells_stays_within_max_pix() -> None:
    assert recipe("photo.jpg?wid=100&dpr=on", Client(ratio=8.0), "small").view.size[0] == 150


def test_equal_replies_have_equal_keys() -> None:
    query = "photo.jpg?bfc=on"
    poor = Client(frozenset({"avif"}), "poor", 3.0)
    assert key(recipe(query, poor)) == key(recipe(query, replace(poor, network="", ratio=0.0)))
    assert key(recipe(query, WEBP)) != key(recipe(query, poor)) != key(recipe(query, SILENT))
    assert key(recipe(query, SILENT)) == key(recipe("photo.jpg", BROWSER))
