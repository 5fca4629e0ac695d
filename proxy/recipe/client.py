"""What a client tells of itself, and which requests listen to it (``r-bfc``, ``r-dpr``, ``r-network``).

A request that listens to nothing has the same reply for everybody. One that does keeps what it was told in ``Asked.client``, and
nothing that it does not listen to: equal replies have equal recipes, whoever asks. Without a client, as in exports and warming,
it is answered as if nothing had been told. Free of HTTP.
"""

from dataclasses import replace
from enum import Enum
from typing import Final

from proxy.recipe.asked import SILENT, Asked, Client

CONVERTED: Final = ("jpeg", "pjpeg", "png", "png-alpha")
"""Words of ``fmt=`` that ``bfc=`` counts for."""


class Topic(Enum):
    """Something that a request listens to."""

    FORMATS = "formats"
    NETWORK = "network"
    RATIO = "ratio"


def topics(asked: Asked) -> tuple[Topic, ...]:
    """What a request listens to. ``attribute::Bfc`` is the default of ``bfc=``."""
    settings = asked.request.settings
    word = (settings.get("fmt") or ("jpeg",))[0]
    converts = settings.one("bfc", bool)
    if converts is None:
        converts = asked.main.flag("Bfc")
    ratio = settings.get("dpr")
    listens = {
        Topic.FORMATS: converts and word in CONVERTED,
        Topic.NETWORK: bool(settings.one("network", bool)),
        Topic.RATIO: ratio is not None and ratio[0] and ratio[1] is None,
    }
    return tuple(topic for topic, does in listens.items() if does)


def told(client: Client, about: tuple[Topic, ...]) -> Client:
    """What a client says of some topics, as if it had said nothing else."""
    return replace(SILENT, **{topic.value: getattr(client, topic.value) for topic in about})


def listening(asked: Asked, client: Client) -> Asked:
    """The request with what it hears; unchanged if it listens to nothing."""
    about = topics(asked)
    # a plan of it is not remembered: the same target has others
    return replace(asked, client=told(client, about), key="") if about else asked
