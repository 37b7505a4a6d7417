"""What counts towards the limits on size."""

from __future__ import annotations

import pytest

from sim.scenario.behaviour import RecordedArrivals
from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Mixture,
    Triangular,
    Uniform,
)
from sim.scenario.limits import attempts, expected_calls
from sim.scenario.load import loads_scenario
from sim.scenario.model import Queue


def with_retry(body: str) -> Queue:
    return loads_scenario(
        "horizon: 1h\nagents: []\nqueues:\n  - name: a\n    arrivals: {rate: 1/min}\n"
        f"    service_time: 1s\n    retry: {{{body}}}\n"
    ).queues[0]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("probability: 50%, delay: 1s", 1.75),
        ("probability: 50%, delay: 1s, max_attempts: 1000000000", 2.0),
        ("probability: 1, delay: 0s, max_attempts: 7", 7.0),
        ("probability: 1, delay: 30min, max_attempts: 1000000000", 3.0),
        ("probability: 0, delay: 0s", 1.0),
        ("probability: 1, delay: 1s, max_attempts: 1", 1.0),
    ],
)
def test_attempts(body: str, expected: float) -> None:
    """1 + p + p^2 ..., as many as are allowed, as many as have time."""
    assert attempts(with_retry(body), 3600.0) == pytest.approx(expected)


def test_recorded_calls() -> None:
    """Those before the horizon count, each once."""
    arrivals = RecordedArrivals((0.0, 1.0, 1.0, 9.0, 10.0))
    assert expected_calls(arrivals, 9.0) == 3
    assert expected_calls(arrivals, 9.5) == 4


@pytest.mark.parametrize(
    ("found", "upper"),
    [
        (Deterministic(value_s=5.0, offset_s=1.0), 6.0),
        (Uniform(low_s=1.0, high_s=5.0), 5.0),
        (Triangular(low_s=1.0, mode_s=2.0, high_s=7.0), 7.0),
        (Empirical(values_s=(1.0, 9.0)), 9.0),
        (Exponential(scale_s=1.0), float("inf")),
        (
            Mixture(
                weights=(1.0, 0.0), parts=(Deterministic(value_s=5.0), Exponential(scale_s=1.0))
            ),
            5.0,
        ),
    ],
)
def test_upper_end_of_the_support(found: Distribution, upper: float) -> None:
    """The longest that a duration can be; parts without weight do not count."""
    assert found.upper_s == upper
