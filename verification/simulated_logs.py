"""Logs of simulated days, as a real system would have kept them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo

import numpy as np

from sim.calibration.history import History, Outcome, Presence, Reading
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

    `tick_s` is the step of the log's clock, 0 for an exact one. `presence` tells of the agents'
    shifts; of groups with breaks or shrinkage it can't.
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
    midnights = [datetime.combine(first + timedelta(days=day), datetime.min.time())
                 for day in range(len(logs))]  # fmt: skip
    begins = [(at + timedelta(seconds=clock)).replace(tzinfo=zone).timestamp() for at in midnights]
    log = CallLog.joined(logs)
    offset = np.repeat(np.array(begins), [len(rows) for rows in logs])
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
        presence=_shifts(scenario, begins) if presence else None,
    )  # fmt: skip
    return history.where(order)


def _shifts(scenario: Scenario, begins: list[float]) -> Presence:
    """When agents were there, overtime left out."""
    agents = [(group, i) for group in scenario.agents for i in range(group.count)]
    spells = sorted(
        (number, begin + from_s, begin + min(to_s, scenario.horizon_s))
        for number, (group, i) in enumerate(agents)
        for begin in begins
        for from_s, to_s in group.shifts(i)
    )
    return Presence(
        agent=np.array([agent for agent, _, _ in spells], np.int32),
        queue=np.full(len(spells), -1, np.int32),
        from_at=np.array([from_at for _, from_at, _ in spells], np.float64),
        to_at=np.array([to_at for _, _, to_at in spells], np.float64),
        paused=np.zeros(len(spells), np.bool_),
    )
