"""What all tests share: case files and their blessing, the words of the language."""

from pathlib import Path

import hypothesis
import pytest

from proxy.formats import formats
from proxy.ops import operations
from proxy.protocol.command import Vocabulary
from proxy.recipe.planner import Language
from proxy.vocabulary import words as all_words
from tests.casefiles import Judge, read_cases

_JUDGE = pytest.StashKey[Judge]()

# how long an example takes says how busy the machine is, not whether a property holds
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite the expectations of case files; see `make bless`")


def pytest_configure(config: pytest.Config) -> None:
    bless = bool(config.getoption("--bless"))
    if bless and config.getoption("numprocesses", None):
        raise pytest.UsageError("--bless writes files: run it in one process")
    config.stash[_JUDGE] = Judge(bless=bless)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes a ``case`` gets those of the case files in its folder."""
    files = sorted(Path(str(metafunc.module.__file__)).parent.glob("*.md"))
    if files and "case" in metafunc.fixturenames:
        cases = [case for file in files for case in read_cases(file)]
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])


def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.stash[_JUDGE].write()


@pytest.fixture(scope="session")
def judge(request: pytest.FixtureRequest) -> Judge:
    """Compares what came out with what a case expects."""
    return request.config.stash[_JUDGE]


@pytest.fixture(scope="session")
def words() -> Vocabulary:
    """The words of the language."""
    return all_words()


@pytest.fixture(scope="session")
def language() -> Language:
    """Words, operations and formats, as the service has them."""
    return Language(all_words(), operations(), formats())
