"""The recipe: everything that decides a rendition's bytes, resolved and in numbers, and nothing else.

Sizes are (width, height) and boxes (left, top, right, bottom); y grows downwards. *Source pixels* are those of the upright
original at full size; *render pixels* those of the composite as it is really made, at the scale of the final view.
Recipes are frozen, hashable and picklable; equal ones have equal canonical text (``proxy.recipe.key``).
"""

from dataclasses import dataclass
from typing import Literal

from proxy.protocol.color import Color
from proxy.protocol.path import Path, Point
from proxy.recipe.op import Op
from proxy.recipe.text import TextPlan

Size = tuple[int, int]
PixelType = Literal["rgb", "gray", "cmyk"]

WHITE = Color("rgb", (255, 255, 255))


@dataclass(frozen=True, slots=True)
class Source:
    """An original and which version of it.

    ``name`` is what messages may show; ``location`` is the absolute path that a worker opens. ``drawing`` is what an SVG document
    takes from outside; other originals have none.
    """

    name: str
    location: str
    size: int
    mtime_ns: int
    drawing: "Drawing | None" = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """What an SVG document is drawn with: values of the variables that it uses, and the pictures of its image requests."""

    variables: tuple[tuple[str, str], ...] = ()
    images: tuple["Recipe", ...] = ()


@dataclass(frozen=True, slots=True)
class NamedPath:
    """A path that an original holds beside its picture, in source pixels. One that cannot be read draws nothing."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class ColorSpace:
    """The space that pixels are in (``r-color-management``): their kind, and the profile that says what they mean.

    ``name`` is that of a standard profile or, where the profile is in a file, what that calls itself; without one the space is
    undefined, and conversions from and to it are naive. ``location`` is the absolute path of the file, a profile or an original
    that embeds one, ``digest`` the SHA-256 of the profile; both are empty for those that this program makes.
    """

    pixels: PixelType = "rgb"
    name: str = "sRGB"
    location: str = ""
    digest: str = ""

    @property
    def defined(self) -> bool:
        """Whether there is a profile."""
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class ColorMeaning:
    """To which space the colours of a request belong that have a pixel type and have, or have not, the suffix ``s``."""

    pixels: PixelType
    source: bool
    space: ColorSpace


@dataclass(frozen=True, slots=True)
class Conversion:
    """How colours are converted (``r-icc``): a rendering intent, whether the black point is compensated, whether to dither."""

    intent: str = "relative"
    black_point: bool = True
    dither: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """What an original's header says, upright: the answer to the planner's question about it.

    ``pixels`` is the kind of data, ``bits`` the depth of a component. ``profile`` is the description of the embedded colour
    profile or empty, ``dpi`` 0 where the file has none. ``paths`` are its Photoshop paths. ``space`` is that of the embedded
    profile; ``None`` where there is none, or one of another kind of data. An SVG document has ``variables``, the names of those
    that it asks for, and ``references``, the image requests that it makes; ``unsettled`` is one of which size or references
    depend on variables.
    """

    width: int
    height: int
    pixels: PixelType
    alpha: bool = False
    bits: int = 8
    format: str = ""
    profile: str = ""
    dpi: float = 0.0
    xmp: bool = False
    paths: tuple[NamedPath, ...] = ()
    space: ColorSpace | None = None
    variables: tuple[str, ...] = ()
    unsettled: bool = False
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with real edges, in source pixels. It may reach beyond the picture; what lies there is transparent."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Clip:
    """What is left of a rectangle: all that lies within each of some paths and in none of others (``r-clippath``).

    The paths are in pixels of the rectangle and are filled by the non-zero rule.
    """

    within: tuple[Path, ...]
    without: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Perspective:
    """A picture brought onto a quadrilateral (``r-perspective``).

    ``corners`` are where its top left, top right, bottom right and bottom left corner lie, in render pixels from the corner of
    the layer rectangle. They are convex, and there are none where they lie too near each other for anything to be seen.
    ``sampling`` is R1, R2 or R3, ``jitter`` the number behind R3T, 0 to 200.
    """

    corners: tuple[Point, ...]
    sampling: str = "R3"
    jitter: int = 0


@dataclass(frozen=True, slots=True)
class EffectPlan:
    """A layer effect (``r-layer-effects``): behind its parent with a negative number, within it with a positive one.

    ``shape_ops`` work on the shape, ``ops`` on the colour that fills it. ``shift`` is in render pixels, ``reach`` how far
    operations may carry the shape beyond the layer rectangle. ``masked`` effects are not seen where the parent is.
    """

    number: int
    color: Color
    opacity: float = 1.0
    shape_ops: tuple[Op, ...] = ()
    ops: tuple[Op, ...] = ()
    shift: tuple[int, int] = (0, 0)
    reach: int = 0
    mask_use: str = "norm"
    masked: bool = True
    blend: str = "norm"


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """One layer, in the order of the steps: crop, scale, operations, opacity, fill, flip, rotate, extend, background, place.

    ``source`` is an original, the picture of a nested request, a text, or ``None`` for a solid colour. ``crop`` is in source
    pixels, for a nested picture in those of its view. ``size`` is the picture after scaling and ``turned`` after rotation (equal
    without one), both in render pixels. ``margins`` are left, top, right, bottom in render pixels, negative where the layer
    is cut. ``offset`` is where the top left corner of the layer rectangle lies in the canvas. ``opacity`` is 0 to 1. ``mask``
    takes the place of the source's alpha channel, its part ``mask_crop`` being scaled to ``size`` like the picture;
    ``mask_ops`` work on it before ``mask_use``, which is norm, invert or off. With a ``perspective`` mirror and rotation are part
    of it, and ``turned`` is the rectangle without margins. ``clip`` is in render pixels of the layer rectangle and comes last.
    ``assumed`` is the space of an original that embeds no profile: without it, its numbers are those of the picture's space, and
    another kind of pixels is converted naively.

    A text is drawn at ``text_scale`` of its own pixels. Its picture reaches out of ``size`` by ``overhang`` on both sides each
    way, in render pixels; of that ``spill`` is left around the finished layer, nothing where the layer is cut to its rectangle.
    """

    number: int
    source: "Source | Picture | TextPlan | None"
    crop: Box
    size: Size
    mask: "Source | Picture | None" = None
    mask_crop: Box | None = None
    mask_use: str = "norm"
    mask_ops: tuple[Op, ...] = ()
    ops: tuple[Op, ...] = ()
    opacity: float = 1.0
    color: Color | None = None
    flip: str = ""
    angle: float = 0.0
    turned: Size = (0, 0)
    margins: tuple[int, int, int, int] = (0, 0, 0, 0)
    background: Color | None = None
    offset: tuple[int, int] = (0, 0)
    blend: str = "norm"
    effects: tuple[EffectPlan, ...] = ()
    perspective: Perspective | None = None
    clip: Clip | None = None
    assumed: ColorSpace | None = None
    text_scale: tuple[float, float] = (1.0, 1.0)
    overhang: Size = (0, 0)
    spill: Size = (0, 0)


@dataclass(frozen=True, slots=True)
class View:
    """How the composite image becomes the reply image.

    ``canvas`` is the composite in render pixels. It is brought to ``fitted`` (the same size, but where a view stretches
    what cannot be stretched earlier), laid at ``offset`` into a view of ``size``, and ``rect`` (left, top, width, height) is cut
    out of that; ``rect`` may reach beyond the view. What the composite leaves free is ``background``.
    """

    canvas: Size
    fitted: Size
    offset: tuple[int, int]
    size: Size
    rect: tuple[int, int, int, int]
    background: Color = WHITE


@dataclass(frozen=True, slots=True)
class Quantize:
    """How a palette is made (``r-is-http-quantize``). ``colors`` are forced RGB values."""

    type: str = "adaptive"
    dither: bool = True
    count: int = 256
    colors: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """How the reply image is encoded (``r-is-http-fmt``).

    ``format`` is the base word (``png`` for ``png-alpha``). ``quality`` is 1 to 100, 0 where it does not count;
    ``chroma`` true keeps full colour resolution. ``size_limit`` is in bytes, 0 for none. ``dpi`` is 0 for none.
    """

    format: str = "jpeg"
    alpha: bool = False
    pixels: PixelType = "rgb"
    compression: str = ""
    quality: int = 80
    chroma: bool = False
    quantize: Quantize = Quantize()
    size_limit: int = 0
    dpi: float = 0.0
    embed_profile: bool = False
    of_mask: bool = False
    """What is encoded is the alpha channel (``r-mask-req``)."""
    xmp: Source | None = None
    """The original whose XMP packet is embedded (``r-xmpembed``)."""
    paths: tuple[NamedPath, ...] = ()
    """Paths that are embedded, closed, in pixels of the reply image (``r-pathembed``)."""
    otherwise: "Output | None" = None
    """The output that is taken instead if it has fewer bytes (``r-bfc``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Layers made into a view: all of a recipe but how it is encoded. The picture of a nested request is one.

    ``layers[0]`` is layer 0, whose rectangle is the canvas; the others follow from the bottom to the top. ``watermark`` lies over
    their composite. ``space`` is where all of this happens, ``output_space`` what the finished picture is then brought to, if
    that is another one. ``meanings`` say of colours that are not of ``space`` what they mean.
    """

    layers: tuple[LayerPlan, ...]
    view: View
    resample: str = "sharp2"
    ops: tuple[Op, ...] = ()
    opacity: float = 1.0
    flip: str = ""
    clip: Clip | None = None
    effects: tuple[EffectPlan, ...] = ()
    watermark: LayerPlan | None = None
    view_ops: tuple[Op, ...] = ()
    space: ColorSpace = ColorSpace()
    output_space: ColorSpace | None = None
    meanings: tuple[ColorMeaning, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe(Picture):
    """What will be done."""

    output: Output
    conversion: Conversion = Conversion()


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a worker makes of a recipe."""

    data: bytes
    media_type: str
