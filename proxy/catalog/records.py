"""The tables of data fields and what their rows become (``c-image-svg-data-reference`` and the pages of the other maps).

Knows fields, types and the classes of rows. Knows nothing of the files' syntax, of folders or of inheritance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from proxy.catalog.attributes import THUMB_TYPE
from proxy.catalog.datatypes import Hours, IntList, IntPair, Ints, Pair, TimeStamp
from proxy.catalog.problems import Problem, shown
from proxy.catalog.reader import Field, Row
from proxy.protocol.values import Choice, Flag, Int, Real, Text

ASSET_TYPES: Final = ("MEDIASET", "SPINSET", "SPINSET2D", "VIDEOSET", "IMAGESET", "ECATALOG")
MACRO_NAME: Final = Text(r"[^$&=?#\s]+", "a name without blanks and any of $ & = ? #")

_TEXT = Text()
_EXPIRATION = Hours((-1, -2))
_RATE = Int(0)

FIELDS: Final[tuple[Field, ...]] = (
    Field("Id", _TEXT, "What the record is called in requests.", "r-id-cat", required=True),
    Field("Path", _TEXT, "File of the image.", "r-path-cat"),
    Field("MaskPath", _TEXT, "File of a separate mask.", "r-maskpath-cat"),
    Field("Modifier", _TEXT, "Commands in front of the request's.", "r-modifier-cat"),
    Field("PostModifier", _TEXT, "Commands behind the request's.", "r-postmodifier-cat"),
    Field("Anchor", IntPair(Int(), Int()), "Anchor, in pixels from the top left.", "r-anchor-cat"),
    Field("Size", IntPair(Int(1), Int(1)), "Width and height of the image in pixels.", "r-size-cat"),
    Field("Resolution", Real(0, above=True), "Object resolution, for res=.", "r-resolution-cat", unset=0),
    Field("PrintResolution", Int(1), "Dots per inch written into replies.", "r-printresolution-cat", unset=0),
    Field("Expiration", _EXPIRATION, "Hours that a reply may be kept.", "r-expiration-cat", unset=-2),
    Field("TimeStamp", TimeStamp(), "When the image changed.", "r-timestamp-cat"),
    Field("ThumbType", THUMB_TYPE, "How thumbnails are made.", "r-thumbtype-cat", unset=0),
    Field("ThumbRes", Real(0, above=True), "Object resolution of texture thumbnails.", "r-thumbres-cat", unset=0),
    Field("AssetType", Choice(ASSET_TYPES), "What kind of set ImageSet holds.", "r-assettype-cat"),
    Field("ImageSet", _TEXT, "The set.", "r-imageset-cat"),
    Field("Map", _TEXT, "HTML AREA elements, front to back.", "r-map-cat"),
    Field("Targets", _TEXT, "Zoom targets, as properties.", "r-targets-cat"),
    Field("UserData", _TEXT, "Any data, best as properties.", "r-userdata-cat"),
    Field("UserType", _TEXT, "Any type.", "r-usertype-cat"),
    Field("DigimarcInfo", IntList(4, 4), "Type, flags and two values of a Digimarc watermark.", "r-digimarcinfo-cat"),
)
"""Image and SVG data, in the order of the fields of ``Record``."""

STATIC_FIELDS: Final[tuple[Field, ...]] = (
    Field("Id", _TEXT, "What the record is called in requests.", "r-id-static", required=True),
    Field("Path", _TEXT, "The file.", "r-path-static"),
    Field("Expiration", _EXPIRATION, "Hours that a reply may be kept.", "r-expiration-static", unset=-2),
    Field("TimeStamp", TimeStamp(), "When the file changed.", "r-timestamp-static"),
    Field("UserType", _TEXT, "Type that type= selects.", "r-usertype-cat"),
    Field("UserData", _TEXT, "Any data, best as properties.", "r-userdata-cat"),
    Field("VideoBitRate", _RATE, "Video bits per second.", "r-videobitrate-cat"),
    Field("AudioBitRate", _RATE, "Audio bits per second.", "r-audiobitrate"),
    Field("TotalStreamBitRate", _RATE, "Bits per second in all.", "r-totalstreambitrate"),
    Field("VideoSize", IntPair(Int(1), Int(1)), "Width and height in pixels.", "r-videosize-cat"),
)
"""Static content data, in the order of the fields of ``StaticRecord``."""

MACRO_FIELDS: Final[tuple[Field, ...]] = (
    Field("Name", MACRO_NAME, "What the macro is called, in any case.", "r-name-macro", required=True),
    Field("Definition", _TEXT, "The commands it stands for.", "r-definition-macro", required=True),
)

ICC_FIELDS: Final[tuple[Field, ...]] = (
    Field("Name", _TEXT, "What the profile is called.", "r-name-icc", required=True),
    Field("ProfilePath", _TEXT, "Its file.", "r-profilepath-icc", required=True),
)

FONT_FIELDS: Final[tuple[Field, ...]] = (
    Field("Name", _TEXT, "What the font is called in RTF.", "r-name-font", required=True),
    Field("Bold", Flag(), "Whether the file is for bold text.", "r-bold-font"),
    Field("Italic", Flag(), "Whether the file is for italic text.", "r-italic-font"),
    Field("FontPath", _TEXT, "Its file.", "r-fontpath-font", required=True),
    Field("MetricsPath", _TEXT, "File of the metrics of a Type 1 font.", "r-metricspath-font"),
    Field("PsName", _TEXT, "Its PostScript name.", "r-psname-font"),
)
"""Font maps, in the order of the fields of ``Font``."""


@dataclass(frozen=True, slots=True)
class Record:
    r"""A row of the image or SVG data; ``None`` where the field is empty, so that the catalog's attribute counts.

    Texts are as written, line ends inside them being ``\n``. ``anchor`` and ``size`` are pixels of the full image,
    resolutions pixels per unit, ``expiration`` hours (-1 for never), ``time_stamp`` milliseconds since 1970 in UTC,
    ``thumb_type`` one of ``crop``, ``fit``, ``texture``. ``path`` and ``mask_path`` lack RootPath and DefaultExt: see
    ``Catalog.image_path``.
    """

    id: str
    path: str | None = None
    mask_path: str | None = None
    modifier: str | None = None
    post_modifier: str | None = None
    anchor: Pair | None = None
    size: Pair | None = None
    resolution: float | None = None
    print_resolution: int | None = None
    expiration: float | None = None
    time_stamp: int | None = None
    thumb_type: str | None = None
    thumb_res: float | None = None
    asset_type: str | None = None
    image_set: str | None = None
    map: str | None = None
    targets: str | None = None
    user_data: str | None = None
    user_type: str | None = None
    digimarc_info: Ints | None = None


@dataclass(frozen=True, slots=True)
class StaticRecord:
    """A row of the static content data; ``None`` where the field is empty. Rates are bits per second."""

    id: str
    path: str | None = None
    expiration: float | None = None
    time_stamp: int | None = None
    user_type: str | None = None
    user_data: str | None = None
    video_bit_rate: int | None = None
    audio_bit_rate: int | None = None
    total_stream_bit_rate: int | None = None
    video_size: Pair | None = None


@dataclass(frozen=True, slots=True)
class Font:
    """A row of a font map; paths lack RootPath."""

    name: str
    bold: bool
    italic: bool
    path: str
    metrics_path: str | None = None
    ps_name: str | None = None


def read_values(row: Row, fields: Sequence[Field], file: str, problems: list[Problem]) -> list[Any]:
    """Read the texts of a row by the types of their fields: ``None`` for what is empty or, with a problem, not readable."""
    values: list[Any] = [None] * len(fields)
    for number, text in enumerate(row.texts):
        if not text:
            continue
        field = fields[number]
        try:
            value = field.type.read(text)
        except ValueError:
            if field.unset is None or not _is_number(text, field.unset):
                message = f"{field.name}={shown(text)}: expected {field.type.expects}; the value is not used"
                problems.append(Problem(file, *row.position(number), message))
            continue
        if value != field.unset:
            values[number] = value
    return values


def _is_number(text: str, number: float) -> bool:
    try:
        return Real().read(text) == number
    except ValueError:
        return False
