"""The calls at the start: who they are, and what is left of what they brought.

Statistical tests run with fixed seeds; the error rate is 1e-4 per comparison.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.mixing import descend
from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
)
from sim.scenario.model import (
    AgentGroup,
    Initial,
    InitialBusy,
    InitialWaiting,
    PoissonArrivals,
    Queue,
    Scenario,
)
from sim.workload.initial import NONE, given_more_than, initial_calls
from sim.workload.streams import name_key, uniforms
from sim.workload.variates import quantile
from tests.workload.laws import CONTINUOUS, DISCRETE

ERROR_RATE = 1e-4
N = 4000
GENTLE = [name for name in CONTINUOUS if not name.startswith("mixture")]
"""The laws whose distribution function scipy gives at once."""
EVERY = {name: law.distribution for name, law in CONTINUOUS.items()}
EVERY |= {name: distribution for name, (distribution, _) in DISCRETE.items()}

A = Queue(
    name="a",
    arrivals=PoissonArrivals(0.1),
    service_time=Gamma(shape=2.0, scale_s=60.0),
    patience=Lognormal(mu=4.0, sigma=1.0),
    wrap_up=Exponential(scale_s=20.0),
)
B = Queue(name="b", arrivals=PoissonArrivals(0.1), service_time=Exponential(scale_s=90.0))
SCENARIO = Scenario(
    name="there already",
    horizon_s=60.0,
    queues=(A, B),
    agents=(
        AgentGroup(name="slow", count=2, speed=0.5),
        AgentGroup(name="own", count=2, service_times=((0, Deterministic(value_s=500.0)),)),
    ),
    initial=Initial(
        waiting=(InitialWaiting(1, 5.0), InitialWaiting(0, 30.0), InitialWaiting(0, 5.0)),
        busy=(InitialBusy(1, 1, 0, 30.0), InitialBusy(0, 0, 1, 5.0), InitialBusy(0, 1, 0, 200.0)),
    ),
)


def drawn(distribution: Distribution, since_s: float, n: int = N) -> np.ndarray:
    """Values given that they exceed `since_s`, at n uniforms."""
    u = uniforms(name_key(20261125, "initial", "support"), 0, n)
    return np.array([given_more_than(distribution, since_s, each) for each in u.tolist()])


@pytest.mark.parametrize("name", GENTLE)
@pytest.mark.parametrize("share", [0.0, 0.4, 0.99])
def test_what_lasted_so_long_has_the_conditional_law(name: str, share: float) -> None:
    """Claim: P(X <= x | X > s) = (F(x) - F(s)) / (1 - F(s)), by Kolmogorov and Smirnov."""
    law = CONTINUOUS[name]
    since = float(quantile(law.distribution, np.array([share]))[0]) if share else 0.0
    before = float(law.cdf(since))
    values = drawn(law.distribution, since)
    assert (values >= since).all()
    assert (
        stats.kstest(values, lambda x: (law.cdf(x) - before) / (1.0 - before)).pvalue > ERROR_RATE
    )


@pytest.mark.parametrize("since", [0.0, 100.0, 3000.0, 30_000.0])
def test_an_exponential_time_has_no_memory(since: float) -> None:
    """Claim: what remains is the quantile at the uniform, and so exponential, however long it
    has lasted (100 means too); with an offset, from there."""
    law = Exponential(scale_s=300.0)
    remaining = drawn(law, since) - since
    assert stats.kstest(remaining, stats.expon(scale=300.0).cdf).pvalue > ERROR_RATE
    u = 0.3
    alone = float(quantile(law, np.array([u]))[0])
    assert given_more_than(law, since, u) == since + alone
    assert given_more_than(replace(law, offset_s=40.0), since, u) == max(since, 40.0) + alone


def test_a_hyperexponential_time_that_lasts_is_likely_a_long_one() -> None:
    """Claim: given more than s, a part weighs p exp(-s / mean), and what remains is exponential."""
    law = Mixture(weights=(0.3, 0.7), parts=(Exponential(scale_s=200.0), Exponential(scale_s=20.0)))
    weights = np.array([0.3 * math.exp(-60.0 / 200.0), 0.7 * math.exp(-60.0 / 20.0)])
    weights /= weights.sum()

    def cdf(x: np.ndarray) -> np.ndarray:
        return 1.0 - weights[0] * np.exp(-x / 200.0) - weights[1] * np.exp(-x / 20.0)

    assert stats.kstest(drawn(law, 60.0) - 60.0, cdf).pvalue > ERROR_RATE


def test_a_constant_time_is_exact_and_cannot_be_less_than_it_has_lasted() -> None:
    """Claim: 90 s are 90 s after 60; after 90 or more nothing remains."""
    law = Deterministic(value_s=80.0, offset_s=10.0)
    for u in (2.0**-53, 0.5, 1.0 - 2.0**-53):
        found = [given_more_than(law, since, u) for since in (0.0, 60.0, 90.0, 100.0)]
        assert found == [90.0, 90.0, 90.0, 100.0]


def test_recorded_values_that_last_longer_are_equally_likely() -> None:
    """Claim: of 1, 2, 4, 8, 8 those above 2 are left, 8 twice as often as 4 (chi-square)."""
    law = Empirical(values_s=(1.0, 2.0, 4.0, 8.0, 8.0))
    values, counts = np.unique(drawn(law, 2.0), return_counts=True)
    assert values.tolist() == [4.0, 8.0]
    assert stats.chisquare(counts, [N / 3, 2 * N / 3]).pvalue > ERROR_RATE


@given(
    name=st.sampled_from(sorted(EVERY)),
    since=st.floats(0.0, 1e5),
    us=st.lists(st.integers(0, 2**52 - 1), min_size=2, max_size=5),
)
@settings(deadline=None)
def test_no_value_is_below_what_has_passed(name: str, since: float, us: list[int]) -> None:
    """Claim: finite, at least `since` for every distribution, and not falling in the uniform
    (but for mixtures, whose parts come one after the other)."""
    law = EVERY[name]
    found = [given_more_than(law, since, (j + 0.5) * 2.0**-52) for j in sorted(us)]
    assert all(math.isfinite(value) and value >= since for value in found)
    if not isinstance(law, Mixture):
        assert all(b >= a * (1.0 - 1e-12) for a, b in pairwise(found))


def test_calls_are_numbered_by_arrival_queue_and_busy_first() -> None:
    """Claim: in this order; the k-th of a queue has place -1 - k; agents are numbered through."""
    there = initial_calls(SCENARIO, 0)
    calls = there.calls
    found = zip(calls.arrival_s, calls.queue, calls.place, there.agent, strict=True)
    assert list(found) == [
        (-200.0, 0, -1, 1), (-30.0, 0, -2, 3), (-30.0, 0, -3, -1),
        (-5.0, 0, -4, -1), (-5.0, 1, -1, 0), (-5.0, 1, -2, -1),
    ]  # fmt: skip
    assert len(there) == 6
    assert initial_calls(replace(SCENARIO, initial=None), 0) is NONE


@pytest.mark.parametrize("replication", [0, 3])
def test_each_value_comes_from_the_calls_own_uniform(replication: int) -> None:
    """Claim: service, patience and wrap-up are the (conditional) quantiles at uniform k of the
    streams of calls at the start; an agent's speed and own times count for what has passed."""

    def u(purpose: str, name: str, k: int) -> float:
        key = descend(name_key(SCENARIO.seed, purpose, name), replication)
        return float(uniforms(key, k, 1)[0])

    def plain(law: Distribution, at: float) -> float:
        return float(quantile(law, np.array([at]))[0])

    calls = initial_calls(SCENARIO, replication).calls
    service = [u("initial_service", "a", k) for k in range(4)]
    talk = [u("initial_service", "b", k) for k in range(2)]
    assert A.patience is not None and A.wrap_up is not None
    assert calls.service_s.tolist() == [
        given_more_than(A.service_time, 200.0 * 0.5, service[0]),
        500.0,
        plain(A.service_time, service[2]),
        plain(A.service_time, service[3]),
        2.5 + plain(B.service_time, talk[0]),
        plain(B.service_time, talk[1]),
    ]
    assert calls.patience_s.tolist() == [
        math.inf,
        math.inf,
        given_more_than(A.patience, 30.0, u("initial_patience", "a", 2)),
        given_more_than(A.patience, 5.0, u("initial_patience", "a", 3)),
        math.inf,
        math.inf,
    ]
    wrap_ups = [plain(A.wrap_up, u("initial_wrap_up", "a", k)) for k in range(4)]
    assert calls.wrap_up_s.tolist() == [*wrap_ups, 0.0, 0.0]


def test_another_queues_calls_change_nothing() -> None:
    """Claim: without those of `b`, the calls of `a` bring the same bits."""
    assert SCENARIO.initial is not None
    fewer = Initial(
        tuple(w for w in SCENARIO.initial.waiting if w.queue == 0),
        tuple(b for b in SCENARIO.initial.busy if b.queue == 0),
    )
    whole, part = initial_calls(SCENARIO, 1), initial_calls(replace(SCENARIO, initial=fewer), 1)
    mine = whole.calls.queue == 0
    for column in ("place", "arrival_s", "service_s", "patience_s", "wrap_up_s"):
        assert getattr(part.calls, column).tobytes() == getattr(whole.calls, column)[mine].tobytes()
    assert part.agent.tolist() == whole.agent[mine].tolist()
