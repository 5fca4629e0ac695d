"""Property data: UserData and Targets, as lines and as names with values (``r-property-data``, ``r-userdata-cat``).

Knows nothing of what a name means, and nothing of replies.
"""

import re
from collections.abc import Mapping

_LINE_END = re.compile(r"\?\?|\r\n|\r|\n")


def lines(text: str) -> list[str]:
    """The lines of a text: each ``??`` ends one, as a line end does (protocol decision 22 (17))."""
    return _LINE_END.split(text)


def properties(text: str) -> dict[str, str] | None:
    """The properties of a text, in their order; ``None`` if it is no list of them, which no ``=`` in it tells.

    Blanks around names and values do not count. A line without ``=`` is a name with an empty value, as in Java.
    """
    if "=" not in text:
        return None
    pairs = (line.partition("=") for line in lines(text))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def property_value(found: Mapping[str, str], name: str) -> str | None:
    """The value of a property; names are not case-sensitive."""
    folded = name.strip().lower()
    return next((value for key, value in found.items() if key.lower() == folded), None)
