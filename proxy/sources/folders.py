"""Originals in folders of this machine (``IS::RootPath``, ``r-content-data-folders``)."""

import os
import stat
from pathlib import Path

from proxy.errors import Refused
from proxy.recipe.model import Source


class Folder:
    """One folder. What lies outside it is never opened, whichever way a path or a symbolic link leads there."""

    def __init__(self, root: Path) -> None:
        self.root = os.path.realpath(root)

    def open(self, path: str, name: str) -> Source | None:
        """Find the original at a path below the folder; see ``proxy.sources._base``."""
        if "\x00" in path:
            raise Refused(f"{name}: a NUL character in the path")
        elements = path.replace("\\", "/").split("/")
        if ".." in elements:
            raise Refused(f"{name}: the path leads upwards")
        location = os.path.realpath(os.path.join(self.root, path))  # noqa: PTH118  # Path would drop a trailing slash and "."
        if location != self.root and not location.startswith(self.root + os.sep):
            raise Refused(f"{name}: the path leads out of the folder of originals")
        try:
            status = os.stat(location)  # noqa: PTH116  # one call, no object: this is on the way of every reply
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            # a name too long for the file system, a folder that may not be read: nothing that could be served
            raise Refused(f"{name}: {error.strerror or 'cannot be opened'}") from error
        if not stat.S_ISREG(status.st_mode):
            return None
        return Source(name, location, status.st_size, status.st_mtime_ns)
