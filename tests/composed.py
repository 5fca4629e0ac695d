"""Requests against catalogs of a few records, read, measured and planned with originals of which only the header is there.

The catalogs are ``shop``, which a target's path selects, and whichever others a test names; what an original's header says
is looked up by its path, so that a test sees which ones were asked for.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from proxy.catalog.attributes import BY_NAME, inherited
from proxy.catalog.catalog import Catalog
from proxy.catalog.catalogs import Catalogs
from proxy.catalog.records import Record
from proxy.formats import formats
from proxy.ops import operations
from proxy.recipe.asked import SILENT, Asked, Client, Reader, ReadLimits
from proxy.recipe.client import listening
from proxy.recipe.looks import Look
from proxy.recipe.model import Header, Recipe, Source
from proxy.recipe.planner import Language, Limits, Measured, MeasuredLayer, Question, measure, plan
from proxy.vocabulary import words

T = TypeVar("T")

LANGUAGE = Language(words(), operations(), formats())
NO_LIMITS = Limits()


def catalog(root_id: str, *records: Record, **attributes: str) -> Catalog:
    """A catalog of some records; attributes are written as in an attribute file."""
    own = {name.lower(): BY_NAME[name.lower()].type.read(value) for name, value in attributes.items()}
    return Catalog(root_id, f"{root_id}.ini", inherited(own), records={record.id: record for record in records})


def catalogs(*named: Catalog) -> Catalogs:
    """A snapshot of some catalogs behind an empty default one."""
    return Catalogs(catalog(""), {one.root_id: one for one in named})


@dataclass(slots=True)
class Desk:
    """Where requests are answered: catalogs, the headers of originals by path, and the paths that were asked for."""

    catalogs: Catalogs
    headers: Mapping[str, Header]
    limits: ReadLimits = field(default_factory=ReadLimits)
    looked: list[Look] = field(default_factory=list)

    def asked(self, target: str) -> Asked:
        """Read a target."""
        return Reader(self.catalogs, LANGUAGE.words, self.limits).read(target)

    def measured(self, target: str) -> Measured:
        """Find out how large everything is."""
        return self._answer(measure(self.asked(target), LANGUAGE))

    def layer(self, target: str, number: int) -> MeasuredLayer:
        """One layer of what a target asks for, measured."""
        return next(layer for layer in self.measured(target).layers if layer.asked.layer.number == number)

    def recipe(self, target: str, limits: Limits = NO_LIMITS, client: Client = SILENT) -> Recipe:
        """Plan a target that a client asks for."""
        return self._answer(plan(listening(self.asked(target), client), LANGUAGE, limits))[0]

    def _answer(self, steps: Generator[Question, Any, T]) -> T:
        """Answer the planner's questions."""
        try:
            question = next(steps)
            while True:
                assert isinstance(question, Look), "no test here has a text or names a profile's file"
                self.looked.append(question)
                question = steps.send((Source(question.name, question.path, 1, 1), self.headers[question.path]))
        except StopIteration as done:
            outcome: T = done.value
            return outcome


def header(width: int, height: int, *, alpha: bool = False) -> Header:
    """The header of an original in RGB."""
    return Header(width, height, "rgb", alpha)
