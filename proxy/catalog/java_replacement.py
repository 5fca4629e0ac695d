r"""Replacements as Java writes them: ``$1`` and ``${name}`` for what a group captured, ``\`` for the next character as it is.

Page: ``c-rule-set-reference`` (java.util.regex). Knows nothing of expressions but how many groups there are.
"""

import re
from collections.abc import Mapping

Replacement = tuple[str | int, ...]
"""Texts, and numbers of groups whose captured text is put in."""

_REPLACED = re.compile(
    r"\\(?P<escaped>.)|\$(?:(?P<number>[0-9]+)|\{(?P<name>[A-Za-z][A-Za-z0-9]*)\})|(?P<plain>[^\\$]+)", re.DOTALL
)


def read_replacement(text: str, groups: int, names: Mapping[str, int]) -> Replacement:
    r"""Read a replacement: ``$1`` and ``${name}`` are captured groups, ``\`` takes the next character as it is.

    A number has as many digits as there are groups for. ``groups`` is -1 where there is nothing to capture.

    Raises:
        ValueError: a group that does not exist, or a dollar sign or backslash alone.
    """
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        found = _REPLACED.match(text, at)
        if found is None:
            mark = text[at]
            what = r"write \$ for a dollar sign" if mark == "$" else r"write \\ for a backslash"
            raise ValueError(f"{text[at : at + 20]}: expected $ and the number of a group; {what}")
        at = found.end()
        if found["number"]:
            number, used = _group_number(found["number"], groups)
            at -= len(found["number"]) - used
            parts.append(number)
        elif found["name"]:
            if found["name"] not in names:
                raise ValueError(f"{found.group()}: the expression has no group of this name")
            parts.append(names[found["name"]])
        else:
            parts.append(found["escaped"] or found["plain"])
    return tuple(parts)


def _group_number(digits: str, groups: int) -> tuple[int, int]:
    """The group that digits begin with, and how many of them say so."""
    number = int(digits[0])
    if number > groups:
        raise ValueError(f"${digits[0]}: the expression has no such group; write \\$ for a dollar sign")
    used = 1
    while used < len(digits) and int(digits[: used + 1]) <= groups:
        used += 1
        number = int(digits[:used])
    return number, used
