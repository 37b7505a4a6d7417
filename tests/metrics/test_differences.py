"""Paired differences: against plain loops, the jackknife and numpy's covariance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.metrics.differences import (
    does_not_vary,
    excludes_zero,
    paired_difference,
    variance_ratio,
)
from sim.metrics.estimates import Estimate, ratio, sectioned, share


def pairs(n: int) -> tuple[np.ndarray, ...]:
    """Lost calls and calls of two variants in n replications; the days are the same."""
    rng = np.random.default_rng(7)
    day = rng.gamma(10.0, 0.1, n)
    calls = rng.poisson(300 * day).astype(float)
    lost_a = rng.binomial(calls.astype(int), np.minimum(0.15 * day, 1.0)).astype(float)
    lost_b = np.floor(0.8 * lost_a)
    return lost_a, calls, lost_b, calls + rng.poisson(3, n)


def test_a_difference_is_the_plain_one() -> None:
    """Claim: value and half-width are those of a loop over the replications, to 1e-12."""
    a, m, b, n = pairs(15)
    found = paired_difference(share(a, m), share(b, n))
    value_a, value_b = sum(a) / sum(m), sum(b) / sum(n)
    squares = 0.0
    for x, y, z, w in zip(a, m, b, n, strict=True):
        u = (x - value_a * y) / (sum(m) / 15)
        v = (z - value_b * w) / (sum(n) / 15)
        squares += (v - u) ** 2
    half = float(stats.t.ppf(0.975, 14)) * math.sqrt(squares / (15 * 14))
    assert found.value == pytest.approx(value_b - value_a, rel=1e-12)
    assert found.half_width == pytest.approx(half, rel=1e-12)
    assert found.low is not None and found.high is not None
    assert found.low < found.value < found.high
    # Moved by the skewness, of which there is little.
    assert (found.low, found.high) == pytest.approx(
        (found.value - half, found.value + half), abs=half / 10
    )


def test_the_jackknife_agrees() -> None:
    """Claim: over 80 replications the half-width is the jackknife's within 5 %."""
    a, m, b, n = pairs(80)
    kept = [np.delete(np.arange(80), i) for i in range(80)]
    values = np.array([b[k].sum() / n[k].sum() - a[k].sum() / m[k].sum() for k in kept])
    error = math.sqrt(79 / 80 * float(((values - values.mean()) ** 2).sum()))
    found = paired_difference(share(a, m), share(b, n))
    assert found.half_width == pytest.approx(float(stats.t.ppf(0.975, 79)) * error, rel=0.05)


def test_the_variance_ratio_is_what_the_covariance_gains() -> None:
    """Claim: (var u + var v) / (var u + var v - 2 cov), from numpy's covariance matrix."""
    a, m, b, n = pairs(40)
    first, second = share(a, m), share(b, n)
    assert first.influence is not None and second.influence is not None
    (uu, uv), (_, vv) = np.cov(first.influence, second.influence)
    assert variance_ratio(first, second) == pytest.approx((uu + vv) / (uu + vv - 2 * uv), rel=1e-10)


def test_the_same_numbers_differ_by_exactly_nothing() -> None:
    """Claim: a variant that changes nothing has a difference of 0 ± 0, shown nowhere."""
    a, m, _, _ = pairs(10)
    found = paired_difference(share(a, m), share(a, m))
    assert found == Estimate(0.0, 0.0, 0.0, 0.0)
    assert not excludes_zero(found)
    assert variance_ratio(share(a, m), share(a, m)) is None


def test_without_intervals_there_is_only_a_value() -> None:
    """Claim: one replication, or an estimate that can't be had, gives nulls."""
    one = ratio(np.array([3.0]), np.array([4.0]))
    other = ratio(np.array([1.0]), np.array([4.0]))
    assert paired_difference(one, other) == Estimate(-0.5)
    assert variance_ratio(one, other) is None
    assert paired_difference(one, Estimate(None)) == Estimate(None)
    assert variance_ratio(Estimate(None), one) is None


def test_replications_without_a_section_are_left_out_of_both() -> None:
    """Claim: a percentile that one replication lacks is paired over the others alone."""
    a = sectioned(4.0, np.array([3.0, math.nan, 5.0, 4.5]))
    b = sectioned(6.0, np.array([5.0, 7.0, 6.5, math.nan]))
    found = paired_difference(a, b)
    changes = np.array([2.0, 1.5])
    half = float(stats.t.ppf(0.975, 1) * stats.sem(changes))
    assert found.value == 2.0
    assert found.half_width == pytest.approx(half, rel=1e-12)


def test_shares_differ_by_at_most_1() -> None:
    """Claim: the interval of a difference of shares is cut at -1 and 1."""
    a = share(np.array([9.0, 10.0]), np.full(2, 10.0))
    b = share(np.array([2.0, 0.0]), np.full(2, 10.0))
    found = paired_difference(a, b, share=True)
    assert found.low == -1.0
    assert found.half_width is not None and found.high is not None and found.half_width > 1.0
    assert found.high <= 1.0


def test_unequal_numbers_of_replications_are_refused() -> None:
    """Claim: what isn't paired can't be compared."""
    some = ratio(np.arange(3.0), np.ones(3))
    with pytest.raises(ValueError, match="3 replications cannot be paired with 4"):
        paired_difference(some, ratio(np.arange(4.0), np.ones(4)))


def test_a_higher_confidence_is_wider() -> None:
    """Claim: the half-widths are as Student's t at the two levels."""
    a, m, b, n = pairs(12)
    usual = paired_difference(share(a, m), share(b, n)).half_width
    joint = paired_difference(share(a, m), share(b, n), confidence=1 - 0.05 / 3).half_width
    assert usual is not None and joint is not None
    expected = stats.t.ppf(1 - 0.05 / 6, 11) / stats.t.ppf(0.975, 11)
    assert joint / usual == pytest.approx(expected, rel=1e-12)


def test_rounding_is_no_variation() -> None:
    """Claim: the same ratio in every replication does not vary, whatever its last bit."""
    assert does_not_vary(share(np.array([2.0, 4.0, 14.0]), np.array([3.0, 6.0, 21.0])))
    assert not does_not_vary(share(np.array([2.0, 4.0, 13.0]), np.array([3.0, 6.0, 21.0])))
    assert not does_not_vary(Estimate(0.5))
