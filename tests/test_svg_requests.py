"""SVG documents in requests: as layers and masks, with variables, and with image requests of their own."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from proxy.errors import BadSource, IsproxyError, LimitExceeded, Missing, RequestError, TimedOut
from proxy.render.pool import PoolConfig
from tests.serving import BLUE, RED
from tests.test_service import House, house

SPACE = 'xmlns="http://www.w3.org/2000/svg"'
DOCUMENTS = {
    "box.svg": f'<svg {SPACE} width="$w$" height="20"><rect width="100%" height="100%" fill="$c$"/></svg>',
    "plain.svg": f'<svg {SPACE} width="40" height="20"><rect width="20" height="20" fill="$c$"/></svg>',
    "framed.svg": f"""<svg {SPACE} width="40" height="30">
        <image href="/is/image/$i$?wid=$w$&amp;fmt=png" width="40" height="30"/></svg>""",
    "self.svg": f'<svg {SPACE} width="9" height="9"><image href="/is/image/self.svg?wid=9"/></svg>',
    "asks.svg": f'<svg {SPACE} width="9" height="9"><image href="/is/image/quad.png?req=props"/></svg>',
    "leads.svg": f'<svg {SPACE} width="9" height="9"><image href="/is/image/../../secret.png"/></svg>',
    "clear.svg": f"""<svg {SPACE} width="40" height="20">
        <image href="/is/image/plain.svg?$c=blue&amp;fmt=$f$" width="40" height="20"/></svg>""",
}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[House]:
    for name, text in DOCUMENTS.items():
        (tmp_path / name).write_text(text)
    async with house(tmp_path) as built:
        yield built


async def picture(here: House, target: str) -> Image.Image:
    return Image.open(io.BytesIO((await here.get(target)).data))


async def key(here: House, target: str) -> str:
    return (await here.renditions.plan(here.renditions.read(target))).key


async def test_the_size_may_depend_on_variables(here: House) -> None:
    for width in (77, 30):
        image = await picture(here, f"box.svg?$w={width}&$c=red&fmt=png")
        assert (image.size, image.getpixel((5, 5))) == ((width, 20), RED)
    assert (await picture(here, "box.svg?$w=40&$c=red&fmt=png&wid=80&fit=fit,1")).size == (80, 40)


async def test_layers_and_masks(here: House) -> None:
    layered = await picture(here, "quad.png?layer=1&src=box.svg&$w=10&$c=%23ff00ff&fmt=png")
    assert layered.getpixel((20, 15)) == (255, 0, 255)
    masked = await picture(here, "quad.png?mask=plain.svg&$c=white&fmt=png-alpha")
    assert [masked.getpixel((x, 15))[3] for x in (5, 35)] == [255, 0]  # type: ignore[index]  # pixels of RGBA are tuples


async def test_only_what_a_document_uses_tells_its_pictures_apart(here: House) -> None:
    one = await key(here, "plain.svg?$c=red")
    assert one == await key(here, "plain.svg?$c=r%65d&$other=1")
    assert one == await key(here, "plain.svg?$C=red")
    assert len({one, await key(here, "plain.svg?$c=blue"), await key(here, "plain.svg")}) == 3


async def test_a_header_that_no_variable_changes_is_read_once(here: House) -> None:
    for color in ("red", "blue", "green"):
        await key(here, f"plain.svg?$c={color}")
    assert here.pool.probes == 1
    for width in (5, 6, 5):
        await key(here, f"box.svg?$w={width}")
    assert here.pool.probes == 1 + 1 + 2


async def test_images_are_requests_to_this_server(here: House) -> None:
    image = await picture(here, "framed.svg?$i=quad.png&$w=40&fmt=png")
    quad = await picture(here, "quad.png?fmt=png")
    assert image.tobytes() == quad.tobytes()
    assert (await key(here, "framed.svg?$i=quad.png&$w=40")) != (await key(here, "framed.svg?$i=quad.png&$w=20"))
    planned = await here.renditions.plan(here.renditions.read("framed.svg?$i=quad.png&$w=40"))
    assert [source.name for source, _ in planned.sources] == ["framed.svg", "quad.png"]


async def test_a_changed_image_changes_the_key(here: House) -> None:
    before = await key(here, "framed.svg?$i=quad.png&$w=40")
    Image.new("RGB", (40, 30), BLUE).save(here.images / "quad.png")
    assert before != await key(here, "framed.svg?$i=quad.png&$w=40&cache=validate")
    assert (await picture(here, "framed.svg?$i=quad.png&$w=40&cache=validate&fmt=png")).getpixel((5, 5)) == BLUE


@pytest.mark.parametrize(("word", "alpha"), [("png-alpha", 0), ("png", 255), ("tif-alpha", 0)])
async def test_the_format_of_an_image_says_whether_it_is_opaque(here: House, word: str, alpha: int) -> None:
    image = await picture(here, f"clear.svg?$f={word}&fmt=png-alpha")
    assert image.getpixel((5, 5)) == (*BLUE, 255)
    assert image.getpixel((35, 5))[3] == alpha  # type: ignore[index]  # likewise


@pytest.mark.parametrize(
    ("target", "kind", "part"),
    [
        ("self.svg", LimitExceeded, "nested"),
        ("asks.svg", RequestError, "req=props: expected"),
        ("leads.svg", IsproxyError, "leads"),
        ("framed.svg?$i=none.png&$w=9", Missing, "none.png"),
        ("framed.svg?$i=quad.png&$w=-4", RequestError, "wid=-4"),
        ("plain.svg?$c=%01%0D", None, ""),
        ("plain.svg?wid=20000&fit=fit,1", LimitExceeded, "pixels"),
    ],
)
async def test_what_cannot_be_done_is_said(here: House, target: str, kind: type[IsproxyError] | None, part: str) -> None:
    if kind is None:
        assert (await picture(here, target)).size == (40, 20)
        return
    with pytest.raises(kind) as caught:
        await here.get(target)
    assert part in caught.value.detail
    assert str(here.images) not in caught.value.detail


async def test_a_document_that_is_refused_costs_one_request(tmp_path: Path) -> None:
    (tmp_path / "bad.svg").write_text(f'<svg {SPACE} width="40" height="20"><rect id="a" href="data:,"/></svg>')
    async with house(tmp_path) as built:
        with pytest.raises(BadSource, match=r"^bad\.svg: <rect> refers to data:"):
            await built.get("bad.svg")
        assert (await picture(built, "quad.png?fmt=png")).size == (40, 30)


def filtered(primitives: str, side: int) -> str:
    """A document of one filtered square."""
    filter_ = f'<filter id="f" x="0" y="0" width="1" height="1">{primitives}</filter>'
    return f'<svg {SPACE} width="{side}" height="{side}">{filter_}<rect width="100%" height="100%" filter="url(#f)"/></svg>'


async def test_a_document_that_takes_too_long_costs_one_request(tmp_path: Path) -> None:
    slow = filtered('<feTurbulence baseFrequency="0.5" numOctaves="9"/>' * 200, 3000)
    (tmp_path / "slow.svg").write_text(slow)
    async with house(tmp_path, pool=PoolConfig(workers=1, seconds=3)) as built:
        with pytest.raises(TimedOut, match="more than 3 seconds"):
            await built.get("slow.svg")
        assert (await picture(built, "quad.png?fmt=png")).size == (40, 30)


async def test_a_document_that_takes_too_much_memory_is_an_error_of_its_own(tmp_path: Path) -> None:
    # each group is drawn on a sheet of its own, and all of them are there at once
    groups = '<g opacity="0.9">' * 100 + '<rect width="3000" height="3000"/>' + "</g>" * 100
    (tmp_path / "large.svg").write_text(f'<svg {SPACE} width="3000" height="3000">{groups}</svg>')
    async with house(tmp_path, pool=PoolConfig(workers=1, seconds=60)) as built:
        with pytest.raises(BadSource, match=r"^large\.svg: the process that reads it ends"):
            await built.get("large.svg")
        assert (await picture(built, "quad.png?fmt=png")).size == (40, 30)
