"""What a kind of origin offers: where an original is and which version of it, nothing of what it shows."""

from typing import Protocol

from proxy.recipe.model import Source


class Origin(Protocol):
    """A place that originals come from."""

    def open(self, path: str, name: str) -> Source | None:
        """Find the original at a path below this origin; ``None`` if there is none. May block: call it in a thread.

        ``name`` is what messages may call it.

        Raises:
            Refused: the path leads out of the origin.
        """
        ...


class ForeignOrigin(Protocol):
    """Other servers, whose originals are fetched."""

    async def open(self, url: str) -> Source | None:
        """Find the original at a URL; ``None`` if its server has none.

        Raises:
            Refused, BadSource, TimedOut: it may not or cannot be fetched.
        """
        ...

    def close(self) -> None:
        """Give up what is held."""
        ...
