"""Attributes and data fields that are read and checked, and that this version does nothing with.

Those whose being passed over would do harm stand in ``proxy/recipe/unbuilt.py``: they are refused or warned about. That
``req=imageprops`` or ``req=catalogprops`` tells a value is no effect. Names are spelled as in the tables; whoever gives one an
effect takes it out here.
"""

from typing import Final

ATTRIBUTES: Final = frozenset(
    {
        *("AllowDirectUrls", "RootUrl", "TrustedDomains", "CacheValidationPolicy"),
        *("FontMapFile", "DefaultFont", "SynthesizeFontStyles", "ApplyEffectMask", "Bfc"),
        *("IccProfileMapFile", "IccProfileRgb", "IccProfileGray", "IccProfileCmyk"),
        *("IccProfileSrcRgb", "IccProfileSrcGray", "IccProfileSrcCmyk"),
        *("IccRenderIntent", "IccBlackPointCompensation", "IccDither"),
        *("DigimarcId", "DigimarcInfo", "HttpFlashStreamingContext"),
    }
)

FIELDS: Final = frozenset({"Anchor", "Size", "UserType", "DigimarcInfo"})
"""Of the image and SVG data."""

STATIC_FIELDS: Final = frozenset({"Expiration", "TimeStamp", "UserType", "UserData"})
"""Of the static content data."""

ICC_FIELDS: Final = frozenset({"Name", "ProfilePath"})
FONT_FIELDS: Final = frozenset({"Name", "Bold", "Italic", "FontPath", "MetricsPath", "PsName"})
