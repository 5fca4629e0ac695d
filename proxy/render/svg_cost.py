"""What references inside of an SVG document make of it, found out before anything is drawn.

An element may use others that use others again: a few lines make billions of elements, or nest so deeply that a renderer
exhausts its stack. Counted here are elements and depth as a renderer meets them; where a document is too much is said by name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from proxy.errors import LimitExceeded
from proxy.render.svg_document import local

MOST_ELEMENTS: Final = 200_000
DEEPEST: Final = 120
"""Elements within each other; the renderer's stack takes about three times as many."""

_PER_CHARACTER: Final = 8
"""Elements that cost as much as a character of text, which is set and drawn as an outline."""

_LOCAL_URL: Final = re.compile(r"url\(\s*[\"']?\s*#([^\"')\s]+)")
_NUMBERS: Final = re.compile(r"[A-Za-z]|\d+\.?\d*|\.\d+")
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE: Final = re.compile(r"(?:[\w-]*)([.#]?[\w-]+)\Z")
_STYLE: Final = "style"
_TEXT: Final = "text"
_ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class _Cost:
    elements: int
    depth: int


@dataclass(slots=True)
class _Counting:
    """The elements by id, and what is known of their cost; those under way are part of a circle, which renderers leave out."""

    by_id: dict[str, etree._Element]
    styled: dict[str, set[str]]
    known: dict[etree._Element, _Cost] = field(default_factory=dict)
    under_way: set[etree._Element] = field(default_factory=set)


def check(root: etree._Element, name: str) -> None:
    """Refuse a document that comes to more than a renderer can be asked for.

    Raises:
        LimitExceeded: too many elements, or too deep.
    """
    by_id: dict[str, etree._Element] = {}
    styled: dict[str, set[str]] = {}
    for element in root.iter(etree.Element):
        if element.get("id"):
            by_id.setdefault(element.get("id", ""), element)
        if local(str(element.tag)) == _STYLE:
            _read_rules("".join(map(str, element.itertext())), styled)
    _cost(root, _Counting(by_id, styled), name)


def _read_rules(sheet: str, styled: dict[str, set[str]]) -> None:
    """Remember which ids the rules of a style sheet refer to, by class (``.a``), id (``#a``) or name of the elements."""
    for selectors, body in _RULE.findall(sheet):
        ids = _LOCAL_URL.findall(body)
        for selector in selectors.split(",") if ids else ():
            found = _SIMPLE.search(selector.strip())
            styled.setdefault(found[1] if found is not None else _ANY, set()).update(ids)


def _cost(element: etree._Element, counting: _Counting, name: str, depth: int = 1) -> _Cost:
    known = counting.known.get(element)
    if known is None:
        if element in counting.under_way:
            return _Cost(0, 0)
        counting.under_way.add(element)
        known = _counted(element, counting, name, depth)
        counting.under_way.discard(element)
        counting.known[element] = known
    if known.elements > MOST_ELEMENTS:
        _refuse(name, f"more than {MOST_ELEMENTS} elements", MOST_ELEMENTS)
    if depth + known.depth > DEEPEST:
        _refuse(name, f"elements nested more than {DEEPEST} deep", DEEPEST)
    return known


def _counted(element: etree._Element, counting: _Counting, name: str, depth: int) -> _Cost:
    if depth > DEEPEST:
        _refuse(name, f"elements nested more than {DEEPEST} deep", DEEPEST)
    text = "".join(map(str, element.itertext())) if local(str(element.tag)) == _TEXT else ""
    elements, below = 1 + _PER_CHARACTER * len(text), 0
    for child in element:
        cost = _cost(child, counting, name, depth + 1)
        elements, below = elements + cost.elements, max(below, cost.depth)
    for target, times in _targets(element, counting):
        cost = _cost(target, counting, name, depth + 1)
        elements, below = elements + times * cost.elements, max(below, cost.depth)
    return _Cost(elements, below + 1)


def _targets(element: etree._Element, counting: _Counting) -> Iterator[tuple[etree._Element, int]]:
    """What an element refers to, and how often that is drawn for it: a marker once for every point."""
    for key, value in element.attrib.items():
        attribute, text = local(str(key)), str(value)
        is_link = attribute == "href" and text.strip().startswith("#")
        ids = [text.strip()[1:]] if is_link else _LOCAL_URL.findall(text)
        for id_ in ids:
            if id_ in counting.by_id:
                yield _once(counting.by_id[id_], element)
    if counting.styled:
        classes = (f".{word}" for word in element.get("class", "").split())
        for selector in (_ANY, local(str(element.tag)), f"#{element.get('id', '')}", *classes):
            for id_ in counting.styled.get(selector, ()):
                if id_ in counting.by_id:
                    yield _once(counting.by_id[id_], element)


def _once(target: etree._Element, element: etree._Element) -> tuple[etree._Element, int]:
    return target, _points(element) if local(str(target.tag)) == "marker" else 1


def _points(element: etree._Element) -> int:
    return 1 + sum(len(_NUMBERS.findall(element.get(name) or "")) for name in ("d", "points"))


def _refuse(name: str, what: str, limit: int) -> None:
    raise LimitExceeded(f"{name}: an SVG document that comes to {what}: the limit is {limit}")
