"""SVG documents in a plan: the values of their variables, and the requests that their images are (``r-svg-support``).

A document is known by its path, and by the values of those variables alone that it asks for: what else a request defines does
not change the picture. An image request is planned as one of its own, with the variables of the request that shows the document.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from proxy.errors import RequestError
from proxy.protocol.grammar import decode
from proxy.recipe.model import Drawing, Header, Output, Recipe, Source

if TYPE_CHECKING:
    from proxy.recipe.asked import Asked

FORMAT: Final = "SVG"
_KINDS: Final = ("img", "tmb", "mask")
_SHOWN: Final = 100


def drawn_with(source: Source, header: Header, variables: Mapping[str, str]) -> Source:
    """An SVG original with the values of the variables that it asks for. ``variables`` are raw values by folded name."""
    values = ((name, decode(variables[name])) for name in sorted(header.variables) if name in variables)
    return replace(source, drawing=Drawing(tuple(values)))


def with_images(
    asked: "Asked",
    source: Source,
    references: tuple[str, ...],
    plan: Callable[["Asked"], Generator[Any, Any, tuple[Recipe, Any]]],
) -> Generator[Any, Any, Source]:
    """Plan the image requests of an SVG original.

    Raises:
        RequestError: one of them asks for something else than an image.
    """
    images = []
    for reference in references:
        inner = None if asked.embedded is None else asked.embedded(reference)
        if inner is None or inner.kind not in _KINDS:
            shown = reference[:_SHOWN]
            raise RequestError(f"{source.name}: its <image> asks for {shown}: expected a request for an image")
        recipe, _ = yield from plan(inner)
        output = recipe.output
        if output.pixels == "cmyk":
            raise RequestError(f"{source.name}: its <image> asks for {reference[:_SHOWN]}: expected an image of RGB or gray data")
        # without loss, whatever the request says of the format: only whether alpha is kept counts
        png = Output("png", alpha=output.alpha, pixels=output.pixels, of_mask=output.of_mask)
        images.append(replace(recipe, output=png))
    drawing = source.drawing or Drawing()
    return replace(source, drawing=replace(drawing, images=tuple(images)))
