"""The agent log as the call log and the shifts imply it: what the compiled engine gives.

The SimPy engine writes the same log as it goes; that the two agree checks both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from sim.engine.lower import Plant
from sim.logs import AgentLog, AgentState, CallLog

Spell = tuple[int, AgentState, float, float]
"""An agent, its state, from when and until when."""


def joined(spells: list[Spell]) -> list[Spell]:
    """Spells of one agent in one state, one after the other, as a single spell."""
    log: list[Spell] = []
    for agent, state, since, until in spells:
        if log and log[-1][:2] == (agent, state) and log[-1][3] == since:
            since = log.pop()[2]
        log.append((agent, state, since, until))
    return log


def agent_log(plant: Plant, calls: CallLog, end: float) -> AgentLog:
    """The states of all agents from 0 to `end`; `calls` is the whole call log, in any order."""
    spells: list[Spell] = []
    order = np.lexsort((calls.leave, calls.routed, calls.agent))
    rows = order[np.searchsorted(calls.agent[order], 0) :]
    agents = calls.agent[rows]
    for agent in range(plant.n_agents):
        mine = rows[np.searchsorted(agents, agent) : np.searchsorted(agents, agent, side="right")]
        shifts = plant.shifts.get(agent, ((0.0, math.inf),))
        now = 0.0
        for state, since, until in _busy(calls, mine, end):
            spells += _unoccupied(agent, shifts, now, since)
            if until > since:
                spells.append((agent, state, since, until))
            now = until
        spells += _unoccupied(agent, shifts, now, end)
    return AgentLog.of_rows(joined(spells))


def _busy(
    calls: CallLog, rows: np.ndarray[tuple[int], np.dtype[np.int64]], end: float
) -> Iterator[tuple[AgentState, float, float]]:
    """An agent's work, in order: connecting, service, wrap-up; what goes on stops at `end`."""
    for i in rows:
        routed, answer, leave = calls.routed[i], calls.answer[i], calls.leave[i]
        leave = end if math.isnan(leave) else min(leave, end)
        answer_or_leave = leave if math.isnan(answer) else answer
        yield AgentState.CONNECTING, float(routed), float(answer_or_leave)
        if not math.isnan(answer):
            yield AgentState.SERVICE, float(answer), float(leave)
            if calls.wrap_up[i] > 0.0:
                free = min(float(calls.leave[i] + calls.wrap_up[i]), end)
                yield AgentState.WRAP_UP, float(leave), free


def _unoccupied(
    agent: int, shifts: tuple[tuple[float, float], ...], since: float, until: float
) -> Iterator[Spell]:
    """The time between two calls: available on shift, off otherwise."""
    now = since
    for start, stop in shifts:
        if start >= until:
            break
        if now < start:
            yield agent, AgentState.OFF, now, start
            now = start
        if now < stop:
            upto = min(stop, until)
            if upto > now:
                yield agent, AgentState.AVAILABLE, now, upto
                now = upto
    if now < until:
        yield agent, AgentState.OFF, now, until
