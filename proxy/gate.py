"""What every request passes before it is read: rule sets, address filters, locks and obfuscation.

Rules see the request as it was sent; what they make of it is checked and opened as the catalog of the *new* path says. Pages:
``c-rule-set-reference``, ``r-clientaddressfilter``, ``r-request-locking``, ``r-request-obfuscation``; protocol decision 22 (23).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from proxy.catalog.addresses import Address, require
from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.rules import NO_RULES, Header, apply
from proxy.protocol.grammar import path_elements
from proxy.protocol.seal import opened

_OPEN: Final[Mapping[str, Any]] = {"clientaddressfilter": (), "requestlock": False, "requestobfuscation": False}
"""Values of attributes that let everybody in."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may be read.

    ``overrides`` are attribute values by folded name, ``headers`` what rules add to the response. ``client`` is who asks,
    ``None`` if that is not known.
    """

    target: str
    overrides: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    headers: tuple[Header, ...] = ()
    client: Address | None = None

    @property
    def key(self) -> str:
        """What plans are remembered under: the target, and whatever else decides what is read."""
        return f"{self.target}\0{sorted(self.overrides.items())!r}" if self.overrides else self.target


def admit(target: str, client: Address | None, catalogs: Catalogs, *, static: bool = False) -> Admitted:
    """Let a target through the gate.

    Args:
        target: what follows ``/is/image/`` or ``/is/content/``, as it was sent.
        client: who asks; ``None`` if that is not known.
        catalogs: the snapshot.
        static: whether static content is asked for.

    Raises:
        Refused: a rule, an address filter or a lock keeps it out.
        BadSyntax, LimitExceeded: what rules make of it cannot be used.
    """
    path, _, query = target.partition("?")
    rewritten = apply(main_of(path, catalogs).rules or NO_RULES, path, query, client, static=static)
    main = main_of(rewritten.path, catalogs)
    attributes = {**main.attributes, **rewritten.attributes} if rewritten.attributes else main.attributes
    require(attributes["clientaddressfilter"], client, "ClientAddressFilter")
    if not static:
        query = opened(query, rewritten.query, locked=attributes["requestlock"], obfuscated=attributes["requestobfuscation"])
    else:
        query = rewritten.query
    separator = "?" if query else ""
    return Admitted(f"{rewritten.path}{separator}{query}", rewritten.attributes, rewritten.headers, client)


def rewrite(path: str, query: str, client: Address | None, catalogs: Catalogs) -> tuple[str, str]:
    """What rules make of a nested request; its lock was that of the outermost one."""
    rewritten = apply(main_of(path, catalogs).rules or NO_RULES, path, query, client, static=False)
    return rewritten.path, rewritten.query


def asks_who(catalogs: Catalogs) -> bool:
    """Whether any rule depends on the client: such rules meet nested requests too, so what is read is not everybody's."""
    return any(rule.addresses for catalog in catalogs if catalog.rules is not None for rule in catalog.rules.rules)


def trusting(catalogs: Catalogs) -> Catalogs:
    """The snapshot for requests that this program makes itself, or for somebody it has let in already.

    Nobody could have altered them on the way, so no lock is asked for, and no address either. Rules still rewrite them.
    """
    default = _trusting(catalogs.default, None)
    return replace(
        catalogs, default=default, named={name: _trusting(catalog, default) for name, catalog in catalogs.named.items()}
    )


def _trusting(catalog: Catalog, default: Catalog | None) -> Catalog:
    rules = catalog.rules
    if rules is not None:
        rules = replace(rules, rules=tuple(replace(rule, addresses=None) for rule in rules.rules))
    return replace(catalog, attributes={**catalog.attributes, **_OPEN}, default=default, rules=rules)


def overridden(catalogs: Catalogs, target: str, overrides: Mapping[str, Any]) -> Catalogs:
    """The snapshot with other attribute values in the main catalog of a target, for one request."""
    if not overrides:
        return catalogs
    main = main_of(target.partition("?")[0], catalogs)
    changed = replace(main, attributes={**main.attributes, **overrides})
    if main is catalogs.default:
        return replace(catalogs, default=changed)
    return replace(catalogs, named={**catalogs.named, main.root_id: changed})


def main_of(raw_path: str, catalogs: Catalogs) -> Catalog:
    """The main catalog of a path as it was sent."""
    return catalogs.main_of("/".join(path_elements(raw_path)))[0]
