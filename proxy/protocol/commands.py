"""THE table: every command of the reference that is not an ``op_`` (those are blocks in ``proxy/ops/``).

A row is a command's "Properties" paragraph. The order is that of the manual's overview (``c-command-overview``).
"""

from typing import Any

from proxy.protocol.command import Arg, Command, OnComp, Scope
from proxy.protocol.values import Choice, ColorValue, Flag, Int, ObjectValue, PathValue, QuadValue, Real, Text, ValueType

REQUEST, VIEW, LAYER, SOURCE, EFFECT = Scope.REQUEST, Scope.VIEW, Scope.LAYER, Scope.SOURCE, Scope.EFFECT
LAYER0, COMPOSITE, IGNORED = OnComp.LAYER0, OnComp.COMPOSITE, OnComp.IGNORED

FORMATS = (
    *("avif", "avif-alpha", "eps", "gif", "gif-alpha", "heic", "jpeg", "jpeg2000", "jpeg2000-alpha", "jpegxr"),
    *("jpegxr-alpha", "pdf", "pjpeg", "png", "png-alpha", "png8", "png8-alpha", "tif", "tif-alpha", "webp"),
    "webp-alpha",
)
"""Words of ``fmt=`` that stand for images (protocol decision 17)."""

LIST_FORMATS = ("m3u8",)
"""Words of ``fmt=`` that stand for no image: what ``req=mbrSet`` answers with."""

GONE_FORMATS = ("swf", "swf-alpha", "swf3", "swf3-alpha", "f4m")
"""Words of ``fmt=`` that nobody can decode any more: refused with an error that says so (protocol decision 17)."""

REQUEST_KINDS = (
    *("catalogprops", "exists", "imageprops", "imageset", "img", "loadcache", "map", "mask", "mbrSet", "message"),
    *("props", "resolve", "saveToFile", "set", "targets", "tmb", "userdata", "validate", "xlate", "xmp"),
)

FOREIGN_KINDS = ("contents", "ctx", "fvctx", "object", "tile")
"""Kinds that exist outside the reference: refused by name (protocol decision 21)."""

_OBJECT = (Arg("object", ObjectValue(), required=True),)
_FLAG = (Arg("flag", Flag(), required=True),)
_PATH = (Arg("pathDefinition", PathValue(), required=True),)
_PATH_NAMES = (Arg("pathName", Text(r"[\x20-\x7e]+", "a path name of ASCII characters"), rest=True),)
_PERCENT = Int(0, 100)


def _args(type_: ValueType[Any], *names: str) -> tuple[Arg, ...]:
    return tuple(Arg(name, type_, required=True) for name in names)


_COORD = _args(Int(), "x", "y")
_COORD_N = _args(Real(-(10**4), 10**4), "xN", "yN")
_RECT = (*_COORD, *_args(Int(0), "width", "height"))
_TEXT = (Arg("string", Text(), required=True),)

COMMANDS: tuple[Command, ...] = (
    # ---- request (r-request-commands-and-attributes)
    Command(
        "req",
        REQUEST,
        (
            Arg("kind", Choice((*REQUEST_KINDS, *FOREIGN_KINDS)), required=True),
            Arg("format", Choice(("text", "javascript", "xml", "json"))),
            Arg("encoding", Choice(("UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1"))),
        ),
        "what is asked for: the image, its properties, a thumbnail …",
        "r-req",
        in_nested=False,
    ),
    Command(
        "fmt",
        REQUEST,
        (
            Arg(
                "format",
                Choice(
                    (*FORMATS, *LIST_FORMATS, *GONE_FORMATS),
                    (("jpg", "jpeg"), ("pjpg", "pjpeg"), ("p-jpg", "pjpeg"), ("tiff", "tif")),
                ),
                default="jpeg",
            ),
            Arg("pixelType", Choice(("rgb", "gray", "cmyk"))),
            Arg("compression", Choice(("jpeg", "lossless", "lossy", "lzw", "none", "zip"))),
        ),
        "format of the reply image",
        "r-is-http-fmt",
        in_nested=False,
    ),
    Command(
        "qlt",
        REQUEST,
        (Arg("quality", Int(1, 100), required=True), Arg("chroma", Flag())),
        "quality of lossy formats; chroma 1 keeps the full colour resolution of a JPEG",
        "r-is-http-qlt",
        in_nested=False,
    ),
    Command("jpegSize", REQUEST, _args(Int(0, 10**6), "size"), "largest size of a JPEG in kilobytes", "r-jpegsize"),
    Command(
        "pscan",
        REQUEST,
        (Arg("scans", Choice(("auto", "3", "4", "5")), required=True),),
        "scans of a progressive JPEG; the encoder chooses them, whatever the number",
        "r-pscan",
    ),
    Command(
        "quantize",
        REQUEST,
        (
            Arg("type", Choice(("adaptive", "web", "mac")), default="adaptive"),
            Arg("dither", Choice(("diffuse", "off")), default="diffuse"),
            Arg("numColors", Int(2, 256), default=256),
            Arg("colorList", Text(r"\s*[0-9a-fA-F]{6}\s*", "six hexadecimal digits"), rest=True),
        ),
        "palette of a GIF or PNG8",
        "r-is-http-quantize",
        in_nested=False,
    ),
    Command(
        "printRes",
        REQUEST,
        _args(Real(0, 10**6), "val"),
        "print resolution written into the reply, in dpi",
        "r-printres",
        in_nested=False,
    ),
    Command(
        "resMode",
        REQUEST,
        (Arg("mode", Choice(("bilin", "bicub", "sharp2", "bisharp"), (("sharp", "sharp2"),)), required=True),),
        "resampling filter of all scaling",
        "r-is-http-resmode",
    ),
    Command(
        "icc",
        REQUEST,
        (
            Arg("object", ObjectValue(), required=True),
            Arg("renderIntent", Choice(("perceptual", "relative", "saturation", "absolute"))),
            Arg("blackpointComp", Flag()),
            Arg("dither", Flag()),
        ),
        "output colour profile",
        "r-icc",
    ),
    Command("iccEmbed", REQUEST, _FLAG, "embed the output profile in the reply", "r-iccembed", in_nested=False),
    Command(
        "pathEmbed",
        REQUEST,
        _FLAG,
        "embed the Photoshop paths of layer 0",
        "r-pathembed",
    ),
    Command("xmpEmbed", REQUEST, _FLAG, "embed the XMP packet of layer 0", "r-xmpembed"),
    Command(
        "bfc",
        REQUEST,
        _FLAG,
        "let the browser's Accept header choose a smaller format",
        "r-bfc",
    ),
    Command(
        "dpr",
        REQUEST,
        (Arg("flag", Flag(), required=True), Arg("dprValue", Real(0, 100, above=True))),
        "device pixel ratio: multiplies the size of the view; without a value that of the client counts",
        "r-dpr",
    ),
    Command(
        "network",
        REQUEST,
        _FLAG,
        "adjust the quality to the client's network",
        "r-network",
    ),
    Command(
        "cache",
        REQUEST,
        (
            Arg("clientControl", Choice(("on", "off", "validate", "update")), required=True),
            Arg("serverControl", Choice(("on", "off"))),
        ),
        "caching by client and server",
        "r-is-http-cache",
    ),
    Command(
        "defaultImage",
        REQUEST,
        _OBJECT,
        "image that stands in for a missing one; an empty value turns that off",
        "r-is-http-defaultimage",
        whole=True,
        objects=True,
        empty="",
    ),
    Command("template", REQUEST, _OBJECT, "compositing template", "r-template", whole=True),
    Command("locale", REQUEST, _TEXT, "locale for ids and strings", "r-locale", whole=True, in_nested=False),
    Command("id", REQUEST, _TEXT, "version of the image, or identifier of a JSON reply", "r-id", whole=True),
    Command(
        "handler",
        REQUEST,
        (Arg("reqHandler", Text(r"[A-Za-z0-9_]{1,128}", "letters, digits and _ only"), required=True),),
        "name of the function that a JSON reply calls",
        "r-json-properties",
        whole=True,
    ),
    Command("imageSet", REQUEST, _TEXT, "image set of req=set", "r-imageset", whole=True),
    Command("labelkey", REQUEST, _TEXT, "key of the labels in req=set", "r-set", whole=True),
    Command("name", REQUEST, _TEXT, "file of req=saveToFile", "r-savetofile", whole=True),
    Command("timeout", REQUEST, _TEXT, "time limit of req=saveToFile in milliseconds", "r-savetofile", whole=True),
    Command("type", REQUEST, _TEXT, "type filter of static content", "r-type", whole=True),
    Command(
        "effectMask",
        REQUEST,
        _FLAG,
        "whether layer effects show through their parent layer",
        "r-effectmask",
    ),
    # ---- view (r-view-commands-and-attributes)
    Command("wid", VIEW, _args(Int(0, 10**6), "val"), "width of the view in pixels", "r-is-http-wid", zero_is_absent=True),
    Command("hei", VIEW, _args(Int(0, 10**6), "val"), "height of the view in pixels", "r-is-http-hei", zero_is_absent=True),
    Command(
        "fit",
        VIEW,
        (
            Arg("mode", Choice(("fit", "constrain", "crop", "wrap", "stretch", "hfit", "vfit")), required=True),
            Arg("upscale", Flag(), default=False),
        ),
        "how the composite image fits the view",
        "r-fit",
    ),
    Command(
        "scl",
        VIEW,
        _args(Real(10**-4, 10**6), "invFactor"),
        "scales the composite image by the inverse",
        "r-scl",
    ),
    Command("rgn", VIEW, _RECT, "region of interest of the composite image", "r-rgn"),
    Command(
        "rect",
        VIEW,
        (*_RECT, Arg("scale", Real(0, 10**4, above=True), default=1.0)),
        "final rectangle of the view, for tiles",
        "r-rect",
    ),
    Command("align", VIEW, _args(Real(-1, 1), "horiz", "vert"), "where the composite lies in the view", "r-align"),
    Command("bgc", VIEW, _args(ColorValue(), "color"), "background of the view", "r-bgc", whole=True, in_nested=False),
    # ---- selecting layers
    Command(
        "layer",
        Scope.SELECT,
        _TEXT,
        "selects a layer: a number, comp, a name, or a number and a name",
        "r-layer",
        whole=True,
        variables=False,
    ),
    Command(
        "effect",
        Scope.SELECT,
        _TEXT,
        "selects an effect layer of the current layer",
        "r-effect",
        whole=True,
        variables=False,
    ),
    # ---- layers (r-common-layer-commands-and-attributes)
    Command("src", LAYER, _OBJECT, "image of the layer", "r-src", group="content", whole=True, objects=True),
    # a text that is empty, as variables may leave it, is a text layer with nothing on it
    Command(
        "text",
        LAYER,
        _TEXT,
        "text of the layer, in RTF",
        "r-text",
        group="content",
        whole=True,
        plus_is_space=True,
        empty="",
    ),
    Command(
        "textPs",
        LAYER,
        _TEXT,
        "text of the layer, in RTF, set as Photoshop does",
        "r-textps",
        group="content",
        whole=True,
        plus_is_space=True,
        empty="",
    ),
    Command(
        "size", LAYER, _args(Int(0, 10**6), "width", "height"), "size of the layer in pixels", "r-size-reference", group="size"
    ),
    Command(
        "sizeN",
        LAYER,
        _args(Real(0, 10**4), "widthN", "heightN"),
        "size of the layer relative to layer 0",
        "r-size-reference",
        group="size",
    ),
    Command(
        "color",
        LAYER,
        _args(ColorValue(), "color"),
        "fill under the layer's picture",
        "r-color-commandref",
        in_effect=True,
        whole=True,
    ),
    Command("bgColor", LAYER, _args(ColorValue(), "color"), "background of the layer rectangle", "r-bgcolor", whole=True),
    Command(
        "opac",
        LAYER,
        (Arg("opacity", _PERCENT, required=True), Arg("fillOpacity", _PERCENT, default=100)),
        "opacity of the layer in per cent",
        "r-opac",
        on_comp=COMPOSITE,
        in_effect=True,
    ),
    Command(
        "blendMode",
        LAYER,
        (Arg("mode", Choice(("norm", "dissolve", "lighten", "darken", "mult", "screen")), required=True),),
        "how the layer is blended with those below",
        "r-blendmode",
        # nothing lies below layer 0, unless it is a watermark (r-watermarks)
        in_effect=True,
    ),
    Command(
        "flip",
        LAYER,
        (Arg("axis", Choice(("lr", "ud", "lrud")), required=True),),
        "mirrors the layer",
        "r-flip",
        on_comp=COMPOSITE,
    ),
    Command("rotate", LAYER, _args(Real(-36000, 36000), "angle"), "turns the layer clockwise, in degrees", "r-rotate"),
    Command(
        "extend",
        LAYER,
        _args(Int(-(10**6), 10**6), "left", "top", "right", "bottom"),
        "margins of the layer in pixels",
        "r-extend",
        group="extend",
    ),
    Command(
        "extendN",
        LAYER,
        _args(Real(-1000, 1000), "leftN", "topN", "rightN", "bottomN"),
        "margins relative to the layer",
        "r-extend",
        group="extend",
    ),
    Command("origin", LAYER, _COORD, "alignment point of the layer rectangle", "r-origin", group="origin"),
    Command("originN", LAYER, _COORD_N, "alignment point relative to the layer's middle", "r-origin", group="origin"),
    Command("pos", LAYER, _COORD, "offset from the origin of layer 0", "r-pos", group="pos", on_comp=IGNORED, in_effect=True),
    Command(
        "posN", LAYER, _COORD_N, "offset relative to the size of layer 0", "r-pos", group="pos", on_comp=IGNORED, in_effect=True
    ),
    Command("hide", LAYER, _FLAG, "hides the layer", "r-hide"),
    Command(
        "perspective",
        LAYER,
        _args(QuadValue(10**6), "perspQuad,resOptions"),
        "maps the layer onto a quadrilateral",
        "r-perspective",
        group="perspective",
        whole=True,
    ),
    Command(
        "perspectiveN",
        LAYER,
        _args(QuadValue(10**4), "perspQuadN,resOptions"),
        "the same in normalized coordinates",
        "r-perspective",
        group="perspective",
        whole=True,
    ),
    Command("clipPath", LAYER, _PATH, "clips the layer to a path", "r-clippath", on_comp=COMPOSITE, whole=True),
    Command(
        "clipPathE",
        LAYER,
        _PATH_NAMES,
        "clips the layer to embedded paths",
        "r-clippath",
        on_comp=COMPOSITE,
    ),
    Command(
        "clipXPath",
        LAYER,
        _PATH,
        "cuts a path out of the layer",
        "r-clipxpath",
        on_comp=COMPOSITE,
        whole=True,
    ),
    Command(
        "clipXPathE",
        LAYER,
        _PATH_NAMES,
        "cuts embedded paths out of the layer",
        "r-clipxpath",
        on_comp=COMPOSITE,
    ),
    Command(
        "cropPathE",
        LAYER,
        _PATH_NAMES,
        "crops to the box of embedded paths",
        "r-croppath",
        on_comp=COMPOSITE,
    ),
    # image maps act on req=map alone
    Command("map", LAYER, _TEXT, "image map of the layer", "r-map", on_comp=COMPOSITE, whole=True, empty=""),
    Command("mapA", LAYER, _TEXT, "image map in source coordinates", "r-map", on_comp=COMPOSITE, whole=True, empty=""),
    # ---- source images and masks (r-source-image-operations-and-attributes)
    Command("anchor", SOURCE, _COORD, "anchor point of the image, centre of rotation", "r-anchor", group="anchor"),
    Command("anchorN", SOURCE, _COORD_N, "anchor point relative to the middle", "r-anchor", group="anchor"),
    Command("crop", SOURCE, _RECT, "rectangle of the source image in pixels", "r-crop", group="crop"),
    Command(
        "cropN",
        SOURCE,
        (*_COORD_N, *_args(Real(0, 10**4), "widthN", "heightN")),
        "rectangle relative to the source image",
        "r-crop",
        group="crop",
    ),
    Command("scale", SOURCE, _args(Real(0, 10**4, above=True), "factor"), "scale of the source image", "r-is-http-scale"),
    Command("res", SOURCE, _args(Real(0, 10**6, above=True), "val"), "scale by object resolution", "r-res"),
    Command("mask", SOURCE, _OBJECT, "separate mask of the image", "r-mask", whole=True, objects=True),
    Command(
        "maskUse",
        SOURCE,
        (Arg("use", Choice(("norm", "invert", "off")), required=True),),
        "how mask or alpha are used",
        "r-maskuse",
        in_effect=True,
    ),
    # ---- text (r-text-layer-commands-and-attributes)
    Command(
        "textAttr",
        LAYER,
        (
            Arg("res", Int(1, 10_000), default=72),
            Arg("antiAliasing", Choice(("off", "norm", "crisp", "sharp", "strong", "smooth")), default="norm"),
            Arg("resMode", Choice(("fixedRes", "autoRes", "maxRes")), default="fixedRes"),
            Arg("wordWrap", Choice(("wrap", "noWrap", "nbWrap")), default="wrap"),
        ),
        "resolution and rendering of text",
        "r-textattr",
    ),
    Command("textAngle", LAYER, _args(Real(-36000, 36000), "angle"), "direction of the text", "r-textangle"),
    Command("textPath", LAYER, _PATH, "path that the text runs along", "r-textpath", whole=True),
    Command(
        "pathAttr",
        LAYER,
        (
            Arg("direction", Choice(("norm", "reverse")), default="norm"),
            Arg("startPos", Real(0, 1), default=0.0),
            Arg("endPos", Real(0, 2), default=1.0),
        ),
        "where the text lies on its path",
        "r-pathattr",
    ),
    Command("textFlowPath", LAYER, _PATH, "area that the text flows into", "r-textflowpath", whole=True),
    Command("textFlowXPath", LAYER, _PATH, "area that the text flows around", "r-textflowxpath", whole=True),
)
