"""What agents did, one conversation after the other: the answered calls by agent and time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.history import History

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

WAITED_S = 10.0
"""A call that waited longer had nobody free: shorter waits can be the time it takes to connect."""


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """Conversations sorted by agent and answer; all of shape (conversations,).

    `waited` tells whether the call had waited for somebody to become free; `gap_s` is from the end
    of the conversation to the agent's next answer without its ringing, NaN for the agent's last
    one; `next_waited` whether that next call had waited. `ends_at` includes no wrap-up.
    """

    agent: Longs
    queue: Longs
    answered_at: Floats
    ends_at: Floats
    waited: Flags
    gap_s: Floats
    next_answer_at: Floats
    next_waited: Flags


def work(history: History) -> Work:
    """The conversations of a history whose agent and length are known."""
    some = history.answered() & (history.agent >= 0) & np.isfinite(history.talk_s)
    some &= np.isfinite(history.wait_s)
    rows = np.flatnonzero(some)
    answered = history.joined_at[rows] + history.wait_s[rows]
    order = np.lexsort((answered, history.agent[rows]))
    rows, answered = rows[order], answered[order]
    agent = history.agent[rows].astype(np.int64)
    ends = answered + np.maximum(history.talk_s[rows], 0.0)
    ring = np.nan_to_num(history.ring_s[rows])
    waited = history.wait_s[rows] - ring > WAITED_S
    n = rows.size
    gap, after, next_waited = np.full(n, np.nan), np.full(n, np.nan), np.zeros(n, bool)
    if n > 1:
        same = agent[1:] == agent[:-1]
        between = np.maximum(answered[1:] - ring[1:] - ends[:-1], 0.0)
        gap[:-1] = np.where(same, between, np.nan)
        after[:-1] = np.where(same, answered[1:], np.nan)
        next_waited[:-1] = same & waited[1:]
    queue = history.queue[rows].astype(np.int64)
    return Work(agent, queue, answered, ends, waited, gap, after, next_waited)
