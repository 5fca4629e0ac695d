"""Keeps the snapshot of a catalog folder up to date (``c-updating-image-catalogs``).

A changed attribute file or macro file has the folder read again, off to the side; the new snapshot takes the place of the old one
whole, and only if nothing in it is broken. Knows no clock and no thread: whoever owns it says when to look.
"""

from pathlib import Path

from proxy.catalog.catalogs import Catalogs
from proxy.catalog.problems import Problem
from proxy.catalog.store import load

Signature = tuple[tuple[str, int, int], ...]


class CatalogFolder:
    """The catalogs of a folder as they were last read whole."""

    def __init__(self, catalogs: Path | None, macros: Path | None) -> None:
        self._folders = (catalogs, macros)
        self._signature = self._look()
        self.current: Catalogs = load(catalogs, macros)
        self.refused: tuple[Problem, ...] = ()
        """Why the last change was not taken over; empty if it was."""
        self._told: tuple[Problem, ...] = ()

    def refresh(self) -> bool:
        """Look whether anything changed, and read it again if so; true if there is a new snapshot.

        May take long: call it in a thread. A change with errors is refused whole and looked at again when the files change
        once more.
        """
        signature = self._look()
        if signature == self._signature:
            return False
        self._signature = signature
        loaded = load(*self._folders)
        known = set(self.current.problems)
        errors = tuple(problem for problem in loaded.problems if problem.severity == "error" and problem not in known)
        if self.current.default.file and not loaded.default.file:
            # its locks and filters would be gone with it, for every catalog
            errors += (Problem(self.current.default.file, 0, 0, "the file is gone; what it said still counts", "error"),)
        self.refused = errors
        if errors:
            return False
        self.current = loaded
        return True

    def news(self) -> tuple[Problem, ...]:
        """Why the last change was refused, once."""
        told, self._told = self._told, self.refused
        return () if told == self.refused else self.refused

    def _look(self) -> Signature:
        """Name, date and size of every file whose change counts."""
        found: list[tuple[str, int, int]] = []
        for folder, suffixes in zip(self._folders, ((".ini",), (".tab", ".txt")), strict=True):
            if folder is None or not folder.is_dir():
                continue
            for path in sorted(folder.iterdir()):
                if path.suffix.lower() not in suffixes:
                    continue
                try:
                    status = path.stat()
                except FileNotFoundError:
                    # replaced just now: the next look sees what took its place
                    continue
                found.append((str(path), status.st_mtime_ns, status.st_size))
        return tuple(found)
