"""The days of a log, counted by the code that counts a run's replications."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from sim.calibration.backtest.days import LogDays, start_clock_s
from sim.calibration.history import Floats, History, Outcome
from sim.experiment.gathered import Gathered
from sim.experiment.replicate import Replication
from sim.experiment.result import Result
from sim.logs import CallLog, Cause
from sim.logs import Outcome as CallOutcome
from sim.scenario.model import AtHorizon, Scenario
from sim.sums import Frame, Tally

_OUTCOMES = {
    Outcome.ANSWERED: CallOutcome.DONE,
    Outcome.ABANDONED: CallOutcome.ABANDONED,
    Outcome.TIMEOUT: CallOutcome.ABANDONED,
    Outcome.LEFT: CallOutcome.OVERFLOWED,
    Outcome.BLOCKED: CallOutcome.BLOCKED,
    Outcome.OPEN: CallOutcome.WAITING,
}
"""What a visit is in a call log. Who left for elsewhere is in no ratio, as in a run."""
_CAUSES = {Outcome.ABANDONED: Cause.HANGUP, Outcome.TIMEOUT: Cause.TIMEOUT}


def observed(days: LogDays, scenario: Scenario) -> Result:
    """The log as a result of which each day is a replication, in the order of its days.

    All agents are one group. What goes by the clock is known of the agents only, and of them only
    where the log tells of their presence.
    """
    history = days.history
    frame = Frame(
        n_queues=len(scenario.queues),
        n_groups=1,
        n_actions=sum(len(flow.actions) for flow in scenario.flows),
        warmup_s=scenario.warmup_s,
        horizon_s=scenario.horizon_s,
        interval_s=scenario.interval_s,
        group_of=np.zeros(max(1, len(history.agents)), np.int32),
        threshold_s=np.array([q.service_level.threshold_s for q in scenario.queues]),
        short_abandon_s=np.array([q.service_level.short_abandon_s for q in scenario.queues]),
    )
    gathered = Gathered(scenario, intervals=True)
    presence = None if history.presence is None else _on_duty(history)
    for place in range(len(days)):
        tally = Tally(frame)
        calls = call_log(days, place, scenario)
        if presence is None:
            tally.add_calls(calls)
        else:
            tally.add(calls)
            tally.add_shifts(*_shifts(presence, days, place, scenario))
        gathered.add(Replication(place, tally.sums, None, None, None))
    return gathered.result(engine="log", elapsed_s=0.0)


def call_log(days: LogDays, place: int, scenario: Scenario) -> CallLog:
    """The visits of a day as an engine would have written them down.

    A call that was answered and whose talk is not told is still in service. Under `stop` nothing
    is known of what happened at or after the horizon, as in a run.
    """
    part = days.of_day(place)
    rows = days.row[part]
    history = days.history
    n = rows.size
    kind = history.outcome[rows]
    arrival, wait = days.at_s[part], history.wait_s[rows]
    ended = arrival + wait
    answered = kind == Outcome.ANSWERED
    talk = np.where(answered, history.talk_s[rows], np.nan)
    wrap_up = history.wrap_up_s[rows]
    outcome = np.zeros(n, np.int8)
    cause = np.full(n, Cause.NONE, np.int8)
    for each, told in _OUTCOMES.items():
        outcome[kind == each] = told
    for each, why in _CAUSES.items():
        cause[kind == each] = why
    outcome[answered & np.isnan(talk)] = CallOutcome.SERVICE
    answer = np.where(answered, ended, np.nan)
    leave = np.where(answered, ended + talk, ended)
    leave[kind == Outcome.OPEN] = np.nan
    if scenario.at_horizon is AtHorizon.STOP:
        still = ended >= scenario.horizon_s
        outcome[still], cause[still] = CallOutcome.WAITING, Cause.NONE
        talking = ~still & answered & ~(leave < scenario.horizon_s)
        outcome[talking] = CallOutcome.SERVICE
        answer[still] = np.nan
        leave[still | talking] = np.nan
    done = outcome == CallOutcome.DONE
    ring = history.ring_s[rows]
    return CallLog(
        call=np.arange(n, dtype=np.int64),
        queue=days.queue[part],
        arrival=arrival,
        routed=np.where(np.isnan(ring), answer, answer - ring),
        answer=answer,
        leave=leave,
        outcome=outcome,
        cause=cause,
        agent=np.where(np.isnan(answer), -1, history.agent[rows]).astype(np.int32),
        service=np.where(done, talk, np.nan),
        wrap_up=np.where(done, np.where(np.isnan(wrap_up), 0.0, wrap_up), np.nan),
        cut=np.zeros(n, np.bool_),
        attempt=np.ones(n, np.int32),
        parent=np.full(n, -1, np.int64),
        first_arrival=days.first_s[part],
    )


def as_clocked(log: CallLog, tick_s: float) -> CallLog:
    """What a clock that shows whole multiples of `tick_s` would have shown of these calls.

    Every instant is that of the tick before, so a wait is a difference of two ticks.
    """

    def shown(at: Floats) -> Floats:
        return np.floor(at / tick_s) * tick_s

    seen = replace(
        log, arrival=shown(log.arrival), routed=shown(log.routed), answer=shown(log.answer),
        leave=shown(log.leave), first_arrival=shown(log.first_arrival),
    )  # fmt: skip
    done = ~np.isnan(log.service)
    return replace(seen, service=np.where(done, seen.leave - seen.answer, np.nan))


def counted(replication: Replication, frame: Frame, tick_s: float) -> Replication:
    """A replication with its calls counted as a clock of such ticks shows them.

    What goes by the clock (queue lengths, agents) stays as it was.
    """
    assert replication.calls is not None
    tally = Tally(frame)
    tally.add_calls(as_clocked(replication.calls, tick_s))
    own = replication.sums
    sums = replace(
        tally.sums, agents=own.agents, slot_agents=own.slot_agents, queue_peak=own.queue_peak,
        plays=own.plays,
    )  # fmt: skip
    return Replication(replication.index, sums, None, None, None)


def _on_duty(history: History) -> tuple[NDArray[np.int64], Floats, Floats]:
    """When agents were logged in: agent, from and to, spells of several queues as one."""
    presence = history.presence
    assert presence is not None
    on = ~presence.paused
    agent = presence.agent[on]
    begin = np.where(np.isnan(presence.from_at[on]), -np.inf, presence.from_at[on])
    end = np.where(np.isnan(presence.to_at[on]), np.inf, presence.to_at[on])
    spells: list[tuple[int, float, float]] = []
    for i in np.lexsort((begin, agent)).tolist():
        who, start, stop = int(agent[i]), float(begin[i]), float(end[i])
        if spells and spells[-1][0] == who and start <= spells[-1][2]:
            spells[-1] = (who, spells[-1][1], max(stop, spells[-1][2]))
        else:
            spells.append((who, start, stop))
    columns = list(zip(*spells, strict=True)) or [(), (), ()]
    return (
        np.array(columns[0], np.int64),
        np.array(columns[1], np.float64),
        np.array(columns[2], np.float64),
    )


def _shifts(
    presence: tuple[NDArray[np.int64], Floats, Floats],
    days: LogDays,
    place: int,
    scenario: Scenario,
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """The spells of a day, in seconds from the scenario's start."""
    midnight = datetime.combine(days.dates[place], datetime.min.time())
    start = midnight + timedelta(seconds=start_clock_s(scenario))
    begin = start.replace(tzinfo=days.history.zone).timestamp()
    agent, from_at, to_at = presence
    there = (to_at > begin) & (from_at < begin + scenario.horizon_s)
    return agent[there], from_at[there] - begin, to_at[there] - begin
