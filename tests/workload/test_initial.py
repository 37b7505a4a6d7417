"""Calls at the start: what they still bring, given what has passed."""

from __future__ import annotations

import numpy as np
import pytest

from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Mixture,
    Uniform,
)
from sim.scenario.load import loads_scenario
from sim.workload.initial import given_more_than, initial_calls, value_at

GRID = (np.arange(1000) + 0.5) / 1000
MIXED = Mixture(
    weights=(0.3, 0.7),
    parts=(Uniform(low_s=0.0, high_s=10.0), Mixture(
        weights=(0.5, 0.5),
        parts=(Exponential(scale_s=20.0, offset_s=3.0), Uniform(low_s=5.0, high_s=30.0)),
    )),
    offset_s=1.0,
)  # fmt: skip


def test_what_is_left_of_an_exponential_duration() -> None:
    """Claim: it is memoryless: the value at u is the time passed plus the quantile at u."""
    one = Exponential(scale_s=60.0)
    for u in (0.001, 0.3, 0.5, 0.9, 0.999):
        assert given_more_than(one, 45.0, u) == pytest.approx(45.0 + value_at(one, u), rel=1e-9)


@pytest.mark.parametrize(
    "distribution",
    [Lognormal(mu=3.0, sigma=0.8), Uniform(low_s=5.0, high_s=40.0), MIXED,
     Empirical(values_s=(1.0, 4.0, 9.0, 12.0, 30.0, 31.0, 50.0))],
)  # fmt: skip
@pytest.mark.parametrize("since", [0.0, 6.0, 12.0])
def test_the_conditional_distribution(distribution: Distribution, since: float) -> None:
    """Claim: over a grid of uniforms, the share of values beyond any x is P(X > x) / P(X > since),
    within three cells of the grids and of the spans they are cut into."""
    plain = np.array([value_at(distribution, u) for u in GRID])
    given = np.array([given_more_than(distribution, since, u) for u in GRID])
    assert np.all(given >= since)
    beyond = np.mean(plain > since)
    for x in (since + 1.5, since + 7.0, since + 15.0):
        assert np.mean(given > x) == pytest.approx(
            np.mean(plain > x) / beyond, abs=12 / (GRID.size * beyond)
        )


def test_nothing_left() -> None:
    """Claim: what must be over has just ended; what is longer stays as it is."""
    assert given_more_than(Deterministic(value_s=10.0), 10.0, 0.5) == 10.0
    assert given_more_than(Deterministic(value_s=10.0), 12.0, 0.5) == 12.0
    assert given_more_than(Deterministic(value_s=10.0), 4.0, 0.5) == 10.0
    assert given_more_than(Uniform(low_s=0.0, high_s=5.0), 7.0, 0.5) == 7.0


def test_numbers_and_places() -> None:
    """Claim: numbered by arrival, then queue, then busy before waiting, then the file's order; the
    k-th of a queue has the place -1 - k."""
    calls = initial_calls(
        loads_scenario("""
horizon: 100s
queues:
  - {name: x, arrivals: {at: [1s]}, service_time: {distribution: exponential, mean: 90s}}
  - {name: y, arrivals: {at: [1s]}, service_time: {distribution: exponential, mean: 90s}}
agents: [{name: a, count: 2}, {name: b}]
initial:
  waiting: [{queue: y, since: 3s}, {queue: x, since: 3s}, {queue: x, since: 9s},
            {queue: x, since: 3s}]
  busy: [{agent: b, queue: x, since: 3s}, {agent: "a[1]", queue: y, since: 20s}]
"""),
        0,
    )
    assert calls.calls.arrival_s.tolist() == [-20.0, -9.0, -3.0, -3.0, -3.0, -3.0]
    assert calls.calls.queue.tolist() == [1, 0, 0, 0, 0, 1]
    assert calls.calls.place.tolist() == [-1, -1, -2, -3, -4, -2]
    assert calls.agent.tolist() == [1, -1, 2, -1, -1, -1]
    assert calls.calls.service_s[0] > 20.0 and calls.calls.service_s[2] > 3.0
