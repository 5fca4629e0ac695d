"""The conformance suite against a real server: what passed once passes for ever, and what fails lacks what it is said to lack."""

from pathlib import Path

import pytest

from tests.conformance_status import Outcome, by_topic, read, run, served, table

BLESS = "look at it, then `make bless`"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    with served(tmp_path_factory.mktemp("conformance")) as address:
        return run(address)


def test_conformance(outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]) -> None:
    status = read()
    listed = {id_: lacks for topic in status.values() for id_, lacks in topic.failing.items()}
    failing = {outcome.id: outcome for outcome in outcomes if outcome.wrong is not None}
    with capsys.disabled():
        print(f"\n{table(by_topic(outcomes))}")  # noqa: T201  # the figure is what this test is for
    broken = [f"{id_}: {outcome.wrong}" for id_, outcome in failing.items() if id_ not in listed]
    assert not broken, f"{len(broken)} cases that passed fail now:\n" + "\n".join(broken)
    bugs = [f"{id_}: {outcome.wrong}" for id_, outcome in failing.items() if outcome.lacks is None]
    assert not bugs, "these fail, and not for want of something that is not built:\n" + "\n".join(bugs)
    risen = sorted(set(listed) - set(failing))
    assert not risen, f"{len(risen)} cases pass now: take them out of status.json ({BLESS}):\n" + "\n".join(risen)
    other = [f"{id_}: {outcome.lacks}, not {listed[id_]}" for id_, outcome in failing.items() if outcome.lacks != listed[id_]]
    assert not other, f"these lack something else than is listed ({BLESS}):\n" + "\n".join(other)
    assert {name: topic.total for name, topic in by_topic(outcomes).items()} == {
        name: topic.total for name, topic in status.items()
    }


def test_every_case_was_run(outcomes: list[Outcome]) -> None:
    ids = [outcome.id for outcome in outcomes]
    assert len(ids) == len(set(ids)) > 1000
    cases = Path(__file__).parent / "conformance/cases"
    assert {outcome.topic for outcome in outcomes} == {file.stem for file in cases.glob("*.json")}


@pytest.mark.parametrize(
    ("id_", "wrong", "lacks"),
    [
        (
            "layers-a",
            "status: expected 200, got 501 ('Not built yet: layer= with a number above 0 is documented, but …')",
            "layer= with a number above 0",
        ),
        ("masks-a", "got 501 ('Not built yet: catalog::MaskPath (of conf/masked) is documented, but …')", "catalog::MaskPath"),
        ("rules-a", "headers: expected X-Conformance: conf, got absent", None),
        ("errors-a", "status: expected 403, got 501 ('Not built yet')", None),
        ("view-a", "size: expected [100, 100], got [99, 100]", None),
        ("view-a", "status: expected 200, got 500 ('The image could not be made')", None),
        ("layers-a", "reply: expected a reply, got ConnectionResetError", None),
    ],
)
def test_a_failure_is_a_gap_only_where_something_is_missing(id_: str, wrong: str, lacks: str | None) -> None:
    assert Outcome("topic", id_, wrong).lacks == lacks
