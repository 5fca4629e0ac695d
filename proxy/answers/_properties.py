"""Properties in their four forms: text, JavaScript, XML and JSON with padding.

Pages: ``r-text-java-properties``, ``r-javascript-properties``, ``r-xml-properties``, ``r-json-properties``. Real clients
read them with regular expressions, so every blank counts.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from xml.sax.saxutils import escape

from proxy.errors import BadValue
from proxy.protocol.layers import Settings

Properties = Mapping[str, str]

MEDIA_TYPES = {"text": "text/plain", "javascript": "text/javascript", "xml": "text/xml", "json": "text/javascript"}
DEFAULT_HANDLER = "s7jsonResponse"
ERROR_HANDLER = "s7jsonError"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML_ESCAPES = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_SCRIPT_ESCAPES = str.maketrans({"'": "''", "<": "\\x3c", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""The manual doubles a quotation mark; the others would end a script element, or a line in old browsers."""


@dataclass(frozen=True, slots=True)
class Form:
    """How an answer is to be written: ``req=…,format,encoding`` with ``id=`` and ``handler=``."""

    format: str = "text"
    encoding: str = "UTF-8"
    id: str = ""
    handler: str = DEFAULT_HANDLER

    @property
    def media_type(self) -> str:
        """Media type with its charset."""
        return f"{MEDIA_TYPES[self.format]}; charset={self.encoding.lower()}"

    def encode(self, text: str) -> bytes:
        """Encode a text; what the encoding has not becomes a reference in XML, a question mark elsewhere."""
        return text.encode(self.encoding, "xmlcharrefreplace" if self.format == "xml" else "replace")


def form_of(settings: Settings) -> Form:
    """The form that a request asks for."""
    _, format_, encoding = settings.get("req") or (None, None, None)
    return Form(
        format_ or "text",
        encoding or "UTF-8",
        settings.one("id", str) or "",
        settings.one("handler", str) or DEFAULT_HANDLER,
    )


def form_among(settings: Settings, forms: tuple[str, ...]) -> Form:
    """The form that a request asks for, of those that its kind has; the first stands for none.

    Raises:
        BadValue: the kind does not have that form.
    """
    form = form_of(settings)
    kind, given, _ = settings.get("req") or ("", None, None)
    if given is None:
        return replace(form, format=forms[0])
    if given not in forms:
        raise BadValue("req", f"{kind},{given}", f"{kind} in one of the forms {', '.join(forms)}")
    return form


def write(properties: Properties, form: Form) -> bytes:
    """Write properties in the form asked for."""
    match form.format:
        case "javascript":
            text = "".join(f"{name}='{_escaped(value).translate(_SCRIPT_ESCAPES)}'\n" for name, value in properties.items())
        case "xml":
            text = _xml(properties, form.encoding)
        case "json":
            return form.encode(padded(properties, form.handler, form.id))
        case _:
            text = text_head() + "".join(f"{name}={_escaped(value)}\n" for name, value in properties.items())
    return form.encode(text)


def text_head() -> str:
    """The two lines that every text answer begins with."""
    return time.strftime("#S7Z OK\n#%a %b %d %H:%M:%S UTC %Y\n", time.gmtime())


def padded(value: object, handler: str, request_id: str) -> str:
    """JSON wrapped in a call. Nothing in it can end the script element that it is loaded by."""
    return f"/*jsonp*/{handler}({_json(value)},{_json(request_id)});"


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), default=dict).replace("<", "\\u003c")


def _escaped(value: str) -> str:
    return value.translate(_ESCAPES)


def _xml(properties: Properties, encoding: str) -> str:
    groups: dict[str, list[str]] = {}
    for name, value in properties.items():
        group, _, key = name.rpartition(".")
        groups.setdefault(group, []).append(xml_property(key, value))
    lines = "".join(
        f"<prop-group{xml_attribute('name', group)}>\n{''.join(members)}</prop-group>\n" if group else "".join(members)
        for group, members in groups.items()
    )
    return f"{xml_head(encoding)}<prop-group>\n{lines}</prop-group>\n"


def xml_head(encoding: str) -> str:
    """The first line of an XML document."""
    return f'<?xml version="1.0" encoding="{encoding}" ?>\n'


def xml_property(name: str, value: str) -> str:
    """One property as an element, with its line end."""
    return f"<property{xml_attribute('name', name)}{xml_attribute('value', value)} />\n"


def xml_attribute(name: str, value: str) -> str:
    """One attribute with the blank before it."""
    return f' {name}="{xml_text(value, _XML_ESCAPES)}"'


def xml_text(text: str, more: Mapping[str, str] = MappingProxyType({})) -> str:
    """Escape a text for XML; characters that no XML document may hold are replaced. ``more`` is what to escape besides."""
    return escape(_NOT_XML.sub("\ufffd", text), dict(more))
