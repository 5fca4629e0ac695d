"""Media sets as replies: the JSON that viewers read and the XML it is a picture of (wire formats, section 2).

A reply is one tree: texts are attributes in XML, objects are elements, lists are elements that repeat. In JSON a list of one is
that one alone, but for ``relation``, which clients take the length of. Every value is a text.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from proxy.answers._properties import xml_attribute, xml_property
from proxy.catalog.image_set import SolidColor
from proxy.catalog.locale import localized_user_data
from proxy.catalog.media_set import Media, MediaSet, Member, Picture
from proxy.catalog.property_data import properties, property_value
from proxy.catalog.records import Record, StaticRecord
from proxy.catalog.smart_crops import SmartCrop

VERSION: Final = "1.0"
MOST_METADATA: Final = 500_000
"""Characters of user data in a reply; what goes beyond is left out and said to be (``PS::fvctx.brochureLimit``)."""

_ALWAYS_A_LIST = "relation"
_USER_DATA = "userdata"

Tree = dict[str, "str | Tree | list[Tree]"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the original of a picture was found to be: pixels of the full image, and its version."""

    width: int
    height: int
    version: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What a writer knows beside the set: originals by the name of their picture, crops, the key of labels, localization."""

    seen: Mapping[str, Seen]
    crops: Callable[[Picture], tuple[SmartCrop, ...]]
    label_key: str = ""
    strings: tuple[str, ...] | None = None


def set_tree(media: MediaSet, sight: Sight) -> Tree:
    """The reply for a set, as a tree."""
    return {"set": _Writer(sight).set(media, outer=True)}


class _Writer:
    """Makes the tree of one reply; counts the user data in it."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self.metadata = 0

    def set(self, media: MediaSet, *, outer: bool = False) -> Tree:
        tree: Tree = {"pv": VERSION, "type": media.type}
        if media.name:
            tree["n"] = media.name
        tree |= self._metadata(media.record)
        # the crops of a single picture are those of the whole reply: that is where clients look for them
        single = outer and media.type == "img"
        if media.members:
            tree["item"] = [self.item(member, crops=not single) for member in media.members]
        if single and (relations := self._relations(media.members[0].pictures)):
            tree["relation"] = relations
        return tree

    def item(self, member: Member, *, crops: bool) -> Tree:
        tree: Tree = {"type": member.type} if member.type else {}
        if member.media is not None:
            tree |= _media(member.media)
        if member.pictures:
            tree["i"] = [self._picture(picture, sized=len(member.pictures) > 1) for picture in member.pictures]
        if member.swatch is not None:
            swatch = member.swatch
            tree["s"] = self._picture(swatch) if isinstance(swatch, Picture) else _color(swatch)
        if member.set is not None:
            tree["set"] = self.set(member.set)
        tree |= self._metadata(_record(member))
        if crops and member.set is None and (relations := self._relations(member.pictures)):
            tree["relation"] = relations
        if member.pictures and member.media is None:
            tree |= self._size(member.pictures[0])
        return tree

    def _picture(self, picture: Picture, *, sized: bool = False) -> Tree:
        tree: Tree = {"n": picture.name}
        if picture.modifiers:
            tree["mod"] = picture.modifiers
        label = self._label(picture)
        if label is not None:
            tree["l"] = label
        return tree | self._size(picture) if sized else tree

    def _size(self, picture: Picture) -> Tree:
        seen = self.sight.seen.get(picture.name)
        return {} if seen is None else {"dx": str(seen.width), "dy": str(seen.height), "iv": seen.version}

    def _label(self, picture: Picture) -> str | None:
        """The property that ``labelkey=`` names in the user data of the picture's record."""
        record = picture.image.record if picture.image is not None else None
        if not self.sight.label_key or record is None:
            return None
        data = properties(self._user_data(record))
        return None if data is None else property_value(data, self.sight.label_key)

    def _user_data(self, record: Record | StaticRecord) -> str:
        return localized_user_data(record.user_data or "", self.sight.strings)

    def _metadata(self, record: Record | StaticRecord | None) -> Tree:
        """User data, and flags for the map and the targets that ``req=map`` and ``req=targets`` give."""
        tree: Tree = {}
        if record is None:
            return tree
        text = self._user_data(record).strip()
        self.metadata += len(text)
        if text and self.metadata > MOST_METADATA:
            tree["suppressed"] = _USER_DATA
        elif text:
            data = properties(text)
            tree[_USER_DATA] = text if data is None else dict(data)
        if isinstance(record, Record) and record.map:
            tree["map"] = "1"
        if isinstance(record, Record) and record.targets:
            tree["targets"] = "1"
        return tree

    def _relations(self, pictures: tuple[Picture, ...]) -> list[Tree]:
        return [_relation(picture, crop) for picture in pictures[:1] for crop in self.sight.crops(picture)]


def _record(member: Member) -> Record | StaticRecord | None:
    """The record whose data is that of a member: of its video or file, else of its first picture."""
    if member.media is not None and member.media.static.record is not None:
        return member.media.static.record
    image = member.pictures[0].image if member.pictures else None
    return None if image is None else image.record


def _relation(picture: Picture, crop: SmartCrop) -> Tree:
    return {"n": f"{picture.name}:{crop.name}", "type": "smartcrop", _USER_DATA: dict(crop.data)}


def _color(color: SolidColor) -> Tree:
    """A swatch of one colour: it has no name, so nobody takes it for an image."""
    tree: Tree = {"color": f"0x{color.rgb}"}
    return tree | {"l": color.label} if color.label else tree


def _media(media: Media) -> Tree:
    """A video, or another file, in the form in which viewers read videos."""
    record, static = media.static.record, media.static
    values: Tree = {"n": media.name, "path": static.path or ""}
    if record is not None:
        total = bit_rate(media)
        size = record.video_size or static.catalog.attribute("VideoSize")
        if total is not None:
            values["bitrate"] = str(total)
        if size is not None:
            values |= {"dx": str(size[0]), "dy": str(size[1])}
    return {"v": values}


def bit_rate(media: Media) -> int | None:
    """Bits per second of a video: the total, else those of picture and sound together (``r-mbrset``); ``None`` if nobody says."""
    record, catalog = media.static.record, media.static.catalog
    if record is None:
        return None
    rates = (
        (record.total_stream_bit_rate, record.video_bit_rate, record.audio_bit_rate),
        tuple(catalog.attribute(name) for name in ("TotalStreamBitRate", "VideoBitRate", "AudioBitRate")),
    )
    for total, video, audio in rates:
        if total is not None:
            return int(total)
        if video is not None or audio is not None:
            return int(video or 0) + int(audio or 0)
    return None


def collapsed(tree: Tree) -> Tree:
    """The tree as JSON has it: a list of one is that one, but for ``relation``."""
    return {name: _collapsed(name, value) for name, value in tree.items()}


def _collapsed(name: str, value: "str | Tree | list[Tree]") -> "str | Tree | list[Tree]":
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return collapsed(value)
    found = [collapsed(entry) for entry in value]
    return found[0] if len(found) == 1 and name != _ALWAYS_A_LIST else found


def xml_of(tree: Tree) -> str:
    """The tree as XML, without a line of its own at the top."""
    return "".join(_elements(tree))


def _elements(tree: Tree) -> Iterator[str]:
    for name, value in tree.items():
        for entry in value if isinstance(value, list) else (value,):
            if isinstance(entry, dict):
                yield from _element(name, entry)


def _element(name: str, tree: Tree) -> Iterator[str]:
    """One element, its attributes in alphabetical order."""
    if name == _USER_DATA:
        # names of properties need not be names of attributes
        inner = "".join(xml_property(key, str(value)).rstrip("\n") for key, value in tree.items())
        yield f"<{name}>{inner}</{name}>"
        return
    attributes = "".join(xml_attribute(key, value) for key, value in sorted(tree.items()) if isinstance(value, str))
    children = tuple(_elements(tree))
    if not children:
        yield f"<{name}{attributes}/>"
        return
    yield f"<{name}{attributes}>"
    yield from children
    yield f"</{name}>"
