"""What a kind of ``req=`` is asked and what it answers; how long an answer may be kept."""

import base64
import hashlib
from dataclasses import dataclass
from typing import ClassVar

from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Resolved
from proxy.recipe.asked import Asked
from proxy.service import Planned, Renditions

NEVER = -1.0
"""Hours of a reply that never expires."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, free of HTTP. ``hours`` is how long it may be kept: ``None`` not at all, ``NEVER`` for ever.

    ``modified`` is in milliseconds since 1970 and only there where the catalog says UseLastModified. ``made`` is false if the
    answer's image was in the cache, ``None`` if there is no image.
    """

    body: bytes
    media_type: str
    hours: float | None = None
    etag: str = ""
    modified: int | None = None
    made: bool | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to an answer: what was asked for, and the one path to renditions."""

    asked: Asked
    renditions: Renditions


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

    A default image has that of its own record, else DefaultExpiration (``r-defaultexpiration``).
    """
    hours: list[float] = []
    for layer in planned.answered.layers:
        if layer.image is None:
            continue
        record = layer.image.record
        if record is not None and record.expiration is not None and record.expiration != _CATALOG_DECIDES:
            hours.append(record.expiration)
        elif planned.is_default:
            hours.append(planned.asked.main.number("DefaultExpiration"))
        else:
            hours.append(layer.image.catalog.number("Expiration"))
    return min((value for value in hours if value >= 0), default=NEVER)


_CATALOG_DECIDES = -2


def modified(planned: Planned) -> int | None:
    """When the original of layer 0 changed, where its catalog says UseLastModified (``r-uselastmodified``)."""
    image = planned.answered.layers[0].image
    if image is None or not image.catalog.flag("UseLastModified"):
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
