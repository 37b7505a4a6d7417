"""Estimates over replications: against scipy, the jackknife, the bootstrap, and coverage.

Statistical tests run with fixed seeds and state their error rates.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.metrics.estimates import (
    Estimate,
    estimate,
    product_of_ratios,
    ratio,
    sectioned,
    share,
    standard_deviation,
)
from sim.metrics.waits import percentiles
from sim.sums import WAIT_BINS, bin_edges, wait_bin

RNG = np.random.default_rng(20261124)


def sample(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calls, sum of waits and of their squares in n replications, strongly correlated."""
    calls = RNG.poisson(200, n).astype(float)
    waits = calls * RNG.gamma(20.0, 1.5, n)
    return calls, waits, waits**2 / calls * RNG.gamma(40.0, 0.05, n)


def jackknife(value: object, *columns: np.ndarray) -> float:
    """The jackknife's half-width: Student's t times the spread of the leave-one-out values."""
    n = columns[0].size
    kept = [np.delete(np.arange(n), i) for i in range(n)]
    values = np.array([value(*(c[rows] for c in columns)) for rows in kept])  # type: ignore[operator]
    error = math.sqrt((n - 1) / n * float(((values - values.mean()) ** 2).sum()))
    return float(stats.t.ppf(0.975, n - 1)) * error


def bootstrap(value: object, *columns: np.ndarray) -> float:
    """The same with the bootstrap's standard error, 2,000 resamples of replications."""
    n = columns[0].size
    rows = np.random.default_rng(1).integers(0, n, (2000, n))
    values = np.array([value(*(c[r] for c in columns)) for r in rows])  # type: ignore[operator]
    return float(stats.t.ppf(0.975, n - 1) * values.std(ddof=1) * math.sqrt(n / (n - 1)))


def test_a_mean_has_students_interval() -> None:
    """Claim: with a constant denominator and no skewness, and for few replications, the interval
    is scipy's t interval of the mean."""
    half = RNG.gamma(3.0, 10.0, 17)
    for values in (np.concatenate((half, 90.0 - half)), half[:9]):
        found = ratio(values, np.full(values.size, 4.0))
        low, high = stats.t.interval(
            0.95, values.size - 1, loc=values.mean() / 4, scale=stats.sem(values) / 4
        )
        assert found.value == pytest.approx(values.mean() / 4, rel=1e-14)
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12)
        assert found.half_width == pytest.approx((high - low) / 2, rel=1e-12)


def test_skewness_moves_the_ends() -> None:
    """Claim: the ends are Willink's, with scipy's skewness; the half-width stays Student's."""
    values = RNG.gamma(1.5, 10.0, 23)
    found = ratio(values, np.ones(23))
    t, error = stats.t.ppf(0.975, 22), stats.sem(values)
    a = stats.skew(values, bias=False) / (6 * math.sqrt(23))
    ends = [(np.cbrt(1 + 6 * a * (r - a)) - 1) / (2 * a) for r in (t, -t)]
    expected = (values.mean() - ends[0] * error, values.mean() - ends[1] * error)
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-9)
    assert found.half_width == pytest.approx(t * error, rel=1e-12)
    assert found.high - found.value > 1.2 * (found.value - found.low)


def test_intervals_of_skewed_days() -> None:
    """Claim: of 20 exponential values the interval holds the mean in 94 to 95.5 % of cases
    (Student's in 92 %), of 20 normal ones in 95 %.

    4,000 trials of each: 1.4 percentage points are four standard errors of a share of 95 %.
    """
    draw = np.random.default_rng(5)
    held = {"exponential": 0, "normal": 0}
    for name in held:
        for values in getattr(draw, f"standard_{name}")((4000, 20)):
            truth = 1.0 if name == "exponential" else 0.0
            found = estimate(float(values.mean()), values - values.mean())
            held[name] += found.low <= truth <= found.high
    assert 0.936 < held["exponential"] / 4000 < 0.964
    assert 0.936 < held["normal"] / 4000 < 0.964


CASES = {
    "ratio": (lambda c, w, s: ratio(w, c), lambda c, w, s: w.sum() / c.sum()),
    "standard_deviation": (
        lambda c, w, s: standard_deviation(c, w, s),
        lambda c, w, s: math.sqrt(s.sum() / c.sum() - (w.sum() / c.sum()) ** 2),
    ),
    "product_of_ratios": (
        lambda c, w, s: product_of_ratios((c, w), (np.full(c.size, 3600.0), c)),
        lambda c, w, s: c.sum() / (3600.0 * c.size) * (w.sum() / c.sum()),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_delta_method_agrees_with_jackknife_and_bootstrap(name: str) -> None:
    """Claim: over 60 replications the half-widths agree within 5 % (jackknife) and 15 %
    (bootstrap, whose own error is 2 %), and the values are the pooled ones."""
    columns = sample(60)
    ours, plain = CASES[name]
    found = ours(*columns)
    assert found.value == pytest.approx(plain(*columns), rel=1e-10)
    assert found.half_width == pytest.approx(jackknife(plain, *columns), rel=0.05)
    assert found.half_width == pytest.approx(bootstrap(plain, *columns), rel=0.15)


def test_intervals_cover_as_often_as_they_say() -> None:
    """Claim: of 4,000 95 % intervals for a ratio over 20 replications 95 % hold the true value,
    within 1.5 points (the binomial error at 1e-4 is 1.34)."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(4000):
        calls = rng.poisson(300, 20).astype(float)
        lost = rng.binomial(calls.astype(int), 0.1).astype(float)
        found = share(lost, calls)
        assert found.low is not None and found.high is not None
        held += found.low <= 0.1 <= found.high
    assert abs(held / 4000 - 0.95) < 0.015


def test_one_replication_has_no_interval() -> None:
    """Claim: a value alone, as null, null, null."""
    found = ratio(np.array([3.0]), np.array([4.0]))
    assert found.document() == {"value": 0.75, "low": None, "high": None, "half_width": None}


def test_what_cannot_be_had_is_null() -> None:
    """Claim: nothing below the line, or NaN, gives null; nothing above it gives 0."""
    none, some = np.zeros(5), np.full(5, 2.0)
    nothing = Estimate(None)
    assert ratio(some, none) == nothing
    assert share(none, none) == nothing
    assert standard_deviation(none, none, none) == nothing
    assert product_of_ratios((some, some), (some, none)) == nothing
    assert estimate(math.nan, none) == nothing
    assert sectioned(math.nan, np.full(5, math.nan)) == nothing
    assert ratio(none, some) == Estimate(0.0, 0.0, 0.0, 0.0)
    assert product_of_ratios((none, some), (some, some)).value == 0.0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=12))
def test_a_share_and_its_interval_stay_between_0_and_1(pairs: list[tuple[int, int]]) -> None:
    """Claim: 0 <= low <= value <= high <= 1, whatever the counts."""
    lost = np.array([a for a, _ in pairs], dtype=float)
    calls = lost + np.array([b for _, b in pairs], dtype=float)
    found = share(lost, calls)
    if calls.sum() == 0:
        assert found.value is None
    else:
        assert found.low is not None and found.value is not None and found.high is not None
        assert 0.0 <= found.low <= found.value <= found.high <= 1.0


def test_replications_without_calls_stay_in_the_sample() -> None:
    """Claim: a replication with nothing in it changes the interval, not the pooled value."""
    a, b = np.array([1.0, 2.0, 3.0]), np.array([10.0, 10.0, 10.0])
    with_empty = ratio(np.append(a, 0.0), np.append(b, 0.0))
    without = ratio(a, b)
    assert with_empty.value == pytest.approx(without.value)
    assert with_empty.half_width != without.half_width


def test_equal_values_have_no_spread() -> None:
    """Claim: the standard deviation of equal waits is 0, not the root of a rounding error."""
    n, wait = np.array([7.0, 11.0]), 0.1
    found = standard_deviation(n, n * wait, n * wait * wait)
    assert found.value == 0.0


@given(
    st.lists(st.floats(0.0, 1e6) | st.sampled_from((0.0, 1.0, 20.0)), min_size=1, max_size=300),
    st.integers(0, 300),
)
def test_percentiles_lie_within_a_bin_of_the_order_statistic(
    waits: list[float], at_once: int
) -> None:
    """Claim: |percentile - order statistic ceil(p n)| is at most the bin's width; waits that are
    exactly 0 give exactly 0; none exceeds the longest."""
    every = sorted([*waits, *[0.0] * at_once])
    bins = np.bincount(wait_bin(np.array(every)), minlength=WAIT_BINS)
    found = percentiles(bins, at_once, every[-1])
    for name, p in (("wait_p50_s", 0.5), ("wait_p90_s", 0.9), ("wait_p99_s", 0.99)):
        rank = math.ceil(p * len(every) - 1e-9)
        exact = every[max(rank, 1) - 1]
        width = 2.0 ** math.floor(math.log2(1.0 + exact)) / 256
        assert abs(found[name] - exact) <= width
        assert found[name] <= every[-1]
        if rank <= at_once:
            assert found[name] == 0.0


@given(st.floats(0.0, 2.0**39))
def test_a_wait_lies_in_its_bin(wait: float) -> None:
    """Claim: edges[bin] <= wait < edges[bin + 1] (in 1 + wait, as stored), and a bin is at most
    0.4 % of 1 s + wait wide."""
    place = int(wait_bin(np.array([wait]))[0])
    edges = bin_edges()
    assert edges[place] + 1.0 <= wait + 1.0 < edges[place + 1] + 1.0
    assert edges[place + 1] - edges[place] <= (1.0 + wait) / 256


def test_a_percentile_is_the_pooled_one_with_the_sections_spread() -> None:
    """Claim: sectioning is centred at the pooled value, its width Student's over the sections
    that have one."""
    sections = np.array([3.0, 4.0, math.nan, 5.0, 6.0])
    found = sectioned(4.4, sections)
    known = sections[np.isfinite(sections)]
    half = float(stats.t.ppf(0.975, 3) * stats.sem(known))
    assert found.value == 4.4
    assert found.half_width == pytest.approx(half, rel=1e-12)
    assert sectioned(4.4, sections[:1]) == Estimate(4.4)
