"""`trace`: a call's life, event by event, told from the logs of one replication."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.experiment.heard import Heard
from sim.experiment.lives import Lives, MissedRing
from sim.experiment.replicate import Replicator
from sim.experiment.run import engine_called
from sim.logs import NOBODY, AgentLog, AgentState, CallLog, Cause, Outcome, SpellLog
from sim.scenario.limits import expected_calls
from sim.scenario.model import Queue, Scenario

STATES = {
    AgentState.AVAILABLE: "available",
    AgentState.CONNECTING: "about to answer",
    AgentState.SERVICE: "talking",
    AgentState.WRAP_UP: "in wrap-up",
    AgentState.OFF: "off shift",
    AgentState.PENALTY: "out after a missed ring",
    AgentState.BREAK: "on a break",
}
RINGING = "ringing or about to answer"
LEFT = {
    Cause.TIMEOUT: "leaves: `wait_timeout` has passed",
    Cause.HANGUP: "hangs up: patience has ended",
    Cause.ANNOUNCEMENT: "hangs up on the announcement",
    Cause.FLOW: "is hung up by the wait flow",
}


MANY_CALLS = 50_000.0
"""Expected calls from which on compiling, or finding compiled code, costs less than it saves."""


def engine_for_one(name: str, scenario: Scenario) -> str:
    """The engine for a single replication: `auto` is the one that is done first."""
    if name != "auto":
        return engine_called(name)
    calls = sum(expected_calls(q.arrivals, scenario.horizon_s) for q in scenario.queues)
    return "compiled" if calls > MANY_CALLS else "simpy"


def trace_calls(
    scenario: Scenario,
    *,
    call: int | None,
    queue: str | None,
    first: int,
    replication: int,
    engine: str = "auto",
) -> list[dict[str, Any]]:
    """The stories of one call by its number, or of the first calls (of a queue).

    Each is {"call", "queue", "events": [{"at_s", "what"}], "summary"}; all engines tell the same.
    Raises ValueError when the replication, the call, the queue or the engine does not exist.
    """
    if not 0 <= replication < scenario.replications:
        raise ValueError(
            f"there is no replication {replication}: they are numbered 0 to "
            f"{scenario.replications - 1}"
        )
    names = {q.name: i for i, q in enumerate(scenario.queues)}
    names |= {q.id: i for i, q in enumerate(scenario.queues) if q.id is not None}
    if queue is not None and queue not in names:
        raise ValueError(f"there is no queue {queue!r}: the queues are {', '.join(names)}")
    replicator = Replicator(
        scenario, engine=engine_for_one(engine, scenario), keep_calls=True, keep_agents=True
    )
    ran = replicator.run(replication)
    assert ran.calls is not None and ran.agents is not None and ran.spells is not None
    storyteller = Storyteller(scenario, ran.calls, ran.agents, ran.spells)
    if call is not None:
        rows = np.flatnonzero(ran.calls.call == call)
        if not rows.size:
            raise ValueError(
                f"there is no call {call}: replication {replication} has {len(ran.calls)} calls, "
                "numbered from 0"
            )
    elif queue is not None:
        rows = np.flatnonzero(ran.calls.queue == names[queue])[:first]
    else:
        rows = np.arange(min(first, len(ran.calls)))
    return [storyteller.story(int(row)) for row in rows]


class Storyteller:
    """Tells of calls from the logs of a replication: calls (by call), agents, their spells."""

    def __init__(
        self, scenario: Scenario, calls: CallLog, agents: AgentLog, spells: SpellLog
    ) -> None:
        self._scenario = scenario
        self._calls = calls
        self._agents = agents
        self._lives = Lives(calls, spells)
        self._agent_names = [g.agent_name(i) for g in scenario.agents for i in range(g.count)]
        self._groups = [g for g in scenario.agents for _ in range(g.count)]
        phones = any(group.ring for group in scenario.agents)
        self._states = STATES | ({AgentState.CONNECTING: RINGING} if phones else {})
        self._heard = Heard(scenario)

    def story(self, row: int) -> dict[str, Any]:
        """One call's events in order, and its life in a sentence."""
        log = self._calls
        queue = self._scenario.queues[int(log.queue[row])]
        events = sorted(self._events(row, queue), key=lambda event: event[0])
        return {
            "call": int(log.call[row]),
            "queue": queue.name,
            "events": [{"at_s": at, "what": what} for at, what in events],
            "summary": self._summary(row),
        }

    def _events(self, row: int, queue: Queue) -> Iterator[tuple[float, str]]:
        log = self._calls
        arrival = float(log.arrival[row])
        if log.outcome[row] == Outcome.BLOCKED:
            yield arrival, self._comes(row, queue, "calls")
            yield arrival, f"is blocked: {self._why_it_waited(row, arrival)}, and the queue is full"
            yield from self._what_came_of_it(row)
            return
        yield arrival, self._comes(row, queue, "joins")
        rings = self._lives.missed_rings(row)
        routed, agent = float(log.routed[row]), int(log.agent[row])
        routings = [ring.from_s for ring in rings] + ([routed] if agent != NOBODY else [])
        start = max(arrival, 0.0)
        if not routings or routings[0] > start or self._scenario.dispatch is not None:
            yield start, f"waits: {self._why_it_waited(row, start)}"
        yield from self._heard.events(queue, arrival, float(self._lives.wait_ended[row]))
        for ring, next_routing in zip(rings, [*routings, math.inf][1:], strict=False):
            yield from self._missed(row, ring, next_routing)
        if agent != NOBODY:
            yield from self._connects(row, queue)
        yield from self._ends(row, queue)

    def _comes(self, row: int, queue: Queue, how: str) -> str:
        """How the caller came to the queue: new, again, from another queue, or long ago."""
        log = self._calls
        arrival, parent = float(log.arrival[row]), self._lives.parent(row)
        name = f"{queue.name!r}"
        if arrival < 0.0:
            if log.answer[row] < 0.0:
                return f"began to talk to {name} {-arrival:g} s before the start"
            return f"joined {name} {-arrival:g} s before the start"
        if parent is None:
            return f"{how} {name}"
        before = f"call {log.call[parent]}"
        if log.outcome[parent] == Outcome.OVERFLOWED:
            came = self._scenario.queues[int(log.queue[parent])].name
            how = "comes to" if log.outcome[row] == Outcome.BLOCKED else how
            return f"{how} {name} from {came!r}, where it was {before}"
        return f"{how} {name} again, after {before}: attempt {log.attempt[row]}"

    def _missed(
        self, row: int, ring: MissedRing, next_routing: float
    ) -> Iterator[tuple[float, str]]:
        """A phone that nobody answers, and what becomes of the agent and of the call."""
        name = self._agent_names[ring.agent]
        doubt = ""
        if ring.or_call != NOBODY:
            doubt = f" (or call {ring.or_call} is, which joined at the same instant)"
        yield ring.from_s, f"{self._handed_out(name)}{doubt}; the phone rings"
        yield (
            ring.to_s,
            f"{name} has not answered in {ring.to_s - ring.from_s:g} s{self._out(ring)}",
        )
        leaves_at_once = float(self._lives.wait_ended[row]) == ring.to_s
        if next_routing > ring.to_s and not leaves_at_once:
            waits = self._why_it_waited(row, ring.to_s)
            yield ring.to_s, f"waits again, at its place in the queue: {waits}"

    def _out(self, ring: MissedRing) -> str:
        """For how long the agent is out after the missed ring."""
        log = self._agents
        out = np.flatnonzero(
            (log.agent == ring.agent)
            & (log.state == AgentState.PENALTY)
            & (log.from_s == ring.to_s)
        )
        return f" and is out for {log.to_s[out[0]] - ring.to_s:g} s" if out.size else ""

    def _handed_out(self, agent: str) -> str:
        tick = " at a tick of the queue's loop" if self._scenario.dispatch is not None else ""
        return f"is routed to {agent}{tick}"

    def _connects(self, row: int, queue: Queue) -> Iterator[tuple[float, str]]:
        """From the last routing to the answer, or to the end of the wait for it."""
        log = self._calls
        arrival, routed, answer = (float(c[row]) for c in (log.arrival, log.routed, log.answer))
        name = self._agent_names[log.agent[row]]
        if answer < 0.0:
            yield 0.0, f"is talking to {name} as the scenario starts"
            return
        takes_time = answer > routed or (math.isnan(answer) and float(log.leave[row]) != routed)
        rings = self._groups[log.agent[row]].ring is not None and takes_time
        yield routed, self._handed_out(name) + ("; the phone rings" if rings else "")
        if takes_time and not rings:
            yield routed, f"{name} is reserved while an action is heard out"
        if not math.isnan(answer):
            heard = ""
            if rings and self._heard.out_until(queue, arrival, answer):
                heard = " once an action has been heard out,"
            yield answer, f"{name} answers{heard} after a wait of {answer - arrival:.3f} s"

    def _ends(self, row: int, queue: Queue) -> Iterator[tuple[float, str]]:
        """How the conversation, or the wait without one, ends."""
        log = self._calls
        leave, outcome = float(log.leave[row]), Outcome(log.outcome[row])
        if outcome is Outcome.DONE:
            cut = ", cut by `service_timeout`" if log.cut[row] else ""
            yield leave, f"service ends after {log.service[row]:.3f} s{cut}"
            if log.wrap_up[row] > 0:
                name = self._agent_names[log.agent[row]]
                yield leave + float(log.wrap_up[row]), f"{name} has finished the wrap-up"
        elif outcome is Outcome.ABANDONED:
            yield leave, f"{self._left(row, queue)} after {leave - log.arrival[row]:.3f} s"
        elif outcome is Outcome.OVERFLOWED:
            why = "its overflow time has passed"
            if self._heard.ends_at(queue, float(log.arrival[row])) == leave:
                why = "the wait flow has come to its `queue_join`"
            yield leave, f"goes on: {why}"
        else:
            # A call by overflow may join after the horizon, and wait for ever.
            at = max(self._scenario.horizon_s, float(log.arrival[row]))
            yield at, f"is still in state {outcome.name.lower()} at the end"
        yield from self._what_came_of_it(row)

    def _left(self, row: int, queue: Queue) -> str:
        """The way in which a call was abandoned."""
        cause = Cause(self._calls.cause[row])
        if cause is Cause.FLOW and self._heard.is_limited(queue):
            limit = self._scenario.flow_action_limit
            return f"is lost: the wait flow has reached its limit of {limit} actions"
        agent = int(self._calls.agent[row])
        if cause is Cause.HANGUP and agent != NOBODY:
            return f"hangs up before {self._agent_names[agent]} answers: patience has ended"
        return LEFT[cause]

    def _what_came_of_it(self, row: int) -> Iterator[tuple[float, str]]:
        """The call in another queue, or the next attempt."""
        child, log = self._lives.child(row), self._calls
        if child is None:
            return
        number = f"call {log.call[child]}"
        if log.outcome[row] == Outcome.OVERFLOWED:
            to = self._scenario.queues[int(log.queue[child])].name
            found = "comes to" if log.outcome[child] == Outcome.BLOCKED else "joins"
            yield float(log.leave[row]), f"{found} {to!r} as {number}"
        else:
            again = f"calls again as {number}: attempt {log.attempt[child]}"
            yield float(log.arrival[child]), again

    # --- why, and in short -----------------------------------------------------------------

    def _why_it_waited(self, row: int, at: float) -> str:
        """How matters stood with the matching agents, and how many calls were ahead."""
        queue = self._scenario.queues[int(self._calls.queue[row])]
        matching = [a for a, group in enumerate(self._groups) if queue.matches(group.tags)]
        if not matching:
            return "no agent matches the queue's tags"
        log = self._agents
        then = (log.from_s <= at) & (at < log.to_s) & np.isin(log.agent, matching)
        states = Counter(AgentState(s) for s in log.state[then].tolist())
        named = [f"{states[state]} {name}" for state, name in self._states.items() if states[state]]
        told = f" ({', '.join(named)})" if named else ""
        ahead = self._lives.waiting_before(row, at)
        agents = "agent matches" if len(matching) == 1 else "agents match"
        calls = "call is" if ahead == 1 else "calls are"
        return f"{len(matching)} {agents}{told}; {ahead} {calls} waiting before it"

    def _summary(self, row: int) -> str:
        log = self._calls
        arrival, first = float(log.arrival[row]), float(log.first_arrival[row])
        leave = float(log.leave[row])
        in_all = f" ({self._lives.wait_ended[row] - first:.3f} s in all)" if first < arrival else ""
        match Outcome(log.outcome[row]):
            case Outcome.BLOCKED:
                return "blocked on arrival"
            case Outcome.DONE:
                agent = self._agent_names[log.agent[row]]
                if log.answer[row] < 0.0:
                    return f"talked to {agent} at the start, for {log.service[row]:.3f} s in all"
                return (
                    f"waited {log.answer[row] - arrival:.3f} s{in_all}, served by {agent} for "
                    f"{log.service[row]:.3f} s"
                )
            case Outcome.ABANDONED:
                cause = Cause(log.cause[row]).name.lower()
                return f"abandoned ({cause}) after {leave - arrival:.3f} s{in_all}"
            case Outcome.OVERFLOWED:
                return f"went on to another queue after {leave - arrival:.3f} s{in_all}"
            case outcome:
                return f"still in state {outcome.name.lower()} at the end"
