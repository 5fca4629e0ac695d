"""What a case is given: catalogs, the headers of originals, and a request; each line says one thing, the last is the request.

attribute MaxPix=2000,2000        an attribute of the default catalog
macro view = wid=240&fmt=png      a macro of the default catalog
record shoe Path=a.tif Modifier=wid=9   a record of the default catalog
shop/record shoe Path=b.tif       the same of the catalog shop, as are shop/attribute and shop/macro
image 400x300 gray alpha dpi=300  the header of all originals
shoe?wid=100                      what follows /is/image/
"""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from proxy.catalog.attributes import BUILT_IN, BY_NAME, inherited
from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.records import FIELDS, Record
from proxy.recipe.asked import Asked, read
from proxy.recipe.key import ENGINE, canonical, text
from proxy.recipe.model import Header, PixelType, Recipe, Source
from proxy.recipe.planner import Language, Limits, plan
from proxy.vocabulary import words

_LINE = re.compile(r"(?:(?P<root>\w+)/)?(?P<kind>attribute|macro|record|image) (?P<rest>.*)")
_PIXELS: dict[str, PixelType] = {"rgb": "rgb", "gray": "gray", "cmyk": "cmyk"}
LIMITS = Limits(reply_pixels=100_000_000)


@dataclass(slots=True)
class _Draft:
    """A catalog while its lines are read."""

    attributes: dict[str, Any] = field(default_factory=dict)
    macros: dict[str, str] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)

    def catalog(self, root_id: str, default: Catalog | None) -> Catalog:
        attributes = inherited(self.attributes, BUILT_IN if default is None else default.attributes)
        return Catalog(root_id, "", attributes, default, self.records, macros=self.macros)


@dataclass(frozen=True, slots=True)
class Given:
    """What the lines of a case say."""

    target: str
    catalogs: Catalogs
    header: Header | None

    @property
    def asked(self) -> Asked:
        """The request, read."""
        return read(self.target, self.catalogs, words())


def given(lines: Sequence[str]) -> Given:
    """Read the lines of a case."""
    drafts: dict[str, _Draft] = {"": _Draft()}
    header: Header | None = None
    for line in lines[:-1]:
        match = _LINE.fullmatch(line)
        assert match is not None, line
        draft, rest = drafts.setdefault(match["root"] or "", _Draft()), match["rest"]
        match match["kind"]:
            case "attribute":
                name, _, value = rest.partition("=")
                draft.attributes[name.lower()] = BY_NAME[name.lower()].type.read(value)
            case "macro":
                name, _, definition = rest.partition(" = ")
                draft.macros[name.lower()] = definition
            case "record":
                id_, _, fields = rest.partition(" ")
                draft.records[id_] = _record(id_, fields)
            case _:
                header = _header(rest)
    default = drafts.pop("").catalog("", None)
    return Given(lines[-1], Catalogs(default, {name: draft.catalog(name, default) for name, draft in drafts.items()}), header)


def _record(id_: str, fields: str) -> Record:
    names = {row.name: (row, slot.name) for row, slot in zip(FIELDS, dataclasses.fields(Record), strict=True)}
    values: dict[str, Any] = {}
    for part in fields.split():
        name, _, value = part.partition("=")
        row, slot = names[name]
        values[slot] = row.type.read(value)
    return Record(id_, **values)


def _header(text_: str) -> Header:
    size, *rest = text_.split()
    width, _, height = size.partition("x")
    pixels, alpha, dpi = "rgb", False, 0.0
    for word in rest:
        if word.startswith("dpi="):
            dpi = float(word.removeprefix("dpi="))
        elif word == "alpha":
            alpha = True
        else:
            pixels = word
    return Header(int(width), int(height), _PIXELS[pixels], alpha, dpi=dpi)


def planned(case: Given, language: Language, limits: Limits = LIMITS) -> Recipe:
    """Work out the recipe of a case; the planner's questions are answered from its image line."""
    steps = plan(case.asked, language, limits)
    question = next(steps)
    try:
        while True:
            assert case.header is not None, "the case has no image line"
            question = steps.send((Source(question.name, question.path, 1, 1), case.header))
    except StopIteration as done:
        recipe: Recipe = done.value
        return recipe


def recipe(request: str, language: Language, image: str = "400x300") -> Recipe:
    """Work out the recipe of a request to an original of a size."""
    return planned(given((f"image {image}", request)), language)


def shown(recipe_: Recipe) -> str:
    """The text of a recipe without the engine's version, an original being its path and no more."""
    lines = text(recipe_).removeprefix(f"engine: {ENGINE}\n")
    for layer in recipe_.layers:
        lines = lines.replace(f"source: {canonical(layer.source, 3)}\n", f"source: {layer.source.location}\n")
    return lines.rstrip("\n")
