"""Logs whose truth is known: simulated days, told as a real telephone system would tell them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from sim.calibration.history import History, Outcome, Presence, Reading
from sim.experiment.run import run
from sim.logs import CallLog, Cause
from sim.logs import Outcome as Ended
from sim.scenario.load import loads_scenario
from sim.scenario.model import Scenario

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)

_OUTCOMES = {
    Ended.DONE: Outcome.ANSWERED,
    Ended.ABANDONED: Outcome.ABANDONED,
    Ended.BLOCKED: Outcome.BLOCKED,
    Ended.OVERFLOWED: Outcome.LEFT,
    Ended.WAITING: Outcome.OPEN,
    Ended.CONNECTING: Outcome.OPEN,
    Ended.SERVICE: Outcome.ANSWERED,
}


def history_of(
    text: str,
    *,
    resolution_s: float = 1.0,
    with_agents: bool = True,
    with_wrap_up: bool = False,
    presence: Presence | None = None,
    **changes: object,
) -> History:
    """The calls of each replication as those of one day, from Monday 2026-03-02 on.

    `changes` are overrides such as seed=3. Instants and durations are whole steps of the clock.
    """
    scenario = loads_scenario(text, overrides=[f"{key}={value}" for key, value in changes.items()])
    result = run(scenario, log=True)
    assert result.logs is not None
    parts = [_day(log, day, scenario) for day, log in enumerate(result.logs)]
    joined = np.concatenate([part["joined"] for part in parts])
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(joined, kind="stable")

    def step(name: str) -> np.ndarray:
        return np.rint(columns[name][order] / resolution_s) * resolution_s

    n = order.size
    agents = tuple(g.agent_name(i) for g in scenario.agents for i in range(g.count))
    return History(
        joined_at=step("joined"),
        queue=columns["queue"][order].astype(np.int32),
        outcome=columns["outcome"][order].astype(np.int8),
        wait_s=step("wait"),
        ring_s=np.full(n, np.nan),
        talk_s=step("talk"),
        wrap_up_s=step("wrap_up") if with_wrap_up else np.full(n, np.nan),
        agent=columns["agent"][order].astype(np.int32) if with_agents else np.full(n, -1, np.int32),
        priority=np.zeros(n, np.int32),
        call=np.arange(n).astype(np.str_),
        queues=tuple(queue.name for queue in scenario.queues),
        agents=agents if with_agents else (),
        reading=Reading("simulated", "test", n),
        resolution_s=resolution_s,
        presence=presence,
    )


def _day(log: CallLog, day: int, scenario: Scenario) -> dict[str, np.ndarray]:
    assert scenario.start is not None
    into = scenario.start - scenario.start.replace(hour=0, minute=0)
    begins = (MONDAY + timedelta(days=day) + into).timestamp()
    ended = np.where(np.isnan(log.answer), log.leave, log.answer)
    outcome = np.array([_OUTCOMES[Ended(o)] for o in log.outcome], np.int8)
    outcome[log.cause == Cause.TIMEOUT] = Outcome.TIMEOUT
    wait = np.where(np.isnan(ended), 0.0, ended - log.arrival)
    return {
        "joined": begins + log.arrival,
        "queue": log.queue,
        "outcome": outcome,
        "wait": np.where(outcome == Outcome.BLOCKED, 0.0, wait),
        "talk": log.service,
        "wrap_up": log.wrap_up,
        "agent": np.where(np.isnan(log.answer), -1, log.agent),
    }
