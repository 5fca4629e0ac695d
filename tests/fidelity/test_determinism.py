"""The same URL gives the same bytes: twice in a row, in two workers, and after a restart.

The URLs are a case of the conformance suite for every command of the table that an image reply can show, found by its name,
and a list for what depends on chance or on an encoder. A command that is added gets its cases there and is tested from then on.
"""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from proxy.protocol.command import Vocabulary
from tests.conformance_status import MACROS, SUITE
from tests.serving import Reply, Server, serving

CONF = "/is/image/conf"
EACH = 2
"""How many cases of the suite are taken for a command."""

SIDE_BY_SIDE = 4

CHANCE_AND_ENCODERS = (
    f"{CONF}/photo?layer=1&src=conf/gradient&opac=50&blendMode=dissolve&fmt=png",
    f"{CONF}/photo?layer=1&src=conf/ring&blendMode=dissolve&layer=2&src=conf/semi&blendMode=dissolve&opac=30&fmt=png",
    *(f"{CONF}/photo?op_noise=30,{shape},{mono}&fmt=png" for shape in ("uniform", "gaussian") for mono in (0, 1)),
    f"{CONF}/gray?op_noise=30&fmt=png",
    f"{CONF}/ring?effect=-1&color=000000&op_noise=40&op_blur=4&pos=5,5&fmt=png-alpha",
    *(f"{CONF}/photo?fmt=png8&quantize={words}" for words in ("adaptive,diffuse,16", "adaptive,off,7", "web", "mac,diffuse")),
    *(
        f"{CONF}/photo?wid=120&fmt={fmt}"
        for fmt in ("jpeg", "pjpeg", "png", "gif", "webp", "avif", "tif", "tif,,lzw", "tif,cmyk,zip")
    ),
    *(
        f"{CONF}/ring?wid=90&fmt={fmt}"
        for fmt in ("png-alpha", "png8-alpha", "gif-alpha", "webp-alpha", "avif-alpha", "tif-alpha")
    ),
    f"{CONF}/photo?wid=200&qlt=40,1",
    f"{CONF}/photo?wid=200&jpegSize=4",
    f"{CONF}/photo?fmt=webp,,lossless&wid=77",
    f"{CONF}/big?wid=93&resMode=sharp2&op_usm=1.2,1,4,0",
    f"{CONF}/big?wid=93&op_usmR=1.2,1,4,0",
    f"{CONF}/photo?wid=110&bfc=1&network=0",
    f"{CONF}/photo?layer=0&clipPath=M0,0L140,0,140,130,0,130Z&clipXPathE=none&fmt=png",
    f"{CONF}/photo?layer=1&textPs=Hello&size=80,40&textAngle=-30&fmt=png",
    f"{CONF}/photo?layer=1&textPs=Hello&textPath=M0,60L90,0&pathAttr=reverse,.25&fmt=png",
    f"{CONF}/photo?layer=1&textPs=Hello&textFlowPath=M0,0L90,0,90,90,0,90Z&textFlowXPath=M0,0L9,0,9,9Z&fmt=png",
    f"{CONF}/photo?rotate=17&op_blur=3&op_grow=2&bgColor=00ff00&fmt=png",
)
IN_OTHER_REPLIES = frozenset({"handler", "imageset", "labelkey", "map", "mapa", "name", "timeout", "type"})
"""Commands of other kinds of ``req=``, of which an image shows nothing."""


def cases() -> list[str]:
    """Targets of the suite that ask for an image and expect one."""
    found = []
    for file in sorted((SUITE / "cases").glob("*.json")):
        for case in json.loads(file.read_text("utf-8")):
            target, expected = case.get("request", ""), case.get("expect", {})
            plain = not {"method", "headers", "steps"} & set(case)
            if plain and target.startswith(CONF) and expected.get("status", 200) == 200 and "${" not in target:
                found.append(target)
    return found


def chosen(words: Vocabulary) -> dict[str, list[str]]:
    """What mentions a command, for every command by its name."""
    targets = [*CHANCE_AND_ENCODERS, *cases()]
    return {
        name: [target for target in targets if re.search(rf"[?&{{(]{re.escape(name)}=", target, re.IGNORECASE)]
        for name in sorted(words.commands)
    }


@contextmanager
def anew(folder: Path) -> Iterator[Server]:
    """A server that keeps nothing."""
    content = {"images": [SUITE / "images"], "static": [SUITE / "images/static"], "catalogs": SUITE / "catalog", "macros": MACROS}
    with serving(folder, {"content": content, "cache": {"memory": 0, "validate_after": 0}}) as server:
        yield server


def said(reply: Reply) -> tuple[int, str, bytes]:
    """What may not differ."""
    return reply.status, reply.headers["ETag"] or "", reply.body


def test_the_same_url_gives_the_same_bytes(tmp_path: Path, words: Vocabulary) -> None:
    by_command = chosen(words)
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    first: dict[str, tuple[int, str, bytes]] = {}
    seen: dict[str, int] = dict.fromkeys(by_command, 0)
    with anew(tmp_path / "first") as server:
        for target in CHANCE_AND_ENCODERS:
            first[target] = said(server.ask(target))
            assert first[target][0] == 200, (target, first[target][2])
        for name, targets in by_command.items():
            for target in targets:
                if target not in first and seen[name] < EACH:
                    reply = server.ask(target)
                    if reply.status == 200 and reply.media_type.startswith("image/"):
                        first[target] = said(reply)
                seen[name] += target in first
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            again = dict(zip(first, pool.map(server.ask, first), strict=True))
        assert [target for target, reply in again.items() if said(reply) != first[target]] == []
    with anew(tmp_path / "second") as server:
        assert [target for target in first if said(server.ask(target)) != first[target]] == []
    assert len(first) >= 100
    built = {name for name, row in words.commands.items() if row.built}
    assert sorted({name for name, count in seen.items() if not count} & built - IN_OTHER_REPLIES) == []


def test_the_list_names_commands_that_there_are(words: Vocabulary) -> None:
    named = {part.partition("=")[0] for target in CHANCE_AND_ENCODERS for part in target.partition("?")[2].split("&")}
    assert {name for name in named if words.find(name) is None} == set()
