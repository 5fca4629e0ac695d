"""Requests beside those for images: static content, exports, headers, other methods, damaged originals."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from random import Random
from typing import Any, Final

from tests.fuzz.ask import Ask
from tests.fuzz.images import PREFIX, Images
from tests.fuzz.texts import NUMBERS, PIECES, encoded, garbage

HOSTILE: Final = "hostile"
"""The folder of damaged originals, below the root of images."""

_DATES: Final = (
    "Sat, 22 Nov 2026 02:00:00 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "yesterday",
    "Mon, 99 Foo 99999 99:99:99 GMT",
    "0",
)
_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "Range": (
        *("bytes=0-9", "bytes=-5", "bytes=5-", "bytes=9-5", "bytes=999999999-", "bytes=-0", "bytes=0-0,5-6", "bytes=-", "bytes"),
        *("items=0-1", "bytes=0-999999999999999999", "bytes=0-9999999999999999999", "bytes=a-b", "bytes = 0 - 4", "bytes=-1-2"),
    ),
    "If-None-Match": ("*", '"x"', 'W/"x"', '"', '"a","b"', "x", '"' * 99, "é", ""),
    "If-Modified-Since": _DATES,
    "If-Unmodified-Since": _DATES,
    "If-Match": ("*", '"x"', ""),
    "If-Range": ('"x"', *_DATES),
    "Accept": (
        "*/*",
        "image/webp",
        "image/avif,image/webp;q=0.9,*/*;q=0.1",
        "image/webp;q=nan",
        ";;;",
        "text/html",
        "x" * 3000,
        "",
    ),
    "Accept-Encoding": ("gzip", "br, gzip;q=0", "identity;q=0", "*;q=0", "\x01"),
    "Accept-Language": ("de", "en-US,en;q=0.5", "*", "x-" * 99),
    "X-Forwarded-For": ("127.0.0.1", "192.0.2.7", "::1", "x", ", ,", "999.1.1.1", "fe80::1%eth0"),
    "Authorization": ("Bearer", "Bearer x", "Basic eA==", "Bearer é", "Bearer " + "x" * 5000),
    "Origin": ("https://example.test", "null", "é"),
    "DPR": ("2", "nan", "-1", "1e99", "x"),
    "Sec-CH-DPR": ("2", "0", ""),
    "Width": ("300", "999999999999"),
    "Save-Data": ("on", "off", "x"),
    "Downlink": ("0.1", "-1", "inf"),
    "RTT": ("5", "x"),
    "ECT": ("2g", "9g"),
    "Referer": ("http://x/", "\\"),
    "User-Agent": ("", "x", "Mozilla/5.0 (iPhone)"),
    "Cookie": ("a=b", "=;=;", "x" * 3000),
    "Connection": ("close", "keep-alive", "upgrade"),
    "Expect": ("100-continue",),
    "Transfer-Encoding": (),
    "Host": ("", "x", "[::1]", "é", "a:b:c"),
    "X-HTTP-Method-Override": ("DELETE",),
}
_METHODS: Final = ("HEAD", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW")
_JSON_SCRAPS: Final[tuple[Any, ...]] = (
    *(None, True, 0, -1, 1.5, 10**30, "", "x", [], {}, [[]]),
    *({"items": []}, [None], ["\ud800"], {"a": {"b": []}}),
)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What there is to ask for beside images: static content, originals to damage, the token of exports."""

    content: Sequence[str]
    originals: Sequence[str]
    token: str


class Others:
    """Makes requests that are no plain image requests."""

    def __init__(self, images: Images, grounds: Grounds) -> None:
        self.images, self.grounds = images, grounds

    def hostile(self, rng: Random) -> Ask:
        """A request that shows a damaged original; which damage follows from the name."""
        original = PurePosixPath(rng.choice(self.grounds.originals))
        path = f"{HOSTILE}/{original.stem}~{rng.randrange(10**9)}{original.suffix}"
        query = self.images.request(rng, 0.0).partition("?")[2]
        kind = rng.random()
        if kind < 0.6:
            return Ask(f"{PREFIX}{path}?wid=80&fmt=png")
        if kind < 0.8:
            return Ask(f"{PREFIX}{path}?{query}")
        if kind < 0.9:
            return Ask(f"{PREFIX}conf/white?layer=1&{rng.choice(('src', 'src', 'mask'))}={path}&size=90,0")
        return Ask(f"{PREFIX}{path}?req={rng.choice(('props', 'imageprops', 'exists', 'xmp', 'mask', 'tmb', 'map', 'mbrSet'))}")

    def content(self, rng: Random) -> Ask:
        """A request for static content."""
        path = rng.choice(self.grounds.content) if rng.random() < 0.7 else garbage(rng)
        kinds = ("exists", "props", "userdata", "img", "x,json", "tmb", ",json", "props,xml", "userdata,javascript")
        said = {
            "req": rng.choice(kinds),
            "type": rng.choice(("text", "css", "", garbage(rng))),
            "locale": rng.choice(("de", "fr", "xx")),
            "id": rng.choice(("1", "x", garbage(rng))),
            "handler": rng.choice(("cb", "a.b", garbage(rng))),
            "cache": rng.choice(("on", "off", "validate", "x", "on,on")),
            garbage(rng): garbage(rng),
        }
        chosen = rng.sample(sorted(said), rng.choice((0, 0, 1, 1, 2, 3)))
        query = "&".join(f"{name}={said[name]}" for name in chosen)
        return self.with_headers(rng, Ask(f"/is/content/{path}" + (f"?{query}" if query else "")), 0.4)

    def export(self, rng: Random) -> Ask:
        """A job as JSON or as a query, with a good token most of the time."""
        authorization = {"Authorization": f"Bearer {self.grounds.token}"} if rng.random() < 0.93 else {}
        job = self._job(rng)
        if rng.random() < 0.3:
            query = "&".join(f"{name}={encoded(rng, str(value))}" for name, value in job.items())
            return Ask(f"/export?{query}", "GET", authorization)
        text = json.dumps(job, ensure_ascii=rng.random() < 0.5)
        if rng.random() < 0.1:
            text = rng.choice(("", "[" * 5000, "null", "{", text[:-1], text + "x", "\udcff", "NaN", '{"a":1,"a":2}', "[]"))
        estimate = rng.choice(("", "", "?estimate=1", "?estimate=0", "?estimate=x"))
        kind = rng.choice(("application/json",) * 12 + ("text/plain", "application/json; charset=utf-16", ""))
        body = text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
        return Ask(f"/export{estimate}", "POST", {**authorization, "Content-Type": kind}, body)

    def _job(self, rng: Random) -> dict[str, Any]:
        names = self.images.names
        handles: Any = [rng.choice(names.pictures if rng.random() < 0.85 else names.others) for _ in range(rng.randint(1, 5))]
        if rng.random() < 0.15:
            handles[0] = rng.choice((garbage(rng), "a|47|conf/red", "", "../x", "conf/broken", "x" * 3000, "conf/cmyk"))
        job: dict[str, Any] = {"assetHandleArray": handles, "fmt": rng.choice(("convert", "convert", "orig"))}
        if job["fmt"] == "convert" and rng.random() < 0.8:
            query = self.images.request(rng, rng.choice((0.0, 0.2))).partition("?")[2]
            job["is_modifier"] = rng.choice(("wid=40&fmt=png", "fmt=jpeg&wid=90", query, garbage(rng)))
        if rng.random() < 0.1:
            job["macro"] = rng.choice(("$thumb100$", "thumb100", "nowhere", garbage(rng)))
        if rng.random() < 0.2:
            scrap = rng.choice((*_JSON_SCRAPS, garbage(rng)))
            job[rng.choice((*job, "emailSetting", "clientId", garbage(rng)))] = scrap
        return job

    def with_headers(self, rng: Random, ask: Ask, share: float = 1.0) -> Ask:
        """The same request with headers that say something, sensible or not."""
        if rng.random() >= share:
            return ask
        names = rng.sample(sorted(_HEADERS), rng.randint(1, 4))
        headers = {name: rng.choice(_HEADERS[name]) for name in names if _HEADERS[name]}
        method = rng.choice(_METHODS) if rng.random() < 0.15 else ask.method
        return replace(ask, headers={**headers, **ask.headers}, method=method)

    def elsewhere(self, rng: Random) -> Ask:
        """A path that is nobody's, or nearly somebody's."""
        paths = (
            "/",
            "/is",
            "/is/",
            "/is/image",
            "/is/image/",
            "/is/content",
            "/healthz",
            "/readyz",
            "/export",
            "/export/x",
            "//is//image",
        )
        path = rng.choice(
            (*paths, "/is/image?" + garbage(rng), "/" + garbage(rng), "*", "http://x/is/image/conf/red?wid=9", "/is%2Fimage/x")
        )
        return self.with_headers(rng, Ask(path or "/"), 0.5)

    def raw(self, rng: Random) -> Ask:
        """A target with bytes that no client would send."""
        target = PREFIX + "conf/quad?wid=" + "".join(rng.choice((*PIECES, *NUMBERS)) for _ in range(rng.randint(1, 5)))
        at = rng.randrange(1, len(target))
        odd = rng.choice(("\x01", "\x7f", "\udc80", "é", "\t", "\x00", "\udcc3", "\u2028"))
        return Ask(target[:at] + odd + target[at:])
