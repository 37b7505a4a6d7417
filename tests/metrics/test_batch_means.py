"""Von Neumann's ratio: its value, its size and its power."""

import math

import numpy as np
import pytest

from sim.metrics.batch_means import most_correlated, von_neumann
from sim.metrics.estimates import Estimate


def test_by_hand():
    """Claim: 1 to 8 in order have C = 1 - 7 / (2 * 42), alternating values about -1."""
    c, deviations = von_neumann(np.arange(1.0, 9.0))
    assert c == pytest.approx(1.0 - 7.0 / 84.0)
    assert deviations == pytest.approx(c / math.sqrt(6.0 / 63.0))
    assert von_neumann(np.array([1.0, -1.0] * 5))[0] == pytest.approx(1.0 - 36.0 / 20.0)


def test_too_little_to_see_anything():
    """Claim: seven batches, and batches all alike, tell nothing."""
    assert von_neumann(np.arange(7.0)) is None
    assert von_neumann(np.ones(30)) is None


def test_independent_batches_are_seldom_suspected():
    """Claim: 30 independent normal batches of 4 metrics are suspected in at most 5 % of cases.

    2,000 trials: more than 139 (7 %) would have a probability below 1e-4 if 5 % is right.
    """
    draw = np.random.default_rng(1)
    suspected = sum(
        most_correlated({str(k): Estimate(0.0, influence=draw.normal(size=30)) for k in range(4)})
        is not None
        for _ in range(2000)
    )
    assert 40 < suspected <= 139


def test_correlated_batches_are_found():
    """Claim: a correlation of 0.6 between neighbours is found, and the metric named.

    Of 200 trials with 30 batches; the power is above 90 %, fewer than 160 have probability < 1e-4.
    """
    draw = np.random.default_rng(2)
    found = 0
    for _ in range(200):
        x = draw.normal(size=130)
        for i in range(1, x.size):
            x[i] += 0.6 * x[i - 1]
        noise = Estimate(0.0, influence=draw.normal(size=30))
        worst = most_correlated({"noise": noise, "wait": Estimate(0.0, influence=x[100:])})
        found += worst is not None and worst[0] == "wait"
    assert found >= 160


def test_estimates_without_batches_are_left_out():
    """Claim: what has no interval, or lacks some batches, is not looked at."""
    gap = np.array([math.nan, *range(20)])
    assert most_correlated({"a": Estimate(1.0), "b": Estimate(1.0, influence=gap)}) is None
