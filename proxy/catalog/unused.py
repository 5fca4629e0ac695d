"""Attributes and data fields that are read and checked, and that this version does nothing with.

That ``req=imageprops`` or ``req=catalogprops`` tells a value is no effect. Names are spelled as in the tables; whoever gives one
an effect takes it out here.
"""

from typing import Final

ATTRIBUTES: Final = frozenset(
    {
        *("TrustedDomains", "CacheValidationPolicy"),
        *("DigimarcId", "DigimarcInfo", "HttpFlashStreamingContext"),
    }
)

FIELDS: Final = frozenset({"Size", "DigimarcInfo"})
"""Of the image and SVG data."""

FONT_FIELDS: Final = frozenset({"PsName"})
