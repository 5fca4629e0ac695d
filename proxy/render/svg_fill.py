"""What an SVG document takes from outside: variables, and the images that it names (``r-svg-support``).

``$var$`` may stand in any attribute and in the text of ``text`` elements; values are put in as text, so that none of them can
become markup. ``image`` elements may name Image Serving requests; whatever else leads out of the document is refused. Knows
lxml's trees; knows nothing of files or of drawing.
"""

import base64
import binascii
import io
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from lxml import etree
from PIL import Image

from proxy.errors import BadSource, LimitExceeded
from proxy.render.svg_document import SVG, local

MOST_IMAGES: Final = 16
"""Requests that one document may make."""
_MOST_FILLED: Final = 1_000_000
"""Characters that variables may bring in."""
_MOST_PIXELS: Final = 16_000_000
"""Pixels of an image within the document."""
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REQUEST: Final = re.compile(r"(?:https?://[^/?#]*)?/is/image(?:/|(?=\?)|\Z)(.*)", re.IGNORECASE | re.DOTALL)
_EMBEDDED: Final = re.compile(r"data:[^,]*,", re.IGNORECASE)
_EMBEDDED_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
_WHOLE: Final = re.compile(r"\s*\+?[0-9]{1,18}\s*")
_MOST_OCTAVES: Final = 12
"""Each octave counts half as much as the one before: what later ones add is lost in eight bits."""
_WITHOUT_EFFECT: Final = frozenset({"script", "foreignObject", "handler", "listener"})
_IMAGE: Final = f"{{{SVG}}}image"
_HREFS_WITHOUT_EFFECT: Final = frozenset({"a"})


class _Filler:
    """Puts values in, and remembers the names of what is asked for, in the order of the document."""

    def __init__(self, values: Mapping[str, str], name: str) -> None:
        self.values = values
        self.name = name
        self.asked: dict[str, None] = {}
        self.length = 0

    def fill(self, text: str) -> str:
        """Replace each ``$name$`` that has a value, once, from left to right; all others stay as they are."""
        if "$" not in text:
            return text
        pieces, out, at = text.split("$"), [], 0
        while at < len(pieces):
            out.append(pieces[at])
            at += 1
            if at >= len(pieces):
                break
            folded = pieces[at].lower()
            if at + 1 < len(pieces):
                self.asked[folded] = None
            if at + 1 < len(pieces) and folded in self.values:
                value = _NOT_XML.sub(" ", self.values[folded])
                self.length += len(value)
                if self.length > _MOST_FILLED:
                    raise LimitExceeded(f"{self.name}: variables bring in more than {_MOST_FILLED} characters")
                out.append(value)
                at += 1
            else:
                out.append("$")
        return "".join(out)


def fill(root: etree._Element, values: Mapping[str, str], name: str) -> tuple[tuple[str, ...], bool]:
    """Put values into a document. ``values`` are texts by names in lower case.

    Returns:
        The names that the document asks for, and whether any of them stands where it may change its size or the images that
        it names.

    Raises:
        LimitExceeded: too much text is brought in.
    """
    filler, unsettled = _Filler(values, name), False
    for element in root.iter(etree.Element):
        for key, value in element.attrib.items():
            if "$" not in value:
                continue
            is_request = element.tag == _IMAGE and local(str(key)) == "href"
            # the query of a request has its variables replaced when that is read
            part, mark, query = str(value).partition("?") if is_request else (str(value), "", "")
            element.set(key, filler.fill(part) + mark + query)
            unsettled = unsettled or (part.count("$") > 1 and (is_request or element is root))
    for text in root.iter(f"{{{SVG}}}text"):
        for element in text.iter(etree.Element):
            if element.text:
                element.text = filler.fill(element.text)
            if element is not text and element.tail:
                element.tail = filler.fill(element.tail)
    return tuple(filler.asked), unsettled


def clean(root: etree._Element, name: str) -> tuple[str, ...]:
    """Take out what has no effect in a still picture, and check every reference.

    Returns:
        The Image Serving requests that ``image`` elements make, each once: what follows ``/is/image/``.

    Raises:
        BadSource: a reference that leads out of the document.
        LimitExceeded: too many requests.
    """
    for element in list(root.iter(etree.Element)):
        parent = element.getparent()
        if parent is not None and local(element.tag) in _WITHOUT_EFFECT:
            _remove(parent, element)
    for noise in root.iter(f"{{{SVG}}}feTurbulence"):
        octaves = noise.get("numOctaves", "")
        if _WHOLE.fullmatch(octaves) and int(octaves) > _MOST_OCTAVES:
            noise.set("numOctaves", str(_MOST_OCTAVES))
    requests: dict[str, None] = {}
    for element, key, value in _references(root):
        if local(element.tag) in _HREFS_WITHOUT_EFFECT:
            del element.attrib[key]
            continue
        if not value or value.startswith("#"):
            continue
        if element.tag == _IMAGE and _EMBEDDED.match(value):
            element.set(key, _embedded(value, name))
            continue
        requests[_request(element, value, name)] = None
    if len(requests) > MOST_IMAGES:
        raise LimitExceeded(f"{name}: an SVG document with {len(requests)} image requests: the limit is {MOST_IMAGES}")
    return tuple(requests)


def inline(root: etree._Element, pictures: Mapping[str, bytes], name: str) -> None:
    """Put the pictures of requests, encoded as PNG, in the place of the requests of a cleaned document.

    Raises:
        BadSource: the document makes another request by now.
    """
    for element, key, value in _references(root):
        if value and not value.startswith(("#", "data:")):
            picture = pictures.get(_request(element, value, name))
            if picture is None:
                raise BadSource(name, "the SVG document was changed while it was drawn")
            element.set(key, _data_url("PNG", picture))


def _references(root: etree._Element) -> Iterator[tuple[etree._Element, str, str]]:
    """Every ``href`` of whatever namespace: renderers take any of them."""
    for element in root.iter(etree.Element):
        for key in [str(key) for key in element.attrib if local(str(key)) == "href"]:
            yield element, key, str(element.attrib[key]).strip()


def _request(element: etree._Element, value: str, name: str) -> str:
    found = _REQUEST.fullmatch(value)
    shown = value if len(value) <= 100 else value[:100] + "…"  # noqa: PLR2004  # as much as a message bears
    if element.tag != _IMAGE or found is None:
        tag = local(str(element.tag))
        raise BadSource(name, f"<{tag}> refers to {shown}: an SVG document may refer to itself and <image> to /is/image/…")
    return found[1]


def _embedded(value: str, name: str) -> str:
    """The data of an embedded image, looked at and written anew as what it is and not as what it says."""
    head, _, body = value.partition(",")
    try:
        if head.lower().endswith(";base64"):
            data = base64.b64decode("".join(unquote_to_bytes(body).decode("ascii").split()))
        else:
            data = unquote_to_bytes(body)
        with Image.open(io.BytesIO(data), formats=_EMBEDDED_FORMATS) as image:
            width, height = image.size
            kind = image.format or ""
    except (OSError, ValueError, SyntaxError, binascii.Error) as error:
        expected = ", ".join(_EMBEDDED_FORMATS)
        raise BadSource(name, f"an image embedded in the SVG document is damaged or none of {expected}") from error
    if width * height > _MOST_PIXELS:
        raise LimitExceeded(f"{name}: an embedded image of {width}×{height} pixels: the limit is {_MOST_PIXELS} pixels")
    return _data_url(kind, data)


def _data_url(kind: str, data: bytes) -> str:
    return f"data:image/{kind.lower()};base64,{base64.b64encode(data).decode('ascii')}"


def _remove(parent: etree._Element, element: etree._Element) -> None:
    """Remove an element and keep the text behind it, which lxml takes for a part of it."""
    previous = element.getprevious()
    if element.tail:
        if previous is not None:
            previous.tail = (previous.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
