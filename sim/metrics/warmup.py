"""Where the influence of the start has died away: MSER-5 on a series averaged over replications.

Of k means z_1 ... z_k, each of five observations in a row, the first d are deleted where

    MSER(d) = sum_{j > d} (z_j - mean of the rest)^2 / (k - d)^2

is least: the squared standard error of the mean of what is left, as if its means were independent.
Only the first half is looked at: near the end few means, which are alike because they follow each
other, make the statistic small by chance (Pasupathy and Schmeiser, "The initial transient in
steady-state point estimation", Winter Simulation Conference 2010). If it still falls where the
first half ends, the series is too short to tell. (White, "An effective truncation heuristic for
bias reduction in simulation output", Simulation 69, 1997; White and Robinson, "The problem of the
initial transient (again), or why MSER works", Journal of Simulation 4, 2010; averaged over
replications as in Hoad, Robinson and Davies, "Automating warm-up length estimation", Journal of the
Operational Research Society 61, 2010.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.metrics.estimates import Floats

IN_A_MEAN = 5
LATE = 0.45
"""A minimum after this share of the series is one at the end of the first half."""
LEAST_OBSERVATIONS = 100


@dataclass(frozen=True, slots=True)
class Truncation:
    """How many observations to delete, and whether the series was too short to tell."""

    observations: int
    is_late: bool


def mser(series: Floats) -> Truncation:
    """MSER-5 of a series of at least 100 observations, shape (n,); ValueError for fewer."""
    if series.size < LEAST_OBSERVATIONS:
        raise ValueError(f"it takes at least {LEAST_OBSERVATIONS} observations, not {series.size}")
    k = series.size // IN_A_MEAN
    means = series[: k * IN_A_MEAN].reshape(k, IN_A_MEAN).mean(axis=1)
    means = means - means.mean()  # so that squares lose no digits
    left = np.arange(k, 0, -1.0)
    total = np.cumsum(means[::-1])[::-1]
    squares = np.cumsum(means[::-1] ** 2)[::-1]
    statistic = (squares - total**2 / left) / left**2
    d = int(np.argmin(statistic[: k // 2 + 1]))
    return Truncation(d * IN_A_MEAN, d > LATE * k)


def moving_average(series: Floats, half: int) -> Floats:
    """The mean of each value and `half` neighbours on either side, fewer at the ends (Welch; Law,
    section 9.5.1). Same shape."""
    summed = np.concatenate(([0.0], np.cumsum(series)))
    i = np.arange(series.size)
    half_here = np.minimum(np.minimum(i, series.size - 1 - i), half)
    return np.asarray((summed[i + half_here + 1] - summed[i - half_here]) / (2 * half_here + 1))
