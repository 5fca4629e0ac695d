"""What is documented and has no effect in this version: refused by name, never a silently wrong picture.

Commands and operations say so in their rows (``built``); formats and request kinds are unbuilt where no plug has their name.
``isproxy check --unbuilt`` prints it all.
"""

from typing import TYPE_CHECKING

from proxy.errors import Unbuilt
from proxy.protocol.command import Vocabulary
from proxy.protocol.layers import Settings
from proxy.recipe.op import Op

if TYPE_CHECKING:
    from proxy.recipe.asked import Asked


def refuse(asked: "Asked", words: Vocabulary, operations: tuple[type[Op], ...]) -> None:
    """Refuse an image request that needs what has no effect yet.

    Raises:
        Unbuilt: naming it.
    """
    request = asked.request
    layers = [item.layer.settings for item in asked.layers]
    parents = (request.effects, *(item.layer.effects for item in asked.layers))
    effects = [settings for parent in parents for settings in parent.values()]
    settings = (request.settings, request.composite, request.view_ops, *layers, *effects)
    for group in settings:
        for name, values in group.values.items():
            row = words.find(name)
            if row is not None and not row.built and values not in row.harmless and name not in _idle(group, operations):
                raise Unbuilt(f"{name}=")


def _idle(settings: Settings, operations: tuple[type[Op], ...]) -> frozenset[str]:
    """The operations among some settings that would change nothing."""
    given = ((kind, settings.get(kind.name)) for kind in operations)
    return frozenset(kind.name for kind, values in given if values is not None and kind.of(values).idle)
