"""Arrival processes: exact instants, expected counts, and no dependence on how they are drawn.

Statistical tests run with fixed seeds; the error rate is 1e-4 per comparison.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.mixing import descend
from sim.scenario.distributions import Deterministic, Empirical, Gamma, Uniform
from sim.scenario.model import (
    Arrivals,
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RecordedArrivals,
    RegularArrivals,
    RenewalArrivals,
    Scenario,
)
from sim.workload import sampler
from sim.workload.arrivals import expected_calls
from sim.workload.callers import Callers
from sim.workload.streams import name_key, uniforms
from sim.workload.variates import quantile
from tests.workload.plain import plain_arrivals

ERROR_RATE = 1e-4
PROFILE = ProfileArrivals(
    interval_s=1800.0, calls=(12.0, 0.0, 55.5, 3.0, 0.0, 0.0, 80.0, 20.0, 0.0)
)
KINDS: dict[str, Arrivals] = {
    "poisson": PoissonArrivals(0.25),
    "poisson_none": PoissonArrivals(0.0),
    "renewal": RenewalArrivals(Gamma(shape=0.5, scale_s=9.0)),
    "renewal_ties": RenewalArrivals(Empirical(values_s=(0.0, 0.0, 5.0, 10.0))),
    "every": RegularArrivals(0.1),
    "at": ListedArrivals((0.0, 1.5, 1.5, 20.0, 100.0, 250.0)),
    "profile": ProfileArrivals(interval_s=30.0, calls=(2.0, 0.0, 40.0, 0.0, 0.0, 7.0)),
    "recorded": RecordedArrivals((0.0, 2.5, 2.5, 30.0, 31.0, 399.0)),
}


def of(*arrivals: Arrivals, names: tuple[str, ...] = ("support",)) -> Scenario:
    """A scenario of queues with these arrivals."""
    queues = tuple(
        Queue(name=name, arrivals=each, service_time=Deterministic(value_s=1.0))
        for name, each in zip(names, arrivals, strict=True)
    )
    return Scenario(name="arrivals", horizon_s=3e6, queues=queues, agents=())


class Stream:
    """The arrivals of one queue as the workload draws them, in steps of any length."""

    def __init__(self, scenario: Scenario, replication: int) -> None:
        keys = [name_key(scenario.seed, "arrival", q.name) for q in scenario.queues]
        streams = np.empty(len(keys), sampler.STREAM)
        sampler.descend_all(np.array(keys, np.uint64), replication, streams)
        self.callers = Callers(scenario).start(replication, streams)

    def until(self, t: float) -> np.ndarray:
        """Those before `t`, from room for a few, which has to grow."""
        return self.callers.before(t, 1.0)


def stream(arrivals: Arrivals, replication: int = 0) -> Stream:
    return Stream(of(arrivals), replication)


@pytest.mark.parametrize("kind", ["poisson", "profile", "day"])
@pytest.mark.parametrize("replication", [0, 1, 7])
def test_poisson_arrivals_are_those_of_the_plain_definition(kind: str, replication: int) -> None:
    """Claim: chunks, blocks and growing room leave every bit as a few plain lines draw it."""
    arrivals = PROFILE if kind == "day" else KINDS[kind]
    expected = plain_arrivals(of(arrivals), 0, replication, 12_345.6)
    assert expected.size > 30
    assert stream(arrivals, replication).until(12_345.6).tobytes() == expected.tobytes()


@given(
    kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=2, max_size=6),
    stops=st.lists(st.floats(0.0, 400.0), max_size=4),
)
@settings(deadline=None, max_examples=60)
def test_several_queues_are_each_as_if_alone(kinds: list[str], stops: list[float]) -> None:
    """Claim: queue by queue, whatever the others are and wherever room runs out, to the bit."""
    names = tuple(f"q{i}" for i in range(len(kinds)))
    together = Stream(of(*(KINDS[kind] for kind in kinds), names=names), 0)
    alone = [Stream(of(KINDS[k], names=(n,)), 0) for k, n in zip(kinds, names, strict=True)]
    place = np.zeros(len(kinds), np.int64)
    for t in sorted(stops):
        at, sections = together.until(t), together.callers.sections
        for q, one in enumerate(alone):
            start, n, first = sections[q].tolist()
            assert at[start : start + n].tobytes() == one.until(t).tobytes()
            assert first == place[q]
            place[q] += n
        assert sections["n"].sum() == at.size


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_any_sequence_of_until_gives_the_same_arrivals(kind: str, data: st.DataObject) -> None:
    """Claim: asked for in any steps, also at instants of arrivals, the bits are the same."""
    arrivals = KINDS[kind]
    replication = data.draw(st.integers(0, 3))
    end = data.draw(st.floats(0.0, 400.0))
    whole = stream(arrivals, replication).until(end)
    steps = st.floats(0.0, end) | (st.sampled_from(whole.tolist()) if whole.size else st.just(0.0))
    stops = sorted(data.draw(st.lists(steps, max_size=8)))
    source = stream(arrivals, replication)
    parts = [source.until(t) for t in [*stops, end]]
    for part, t in zip(parts, [*stops, end], strict=True):
        assert (part < t).all()
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    assert (np.diff(whole) >= 0).all()
    assert (whole >= 0).all()


def test_poisson_gaps_are_exponential_and_counts_are_poisson() -> None:
    """Claim: gaps by Kolmogorov and Smirnov; the count's mean and variance over 400 days.

    Error rate 1e-4 for each of the three.
    """
    rate, end, days = 0.05, 3600.0, 400
    gaps = np.diff(stream(PoissonArrivals(rate)).until(1e6))
    assert stats.kstest(gaps, stats.expon(scale=1 / rate).cdf).pvalue > ERROR_RATE
    counts = np.array([stream(PoissonArrivals(rate), r).until(end).size for r in range(days)])
    mean = rate * end
    z = stats.norm.ppf(1 - ERROR_RATE / 2)
    assert abs(counts.mean() - mean) < z * np.sqrt(mean / days)
    dispersion = ((counts - mean) ** 2).sum() / mean
    low, high = stats.chi2.ppf([ERROR_RATE / 2, 1 - ERROR_RATE / 2], days)
    assert low < dispersion < high


def test_a_rate_scales_time_and_nothing_else() -> None:
    """Claim: at twice the rate the same callers call, at half the instants, to the last bit."""
    slow = stream(PoissonArrivals(0.5)).until(1000.0)
    fast = stream(PoissonArrivals(1.0)).until(500.0)
    assert (slow / 2).tobytes() == fast.tobytes()


def test_profile_gives_its_calls_in_each_interval() -> None:
    """Claim: counts by interval over 300 days fit the profile (chi-square of the sums, and of
    their dispersion), and arrivals lie evenly within each (Kolmogorov and Smirnov)."""
    days, calls = 300, np.array(PROFILE.calls)
    edges = PROFILE.interval_s * np.arange(len(calls) + 1)
    drawn = [stream(PROFILE, r).until(np.inf) for r in range(days)]
    counts = np.array([np.histogram(a, edges)[0] for a in drawn])
    some = calls > 0
    assert (counts[:, ~some] == 0).all()
    expected = days * calls[some]
    chi2 = ((counts[:, some].sum(axis=0) - expected) ** 2 / expected).sum()
    assert chi2 < stats.chi2.ppf(1 - ERROR_RATE, some.sum())
    dispersion = ((counts[:, some] - calls[some]) ** 2 / calls[some]).sum()
    low, high = stats.chi2.ppf([ERROR_RATE / 2, 1 - ERROR_RATE / 2], days * some.sum())
    assert low < dispersion < high
    everything = np.concatenate(drawn)
    for i in np.flatnonzero(some):
        mine = everything[(everything >= edges[i]) & (everything < edges[i + 1])]
        within = stats.uniform(edges[i], PROFILE.interval_s).cdf
        assert stats.kstest(mine, within).pvalue > ERROR_RATE


def test_profile_counts_of_two_intervals_are_independent() -> None:
    """Claim: the counts of neighbouring busy intervals have no correlation; error rate 1e-4."""
    days = 400
    two = ProfileArrivals(interval_s=60.0, calls=(20.0, 30.0))
    counts = np.array(
        [np.histogram(stream(two, r).until(np.inf), (0, 60, 120))[0] for r in range(days)]
    )
    assert stats.pearsonr(counts[:, 0], counts[:, 1]).pvalue > ERROR_RATE


def test_profile_ends_with_its_last_interval() -> None:
    """Claim: nobody calls from the end of the profile on, and asking further gives nothing."""
    source = stream(ProfileArrivals(interval_s=60.0, calls=(500.0, 500.0)))
    first = source.until(60.0)
    rest = source.until(1e9)
    assert first.size > 0 and first[-1] < 60.0 <= rest[0]
    assert rest[-1] < 120.0
    assert source.until(np.inf).size == 0


def test_a_flat_profile_is_a_poisson_process() -> None:
    """Claim: a profile of one rate has the instants of `rate`, to rounding."""
    flat = stream(ProfileArrivals(interval_s=60.0, calls=(15.0,) * 20)).until(1200.0)
    poisson = stream(PoissonArrivals(0.25)).until(1200.0)
    np.testing.assert_allclose(flat, poisson, rtol=1e-12)


def test_every_and_at_are_exact() -> None:
    """Claim: the k-th call of `every` is at k * period, `at` gives its instants, to the bit."""
    assert stream(RegularArrivals(0.1)).until(100.0).tolist() == [
        0.1 * k for k in range(1, 1000) if 0.1 * k < 100.0
    ]
    assert stream(RegularArrivals(2.5)).until(10.0).tolist() == [2.5, 5.0, 7.5]
    times = (0.0, 0.0, 3.3, 7.0, 7.0, 9.9)
    for replication in range(3):
        assert stream(ListedArrivals(times), replication).until(9.9).tolist() == list(times[:-1])


@pytest.mark.parametrize("gap", [Uniform(low_s=1.0, high_s=3.0), Gamma(shape=2.0, scale_s=4.0)])
def test_renewal_arrivals_are_the_running_sum_of_their_gaps(gap: Uniform | Gamma) -> None:
    """Claim: instant k is the sum of the first k draws, added one by one, to the bit."""
    key = descend(name_key(1, "arrival", "support"), 0)
    arrivals = stream(RenewalArrivals(gap)).until(2000.0)
    total, expected = 0.0, []
    for duration in quantile(gap, uniforms(key, 0, arrivals.size)).tolist():
        total += duration
        expected.append(total)
    assert arrivals.tolist() == expected


def test_a_renewal_process_of_constant_gaps_is_regular() -> None:
    """Claim: gaps of 5 s give calls at 5, 10, 15 s."""
    constant = RenewalArrivals(Deterministic(value_s=5.0))
    assert stream(constant).until(21.0).tolist() == [5.0, 10.0, 15.0, 20.0]


@pytest.mark.parametrize("kind", KINDS)
def test_expected_calls_are_what_comes(kind: str) -> None:
    """Claim: the mean count over 300 days is within 5 standard errors of what is expected.

    For renewals the expectation is asymptotic: within 2 calls of it. Error rate below 1e-6.
    """
    arrivals = KINDS[kind]
    counts = np.array([stream(arrivals, r).until(180.0).size for r in range(300)])
    expected = expected_calls(arrivals)(0.0, 180.0)
    slack = 2.0 if isinstance(arrivals, RenewalArrivals | RegularArrivals) else 1e-9
    assert abs(counts.mean() - expected) <= 5 * counts.std() / np.sqrt(300) + slack
