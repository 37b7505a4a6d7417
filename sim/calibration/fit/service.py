"""How long conversations are, by queue, and whether that depends on the time of day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.calibration.fit import families
from sim.calibration.fit.choice import SAME, Chosen, choose, constant, quantile
from sim.calibration.fit.likelihood import SHORT_S, Beside, beside
from sim.calibration.fit.sample import Sample
from sim.calibration.fit.spans import spans
from sim.metrics.estimates import Estimate, ratio
from sim.scenario.distributions import Distribution

Floats = NDArray[np.float64]

QUANTILES = (0.5, 0.9, 0.95, 0.99)
FEW_SAME = 5
"""So many conversations that last the same may always do so."""
POINTS, SHOWN = 121, 0.98
"""Of the curve, and up to which share of the conversations."""
SHORTEST_CELL = 5
"""Conversations that an interval must have on each day to be compared with others."""
LEAST_SPREAD = 0.05
"""A standard deviation of the intervals' factors below this makes no difference to planning."""
ERROR = 0.01
_BY_NAME = {family.name: family for family in families.SERVICE}


@dataclass(frozen=True, slots=True)
class Short:
    """Conversations of less than 10 s: agents who hang up, wrong numbers, calls that broke off."""

    n: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """Factors of the service time by interval, 1 on average over the calls.

    `p_value` is Friedman's test with days as blocks, over the `compared` intervals that have
    enough calls on every day; None where there are too few. `scale` has a factor per interval, all
    1 unless the test shows a difference and the factors differ enough.
    """

    p_value: float | None
    compared: int
    scale: tuple[float, ...]

    @property
    def is_shown(self) -> bool:
        return any(each != 1.0 for each in self.scale)


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """Conversations of a queue: `mean` is that of the data over days, whatever the law.

    `quantiles` are (share, observed, of the scenario's law), `curve` the lengths, the share of
    conversations that are longer, and by the law, each of shape (points,); `values_s` the data,
    sorted, if the scenario is to have these. `n` is the number of conversations.
    """

    n: int
    mean: Estimate
    chosen: Chosen
    quantiles: tuple[tuple[float, float, float], ...]
    short: Short
    time_of_day: TimeOfDay
    values_s: Floats | None
    curve: tuple[Floats, Floats, Floats] = (np.zeros(0), np.zeros(0), np.zeros(0))

    @property
    def cv(self) -> Estimate:
        """Of the chosen law's family, short ones aside."""
        return self.chosen.cv

    @property
    def main_mean_s(self) -> float:
        """The mean of the family, so that with the short ones the whole has the data's mean."""
        law, whole = self.chosen.law, float(self.mean.value or 0.0)
        if law.beside is Beside.NOTHING:
            return whole
        return (whole - law.share * SHORT_S / 2.0) / (1.0 - law.share)

    @property
    def distribution(self) -> Distribution:
        """The fitted law, moved to the data's mean."""
        return _moved(self.chosen, self.main_mean_s)


def service(sample: Sample, mine: NDArray[np.bool_], family: str) -> Service | None:
    """The service times of the visits `mine`; None if none of them tells one.

    `family` is `best`, a family's name or `empirical`.
    """
    talk = sample.history.talk_s
    told = mine & sample.history.answered() & np.isfinite(talk)
    n = int(told.sum())
    if not n or not float(talk[told].sum()) > 0.0:
        return None
    mean = ratio(sample.per_day(told, talk), sample.per_day(told))
    values = np.maximum(talk[told], 0.0)
    step = sample.history.resolution_s
    seen = spans(values, np.zeros(n, bool), sample.day[told], sample.n_days, step)
    mean_s = float(mean.value or 0.0)
    cv = float(values.std()) / mean_s
    tried = families.SERVICE if family in ("best", "empirical") else (_BY_NAME[family],)
    if n >= FEW_SAME and cv < max(SAME, step / mean_s / 2.0):
        chosen = constant(mean_s, seen)
    else:
        chosen = choose(
            seen, tried, Beside.SHORT, mean_s, min(max(cv, 0.1), 3.0),
            may_have_part=mean_s > 3.0 * SHORT_S and bool((values < SHORT_S).any()),
        )  # fmt: skip
    short = told & (talk < SHORT_S)
    found = Service(
        n, mean, chosen, (),
        Short(int(short.sum()), ratio(sample.per_day(short), sample.per_day(told), most=1.0)),
        time_of_day(sample, told), np.sort(values) if family == "empirical" else None,
    )  # fmt: skip
    above = _above(found)
    at = np.linspace(0.0, float(np.quantile(values, SHOWN)), POINTS)
    longer = 1.0 - np.searchsorted(np.sort(values), at, side="right") / n
    return replace(
        found,
        quantiles=tuple(
            (u, float(np.quantile(values, u)), quantile(above, u, mean_s)) for u in QUANTILES
        ),
        curve=(at, longer, above(at)),
    )


def time_of_day(sample: Sample, told: NDArray[np.bool_]) -> TimeOfDay:
    """Whether conversations are longer at some intervals, and by how much.

    Friedman's test (Journal of the American Statistical Association 32, 1937) in the form of Iman
    and Davenport (Communications in Statistics A9, 1980) on the mean logarithm of each interval on
    each day: unlike a mean, it is not lower by skewness where calls are few. Each factor is drawn
    to 1 as its uncertainty over days demands (empirical Bayes, as by DerSimonian and Laird 1986).
    """
    plain = (1.0,) * sample.n_slots
    talk = np.maximum(sample.history.talk_s, sample.history.resolution_s / 2.0)
    n = sample.per_slot(told)
    full = np.flatnonzero(n.min(axis=0) >= SHORTEST_CELL)
    days = sample.n_days
    if days < 3 or full.size < 3:
        return TimeOfDay(None, int(full.size), plain)
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = sample.per_slot(told, np.log(talk))[:, full] / n[:, full]
    ranks = stats.rankdata(logs, axis=1)
    k = full.size
    spread = float(((ranks.mean(axis=0) - (k + 1) / 2.0) ** 2).sum())
    total = float(((ranks - (k + 1) / 2.0) ** 2).sum())
    left = total - days * spread
    f = (days - 1) * days * spread / left if left > 0.0 else np.inf
    p = float(stats.f.sf(f, k - 1, (k - 1) * (days - 1)))
    if not p < ERROR:
        return TimeOfDay(p, k, plain)
    return TimeOfDay(p, k, _factors(sample, told, n))


def _factors(sample: Sample, told: NDArray[np.bool_], n: Floats) -> tuple[float, ...]:
    sums = sample.per_slot(told, sample.history.talk_s)
    calls, work = n.sum(axis=0), sums.sum(axis=0)
    mean = float(work.sum() / calls.sum())
    some = calls > 0
    factor = np.ones(calls.size)
    factor[some] = work[some] / calls[some] / mean
    days = sample.n_days
    error = np.zeros(calls.size)
    residual = sums - n * factor * mean
    error[some] = (
        (residual[:, some] ** 2).sum(axis=0) * days / (days - 1) / (calls[some] * mean) ** 2
    )
    weight = np.where(some & (error > 0.0), 1.0 / np.where(error > 0.0, error, 1.0), 0.0)
    if not weight.sum() > 0.0:
        return (1.0,) * sample.n_slots
    middle = float((weight * factor).sum() / weight.sum())
    q = float((weight * (factor - middle) ** 2).sum())
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    between = max((q - (int((weight > 0).sum()) - 1)) / scale, 0.0) if scale > 0.0 else 0.0
    if between < LEAST_SPREAD**2:
        return (1.0,) * sample.n_slots
    kept = np.where(weight > 0.0, between / (between + error), 0.0)
    drawn = 1.0 + kept * (factor - 1.0)
    drawn /= float((drawn * calls).sum() / calls.sum())
    return tuple(float(round(each, 3)) for each in drawn)


def _moved(chosen: Chosen, main_mean_s: float) -> Distribution:
    """The chosen law with this mean of its family's part and the fitted cv."""
    law = chosen.law
    shift = np.zeros(law.parameters.size)
    shift[0] = np.log(main_mean_s / law.main.mean_s)
    main = law.family.distribution(law.parameters + shift)
    return main if law.beside is Beside.NOTHING else beside(main, law.beside, law.share)


def _above(found: Service) -> Callable[[Floats], Floats]:
    law = found.chosen.law
    shift = np.zeros(law.parameters.size)
    shift[0] = np.log(found.main_mean_s / law.main.mean_s)
    moved = type(law)(law.family, law.beside, law.parameters + shift)
    return moved.above
