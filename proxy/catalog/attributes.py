"""The table of catalog attributes, and how a catalog comes to its values (``c-attributes-reference``).

Knows names, types, defaults and inheritance. Knows nothing of the files' syntax, of folders or of records.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from proxy.catalog.datatypes import (
    AddressFilter,
    DirectAccess,
    DirectAccessValue,
    Enumeration,
    Hours,
    IntList,
    IntPair,
    LocaleRules,
    TextList,
    TimeStamp,
)
from proxy.catalog.problems import Problem, shown
from proxy.catalog.reader import AttributeFile
from proxy.protocol.color import Color
from proxy.protocol.values import ColorValue, Flag, Int, Real, Text, ValueType


class Inherit(Enum):
    """When the value of the default catalog stands in for a catalog's own."""

    EMPTY = "where the attribute is absent or empty"
    ABSENT = "where the attribute is absent; an empty one is a value"
    NEVER = "never: every catalog has its own"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A row of the table.

    ``default`` counts where no catalog says anything; ``empty`` is what an empty text means if that is a value.
    """

    name: str
    type: ValueType[Any]
    default: Any
    help: str
    page: str
    inherit: Inherit = Inherit.EMPTY
    empty: Any = None


WHITE: Final = Color("rgb", (255, 255, 255))

RES_MODE: Final = Enumeration(
    ((2, "bilin"), (3, "bicub"), (4, "sharp2")), (("bisharp", "bisharp"), ("sharp", "sharp2"), ("1", "sharp2"))
)
THUMB_TYPE: Final = Enumeration(((1, "crop"), (2, "fit"), (3, "texture")))
_HORIZONTAL = Enumeration(((1, "left"), (2, "center"), (3, "right")))
_VERTICAL = Enumeration(((1, "top"), (2, "center"), (3, "bottom")))
_INTENT = Enumeration(((0, "perceptual"), (1, "relative"), (2, "saturation"), (3, "absolute")))
_VALIDATION = Enumeration(((0, "expiration"), (1, "catalog")))
_VIEW = IntPair(Int(0), Int(0))
_SUFFIX = Text(r"\..+", "a period and one or more characters")
_ROOT_ID = Text(r"[^\s/\\?#,\x00-\x1f]+", "a text without blanks and any of / \\ ? # ,")
_POSITIVE = Real(0, above=True)
_TEXT = Text()


def _own(name: str, type_: ValueType[Any], default: Any, help_: str) -> Attribute:
    return Attribute(name, type_, default, help_, f"r-{name.lower()}", Inherit.NEVER)


def _or_empty(name: str, help_: str, type_: ValueType[Any] = _TEXT, page: str = "") -> Attribute:
    return Attribute(name, type_, "", help_, page or f"r-{name.lower()}", Inherit.ABSENT, "")


def _row(name: str, type_: ValueType[Any], default: Any, help_: str, page: str = "") -> Attribute:
    return Attribute(name, type_, default, help_, page or f"r-{name.lower()}")


def _flag(name: str, help_: str, *, default: bool = False) -> Attribute:
    return Attribute(name, Flag(), default, help_, f"r-{name.lower()}")


ATTRIBUTES: Final[tuple[Attribute, ...]] = (
    # catalog management
    _own("RootId", _ROOT_ID, "", "The path element that selects this catalog; empty in the default catalog."),
    _own("CatalogFile", TextList(), (), "Image data files, in the order they are loaded."),
    _own("SvgCatalogFile", TextList(), (), "SVG data files, loaded after the image data files."),
    _own("StaticContentCatalogFile", TextList(), (), "Static content data files, in the order they are loaded."),
    _own("FontMapFile", _TEXT, "", "The font map."),
    _own("MacroFile", _TEXT, "", "The macro definitions."),
    _own("IccProfileMapFile", _TEXT, "", "The map of ICC profiles."),
    _own("RuleSetFile", _TEXT, "", "The rules that requests go through before they are parsed."),
    _own("TimeStamp", TimeStamp(), None, "When the records changed that do not say so; else the date of the file."),
    _or_empty("RootPath", "Folder of images, profiles and fonts below the root of the originals."),
    _or_empty("StaticContentRootPath", "Folder of static content below its root."),
    _or_empty("SavePath", "Folder for req=saveToFile; saving is off where it is empty."),
    _flag("FullMatch", "Whether the catalog is ignored for objects that are none of its records."),
    _row("DigimarcId", IntList(3, 6), (), "Digimarc creator id, pin, two unused numbers, durability and chroma."),
    _row("PublishInfo", _TEXT, "", "An annotation that req=catalogprops tells."),
    _row("CacheValidationPolicy", _VALIDATION, "expiration", "When cached originals are looked at again."),
    _flag("UseLastModified", "Whether images are sent with Last-Modified."),
    _flag("SynthesizeFontStyles", "Whether bold and italic are made up where a font has none.", default=True),
    # requests
    _row("MaxPix", _VIEW, (0, 0), "Largest width and height of a reply image; 0 for no limit of the catalog."),
    Attribute(
        "AllowDirectAccess", DirectAccessValue(), DirectAccess(include=False), "Which types of objects may be asked for by path.",
        "r-allowdirectaccess", Inherit.ABSENT, DirectAccess(include=True),
    ),
    _flag("AllowDirectUrls", "Whether src= and mask= may name absolute URLs."),
    _or_empty("RootUrl", "Start of relative URLs in src= and mask=."),
    _flag("RequestObfuscation", "Whether modifiers have to be base64-encoded."),
    _flag("RequestLock", "Whether modifiers have to end in their lock."),
    _or_empty("Watermark", "Id of the record that is put over every image."),
    _or_empty("ErrorImage", "What is drawn in place of an error message."),
    _row("ErrorDetail", Int(0, 3), 2, "How much error messages tell: 0 and 1 the title, 2 details, 3 all."),
    Attribute(
        "TrustedDomains", TextList(), (), "Domains that may read properties of swf replies.",
        "r-trusteddomains", Inherit.ABSENT, (),
    ),
    _row("DefaultExpiration", Hours(), 1.0, "Hours that a reply with a default image may be kept; -1 for ever."),
    _row("NonImgExpiration", Hours(), 0.1, "Hours that replies that are no images may be kept; -1 for ever."),
    _row("LocaleMap", LocaleRules(), (), "Suffixes of ids by locale."),
    _row("LocaleStrMap", LocaleRules(), (), "Ids of the strings to take by locale."),
    _row("DefaultImageMode", Int(0, 1), 0, "What a default image replaces: 0 the whole reply, 1 the missing layer."),
    _row("ClientAddressFilter", AddressFilter(), (), "Addresses that may ask; all if empty."),
    _flag("ApplyEffectMask", "Whether an effect is left out where its layer covers it.", default=True),
    _flag("Bfc", "Whether images are sent in the smallest format that the browser takes."),
    # what a request gets if it says nothing
    _or_empty("DefaultExt", "File suffix for paths without one.", _SUFFIX),
    _row("DefaultFont", _TEXT, "", "Font of texts that name none."),
    _or_empty("DefaultImage", "What is shown in place of images that are not found.", page="r-is-cat-defaultimage"),
    _row("DefaultPix", _VIEW, (0, 0), "Box for reply images of requests without a size; 0 for no limit."),
    _row("DefaultThumbPix", _VIEW, (100, 100), "Box for thumbnails of requests without a size; 0 for no limit."),
    _row("BkgColor", ColorValue(), WHITE, "Colour where a reply image has no data."),
    _row("JpegQuality", IntPair(Int(1, 100), Int(0, 1)), (80, 0), "JPEG quality, and 1 to keep full chroma resolution."),
    _row("ResMode", RES_MODE, "bicub", "How images are resampled.", "r-is-cat-resmode"),
    _row("DefaultLocale", _TEXT, "", "Locale of requests without locale=."),
    # colour management
    _row("IccProfileRgb", _TEXT, "sRGB", "Profile of RGB replies."),
    _row("IccProfileGray", _TEXT, "", "Profile of grayscale replies."),
    _row("IccProfileCmyk", _TEXT, "", "Profile of CMYK replies."),
    _row("IccProfileSrcRgb", _TEXT, "", "Profile of RGB originals without one; IccProfileRgb where empty."),
    _row("IccProfileSrcGray", _TEXT, "", "Profile of grayscale originals without one; IccProfileGray where empty."),
    _row("IccProfileSrcCmyk", _TEXT, "", "Profile of CMYK originals without one; IccProfileCmyk where empty."),
    _row("IccRenderIntent", _INTENT, "relative", "Rendering intent of colour conversions."),
    _flag("IccBlackPointCompensation", "Whether colour conversions compensate the black point.", default=True),
    _flag("IccDither", "Whether colour conversions dither."),
    # thumbnails
    _row("ThumbBkgColor", ColorValue(), WHITE, "Colour where a thumbnail has no data."),
    _row("ThumbHorizAlign", _HORIZONTAL, "center", "Place of the picture in a wider thumbnail."),
    _row("ThumbVertAlign", _VERTICAL, "center", "Place of the picture in a higher thumbnail."),
    # defaults of record fields
    _row("DigimarcInfo", IntList(4, 4), (0, 0, 0, 0), "Type, flags and two values of a Digimarc watermark."),
    _row("Expiration", Hours(), 10.0, "Hours that an image may be kept; -1 for ever."),
    _row("PrintResolution", Int(1), 72, "Dots per inch written into replies."),
    _row("Resolution", _POSITIVE, 100.0, "Object resolution, for res=."),
    _row("ThumbRes", _POSITIVE, 20.0, "Object resolution of thumbnails of the type texture."),
    _row("ThumbType", THUMB_TYPE, "fit", "How thumbnails are made."),
    # video
    _row("HttpAppleStreamingContext", _TEXT, "", "Start of the URLs in m3u8 replies."),
    _row("HttpFlashStreamingContext", _TEXT, "", "Start of the URLs in f4m replies."),
    _row("AudioBitRate", Int(0), None, "Audio bits per second of videos that do not say."),
    _row("TotalStreamBitRate", Int(0), None, "Bits per second of videos that do not say."),
    _row("VideoBitRate", Int(0), None, "Video bits per second of videos that do not say.", "r-videobitrate-cat"),
    _row("VideoSize", IntPair(Int(1), Int(1)), None, "Width and height of videos that do not say.", "r-videosize-cat"),
)  # fmt: skip

BY_NAME: Final[Mapping[str, Attribute]] = {row.name.lower(): row for row in ATTRIBUTES}
"""The rows by their names in lower case; names are not case-sensitive."""

BUILT_IN: Final[Mapping[str, Any]] = {name: row.default for name, row in BY_NAME.items()}


def read_attributes(file: AttributeFile) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Give the values that a file states, by name in lower case, and what could not be read.

    What is not stated, is empty without that being a value, or cannot be read is absent from the result: it is inherited.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, entry in file.entries.items():
        row = BY_NAME.get(name)
        if row is None:
            if not name.startswith("."):
                message = f"{entry.name} is no attribute; it is ignored"
                problems.append(Problem(file.file, entry.line, entry.name_column, message))
        elif not entry.text:
            if row.inherit is Inherit.ABSENT:
                values[name] = row.empty
        else:
            try:
                values[name] = row.type.read(entry.text)
            except ValueError:
                message = f"{row.name}={shown(entry.text)}: expected {row.type.expects}; what is inherited counts"
                problems.append(Problem(file.file, entry.line, entry.column, message))
    return values, tuple(problems)


def inherited(own: Mapping[str, Any], default: Mapping[str, Any] = BUILT_IN) -> dict[str, Any]:
    """Complete the values a catalog states by those of ``default``: the default catalog's, or the built-in ones."""
    return {name: own.get(name, row.default if row.inherit is Inherit.NEVER else default[name]) for name, row in BY_NAME.items()}
