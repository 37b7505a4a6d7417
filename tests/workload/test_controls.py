"""Controls: what callers bring, less what is exactly to be expected."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sim.scenario.distributions import Exponential, Gamma, Lognormal, Uniform
from sim.scenario.model import (
    AgentGroup,
    Arrivals,
    Busyness,
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RecordedArrivals,
    RegularArrivals,
    RenewalArrivals,
    Scenario,
)
from sim.workload.calls import Workload
from sim.workload.controls import CALLS, WORK, caller_controls

HOUR_S = 3600.0
RANDOM: dict[str, Arrivals] = {
    "poisson": PoissonArrivals(0.01),
    "busy": PoissonArrivals(0.01, Busyness(0.3, False)),
    "profile": ProfileArrivals(HOUR_S, (20.0, 0.0, 40.0, 9.0), (1.0, 1.0, 2.0, 0.5)),
    "renewal": RenewalArrivals(Gamma(shape=3.0, scale_s=30.0)),
}
LAWS = (Exponential(scale_s=100.0), Lognormal(mu=4.0, sigma=1.0), Uniform(low_s=5.0, high_s=90.0))


def scenario(arrivals: dict[str, Arrivals], replications: int) -> Scenario:
    """A queue for each, over 3.5 hours."""
    queues = tuple(
        Queue(name, each, LAWS[i % len(LAWS)]) for i, (name, each) in enumerate(arrivals.items())
    )
    return Scenario(
        "controls", 3.5 * HOUR_S, queues, (AgentGroup("team"),), replications=replications
    )


def test_their_expectation_is_zero() -> None:
    """Claim: calls and work of every random kind of arrivals average to nothing. Of 8 means over
    4,000 replications (7 that vary) none is more than 4 standard errors off: an error rate of 5e-4
    together."""
    found = caller_controls(scenario(RANDOM, 4000))
    assert found.shape == (4000, 4, 2)
    for q, name in enumerate(RANDOM):
        for kind in (CALLS, WORK):
            column = found[:, q, kind]
            if (name, kind) == ("renewal", CALLS):
                assert not column.any()
                continue
            assert abs(column.mean()) < 4.0 * column.std() / np.sqrt(4000), (name, kind)
            assert column.std() > 0.0


def test_they_are_what_the_callers_bring() -> None:
    """Claim: the difference between two replications is that of their calls and of the sums of
    their services, added up one by one."""
    model = scenario(RANDOM, 3)
    found, brought = caller_controls(model), np.zeros((3, 4, 2))
    workload = Workload(model)
    for r in range(3):
        for block in workload.blocks(r):
            for queue, service in zip(block.queue, block.service_s, strict=True):
                brought[r, queue] += 1.0, service
    expected = brought[1:] - brought[:-1]
    q = list(RANDOM).index("renewal")
    expected[:, q, WORK] -= expected[:, q, CALLS] * model.queues[q].service_time.mean_s
    expected[:, q, CALLS] = 0.0
    assert found[1:] - found[:-1] == pytest.approx(expected, abs=1e-6)


def test_parts_of_the_replications_are_those_of_the_whole() -> None:
    """Claim: any range has the rows of all of them, to the last bit."""
    model = scenario(RANDOM, 5)
    found = caller_controls(model)
    assert np.array_equal(caller_controls(model, 1, 3), found[1:3])
    assert np.array_equal(caller_controls(model, 3), found[3:])
    assert caller_controls(model, 4, 9).shape == (5, 4, 2)


def test_what_is_given_is_as_expected() -> None:
    """Claim: arrivals that are the same in all replications have none too many, and recorded
    services none too long; what a recording lacks is expected by its law."""
    times = (10.0, 20.0, 30.0, 4 * HOUR_S)
    given = {
        "regular": RegularArrivals(60.0),
        "listed": ListedArrivals(times),
        "recorded": RecordedArrivals(times, (5.0, 7.0, 9.0, 11.0), None),
        "partly": RecordedArrivals(times, (5.0, float("nan"), 9.0, 11.0), None),
    }
    model = scenario(given, 500)
    queues = [dataclasses.replace(q, service_time=Exponential(scale_s=100.0)) for q in model.queues]
    found = caller_controls(dataclasses.replace(model, queues=tuple(queues)))
    assert not found[:, :, CALLS].any()
    assert found[:, 2, WORK] == pytest.approx(0.0, abs=1e-9)
    missing = found[:, 3, WORK] + 100.0
    assert missing.min() > 0.0 and abs(missing.mean() - 100.0) < 4 * 100.0 / np.sqrt(500)
