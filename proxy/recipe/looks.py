"""Which originals a request looks at, as far as that does not depend on what they show.

The planner asks the same questions one by one, since it needs the answers; hidden layers are looked at by neither.
"""

from collections.abc import Iterator

from proxy.errors import Missing
from proxy.recipe.asked import Asked
from proxy.recipe.planner import Look


def looks(asked: Asked) -> Iterator[Look]:
    """What the planner will ask, as far as it does not depend on the answers; nothing of layers that are hidden.

    Raises:
        Missing: a record without an image.
    """
    otherwise = asked.stand_in.path if asked.stand_in is not None else None
    for number, layer in enumerate(asked.layers):
        if number and layer.layer.settings.one("hide", bool):
            continue
        for content in (layer.content, layer.mask):
            if content is None:
                continue
            if content.nested is not None:
                yield from looks(content.nested)
            elif content.path is None:
                raise Missing(content.name)
            else:
                yield Look(content.path, content.name, otherwise, content.foreign)
    if asked.watermark is not None:
        yield from looks(asked.watermark)
