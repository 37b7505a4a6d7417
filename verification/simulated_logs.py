"""Logs of simulated days, as a real system would have kept them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo

import numpy as np

from sim.calibration.history import DAY_S, History, Outcome, Presence, Reading
from sim.experiment.run import run
from sim.logs import CallLog, Cause
from sim.logs import Outcome as CallOutcome
from sim.scenario.model import Scenario

FIRST = date(2026, 3, 2)
"""A Monday."""


def log_of(
    scenario: Scenario,
    days: int,
    seed: int,
    *,
    first: date = FIRST,
    zone: tzinfo = UTC,
    tick_s: float = 0.0,
    presence: bool = False,
) -> History:
    """A log of so many days of a scenario, one after the other from `first` on.

    `tick_s` is the step of the log's clock, 0 for an exact one. `presence` tells that all agents
    were there all the time.
    """
    result = run(replace(scenario, replications=days, seed=seed), log=True)
    assert result.logs is not None
    return history_of(result.logs, scenario, first=first, zone=zone, tick_s=tick_s,
                      presence=presence)  # fmt: skip


def history_of(
    logs: list[CallLog],
    scenario: Scenario,
    *,
    first: date = FIRST,
    zone: tzinfo = UTC,
    tick_s: float = 0.0,
    presence: bool = False,
) -> History:
    """The history in the call logs of days."""
    start = scenario.start
    clock = 0.0 if start is None else start.hour * 3600.0 + start.minute * 60.0 + start.second
    begin = datetime.combine(first, datetime.min.time(), zone).timestamp() + clock
    log = CallLog.joined(logs)
    offset = np.repeat(begin + DAY_S * np.arange(len(logs)), [len(rows) for rows in logs])
    ended = np.where(np.isnan(log.answer), log.leave, log.answer)

    def shown(at: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return np.floor(at / tick_s) * tick_s if tick_s else at

    answered = ~np.isnan(log.answer)
    outcome = np.select(
        [
            answered,
            log.cause == Cause.TIMEOUT,
            log.outcome == CallOutcome.ABANDONED,
            log.outcome == CallOutcome.BLOCKED,
            log.outcome == CallOutcome.OVERFLOWED,
        ],
        [Outcome.ANSWERED, Outcome.TIMEOUT, Outcome.ABANDONED, Outcome.BLOCKED, Outcome.LEFT],
        Outcome.OPEN,
    )
    wait = shown(ended) - shown(log.arrival)
    order = np.argsort(offset + shown(log.arrival), kind="stable")
    agents = tuple(group.agent_name(i) for group in scenario.agents for i in range(group.count))
    spells = Presence(
        agent=np.arange(len(agents), dtype=np.int32),
        queue=np.full(len(agents), -1, np.int32),
        from_at=np.full(len(agents), np.nan),
        to_at=np.full(len(agents), np.nan),
        paused=np.zeros(len(agents), np.bool_),
    )
    history = History(
        joined_at=offset + shown(log.arrival),
        queue=log.queue,
        outcome=outcome.astype(np.int8),
        wait_s=np.where(np.isnan(wait), 0.0, wait),
        ring_s=np.where(answered, shown(log.answer) - shown(log.routed), np.nan),
        talk_s=np.where(answered, shown(log.leave) - shown(log.answer), np.nan),
        wrap_up_s=log.wrap_up,
        agent=np.where(answered, log.agent, -1).astype(np.int32),
        priority=np.zeros(len(log), np.int32),
        call=np.char.add(
            np.repeat([f"{day}-" for day in range(len(logs))], [len(rows) for rows in logs]),
            (log.parent * (log.first_arrival < log.arrival) + log.call
             * (log.first_arrival >= log.arrival)).astype(np.str_),
        ),
        queues=tuple(queue.name for queue in scenario.queues),
        agents=agents,
        reading=Reading("simulated", "simulated", rows=len(log)),
        zone=zone,
        resolution_s=tick_s,
        presence=spells if presence else None,
    )  # fmt: skip
    return history.where(order)
