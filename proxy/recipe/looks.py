"""Which originals a request looks at, as far as that does not depend on what they show.

The planner asks the same questions one by one, since it needs the answers; hidden layers are looked at by neither.
"""

from collections.abc import Iterator

from proxy.recipe.asked import Asked
from proxy.recipe.planner import Look, look_for


def looks(asked: Asked) -> Iterator[Look]:
    """What the planner will ask, as far as it does not depend on the answers; nothing of layers that are hidden.

    Raises:
        Missing: a record without an image.
    """
    for number, layer in enumerate(asked.layers):
        if number and layer.layer.settings.one("hide", bool):
            continue
        for content in (layer.content, layer.mask):
            if content is None:
                continue
            if content.nested is not None:
                yield from looks(content.nested)
            else:
                yield look_for(asked, content)
    if asked.watermark is not None:
        yield from looks(asked.watermark)
