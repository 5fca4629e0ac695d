"""What a worker process does: one job in, a result or an error value out. Plain frozen values travel, nothing else."""

import signal
from dataclasses import dataclass

from proxy.errors import IsproxyError
from proxy.recipe.model import Encoded, Header, Recipe, Source
from proxy.render.decode import Limits
from proxy.render.load import probe
from proxy.render.pipeline import render


def start() -> None:
    """Prepare a new worker: an interrupt from the terminal is the front's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@dataclass(frozen=True, slots=True)
class Originals:
    """How workers open originals: ``orient`` turns them upright by their EXIF tag (protocol decision 10)."""

    limits: Limits
    orient: bool = True


def render_job(recipe: Recipe, originals: Originals) -> Encoded | IsproxyError:
    """Make a rendition; an error is a value here, since raising it would print a trace for what is the request's fault."""
    try:
        return render(recipe, originals.limits, orient=originals.orient)
    except IsproxyError as error:
        return error


def probe_job(source: Source, originals: Originals) -> Header | IsproxyError:
    """Read the header of an original."""
    try:
        return probe(source.location, originals.limits, name=source.name, orient=originals.orient)
    except IsproxyError as error:
        return error
