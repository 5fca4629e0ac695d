"""The report that ends every export: what became of each asset. Knows no archive and makes no bytes but its own text."""

import json
from dataclasses import dataclass, field
from typing import Final

from proxy.export.request import ExportJob

REPORT_NAME: Final = "export-report.json"


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one asset: an entry of ``size`` bytes with its digest, or an ``error``.

    ``source`` is the original's name, ``modifiers`` what a rendition was made with, macros expanded; empty for originals.
    """

    handle: str
    source: str = ""
    modifiers: str = ""
    entry: str = ""
    size: int = 0
    sha256: str = ""
    error: str = ""

    def shown(self) -> dict[str, object]:
        """What the report tells of it."""
        told: dict[str, object] = {"handle": self.handle, "source": self.source, "modifiers": self.modifiers}
        if self.error:
            return told | {"error": self.error}
        return told | {"entry": self.entry, "bytes": self.size, "sha256": self.sha256}


@dataclass(slots=True)
class Report:
    """The lines of an export so far, in the order of its handles."""

    job: ExportJob
    lines: list[Line] = field(default_factory=list)
    exported: int = 0
    size: int = 0

    def add(self, line: Line) -> None:
        """Add what became of the next asset."""
        self.lines.append(line)
        if not line.error:
            self.exported += 1
            self.size += line.size

    @property
    def failed(self) -> int:
        """How many assets were left out."""
        return len(self.lines) - self.exported

    def text(self) -> bytes:
        """Write the report as JSON."""
        job = {"fmt": self.job.fmt, "is_modifier": self.job.modifiers, "macro": self.job.macros, "clientId": self.job.client}
        totals = {
            "assets": len(self.lines),
            "exported": self.exported,
            "failed": self.failed,
            "repeated": self.job.repeated,
            "bytes": self.size,
        }
        told = {"job": job, "assets": [line.shown() for line in self.lines], "totals": totals}
        return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"
