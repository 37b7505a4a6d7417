"""`trace`: a call's life, event by event, told from the logs of one replication."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from sim.engine.timeline import unroll
from sim.experiment.replicate import Replicator
from sim.logs import AgentLog, AgentState, CallLog, Cause, Outcome
from sim.scenario.model import Action, ActionType, Queue, Scenario

MOST_ACTIONS = 200
"""Actions told of one call's wait flow; the rest are only counted."""

STATES = {
    AgentState.CONNECTING: "about to answer",
    AgentState.SERVICE: "talking",
    AgentState.WRAP_UP: "in wrap-up",
    AgentState.OFF: "off shift",
    AgentState.PENALTY: "out after a missed ring",
    AgentState.BREAK: "on a break",
}
LEFT = {
    Cause.TIMEOUT: "leaves: `wait_timeout` has passed",
    Cause.HANGUP: "hangs up: patience has ended",
    Cause.ANNOUNCEMENT: "hangs up on the announcement",
    Cause.FLOW: "is hung up by the wait flow",
}


def trace_calls(
    scenario: Scenario, *, call: int | None, queue: str | None, first: int, replication: int
) -> list[dict[str, Any]]:
    """The stories of one call by its number, or of the first calls (of a queue).

    Each is {"call", "queue", "events": [{"at_s", "what"}], "summary"}. Raises ValueError when
    the replication, the call or the queue does not exist.
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
    replicator = Replicator(scenario, keep_calls=True, keep_agents=True)
    ran = replicator.run(replication)
    assert ran.calls is not None and ran.agents is not None
    storyteller = Storyteller(scenario, ran.calls, ran.agents)
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
    """Tells of calls from the call log (by call) and the agent log of a replication."""

    def __init__(self, scenario: Scenario, calls: CallLog, agents: AgentLog) -> None:
        self._scenario = scenario
        self._calls = calls
        self._agents = agents
        self._agent_names = [g.agent_name(i) for g in scenario.agents for i in range(g.count)]
        self._tags = [g.tags for g in scenario.agents for _ in range(g.count)]
        self._timelines = [unroll(flow, scenario.flow_action_limit) for flow in scenario.flows]
        ended = np.where(np.isnan(calls.answer), calls.leave, calls.answer)
        self._wait_ended = np.where(np.isnan(ended), math.inf, ended)

    def story(self, row: int) -> dict[str, Any]:
        """One call's events in order, and its life in a sentence."""
        log = self._calls
        q = int(log.queue[row])
        queue = self._scenario.queues[q]
        events = sorted(self._events(row, queue), key=lambda event: event[0])
        return {
            "call": int(log.call[row]),
            "queue": queue.name,
            "events": [{"at_s": at, "what": what} for at, what in events],
            "summary": self._summary(row),
        }

    def _events(self, row: int, queue: Queue) -> Iterator[tuple[float, str]]:
        log = self._calls
        arrival, answer = float(log.arrival[row]), float(log.answer[row])
        outcome, leave = Outcome(log.outcome[row]), float(log.leave[row])
        routed = float(log.routed[row])
        if outcome is Outcome.BLOCKED:
            yield arrival, f"calls {queue.name!r}"
            yield arrival, f"is blocked: {self._why_it_waited(row, queue)}, and the queue is full"
            return
        yield arrival, f"joins {queue.name!r}"
        if routed > arrival or math.isnan(routed):
            yield arrival, f"waits: {self._why_it_waited(row, queue)}"
        yield from self._flow_events(row, queue)
        if not math.isnan(routed):
            agent = self._agent_names[log.agent[row]]
            yield routed, f"is routed to {agent}"
            if answer > routed or (math.isnan(answer) and leave > routed):
                yield routed, f"{agent} is reserved while an action is heard out"
            if not math.isnan(answer):
                yield answer, f"{agent} answers after a wait of {answer - arrival:.3f} s"
        if outcome is Outcome.DONE:
            cut = ", cut by `service_timeout`" if log.cut[row] else ""
            yield leave, f"service ends after {log.service[row]:.3f} s{cut}"
            if log.wrap_up[row] > 0:
                yield leave + float(log.wrap_up[row]), f"{agent} has finished the wrap-up"
        elif outcome is Outcome.ABANDONED:
            yield leave, f"{LEFT[Cause(log.cause[row])]} after {leave - arrival:.3f} s"
        else:
            yield self._scenario.horizon_s, f"is still in state {outcome.name.lower()} at the end"

    def _flow_events(self, row: int, queue: Queue) -> Iterator[tuple[float, str]]:
        """What the caller heard, from joining to the end of the wait."""
        if queue.wait_flow is None:
            return
        flow = self._scenario.flows[queue.wait_flow]
        timeline = self._timelines[queue.wait_flow]
        arrival = float(self._calls.arrival[row])
        until = min(float(self._wait_ended[row]), self._unresolved_until(row))
        told = 0
        for n in count():
            for i, step in enumerate(timeline.steps):
                if timeline.ends_before(n, i):
                    return
                begin = timeline.instant(arrival, n, step.begin_s) if n or step.begin_s else arrival
                if begin >= until:
                    return
                told += 1
                if told > MOST_ACTIONS:
                    yield begin, "hears more of the same"
                    return
                yield begin, f"hears {_described(flow.actions[step.action])}"

    def _unresolved_until(self, row: int) -> float:
        still_there = math.isinf(self._wait_ended[row])
        return self._scenario.horizon_s if still_there else math.inf

    def _why_it_waited(self, row: int, queue: Queue) -> str:
        """How matters stood with the matching agents, and how many calls were ahead."""
        matching = [a for a, tags in enumerate(self._tags) if queue.matches(tags)]
        if not matching:
            return "no agent matches the queue's tags"
        at, log = float(self._calls.arrival[row]), self._agents
        then = (log.from_s <= at) & (at < log.to_s) & np.isin(log.agent, matching)
        states = Counter(AgentState(s) for s in log.state[then].tolist())
        told = [f"{states[state]} {name}" for state, name in STATES.items() if states[state]]
        ahead = int(
            np.sum(
                (self._calls.queue[:row] == self._calls.queue[row])
                & (self._wait_ended[:row] > at)
                & (self._calls.outcome[:row] != Outcome.BLOCKED)
            )
        )
        agents = "agent matches" if len(matching) == 1 else "agents match"
        calls = "call is" if ahead == 1 else "calls are"
        return f"{len(matching)} {agents} ({', '.join(told)}); {ahead} {calls} waiting before it"

    def _summary(self, row: int) -> str:
        log = self._calls
        arrival, answer = float(log.arrival[row]), float(log.answer[row])
        match Outcome(log.outcome[row]):
            case Outcome.BLOCKED:
                return "blocked on arrival"
            case Outcome.DONE:
                agent = self._agent_names[log.agent[row]]
                return (
                    f"waited {answer - arrival:.3f} s, served by {agent} for "
                    f"{log.service[row]:.3f} s"
                )
            case Outcome.ABANDONED:
                cause = Cause(log.cause[row]).name.lower()
                return f"abandoned ({cause}) after {log.leave[row] - arrival:.3f} s"
            case outcome:
                return f"still in state {outcome.name.lower()} at the end"


def _described(action: Action) -> str:
    text = f" {action.text!r}" if action.text else ""
    marked = "" if action.interruptible else ", to be heard out"
    if action.type is ActionType.GOTO:
        return "goto"
    return f"{action.type}{text} ({action.duration_s:g} s{marked})"
