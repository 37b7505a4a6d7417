"""Verdicts: the side on which an interval lies, and what replications without variation show."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.metrics.estimates import Estimate, ratio, share
from sim.metrics.verdicts import Verdict, judged_share, verdict


@pytest.mark.parametrize(
    ("low", "high", "at_most", "at_least"),
    [
        (0.70, 0.79, "met", "missed"),
        (0.81, 0.90, "missed", "met"),
        (0.75, 0.85, "not_shown", "not_shown"),
        (0.80, 0.85, "not_shown", "met"),
        (0.75, 0.80, "met", "not_shown"),
    ],
)
def test_the_whole_interval_lies_on_one_side(
    low: float, high: float, at_most: str, at_least: str
) -> None:
    """Claim: met or missed only if all of it is there; the bound itself meets."""
    found = Estimate((low + high) / 2, low, high, (high - low) / 2)
    assert verdict(found, "<=", 0.8) == at_most
    assert verdict(found, ">=", 0.8) == at_least


@pytest.mark.parametrize("found", [Estimate(None), Estimate(0.9), ratio(np.ones(4), np.ones(4))])
def test_no_interval_or_no_variation_shows_nothing(found: Estimate) -> None:
    """Claim: nothing measured, one replication, a mean that never varied: not shown."""
    assert verdict(found, ">=", 0.5) is Verdict.NOT_SHOWN
    assert verdict(found, "<=", 0.5) is Verdict.NOT_SHOWN


@pytest.mark.parametrize("n", [2, 20, 60, 300])
def test_an_exact_bound_is_clopper_and_pearsons(n: int) -> None:
    """Claim: nothing lost in n replications bounds the share by the one-sided 95 % bound of
    0 in n, which is that of scipy's beta quantile; everything answered likewise from 1."""
    calls = np.full(n, 50.0)
    bound = float(stats.beta.ppf(0.95, 1, n))
    none, every = judged_share(share(np.zeros(n), calls)), judged_share(share(calls, calls))
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(bound, rel=1e-10)
    assert (every.value, every.high) == (1.0, 1.0)
    assert every.low == pytest.approx(1 - bound, rel=1e-10)


def test_the_rule_of_three_decides() -> None:
    """Claim: no loss in 20 days does not show `<= 1 %`; in 300 days (3/300 = 1 %) it does."""
    for n, outcome in ((20, Verdict.NOT_SHOWN), (300, Verdict.MET)):
        found = judged_share(share(np.zeros(n), np.full(n, 50.0)))
        assert verdict(found, "<=", 0.01) is outcome
        assert verdict(found, ">=", 0.5) is Verdict.MISSED


def test_the_exact_interval_holds_the_mean_as_often_as_it_says() -> None:
    """Claim: with a chance of p = 1/20 of a day on which all are lost, 20 days without one come
    in 0.95^20 = 36 % of samples, and the bound of 13.9 % then holds; with p = 0.15 > 13.9 % they
    come in 3.9 %, which is less than the 5 % that the bound allows to be wrong."""
    bound = judged_share(share(np.zeros(20), np.ones(20))).high
    assert bound is not None
    assert 0.05 < bound < 0.15
    assert (1 - 0.15) ** 20 < 0.05 < (1 - bound + 1e-6) ** 20


def test_a_share_that_varies_keeps_its_interval() -> None:
    """Claim: only what does not vary gets the exact interval."""
    found = share(np.array([1.0, 2.0]), np.array([10.0, 10.0]))
    assert judged_share(found) is found


@pytest.mark.parametrize(
    ("operator", "bound", "outcome"),
    [
        ("<=", 50.0, "missed"),
        ("<=", 60.0, "not_shown"),
        (">=", 60.0, "met"),
        (">=", 70.0, "not_shown"),
    ],
)
def test_a_maximum_shows_what_it_has_seen(operator: str, bound: float, outcome: str) -> None:
    """Claim: a longest wait of 60 s shows that 50 s are exceeded and 60 s reached; it never shows
    that a limit holds."""
    assert verdict(Estimate(60.0), operator, bound, metric="wait_max_s") == outcome
