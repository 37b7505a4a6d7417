"""Durations as a log tells them: each known to lie between two limits, counted where alike.

A clock of whole seconds that tells 37 s knows of 36.5 s to 37.5 s; a wait that an answer ended
at 37 s knows that the caller would have stayed longer. Both are a span, the second without end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

_STEPS_TO_THE_MEDIAN = 250.0
_TAIL, _COARSER = 4.0, 9.0
"""Finer than this part of the median a clock's step tells nothing more of a distribution; beyond
four medians steps are nine times as long. Both are odd multiples of the clock's, so that their
limits lie between its steps."""


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Different spans, shape (spans,), and how many of each, shape (days, spans).

    A duration lies in [low_s, high_s); `high_s` is infinite for what was cut short.
    """

    low_s: Floats
    high_s: Floats
    by_day: Floats

    @property
    def counts(self) -> Floats:
        """How many there are of each, all days together."""
        return np.asarray(self.by_day.sum(axis=0), np.float64)

    @property
    def n(self) -> int:
        return int(self.by_day.sum())

    @property
    def n_ended(self) -> int:
        """How many of them were seen to their end."""
        return int(self.counts[np.isfinite(self.high_s)].sum())

    def without_days(self) -> Spans:
        """All days as one."""
        return Spans(self.low_s, self.high_s, self.counts[None, :])


def spans(
    seconds: Floats,
    cut: NDArray[np.bool_],
    day: Longs,
    n_days: int,
    resolution_s: float,
) -> Spans:
    """Spans of durations, all of shape (calls,); `cut` tells which are only known to be longer.

    Durations that were cut at 0 tell nothing and are left out.
    """
    some = ~(cut & (seconds <= 0.0))
    seconds, cut, day = np.maximum(seconds[some], 0.0), cut[some], day[some]
    ended = seconds[~cut]
    middle = float(np.median(ended)) if ended.size else 0.0
    clock = max(resolution_s, 1e-6)
    step = clock * (2.0 * np.floor(middle / _STEPS_TO_THE_MEDIAN / clock / 2.0) + 1.0)
    beyond = (np.rint(seconds / (_COARSER * step)) - 0.5) * _COARSER * step
    coarse = (beyond > _TAIL * middle) & (middle > 0.0)
    width = np.where(coarse, _COARSER * step, step)
    place = np.rint(seconds / width).astype(np.int64)
    key, back = np.unique(4 * place + 2 * coarse + cut, return_inverse=True)
    by_day = np.bincount(day * key.size + back, minlength=n_days * key.size).astype(np.float64)
    width = np.where(key % 4 >= 2, _COARSER * step, step)
    at, is_cut = (key // 4) * width, key % 2 == 1
    low = np.where(is_cut, at, np.maximum(at - width / 2.0, 0.0))
    high = np.where(is_cut, np.inf, at + width / 2.0)
    some_left = high > low
    return Spans(low[some_left], high[some_left], by_day.reshape(n_days, -1)[:, some_left])
