"""The tests of exchangeability, against enumeration and known laws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import binom, hypergeom

from sim.calibration.backtest.exchange import (
    ByDay,
    Together,
    _hypergeometric,
    _of_trials,
    drawn_means,
    holm,
    middle,
    p_values,
)
from sim.calibration.backtest.terms import Days


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def plain(values: object) -> Days:
    """Days whose denominators are 1."""
    array = np.asarray(values, np.float64)
    return Days(array, np.ones(array.shape))


def test_choices_are_all_as_likely() -> None:
    """The p value agrees with that of all 56 ways to choose 3 days of 8, within the error of
    200,000 random choices (four standard errors)."""
    values = rng(3).normal(size=(8, 1)).round(1)
    data = Together(plain(values[:3]), plain(values[3:]))
    own = values[:3].mean()
    means = np.array([values[list(c)].mean() for c in itertools.combinations(range(8), 3)])
    share = min((means >= own - 1e-12).mean(), (means <= own + 1e-12).mean())
    found = p_values(np.array([own]), data.chosen(rng(), 200_000))[0]
    assert found == pytest.approx(2 * share, abs=4 * 2 * np.sqrt(share * (1 - share) / 200_000))
    assert data.choices == 56


def test_one_day_has_its_rank() -> None:
    """With one day every choice is looked at: the greatest of 40 has p = 2/40, the middle 1."""
    others = np.arange(39.0)[:, None]
    for value, p in ((100.0, 2 / 40), (-1.0, 2 / 40), (37.5, 4 / 40), (19.0, 1.0)):
        data = Together(plain([[value]]), plain(others))
        assert p_values(np.array([value]), data.chosen(rng(), 9))[0] == pytest.approx(p)
        by_day = ByDay(plain([[value]]), plain(others[None]))
        assert p_values(np.array([value]), by_day.chosen(rng(), 9))[0] == pytest.approx(p)


def test_ties_prove_nothing() -> None:
    """Days that are all the same, and nothing at all, give p = 1 and no day outside."""
    same = Together(plain(np.zeros((5, 1))), plain(np.zeros((50, 1))))
    assert p_values(np.zeros(1), same.chosen(rng(), 999))[0] == 1.0
    singles = same.singles()
    assert not singles.outside.any() and singles.p[0] == 1.0
    none = Together(Days(np.zeros((5, 1)), np.zeros((5, 1))), plain(np.zeros((50, 1))))
    assert np.isnan(p_values(np.array([np.nan]), none.chosen(rng(), 99))[0])
    assert not none.singles().known.any()


@pytest.mark.parametrize("n", [1, 4, 15])
@pytest.mark.parametrize("kind", ["together", "by day"])
def test_size(kind: str, n: int) -> None:
    """Of 600 logs drawn as the simulated days are, skewed and full of ties, a level of 5 % rejects
    no more than chance allows: at most 48, which a true level exceeds once in 1,000."""
    draws = rng(11)
    rejected = np.zeros(2, np.int64)
    for _ in range(600):
        if kind == "together":
            pool = draws.poisson(draws.gamma(0.5, 2.0, (n + 60, 1))).astype(np.float64)
            data: Together | ByDay = Together(plain(pool[:n]), plain(pool[n:]))
        else:
            of_day = draws.gamma(0.5, 2.0, (n, 1, 1)) * np.ones((n, 60, 1))
            pool = draws.poisson(of_day).astype(np.float64)
            data = ByDay(plain(pool[:, 0]), plain(pool[:, 1:]))
        p = p_values(data.log.numerator.mean(axis=0), data.chosen(draws, 199))
        rejected += p[0] <= 0.05, data.singles().p[0] <= 0.05
    assert binom.isf(0.001, 600, 0.05) == 48
    assert (rejected <= 48).all()


def test_laws_of_days_outside() -> None:
    """The number of extreme days among the log's is hypergeometric, or a sum of trials."""
    found = _hypergeometric(55, 4, 15)
    assert found == pytest.approx(hypergeom.pmf(np.arange(16), 55, 4, 15))
    assert _of_trials(np.full(12, 0.04)) == pytest.approx(binom.pmf(np.arange(13), 12, 0.04))
    assert _hypergeometric(3, 0, 2).tolist() == pytest.approx([1, 0, 0])


def test_extreme_days() -> None:
    """Of 99 simulated days 0 to 98 and a log of one: 5 % of 100 are outside, two and two, and the
    interval of a day holds the rest."""
    for value, outside in ((-1.0, True), (0.5, True), (2.5, False), (96.5, False), (98.5, True)):
        singles = Together(plain([[value]]), plain(np.arange(99.0)[:, None])).singles()
        assert singles.outside[0, 0] == outside
        assert singles.p[0] == pytest.approx(0.04 if outside else 1.0)
    assert (singles.low[0, 0], singles.high[0, 0]) == (2.0, 97.0)


def test_days_of_no_variance_are_found_by_single_days() -> None:
    """Days with the predicted mean and three times the spread: the mean fits, single days don't."""
    draws = rng(5)
    data = Together(
        plain(np.array([-3.0, 3.0, -2.6, 2.6, -2.3, 2.3])[:, None]),
        plain(draws.normal(size=(400, 1))),
    )
    assert p_values(np.zeros(1), data.chosen(draws, 999))[0] > 0.5
    assert data.singles().p[0] < 1e-4


def test_intervals_of_means() -> None:
    """The 95 % interval of a mean of n normal days is 1.96 sqrt(1/n + 1/R) wide on either side,
    within 8 %: 2,000 days have a standard deviation within 4 %, quantiles too."""
    simulated = plain(rng(8).normal(size=(2000, 1)))
    for n in (4, 100, 1000):
        low, high = middle(drawn_means(simulated, n, rng(), 1_999))
        half = 1.96 * np.sqrt(1 / n + 1 / 2000)
        assert (high - low)[0] / 2 == pytest.approx(half, rel=0.08)


def test_middle_leaves_out_what_is_not_there() -> None:
    """Order statistics of the values that there are; NaN for a column without any."""
    values = np.full((50, 3), np.nan)
    values[:39, 0] = np.arange(39)
    values[:5, 1] = np.arange(5)
    low, high = middle(values)
    assert (low[0], high[0]) == (0.0, 38.0)
    assert (low[1], high[1]) == (0.0, 4.0)
    assert np.isnan(low[2]) and np.isnan(high[2])


def test_holm() -> None:
    """Holm's own step-down: the example p = 0.01, 0.04, 0.03, 0.005."""
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.zeros(0)).size == 0
