"""The pages of docs/examples: requests, each followed by the picture that the server makes of it.

    python -m tests.example_pages          have a server make all pictures anew

A request stands in a block of its own and may be broken before any `?` or `&`; the line behind it shows the picture, whose file
is named after what it is::

    ```url
    /is/image/samples/coffee
      ?wid=300
    ```

    ![what to see](name.jpg)
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.serving import Server, serving

PROJECT = Path(__file__).parents[1]
FOLDER = PROJECT / "docs" / "examples"
_EXAMPLE = re.compile(r"^```url\n(?P<target>[^`]+)```\n\n!\[(?P<seen>[^\]]+)\]\((?P<file>[^)/]+)\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """A request of a page and the file of its picture. ``seen`` says what is to be seen."""

    page: str
    target: str
    file: str
    seen: str


def examples() -> tuple[Example, ...]:
    """Every example, page by page."""
    return tuple(
        Example(page.name, "".join(line.strip() for line in found["target"].splitlines()), found["file"], found["seen"])
        for page in sorted(FOLDER.glob("*.md"))
        for found in _EXAMPLE.finditer(page.read_text(encoding="utf-8"))
    )


@contextmanager
def samples_served() -> Iterator[Server]:
    """A server of the sample catalog, as ``make serve`` starts it but for its port."""
    content = {
        "images": [PROJECT / "samples" / "images"],
        "catalogs": PROJECT / "samples" / "catalogs",
        "macros": PROJECT / "macros",
    }
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), {"content": content}) as server:
        yield server


def main() -> None:
    """Write every picture."""
    with samples_served() as server:
        for example in examples():
            reply = server.ask(example.target)
            if reply.status != 200:  # not a picture
                raise SystemExit(f"{example.page}: {example.target}\n{reply.status} {reply.text}")
            (FOLDER / example.file).write_bytes(reply.body)


if __name__ == "__main__":
    main()
