"""How many calls come, by interval of the day, and how much days differ.

Calls of one day at the same intervals of many days are a Poisson process with a rate that is itself
random (Jongbloed and Koole, Managing uncertainty in call centres using Poisson mixtures, Applied
Stochastic Models in Business and Industry 17, 2001); here the day's rate is the mean profile times
one gamma factor of mean 1 (Avramidis, Deslauriers and L'Ecuyer, Modeling daily arrivals to a
telephone call center, Management Science 50, 2004, their model 1; Whitt 1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.metrics.estimates import CONFIDENCE, UNKNOWN, Estimate, ratio

Floats = NDArray[np.float64]

ERROR = 0.05
LEAST_SHARED = 0.5
"""Queues are as busy on the same days where the correlation of their factors is at least this."""


@dataclass(frozen=True, slots=True)
class Busyness:
    """How much the factor of a day varies; `cv` is 0 where days differ less than by chance.

    `dispersion` is the variance of the day's calls over their mean, 1 for Poisson; `p_value` that
    of so large a one by chance. None of a single day.
    """

    cv: Estimate
    dispersion: float | None
    p_value: float | None

    @property
    def is_shown(self) -> bool:
        """Whether days differ more than by chance, at an error of 5 %."""
        return self.p_value is not None and self.p_value < ERROR


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """Calls that were offered, blocked ones among them, retrials too: a log can't tell those.

    `by_slot` is the mean number of each interval over days, `per_day` of a day; `counts` has
    the days' own, shape (days, slots).
    """

    per_day: Estimate
    by_slot: tuple[Estimate, ...]
    busyness: Busyness
    counts: Floats


def arrivals(counts: Floats) -> Arrivals:
    """Means, intervals and the busyness of counts, shape (days, slots)."""
    ones = np.ones(counts.shape[0])
    totals = counts.sum(axis=1)
    slots = tuple(ratio(counts[:, i], ones) for i in range(counts.shape[1]))
    return Arrivals(ratio(totals, ones), slots, busyness(totals), counts)


def busyness(totals: Floats) -> Busyness:
    """The variation of the days' factor, by the method of moments from calls a day, shape (days,).

    With mean m and variance v of the days' calls, cv^2 = (v - m) / m^2. Without a factor
    (D - 1) v / m is chi-squared with D - 1 degrees of freedom (Fisher's dispersion test); with
    one, (D - 1) v / (m + m^2 cv^2) is nearly so, which is solved for the interval's ends.
    """
    n, mean = totals.size, float(totals.mean())
    if n < 2 or not mean > 0.0:
        return Busyness(UNKNOWN, None, None)
    variance = float(totals.var(ddof=1))
    degrees = n - 1
    p = float(stats.chi2.sf(degrees * variance / mean, degrees))

    def cv(spread: float) -> float:
        return math.sqrt(max(spread - mean, 0.0)) / mean

    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = (
        cv(degrees * variance / float(stats.chi2.ppf(q, degrees))) for q in (1.0 - tail, tail)
    )
    return Busyness(Estimate(cv(variance), low, high, (high - low) / 2.0), variance / mean, p)


def weekday_p(totals: Floats, weekdays: Sequence[int]) -> float | None:
    """The p value of equal means of the days of the week, by one-way analysis of variance.

    `totals` and `weekdays` (0 is Monday) of shape (days,). None where fewer than two days of the
    week were there twice, or nothing varies.
    """
    groups = [totals[np.equal(weekdays, day)] for day in sorted(set(weekdays))]
    groups = [group for group in groups if group.size > 1]
    if len(groups) < 2 or all(float(np.ptp(group)) == 0.0 for group in groups):
        return None
    return float(stats.f_oneway(*groups).pvalue)


@dataclass(frozen=True, slots=True)
class Together:
    """Whether two queues are busy on the same days; `correlation` is that of their factors.

    `observed` is the correlation of their calls a day, `p_value` that of one so large by chance.
    """

    a: int
    b: int
    observed: float
    correlation: float
    p_value: float

    @property
    def is_shared(self) -> bool:
        """Whether they may share one factor."""
        return self.p_value < ERROR and self.correlation >= LEAST_SHARED


def together(totals: list[Floats], found: list[Busyness]) -> list[Together]:
    """Each pair of queues whose days differ more than by chance, with four days or more.

    The factors' correlation is the covariance of the calls over the product of means and cvs:
    Poisson noise weakens the calls' own.
    """
    pairs = []
    shown = [i for i, each in enumerate(found) if each.is_shown]
    for place, i in enumerate(shown):
        for j in shown[place + 1 :]:
            x, y = totals[i], totals[j]
            if x.size < 4:
                continue
            covariance = float(np.cov(x, y)[0, 1])
            scale = float(x.mean() * y.mean()) * _value(found[i].cv) * _value(found[j].cv)
            observed, p = _pearson(x, y)
            weight = covariance / scale if scale > 0.0 else 0.0
            pairs.append(Together(i, j, observed, min(max(weight, -1.0), 1.0), p))
    return pairs


def shared(pairs: list[Together]) -> set[int]:
    """The queues that share one factor: the largest set that pairs join."""
    groups: list[set[int]] = []
    for pair in pairs:
        if pair.is_shared:
            joined = [g for g in groups if g & {pair.a, pair.b}]
            groups = [g for g in groups if not g & {pair.a, pair.b}]
            groups.append(set().union({pair.a, pair.b}, *joined))
    return max(groups, key=lambda g: (len(g), -min(g)), default=set())


def _pearson(x: Floats, y: Floats) -> tuple[float, float]:
    found: Any = stats.pearsonr(x, y, alternative="greater")
    return float(found.statistic), float(found.pvalue)


def _value(estimate: Estimate) -> float:
    return estimate.value or 0.0
