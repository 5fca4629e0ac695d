"""What is wrong in a catalog file, and where. Knows nothing of what the files mean."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to tell whoever keeps the catalogs.

    ``file`` is relative to its folder; ``line`` and ``column`` count characters from 1 and are 0 where the whole file is meant.
    An error costs a file or a catalog, a warning one value or one row.
    """

    file: str
    line: int
    column: int
    message: str
    severity: Severity = "warning"

    def __str__(self) -> str:
        """Write it as compilers do: ``shop.ini:3:8: warning: …``."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{place}: {self.severity}: {self.message}"


def shown(text: str, longest: int = 80) -> str:
    """Shorten a value for a message."""
    text = text.replace("\n", "⏎")
    return text if len(text) <= longest else text[:longest] + "…"
