"""What was asked for: a target read with the catalogs, before any original is looked at.

The path selects the main catalog and the object. A template, or the object's own record, brings Modifier before and PostModifier
behind the request's own commands; macros and variables are replaced; every layer learns what its ``src=`` is, and a nested
request is read in the same way. Pages: ``r-object``, ``r-image-catalogs``, ``r-modifier-cat``, ``r-postmodifier-cat``,
``r-template``, ``r-request-nesting-and-embedding``; protocol decisions 1, 2, 7, 13, 22.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs, Resolved
from proxy.catalog.locale import Localization, locale_of, localization
from proxy.catalog.profiles import ProfileFile, Standard
from proxy.errors import LimitExceeded, Missing, Refused, RequestError
from proxy.protocol.command import Scope, Vocabulary
from proxy.protocol.expand import definitions, expand_macros, substitute, substitute_tree
from proxy.protocol.grammar import decode, path_elements, split_target
from proxy.protocol.layers import Layer, Request, Settings, collect, with_settings
from proxy.protocol.parser import parse
from proxy.protocol.printer import print_tree, quote_value
from proxy.protocol.tree import Comment, Definition, Setting, Tree
from proxy.protocol.values import Nested, Object
from proxy.recipe.reading import Inner, Outer

IMAGE_SERVING: Final = "is"
_OTHER_SERVICES: Final = {"ir": "Image Rendering", "fxg": "FXG"}
_LAYER_SCOPES: Final = (Scope.LAYER, Scope.SOURCE)
_CONTENT: Final = frozenset({"src", "mask"})
_EXISTS: Final = "exists"
"""The kind that shows nothing of an image, so that it answers where the image itself would be refused."""

_WHOLE_REQUEST: Final = 0
_SHOWN: Final = 100
_SVG_SUFFIXES: Final = (".svg", ".svgz")
_UNMARKED: Final = frozenset({"tmb", "mask"})
"""Request types whose reply image has no watermark."""


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How deep requests may be nested, how many layers one may have by itself, and how many with those of all nested ones."""

    nesting: int = 8
    layers: int = 200
    all_layers: int = 1000


@dataclass(frozen=True, slots=True)
class Content:
    """What is drawn: an image at a path below the roots, at a URL (``foreign``), or a nested request."""

    name: str
    path: str | None = None
    foreign: bool = False
    nested: "Asked | None" = None


@dataclass(frozen=True, slots=True)
class AskedLayer:
    """A layer, what its picture and its mask are, and the image that brings it record and attributes.

    Without content it is a solid colour. ``image`` is ``None`` where the content is another request.
    """

    layer: Layer
    content: Content | None = None
    image: Resolved | None = None
    mask: Content | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """What a client told of itself. ``formats`` are those of images that it takes beside JPEG and PNG, by base word.

    ``network`` is poor, fair or empty for an excellent or unknown one; ``ratio`` its device pixel ratio, 0 where unknown.
    """

    formats: frozenset[str] = frozenset()
    network: str = ""
    ratio: float = 0.0


SILENT: Final = Client()


@dataclass(frozen=True, slots=True)
class Asked:
    """A target, read. ``target`` is what follows ``/is/image/``, as it was sent; ``object`` the decoded path.

    ``resolved`` is what the path named, ``main`` the main catalog. ``segments`` are Modifier, the request's own commands and
    PostModifier, all expanded. ``stand_in`` is the image that takes the place of a missing one within its layer
    (DefaultImageMode 1), ``watermark`` what its catalog lays over the composite, ``icc`` what the name of a profile
    in ``icc=`` stands for, if for anything. ``depth`` counts the requests that this one is nested in.
    """

    target: str
    object: str
    main: Catalog
    resolved: Resolved
    tree: Tree
    segments: tuple[Tree, Tree, Tree]
    request: Request
    layers: tuple[AskedLayer, ...]
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    localization: Localization = field(default_factory=Localization)
    stand_in: Resolved | None = None
    watermark: "Asked | None" = None
    depth: int = _WHOLE_REQUEST
    icc: Standard | ProfileFile | None = None
    client: Client = SILENT
    """What the client told of what this request listens to (``proxy.recipe.client``)."""
    key: str = ""
    """What a plan of it is remembered under; empty where it is not."""
    embedded: "Callable[[str], Asked] | None" = field(default=None, repr=False, compare=False)
    """Reads a request that an image of it makes: what follows ``/is/image/`` in an SVG document."""

    @property
    def kind(self) -> str:
        """The request type, ``img`` if none was given."""
        return self.request.settings.one("req", str) or "img"

    @property
    def caching(self) -> tuple[str, str | None]:
        """What it says of the caches of clients and server (``r-is-http-cache``)."""
        values = self.request.settings.get("cache")
        return ("on", None) if values is None else (values[0], values[1])

    @property
    def effective(self) -> str:
        """The modifiers that count in the end, in the order of reading (``r-resolve``)."""
        nodes = tuple(node for tree in self.segments for node in tree if not isinstance(node, (Comment, Definition)))
        return print_tree(nodes)


@dataclass(frozen=True, slots=True)
class Reader:
    """What is needed to read a target: the catalogs, the words, and what is allowed."""

    catalogs: Catalogs
    words: Vocabulary
    limits: ReadLimits = field(default_factory=ReadLimits)
    unknown_macro_is_error: bool = True
    rewrite: Callable[[str, str], tuple[str, str]] = lambda path, query: (path, query)
    """What rule sets make of path and query of a nested request."""

    def read(self, target: str, key: str = "") -> Asked:
        """Read a target; ``key`` is what its plan is to be remembered under.

        Raises:
            RequestError: anything in it that cannot be read or contradicts itself.
            Refused: a path that leads out of where it may.
            Missing: a template that is none.
        """
        raw_path, query = split_target(target)
        tree = parse(query)
        main, _ = self.catalogs.main_of(_object(raw_path))
        own = self._macros(tree, main)
        # the locale chooses among records, so it is known before any Modifier is read: only the request's own commands name it
        variables = {"object": raw_path, **definitions(own)}
        locale = localization(main, locale_of(substitute_tree(own, variables, self._takes_no_variables)))
        scope = Outer({}, locale, _WHOLE_REQUEST)
        return self._marked(replace(self._read(target, self._resolved(raw_path, locale), raw_path, tree, scope), key=key))

    def read_instead(self, asked: Asked, object_: str) -> Asked:
        """Read the request for another object, named as ``src=`` names it: no commands but those of its record.

        Raises:
            RequestError, Refused: as ``read`` does.
        """
        return self._marked(self.read_object(object_, asked.main, asked.localization, {}, asked.target))

    def read_object(
        self, object_: str, main: Catalog, locale: Localization, variables: Mapping[str, str], target: str = ""
    ) -> Asked:
        """Read a request for an object alone. ``variables`` are raw values by folded name that its record may refer to.

        Raises:
            RequestError, Refused: as ``read`` does.
        """
        resolved = self.catalogs.resolve(object_, main, locale.suffixes)
        read = self._read(target, resolved, quote_value(object_), (), Outer(variables, locale, _WHOLE_REQUEST))
        return replace(read, main=main)

    def _marked(self, asked: Asked) -> Asked:
        """A request with the watermark of its catalog, which is none on thumbnails (``r-watermarks``).

        Of what the watermark's record says of request and view, ``align=`` alone counts, and it is drawn whole.
        """
        name = asked.main.text("Watermark")
        if not name or asked.kind in _UNMARKED:
            return asked
        resolved = self.catalogs.resolve(name, asked.main, asked.localization.suffixes)
        mark = self._read(name, resolved, quote_value(name), (), Outer({}, asked.localization, _WHOLE_REQUEST + 1))
        aligned = replace(mark.request, settings=mark.request.settings.only(frozenset({"align"})))
        return replace(asked, watermark=replace(mark, request=with_settings(aligned, scl=(1.0,))))

    def _resolved(self, raw_path: str, locale: Localization) -> Resolved:
        return self.catalogs.resolve(_object(raw_path), None, locale.suffixes)

    def _nested(self, text: str, outer: Inner) -> Asked:
        """Read a nested request: it has the outer one's variables, and ``$object$`` is that of the outermost."""
        if outer.depth >= self.limits.nesting:
            raise LimitExceeded(f"requests are nested more than {self.limits.nesting} deep")
        raw_path, query = split_target(text.strip())
        raw_path, query = self.rewrite(raw_path, query)
        inner = Outer(outer.variables, outer.locale, outer.depth + 1, outer.stand_in, outer.serial, outer.paths)
        return self._read(text, self._resolved(raw_path, outer.locale), raw_path, parse(query), inner)

    def _reference(self, target: str, scope: Inner) -> Asked:
        """Read a request that an SVG document makes: as one of its own, with the variables around it (``r-svg-support``)."""
        left = self.limits.nesting - scope.depth - 1
        if left < 0:
            raise LimitExceeded(f"{target[:_SHOWN]}: requests are nested more deeply than is allowed")
        raw_path, query = self.rewrite(*split_target(target.strip()))
        variables = {name: value for name, value in scope.variables.items() if name != "object"}
        reader = replace(self, limits=replace(self.limits, nesting=left))
        around = Outer(variables, scope.locale, _WHOLE_REQUEST, None, scope.serial, scope.paths)
        return reader._read(target, self._resolved(raw_path, scope.locale), raw_path, parse(query), around)  # noqa: SLF001  # its own

    def _read(self, target: str, resolved: Resolved, raw_path: str, tree: Tree, outer: Outer) -> Asked:
        main, inherited, depth = resolved.catalog, outer.variables, outer.depth
        asked = self._macros(tree, main)
        # the path as $object$ stands for it: empty elements are passed over here too
        object_ = "/".join(element for element in raw_path.split("/") if element)
        # an outer request has replaced its references in this one's own text already, and what it brought in stays as it is
        said = {"object": inherited.get("object", object_)} if depth else {"object": object_, **inherited}
        template = self._template(asked, Inner({**said, **definitions(asked)}, outer.locale, depth, main=main))
        owner = template or resolved
        before = self._macros(parse((owner.record and owner.record.modifier) or ""), owner.owner)
        behind = self._macros(parse((owner.record and owner.record.post_modifier) or ""), owner.owner)
        variables = {"object": object_, **definitions((*before, *behind)), **inherited, **definitions(asked)}
        scope = Inner(variables, outer.locale, depth, outer.stand_in, outer.serial, outer.paths, main=main)
        text = replace(scope, variables={**said, **definitions((*before, *behind)), **definitions(asked)})
        own = frozenset(map(id, tree)) if depth else frozenset()
        # what macros bring in was not there when the outer request replaced its references
        middle = tuple(self._variables((node,), text if id(node) in own else scope)[0] for node in asked)
        segments = (self._variables(before, scope), middle, self._variables(behind, scope))
        request = collect(segments, self.words, nested=depth > _WHOLE_REQUEST)
        scope.paths.spend(request.points)
        if depth == _WHOLE_REQUEST:
            scope = replace(scope, stand_in=self._stand_in(request, scope))
        layers = tuple(self._layers(request, owner, scope))
        if len(layers) > self.limits.layers:
            raise LimitExceeded(f"{len(layers)} layers: at most {self.limits.layers} are drawn")
        return Asked(
            target,
            resolved.object,
            main,
            resolved,
            tree,
            segments,
            request,
            layers,
            variables,
            outer.locale,
            scope.stand_in,
            depth=depth,
            icc=self._profile(request, main),
            embedded=lambda text: self._reference(text, scope),
        )

    def _template(self, tree: Tree, scope: Inner) -> Resolved | None:
        """What ``template=`` names, if it is there: a record (``r-template``)."""
        named = [node.value for node in tree if isinstance(node, Setting) and node.name.lower() == "template" and node.value]
        if not named:
            return None
        name = decode(substitute(named[-1], scope.variables))
        found = self._find(name, scope)
        if found.record is None:
            raise Missing(name, "template")
        return found

    def _stand_in(self, request: Request, scope: Inner) -> Resolved | None:
        values = request.settings.get("defaultImage")
        name = scope.main.text("DefaultImage") if values is None else str(values[0] or "")
        return self._find(name, scope) if name and scope.main.integer("DefaultImageMode") == 1 else None

    def _profile(self, request: Request, main: Catalog) -> Standard | ProfileFile | None:
        values = request.settings.get("icc")
        return None if values is None else self.catalogs.profile(values[0].path, main)

    def _find(self, name: str, scope: Inner) -> Resolved:
        return self.catalogs.resolve(name, scope.main, scope.locale.suffixes)

    def _macros(self, tree: Tree, catalog: Catalog) -> Tree:
        return expand_macros(tree, catalog.macro, unknown_is_error=self.unknown_macro_is_error)

    def _variables(self, tree: Tree, scope: Inner) -> Tree:
        return substitute_tree(tree, scope.variables, self._takes_no_variables, self._names_object)

    def _names_object(self, name: str) -> bool:
        row = self.words.find(name)
        return row is not None and row.objects

    def _takes_no_variables(self, name: str) -> bool:
        row = self.words.find(name)
        return row is not None and not row.variables

    def _layers(self, request: Request, object_: Resolved, scope: Inner) -> Iterator[AskedLayer]:
        """Every layer with its picture. Layer 0 has the object, or the template's own image, unless it names another."""
        layers = request.layers if any(layer.number == 0 for layer in request.layers) else (Layer(0), *request.layers)
        for layer in layers:
            # before what is nested is read: a variable may bring in one request many times, and that one another
            if next(scope.serial) > self.limits.all_layers:
                raise LimitExceeded(f"more than {self.limits.all_layers} layers, those of nested requests included (all_layers)")
            settings = layer.settings
            content = settings.get("src")
            if content is not None and isinstance(content[0], Nested):
                asked = AskedLayer(layer, self._embedded(content[0], scope))
            elif content is not None:
                asked = self._with_record(layer, content[0], scope)
            elif layer.number == 0 and (object_.path is not None or object_.missing) and not is_text(settings):
                if request.settings.one("req", str) != _EXISTS:
                    _direct_access(object_)
                asked = AskedLayer(layer, Content(object_.object, object_.path), object_)
            else:
                asked = AskedLayer(layer)
            yield replace(asked, mask=self._mask(asked, scope))

    def _mask(self, layer: AskedLayer, scope: Inner) -> Content | None:
        """The separate mask of a layer: ``mask=``, else MaskPath of its image's record (``r-mask``)."""
        values = layer.layer.settings.get("mask")
        if values is None:
            image = layer.image
            return None if image is None or image.mask_path is None else Content(image.object, image.mask_path)
        if isinstance(values[0], Nested):
            return self._embedded(values[0], scope)
        found = self._find(values[0].path, scope)
        _direct_access(found)
        if found.record is not None and found.record.modifier:
            self._refuse_content(self._expanded(found.record.modifier, found, scope), f"mask={found.object}")
        return Content(found.object, found.mask_path or found.path)

    def _embedded(self, nested: Nested, scope: Inner) -> Content:
        """Another request: nested, foreign, or of a service that is refused by name (protocol decision 17)."""
        if nested.kind == IMAGE_SERVING:
            return Content(nested.text, nested=self._nested(nested.text, scope))
        if nested.kind:
            raise RequestError(f"{nested.kind}(…): embedded {_OTHER_SERVICES[nested.kind]} requests are not supported")
        absolute = "://" in nested.text.partition("?")[0]
        if absolute and not scope.main.flag("AllowDirectUrls"):
            raise Refused("absolute URLs are not allowed here (attribute::AllowDirectUrls)")
        if not absolute and not scope.main.text("RootUrl"):
            raise Refused("relative URLs have no base here (attribute::RootUrl is empty)")
        url = nested.text if absolute else f"{scope.main.text('RootUrl').rstrip('/')}/{nested.text.lstrip('/')}"
        return Content(url, url, foreign=True)

    def _with_record(self, layer: Layer, object_: Object, scope: Inner) -> AskedLayer:
        """A layer whose image is named: its record's Modifier stands before what was said of the layer."""
        image = self._find(object_.path, scope)
        _direct_access(image)
        record = image.record
        if record is None or not (record.modifier or record.post_modifier):
            return AskedLayer(layer, Content(image.object, image.path), image)
        before = self._of_layer(record.modifier, layer.number, image, scope)
        settings = layer.settings.over(before)
        # PostModifier counts for layer 0 only
        if layer.number == 0:
            settings = self._of_layer(record.post_modifier, 0, image, scope).over(settings)
        return AskedLayer(replace(layer, settings=settings), Content(image.object, image.path), image)

    def _of_layer(self, modifier: str | None, number: int, image: Resolved, scope: Inner) -> Settings:
        """What a record's modifiers say of the one layer that shows it: its layer commands, whatever layer they begin at."""
        tree = self._expanded(modifier, image, scope)
        self._refuse_content(tree, f"src={image.object}")
        settings = collect(((Setting("layer", str(number)), *tree),), self.words).layer(number).settings
        names = frozenset(row.name for row in self.words.rows() if row.scope in _LAYER_SCOPES and row.group != "content")
        return settings.only(names)

    def _expanded(self, modifier: str | None, image: Resolved, scope: Inner) -> Tree:
        return self._variables(self._macros(parse(modifier or ""), image.owner), scope)

    def _refuse_content(self, tree: Tree, named: str) -> None:
        """A record that is named as an image may not itself be made of others: that takes a nested request (``r-src``)."""
        if any(isinstance(node, Setting) and node.name.lower() in _CONTENT and node.value for node in tree):
            raise RequestError(f"{named}: a record with src= or mask= in its Modifier cannot be named here")


def _object(raw_path: str) -> str:
    object_ = "/".join(path_elements(raw_path))
    if "\x00" in object_:
        raise Refused("The path of the object holds a NUL character")
    return object_


def is_text(settings: Settings) -> bool:
    """Whether a layer is one of text (``c-layer-types``)."""
    return "text" in settings or "textPs" in settings


def _direct_access(image: Resolved) -> None:
    """Refuse a file path where the catalog allows records only (``r-allowdirectaccess``)."""
    kind = "SVG" if (image.path or "").lower().endswith(_SVG_SUFFIXES) else "IS"
    if image.record is None and image.path is not None and not image.catalog.attribute("AllowDirectAccess").allows(kind):
        raise Refused(f"{image.object}: this catalog serves records only")
