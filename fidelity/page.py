"""``docs/fidelity.md``: every measurement with what it says and a table of its rows. Knows no pictures."""

from collections.abc import Iterable, Mapping
from typing import Any

from fidelity.rows import Measurement, Row

_OPENING = """# Fidelity

What the server makes, held against independent implementations of the same. Every reply here came over the server's one path:
a request was read, planned, rendered in a worker process and encoded as PNG. `make fidelity` measures and writes this page;
`make test` holds the limits, which stand behind the figures in parentheses.

* **max** and **mean** are differences in levels of 255. Where there is alpha, colours are multiplied by it: what is not seen
  does not count.
* **PSNR** is in decibels: 50 is what rounding to whole levels leaves of equal pictures, 40 cannot be told apart side by side.
* **SSIM** is 1 for equal pictures and falls with structure that is elsewhere or missing.
* The pictures are small ones made of those in `samples/` (`fidelity/studio.py`).
"""


def page(measured: Iterable[tuple[Measurement[Any], list[Row]]]) -> str:
    """The page as Markdown."""
    return "\n".join([_OPENING, *(_section(measurement, rows) for measurement, rows in measured)])


def _section(measurement: Measurement[Any], rows: list[Row]) -> str:
    """The rows of one measurement; who it is held against stands above the table where that is the same for all."""
    against = {row.against for row in rows}
    shown: Mapping[str, str] = {"what": "what", "picture": "on", "figures": "figures"}
    if len(against) > 1:
        shown = {"what": "what", "against": "against", "picture": "on", "figures": "figures"}
    lines = [
        f"## {measurement.title}\n",
        f"{measurement.reading}\n",
        *([f"Against: {against.pop()}.\n"] if len(against) == 1 else []),
        f"| {' | '.join(shown.values())} |",
        f"|{' --- |' * len(shown)}",
        *(f"| {' | '.join(_cell(row, name) for name in shown)} |" for row in rows),
        "",
    ]
    return "\n".join(lines)


def _cell(row: Row, name: str) -> str:
    value = getattr(row, name)
    text = "; ".join(map(str, value)) if name == "figures" else str(value)
    return text.replace("|", "\\|")
