"""Locales: which ids are tried and which strings are taken for the locale of a request.

Pages: ``r-locale``, ``r-object-id-translation``, ``r-text-string-localization``, ``r-localemap``, ``r-localestrmap``,
``r-defaultlocale``; protocol decision 22 (20). The maps of the request's main catalog count for everything it names, nested
requests included. Knows nothing of how objects are found beyond trying ids, and nothing of replies.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from proxy.catalog.catalog import Catalog
from proxy.catalog.datatypes import LocaleRule
from proxy.errors import BadValue
from proxy.protocol.grammar import decode
from proxy.protocol.tree import Setting, Tree

Found = TypeVar("Found")

AS_IS: Final = ("",)
"""The one empty suffix: an id stands for itself. As ids of strings: the default string."""


@dataclass(frozen=True, slots=True)
class Localization:
    """What a locale means in one main catalog.

    Attributes:
        suffixes: What is appended to an id, in the order of trying.
        strings: Ids of the strings to take, the first that is there; the empty one is the default string. ``None`` where
            strings are not localized, tokens and all.
    """

    suffixes: tuple[str, ...] = AS_IS
    strings: tuple[str, ...] | None = None


def locale_of(tree: Tree) -> str | None:
    """Give the last locale that a tree without macro calls and references asks for; ``None`` for none or an empty one.

    A request has to be asked before its record's Modifier is: the locale decides which record that is.
    """
    values = (decode(node.value).strip() for node in tree if isinstance(node, Setting) and node.name.lower() == "locale")
    return next((value for value in reversed(tuple(values)) if value), None)


def localization(main: Catalog, asked: str | None) -> Localization:
    """Work out what ``locale=`` means where ``main`` is the main catalog; ``asked`` is ``None`` without that command.

    Looked for are the rule of the locale, in any case, then the rule for unknown ones, then that of DefaultLocale. Where there
    is none of them, ids are refused and strings are the default ones; but if no locale is named at all, ids stand for
    themselves. A catalog without LocaleMap leaves ids alone, one without LocaleStrMap strings.

    Raises:
        BadValue: LocaleMap has no rule for the locale.
    """
    default = main.text("DefaultLocale").strip()
    named = (asked or "").strip()
    id_rules, string_rules = _rules(main.attribute("LocaleMap")), _rules(main.attribute("LocaleStrMap"))
    suffixes = _rule(id_rules, named or default, default) if id_rules else AS_IS
    if suffixes is None and (named or default):
        known = ", ".join(id_rules)
        raise BadValue("locale" if named else "attribute::DefaultLocale", named or default, f"a locale of LocaleMap: {known}")
    strings = (_rule(string_rules, named or default, default) or AS_IS) if string_rules else None
    return Localization(suffixes or AS_IS, strings)


_Rules = dict[str, tuple[str, ...]]


def _rules(rules: Sequence[LocaleRule]) -> _Rules:
    """The first rule of each locale. One that names nothing to try leaves things as they are."""
    found: _Rules = {}
    for rule in rules:
        found.setdefault(rule.locale, rule.targets or AS_IS)
    return found


def _rule(rules: _Rules, locale: str, default: str) -> tuple[str, ...] | None:
    if not (locale.isascii() and locale.isprintable()):
        # no locale is written so: it is unknown, whatever the map says
        locale = ""
    return next((rules[name] for name in (locale.lower(), "", default.lower()) if name in rules), None)


def translated(id_: str, suffixes: Sequence[str], find: Callable[[str], Found | None]) -> Found | None:
    """Find an object by its id with each of the suffixes in turn; ``find`` gives ``None`` for an id that does not exist."""
    return next((found for suffix in suffixes if (found := find(id_ + suffix)) is not None), None)


def translations(main: Catalog, id_: str) -> tuple[str, ...]:
    """Give the ids that exist, here or in the default catalog, of all that LocaleMap may make of one (``r-xlate``).

    The id itself comes first if a rule leads to it, the others in the order of the map.
    """
    rules = _rules(main.attribute("LocaleMap"))
    suffixes = dict.fromkeys(suffix for rule in rules.values() for suffix in rule) or AS_IS
    ids = (id_ + suffix for suffix in sorted(suffixes, key=bool))
    return tuple(id_ for id_ in ids if id_ and main.record(id_) is not None)


_TOKEN = re.compile(r"(?:\^|%5[Ee])loc(?:=|%3[Dd])((?:(?!%5[Ee])[\x00-\x5d\x5f-\x7f])*)(?:\^|%5[Ee])")


def localized(text: str, ids: Sequence[str] | None) -> str:
    """Choose among the strings of one element: ``[default] *("^loc=" id "^" string)``, the token HTTP-encoded or not.

    A text without tokens stays as it is; one whose strings have none of the ids becomes empty.
    """
    default, *marked = _TOKEN.split(text)
    if ids is None or not marked:
        return text
    strings = dict(zip(reversed(marked[0::2]), reversed(marked[1::2]), strict=True))
    if default:
        strings[""] = default
    return next((strings[id_] for id_ in ids if id_ in strings), "")


_SEPARATOR = re.compile(r"([,;:{}()])")
_COLOR = re.compile(r"0x[0-9A-Fa-f]{6}")


def localized_image_set(text: str, ids: Sequence[str] | None) -> str:
    """Localize ``catalog::ImageSet``: every element between its separators, behind the colour that it may begin with."""
    return "".join(_behind(_COLOR, element, ids) for element in _SEPARATOR.split(text))


_LINE_END = re.compile(r"(\?\?|\r\n|\r|\n)")
# a name has no ^ and no %: what stands before the = of a token is none
_PROPERTY = re.compile(r"[^=^%]*=")
_LABEL = re.compile(r"\s*target\.[^=^%]*\.(?:label|userdata)\s*=", re.IGNORECASE)


def localized_user_data(text: str, ids: Sequence[str] | None) -> str:
    """Localize ``catalog::UserData``: the value of every property. What is no property stays as it is."""
    return "".join(_behind(_PROPERTY, line, ids) if _PROPERTY.match(line) else line for line in _LINE_END.split(text))


def localized_targets(text: str, ids: Sequence[str] | None) -> str:
    """Localize ``catalog::Targets``: the values of labels and user data."""
    return "".join(_behind(_LABEL, line, ids) if _LABEL.match(line) else line for line in _LINE_END.split(text))


def _behind(start: re.Pattern[str], text: str, ids: Sequence[str] | None) -> str:
    """Localize what follows the start of a text."""
    match = start.match(text)
    at = match.end() if match else 0
    return text[:at] + localized(text[at:], ids)


_ATTRIBUTE = re.compile(r"""(?<![^\s"'<>/=])(?P<name>[^\s"'<>/=]+)(?P<is>\s*=\s*)(?P<value>"[^"]*"|'[^']*')""")
_GEOMETRY = ("coords", "shape")


def localized_map(text: str, ids: Sequence[str] | None) -> str:
    """Localize ``catalog::Map``: every quoted value of an attribute other than COORDS and SHAPE."""
    return _ATTRIBUTE.sub(lambda match: _localized_attribute(match, ids), text)


def _localized_attribute(match: re.Match[str], ids: Sequence[str] | None) -> str:
    if match["name"].lower() in _GEOMETRY:
        return match.group()
    mark, inner = match["value"][0], match["value"][1:-1]
    return f"{match['name']}{match['is']}{mark}{localized(inner, ids)}{mark}"
