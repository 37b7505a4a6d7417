"""Can the days of a log be told from simulated ones? Exact tests, for whatever law the days have.

If the scenario is true, a day of the log is one more draw from what the simulated days are drawn
from. Then nothing tells which of all days are the log's, and any choice of as many days is as
likely: the test compares the log's value with that of days chosen at random from all (a permutation
test; Lehmann and Romano, *Testing Statistical Hypotheses*, section 15.2). With B random choices and
the log's own among them p = (1 + #{as extreme}) / (B + 1) is at most a with a probability of at
most a (Phipson and Smyth, "Permutation p-values should never be zero", 2010).

`Together` is for simulated days that are like all of the log's, `ByDay` for days of which each has
simulated ones of its own; there a choice takes for each day one of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.backtest.terms import Days, divided
from sim.calibration.history import Floats

TAIL = 0.025
"""On either side: intervals hold 95 %."""
DRAWS = 9_999
BAND_DRAWS = 1_999
_ROUNDING = 1e-9
"""Values that differ by less are equal: sums in another order."""
_BYTES = 200_000_000
"""About what a block of random choices may take."""


@dataclass(frozen=True, eq=False)
class Singles:
    """Days by themselves, columns by their place.

    `outside` (days, columns): whether the value is among the most extreme 5 % of all days, the
    simulated ones included; `known` whether there is one. `low` and `high`, (days, columns), are
    the ends of what is not extreme. `p` (columns,) is the probability of so many days outside or
    more, and `most` the number that is exceeded with a probability of at most 5 %.
    """

    outside: NDArray[np.bool_]
    known: NDArray[np.bool_]
    low: Floats
    high: Floats
    p: Floats
    most: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Together:
    """The log's days, (n, columns), and simulated days that are all alike, (R, columns)."""

    log: Days
    simulated: Days

    @property
    def n(self) -> int:
        return len(self.log.numerator)

    @property
    def choices(self) -> float:
        """How many ways there are to choose the log's days."""
        return float(math.comb(self.n + len(self.simulated.numerator), self.n))

    def replicates(self) -> Days:
        """The simulated days, as the sample behind the predicted value."""
        return self.simulated

    def chosen(self, rng: np.random.Generator, draws: int) -> Iterator[Floats]:
        """Values of days chosen at random, in blocks (draws, columns); all choices of one day."""
        top = np.concatenate([self.simulated.numerator, self.log.numerator])
        bottom = np.concatenate([self.simulated.denominator, self.log.denominator])
        days = len(top)
        if self.n == 1:
            yield self.simulated.ratios()
            return
        for size in _blocks(draws, days + top.shape[1]):
            picked = rng.random((size, days)).argpartition(self.n - 1, axis=1)[:, : self.n]
            weights = np.zeros((size, days))
            np.put_along_axis(weights, picked, 1.0, axis=1)
            yield divided(weights @ top, weights @ bottom)

    def means(self, rng: np.random.Generator, draws: int) -> Floats:
        """Values that as many days as the log's may have, (draws, columns): days drawn from the
        simulated ones, and what these leave uncertain. A single day: the simulated ones."""
        return drawn_means(self.simulated, self.n, rng, draws)

    def singles(self) -> Singles:
        """Each day among all."""
        values, others = self.log.ratios(), self.simulated.ratios()
        pool = np.concatenate([others, values])
        extreme, low, high = _extremes(pool)
        outside = extreme[len(others) :]
        known = np.isfinite(values)
        laws = [
            _hypergeometric(int(all_), int(far), int(mine))
            for all_, far, mine in zip(
                np.isfinite(pool).sum(axis=0), extreme.sum(axis=0), known.sum(axis=0), strict=True
            )
        ]
        p, most = _judged(outside, laws)
        shape = values.shape
        return Singles(
            outside, known, np.broadcast_to(low, shape), np.broadcast_to(high, shape), p, most
        )


@dataclass(frozen=True, eq=False)
class ByDay:
    """The log's days, (n, columns), and for each simulated ones of its own, (n, R, columns)."""

    log: Days
    simulated: Days

    @property
    def n(self) -> int:
        return len(self.log.numerator)

    @property
    def choices(self) -> float:
        """How many ways there are to choose a day for each of the log's."""
        exponent = self.n * math.log(self.simulated.numerator.shape[1] + 1)
        return math.exp(min(exponent, 700.0))

    def replicates(self) -> Days:
        """Simulated logs of all days, as the sample behind the predicted value."""
        return Days(self.simulated.numerator.sum(axis=0), self.simulated.denominator.sum(axis=0))

    def chosen(self, rng: np.random.Generator, draws: int) -> Iterator[Floats]:
        """Values of days of which each is one of its own, in blocks (draws, columns)."""
        if self.n == 1:
            yield Days(self.simulated.numerator[0], self.simulated.denominator[0]).ratios()
            return
        top = np.concatenate([self.simulated.numerator, self.log.numerator[:, None]], axis=1)
        bottom = np.concatenate([self.simulated.denominator, self.log.denominator[:, None]], axis=1)
        for size in _blocks(draws, top.shape[2]):
            yield _one_of_each(Days(top, bottom), rng, size)

    def means(self, rng: np.random.Generator, draws: int) -> Floats:
        """Values that these days may have, (draws, columns)."""
        if self.n == 1:
            return Days(self.simulated.numerator[0], self.simulated.denominator[0]).ratios()
        return _one_of_each(self.simulated, rng, draws)

    def singles(self) -> Singles:
        """Each day among its own."""
        values, others = self.log.ratios(), self.simulated.ratios()
        n, columns = values.shape
        outside = np.zeros((n, columns), np.bool_)
        low, high = np.full((n, columns), np.nan), np.full((n, columns), np.nan)
        share = np.zeros((n, columns))
        for day in range(n):
            pool = np.concatenate([others[day], values[day : day + 1]])
            extreme, low[day], high[day] = _extremes(pool)
            outside[day] = extreme[-1]
            share[day] = extreme.sum(axis=0) / np.maximum(1, np.isfinite(pool).sum(axis=0))
        known = np.isfinite(values)
        laws = [_of_trials(share[known[:, k], k]) for k in range(columns)]
        p, most = _judged(outside, laws)
        return Singles(outside, known, low, high, p, most)


def p_values(log: Floats, blocks: Iterator[Floats]) -> Floats:
    """Two-sided p values of the log's values, (columns,), among values of random choices.

    A choice without a value is as extreme as can be, on both sides. NaN where the log has none.
    """
    at_least = np.zeros(log.size)
    at_most = np.zeros(log.size)
    n = 0
    slack = _ROUNDING * np.abs(log)
    for values in blocks:
        unknown = np.isnan(values)
        at_least += ((values >= log - slack) | unknown).sum(axis=0)
        at_most += ((values <= log + slack) | unknown).sum(axis=0)
        n += len(values)
    p = np.minimum(1.0, 2.0 * (1.0 + np.minimum(at_least, at_most)) / (n + 1.0))
    return np.where(np.isnan(log), np.nan, p)


def drawn_means(simulated: Days, n: int, rng: np.random.Generator, draws: int) -> Floats:
    """Values that n days may have, (draws, columns), by drawing from R simulated ones.

    To the value of n days drawn is added how far that of R days drawn lies from the value of all:
    the prediction's own error. With n = 1 the simulated days are given as they are.
    """
    if n == 1:
        return simulated.ratios()
    top, bottom = simulated.numerator, simulated.denominator
    days = len(top)
    whole = divided(top.sum(axis=0), bottom.sum(axis=0))
    found = []
    for size in _blocks(draws, days + top.shape[1]):
        mine, others = (_times_drawn(rng, size, k, days) for k in (n, days))
        values = divided(mine @ top, mine @ bottom)
        error = divided(others @ top, others @ bottom) - whole
        found.append(values - np.where(np.isnan(error), 0.0, error))
    return np.concatenate(found)


def middle(values: Floats) -> tuple[Floats, Floats]:
    """The ends of the middle 95 % of the values of each column, by order statistics; of few
    values all of them."""
    ordered = np.sort(values, axis=0)  # NaN last
    n = np.isfinite(values).sum(axis=0)
    k = np.maximum(1, np.floor(TAIL * (n + 1)).astype(np.int64))
    places = np.stack([k - 1, np.maximum(0, n - k)])
    low, high = np.take_along_axis(ordered, np.minimum(places, len(values) - 1), axis=0)
    return np.asarray(low), np.asarray(high)


def holm(p: Floats) -> Floats:
    """Adjusted p values (Holm 1979): those at most a hold together at the error rate a."""
    order = np.argsort(p)
    stepped = p[order] * np.arange(p.size, 0, -1)
    found = np.empty(p.size)
    found[order] = np.minimum(1.0, np.maximum.accumulate(stepped))
    return found


def _extremes(pool: Floats) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Which values of each column are among the least or greatest 2.5 % of it, ties with them
    only if all fit; and the ends of the others."""
    days, columns = pool.shape
    extreme = np.zeros((days, columns), np.bool_)
    low, high = np.full(columns, np.nan), np.full(columns, np.nan)
    for k in range(columns):
        known = np.flatnonzero(np.isfinite(pool[:, k]))
        values = pool[known, k]
        ordered = np.sort(values)
        room = TAIL * values.size
        at_most = np.searchsorted(ordered, values, side="right")
        at_least = values.size - np.searchsorted(ordered, values, side="left")
        far = (at_most <= room) | (at_least <= room)
        extreme[known, k] = far
        if known.size:
            low[k], high[k] = values[~far].min(), values[~far].max()
    return extreme, low, high


def _hypergeometric(all_: int, far: int, mine: int) -> Floats:
    """The probabilities of 0, 1, ... of `far` among `mine` chosen from `all_`."""
    from scipy.special import gammaln

    k = np.arange(mine + 1)
    possible = (k <= far) & (mine - k <= all_ - far)

    def log_choose(n: int, chosen: NDArray[np.int64]) -> Floats:
        kept = np.clip(chosen, 0, n)
        return np.asarray(gammaln(n + 1) - gammaln(kept + 1) - gammaln(n - kept + 1))

    log = log_choose(far, k) + log_choose(all_ - far, mine - k)
    log = log - log_choose(all_, np.array([mine]))
    return np.where(possible, np.exp(log), 0.0)


def _of_trials(shares: Floats) -> Floats:
    """The probabilities of 0, 1, ... successes of trials of these probabilities."""
    law = np.ones(1)
    for share in shares:
        law = np.convolve(law, [1.0 - share, share])
    return law


def _judged(outside: NDArray[np.bool_], laws: list[Floats]) -> tuple[Floats, NDArray[np.int64]]:
    p, most = np.ones(len(laws)), np.zeros(len(laws), np.int64)
    for k, (count, law) in enumerate(zip(outside.sum(axis=0), laws, strict=True)):
        p[k] = min(1.0, float(law[int(count) :].sum()))
        most[k] = int(np.searchsorted(np.cumsum(law), 0.95 * (1.0 - _ROUNDING)))
    return p, most


def _one_of_each(days: Days, rng: np.random.Generator, draws: int) -> Floats:
    """Ratios of sums over days, one at random of each day's, (draws, columns)."""
    n, each, columns = days.numerator.shape
    top, bottom = np.zeros((draws, columns)), np.zeros((draws, columns))
    for day in range(n):
        which = _places(rng, draws, each)
        top += days.numerator[day][which]
        bottom += days.denominator[day][which]
    return divided(top, bottom)


def _places(rng: np.random.Generator, size: int, n: int) -> NDArray[np.int64]:
    return np.minimum((rng.random(size) * n).astype(np.int64), n - 1)


def _times_drawn(rng: np.random.Generator, size: int, k: int, of: int) -> Floats:
    """How often each of so many days is drawn when k are, with replacement; (size, of)."""
    which = _places(rng, size * k, of).reshape(size, k) + of * np.arange(size)[:, None]
    return np.bincount(which.ravel(), minlength=size * of).reshape(size, of).astype(np.float64)


def _blocks(draws: int, width: int) -> Iterator[int]:
    most = max(1, _BYTES // (32 * width))
    for begin in range(0, draws, most):
        yield min(most, draws - begin)
