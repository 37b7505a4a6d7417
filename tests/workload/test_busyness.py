"""Busy and quiet days: the factors, the counts of days, and nothing else that changes.

Statistical tests run with fixed seeds; the error rate is 1e-4 per comparison.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.mixing import descend
from sim.scenario.distributions import Deterministic
from sim.scenario.model import Busyness, PoissonArrivals, ProfileArrivals, Queue, Scenario
from sim.theory.day_to_day import count_law
from sim.workload.busyness import Factors, stretches
from sim.workload.calls import Workload
from sim.workload.streams import name_key, uniforms
from tests.workload.plain import plain_arrivals

DAY_S = 86400.0
ERROR_RATE = 1e-4
Z = float(stats.norm.ppf(1 - ERROR_RATE / 2))
PER_DAY = PoissonArrivals(40.0 / DAY_S)
LONG = ProfileArrivals(interval_s=0.7 * DAY_S, calls=(30.0, 0.0, 50.0, 20.0))
HOURS = ProfileArrivals(interval_s=3600.0, calls=tuple(1.0 + i % 7 for i in range(60)))
WAYS = {"rate": PER_DAY, "long intervals": LONG, "hours": HOURS}

Way = PoissonArrivals | ProfileArrivals


def busy(way: Way, cv: float, *, shared: bool = False) -> Way:
    return replace(way, busyness=Busyness(cv, shared))


def of(*arrivals: Way, days: float = 2.0) -> Scenario:
    queues = tuple(
        Queue(name=f"q{i}", arrivals=each, service_time=Deterministic(value_s=1.0))
        for i, each in enumerate(arrivals)
    )
    return Scenario(name="days", horizon_s=days * DAY_S, queues=queues, agents=())


def arrivals_of(scenario: Scenario, replication: int, q: int = 0) -> np.ndarray:
    blocks = Workload(scenario).blocks(replication)
    return np.concatenate([np.empty(0), *(b.arrival_s[b.queue == q] for b in blocks)])


def counts(scenario: Scenario, replications: int) -> np.ndarray:
    """The calls of each queue on each of two days, shape (replications, queues, 2)."""
    workload = Workload(scenario)
    found = np.zeros((replications, len(scenario.queues), 2))
    for r in range(replications):
        for block in workload.blocks(r):
            np.add.at(found[r], (block.queue, (block.arrival_s // DAY_S).astype(int)), 1)
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cv", [0.15, 1.0, 3.0])
def test_arrivals_are_those_of_the_plain_definition(way: str, cv: float) -> None:
    """Claim: also where an interval of the profile spans two days, to rounding."""
    scenario = of(busy(WAYS[way], cv), days=2.5)
    for replication in range(5):
        found = arrivals_of(scenario, replication)
        expected = plain_arrivals(scenario, 0, replication, 2.5 * DAY_S)
        np.testing.assert_allclose(found, expected, rtol=1e-9)


@given(
    way=st.sampled_from(sorted(WAYS)),
    cv=st.sampled_from([0.2, 3.0]),
    replication=st.integers(0, 5),
    stops=st.lists(st.floats(0.0, 3 * DAY_S) | st.sampled_from([DAY_S, 2 * DAY_S]), max_size=5),
)
@settings(deadline=None, max_examples=60)
def test_an_earlier_horizon_changes_no_call_before_it(
    way: str, cv: float, replication: int, stops: list[float]
) -> None:
    """Claim: also one at a day's end, to the bit."""
    whole = arrivals_of(of(busy(WAYS[way], cv), days=3.0), replication)
    for stop in stops:
        part = arrivals_of(of(busy(WAYS[way], cv), days=stop / DAY_S), replication)
        assert part.tobytes() == whole[: part.size].tobytes()
        assert part.size == np.searchsorted(whole, stop / DAY_S * DAY_S)


def test_a_day_counts_negative_binomially_and_two_days_are_independent() -> None:
    """Claim: the counts of 3,000 x 2 days have the law of Jongbloed and Koole 2001 (chi-square),
    its mean and variance; the counts of one replication's two days are not correlated.

    The variance's band is z sqrt((m4 - v^2) / n), m4 the law's fourth central moment.
    """
    cv, mean, replications = 0.3, 40.0, 3000
    found = counts(of(busy(PER_DAY, cv)), replications)[:, 0]
    every, n = found.ravel(), found.size
    k = np.arange(400)
    law = count_law(k, mean, cv)
    variance, fourth = (float(law @ (k - mean) ** p) for p in (2, 4))
    assert variance == pytest.approx(mean + (cv * mean) ** 2, rel=1e-9)
    assert abs(every.mean() - mean) < Z * np.sqrt(variance / n)
    assert abs(np.mean((every - mean) ** 2) - variance) < Z * np.sqrt((fourth - variance**2) / n)
    edges = [0, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 70, 80, 400]
    chances = np.add.reduceat(law, edges[:-1])
    drawn = np.histogram(every, edges)[0]
    assert stats.chisquare(drawn, n * chances / chances.sum()).pvalue > ERROR_RATE
    assert stats.pearsonr(found[:, 0], found[:, 1]).pvalue > ERROR_RATE


def test_a_profile_keeps_its_shape() -> None:
    """Claim: given how many call on a day, they are spread over it as the profile says."""
    profile = ProfileArrivals(interval_s=DAY_S / 8, calls=(1.0, 2.0, 8.0, 6.0, 0.0, 9.0, 4.0, 2.0))
    scenario = of(busy(profile, 1.0), days=1.0)
    calls = np.concatenate([arrivals_of(scenario, r) for r in range(800)])
    drawn = np.bincount((calls // profile.interval_s).astype(int), minlength=8)
    shares = np.array(profile.calls) / sum(profile.calls)
    assert drawn[4] == 0
    some = shares > 0
    assert stats.chisquare(drawn[some], drawn.sum() * shares[some]).pvalue > ERROR_RATE


def test_the_days_uniform_does_not_depend_on_the_cv() -> None:
    """Claim: the factor is the gamma quantile, of any cv, at uniform d of the stream of the queue;
    of the name "", which no queue has, for queues that share it."""
    cvs = [0.05, 0.3, 1.0, 3.0]
    own = Factors(7, [("q", Busyness(cv)) for cv in cvs], 5).of(2)
    shared = Factors(7, [(f"q{cv}", Busyness(cv, True)) for cv in cvs], 5).of(2)
    for found, name in ((own, "q"), (shared, "")):
        u = uniforms(descend(name_key(7, "busyness", name), 2), 0, 5)
        for cv, factors in zip(cvs, found.reshape(len(cvs), 5), strict=True):
            law = stats.gamma(1 / cv**2, scale=cv**2)
            np.testing.assert_allclose(law.cdf(factors), u, rtol=1e-9)


def test_shared_days_are_busy_for_all_who_share_them() -> None:
    """Claim: two queues that share their days and a cv have the same factors; a third has others.

    By the covariance of the counts of 1,500 days: cv^2 m^2 for those that share, else 0.
    """
    cv, mean, n = 0.5, 40.0, 1500
    shared = busy(PER_DAY, cv, shared=True)
    assert len(set(Factors(1, [(q, Busyness(cv, True)) for q in "ab"], 1).of(9).tolist())) == 1
    a, b, other = counts(of(shared, shared, busy(PER_DAY, cv), days=1.0), n)[:, :, 0].T
    # Var of the product (A - m)(B - m), from the conditional moments given the factor's g:
    # E[(m g + (m (g-1))^2)^2] - (cv m)^4 with the gamma law's moments.
    g = stats.gamma(1 / cv**2, scale=cv**2)
    squares = g.expect(lambda x: (mean * x + (mean * (x - 1)) ** 2) ** 2)
    covariance = (cv * mean) ** 2
    band = Z * np.sqrt((squares - covariance**2) / n)
    assert band < 0.3 * covariance
    assert abs(np.mean((a - mean) * (b - mean)) - covariance) < band
    assert stats.spearmanr(a, other).pvalue > ERROR_RATE


def test_another_queues_busyness_changes_no_caller() -> None:
    """Claim: a queue without busyness has the same bits beside a busy one or a calm one."""
    calm = of(PER_DAY, HOURS)
    beside = of(PER_DAY, busy(HOURS, 0.4))
    for replication in range(3):
        found, expected = (arrivals_of(s, replication, 0) for s in (beside, calm))
        assert found.tobytes() == expected.tobytes()
    assert arrivals_of(beside, 0, 1).tobytes() != arrivals_of(calm, 0, 1).tobytes()


@pytest.mark.parametrize("way", WAYS)
def test_hardly_any_busyness_is_hardly_a_change(way: str) -> None:
    """Claim: at a cv of 1e-6 the callers are the same, each within 5e-5 of when they came.

    A uniform is never farther out than 8.3 standard deviations, so a factor is within 9e-6 of 1;
    it moves an instant by at most five times as much, in an hour after much busier ones.
    """
    for cv in (1e-6, 1e-18, 1e-300):
        calm, found = (arrivals_of(of(w), 4) for w in (WAYS[way], busy(WAYS[way], cv)))
        n = min(calm.size, found.size)
        assert abs(calm.size - found.size) <= 1
        np.testing.assert_allclose(found[:n], calm[:n], rtol=5e-5)


def test_extreme_days() -> None:
    """Claim: at a cv of 3 the mean is kept; where the rate is 0 nobody calls, and no error.

    At a cv of 3 half of the days have a factor below 0.0012; of 1e8 none has one above 0.
    """
    cv, mean, n = 3.0, 40.0, 4000
    found = counts(of(busy(PER_DAY, cv), days=1.0), n)[:, 0, 0]
    assert abs(found.mean() - mean) < Z * np.sqrt((mean + (cv * mean) ** 2) / n)
    assert np.mean(found == 0) > 0.5
    for way in WAYS.values():
        assert arrivals_of(of(busy(way, 1e8)), 0).size == 0
        assert arrivals_of(of(busy(way, 40.0)), 0).size >= 0


def test_stretches_end_with_the_days() -> None:
    """Claim: an interval over a day's end is cut there, its calls in proportion; others are not."""
    cut = stretches(LONG, DAY_S)
    np.testing.assert_allclose(np.array(cut.edges_s) / DAY_S, [0, 0.7, 1, 1.4, 2, 2.1, 2.8])
    np.testing.assert_allclose(cut.calls, [30, 0, 0, 50 * 6 / 7, 50 / 7, 20], rtol=1e-12)
    assert cut.days == [0, 0, 1, 1, 2, 2]
    whole = stretches(PER_DAY, 2.1 * DAY_S)
    assert (whole.edges_s, whole.calls) == ([0.0, DAY_S, 2 * DAY_S, 3 * DAY_S], [40.0] * 3)
