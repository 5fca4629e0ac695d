"""Smart crops: the records beside an asset's own that show a part of it, and the user data that describes them.

A crop called Banner of the asset ``photo`` is the record ``photo:Banner``; its UserData says SmartCropDef, SmartCropType,
SmartCropRect, SmartCropWidth and SmartCropHeight. An asset may also have the data of one crop itself (protocol decision 13).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs, Resolved
from proxy.catalog.property_data import properties, property_value

DEFINITION = "SmartCropDef"


@dataclass(frozen=True, slots=True)
class SmartCrop:
    """A crop: its name, which stands behind the colon, and its properties."""

    name: str
    data: Mapping[str, str]


class SmartCrops:
    """Knows which records are crops of which asset; each catalog is looked through once."""

    def __init__(self) -> None:
        self._ids: dict[str, tuple[Catalog, Mapping[str, tuple[str, ...]]]] = {}

    def of(self, image: Resolved) -> tuple[SmartCrop, ...]:
        """The crops of an image, in the order of its catalog; none if it is no record or is a crop itself."""
        record = image.record
        if record is None:
            return ()
        found: dict[str, SmartCrop] = {}
        for id_ in self._crops(image.owner).get(record.id, ()):
            name = id_.rpartition(":")[2]
            data = _data(image.owner.records[id_].user_data)
            if data is not None:
                found[name] = SmartCrop(name, data)
        own = None if ":" in record.id else _data(record.user_data)
        if own is not None:
            own_name = property_value(own, DEFINITION) or ""
            found.setdefault(own_name, SmartCrop(own_name, own))
        return tuple(found.values())

    def _crops(self, catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
        known = self._ids.get(catalog.root_id)
        if known is not None and known[0] is catalog:
            return known[1]
        ids: dict[str, list[str]] = {}
        for id_ in catalog.ids():
            asset, colon, _ = id_.rpartition(":")
            if colon:
                ids.setdefault(asset, []).append(id_)
        crops = {asset: tuple(found) for asset, found in ids.items()}
        self._ids[catalog.root_id] = (catalog, crops)
        return crops


def asset_of(catalogs: Catalogs, object_: str, main: Catalog | None) -> Resolved | None:
    """The asset that ``asset:Crop`` means where no record has that id, if the asset's own user data describes this crop."""
    asset, colon, name = object_.rpartition(":")
    if not colon or not asset:
        return None
    image = catalogs.resolve(asset, main)
    data = None if image.record is None else _data(image.record.user_data)
    return image if data is not None and property_value(data, DEFINITION) == name else None


def _data(user_data: str | None) -> dict[str, str] | None:
    """The properties of a crop, ``None`` for any other user data."""
    data = properties(user_data or "")
    return data if data is not None and property_value(data, DEFINITION) else None
