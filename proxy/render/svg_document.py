"""SVG originals as documents: recognised by their content, unpacked, parsed and measured (``r-svg-support``, ``r-svg``).

Hostile input: nothing outside of the document is ever read, entities do not multiply, and there are bounds on bytes, depth and
on how much references inside of the document make of it. Knows lxml; knows nothing of variables, of other images or of pixels.
"""

import io
import math
import re
import zlib
from pathlib import Path
from typing import Final

from lxml import etree

from proxy.errors import BadSource, LimitExceeded
from proxy.recipe.geometry import half_up

SVG: Final = "http://www.w3.org/2000/svg"
XLINK: Final = "http://www.w3.org/1999/xlink"
DPI: Final = 96
"""Pixels in an inch, for sizes in other units than pixels (CSS)."""
DEFAULT_SIZE: Final = (300.0, 150.0)
"""Width and height where neither they nor a view box are given (CSS)."""

_UNITS: Final = {
    "": 1.0,
    "px": 1.0,
    "in": DPI,
    "cm": DPI / 2.54,
    "mm": DPI / 25.4,
    "q": DPI / 101.6,
    "pt": DPI / 72,
    "pc": DPI / 6,
    "em": 16.0,
    "ex": 8.0,
    "rem": 16.0,
}
_LENGTH: Final = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]{0,3}|%)\s*\Z", re.IGNORECASE)
_LARGEST: Final = 1e5
"""Pixels of a side that are taken seriously; a larger length is cut to it and then refused for its pixels."""

_GZIP: Final = b"\x1f\x8b"
SNIFFED: Final = 65536
_ROOT: Final = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?svg[\s/>]")
_ROOT_TAG: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?svg(?=[\s/>])")
_BARE_AMPERSAND: Final = re.compile(rb"&(?!(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z_:][\w:.-]*);)")
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def is_svg(head: bytes) -> bool:
    """Whether a file that begins so is an SVG document, packed or not. 64 KB are enough to tell."""
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(31).decompress(head, SNIFFED)
        except zlib.error:
            return False
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    text = head[:SNIFFED].decode(encoding, "replace").lstrip()
    return text.startswith("<") and _ROOT.search(text) is not None


def read(path: str, name: str, most: int) -> etree._Element:
    """Read the document of a file. ``most`` bytes may be in it once unpacked; 0 is no limit.

    Raises:
        BadSource: it is not a well-formed SVG document.
        LimitExceeded: it is too long.
    """
    with Path(path).open("rb") as file:
        data = file.read(most + 1) if most else file.read()
    if data.startswith(_GZIP):
        data = _unpacked(data, name, most)
    if most and len(data) > most:
        raise LimitExceeded(f"{name}: more than the limit of {most} bytes for an SVG document")
    return parse(data, name)


def _unpacked(data: bytes, name: str, most: int) -> bytes:
    unpacker = zlib.decompressobj(31)
    try:
        unpacked = unpacker.decompress(data, most + 1 if most else 0)
    except zlib.error as error:
        raise BadSource(name, "a packed SVG document that is damaged") from error
    if not unpacker.eof and not (most and len(unpacked) > most):
        raise BadSource(name, "a packed SVG document that is cut short")
    return unpacked


def parse(data: bytes, name: str) -> etree._Element:
    """Parse a document; comments and processing instructions are left out.

    Documents that rely on the SVG 1.1 DTD for their namespaces, or that write ``&`` as it is, are read as they are meant: the
    reference's own example is one.

    Raises:
        BadSource: it is not a well-formed SVG document.
    """
    try:
        root = _parsed(data)
    except etree.XMLSyntaxError as error:
        try:
            root = _parsed(_mended(data))
        except etree.XMLSyntaxError:
            raise BadSource(name, f"not a well-formed SVG document: {_reason(error)}") from error
    if root.tag == "svg":
        for element in root.iter():
            if isinstance(element.tag, str) and not element.tag.startswith("{"):
                element.tag = f"{{{SVG}}}{element.tag}"
    if root.tag != f"{{{SVG}}}svg":
        raise BadSource(name, "its root element is not an svg element of SVG's namespace")
    return root


def _parsed(data: bytes) -> etree._Element:
    # entities that the document declares itself are ordinary in files of Adobe Illustrator; libxml2 bounds what they make of it
    parser = etree.XMLParser(
        resolve_entities="internal",  # type: ignore[arg-type]  # the stubs are older than this choice
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.parse(io.BytesIO(data), parser).getroot()


def _mended(data: bytes) -> bytes:
    found = _ROOT_TAG.search(data)
    if found is not None:
        tag = data[found.start() : data.find(b">", found.end()) + 1]
        if b"xmlns:xlink" not in tag:
            declaration = f' xmlns:xlink="{XLINK}"'.encode()
            data = data[: found.end()] + declaration + data[found.end() :]
    return _BARE_AMPERSAND.sub(b"&amp;", data)


def _reason(error: etree.XMLSyntaxError) -> str:
    """What the parser says, without the name that it gives to bytes."""
    return str(error.msg).partition(" (")[0]


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def size(root: etree._Element) -> tuple[int, int]:
    """Width and height in whole pixels: as given, else by the view box, else ``DEFAULT_SIZE``.

    Of a size of which one side is given the other follows from the view box. A percentage is one of the view box. What cannot
    be read counts as not given.
    """
    box = view_box(root)
    whole = (box[2], box[3]) if box is not None else DEFAULT_SIZE
    width, height = _length(root.get("width"), whole[0]), _length(root.get("height"), whole[1])
    if width is None and height is None:
        width, height = whole
    elif box is not None and width is None:
        width = (height or 0) * box[2] / box[3]
    elif box is not None and height is None:
        height = (width or 0) * box[3] / box[2]
    sides = (width if width is not None else whole[0], height if height is not None else whole[1])
    return max(1, half_up(min(sides[0], _LARGEST))), max(1, half_up(min(sides[1], _LARGEST)))


def view_box(root: etree._Element) -> tuple[float, float, float, float] | None:
    """Left, top, width and height of the view box, if there is one that holds anything."""
    numbers = (root.get("viewBox") or "").replace(",", " ").split()
    try:
        values = [float(number) for number in numbers]
    except ValueError:
        return None
    if len(values) != 4 or not all(map(math.isfinite, values)) or min(values[2:]) <= 0:  # noqa: PLR2004  # the four sides
        return None
    return values[0], values[1], values[2], values[3]


def _length(text: str | None, whole: float) -> float | None:
    found = _LENGTH.match(text or "")
    if found is None:
        return None
    unit = found[2].lower()
    factor = whole / 100 if unit == "%" else _UNITS.get(unit)
    value = None if factor is None else float(found[1]) * factor
    return value if value is not None and math.isfinite(value) and value > 0 else None
