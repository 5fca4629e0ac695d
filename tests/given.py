"""What a case is given: catalogs, the headers of originals, and a request; each line says one thing, the last is the request.

attribute MaxPix=2000,2000        an attribute of the default catalog
macro view = wid=240&fmt=png      a macro of the default catalog
record shoe Path=a.tif Modifier=wid=9   a record of the default catalog
shop/record shoe Path=b.tif       the same of the catalog shop, as are shop/attribute and shop/macro
image 400x300 gray alpha dpi=300  the header of all originals
image b.tif 100x60 alpha          that of one original, by its path; "embeds" says that it has a profile of its pixel type
icc press press.icc               a row of the default catalog's ICC profile map
profile press.icc cmyk            the profile at a path, which may be srgb; any other path has none
image b.tif 9x9 path=a:M0,0L9,0,9,9   the same with an embedded path
font Arial bold a/arialbd.ttf     a row of the default catalog's font map, as is shop/font
text 100x20 anchor=0,16 overhang=2,0   how large every text comes out without a size= of its own
shoe?wid=100                      what follows /is/image/
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proxy.catalog.attributes import BUILT_IN, BY_NAME, inherited
from proxy.catalog.catalog import Catalog, FontKey
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.records import FIELDS, Font, Record
from proxy.protocol.path import read_path
from proxy.recipe.asked import Asked, Reader
from proxy.recipe.colour import ProfileLook, ProfileSeen
from proxy.recipe.fonts import FontLook
from proxy.recipe.key import ENGINE, text
from proxy.recipe.model import ColorSpace, Header, NamedPath, PixelType, Recipe, Source
from proxy.recipe.planner import Answer, Language, Limits, Measured, Question, plan
from proxy.recipe.text import FontFile, TextExtent
from proxy.recipe.text_layers import TextLook
from proxy.vocabulary import words

_LINE = re.compile(r"(?:(?P<root>\w+)/)?(?P<kind>attribute|macro|record|image|icc|profile|font|text) (?P<rest>.*)")
_SIZE = re.compile(r"\d+x\d+")
_SOURCE = re.compile(r"Source\n +name: .*\n +location: (['\"])(?P<location>.*)\1\n +size: 1\n +mtime_ns: 1\b")
_FONT = re.compile(r"FontFile\n +name: (['\"])(?P<name>.*)\1\n +location: .*\n +size: 1\n +mtime_ns: 1\b")
_PIXELS: dict[str, PixelType] = {"rgb": "rgb", "gray": "gray", "cmyk": "cmyk"}
_SHORT = TextExtent((100, 20))
LIMITS = Limits(reply_pixels=100_000_000)


@dataclass(slots=True)
class _Draft:
    """A catalog while its lines are read."""

    attributes: dict[str, Any] = field(default_factory=dict)
    macros: dict[str, str] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    profiles: dict[str, str] = field(default_factory=dict)
    fonts: dict[FontKey, Font] = field(default_factory=dict)

    def catalog(self, root_id: str, default: Catalog | None) -> Catalog:
        attributes = inherited(self.attributes, BUILT_IN if default is None else default.attributes)
        return Catalog(
            *(root_id, "", attributes, default, self.records),
            macros=self.macros,
            profiles=self.profiles,
            fonts=self.fonts,
        )


@dataclass(frozen=True, slots=True)
class Given:
    """What the lines of a case say. ``headers`` are those of originals by path, that of all others under an empty one.

    ``profiles`` are those at paths below the originals and, by their names alone, in the folder of supplied ones; ``extent``
    is that of texts.
    """

    target: str
    catalogs: Catalogs
    headers: Mapping[str, Header]
    profiles: Mapping[str, ProfileSeen] = field(default_factory=dict)
    extent: TextExtent = _SHORT

    @property
    def asked(self) -> Asked:
        """The request, read."""
        return Reader(self.catalogs, words()).read(self.target)


def given(lines: Sequence[str]) -> Given:
    """Read the lines of a case."""
    drafts: dict[str, _Draft] = {"": _Draft()}
    headers: dict[str, Header] = {}
    profiles: dict[str, ProfileSeen] = {}
    extent = _SHORT
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
            case "icc":
                name, _, path = rest.rpartition(" ")
                draft.profiles[name] = path
            case "profile":
                path, pixels, *words_ = rest.split()
                space = ColorSpace(_PIXELS[pixels], path, f"/{path}", "0")
                profiles[path] = ProfileSeen(space, "srgb" in words_, "unwritable" not in words_)
            case "font":
                name, *styles, path = rest.split()
                key = (name, "bold" in styles, "italic" in styles)
                draft.fonts[key] = Font(*key, path)
            case "text":
                extent = _extent(rest)
            case _:
                first, _, others = rest.partition(" ")
                path, header = ("", rest) if _SIZE.fullmatch(first) else (first, others)
                headers[path] = _header(header)
    default = drafts.pop("").catalog("", None)
    return Given(
        lines[-1],
        Catalogs(default, {name: draft.catalog(name, default) for name, draft in drafts.items()}),
        headers,
        profiles,
        extent,
    )


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
    pixels, alpha, dpi, embeds = "rgb", False, 0.0, False
    paths: list[NamedPath] = []
    for word in rest:
        if word.startswith("path="):
            title, _, outline = word.removeprefix("path=").partition(":")
            paths.append(NamedPath(title, read_path(outline)))
        elif word.startswith("dpi="):
            dpi = float(word.removeprefix("dpi="))
        elif word == "alpha":
            alpha = True
        elif word == "embeds":
            embeds = True
        else:
            pixels = word
    space = ColorSpace(_PIXELS[pixels], "Embedded", "/original", "1") if embeds else None
    return Header(int(width), int(height), _PIXELS[pixels], alpha, dpi=dpi, space=space, paths=tuple(paths))


def _extent(text_: str) -> TextExtent:
    size, *rest = text_.split()
    named = {name: tuple(map(int, value.split(","))) for name, _, value in (part.partition("=") for part in rest)}
    width, _, height = size.partition("x")
    anchor, overhang = named.get("anchor"), named.get("overhang", (0, 0))
    point = None if anchor is None else (float(anchor[0]), float(anchor[1]))
    return TextExtent((int(width), int(height)), point, (overhang[0], overhang[1]))


def _answer(case: Given, question: Question) -> Answer:
    match question:
        case ProfileLook():
            return case.profiles.get(question.path)
        case FontLook():
            return FontFile(question.name, question.path, 1, 1, question.metrics, question.weight)
        case TextLook():
            width, height = question.plan.box
            size = (width or case.extent.size[0], height or case.extent.size[1])
            # what is laid out in a box is anchored in its middle
            return TextExtent(size, None if width else case.extent.anchor, case.extent.overhang)
    header = case.headers.get(question.path) or case.headers.get("")
    assert header is not None, f"the case has no image line for {question.path}"
    return Source(question.name, question.path, 1, 1), header


def planned(case: Given, language: Language, limits: Limits = LIMITS) -> Recipe:
    """Work out the recipe of a case; the planner's questions are answered from its image lines."""
    steps = plan(case.asked, language, limits)
    try:
        question = next(steps)
        while True:
            question = steps.send(_answer(case, question))
    except StopIteration as done:
        outcome: tuple[Recipe, Measured] = done.value
    return outcome[0]


def recipe(request: str, language: Language, image: str = "400x300") -> Recipe:
    """Work out the recipe of a request to an original of a size."""
    return planned(given((f"image {image}", request)), language)


def shown(recipe_: Recipe) -> str:
    """The text of a recipe without the engine's version, an original being its path and a font file its name."""
    shorter = _SOURCE.sub(r"\g<location>", text(recipe_).removeprefix(f"engine: {ENGINE}\n"))
    return _FONT.sub(r"\g<name>", shorter).rstrip("\n")
