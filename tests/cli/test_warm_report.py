import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.cli.warm_report import Latencies, Tally, progress_line, report


@given(st.lists(st.floats(min_value=1e-4, max_value=1e4), min_size=1), st.floats(min_value=0, max_value=1))
def test_a_quantile_is_that_of_the_sorted_durations_to_one_percent(seconds: list[float], share: float) -> None:
    latencies = Latencies()
    for duration in seconds:
        latencies.add(duration)
    index = max(1, -int(-(share * len(seconds)) // 1)) - 1
    found = latencies.quantile(share)
    assert found is not None
    assert found == pytest.approx(sorted(seconds)[index], rel=0.0101)


def test_durations_beyond_the_counters_are_kept_at_the_ends() -> None:
    latencies = Latencies()
    assert latencies.quantile(0.5) is None
    latencies.add(0)
    assert latencies.quantile(1) == pytest.approx(1e-4, rel=0.02)
    latencies.add(1e9)
    assert latencies.quantile(1) == pytest.approx(4e4, rel=0.1)


def test_the_report_says_what_became_of_everything() -> None:
    tally = Tally()
    for number in range(3):
        tally.count(1_500_000, 0.02, hit=number == 0)
    tally.retries = 2
    for number in range(7):
        tally.fail(f"/is/image/{number}", "HTTP 403" if number else "timeout", "no")
    lines = report(tally, interrupted=False).splitlines()
    assert lines[:5] == [
        "requests      10 (2 retries)",
        "made          2",
        "already there 1",
        "failed        7 (HTTP 403: 6, timeout: 1)",
        "bytes         4.3 MiB",
    ]
    assert lines[6] == "latency       p50 20 ms, p95 20 ms"
    assert lines[7] == "first failures"
    assert lines[8:] == [f"  /is/image/{number}  no" for number in range(5)]
    assert progress_line(tally).startswith("10 requests, 2 made, 1 already there, 7 failed, ")


def test_the_report_of_nothing() -> None:
    lines = report(Tally(), interrupted=True).splitlines()
    assert lines[0] == "interrupted"
    assert lines[-1] == "latency       p50 -, p95 -"
    assert "bytes         0 bytes" in lines
