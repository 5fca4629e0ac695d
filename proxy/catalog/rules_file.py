"""Rule set files: XML in, a ``RuleSet`` and what is wrong with the file out (``r-rule-set-files``, ``c-rule-set-reference``).

One error makes the whole rule set unusable, and an unusable rule set refuses every request of its catalog: rules protect
originals, so a mistake in them must not open what they closed. Knows nothing of requests and touches no disk but for
its own schema.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, cast

from lxml import etree

from proxy.catalog.attributes import BY_NAME, Inherit
from proxy.catalog.datatypes import AddressFilter, Network
from proxy.catalog.java_regex import LINE_ENDS, compile_java
from proxy.catalog.java_replacement import Replacement, read_replacement
from proxy.catalog.problems import Problem, shown
from proxy.catalog.rules import CONTEXTS, UNUSABLE, Header, OnMatch, Rule, RuleSet, header_problem

if TYPE_CHECKING:
    import regex

LARGEST: Final = 1 << 20
"""Bytes of a rule set file."""

OVERRIDES: Final = (
    *("DefaultImageMode", "ErrorImage", "Expiration", "MaxPix", "RequestLock", "RequestObfuscation", "RootUrl", "SavePath"),
    "WaterMark",
)
"""The catalog attributes that a rule may set (``r-rule-rule``); the page spells WaterMark in its own way."""

_ON_MATCH: Final[dict[str, OnMatch]] = {"break": "break", "continue": "continue", "error": "error"}
_ONCE: Final = ("expression", "substitution", "addressfilter")
_DOCTYPE = re.compile(rb"(?>\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?>\s++|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)


def read_rules(data: bytes, file: str) -> tuple[RuleSet, tuple[Problem, ...]]:
    """Read a rule set file.

    Args:
        data: Its bytes.
        file: Its name, for the problems.

    Returns:
        The rules, ``UNUSABLE`` if there is an error among the problems.
    """
    problems: list[Problem] = []
    root = _parsed(data, file, problems)
    rules = [] if root is None else [_RuleReader(element, file, problems).read() for element in root]
    usable = all(problem.severity == "warning" for problem in problems)
    return RuleSet(tuple(rules)) if usable else UNUSABLE, tuple(problems)


def _parsed(data: bytes, file: str, problems: list[Problem]) -> "etree._Element | None":
    """Parse and validate; ``None`` if that fails, which is among the problems."""
    if len(data) > LARGEST:
        problems.append(Problem(file, 0, 0, f"{len(data)} bytes; a rule set file has at most {LARGEST}", "error"))
        return None
    # entities in attributes are replaced while parsing, so declarations are refused before it; UTF-16 differs by its zeros
    if _DOCTYPE.match(data.replace(b"\0", b"")):
        problems.append(Problem(file, 0, 0, _NO_DOCTYPE, "error"))
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        problems += _of_log(parser.error_log, file)
        return None
    # an encoding that hides it from the test above
    if root.getroottree().docinfo.internalDTD is not None:
        problems.append(Problem(file, 0, 0, _NO_DOCTYPE, "error"))
        return None
    schema = etree.XMLSchema(etree.fromstring(files("proxy.catalog").joinpath("ruleset.xsd").read_bytes()))
    if not schema.validate(root):
        problems += _of_log(schema.error_log, file)
        return None
    return root


_NO_DOCTYPE = "a document type declaration, which a rule set file does not have"


def _of_log(log: Any, file: str) -> Iterator[Problem]:
    """Give what the parser or the schema found wrong."""
    for entry in log:
        yield Problem(file, entry.line, entry.column, shown(entry.message, 300), "error")


class _RuleReader:
    """Reads one rule element that is valid by the schema; what its texts say wrong goes to the problems."""

    def __init__(self, element: "etree._Element", file: str, problems: list[Problem]) -> None:
        self.element, self.file, self.problems = element, file, problems
        name = element.get("Name")
        self.label = f'rule "{shown(name)}"' if name else f"the rule in line {element.sourceline}"

    def read(self) -> Rule:
        """Give the rule; one with an error is not to be used."""
        self._once()
        expression, substitution = self._rewriting()
        types = self.element.get("RequestType")
        return Rule(
            self.label,
            expression,
            substitution,
            _ON_MATCH[self.element.get("OnMatch", "break")],
            self.element.get("Replace") == "all",
            CONTEXTS if types is None else tuple(word.strip() for word in types.split(",")),
            dict(self._overrides()),
            self._addresses(),
            tuple(self._headers()),
        )

    def _problem(self, message: str, child: "etree._Element | None" = None, *, warning: bool = False) -> None:
        """Note what is wrong, at the line of a child or else of the rule."""
        element = self.element if child is None else child
        # the stubs know the type by a comment only
        line = cast("int | None", element.sourceline) or 0
        self.problems.append(Problem(self.file, line, 0, f"{self.label}: {message}", "warning" if warning else "error"))

    def _text(self, tag: str) -> str | None:
        """Give the text of an element; ``None`` where there is none."""
        child = self.element.find(tag)
        return None if child is None else child.text or ""

    def _once(self) -> None:
        for tag in _ONCE:
            for further in self.element.findall(tag)[1:]:
                self._problem(f"a second <{tag}>", further)

    def _rewriting(self) -> "tuple[regex.Pattern[str] | None, Replacement | None]":
        try:
            expression = self._expression()
        except ValueError as error:
            # what the substitution may refer to is not known
            self._problem(f"<expression>: {error}", self.element.find("expression"))
            return None, None
        try:
            return expression, self._substitution(expression)
        except ValueError as error:
            self._problem(f"<substitution>: {error}", self.element.find("substitution"))
            return expression, None

    def _expression(self) -> "regex.Pattern[str] | None":
        text = self._text("expression")
        if not text:
            return None
        if text != text.strip():
            self._problem("blanks around the expression belong to it", self.element.find("expression"), warning=True)
        return compile_java(text)

    def _substitution(self, expression: "regex.Pattern[str] | None") -> Replacement | None:
        text = self._text("substitution")
        if text is None:
            return None
        if not LINE_ENDS.isdisjoint(text):
            raise ValueError("it holds a line end, which a request cannot have; blanks around it count as well")
        if text != text.strip():
            self._problem("blanks around the substitution belong to it", self.element.find("substitution"), warning=True)
        if expression is None:
            return read_replacement(text, -1, {})
        return read_replacement(text, expression.groups, expression.groupindex)

    def _overrides(self) -> Iterator[tuple[str, Any]]:
        for name in OVERRIDES:
            text = self.element.get(name)
            if text is None:
                continue
            row = BY_NAME[name.lower()]
            try:
                value = row.empty if not text.strip() and row.inherit is Inherit.ABSENT else row.type.read(text.strip())
            except ValueError:
                self._problem(f"{name}={shown(text)}: expected {row.type.expects}")
            else:
                yield name.lower(), value

    def _addresses(self) -> tuple[Network, ...] | None:
        text = self._text("addressfilter")
        if text is None:
            return None
        filter_ = AddressFilter()
        try:
            networks = filter_.read(text)
        except ValueError:
            self._problem(f"<addressfilter>{shown(text)}: expected {filter_.expects}", self.element.find("addressfilter"))
            return None
        if not networks:
            message = "the empty <addressfilter> admits every client, whatever ClientAddressFilter says"
            self._problem(message, self.element.find("addressfilter"), warning=True)
        return networks

    def _headers(self) -> Iterator[Header]:
        for child in self.element.findall("header"):
            header = Header(child.get("Name", ""), (child.text or "").strip(), child.get("Action") == "add")
            wrong = header_problem(header, references=True)
            if wrong is not None:
                self._problem(f"<header>: {wrong}", child)
            yield header
