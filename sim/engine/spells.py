"""The agent log as calls, spells and shifts imply it: what the compiled engine gives.

The SimPy engine writes the same log as it goes; that the two agree checks both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.engine.lower import Plant
from sim.engine.rosters import ALWAYS, Shifts
from sim.logs import AgentLog, AgentState, CallLog, SpellKind, SpellLog

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


def agent_log(
    plant: Plant, shifts: dict[int, Shifts], calls: CallLog, spells: SpellLog, end: float
) -> AgentLog:
    """The states of all agents from 0 to `end`.

    `shifts` are those of the replication, `calls` and `spells` all that the engine handed over.
    """
    work = _Work(plant.n_agents, end)
    served = calls.agent >= 0
    for agent, routed, answer, leave, wrap_up in zip(
        *(
            getattr(calls, name)[served].tolist()
            for name in ("agent", "routed", "answer", "leave", "wrap_up")
        ),
        strict=True,
    ):
        left = end if math.isnan(leave) else leave
        work.add(agent, AgentState.CONNECTING, routed, left if math.isnan(answer) else answer)
        if not math.isnan(answer):
            work.add(agent, AgentState.SERVICE, answer, left)
            if wrap_up > 0.0:
                work.add(agent, AgentState.WRAP_UP, left, leave + wrap_up)
    for kind, agent, since, until in zip(
        *(getattr(spells, name).tolist() for name in ("kind", "agent", "from_s", "to_s")),
        strict=True,
    ):
        if kind in OCCUPIES:
            work.add(agent, OCCUPIES[kind], since, until)
    log: list[Spell] = []
    for agent, own in enumerate(work.of):
        here = shifts.get(agent, ALWAYS)
        now = 0.0
        for since, until, state in sorted(own):
            log += _unoccupied(agent, here, now, since)
            log.append((agent, state, since, until))
            now = until
        log += _unoccupied(agent, here, now, end)
    return AgentLog.of_rows(joined(log))


OCCUPIES = {
    SpellKind.RINGING.value: AgentState.CONNECTING,
    SpellKind.PENALTY.value: AgentState.PENALTY,
    SpellKind.BREAK.value: AgentState.BREAK,
}


class _Work:
    """What agents are occupied with between 0 and `end`: (from, to, state), in any order."""

    def __init__(self, n_agents: int, end: float) -> None:
        self.of: list[list[tuple[float, float, AgentState]]] = [[] for _ in range(n_agents)]
        self._end = end

    def add(self, agent: int, state: AgentState, since: float, until: float) -> None:
        since, until = max(since, 0.0), min(until, self._end)
        if until > since:
            self.of[agent].append((since, until, state))


def _unoccupied(agent: int, shifts: Shifts, since: float, until: float) -> Iterator[Spell]:
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
