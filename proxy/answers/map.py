"""``req=map``: the image map of the reply image."""

import json
from collections.abc import Sequence

from proxy.answers._base import Answer, Ask, Reply, image_hours
from proxy.answers._properties import Form, form_of, padded, xml_attribute, xml_head
from proxy.catalog.locale import localized_map
from proxy.protocol.tree import Setting
from proxy.recipe.maps import Area, composite_map, read_areas

_ABOUT_THE_REPLY = ("req", "id", "handler", "cache", "locale")


class Map(Answer):
    """AREA elements, as HTML, XML or JSON."""

    name = "map"
    page = "r-map-req"

    async def answer(self, ask: Ask) -> Reply:
        """Work out the geometry; nothing is rendered."""
        form = form_of(ask.asked.request.settings)
        planned = await ask.renditions.plan(ask.asked)
        record = ask.asked.resolved.record
        if _is_plain(ask) and record is not None:
            # a simple entry without commands: its map as it stands
            text = localized_map(record.map or "", ask.asked.localization.strings)
            areas = read_areas(text)
        else:
            areas = composite_map(planned.measured)
            text = "".join(area.html() for area in areas)
        return Reply(form.encode(_written(text, areas, form)), form.media_type, image_hours(planned))


def _is_plain(ask: Ask) -> bool:
    """Whether nothing was said that could change the map."""
    names = {node.name.lower() for tree in ask.asked.segments for node in tree if isinstance(node, Setting)}
    return all(ask.renditions.language.words.find(name) is None for name in names.difference(_ABOUT_THE_REPLY))


def _written(text: str, areas: Sequence[Area], form: Form) -> str:
    match form.format:
        case "json":
            objects = [{"shape": area.shape, "coords": list(area.coords), **area.attributes()} for area in areas]
            return padded(objects, form.handler, form.id)
        case "xml":
            lines = "".join(f"<area{_xml_attributes(area)} />\n" for area in areas)
            return f"{xml_head(form.encoding)}<map>\n{lines}</map>\n"
        case "javascript":
            return f"map={json.dumps(text)};\n"
        case _:
            return text


def _xml_attributes(area: Area) -> str:
    attributes = {"shape": area.shape, "coords": ",".join(map(str, area.coords)), **area.attributes()}
    return "".join(xml_attribute(name, value) for name, value in attributes.items() if name.isidentifier())
