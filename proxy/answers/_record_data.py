"""UserData and Targets as replies: text with its line ends, or properties in XML and JSON (``r-userdata``, ``r-targets``).

The text form is the data alone, without the two lines that other text replies begin with: the pages say so of records that do
not exist.
"""

from proxy.answers._properties import Form, padded, write, xml_head, xml_text
from proxy.catalog.property_data import lines, properties
from proxy.recipe.asked import Asked

FORMS = ("text", "xml", "json")
LINE_END = "\r\n"


def strings_of(asked: Asked) -> tuple[str, ...] | None:
    """Which strings the locale of a request takes (``r-text-string-localization``)."""
    return asked.localization.strings


def write_record_data(data: str, form: Form, element: str) -> bytes:
    """Write data, ``element`` being what XML calls a text that is no list of properties."""
    if form.format == "text":
        return form.encode(LINE_END.join((*lines(data), "")))
    found = {} if not data.strip() else properties(data)
    if found is not None:
        return write(found, form)
    plain = "\n".join(lines(data))
    if form.format == "json":
        return form.encode(padded(plain, form.handler, form.id))
    return form.encode(f"{xml_head(form.encoding)}<{element}>{xml_text(plain)}</{element}>\n")
