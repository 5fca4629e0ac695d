"""``req=set``: what a media set is made of, for viewers (``r-set``, ``r-media-set-requests``)."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote

from proxy.answers._base import Answer, Ask, Reply, non_image_hours, version
from proxy.answers._media_set import Seen, Sight, collapsed, set_tree, xml_of
from proxy.answers._properties import Form, form_among, padded, xml_head
from proxy.catalog.catalogs import Resolved
from proxy.catalog.locale import localization
from proxy.catalog.media_set import MediaSet, Picture, build, pictures_of
from proxy.catalog.smart_crops import SmartCrop, SmartCrops
from proxy.errors import BadSource, IsproxyError, LimitExceeded, Missing, Refused
from proxy.protocol.grammar import decode, path_elements, split_target
from proxy.recipe.asked import Asked
from proxy.recipe.looks import Look

FORMS = ("xml", "json")
_VERSION_LENGTH = 6


class Set(Answer):
    """The set of the record, or that of ``imageSet=``; a picture, a video or a file is a set of one."""

    name = "set"
    page = "r-set"

    def __init__(self) -> None:
        self._crops = SmartCrops()

    async def answer(self, ask: Ask) -> Reply:
        """Look the names up, then at the headers of all originals."""
        asked, settings = ask.asked, ask.asked.request.settings
        form = form_among(settings, FORMS)
        local = localization(asked.main, settings.one("locale", str))
        given = settings.one("imageSet", str)
        # in a thread, since a set of thousands of members would hold everybody else up
        media = await asyncio.to_thread(build, ask.renditions.catalogs(), asked.resolved, _name(asked), given, local)
        seen = await _looked_at(ask, media)
        sight = Sight(seen, self._crops_of, settings.one("labelkey", str) or "", local.strings)
        body = await asyncio.to_thread(_written, media, sight, form)
        return Reply(body, form.media_type, non_image_hours(asked.main))

    def _crops_of(self, picture: Picture) -> tuple[SmartCrop, ...]:
        """The crops of a picture that is no crop itself."""
        return () if picture.image is None or ":" in decode(picture.name) else self._crops.of(picture.image)


def _name(asked: Asked) -> str:
    """The path in the form of URLs, without empty elements; the colon of a crop stays."""
    return "/".join(quote(element, safe=":,;.-_~!*'()@+$") for element in path_elements(split_target(asked.target)[0]))


def _written(media: MediaSet, sight: Sight, form: Form) -> bytes:
    tree = set_tree(media, sight)
    if form.format == "json":
        return form.encode(padded(collapsed(tree), form.handler, form.id))
    # real replies have no line at the top; other encodings cannot do without
    head = "" if form.encoding == "UTF-8" else xml_head(form.encoding)
    return form.encode(head + xml_of(tree))


async def _looked_at(ask: Ask, media: MediaSet) -> dict[str, Seen]:
    """The originals of all pictures, several at a time. One that cannot be shown goes without, unless it is all there is.

    Raises:
        Missing, BadSource, Refused, LimitExceeded: of a set that is one picture.
        Overloaded, TimedOut, RenderFailed: of any picture.
    """
    single = media.type == "img"
    wanted = iter({picture.name: picture for picture in pictures_of(media)}.values())
    seen: dict[str, Seen] = {}

    async def look(pictures: Iterator[Picture]) -> None:
        for picture in pictures:
            try:
                found = await _look(ask, picture)
            except (Missing, BadSource, Refused, LimitExceeded):
                if single:
                    raise
                continue
            if found is not None:
                seen[picture.name] = found

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(ask.renditions.pool.workers):
                group.create_task(look(wanted))
    except BaseExceptionGroup as errors:
        # not except*: some versions of Python 3.11 wrap what is raised in it into a group again
        known = errors.subgroup(IsproxyError)
        if known is None:
            raise
        raise _first(known) from None
    return seen


def _first(errors: BaseExceptionGroup[IsproxyError]) -> IsproxyError:
    error = errors.exceptions[0]
    return error if isinstance(error, IsproxyError) else _first(error)


async def _look(ask: Ask, picture: Picture) -> Seen | None:
    """What an original is; ``None`` for a record that has none.

    Raises:
        Missing: the name leads nowhere.
    """
    image = picture.image
    if image is None or (image.path is None and image.record is None):
        raise Missing(picture.name)
    if image.path is None:
        return None
    _direct_access(image)
    source, header = await ask.renditions.look(Look(image.path, image.object))
    identity = version(source.size, source.mtime_ns, image.record)
    return Seen(header.width, header.height, identity[:_VERSION_LENGTH])


def _direct_access(image: Resolved) -> None:
    if image.record is None and not image.catalog.attribute("AllowDirectAccess").allows("IS"):
        raise Refused(f"{image.object}: this catalog serves records only")
