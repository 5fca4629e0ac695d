"""Rules that requests go through before anything else reads them (``c-rule-set-reference``, ``r-rule-rule``).

What is matched and rewritten is the request as it was sent: the path behind ``/is/image/`` or ``/is/content/`` and, if there is
one, a question mark and the query. Nothing is decoded before. Where the reference leaves a choice:

* The whole match is replaced, with captured parts by number (example B of the page), as java.util.regex does it.
* Without an expression the substitution goes to the end of the request; a ``&`` or ``?`` at its start becomes the one that
  the request needs there.
* Without RequestType a rule applies in all contexts: a rule that refuses had better apply too often.
* The client has to pass the address filter of every rule that matches.
* A rule set that cannot be used refuses every request of its catalog; it never lets one through.

Knows nothing of files, of HTTP and of what commands mean.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from proxy.catalog.addresses import Address, require
from proxy.catalog.datatypes import Network
from proxy.catalog.java_regex import LINE_ENDS
from proxy.catalog.java_replacement import Replacement
from proxy.errors import BadSyntax, LimitExceeded, Refused
from proxy.protocol.expand import definitions
from proxy.protocol.grammar import decode
from proxy.protocol.parser import parse

if TYPE_CHECKING:
    import regex

OnMatch = Literal["break", "continue", "error"]

SECONDS: Final = 0.25
"""Processor time that all expressions together may take for one request."""

LONGEST_REQUEST: Final = 100_000
"""Characters that rules may make of a request."""

CONTEXTS: Final = ("is", "ir", "static")
"""Kinds of requests that RequestType names; ``ir`` is known and never asked for."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_REFERENCE = re.compile(r"\$([^$\s]+)\$")

FRAMING: Final = frozenset(
    (
        *(
            "connection",
            "content-encoding",
            "content-length",
            "content-range",
            "date",
            "host",
            "keep-alive",
            "proxy-authenticate",
        ),
        *("proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
    )
)
"""Headers that say how a reply is put on the wire; no rule may touch them."""


@dataclass(frozen=True, slots=True)
class Header:
    """A response header: ``add`` appends to a value that is there, else it is replaced (``r-header-rule``)."""

    name: str
    value: str
    add: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, ready for use.

    Attributes:
        label: How messages call it: ``rule "its name"`` or ``the rule in line 7``.
        expression: ``None`` where every request matches.
        substitution: ``None`` where nothing is rewritten.
        on_match: What happens once it has matched.
        replace_all: Whether every match is replaced, or the first one.
        contexts: Those of ``CONTEXTS`` in which it applies.
        overrides: Values of catalog attributes for this request, by name in lower case.
        addresses: Clients that may ask; ``None`` where the rule says nothing of them, empty where all may.
        headers: Response headers, in their order; variables are not yet replaced.
    """

    label: str
    expression: "regex.Pattern[str] | None" = None
    substitution: Replacement | None = None
    on_match: OnMatch = "break"
    replace_all: bool = False
    contexts: tuple[str, ...] = CONTEXTS
    overrides: Mapping[str, Any] = field(default_factory=dict)
    addresses: tuple[Network, ...] | None = None
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of a catalog in their order; none where it has no RuleSetFile. An unusable one refuses everything."""

    rules: tuple[Rule, ...] = ()
    usable: bool = True


NO_RULES: Final = RuleSet()
UNUSABLE: Final = RuleSet(usable=False)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What rules made of a request.

    Attributes:
        path: The raw path.
        query: The raw query, without its question mark.
        attributes: Values that stand in for those of the catalog, by name in lower case and of the attributes' types. A rule
            with an address filter, which has been applied, sets ``clientaddressfilter`` (``r-clientaddressfilter``).
        headers: Response headers in the order they apply; ``filled`` replaces their variables.
    """

    path: str
    query: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[Header, ...] = ()


def apply(rules: RuleSet, path: str, query: str, client: Address | None, *, static: bool) -> Rewritten:
    """Put a request through the rules of its main catalog.

    Args:
        rules: The rule set of the catalog that the path selects as it was sent.
        path: The raw path behind ``/is/image/`` or ``/is/content/``.
        query: The raw query, without its question mark; with its lock and obfuscated, if it is.
        client: Who asks; ``None`` if that is not known, which every address filter refuses.
        static: Whether it was sent to ``/is/content/``.

    Raises:
        Refused: a rule says so, its address filter does, or the rule set cannot be used.
        LimitExceeded: the expressions take too long, or the substitutions make too long a request.
        BadSyntax: a line end in the request.
    """
    if not rules.usable:
        raise Refused("the rule set of this catalog cannot be used, so none of its requests is answered")
    context = "static" if static else "is"
    applicable = [rule for rule in rules.rules if context in rule.contexts]
    if not applicable:
        return Rewritten(path, query)
    sent = text = f"{path}?{query}" if query else path
    if not LINE_ENDS.isdisjoint(text):
        raise BadSyntax("a line end in the request")
    attributes: dict[str, Any] = {}
    headers: list[Header] = []
    deadline = time.thread_time() + SECONDS
    for rule in applicable:
        spans = list(_matches(rule, text, deadline))
        if not spans:
            continue
        if rule.addresses is not None:
            require(rule.addresses, client, rule.label)
            attributes["clientaddressfilter"] = rule.addresses
        if rule.on_match == "error":
            raise Refused(f"{rule.label} refuses this request")
        text = _substituted(rule, text, spans)
        attributes |= rule.overrides
        headers += rule.headers
        if rule.on_match == "break":
            break
    if text != sent:
        path, _, query = text.partition("?")
    return Rewritten(path, query, attributes, tuple(headers))


def filled(headers: tuple[Header, ...], path: str, query: str) -> tuple[Header, ...]:
    """Replace the variables in the names and values of headers by those that a request defines.

    A reference without a definition stays as it is (``r-is-http-substitution-variables``).

    Args:
        headers: What ``apply`` gave.
        path: The raw path of the request, for ``$object$``.
        query: Its raw query, deobfuscated.

    Raises:
        BadSyntax: a name or value that HTTP does not allow, or a header that no rule may touch.
        LimitExceeded: the query cannot be read.
    """
    if not any("$" in header.name + header.value for header in headers):
        return headers
    raw = definitions(parse(query), path)
    variables = {name: decode(value) for name, value in raw.items()}
    made = tuple(Header(_filled(item.name, variables), _filled(item.value, variables), item.add) for item in headers)
    for header in made:
        wrong = header_problem(header)
        if wrong is not None:
            raise BadSyntax(f"a rule makes a response header of the request: {wrong}")
    return made


def merged(current: Mapping[str, str], headers: tuple[Header, ...]) -> dict[str, str]:
    """Give the headers of a response with those of rules set or added; letter case of names does not count."""
    result = dict(current)
    names = {name.lower(): name for name in result}
    for header in headers:
        name = names.setdefault(header.name.lower(), header.name)
        result[name] = f"{result[name]}, {header.value}" if header.add and result.get(name) else header.value
    return result


def header_problem(header: Header, *, references: bool = False) -> str | None:
    """Say what is wrong with a header: nothing that could end it or begin another may be in it.

    With ``references`` the name may hold variables that are yet to be replaced.
    """
    if not _TOKEN.fullmatch(header.name):
        return "a name is made of letters, digits and any of !#$%&'*+-.^_`|~"
    if header.name.lower() in FRAMING and not (references and _REFERENCE.search(header.name)):
        return f"{header.name} says how a reply is sent, and no rule may touch it"
    if not _VALUE.fullmatch(header.value):
        return f"the value of {header.name} holds a character that is not printable ASCII"
    return None


def _matches(rule: Rule, text: str, deadline: float) -> "Iterator[regex.Match[str] | None]":
    """Give the matches to replace; a single ``None`` for a rule without an expression, which always matches.

    Behind an empty match the search goes on one character further, as in java.util.regex.
    """
    if rule.expression is None:
        yield None
        return
    at = 0
    while at <= len(text):
        found = _searched(rule.expression, text, at, deadline, rule.label)
        if found is None:
            return
        yield found
        if not rule.replace_all or rule.substitution is None:
            return
        at = found.end() + (found.end() == found.start())


def _searched(expression: "regex.Pattern[str]", text: str, at: int, deadline: float, label: str) -> "regex.Match[str] | None":
    left = deadline - time.thread_time()
    if left > 0:
        with suppress(TimeoutError):
            return expression.search(text, at, timeout=left)
    raise LimitExceeded(f"{label}: expressions take more than {SECONDS} seconds for this request; its own is the last of them")


def _substituted(rule: Rule, text: str, matches: "list[regex.Match[str] | None]") -> str:
    if rule.substitution is None:
        return text
    parts: list[str] = []
    at = length = 0
    for found in matches:
        if found is None:
            # nothing is replaced: all of it stays, and the replacement is joined to it
            parts.append(_joined(text, _replacement(rule.substitution, None)))
            at = len(text)
        else:
            parts += (text[at : found.start()], _replacement(rule.substitution, found))
            at = found.end()
            length += len(parts[-2]) + len(parts[-1])
        if length > LONGEST_REQUEST:
            break
    result = "".join(parts) + text[at:]
    if len(result) > LONGEST_REQUEST:
        raise LimitExceeded(f"{rule.label} makes a request of more than {LONGEST_REQUEST} characters")
    return result


def _joined(text: str, addition: str) -> str:
    """Put something at the end of a request; what is clearly query is joined by the separator that is needed there."""
    if addition[:1] in ("&", "?"):
        return f"{text}{'&' if '?' in text else '?'}{addition[1:]}"
    return text + addition


def _replacement(parts: Replacement, found: "regex.Match[str] | None") -> str:
    return "".join(part if isinstance(part, str) else (found and found[part]) or "" for part in parts)


def _filled(text: str, variables: Mapping[str, str]) -> str:
    parts: list[str] = []
    at = 0
    while found := _REFERENCE.search(text, at):
        value = variables.get(found[1].lower())
        # the closing sign of what is no reference may open one
        end = found.end() - 1 if value is None else found.end()
        parts += (text[at : found.start()], text[found.start() : end] if value is None else value)
        at = end
    return "".join(parts) + text[at:]
