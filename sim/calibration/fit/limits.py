"""What a queue does by itself, as far as a log shows it: its timeout, its room, its priority."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.fit.sample import Sample
from sim.calibration.history import Outcome

ALIKE = 0.8
"""A timeout is told where so large a share of those timed out had waited the same."""
FEW = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """`wait_timeout_s` is None where there is none or calls timed out at different waits.

    `most_waiting` is the most calls that waited at one time when a call was blocked, None if
    none was. `priority` is the most frequent one, `other_priority` the share of calls with others.
    """

    timed_out: int
    wait_timeout_s: float | None
    same_wait: float | None
    blocked: int
    most_waiting: int | None
    left: int
    priority: int
    other_priority: float


def limits(sample: Sample, mine: NDArray[np.bool_]) -> Limits:
    """The limits of the queue whose visits are `mine`; some visit there must be."""
    history = sample.history
    outcome = history.outcome
    timeout, same = _timeout(
        history.wait_s[mine & (outcome == Outcome.TIMEOUT)], history.resolution_s
    )
    values, counts = np.unique(history.priority[mine], return_counts=True)
    top = int(np.argmax(counts))
    blocked = mine & (outcome == Outcome.BLOCKED)
    return Limits(
        int((mine & (outcome == Outcome.TIMEOUT)).sum()), timeout, same, int(blocked.sum()),
        _waiting_at(sample, mine, blocked), int((mine & (outcome == Outcome.LEFT)).sum()),
        int(values[top]), 1.0 - float(counts[top] / counts.sum()),
    )  # fmt: skip


def _timeout(waits: NDArray[np.float64], resolution_s: float) -> tuple[float | None, float | None]:
    """The wait at which calls timed out, and the share that did within a step or 2 % of it."""
    if waits.size < FEW:
        return None, None
    middle = float(np.median(waits))
    near = np.abs(waits - middle) <= max(2.0 * resolution_s, 0.02 * middle)
    same = float(near.mean())
    if same < ALIKE or not middle > 0.0:
        return None, same
    step = max(resolution_s, 0.001)
    return round(round(middle / step) * step, 3), same


def _waiting_at(sample: Sample, mine: NDArray[np.bool_], blocked: NDArray[np.bool_]) -> int | None:
    """The median of how many waited in the queue at the instants at which a call was blocked."""
    if not blocked.any():
        return None
    history = sample.history
    there = mine & (history.outcome != Outcome.BLOCKED)
    joined = np.sort(history.joined_at[there])
    ended = np.sort(history.joined_at[there] + history.wait_s[there])
    at = history.joined_at[blocked]
    waiting = np.searchsorted(joined, at, side="right") - np.searchsorted(ended, at, side="right")
    return int(np.median(waiting))
