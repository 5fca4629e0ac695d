"""Media sets: what an image set says, with every name looked up in the catalogs (``r-media-set-requests``).

Knows the types of sets, how they are told apart and what their entries mean. Touches no disk: whether files exist and how
large pictures are is for others, as is how a reply is written.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs, Resolved
from proxy.catalog.image_set import InlineSet, Item, Name, Part, SolidColor, read_image_set, without_brackets
from proxy.catalog.locale import Localization, localized_image_set
from proxy.catalog.records import Record
from proxy.catalog.smart_crops import asset_of
from proxy.catalog.static_content import ResolvedStatic, resolve_static
from proxy.errors import LimitExceeded, Refused, RequestError
from proxy.protocol.grammar import decode
from proxy.protocol.printer import quote_value

MOST_MEMBERS: Final = 5000
"""Members of a reply, those of nested sets included; as many items are read on the way (``PS::fvctx`` bounds replies too)."""

NESTING_LIMIT: Final = 5
"""Sets inside sets (``PS::fvctx.nestingLimit``); the types that the reference knows need three."""

ASSET_TYPES: Final = {
    "MEDIASET": "media_set",
    "SPINSET": "spin",
    "SPINSET2D": "spin",
    "VIDEOSET": "video_set",
    "IMAGESET": "img_set",
    "ECATALOG": "ecat",
}
"""Types of replies by ``catalog::AssetType``."""

INPUT_TYPES: Final = {
    "img": "img",
    "basic": "img",
    "advanced_image": "img",
    "img_set": "img_set",
    "advanced_image_set": "img_set",
    "advanced_imageset": "img_set",
    "advanced_swatchset": "img_set",
    "spin": "spin",
    "video": "video",
    "video_set": "video_set",
    "static": "static",
    "ecat": "ecat",
}
"""Types of replies by what an entry of a media set may say; ``r-imageset-cat`` spells one of them differently."""

VIDEO_SUFFIXES: Final = frozenset(("mp3", "mp4", "flv", "f4v", "swf", "xml"))

AS_WRITTEN: Final = Localization()

_MEDIA_SET = "media_set"
_SET_TYPES = frozenset(("img_set", "spin", "video_set", "ecat"))


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of a set.

    ``name`` is in the form of URLs, so that it can stand behind ``/is/image/`` as it is. ``modifiers`` are those that the
    set gives it. ``image`` is ``None`` for a name that leads nowhere.
    """

    name: str
    image: Resolved | None
    modifiers: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A video or another item of static content; ``name`` is as that of a picture."""

    name: str
    static: ResolvedStatic


@dataclass(frozen=True, slots=True)
class Member:
    """An entry of a set: pictures (the pages of an e-catalog have several), a video, or another set.

    ``type`` is empty where the type of the whole set says it all.
    """

    type: str = ""
    pictures: tuple[Picture, ...] = ()
    swatch: Picture | SolidColor | None = None
    media: Media | None = None
    set: "MediaSet | None" = None


@dataclass(frozen=True, slots=True)
class MediaSet:
    """A set, or a single picture, video or file, which has one member. ``name`` is empty for an in-line set.

    ``record`` is that of the set and ``None`` where it has none, or where the only member is what the set is.
    """

    type: str
    name: str
    members: tuple[Member, ...]
    record: Record | None = None


def pictures_of(media: MediaSet) -> Iterator[Picture]:
    """Every picture of a set and of those inside it, swatches left out."""
    for member in media.members:
        yield from member.pictures
        if member.set is not None:
            yield from pictures_of(member.set)


def build(
    catalogs: Catalogs, object_: Resolved, name: str, image_set: str | None, localization: Localization = AS_WRITTEN
) -> MediaSet:
    """Look up everything that a ``req=set`` is about.

    Args:
        catalogs: the snapshot that counts.
        object_: the object of the path.
        name: how the reply is to call it: the path in the form of URLs.
        image_set: the value of ``imageSet=``, which stands for that of the record; ``None`` without it.
        localization: what the locale of the request means.

    Raises:
        BadSyntax: a set with brackets that do not match.
        LimitExceeded: too many members, or sets nested too deeply.
        RequestError: a media set within a set, a set within itself.
    """
    builder = _Builder(catalogs, object_.catalog, localization)
    return builder.object(object_, name) if image_set is None else builder.given(object_, name, image_set)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a name is: always a picture or a file by its name, a set if ``items`` says so."""

    picture: Picture
    static: ResolvedStatic
    items: tuple[Item, ...] | None
    type: str

    @property
    def record(self) -> Record | None:
        return None if self.picture.image is None else self.picture.image.record


_Key = tuple[str, str]


class _Builder:
    """Builds one reply; counts what it reads and makes."""

    def __init__(self, catalogs: Catalogs, main: Catalog, localization: Localization) -> None:
        self.catalogs, self.localization = catalogs, localization
        # the catalog of the set that is being read: names in it may leave its root id out
        self.base = main
        self.read: dict[_Key, tuple[Item, ...]] = {}
        self.members = self.items = 0
        self.open: list[_Key | None] = []

    def object(self, image: Resolved, name: str) -> MediaSet:
        """The reply for the object of a path."""
        if image.record is None:
            image = asset_of(self.catalogs, image.object, None) or image
        return self._outer(self._found(Picture(name, image), resolve_static(self.catalogs, image.object)), name)

    def given(self, image: Resolved, name: str, image_set: str) -> MediaSet:
        """The reply for a set that the request gives."""
        items = self._count_items(read_image_set(without_brackets(image_set)))
        if not items:
            return MediaSet("empty", name, ())
        if len(items) == 1 and len(items[0].fields) == len(items[0].fields[0]) == 1 and isinstance(items[0].first, Name):
            # one name alone stands for that record, as if the path had named it
            found = self._named(items[0].first)
            if found.items is not None:
                return self._outer(found, found.picture.name)
        type_ = ASSET_TYPES.get((image.record and image.record.asset_type) or "") or self._type(items)
        return MediaSet(type_, name, self._inside(None, type_, items), image.record)

    def _outer(self, found: _Found, name: str) -> MediaSet:
        if found.items is not None:
            return self._set(found, name)
        if found.type == "img":
            return MediaSet("img", name, (Member(pictures=(found.picture,)),))
        return MediaSet(found.type, name, (self._media("", found),))

    def _set(self, found: _Found, name: str) -> MediaSet:
        items = found.items or ()
        if not items:
            return MediaSet("empty", name, (), found.record)
        with self._within(found.picture.image):
            return MediaSet(found.type, name, self._inside(_key(found.picture.image), found.type, items), found.record)

    @contextmanager
    def _within(self, image: Resolved | None) -> Iterator[None]:
        """Read the set of a record: names count from its catalog."""
        before = self.base
        self.base = before if image is None else image.catalog
        try:
            yield
        finally:
            self.base = before

    # ---- names

    def _named(self, name: Name) -> _Found:
        raw, _, modifiers = name.raw.partition("?")
        object_ = decode(raw)
        image: Resolved | None
        try:
            image = self.catalogs.resolve(object_, self.base, self.localization.suffixes)
            if image.record is None:
                image = asset_of(self.catalogs, object_, self.base) or image
        except Refused:
            image = None
        static = resolve_static(self.catalogs, object_, self.base, self.localization.suffixes)
        return self._found(Picture(self._full(raw, image, static), image, modifiers), static)

    def _full(self, raw: str, image: Resolved | None, static: ResolvedStatic) -> str:
        """A name that works behind ``/is/image/``: with the root id that may have been left out."""
        first, _, _ = raw.lstrip("/").partition("/")
        in_main = (image is not None and image.record is not None) or static.record is not None or not self.base.flag("FullMatch")
        if not self.base.root_id or raw.startswith("/") or self.catalogs.by_root_id(decode(first)) is not None or not in_main:
            return raw.lstrip("/")
        return f"{quote_value(self.base.root_id)}/{raw}"

    def _found(self, picture: Picture, static: ResolvedStatic) -> _Found:
        record = None if picture.image is None else picture.image.record
        key = _key(picture.image)
        # a record may be a member of its own set: there it is the picture, not the set
        defining = next((open_ for open_ in reversed(self.open) if open_ is not None), None)
        if record is not None and record.image_set and key != defining:
            items = self._items_of(key, record, picture.name)
            with self._within(picture.image):
                return _Found(picture, static, items, ASSET_TYPES.get(record.asset_type or "") or self._type(items))
        return _Found(picture, static, None, _single_type(record, static))

    def _items_of(self, key: _Key, record: Record, name: str) -> tuple[Item, ...]:
        if key not in self.read:
            text = localized_image_set(record.image_set or "", self.localization.strings)
            self.read[key] = self._count_items(read_image_set(text, f"ImageSet of {decode(name)}"))
        return self.read[key]

    def _is_set(self, part: Part) -> bool:
        """Whether a part is a set, in-line or by reference, without reading it."""
        if not isinstance(part, Name) or not part.raw:
            return isinstance(part, InlineSet)
        try:
            image = self.catalogs.resolve(part.text.partition("?")[0], self.base, self.localization.suffixes)
        except Refused:
            return False
        return image.record is not None and bool(image.record.image_set)

    def _type(self, items: Sequence[Item]) -> str:
        """The type of a set that no AssetType tells (``r-media-set-requests``, outer set type detection)."""
        if any(len(field) > 1 for item in items for field in item.fields):
            return "ecat"
        semicolons = max((len(item.fields) - 1 for item in items), default=0)
        if semicolons:
            return "img_set" if semicolons == 1 else _MEDIA_SET
        return "spin" if any(self._is_set(item.first) for item in items) else "unknown"

    # ---- members

    def _inside(self, key: _Key | None, type_: str, items: Sequence[Item]) -> tuple[Member, ...]:
        """The members of a set that is open while they are made."""
        if key is not None and key in self.open:
            raise RequestError(f"{'/'.join(filter(None, key))}: the set contains itself")
        if len(self.open) >= NESTING_LIMIT:
            raise LimitExceeded(f"sets are nested more than {NESTING_LIMIT} deep")
        self.open.append(key)
        try:
            return tuple(member for item in items for member in self._entry(type_, item))
        finally:
            self.open.pop()

    def _entry(self, type_: str, item: Item) -> Iterator[Member]:
        """The members that an entry of a set of a type makes."""
        match type_:
            case "spin":
                # the reference separates the images of a spin by commas in one place and by semicolons in another
                for part in item.parts():
                    if part != Name(""):
                        yield self._member("", part, None, "spin")
            case "ecat":
                yield self._page(item)
            case "video_set":
                yield self._member("", item.first, None, "video_set", "video")
            case "media_set":
                word = item.field(2)
                given = INPUT_TYPES.get(word.text.strip().lower(), "") if isinstance(word, Name) else ""
                yield self._member("img", item.first, item.field(1), _MEDIA_SET, given)
            case _:
                item = _grouped(item)
                yield self._member("img", item.first, item.field(1), type_)

    def _page(self, item: Item) -> Member:
        self._count_member()
        found = [self._named(part) for part in item.fields[0] if isinstance(part, Name) and part.raw]
        return Member(pictures=tuple(each.picture for each in found), swatch=self._swatch(item.field(1)))

    def _member(self, plain: str, part: Part, swatch: Part | None, inside: str, given: str = "") -> Member:
        """One member. ``plain`` pictures have a swatch: themselves if no other is given. ``given`` is the type it says it has."""
        self._count_member()
        shown = self._swatch(swatch)
        if isinstance(part, InlineSet):
            type_ = self._inline_type(part, inside, given)
            self._refuse_media_set(type_, "an in-line set")
            return Member(type_, swatch=shown, set=MediaSet(type_, "", self._inside(None, type_, part.items)))
        if isinstance(part, SolidColor):
            return Member(swatch=part)
        found = self._named(part)
        if found.items is not None:
            if inside == _MEDIA_SET or given != "img":
                self._refuse_media_set(found.type, found.picture.name)
            if given != "img":
                type_ = given if given in _SET_TYPES else found.type
                found = _Found(found.picture, found.static, found.items, type_)
                return Member(type_, swatch=shown, set=self._set(found, found.picture.name))
        type_ = given if given in ("img", "video", "static") else _without_set(found)
        if type_ == "img":
            return Member(pictures=(found.picture,), swatch=shown or (found.picture if plain else None))
        return self._media("" if inside == "video_set" else type_, found, shown)

    def _inline_type(self, part: InlineSet, inside: str, given: str) -> str:
        """The type of an in-line set: what its entry says, a row of images in a spin, else what can be found out."""
        if given in _SET_TYPES or inside == "spin":
            return given if given in _SET_TYPES else inside
        found = self._type(part.items)
        return inside if found == "unknown" and inside in _SET_TYPES else found

    def _media(self, type_: str, found: _Found, swatch: Picture | SolidColor | None = None) -> Member:
        """A video or a file; a picture of the same name is what is shown before it plays."""
        poster = (found.picture,) if found.record is not None else ()
        return Member(type_, poster, swatch, Media(found.picture.name, found.static))

    def _swatch(self, part: Part | None) -> Picture | SolidColor | None:
        return self._named(part).picture if isinstance(part, Name) else part if isinstance(part, SolidColor) else None

    def _refuse_media_set(self, type_: str, name: str) -> None:
        if type_ == _MEDIA_SET:
            raise RequestError(f"{decode(name)}: a media set within a set is not supported")

    def _count_member(self) -> None:
        self.members += 1
        if self.members > MOST_MEMBERS:
            raise LimitExceeded(f"a set of more than {MOST_MEMBERS} members, those of nested sets included")

    def _count_items(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        self.items += len(items)
        if self.items > MOST_MEMBERS:
            raise LimitExceeded(f"sets of more than {MOST_MEMBERS} items in all")
        return items


def _key(image: Resolved | None) -> _Key:
    return ("", "") if image is None or image.record is None else (image.owner.root_id, image.record.id)


def _grouped(item: Item) -> Item:
    """An entry of a swatch set that stands in brackets as a whole: ``{set;swatch}``."""
    inner = item.first
    if len(item.fields) == 1 and isinstance(inner, InlineSet) and len(inner.items) == 1 and len(inner.items[0].fields) > 1:
        return inner.items[0]
    return item


def _without_set(found: _Found) -> str:
    return _single_type(found.record, found.static) if found.items is not None else found.type


def _single_type(record: Record | None, static: ResolvedStatic) -> str:
    """The type of what has no ImageSet: ``img``, ``video`` or ``static``."""
    is_video = _suffix(static) in VIDEO_SUFFIXES
    if static.record is not None:
        return "video" if is_video else "img" if record is not None else "static"
    return "video" if is_video and record is None else "img"


def _suffix(static: ResolvedStatic) -> str:
    name, period, suffix = (static.path or "").rpartition("/")[2].rpartition(".")
    return suffix.lower() if period and name else ""
