"""Control variates: the regression, its interval, and what it gains where that is known."""

from __future__ import annotations

import numpy as np
import pytest

from sim.metrics.controlled import LEAST_DEGREES, controlled
from sim.metrics.estimates import Estimate, estimate, ratio, t_quantile

Z = 3.29
"""The normal quantile of an error rate of 1e-3, two-sided."""


def plain(y: np.ndarray) -> Estimate:
    """The estimate of a mean."""
    mean = float(np.mean(y))
    return estimate(mean, y - mean)


def test_it_is_the_intercept_of_a_regression() -> None:
    """Claim: of y on c, whose expectation is 0, the least-squares intercept and its standard error
    by the textbook: the root of s^2 (X'X)^-1, first element."""
    rng = np.random.default_rng(3)
    c = rng.normal(size=(25, 3)) * (1.0, 100.0, 1e-3) + (0.1, 5.0, 0.0)
    y = 7.0 + c @ (2.0, -0.05, 300.0) + rng.normal(size=25)
    x = np.column_stack((np.ones(25), c))
    coefficients = np.linalg.lstsq(x, y, rcond=None)[0]
    squares = float(np.sum((y - x @ coefficients) ** 2)) / (25 - 4)
    error = np.sqrt(squares * np.linalg.inv(x.T @ x)[0, 0])
    found = controlled(plain(y), c)
    assert found is not None and found.half_width is not None
    assert found.value == pytest.approx(coefficients[0], rel=1e-10)
    assert found.half_width == pytest.approx(t_quantile(25 - 4) * error, rel=1e-10)
    assert (found.low, found.high) == pytest.approx(
        (found.value - found.half_width, found.value + found.half_width)
    )


def test_controls_that_say_nothing_new_cost_nothing() -> None:
    """Claim: a constant, a copy or a sum of others changes neither the value nor the degrees of
    freedom, whatever the order."""
    rng = np.random.default_rng(4)
    c = rng.normal(size=(15, 2))
    y = c @ (1.0, 2.0) + rng.normal(size=15)
    found = controlled(plain(y), c)
    assert found is not None
    more = np.column_stack((np.zeros(15), c[:, 0], c[:, 0], c[:, 1], 1e3 * c.sum(axis=1)))
    again = controlled(plain(y), more)
    assert again is not None
    assert again.value == pytest.approx(found.value, rel=1e-9)
    assert again.half_width == pytest.approx(found.half_width, rel=1e-9)


def test_a_ratio_is_that_of_the_controlled_means() -> None:
    """Claim: to the first order. Where numerator and denominator are both explained wholly by the
    control, the corrected ratio is the exact one but for the second order in 1/R."""
    rng = np.random.default_rng(5)
    calls = 100.0 + rng.normal(0.0, 5.0, 40)
    lost = 10.0 + 0.5 * (calls - 100.0)
    found = controlled(ratio(lost, calls), (calls - 100.0)[:, np.newaxis])
    assert found is not None and found.value is not None
    off = abs(float(np.mean(lost) / np.mean(calls)) - 0.1)
    assert off > 1e-3
    assert abs(found.value - 0.1) < 0.02 * off
    assert found.half_width == pytest.approx(0.0, abs=1e-12)


def test_what_it_gains_and_how_often_it_holds() -> None:
    """Claim: for normal variables the variance falls by (1 - rho^2) (R - 2) / (R - q - 2)
    (Lavenberg and Welch 1981), and the interval holds in 95 %. With 4,000 experiments the relative
    error of a ratio of variances is below 2 / sqrt(4000), that of a share by the binomial; both at
    an error rate of 1e-3."""
    rng = np.random.default_rng(6)
    n, q, explained, experiments = 20, 2, 0.6, 4000
    held, before, after = 0, [], []
    for _ in range(experiments):
        c = rng.normal(size=(n, q))
        y = np.sqrt(explained / q) * c.sum(axis=1) + rng.normal(0.0, np.sqrt(1 - explained), n)
        found = controlled(plain(y), c)
        assert found is not None and found.low is not None and found.high is not None
        held += found.low <= 0.0 <= found.high
        before.append(np.mean(y))
        after.append(found.value)
    expected = (1 - explained) * (n - 2) / (n - q - 2)
    assert np.var(after) / np.var(before) == pytest.approx(
        expected, rel=Z * 2 / np.sqrt(experiments)
    )
    assert held / experiments == pytest.approx(0.95, abs=Z * np.sqrt(0.05 * 0.95 / experiments))


def test_where_there_is_nothing_to_correct() -> None:
    """Claim: None with no value, one replication, a replication without a part, controls that never
    vary, or too few degrees of freedom."""
    rng = np.random.default_rng(7)
    least = LEAST_DEGREES + 2
    y, c = rng.normal(size=least), rng.normal(size=(least, 1))
    assert controlled(plain(y), c) is not None
    assert controlled(plain(y[1:]), c[1:]) is None
    assert controlled(plain(y), np.zeros((least, 2))) is None
    assert controlled(Estimate(None), c) is None
    assert controlled(Estimate(1.0), c[:1]) is None
    gap = Estimate(0.0, -1.0, 1.0, 1.0, np.where(np.arange(least) == 2, np.nan, y))
    assert controlled(gap, c) is None


def test_it_stays_within_what_is_possible() -> None:
    """Claim: the value and the ends are cut at the bounds."""
    c = np.linspace(1.0, 2.0, 20)[:, np.newaxis]
    found = controlled(plain(c[:, 0] / 10), c, least=0.05, most=1.0)
    assert found is not None and found.value == found.low == 0.05
