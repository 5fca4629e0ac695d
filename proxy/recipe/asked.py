"""What was asked for: a target read with the catalogs, before any original is looked at.

The path selects the main catalog and the object; the object's record brings Modifier before and PostModifier behind the
request's own commands; macros and variables are replaced; every layer learns what its ``src=`` is. Pages: ``r-object``,
``r-image-catalogs``, ``r-modifier-cat``, ``r-postmodifier-cat``; protocol decisions 1, 7, 13.
"""

from dataclasses import dataclass, replace

from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs, Resolved
from proxy.errors import Refused, Unbuilt
from proxy.protocol.command import Scope, Vocabulary
from proxy.protocol.expand import definitions, expand_macros, substitute_tree
from proxy.protocol.grammar import path_elements, split_target
from proxy.protocol.layers import Layer, Request, Settings, collect
from proxy.protocol.parser import parse
from proxy.protocol.printer import print_tree, quote_value
from proxy.protocol.tree import Comment, Definition, Setting, Tree
from proxy.protocol.values import Nested, Object
from proxy.recipe import unbuilt
from proxy.recipe.unbuilt import refuse_attributes

_LAYER_SCOPES = (Scope.LAYER, Scope.SOURCE)


@dataclass(frozen=True, slots=True)
class AskedLayer:
    """A layer and what its image was found to be; ``image`` is ``None`` where it has none."""

    layer: Layer
    image: Resolved | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A target, read. ``target`` is what follows ``/is/image/``, as it was sent; ``object`` the decoded path.

    ``segments`` are Modifier, the request's own commands and PostModifier, all expanded. ``main`` is the main catalog.
    """

    target: str
    object: str
    main: Catalog
    resolved: Resolved
    tree: Tree
    segments: tuple[Tree, Tree, Tree]
    request: Request
    layers: tuple[AskedLayer, ...]

    @property
    def kind(self) -> str:
        """The request type, ``img`` if none was given."""
        return self.request.settings.one("req", str) or "img"

    @property
    def effective(self) -> str:
        """The modifiers that count in the end, in the order of reading (``r-resolve``)."""
        nodes = tuple(node for tree in self.segments for node in tree if not isinstance(node, (Comment, Definition)))
        return print_tree(nodes)


def read(target: str, catalogs: Catalogs, words: Vocabulary, *, unknown_macro_is_error: bool = True) -> Asked:
    """Read a target.

    Raises:
        RequestError: anything in it that cannot be read or contradicts itself.
        Refused: a path that leads out of where it may.
        Unbuilt: the catalog sets an attribute that this version must not pass over.
    """
    raw_path, query = split_target(target)
    object_ = "/".join(path_elements(raw_path))
    if "\x00" in object_:
        raise Refused("The path of the object holds a NUL character")
    resolved = catalogs.resolve(object_, None)
    main = resolved.catalog
    refuse_attributes(main)
    expander = _Expander(main, raw_path, words, unknown_macro_is_error=unknown_macro_is_error)
    return _asked(target, resolved, parse(query), catalogs, expander)


def read_instead(asked: Asked, object_: str, catalogs: Catalogs, words: Vocabulary) -> Asked:
    """Read the request for another object, named as ``src=`` names it: no commands but those of its record.

    Raises:
        RequestError, Refused: as ``read`` does.
    """
    resolved = catalogs.resolve(object_, asked.main)
    expander = _Expander(asked.main, quote_value(object_), words, unknown_macro_is_error=True)
    return replace(_asked(asked.target, resolved, (), catalogs, expander), main=asked.main)


def _asked(target: str, resolved: Resolved, tree: Tree, catalogs: Catalogs, expander: "_Expander") -> Asked:
    segments = expander.segments(resolved, tree)
    request = collect(segments, expander.words)
    layers = tuple(_asked_layers(request, resolved, catalogs, expander))
    return Asked(target, resolved.object, resolved.catalog, resolved, tree, segments, request, layers)


class _Expander:
    """Replaces macros and variables; the variables are known once the request and the main record have been read."""

    def __init__(self, main: Catalog, raw_path: str, words: Vocabulary, *, unknown_macro_is_error: bool) -> None:
        self.main, self.words = main, words
        self.unknown_is_error = unknown_macro_is_error
        # the path as $object$ stands for it: empty elements are passed over here too
        self.object = "/".join(element for element in raw_path.split("/") if element)
        self.variables: dict[str, str] = {}

    def segments(self, resolved: Resolved, tree: Tree) -> tuple[Tree, Tree, Tree]:
        """Modifier, request and PostModifier without calls and references."""
        record = resolved.record
        before = self._macros(parse((record and record.modifier) or ""), resolved.owner)
        asked = self._macros(tree, self.main)
        behind = self._macros(parse((record and record.post_modifier) or ""), resolved.owner)
        self.variables = definitions((*before, *behind, *asked), self.object)
        return self._variables(before), self._variables(asked), self._variables(behind)

    def modifier(self, text: str | None, owner: Catalog) -> Tree:
        """The Modifier of a further record, with the variables of the request."""
        return self._variables(self._macros(parse(text or ""), owner))

    def _macros(self, tree: Tree, catalog: Catalog) -> Tree:
        return expand_macros(tree, catalog.macro, unknown_is_error=self.unknown_is_error)

    def _variables(self, tree: Tree) -> Tree:
        return substitute_tree(tree, self.variables, self._takes_no_variables)

    def _takes_no_variables(self, name: str) -> bool:
        row = self.words.find(name)
        return row is not None and not row.variables


def _asked_layers(request: Request, resolved: Resolved, catalogs: Catalogs, expander: _Expander) -> list[AskedLayer]:
    """Every layer with its image. Layer 0 has the object of the path unless it names another."""
    layers = request.layers if any(layer.number == 0 for layer in request.layers) else (Layer(0), *request.layers)
    asked: list[AskedLayer] = []
    for layer in layers:
        content = layer.settings.get("src")
        if content is None:
            image = resolved if layer.number == 0 and resolved.path is not None and not _is_text(layer.settings) else None
            if image is not None:
                _direct_access(image)
            asked.append(AskedLayer(layer, image))
        elif isinstance(content[0], Nested):
            raise Unbuilt(unbuilt.NESTED)
        else:
            asked.append(_with_record(layer, content[0], expander, catalogs))
    return asked


def _is_text(settings: Settings) -> bool:
    return "text" in settings or "textPs" in settings


def _with_record(layer: Layer, object_: Object, expander: _Expander, catalogs: Catalogs) -> AskedLayer:
    """A layer whose image is named: its record's Modifier stands before what was said of the layer, PostModifier behind it."""
    image = catalogs.resolve(object_.path, expander.main)
    _direct_access(image)
    record = image.record
    if record is None or not (record.modifier or record.post_modifier):
        return AskedLayer(layer, image)
    before = _of_layer(expander.modifier(record.modifier, image.owner), layer.number, expander.words)
    settings = layer.settings.over(before)
    if layer.number == 0:
        settings = _of_layer(expander.modifier(record.post_modifier, image.owner), 0, expander.words).over(settings)
    return AskedLayer(replace(layer, settings=settings), image)


def _of_layer(tree: Tree, number: int, words: Vocabulary) -> Settings:
    """What a record's modifiers say of the one layer that shows it: its layer commands, whatever layer they began at."""
    nodes = (Setting("layer", str(number)), *tree)
    settings = collect((nodes,), words).layer(number).settings
    names = frozenset(row.name for row in words.rows() if row.scope in _LAYER_SCOPES and row.group != "content")
    return settings.only(names)


def _direct_access(image: Resolved) -> None:
    """Refuse a file path where the catalog allows records only (``r-allowdirectaccess``)."""
    if image.record is None and image.path is not None and not image.catalog.attribute("AllowDirectAccess").allows("IS"):
        raise Refused(f"{image.object}: this catalog serves records only")
