"""Noise: its distribution, that it is the same every time and in every process, and what it must not touch."""

import hashlib
import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from proxy.ops.noise import Noise

SIZE = (301, 200)
GRAY = Image.new("RGB", SIZE, (128, 128, 128))


def changes(op: Noise, picture: Image.Image = GRAY) -> NDArray[np.int64]:
    after, before = (np.asarray(image, np.int64) for image in (op.apply(picture), picture))
    return after - before


@pytest.mark.parametrize("val", [1, 5, 20, 45])
@pytest.mark.parametrize("monochrome", [False, True])
def test_uniform(val: int, monochrome: bool) -> None:  # noqa: FBT001  # a column of the table
    change = changes(Noise(val, "uniform", monochrome))
    reach = val * 2.55
    assert change.mean() == pytest.approx(0, abs=reach / 100)
    assert np.abs(change).max() <= reach + 0.5
    for level in range(-math.ceil(reach), math.ceil(reach) + 1):
        share = max(min(level + 0.5, reach) - max(level - 0.5, -reach), 0) / (2 * reach)
        assert (change == level).mean() == pytest.approx(share, abs=5 * math.sqrt(share / SIZE[0] / SIZE[1]))


@pytest.mark.parametrize("val", [1, 4, 10])
@pytest.mark.parametrize("monochrome", [False, True])
def test_gaussian(val: int, monochrome: bool) -> None:  # noqa: FBT001  # a column of the table
    change = changes(Noise(val, "gaussian", monochrome))
    deviation = val * 2.55
    assert change.mean() == pytest.approx(0, abs=deviation / 100)
    assert change.std() == pytest.approx(math.sqrt(deviation**2 + 1 / 12), rel=0.02)
    for reach in (1, 2, 3):
        levels = math.floor(reach * deviation)
        expected = math.erf((levels + 0.5) / deviation / math.sqrt(2))
        assert (np.abs(change) <= levels).mean() == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("distribution", ["uniform", "gaussian"])
def test_components_neighbours_and_rows_have_nothing_in_common(distribution: str) -> None:
    change = changes(Noise(15, distribution)).astype(float)
    pairs = [(change[..., one], change[..., two]) for one, two in itertools.combinations(range(3), 2)]
    pairs += [(change[:, :-lag], change[:, lag:]) for lag in (1, 2, 3, 4, 8)]
    pairs += [(change[:-lag], change[lag:]) for lag in (1, 2, 4)]
    for one, two in pairs:
        assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("distribution", ["uniform", "gaussian"])
def test_monochrome_is_gray(distribution: str) -> None:
    change = changes(Noise(40, distribution, monochrome=True))
    assert (change == change[..., :1]).all()
    colored = Image.new("RGB", SIZE, (90, 128, 170))
    change = changes(Noise(10, "uniform", monochrome=True), colored)
    assert (change == change[..., :1]).all()


def test_gray_pictures_have_but_one_component() -> None:
    gray = GRAY.convert("L")
    mono, color = (Noise(30, "gaussian", monochrome=flag).apply(gray) for flag in (True, False))
    assert mono.tobytes() == color.tobytes()
    assert mono.mode == "L"


def test_noise_is_cut_off_at_the_ends() -> None:
    for value, low, high in ((0, 0, 255), (255, 0, 255)):
        levels = np.asarray(Noise(100, "gaussian").apply(Image.new("L", SIZE, value)))
        assert (levels.min(), levels.max()) == (low, high)
        assert (levels == value).mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("op", [Noise(40), Noise(40, "gaussian"), Noise(7, "uniform", monochrome=True)], ids=str)
def test_alpha_neither_changes_nor_counts(op: Noise) -> None:
    alpha = Image.frombytes("L", SIZE, np.random.default_rng(8).bytes(SIZE[0] * SIZE[1]))
    picture = GRAY.copy()
    picture.putalpha(alpha)
    result = op.apply(picture)
    assert result.getchannel("A").tobytes() == alpha.tobytes()
    assert result.convert("RGB").tobytes() == op.apply(GRAY).tobytes()


def test_arguments_and_size_decide() -> None:
    ops = [Noise(val, kind, mono) for val in (20, 21) for kind in ("uniform", "gaussian") for mono in (False, True)]
    patterns = [changes(op) > 0 for op in ops] + [changes(ops[0], GRAY.transpose(Image.Transpose.ROTATE_90)).swapaxes(0, 1) > 0]
    for one, two in itertools.combinations(patterns, 2):
        assert (one == two).mean() < 0.6


DIGEST = """
import hashlib
from PIL import Image
from proxy.ops.noise import Noise
for kind in ("uniform", "gaussian"):
    print(hashlib.sha256(Noise(40, kind).apply(Image.new("RGB", (301, 200), (128, 128, 128))).tobytes()).hexdigest())
"""


def test_every_process_makes_the_same() -> None:
    here = [hashlib.sha256(Noise(40, kind).apply(GRAY).tobytes()).hexdigest() for kind in ("uniform", "gaussian")]
    again = [hashlib.sha256(Noise(40, kind).apply(GRAY).tobytes()).hexdigest() for kind in ("uniform", "gaussian")]
    there = subprocess.run([sys.executable, "-c", DIGEST], check=True, capture_output=True, text=True)  # noqa: S603  # the text above
    assert here == again == there.stdout.split()
