"""Makes every measurement and writes the page: ``python -m fidelity [PAGE] [--differences FOLDER]``.

Ends with status 1 if a limit is not kept; the page is written all the same.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from fidelity.page import page
from fidelity.programs import missing
from fidelity.rows import Row
from fidelity.studio import Studio
from fidelity.table import MEASUREMENTS

PAGE = Path(__file__).parents[1] / "docs" / "fidelity.md"
_AMPLIFIED = 8


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m fidelity", description="Measure pixels and write docs/fidelity.md.")
    parser.add_argument("page", nargs="?", type=Path, default=PAGE, help="the file that is written")
    parser.add_argument("--only", default="", help="part of the name of the measurements that are made; nothing is written")
    parser.add_argument("--differences", type=Path, help="a folder for pictures: both results and their difference, 8 times")
    options = parser.parse_args()
    chosen = [measurement for measurement in MEASUREMENTS if options.only in measurement.name]
    if lacking := missing([need for measurement in chosen for need in measurement.needs]):
        sys.exit(f"not installed: {', '.join(sorted(set(lacking)))} (`make debian` does it as root on Debian)")
    measured, broken = [], []
    with Studio() as studio:
        for measurement in chosen:
            start = time.monotonic()
            rows = list(measurement.run(studio))
            measured.append((measurement, rows))
            broken += [claim for row in rows for claim in row.broken]
            print(f"{measurement.title}: {len(rows)} rows, {time.monotonic() - start:.1f} s")  # noqa: T201  # a command's progress
            if options.differences is not None:
                _draw(options.differences, measurement.name, rows)
    if not options.only:
        options.page.write_text(page(measured), encoding="utf-8")
    for claim in broken:
        print(f"limit not kept: {claim}")  # noqa: T201  # likewise
    return 1 if broken else 0


def _draw(folder: Path, name: str, rows: list[Row]) -> None:
    """Both results of each row side by side with their difference."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(rows):
        if row.pair is None:
            continue
        ours, theirs = (np.asarray(pixels, np.float64) for pixels in row.pair)
        sheet = np.clip(np.hstack([ours, theirs, np.abs(ours - theirs) * _AMPLIFIED]), 0, 255)
        bands = 1 if sheet.ndim == 2 else min(sheet.shape[2], 3)  # noqa: PLR2004  # rows and columns; alpha is not drawn
        image = sheet if bands == 1 else sheet[..., :3]
        Image.fromarray(np.rint(image).astype(np.uint8).squeeze()).save(folder / f"{name}-{number:02d}.png")


if __name__ == "__main__":
    sys.exit(main())
