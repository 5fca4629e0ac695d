"""SVG originals: what their header would be, and any box of them drawn at the size that is needed.

A drawing is made at the scale of the reply, so that nothing is lost by scaling. Text has the bundled default font, whatever
machine this runs on. Colours are sRGB, alpha is kept. Pages: ``r-svg-support``, ``c-configuring-svg``, ``r-svg``.
"""

import io
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Final

from lxml import etree
from PIL import Image, PngImagePlugin

from proxy.errors import BadSource, LimitExceeded
from proxy.recipe.model import Box, ColorSpace, Drawing, Header, Size, Source
from proxy.render import svg_cost, svg_document, svg_fill
from proxy.render.decode import Limits, check_limit
from proxy.sources.built_in_fonts import folders

_MEMORY: Final = 2**30
"""Bytes that drawing may take beside those of its pixels, and bytes for each of these."""
_MEMORY_PER_PIXEL: Final = 40
_PANIC: Final = "PanicException"
_FAMILY: Final = "Arimo"
"""The bundled font, for whatever family a document names."""
_PAGE: Final = resource.getpagesize()


def probe_svg(path: str, limits: Limits, name: str, drawing: Drawing | None) -> Header:
    """What the header of an SVG original says, with the values of a drawing put in if one is given.

    Raises:
        BadSource: not a well-formed document, or one that refers to what it may not.
        LimitExceeded: too long, too large, too deep, or it comes to too much.
    """
    root = svg_document.read(path, name, limits.svg_bytes)
    variables, unsettled = svg_fill.fill(root, dict(drawing.variables) if drawing else {}, name)
    references = svg_fill.clean(root, name) if drawing or not unsettled else ()
    svg_cost.check(root, name)
    width, height = svg_document.size(root)
    check_limit(name, f"pixels ({width}×{height})", width * height, limits.source_pixels)
    return Header(
        width,
        height,
        "rgb",
        alpha=True,
        format="SVG",
        space=ColorSpace(),
        variables=variables,
        unsettled=unsettled,
        references=references,
    )


def draw(source: Source, box: Box, size: Size, limits: Limits, pictures: Sequence[bytes] = ()) -> Image.Image:
    """Draw a box of an SVG original at exactly ``size``.

    Args:
        source: the original, with a drawing.
        box: in pixels of the original at its own size; what lies outside of it is transparent.
        size: width and height of the result.
        limits: what may be drawn.
        pictures: those of the document's image requests, encoded as PNG, in the order of ``Header.references``.

    Returns:
        Mode RGBA, sRGB.

    Raises:
        BadSource: as ``probe_svg``, or the renderer gives up.
        LimitExceeded: as ``probe_svg``, or ``size`` is larger than is drawn.
    """
    name = source.name
    if limits.svg_pixels and size[0] * size[1] > limits.svg_pixels:
        message = f"{name}: an SVG image drawn at {size[0]}×{size[1]} pixels: the limit is {limits.svg_pixels} pixels"
        raise LimitExceeded(message)
    root = svg_document.read(source.location, name, limits.svg_bytes)
    svg_fill.fill(root, dict(source.drawing.variables) if source.drawing else {}, name)
    references = svg_fill.clean(root, name)
    svg_cost.check(root, name)
    if len(references) != len(pictures):
        raise BadSource(name, "the SVG document was changed while it was drawn")
    svg_fill.inline(root, dict(zip(references, pictures, strict=True)), name)
    text = etree.tostring(_framed(root, box, size), encoding="unicode")
    with _bounded_memory(_MEMORY + _MEMORY_PER_PIXEL * size[0] * size[1]):
        return _drawn(text, name)


def _framed(root: etree._Element, box: Box, size: Size) -> etree._Element:
    """The document at its own size in a frame that shows the box and has the wanted number of pixels."""
    width, height = svg_document.size(root)
    inner = deepcopy(root)
    for key, value in (("x", "0"), ("y", "0"), ("width", str(width)), ("height", str(height))):
        inner.set(key, value)
    frame = etree.Element(f"{{{svg_document.SVG}}}svg")
    frame.set("width", str(size[0]))
    frame.set("height", str(size[1]))
    frame.set("viewBox", " ".join(repr(value) for value in (box.left, box.top, box.right - box.left, box.bottom - box.top)))
    frame.set("preserveAspectRatio", "none")
    frame.append(inner)
    return frame


def _drawn(text: str, name: str) -> Image.Image:
    import resvg_py  # noqa: PLC0415  # only where an original is SVG

    try:
        data = resvg_py.svg_to_bytes(
            svg_string=text,
            dpi=svg_document.DPI,
            skip_system_fonts=True,
            font_files=list(_fonts()),
            font_family=_FAMILY,
            serif_family=_FAMILY,
            sans_serif_family=_FAMILY,
            cursive_family=_FAMILY,
            fantasy_family=_FAMILY,
            monospace_family=_FAMILY,
        )
    except ValueError as error:
        raise BadSource(name, "the SVG document cannot be drawn") from error
    except BaseException as error:
        # a panic of the renderer; its class cannot be imported, and is no Exception
        if type(error).__name__ != _PANIC:
            raise
        raise BadSource(name, "the SVG document cannot be drawn") from None
    with PngImagePlugin.PngImageFile(io.BytesIO(data)) as image:
        image.load()
        return image.convert("RGBA").copy()


@lru_cache(maxsize=1)
def _fonts() -> tuple[str, ...]:
    """The files of the bundled fonts."""
    return tuple(str(file) for folder in folders() for file in sorted(folder.glob("*.ttf")))


@contextmanager
def _bounded_memory(more: int) -> Iterator[None]:
    """Let this process have at most so many bytes more: what asks for all there is ends this process and not the machine."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = int(statistics.read_text(encoding="ascii").split()[0]) * _PAGE + more
    ceilings = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([wanted, *ceilings]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
