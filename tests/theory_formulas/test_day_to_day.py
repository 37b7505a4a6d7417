"""Busy days: Gauss rules against quantiles, counts against their mixture, pooled days."""

import math

import numpy as np
import pytest
from scipy import integrate, special, stats

from sim.theory.day_to_day import busy_days, busyness_rule, count_law, count_moments
from sim.theory.erlang import erlang_a
from sim.theory.time_varying import Steps, day


@pytest.mark.parametrize("cv", [0.01, 0.05, 0.15, 0.4, 1.0, 1.5])
def test_rule_has_the_moments_of_the_gamma_law(cv):
    """E B^k = prod (1 + i cv^2), i < k: exact up to degree 2n - 1."""
    nodes, weights = busyness_rule(cv, 6)
    assert (nodes > 0.0).all()
    for k in range(12):
        exact = math.prod(1.0 + i * cv * cv for i in range(k))
        assert weights @ nodes**k == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize("cv", [0.1, 0.3])
def test_rule_against_quantiles(cv):
    """A stationary abandonment averaged over busyness: by the rule, and over the quantiles."""

    def lost(x):
        return x * erlang_a(0.2 * x, 100.0, 22, 60.0).abandonment

    nodes, weights = busyness_rule(cv, 30)
    shape = 1.0 / cv**2
    plain, _ = integrate.quad(
        lambda u: lost(special.gammaincinv(shape, u) / shape), 1e-12, 1.0 - 1e-12, epsabs=1e-10
    )
    assert weights @ [lost(x) for x in nodes.tolist()] == pytest.approx(plain, abs=1e-8)


@pytest.mark.parametrize("cv", [0.1, 0.3])
def test_counts_are_a_mixture_of_poisson_counts(cv):
    """Negative binomial: by the mixture, by scipy, and in its mean and variance."""
    mean = 40.0
    k = np.arange(1500)
    law = count_law(k, mean, cv)
    nodes, weights = busyness_rule(cv, 80)
    mixed = weights @ stats.poisson.pmf(k[None, :200], mean * nodes[:, None])
    assert law[:200] == pytest.approx(mixed, abs=1e-10)
    r = 1.0 / cv**2
    assert law == pytest.approx(stats.nbinom.pmf(k, r, r / (r + mean)), rel=1e-9, abs=1e-300)
    first, second = law @ k, law @ (k * k)
    expected, variance = count_moments([mean], cv)
    assert first == pytest.approx(expected, rel=1e-9)
    assert second - first**2 == pytest.approx(variance, rel=1e-7)


def test_days_are_independent():
    """Two and a half days: means and variances add up, each day's by itself."""
    mean, variance = count_moments([100.0, 100.0, 50.0], 0.2)
    assert mean == 250.0
    assert variance == pytest.approx(250.0 + 0.04 * (2 * 100.0**2 + 50.0**2))
    assert count_moments([7.0], 0.0) == (7.0, 7.0)


RATE = Steps((0.0, 400.0), (0.05, 0.08))


def sums_at(rate):
    return day(
        rate, 100.0, Steps((0.0, 400.0), (6, 8)), 800.0, patience_mean_s=60.0,
        edges_s=(0.0, 400.0, 800.0),
    )  # fmt: skip


def test_pooled_days():
    """Mean calls as without busyness, more of them lost, and busy days weighed by their calls."""
    calm = busy_days(sums_at, RATE, 0.0)
    busy = busy_days(sums_at, RATE, 0.2)
    assert calm.abandoned == pytest.approx(sums_at(RATE).abandoned, rel=1e-14)
    assert busy.offered == pytest.approx(calm.offered, rel=1e-12)
    assert busy.abandoned == pytest.approx(busy_days(sums_at, RATE, 0.2, 12).abandoned, rel=1e-6)
    assert (busy.abandoned > 1.03 * calm.abandoned).all()
    nodes, weights = busyness_rule(0.2, 24)
    shares = [
        sums_at(Steps(RATE.starts_s, tuple(x * v for v in RATE.values))).measures().abandonment
        for x in nodes
    ]
    assert busy.measures().abandonment > weights @ shares


@pytest.mark.parametrize(
    "call",
    [
        lambda: busyness_rule(-0.1, 3), lambda: busyness_rule(0.1, 0),
        lambda: count_moments([-1.0], 0.1), lambda: count_moments([1.0], -0.1),
        lambda: count_law([1], 1.0, 0.0), lambda: count_law([1], 0.0, 0.1),
    ],
)  # fmt: skip
def test_bad_busyness_is_a_value_error(call):
    """Laws that do not exist are refused."""
    with pytest.raises(ValueError):
        call()
