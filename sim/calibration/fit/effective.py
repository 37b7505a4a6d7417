"""How many agents it would take to make the waits of a log that names none.

Erlang's formula with patience, interval by interval, as if each were in a stationary state; all
queues together as one team. It is a number that fits, not one that was seen: breaks, other work and
unanswered phones are in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.fit.sample import Sample
from sim.calibration.history import Outcome
from sim.theory.offered_wait import Leaving, waiting

Floats = NDArray[np.float64]

LEAST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Effective:
    """Agents by interval, and the mean waits that they were chosen by, in the log and by Erlang."""

    counts: tuple[int, ...]
    seen_wait_s: tuple[float, ...]
    fitted_wait_s: tuple[float, ...]


def effective(
    sample: Sample, handle_s: float, patience_s: float | None, timeout_s: float | None
) -> Effective:
    """The numbers whose mean wait, of all who joined, is nearest to that of the log.

    `handle_s` is the mean of conversation and wrap-up. A mean wait below a second counts as one:
    it tells no number of agents from a larger one.
    """
    joined = sample.history.outcome != Outcome.BLOCKED
    wait = np.nan_to_num(np.maximum(sample.history.wait_s, 0.0))
    calls = sample.per_slot(joined)
    total = sample.per_slot(joined, wait).sum(axis=0)
    leaving = Leaving(patience_s, math.inf if timeout_s is None else timeout_s)
    counts, seen, fitted = [], [], []
    for slot in range(sample.n_slots):
        n_calls = float(calls[:, slot].sum())
        if not n_calls:
            counts.append(0)
            seen.append(0.0)
            fitted.append(0.0)
            continue
        rate = n_calls / sample.n_days / sample.interval_s
        wanted = float(total[slot]) / n_calls
        count, found = _nearest(rate, handle_s, leaving, max(wanted, LEAST_WAIT_S))
        counts.append(count)
        seen.append(wanted)
        fitted.append(found)
    return Effective(tuple(counts), tuple(seen), tuple(fitted))


def _nearest(rate: float, handle_s: float, leaving: Leaving, wanted_s: float) -> tuple[int, float]:
    """By halving: the mean wait falls with every agent."""
    load = rate * handle_s
    least = 1 if leaving.symbol else math.floor(load) + 1
    most = least + math.ceil(load + 10.0 * math.sqrt(load) + 10.0)

    def wait(n: int) -> float:
        return float(waiting(rate, handle_s, n, leaving).wait_mean_s or 0.0)

    low, high = least, most
    while low < high:
        middle = (low + high) // 2
        if wait(middle) > wanted_s:
            low = middle + 1
        else:
            high = middle
    if low > least and abs(wait(low - 1) - wanted_s) < abs(wait(low) - wanted_s):
        low -= 1
    return low, wait(low)
