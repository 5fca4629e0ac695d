"""The table of the kinds of ``req=``: the forms each may be written in and what says how long it may be kept (``r-req``).

The kinds that this version does not answer are in it too.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kept(Enum):
    """What decides how long a reply may be kept."""

    EXPIRATION = "catalog::Expiration"
    NON_IMAGE = "attribute::NonImgExpiration"
    NOT = "not at all"


@dataclass(frozen=True, slots=True)
class Kind:
    """A row: ``forms`` are words of the second argument of ``req=``, the first of them for none; images have no form."""

    name: str
    page: str
    forms: tuple[str, ...]
    kept: Kept
    help: str


_IMAGE: Final = ()
_TEXT: Final = ("text",)
_PROPERTIES: Final = ("text", "javascript", "xml", "json")
_DATA: Final = ("text", "xml", "json")

KINDS: Final[tuple[Kind, ...]] = (
    Kind("catalogprops", "r-catalogprops", _PROPERTIES, Kept.NON_IMAGE, "attributes of the catalog"),
    Kind("exists", "r-exists", _PROPERTIES, Kept.NON_IMAGE, "whether the path names a record"),
    Kind("imageprops", "r-imageprops", _PROPERTIES, Kept.NON_IMAGE, "properties of the original and its record"),
    Kind("imageset", "r-imageset-req", _PROPERTIES, Kept.NON_IMAGE, "catalog::ImageSet of the record"),
    Kind("img", "r-img", _IMAGE, Kept.EXPIRATION, "the image; what is answered without req="),
    Kind("loadcache", "r-loadcache", _TEXT, Kept.NOT, "length of the image, which is made and kept in the cache"),
    Kind("map", "r-map-req", _DATA, Kept.EXPIRATION, "the image map"),
    Kind("mask", "r-mask-req", _IMAGE, Kept.EXPIRATION, "the mask of the image"),
    Kind("mbrSet", "r-mbrset", ("text", "xml"), Kept.NON_IMAGE, "the videos of a set and their bit rates"),
    Kind("message", "r-message", _TEXT, Kept.NOT, "nothing; a message of the client goes to the log"),
    Kind("props", "r-props", _PROPERTIES, Kept.NON_IMAGE, "properties of the reply image"),
    Kind("resolve", "r-resolve", _TEXT, Kept.NOT, "the request with everything replaced"),
    Kind("saveToFile", "r-savetofile", _TEXT, Kept.NOT, "whether the image was saved to a file of the server"),
    Kind("set", "r-set", ("xml", "json"), Kept.NON_IMAGE, "the members of a media set"),
    Kind("targets", "r-targets", _DATA, Kept.EXPIRATION, "catalog::Targets of the record"),
    Kind("tmb", "r-tmb", _IMAGE, Kept.EXPIRATION, "the thumbnail"),
    Kind("userdata", "r-userdata", _DATA, Kept.EXPIRATION, "catalog::UserData of the record"),
    Kind("validate", "r-is-http-validate", _PROPERTIES, Kept.NOT, "whether the request can be read"),
    Kind("xlate", "r-xlate", _PROPERTIES, Kept.EXPIRATION, "ids of the record's versions for other locales"),
    Kind("xmp", "r-xmp", ("xml",), Kept.EXPIRATION, "the XMP packet of the original"),
)
