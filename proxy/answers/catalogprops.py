"""``req=catalogprops``: attributes of the catalog that the path selects."""

import time

from proxy.answers._base import Answer, Ask, Reply, non_image_hours
from proxy.answers._properties import form_of, write
from proxy.answers.props import hexadecimal, number
from proxy.catalog.attributes import BY_NAME
from proxy.catalog.catalog import Catalog
from proxy.catalog.datatypes import Enumeration

_PAIRS = ("defaultPix", "defaultThumbPix", "maxPix", "jpegQuality")
_REALS = ("expiration", "defaultExpiration", "nonImgExpiration", "resolution", "thumbRes")
_COLORS = ("bkgColor", "thumbBkgColor")
_TEXTS = ("defaultExt", "publishInfo", "watermark")
_WORDS = ("resMode", "thumbHorizAlign", "thumbType", "thumbVertAlign")
_PREFIX = "catalog."
"""The page has two colons in ``catalog::defaultExt`` and ``catalog::watermark``, which no JavaScript reply could hold."""


class Catalogprops(Answer):
    """Attributes of the main catalog, inherited values included; of the default catalog if the path names none."""

    name = "catalogprops"
    page = "r-catalogprops"

    async def answer(self, ask: Ask) -> Reply:
        """Look at the catalog alone."""
        form = form_of(ask.asked.request.settings)
        return Reply(write(_of_catalog(ask.asked.main), form), form.media_type, non_image_hours(ask.asked.main))


def _of_catalog(catalog: Catalog) -> dict[str, str]:
    """The properties in the order of their names."""
    values = {
        "fileTime": time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(catalog.timestamp / 1000)),
        "printResolution": str(catalog.integer("PrintResolution")),
        **{name: "{},{}".format(*catalog.pair(name)) for name in _PAIRS},
        **{name: number(catalog.number(name)) for name in _REALS},
        **{name: hexadecimal(catalog.color(name)) for name in _COLORS},
        **{name: catalog.text(name) for name in _TEXTS},
        **{name: _numbered(catalog, name) for name in _WORDS},
    }
    return {_PREFIX + name: values[name] for name in sorted(values)}


def _numbered(catalog: Catalog, name: str) -> str:
    """The number of an enumeration's word, as attribute files have it (``r-enum``)."""
    type_ = BY_NAME[name.lower()].type
    if not isinstance(type_, Enumeration):
        raise TypeError(name)
    return next(str(value) for value, word in type_.words if word == catalog.text(name))
