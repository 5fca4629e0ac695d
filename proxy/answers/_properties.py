"""Properties in their four forms: text, JavaScript, XML and JSON with padding.

Pages: ``r-text-java-properties``, ``r-javascript-properties``, ``r-xml-properties``, ``r-json-properties``. Real clients
read them with regular expressions, so every blank counts.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from proxy.protocol.layers import Settings

Properties = Mapping[str, str]

MEDIA_TYPES = {"text": "text/plain", "javascript": "text/javascript", "xml": "text/xml", "json": "text/javascript"}
DEFAULT_HANDLER = "s7jsonResponse"
ERROR_HANDLER = "s7jsonError"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


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
        """Encode a text; what the encoding has not becomes a question mark."""
        return text.encode(self.encoding, "replace")


def form_of(settings: Settings) -> Form:
    """The form that a request asks for."""
    _, format_, encoding = settings.get("req") or (None, None, None)
    return Form(
        format_ or "text",
        encoding or "UTF-8",
        settings.one("id", str) or "",
        settings.one("handler", str) or DEFAULT_HANDLER,
    )


def write(properties: Properties, form: Form) -> bytes:
    """Write properties in the form asked for."""
    match form.format:
        case "javascript":
            text = "".join(f"{name}='{_escaped(value).replace(chr(39), chr(39) * 2)}'\n" for name, value in properties.items())
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
        attributes = f"name={quoteattr(xml_text(key))} value={quoteattr(xml_text(value))}"
        groups.setdefault(group, []).append(f"<property {attributes} />\n")
    lines = "".join(
        f"<prop-group name={quoteattr(xml_text(group))}>\n{''.join(members)}</prop-group>\n" for group, members in groups.items()
    )
    return f'<?xml version="1.0" encoding="{encoding}" ?>\n<prop-group>\n{lines}</prop-group>\n'


def xml_text(text: str) -> str:
    """Replace characters that no XML document may hold."""
    return _NOT_XML.sub("\ufffd", text)
