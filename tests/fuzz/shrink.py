"""Making a request that fails shorter while it still fails in the same way."""

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Final

from proxy.protocol.grammar import split_modifiers
from tests.fuzz.ask import Ask

Fails = Callable[[Ask], Awaitable[bool]]
_MOST_TRIES: Final = 150


async def shrunk(ask: Ask, fails: Fails, tries: int = _MOST_TRIES) -> Ask:
    """Take out headers, modifiers, modifiers of nested requests and arguments as long as it ``fails`` without them."""
    left = tries
    again = True
    while again:
        again = False
        for shorter in _shorter(ask):
            if left == 0:
                return ask
            left -= 1
            if await fails(shorter):
                ask, again = shorter, True
                break
    return ask


def _shorter(ask: Ask) -> Iterator[Ask]:
    """Everything a little shorter, the shortest first."""
    for name in ask.headers:
        yield replace(ask, headers={other: value for other, value in ask.headers.items() if other != name})
    path, mark, query = ask.target.partition("?")
    for shorter in _parts(query):
        yield replace(ask, target=path + mark + shorter if shorter else path)
    for start, end in _inner(query):
        for shorter in _parts(query[start:end].partition("?")[2]):
            kept = query[start:end].partition("?")[0] + ("?" + shorter if shorter else "")
            yield replace(ask, target=f"{path}?{query[:start]}{kept}{query[end:]}")
    if ask.body.startswith("{"):
        yield from _bodies(ask)


def _parts(query: str) -> Iterator[str]:
    """The query without its first half, its last half, and each of its modifiers."""
    parts = [text for _, text in split_modifiers(query)]
    if len(parts) > 3:  # fewer are taken out one by one
        middle = len(parts) // 2
        yield "&".join(parts[middle:])
        yield "&".join(parts[:middle])
    if query:
        for at in range(len(parts)):
            yield "&".join(parts[:at] + parts[at + 1 :])


def _inner(query: str) -> Iterator[tuple[int, int]]:
    """Where requests in braces begin and end."""
    open_: list[int] = []
    for at, sign in enumerate(query):
        if sign == "{":
            open_.append(at + 1)
        elif sign == "}" and open_:
            yield open_.pop(), at


def _bodies(ask: Ask) -> Iterator[Ask]:
    try:
        job = json.loads(ask.body)
    except ValueError:
        return
    if not isinstance(job, dict):
        return
    for name, value in job.items():
        yield replace(ask, body=json.dumps({other: kept for other, kept in job.items() if other != name}))
        if isinstance(value, list) and len(value) > 1:
            for at in range(len(value)):
                yield replace(ask, body=json.dumps({**job, name: value[:at] + value[at + 1 :]}))
        if isinstance(value, str):
            for shorter in _parts(value):
                yield replace(ask, body=json.dumps({**job, name: shorter}))
