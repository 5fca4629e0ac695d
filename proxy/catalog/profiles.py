"""The standard colour profiles, and what the name of a profile stands for (``r-color-management``, ``r-icc``, ``r-name-icc``).

Knows names and maps; knows no profile's content and touches no disk. The standard profiles take the place of those that the
default catalog of the reference includes: RGB and gray ones are made by this program, CMYK ones are the user's to supply.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from proxy.catalog.catalog import Catalog
from proxy.errors import Refused
from proxy.protocol.color import Space


@dataclass(frozen=True, slots=True)
class Standard:
    """A profile that has its name from the reference or from Photoshop.

    ``name`` is the identifier, ``title`` what the profile calls itself, ``file`` under what name its maker ships it.
    """

    name: str
    title: str
    file: str
    pixels: Space
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """A profile that is a file: its path below the originals' roots, RootPath included."""

    path: str


_ISO: Final = "ISO 12647-2:2004"

STANDARDS: Final = (
    Standard("AdobeRGB", "Adobe RGB (1998)", "AdobeRGB1998.icc", "rgb"),
    Standard("AppleRGB", "Apple RGB", "AppleRGB.icc", "rgb"),
    Standard("CIERGB", "CIE RGB", "CIERGB.icc", "rgb"),
    Standard("ColorMatchRGB", "ColorMatch RGB", "ColorMatchRGB.icc", "rgb"),
    Standard("NTSC", "NTSC (1953)", "NTSC1953.icc", "rgb"),
    Standard("PAL", "PAL/SECAM", "PAL_SECAM.icc", "rgb"),
    Standard("ProPhoto", "ProPhoto RGB", "ProPhoto.icm", "rgb"),
    Standard("SMPTE", "SMPTE-C", "SMPTE-C.icc", "rgb"),
    Standard("sRGB", "sRGB IEC61966-2.1", "sRgb Color Space Profile.icm", "rgb"),
    Standard("WideGamutRGB", "Wide Gamut RGB", "WideGamutRGB.icc", "rgb"),
    Standard("GrayGamma18", "Gray Gamma 1.8", "", "gray"),
    Standard("GrayGamma22", "Gray Gamma 2.2", "", "gray"),
    Standard("CoatedFogra27", f"Coated FOGRA27 ({_ISO})", "CoatedFOGRA27.icc", "cmyk"),
    Standard("CoatedFogra39", f"Coated FOGRA39 ({_ISO})", "CoatedFOGRA39.icc", "cmyk"),
    Standard("CoatedGraCol", f"Coated GRACoL 2006 ({_ISO})", "CoatedGRACoL2006.icc", "cmyk"),
    Standard("EuropeISOCoated", "Europe ISO Coated FOGRA27", "EuropeISOCoatedFOGRA27.icc", "cmyk"),
    Standard("EuroscaleCoated", "Euroscale Coated v2", "EuroscaleCoated.icc", "cmyk", ("Euroscale Coated",)),
    Standard("EuroscaleUncoated", "Euroscale Uncoated v2", "EuroscaleUncoated.icc", "cmyk"),
    Standard("JapanColorCoated", "Japan Color 2001 Coated", "JapanColor2001Coated.icc", "cmyk"),
    Standard("JapanColorNewspaper", "Japan Color 2002 Newspaper", "JapanColor2002Newspaper.icc", "cmyk"),
    Standard("JapanColorUncoated", "Japan Color 2001 Uncoated", "JapanColor2001Uncoated.icc", "cmyk"),
    Standard("JapanColorWebCoated", "Japan Color 2003 Web Coated", "JapanColor2003WebCoated.icc", "cmyk"),
    Standard("JapanWebCoated", "Japan Web Coated (Ad)", "JapanWebCoated.icc", "cmyk"),
    Standard("NewsprintSNAP2007", "US Newsprint (SNAP 2007)", "USNewsprintSNAP2007.icc", "cmyk"),
    Standard("PS4Default", "Photoshop 4 Default CMYK", "Photoshop4DefaultCMYK.icc", "cmyk"),
    Standard("PS5Default", "Photoshop 5 Default CMYK", "Photoshop5DefaultCMYK.icc", "cmyk"),
    Standard("SheetfedCoated", "U.S. Sheetfed Coated v2", "USSheetfedCoated.icc", "cmyk"),
    Standard("SheetfedUncoated", "U.S. Sheetfed Uncoated v2", "USSheetfedUncoated.icc", "cmyk"),
    Standard("UncoatedFogra29", f"Uncoated FOGRA29 ({_ISO})", "UncoatedFOGRA29.icc", "cmyk"),
    Standard("WebCoated", "U.S. Web Coated (SWOP) v2", "USWebCoatedSWOP.icc", "cmyk"),
    Standard("WebCoatedFogra28", f"Web Coated FOGRA28 ({_ISO})", "WebCoatedFOGRA28.icc", "cmyk"),
    Standard("WebCoatedGrade3", "Web Coated SWOP 2006 Grade 3 Paper", "WebCoatedSWOP2006Grade3.icc", "cmyk"),
    Standard(
        *("WebCoatedGrade5", "Web Coated SWOP 2006 Grade 5 Paper", "WebCoatedSWOP2006Grade5.icc", "cmyk"),
        ("Web Coated SWOP Grade 5 Paper",),
    ),
    Standard("WebUncoated", "U.S. Web Uncoated v2", "USWebUncoated.icc", "cmyk"),
)
"""Those of ``r-color-management`` in its order, and two gray ones of Photoshop's, whose names any letter case fits."""

SRGB: Final = next(row for row in STANDARDS if row.name == "sRGB")
_BY_NAME: Final[Mapping[str, Standard]] = {
    name.casefold(): row for row in STANDARDS for name in (row.name, row.title, *row.others)
}

ProfileAttribute = Literal[
    "IccProfileRgb", "IccProfileGray", "IccProfileCmyk", "IccProfileSrcRgb", "IccProfileSrcGray", "IccProfileSrcCmyk"
]
OUTPUTS: Final[Mapping[Space, ProfileAttribute]] = {
    "rgb": "IccProfileRgb",
    "gray": "IccProfileGray",
    "cmyk": "IccProfileCmyk",
}
"""The attribute that names the output space for each kind of pixels."""
SOURCES: Final[Mapping[Space, ProfileAttribute]] = {
    "rgb": "IccProfileSrcRgb",
    "gray": "IccProfileSrcGray",
    "cmyk": "IccProfileSrcCmyk",
}
"""The attribute that names the space of originals that embed no profile."""


def standard(name: str) -> Standard | None:
    """Find a standard profile by identifier or title, in any letter case."""
    return _BY_NAME.get(name.casefold())


def find_profile(name: str, catalog: Catalog) -> Standard | ProfileFile | None:
    """Find out what a name stands for: a row of the maps of this or the default catalog, a standard profile, or a file.

    What is no name but has a suffix is a path below RootPath.

    Raises:
        Refused: a path leads upwards.
    """
    path = catalog.profile_path(name)
    if path is not None:
        return ProfileFile(path)
    known = standard(name)
    if known is None and "." in name.rpartition("/")[2][:-1]:
        if ".." in re.split(r"[/\\]", name):
            raise Refused(f"profile {name}: the path leads upwards")
        return ProfileFile(catalog.rooted(name))
    return known
