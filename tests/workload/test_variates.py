"""Durations: every distribution against scipy's.

Statistical tests run with fixed seeds. Each comparison fails by chance with probability
1e-4 (two-sided) before the seed is fixed, the 17 continuous and 3 discrete laws' comparisons
together with less than 54e-4.
"""

from __future__ import annotations

import math
from inspect import getmembers, isclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import sim.scenario.distributions as distributions
from sim.scenario.distributions import Distribution, Exponential, Mixture
from sim.workload.streams import name_key, uniforms
from sim.workload.variates import quantile
from tests.workload.laws import CONTINUOUS, DISCRETE

N = 40_000
ERROR_RATE = 1e-4
Z = float(stats.norm.ppf(1 - ERROR_RATE / 2))
LEAST, MOST = 2.0**-53, 1.0 - 2.0**-53
"""The extreme uniforms that a stream can give."""


def drawn(name: str, distribution: Distribution) -> np.ndarray:
    return quantile(distribution, uniforms(name_key(20261124, "service", name), 0, N))


def every_law() -> list[tuple[str, Distribution]]:
    continuous = [(name, law.distribution) for name, law in CONTINUOUS.items()]
    return continuous + [(name, distribution) for name, (distribution, _) in DISCRETE.items()]


def test_no_distribution_is_left_out() -> None:
    """Claim: the laws tested here use every distribution of the model, each with an offset too."""
    every = {
        cls
        for _, cls in getmembers(distributions, isclass)
        if issubclass(cls, Distribution) and cls is not Distribution
    }
    tested = [distribution for _, distribution in every_law()]
    assert {type(d) for d in tested if not d.offset_s} == every
    assert {type(d) for d in tested if d.offset_s} == every


@pytest.mark.parametrize("name", CONTINUOUS)
def test_mean_and_variance_by_the_central_limit(name: str) -> None:
    """Claim: sample mean and variance lie in their bands, error rate 1e-4 each.

    The mean's band is z * sd / sqrt(n); the variance's z * sqrt((m4 - sd^4) / n), from the
    law's fourth central moment.
    """
    law = CONTINUOUS[name]
    mean, variance, fourth = law.moments
    values = drawn(name, law.distribution)
    assert abs(values.mean() - mean) <= Z * math.sqrt(variance / N)
    band = Z * math.sqrt((fourth - variance**2) / N)
    assert abs(np.mean((values - mean) ** 2) - variance) <= band


@pytest.mark.parametrize("name", CONTINUOUS)
def test_shape_by_kolmogorov_and_smirnov(name: str) -> None:
    """Claim: the draws follow the law's distribution function, error rate 1e-4."""
    law = CONTINUOUS[name]
    assert stats.kstest(drawn(name, law.distribution), law.cdf).pvalue > ERROR_RATE


@pytest.mark.parametrize("name", DISCRETE)
def test_frequencies_of_discrete_laws(name: str) -> None:
    """Claim: only the law's values are drawn, and as often as it says (chi-square, 1e-4)."""
    distribution, chances = DISCRETE[name]
    values, counts = np.unique(drawn(name, distribution), return_counts=True)
    assert values.tolist() == sorted(chances)
    if len(chances) > 1:
        expected = N * np.array([chances[v] for v in values])
        assert stats.chisquare(counts, expected).pvalue > ERROR_RATE


@pytest.mark.parametrize("name", CONTINUOUS)
def test_the_model_knows_its_own_moments(name: str) -> None:
    """Claim: `mean_s` and `variance_s2` are those of scipy's law, to rounding."""
    law = CONTINUOUS[name]
    assert law.distribution.mean_s == pytest.approx(law.moments[0], rel=1e-12)
    assert law.distribution.variance_s2 == pytest.approx(law.moments[1], rel=1e-9)


@pytest.mark.parametrize("name", DISCRETE)
def test_the_model_knows_the_moments_of_discrete_laws(name: str) -> None:
    """Claim: `mean_s` and `variance_s2` are those of the table of chances, to rounding."""
    distribution, chances = DISCRETE[name]
    mean = sum(v * p for v, p in chances.items())
    variance = sum((v - mean) ** 2 * p for v, p in chances.items())
    assert distribution.mean_s == pytest.approx(mean, rel=1e-12)
    assert distribution.variance_s2 == pytest.approx(variance, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("name", [n for n in CONTINUOUS if "mixture" not in n and "hyper" not in n])
def test_a_draw_is_the_inverse_of_the_distribution_function(name: str) -> None:
    """Claim: F(quantile(u)) = u, close to both ends as well, to 1e-9."""
    law = CONTINUOUS[name]
    u = np.concatenate(([1e-12, 1e-6, 1 - 1e-6, 1 - 1e-9], np.linspace(0.001, 0.999, 999)))
    np.testing.assert_allclose(law.cdf(quantile(law.distribution, u)), u, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", [name for name, _ in every_law()])
def test_draws_are_finite_and_within_the_support(name: str) -> None:
    """Claim: the extreme uniforms give finite durations, none below the support or 0."""
    distribution = dict(every_law())[name]
    u = np.array([LEAST, 2.0**-52, 1e-9, 0.5, 1 - 1e-9, 1 - 2.0**-52, MOST])
    values = quantile(distribution, u)
    assert np.isfinite(values).all()
    assert (values >= max(0.0, distribution.lower_s)).all()
    if not isinstance(distribution, Mixture):
        assert (np.diff(values) >= 0).all()


@given(st.integers(0, 2**52 - 1), st.sampled_from([name for name, _ in every_law()]))
@settings(deadline=None)
def test_a_draw_depends_on_its_own_uniform_only(j: int, name: str) -> None:
    """Claim: a draw is the same bits alone or among others, in any shape of array."""
    distribution = dict(every_law())[name]
    u = (j + 0.5) * 2.0**-52
    alone = quantile(distribution, np.array([u]))[0]
    among = quantile(distribution, np.array([[0.1, u, 0.9], [u, 0.5, 0.7]]))
    assert among.shape == (2, 3)
    assert among[0, 1] == alone == among[1, 0]


def test_the_exponential_is_finite_positive_and_rising_at_the_ends() -> None:
    """Claim: -log(1 - u) is above 0 at the least uniform and about 36.7 at the greatest."""
    e = quantile(Exponential(scale_s=1.0), np.array([LEAST, 2.0**-52, 0.5, 1 - 2.0**-52, MOST]))
    assert e[0] > 0.0
    assert (np.diff(e) > 0).all()
    assert e[-1] == pytest.approx(53 * math.log(2), rel=1e-15)
