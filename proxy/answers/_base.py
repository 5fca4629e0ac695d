"""What a kind of ``req=`` is asked and what it answers; how long an answer may be kept."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Resolved
from proxy.recipe.asked import SILENT, Asked, AskedLayer, Client
from proxy.recipe.client import Topic
from proxy.service import Planned, Renditions

NEVER = -1.0
"""Hours of a reply that never expires."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, free of HTTP. ``hours`` is how long it may be kept: ``None`` not at all, ``NEVER`` for ever.

    ``modified`` is in milliseconds since 1970 and only there where the catalog says UseLastModified. ``made`` is false if the
    answer's image was in the cache, ``None`` if there is no image. ``until`` is the monotonic time until which the same request
    has the same answer for certain.
    """

    body: bytes
    media_type: str
    hours: float | None = None
    etag: str = ""
    modified: int | None = None
    made: bool | None = None
    until: float = 0.0
    heeds: tuple[Topic, ...] = ()
    """What it depends on of what the client tells."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to an answer: what was asked for, the one path to renditions, and what the client told of itself."""

    asked: Asked
    renditions: Renditions
    client: Client = SILENT


class Answer:
    """One kind of ``req=``. Subclasses in this package are found by themselves."""

    name: ClassVar[str]
    page: ClassVar[str]

    async def answer(self, ask: Ask) -> Reply:
        """Answer it.

        Raises:
            IsproxyError: whatever stands in the way.
        """
        raise NotImplementedError


def image_hours(planned: Planned) -> float:
    """How long a reply image may be kept: the shortest Expiration of its layers (``r-expiration-cat``).

    Layers of nested requests count (protocol decision 22 (25)). A default image has that of its own record, else
    DefaultExpiration (``r-defaultexpiration``); what has no image in a catalog has that of the main one.
    """
    return min((hours for hours in _layer_hours(planned, planned.answered) if hours >= 0), default=NEVER)


def _layer_hours(planned: Planned, asked: Asked) -> Iterator[float]:
    """Expiration of each layer of a request, and of those nested in it; of the main catalog where none has an image."""
    imageless = True
    for layer in asked.layers:
        if layer.content is not None and layer.content.nested is not None:
            imageless = False
            yield from _layer_hours(planned, layer.content.nested)
        elif layer.image is not None:
            imageless = False
            yield _expiration(planned, asked, layer, layer.image)
        elif layer.content is not None:
            # another server's
            yield _default_hours(planned, asked.main)
    if imageless:
        yield _default_hours(planned, asked.main)


def _expiration(planned: Planned, asked: Asked, layer: AskedLayer, image: Resolved) -> float:
    shown = _shown(planned, asked, layer, image)
    record = shown.record
    if record is not None and record.expiration is not None and record.expiration != _CATALOG_DECIDES:
        return record.expiration
    if shown is not image:
        return planned.asked.main.number("DefaultExpiration")
    return _default_hours(planned, image.catalog)


def _default_hours(planned: Planned, catalog: Catalog) -> float:
    return planned.asked.main.number("DefaultExpiration") if planned.is_default else catalog.number("Expiration")


_CATALOG_DECIDES = -2


def _shown(planned: Planned, asked: Asked, layer: AskedLayer, image: Resolved) -> Resolved:
    """The image of a layer, or the default image that stands in for it (``r-defaultimagemode``)."""
    replaced = layer.content is not None and layer.content.path in planned.replaced
    return asked.stand_in if replaced and asked.stand_in is not None else image


def modified(planned: Planned) -> int | None:
    """When the original of layer 0 changed, where its catalog says UseLastModified (``r-uselastmodified``)."""
    first = planned.answered.layers[0]
    if first.image is None:
        return None
    image = _shown(planned, planned.answered, first, first.image)
    if not image.catalog.flag("UseLastModified"):
        return None
    if image.record is not None and image.record.time_stamp is not None:
        return image.record.time_stamp
    return planned.sources[0][0].mtime_ns // 1_000_000


def object_hours(image: Resolved) -> float:
    """How long what a record says may be kept: its Expiration, else that of its catalog (``r-expiration-cat``).

    That there is no such record is kept no longer than other properties: it may be published any time.
    """
    return non_image_hours(image.catalog) if image.record is None else original_hours(image)


def original_hours(image: Resolved) -> float:
    """How long what an original says may be kept: the Expiration of its record, else that of its catalog."""
    own = None if image.record is None else image.record.expiration
    return image.catalog.number("Expiration") if own is None or own == _CATALOG_DECIDES else own


def non_image_hours(main: Catalog) -> float:
    """How long property replies may be kept (``r-nonimgexpiration``)."""
    return main.number("NonImgExpiration")


def version(*parts: object) -> str:
    """A short identifier that changes with its parts (``r-id``)."""
    digest = hashlib.sha256("\n".join(map(str, parts)).encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
