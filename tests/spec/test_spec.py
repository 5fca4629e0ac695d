"""Requests as they are understood: the cases are in the ``.md`` files beside."""

from collections.abc import Iterator, Mapping

from proxy.errors import IsproxyError
from proxy.protocol.command import Vocabulary
from proxy.protocol.layers import Settings
from proxy.recipe.asked import Asked, Content
from tests.casefiles import Case, Judge
from tests.given import given


def test_request(case: Case, judge: Judge, words: Vocabulary) -> None:
    judge(case, understood(case.given, words))


def understood(lines: tuple[str, ...], words: Vocabulary) -> str:
    """What request and view say, then everybody else; what is ignored and why. Or the error."""
    try:
        asked = given(lines).asked
    except IsproxyError as error:
        return f"{type(error).__name__}: {error.detail}"
    return "\n".join(_told(asked, words)) or "(nothing)"


def _told(asked: Asked, words: Vocabulary) -> Iterator[str]:
    request = asked.request
    yield from _settings(request.settings, words, "")
    for name, settings in (("composite", request.composite), ("view", request.view_ops)):
        if settings.values:
            yield name
            yield from _settings(settings, words, "  ")
    yield from _effects(request.effects, words, "")
    for item in asked.layers:
        layer = item.layer
        names = "".join(f", {name}" for name in layer.names)
        image = f": {item.image.path}" if item.image is not None and item.image.path else ""
        if image or names or layer.settings.values or layer.effects or layer.number:
            yield f"layer {layer.number}{names}{image}"
        yield from _settings(layer.settings, words, "  ")
        yield from _effects(layer.effects, words, "  ")
        yield from _content("picture", item.content if item.image is None else None, words)
        yield from _content("mask", item.mask, words)
    if request.ignored:
        yield "ignored"
        yield from (f"  {item.text}: {item.reason}" for item in request.ignored)


def _content(what: str, content: Content | None, words: Vocabulary) -> Iterator[str]:
    """What is no image that the layer's own line names: a mask, another server's image, a nested request."""
    if content is not None:
        yield f"  {what}: {content.path}" if content.nested is None else f"  {what}"
        if content.nested is not None:
            yield from (f"    {line}" for line in _told(content.nested, words))


def _settings(settings: Settings, words: Vocabulary, pad: str) -> Iterator[str]:
    for name, values in settings.values.items():
        row = words.find(name)
        assert row is not None
        value = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in row.write(values))
        yield f"{pad}{name}={value}"


def _effects(effects: Mapping[int, Settings], words: Vocabulary, pad: str) -> Iterator[str]:
    for number, settings in effects.items():
        yield f"{pad}effect {number}"
        yield from _settings(settings, words, pad + "  ")
