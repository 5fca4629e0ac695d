"""What a worker process does: one job in, a result or an error value out. Plain frozen values travel, nothing else."""

import signal

from proxy.errors import IsproxyError, LimitExceeded
from proxy.recipe.colour import ProfileSeen
from proxy.recipe.model import Encoded, Header, Recipe, Source
from proxy.recipe.text import TextExtent, TextPlan
from proxy.render.load import probe
from proxy.render.pipeline import Opening, render
from proxy.render.spaces import look_at


def start() -> None:
    """Prepare a new worker: an interrupt from the terminal is the front's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def render_job(recipe: Recipe, opening: Opening) -> Encoded | IsproxyError:
    """Make a rendition; an error is a value here, since raising it would print a trace for what is the request's fault."""
    try:
        return render(recipe, opening)
    except IsproxyError as error:
        return error
    except MemoryError:
        return _too_much()


def probe_job(source: Source, opening: Opening) -> Header | IsproxyError:
    """Read the header of an original."""
    try:
        return probe(source.location, opening.limits, name=source.name, orient=opening.orient, drawing=source.drawing)
    except IsproxyError as error:
        return error
    except MemoryError:
        return _too_much()


def profile_job(source: Source, _: Opening) -> ProfileSeen | IsproxyError:
    """Read a colour profile."""
    try:
        return look_at(source.location, source.name)
    except IsproxyError as error:
        return error
    except MemoryError:
        return _too_much()


def measure_job(plan: TextPlan, _: Opening) -> TextExtent | IsproxyError:
    """Lay a text out to see how large it is."""
    from proxy.render.text import measure  # noqa: PLC0415  # most workers never see a text

    try:
        return measure(plan)
    except IsproxyError as error:
        return error
    except MemoryError:
        return _too_much()


def _too_much() -> LimitExceeded:
    return LimitExceeded("the image takes more memory than there is")
