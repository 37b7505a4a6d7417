"""By interval of the day: what the log has, what is predicted, and its band, point by point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.backtest.exchange import BAND_DRAWS, drawn_means, middle
from sim.calibration.backtest.terms import Days, divided
from sim.calibration.history import Floats


@dataclass(frozen=True, eq=False)
class Bands:
    """For each column, shape (columns,): the log's value, the predicted one, and its band."""

    log: Floats
    predicted: Floats
    low: Floats
    high: Floats

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Where the log lies outside the band."""
        slack = 1e-9 * np.abs(self.log)
        return (self.log < self.low - slack) | (self.log > self.high + slack)


def band(log: Days, simulated: Days, most: Floats, rng: np.random.Generator) -> Bands:
    """Of the log's days and simulated days that are all alike; `most` is what each column can be
    at the most."""
    n = len(log.numerator)
    low, high = middle(drawn_means(simulated, n, rng, BAND_DRAWS))
    return _bands(log, simulated, np.maximum(low, 0.0), np.minimum(high, most))


class RunningBand:
    """Of days of which each has simulated ones of its own, told one after the other.

    No more is kept than sums of days drawn at random.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._drawn: Days | None = None
        self._whole: Days | None = None

    def add(self, simulated: Days) -> None:
        """The simulated days of the next day, shape (R, columns)."""
        each = len(simulated.numerator)
        which = (self._rng.random(BAND_DRAWS) * each).astype(np.int64)
        drawn = Days(simulated.numerator[which], simulated.denominator[which])
        self._drawn = drawn if self._drawn is None else _sum(self._drawn, drawn)
        self._whole = simulated if self._whole is None else _sum(self._whole, simulated)

    def bands(self, log: Days) -> Bands:
        """The bands of all days together."""
        assert self._drawn is not None and self._whole is not None
        few = len(log.numerator) == 1
        values = (self._whole if few else self._drawn).ratios()
        return _bands(log, self._whole, *middle(values))


def _sum(a: Days, b: Days) -> Days:
    return Days(a.numerator + b.numerator, a.denominator + b.denominator)


def _bands(log: Days, simulated: Days, low: Floats, high: Floats) -> Bands:
    value, predicted = (
        divided(days.numerator.sum(axis=0), days.denominator.sum(axis=0))
        for days in (log, simulated)
    )
    return Bands(value, predicted, low, high)
