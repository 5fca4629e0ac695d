"""Output formats, one file each: names, media type, suffix, abilities and the encoder (``r-is-http-fmt``)."""

import sys
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from proxy.formats._base import NOTHING, Embedded, Format
from proxy.registry import collect

__all__ = ["NOTHING", "Embedded", "Format", "formats"]


@lru_cache(maxsize=1)
def formats() -> Mapping[str, Format]:
    """Every format that can be made, by the base word of ``fmt=``."""
    return MappingProxyType({plug.name: plug() for plug in collect(sys.modules[__name__], Format)})
