"""The limits of every measurement that is quick enough; ``make fidelity`` makes the others as well and writes the page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fidelity.programs import missing
from fidelity.rows import Measurement
from fidelity.studio import Studio
from fidelity.table import MEASUREMENTS

PAGE = Path(__file__).parents[2] / "docs" / "fidelity.md"


@pytest.fixture(scope="module", name="studio")
def _studio() -> Iterator[Studio]:
    with Studio() as open_studio:
        yield open_studio


@pytest.mark.parametrize("measurement", [each for each in MEASUREMENTS if not each.slow], ids=lambda each: each.name)
def test_limits_are_kept(measurement: Measurement[Studio], studio: Studio) -> None:
    if lacking := missing(measurement.needs):
        pytest.skip(f"{', '.join(lacking)} not installed (`make debian` does it as root on Debian)")
    rows = list(measurement.run(studio))
    assert rows
    assert all(row.figures for row in rows)
    assert [claim for row in rows for claim in row.broken] == []


def test_the_page_has_every_measurement() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [each.title for each in MEASUREMENTS], "run `make fidelity`"
    assert all(each.reading in text for each in MEASUREMENTS), "run `make fidelity`"
    assert len({each.name for each in MEASUREMENTS}) == len(MEASUREMENTS)
