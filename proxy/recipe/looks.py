"""Which originals a request looks at, as far as that does not depend on what they show.

The planner asks the same questions one by one, since it needs the answers; hidden layers are looked at by neither.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from proxy.errors import Missing
from proxy.recipe.asked import Asked, Content
from proxy.recipe.model import Header, Source


@dataclass(frozen=True, slots=True)
class Look:
    """The planner's question: which original is at this path below the roots, and what does its header say?

    ``name`` is what messages may call it. ``otherwise`` is the path of what stands in if there is none. ``foreign`` says that
    the path is the URL of another server's image. ``variables`` are those that an SVG document may ask for.
    """

    path: str
    name: str
    otherwise: str | None = None
    foreign: bool = False
    variables: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


Seen = tuple[Source, Header]


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


def look_for(asked: Asked, content: Content) -> Look:
    """The question about an image that a layer or a mask names.

    Raises:
        Missing: a record without an image.
    """
    if content.path is None:
        raise Missing(content.name)
    otherwise = asked.stand_in.path if asked.stand_in is not None else None
    return Look(content.path, content.name, otherwise, content.foreign, asked.variables)
