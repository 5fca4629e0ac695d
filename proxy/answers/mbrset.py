"""``req=mbrSet``: the videos of a set with their bit rates, as players that choose among them read it."""

from proxy.answers._base import Answer, Ask, Reply, non_image_hours
from proxy.answers._media_set import bit_rate
from proxy.answers._properties import form_among
from proxy.catalog.locale import localization
from proxy.catalog.media_set import Media, MediaSet, build
from proxy.errors import BadValue, RequestError
from proxy.protocol.layers import Settings
from proxy.protocol.printer import quote_value

MEDIA_TYPE = "application/vnd.apple.mpegurl"
_SUFFIXES = (".mp4", ".f4v")
"""Videos that a playlist is made of: those of the first suffix that there are any of."""


class MbrSet(Answer):
    """An m3u8 master playlist. Nobody plays f4m any more (protocol decision 17), and it is refused by name."""

    name = "mbrSet"
    page = "r-mbrset"

    async def answer(self, ask: Ask) -> Reply:
        """Look at the catalogs alone."""
        asked, settings = ask.asked, ask.asked.request.settings
        _check_format(settings)
        form = form_among(settings, ("text",))
        local = localization(asked.main, settings.one("locale", str))
        media = build(ask.renditions.catalogs(), asked.resolved, asked.object, settings.one("imageSet", str), local)
        text = _playlist(_videos(media), asked.main.text("HttpAppleStreamingContext"))
        return Reply(form.encode(text), MEDIA_TYPE, non_image_hours(asked.main))


def _check_format(settings: Settings) -> None:
    format_ = settings.one("fmt", str)
    if format_ == "f4m" or settings.one("req", str, 1) == "xml":
        raise RequestError("f4m manifests are no longer supported: use fmt=m3u8")
    if format_ not in (None, "m3u8"):
        raise BadValue("fmt", str(format_), "m3u8 beside req=mbrSet")


def _videos(media: MediaSet) -> list[tuple[Media, int]]:
    """The videos that a bit rate is known of, all of one kind."""
    rated = [
        (member.media, rate)
        for member in media.members
        if member.media is not None and (rate := bit_rate(member.media)) is not None
    ]
    for suffix in _SUFFIXES:
        found = [(video, rate) for video, rate in rated if (video.static.path or "").lower().endswith(suffix)]
        if found:
            return found
    return []


def _playlist(videos: list[tuple[Media, int]], context: str) -> str:
    """A master playlist (RFC 8216, 4.3.4); the empty text for no videos.

    A streaming server has the playlist of a video beside it, with one more suffix.
    """
    lines = []
    for video, rate in videos:
        record = video.static.record
        size = (record and record.video_size) or video.static.catalog.attribute("VideoSize")
        resolution = "" if size is None else f",RESOLUTION={size[0]}x{size[1]}"
        path = quote_value((video.static.path or "").lstrip("/"))
        lines += [f"#EXT-X-STREAM-INF:PROGRAM-ID=1,BANDWIDTH={rate}{resolution}", f"{context.rstrip('/')}/{path}.m3u8"]
    return "".join(f"{line}\n" for line in ("#EXTM3U", *lines)) if lines else ""
