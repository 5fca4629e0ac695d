"""Which version of a package others' results come from."""

from functools import cache
from importlib.metadata import version

_NAMES = {
    "scipy": "SciPy",
    "opencv-python-headless": "OpenCV",
    "scikit-image": "scikit-image",
    "numpy": "NumPy",
    "pillow": "Pillow",
}


@cache
def package(name: str) -> str:
    """Name and version, such as ``SciPy 1.17``: the patch level does not change pixels."""
    return f"{_NAMES.get(name, name)} {'.'.join(version(name).split('.')[:2])}"
