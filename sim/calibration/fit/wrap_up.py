"""How long agents work after a conversation: told by the log, or seen in how soon they answer.

An agent who answers a call that has been waiting took it as soon as they could: the time since
the end of their last conversation is wrap-up, and whatever else kept them, the connecting too. Gaps
much longer than usual are breaks and no wrap-up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.calibration.fit import families
from sim.calibration.fit.choice import Chosen, choose
from sim.calibration.fit.likelihood import Beside
from sim.calibration.fit.sample import Sample
from sim.calibration.fit.spans import spans
from sim.calibration.fit.work import Work
from sim.metrics.estimates import Estimate, ratio

CUT_S = 120.0
CUT_MEDIANS = 5.0
"""A gap longer than two minutes, or than five usual ones, is a break."""
FEW = 20
LEAST_WITHOUT = 0.02
"""A smaller share of conversations without any wrap-up is not worth telling."""


@dataclass(frozen=True, slots=True, eq=False)
class WrapUp:
    """`source` is `log`, `gaps`, `asked` or `none`.

    `cut_s` is from where on a gap counts as a break, `breaks` how many gaps before a waiting call
    were so long. `chosen` is None where the wrap-up is always the same, or there is none.
    """

    source: str
    n: int
    mean: Estimate
    chosen: Chosen | None
    cut_s: float
    breaks: int

    @property
    def mean_s(self) -> float:
        """The mean, 0 where there is nothing to tell it by."""
        return float(self.mean.value or 0.0)


def wrap_up(sample: Sample, done: Work, asked_s: float | None) -> WrapUp:
    """The wrap-up of all queues together; `asked_s` the mean of one that was asked for."""
    gap = done.gap_s[done.next_waited]
    middle = float(np.median(gap)) if gap.size else 0.0
    cut = max(CUT_S, CUT_MEDIANS * middle)
    if asked_s is not None:
        cut = max(cut, CUT_MEDIANS * asked_s)
        breaks = int((gap > cut).sum())
        return WrapUp("asked", 0, Estimate(asked_s), None, cut, breaks)
    history = sample.history
    told = history.answered() & np.isfinite(history.wrap_up_s)
    if int(told.sum()) >= FEW:
        values, day = np.maximum(history.wrap_up_s[told], 0.0), sample.day[told]
        cut = max(cut, CUT_MEDIANS * float(values.mean()))
        return _fitted("log", values, day, sample, cut, int((gap > cut).sum()))
    some = done.next_waited & (done.gap_s <= cut)
    if int(some.sum()) < FEW:
        return WrapUp("none", int(some.sum()), Estimate(0.0), None, cut, 0)
    day = _day_of(sample, done, some)
    inside = day >= 0
    values = done.gap_s[some][inside]
    return _fitted("gaps", values, day[inside], sample, cut, int((gap > cut).sum()))


def _fitted(
    source: str, values: np.ndarray, day: np.ndarray, sample: Sample, cut: float, breaks: int
) -> WrapUp:  # fmt: skip
    n = sample.n_days
    mean = ratio(
        np.bincount(day, values, minlength=n).astype(np.float64),
        np.bincount(day, minlength=n).astype(np.float64),
    )
    step = sample.history.resolution_s
    if values.size == 0 or float(values.max() - values.min()) <= step or not mean.value:
        return WrapUp(source, int(values.size), mean, None, cut, breaks)
    known = spans(values, np.zeros(values.size, bool), day, n, step)
    cv = float(values.std() / values.mean())
    chosen = choose(
        known, families.SERVICE, Beside.ZERO, float(mean.value), min(max(cv, 0.1), 3.0),
        may_have_part=float((values <= step / 2.0).mean()) > LEAST_WITHOUT,
    )  # fmt: skip
    return WrapUp(source, int(values.size), mean, chosen, cut, breaks)


def _day_of(sample: Sample, done: Work, some: np.ndarray) -> np.ndarray:
    """The sample's day of each answer, -1 for none."""
    first = sample.others.joined_at
    day, _ = sample.others.days()
    ordinals = np.array([each.toordinal() for each in sample.days], np.int64)
    """An answer belongs to the day of the last call that joined before it."""
    place = np.searchsorted(first, done.answered_at[some], side="right") - 1
    mine = day[np.maximum(place, 0)]
    found = np.searchsorted(ordinals, mine)
    found = np.minimum(found, ordinals.size - 1)
    return np.where(ordinals[found] == mine, found, -1)
