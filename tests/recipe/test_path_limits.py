"""What paths may cost while a request is read and planned: bounded in points, and so in time of the processor."""

import random
import time
from dataclasses import replace

import pytest

from proxy.errors import BadValue, IsproxyError, LimitExceeded
from proxy.protocol.path import MOST_POINTS, MOST_SEGMENTS, Path, Subpath
from proxy.recipe.key import key
from proxy.recipe.model import NamedPath
from proxy.recipe.planner import Language
from proxy.render.photoshop_paths import MOST_KNOTS
from tests.given import given, planned

SECONDS = 0.5
"""Far more than planning takes (0.03), far less than it took without limits."""

PERSPECTIVE = "perspective=0,0,300,10,280,300,10,270"


def wild(curves: int) -> NamedPath:
    """A path all over the place, as no program would save it."""
    chance = random.Random(7)  # noqa: S311  # any numbers will do

    def point() -> tuple[float, float]:
        return chance.uniform(-40_000, 40_000), chance.uniform(-40_000, 40_000)

    segments = tuple((point(), point(), point()) for _ in range(curves))
    return NamedPath("p", Path((Subpath(point(), segments, closed=True),)))


def spent(request: str, path: NamedPath, language: Language) -> tuple[float, IsproxyError | None]:
    """Seconds of the processor that reading, planning and naming take, and what is said against it."""
    case = given(("image 300x300", request))
    case = replace(case, headers={name: replace(header, paths=(path,)) for name, header in case.headers.items()})
    begun = time.process_time()
    try:
        key(planned(case, language))
    except IsproxyError as error:
        return time.process_time() - begun, error
    return time.process_time() - begun, None


@pytest.mark.parametrize("curves", [MOST_KNOTS, 500])
@pytest.mark.parametrize(
    "request_",
    [
        "a?clipPathE=p",
        "a?clipXPathE=p&clipPathE=p&layer=comp&clipPathE=p&clipXPathE=p&flip=lrud",
        "a?cropPathE=p&layer=comp&cropPathE=p",
        f"a?layer=0&{PERSPECTIVE}&clipPathE=p&layer=comp&cropPathE=p&clipPathE=p",
        "a?layer=0" + "".join(f"&layer={number}&src=b&{PERSPECTIVE}&clipPathE=p" for number in range(1, 100)),
        "a?layer=0" + "".join(f"&layer={number}&src=is{{b?clipPathE=p&clipXPathE=p}}" for number in range(1, 100)),
        "a?pathEmbed=1",
    ],
)
def test_embedded_paths_are_planned_at_once(request_: str, curves: int, language: Language) -> None:
    seconds, error = spent(request_, wild(curves), language)
    assert seconds < SECONDS
    assert error is None or (isinstance(error, LimitExceeded) and f"{MOST_POINTS} points" in error.detail)


def test_a_path_of_as_many_knots_as_are_read_can_be_used(language: Language) -> None:
    for command in ("clipPathE", "cropPathE"):
        assert spent(f"a?{command}=p", wild(MOST_KNOTS), language)[1] is None


CURVE = "c1,2,3,4,5,6"


@pytest.mark.parametrize(
    "request_",
    [
        "a?$x=M0,0" + CURVE * 600 + "".join(f"&layer={number}&src=b&clipPath=M{number},0$x$" for number in range(1, 200)),
        "a?$x=" + CURVE * 600 + "".join(f"&layer={number}&src=is{{b?clipPath=M{number},0$x$}}" for number in range(1, 190)),
    ],
    ids=["many layers", "many nested requests"],
)
def test_one_path_brought_in_many_times(request_: str, language: Language) -> None:
    seconds, error = spent(request_, wild(1), language)
    assert seconds < SECONDS
    assert isinstance(error, LimitExceeded)
    assert f"{MOST_POINTS} points" in error.detail


@pytest.mark.parametrize("command", ["clipPath", "textFlowPath", "textPath"])
def test_the_parts_of_a_path_are_counted(command: str) -> None:
    assert given((f"a?{command}=M0,0{'l1,1' * (MOST_SEGMENTS - 1)}",)).asked
    with pytest.raises(BadValue, match=f"no more than {MOST_SEGMENTS}"):
        _ = given((f"a?{command}=M0,0{'l1,1' * MOST_SEGMENTS}",)).asked
