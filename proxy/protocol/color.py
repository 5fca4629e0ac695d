"""Colours in all their documented spellings (``r-is-http-color``).

Decimal gray and CMYK values are per cent, decimal RGB values and all hexadecimal ones 0 to 255. A colour keeps every component
as 0 to 255. Beyond the reference a leading ``#`` is accepted (protocol decision 19).
"""

import re
from dataclasses import dataclass
from typing import Literal

Space = Literal["gray", "rgb", "cmyk"]

OPAQUE = 255
_SUFFIX = re.compile(r"(?P<body>.*?)(?P<type>[grk]?)(?P<source>s?)\Z", re.IGNORECASE | re.DOTALL)
_HEX = re.compile(r"[0-9a-f]+\Z", re.IGNORECASE)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{0,9})?\Z")
_SPACES: dict[str, Space] = {"g": "gray", "r": "rgb", "k": "cmyk"}
_COMPONENTS = {"gray": 1, "rgb": 3, "cmyk": 4}


@dataclass(frozen=True, slots=True)
class Color:
    """A colour: 1, 3 or 4 components of 0 to 255, alpha of 0 to 255, not premultiplied.

    ``source`` says that it belongs to the input colour space (the suffix ``s``), else to the output one.
    """

    space: Space
    components: tuple[int, ...]
    alpha: int = OPAQUE
    source: bool = False

    def __str__(self) -> str:
        """Write it in its shortest hexadecimal form, with prefix and suffix where they are needed."""
        digits = "".join(f"{part:02x}" for part in self.components)
        if self.alpha != OPAQUE:
            digits += f"{self.alpha:02x}"
        prefix = "0x" if self.space == "gray" else ""
        suffix = {"gray": "g", "rgb": "", "cmyk": "k"}[self.space]
        return prefix + digits + suffix + ("s" if self.source else "")

    def rgb(self) -> tuple[int, int, int]:
        """Convert naively to RGB; R = (1 - C)(1 - K) as protocol decision 23 (24) says."""
        if self.space == "rgb":
            red, green, blue = self.components
            return red, green, blue
        if self.space == "gray":
            return self.components[0], self.components[0], self.components[0]
        *inks, black = self.components
        red, green, blue = (round((255 - ink) * (255 - black) / 255) for ink in inks)
        return red, green, blue


def read_color(text: str) -> Color:
    """Read a colour.

    Raises:
        ValueError: no documented spelling fits, or a component is out of its range.
    """
    match = _SUFFIX.match(text.strip())
    if match is None:  # the pattern takes any text
        raise ValueError(text)
    body, kind, source = match["body"].strip(), match["type"].lower(), bool(match["source"])
    space = _SPACES.get(kind)
    if "," in body:
        return _decimal([part.strip() for part in body.split(",")], space, source=source)
    prefixed = body[:2].lower() == "0x"
    hashed = body.startswith("#")
    digits = body[2:] if prefixed else body[1:] if hashed else body
    if _HEX.match(digits) and (prefixed or hashed or len(digits) in (6, 8, 10)):
        return _hexadecimal(digits, space, prefixed=prefixed, source=source)
    return _decimal([body], space, source=source)


def _hexadecimal(digits: str, space: Space | None, *, prefixed: bool, source: bool) -> Color:
    values = tuple(bytes.fromhex(digits)) if len(digits) % 2 == 0 else ()
    if space is None:
        space = "gray" if prefixed and len(values) in (1, 2) else "rgb"
    size = _COMPONENTS[space]
    if len(values) not in (size, size + 1) or (space == "gray" and not prefixed):
        raise ValueError(digits)
    return Color(space, values[:size], values[size] if len(values) > size else OPAQUE, source)


def _decimal(parts: list[str], space: Space | None, *, source: bool) -> Color:
    if space is None:
        space = "gray" if len(parts) in (1, 2) else "rgb"
    size = _COMPONENTS[space]
    if len(parts) not in (size, size + 1):
        raise ValueError(",".join(parts))
    high = 255 if space == "rgb" else 100
    values = [_component(part, high) for part in parts]
    return Color(space, tuple(values[:size]), values[size] if len(values) > size else OPAQUE, source)


def _component(text: str, high: int) -> int:
    if not _DECIMAL.match(text):
        raise ValueError(text)
    value = float(text)
    if not 0 <= value <= high:
        raise ValueError(text)
    return int(value * 255 / high + 0.5)
