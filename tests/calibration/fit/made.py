"""Histories of given arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.calibration.history import DAY_S, History, Outcome, Presence, Reading
from tests.calibration.fit.simulated import MONDAY


def made(
    *,
    day: Any,
    clock_s: Any,
    wait_s: Any = 0.0,
    talk_s: Any = 60.0,
    outcome: Any = Outcome.ANSWERED,
    queue: Any = 0,
    agent: Any = -1,
    priority: Any = 0,
    wrap_up_s: Any = np.nan,
    queues: tuple[str, ...] = ("q",),
    agents: tuple[str, ...] = (),
    resolution_s: float = 1.0,
    presence: Presence | None = None,
) -> History:
    """Visits of days counted from Monday 2026-03-02, at seconds after midnight; what is one value
    is so for all. Visits that were not answered have no conversation."""
    day, clock = np.broadcast_arrays(np.asarray(day), np.asarray(clock_s, np.float64))
    n = day.size

    def column(value: Any, kind: Any) -> np.ndarray:
        return np.array(np.broadcast_to(np.asarray(value, kind), n))

    joined = MONDAY.timestamp() + day * DAY_S + clock
    outcomes = column(outcome, np.int8)
    answered = outcomes == Outcome.ANSWERED
    order = np.argsort(joined, kind="stable")
    return History(
        joined_at=joined[order],
        queue=column(queue, np.int32)[order],
        outcome=outcomes[order],
        wait_s=column(wait_s, np.float64)[order],
        ring_s=np.full(n, np.nan),
        talk_s=np.where(answered, column(talk_s, np.float64), np.nan)[order],
        wrap_up_s=np.where(answered, column(wrap_up_s, np.float64), np.nan)[order],
        agent=np.where(answered, column(agent, np.int32), -1)[order],
        priority=column(priority, np.int32)[order],
        call=np.arange(n).astype(np.str_),
        queues=queues,
        agents=agents,
        reading=Reading("made", "test", n),
        resolution_s=resolution_s,
        presence=presence,
    )
