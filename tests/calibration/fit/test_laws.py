"""Likelihoods of spans: rounding, what was cut short, parts beside the family."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.calibration.fit.choice import choose, quantile
from sim.calibration.fit.families import EXPONENTIAL, GAMMA, LOGNORMAL, PATIENCE, SERVICE, WEIBULL
from sim.calibration.fit.likelihood import Beside, Law, fit
from sim.calibration.fit.spans import spans
from sim.workload.variates import quantile as drawn

Floats = NDArray[np.float64]

FAMILIES = (EXPONENTIAL, LOGNORMAL, GAMMA, WEIBULL)


def uniforms(n: int, seed: int) -> Floats:
    return np.random.default_rng(seed).random(n)


def laws() -> list[Law]:
    return [Law(f, Beside.NOTHING, f.start(200.0, cv)) for f in FAMILIES for cv in (0.6, 1.0, 1.7)]


def of_one_day(values: Floats, cut: NDArray[np.bool_] | None = None, step: float = 1.0):  # type: ignore[no-untyped-def]
    none = np.zeros(values.size, bool)
    days = np.zeros(values.size, np.int64)
    return spans(values, none if cut is None else cut, days, 1, step)


@pytest.mark.parametrize("law", laws(), ids=lambda law: f"{law.family.name}-{law.main.cv:.2g}")
def test_a_family_is_the_scenario_s_own(law: Law) -> None:
    """Its survival is that of the distribution which the scenario draws from, by another route: the
    quantiles that the engines use."""
    u = np.array([0.001, 0.1, 0.5, 0.9, 0.999])
    at = drawn(law.distribution, u)
    assert law.above(at) == pytest.approx(1.0 - u, rel=1e-8)
    assert [quantile(law.above, p, 1.0) for p in u] == pytest.approx(at.tolist(), rel=1e-6)


@pytest.mark.parametrize("law", laws(), ids=lambda law: f"{law.family.name}-{law.main.cv:.2g}")
def test_the_density_is_the_slope_of_the_distribution_function(law: Law) -> None:
    x = np.array([3.0, 40.0, 200.0, 900.0])
    h = 1e-3
    slope = (law.family.below(law.parameters, x + h) - law.family.below(law.parameters, x - h)) / (
        2 * h
    )
    assert np.exp(law.family.log_density(law.parameters, x)) == pytest.approx(slope, rel=1e-5)


def test_the_exponential_s_mean_is_the_time_waited_over_those_who_gave_up() -> None:
    """The closed form of the censored likelihood, and its standard error, mean / sqrt(events)."""
    patience = drawn(
        Law(EXPONENTIAL, Beside.NOTHING, np.array([5.0])).distribution, uniforms(4000, 1)
    )
    other = 100.0 * uniforms(4000, 2)
    wait, cut = np.minimum(patience, other), other < patience
    found = fit(EXPONENTIAL, Beside.NOTHING, of_one_day(wait, cut, 1e-4), 100.0, 1.0)
    events = int((~cut).sum())
    expected = wait.sum() / events
    assert found.law.distribution.mean_s == pytest.approx(expected, rel=2e-4)
    mean = found.of(lambda law: law.distribution.mean_s)
    assert mean.high is not None
    assert math.log(mean.high / expected) == pytest.approx(1.96 / math.sqrt(events), rel=0.01)


def test_a_coarse_clock_is_seen_through() -> None:
    """Patience of 20 s on a clock of 10 s: a quarter of the waits are told as 0. The mean is found
    within three standard errors; taken at their word, even the exponential is off by more."""
    n = 20_000
    patience = -20.0 * np.log(uniforms(n, 3))
    told = np.rint(patience / 10.0) * 10.0
    assert (told == 0.0).mean() > 0.2
    found = choose(
        of_one_day(told, step=10.0), PATIENCE, Beside.ZERO, 20.0, 1.0, may_have_part=True
    )
    assert found.law.family is EXPONENTIAL and found.law.beside is Beside.NOTHING
    assert found.law.distribution.mean_s == pytest.approx(20.0, abs=3 * 20.0 / math.sqrt(n))


def test_those_who_will_not_wait_are_told_from_short_patience() -> None:
    """A tenth leaves at once, the others are lognormal; waits are cut at random, and told in whole
    seconds. The share is within three standard errors of a sample of that size."""
    n = 6000
    u = uniforms(n, 4)
    stay = drawn(
        Law(LOGNORMAL, Beside.NOTHING, LOGNORMAL.start(300.0, 1.5)).distribution, uniforms(n, 5)
    )
    patience = np.where(u < 0.1, 0.0, stay)
    other = -120.0 * np.log(uniforms(n, 6))
    wait, cut = np.rint(np.minimum(patience, other)), other < patience
    found = choose(of_one_day(wait, cut), PATIENCE, Beside.ZERO, 300.0, 1.5, may_have_part=True)
    assert found.law.family is LOGNORMAL and found.law.beside is Beside.ZERO
    assert found.law.share == pytest.approx(0.1, abs=3 * math.sqrt(0.09 / n))


def test_conversations_that_were_none_are_told_apart() -> None:
    """Six of a hundred last less than 10 s; the share is within three standard errors, the rest's
    mean and cv are those of the family."""
    n = 8000
    u = uniforms(n, 7)
    real = drawn(
        Law(LOGNORMAL, Beside.NOTHING, LOGNORMAL.start(180.0, 1.0)).distribution, uniforms(n, 8)
    )
    talk = np.rint(np.where(u < 0.06, 10.0 * uniforms(n, 9), real))
    found = choose(of_one_day(talk), SERVICE, Beside.SHORT, 180.0, 1.0, may_have_part=True)
    assert found.law.family is LOGNORMAL and found.law.beside is Beside.SHORT
    assert found.law.share == pytest.approx(0.06, abs=3 * math.sqrt(0.06 * 0.94 / n))
    assert found.law.main.mean_s == pytest.approx(180.0, abs=3 * 180.0 / math.sqrt(n))
    plain = [each for each in found.fits if each.law.beside is Beside.NOTHING]
    assert min(each.aic for each in plain) > found.fit.aic + 100.0


@pytest.mark.parametrize("family", SERVICE, ids=lambda family: family.name)
def test_each_family_is_chosen_where_it_is_the_truth(family) -> None:  # type: ignore[no-untyped-def]
    """With 5,000 durations of cv 0.7 (1 of the exponential)."""
    law = Law(family, Beside.NOTHING, family.start(200.0, 0.7))
    values = np.rint(drawn(law.distribution, uniforms(5000, 10)))
    found = choose(of_one_day(values), SERVICE, Beside.SHORT, 200.0, 0.7, may_have_part=True)
    assert found.law.family is family
    assert found.law.beside is Beside.NOTHING


def test_few_durations_are_exponential() -> None:
    """What 29 durations tell is their mean."""
    found = choose(
        of_one_day(np.arange(1.0, 30.0)), SERVICE, Beside.SHORT, 15.0, 1.0, may_have_part=True
    )
    assert [each.law.family for each in found.fits] == [EXPONENTIAL]


def test_spans_lose_no_duration() -> None:
    """Each is counted once, in a span that holds it; those that were cut at 0 tell nothing."""
    values = np.concatenate([[0.0, 0.0], 1000.0 * uniforms(3000, 11) ** 3])
    cut = np.concatenate([[True, False], uniforms(3000, 12) < 0.5])
    made = spans(values, cut, np.arange(3002) % 4, 4, 0.001)
    assert made.n == 3001
    assert made.n_ended == int((~cut).sum())
    assert made.by_day.sum(axis=1).tolist() == [750.0, 751.0, 750.0, 750.0]
    assert np.all(made.high_s > made.low_s) and made.low_s.min() == 0.0
