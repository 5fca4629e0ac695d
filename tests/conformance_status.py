"""What the conformance suite says of this server, and what it said when ``conformance/status.json`` was written.

    python -m tests.conformance_status          write the status anew

The status may only rise: a case that is not listed as failing must pass, and one that is listed must be listed for what is
really missing. That is taken from the server's own words where it says 501; a case that fails in any other way is never accepted,
so that a bug cannot be written down as a gap.
"""

import importlib.util
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.serving import serving

SUITE = Path(__file__).parent / "conformance"
STATUS = SUITE / "status.json"
MACROS = Path(__file__).parents[1] / "macros"
_SIDE_BY_SIDE = 4
_NOT_BUILT = re.compile(r"Not built yet: (.+?)(?: \([^)]*\))? is documented")


@dataclass(slots=True)
class Topic:
    """How a topic fares: how many cases it has, and what the failing ones lack, by id."""

    total: int = 0
    failing: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> int:
        """How many cases pass."""
        return self.total - len(self.failing)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case: ``wrong`` is what the runner says of it, ``None`` if it passes."""

    topic: str
    id: str
    wrong: str | None

    @property
    def lacks(self) -> str | None:
        """What is missing for it; ``None`` if nothing is known to be, which makes its failure a bug."""
        said = _NOT_BUILT.search(self.wrong or "")
        return said[1] if said is not None else None


def runner() -> Any:
    """The suite's own runner, which is a script and no module of a package."""
    spec = importlib.util.spec_from_file_location("conformance_run", SUITE / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A server set up as the suite's README says, with the macros that are shipped; its address."""
    content = {"images": [SUITE / "images"], "static": [SUITE / "images/static"], "catalogs": SUITE / "catalog", "macros": MACROS}
    with serving(folder, {"content": content}) as server:
        yield f"http://127.0.0.1:{server.port}"


def run(address: str) -> list[Outcome]:
    """Run every case of every topic."""
    suite = runner()

    def outcome(loaded: tuple[str, dict[str, Any] | None, str | None]) -> Outcome:
        topic, case, unreadable = loaded
        if case is None or unreadable is not None:
            return Outcome(topic, "?", unreadable)
        # one client a case, so that its connection can be closed with it
        client = suite.Client(address, 60)
        try:
            return Outcome(topic, case["id"], suite.run_case(client, case))
        finally:
            client.forget()

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        return list(pool.map(outcome, suite.load([SUITE / "cases"], [])))


def by_topic(outcomes: list[Outcome]) -> dict[str, Topic]:
    """Count outcomes by topic."""
    topics: dict[str, Topic] = {}
    for outcome in outcomes:
        topic = topics.setdefault(outcome.topic, Topic())
        topic.total += 1
        if outcome.wrong is not None:
            topic.failing[outcome.id] = outcome.lacks or "?"
    return topics


def table(topics: Mapping[str, Topic]) -> str:
    """The figure of each topic, and that of all."""
    lines = [f"{name:18} {topic.passed:4} of {topic.total:4}" for name, topic in topics.items()]
    passed, total = sum(topic.passed for topic in topics.values()), sum(topic.total for topic in topics.values())
    return "\n".join([*lines, f"{'all':18} {passed:4} of {total:4}"])


def read() -> dict[str, Topic]:
    """The status that was written down."""
    stored = json.loads(STATUS.read_text())
    topics = {name: Topic(entry["total"], entry["failing"]) for name, entry in stored.items()}
    for name, entry in stored.items():
        if entry["passed"] != topics[name].passed:
            raise ValueError(
                f"{name}: {entry['passed']} passed of {entry['total']} is not what {len(entry['failing'])} failures make"
            )
    return topics


def write(topics: Mapping[str, Topic]) -> None:
    """Write the status down."""
    stored = {
        name: {"passed": topic.passed, "total": topic.total, "failing": dict(sorted(topic.failing.items()))}
        for name, topic in sorted(topics.items())
    }
    STATUS.write_text(json.dumps(stored, indent=1) + "\n")


def main() -> int:
    """Run the suite and write the status; 1 if a case fails without anything being missing."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address:
        outcomes = run(address)
    bugs = [outcome for outcome in outcomes if outcome.wrong is not None and outcome.lacks is None]
    for bug in bugs:
        sys.stderr.write(f"{bug.topic}/{bug.id} fails, and nothing is missing for it: {bug.wrong}\n")
    topics = by_topic(outcomes)
    sys.stdout.write(table(topics) + "\n")
    if bugs:
        sys.stderr.write("the status was not written\n")
        return 1
    write(topics)
    return 0


if __name__ == "__main__":
    sys.exit(main())
