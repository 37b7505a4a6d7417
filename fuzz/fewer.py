"""Scenarios with fewer queues, groups and features; what referred to them goes with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sim.scenario.behaviour import Initial
from sim.scenario.distributions import Deterministic
from sim.scenario.model import Action, ActionType, AgentGroup, Flow, Queue, Scenario

NEVER = float("inf")


def keep_queues(scenario: Scenario, kept: list[int]) -> Scenario:
    """Only these queues, under their new numbers."""
    number = {old: new for new, old in enumerate(kept)}

    def queue(old: Queue) -> Queue:
        if old.overflow is None or old.overflow.to not in number:
            return replace(old, overflow=None)
        return replace(old, overflow=replace(old.overflow, to=number[old.overflow.to]))

    def action(old: Action) -> Action:
        if old.queue is None:
            return old
        if old.queue not in number:
            return replace(old, type=ActionType.SLEEP, duration_s=1.0, queue=None)
        return replace(old, queue=number[old.queue])

    return replace(
        scenario,
        queues=tuple(queue(scenario.queues[i]) for i in kept),
        flows=tuple(Flow(f.name, tuple(map(action, f.actions)), f.id) for f in scenario.flows),
        agents=tuple(
            replace(
                group,
                service_times=tuple((number[q], d) for q, d in group.service_times if q in number),
            )
            for group in scenario.agents
        ),
        initial=_initial(
            scenario,
            tuple(
                replace(w, queue=number[w.queue])
                for w in scenario.initial.waiting
                if w.queue in number
            ),
            tuple(
                replace(b, queue=number[b.queue])
                for b in scenario.initial.busy
                if b.queue in number
            ),
        )
        if scenario.initial
        else None,
    )


def keep_groups(scenario: Scenario, kept: list[int]) -> Scenario:
    """Only these groups of agents, under their new numbers."""
    number = {old: new for new, old in enumerate(kept)}
    initial = scenario.initial
    if initial is not None:
        busy = tuple(replace(b, agent=number[b.agent]) for b in initial.busy if b.agent in number)
        initial = _initial(scenario, initial.waiting, busy)
    return replace(scenario, agents=tuple(scenario.agents[i] for i in kept), initial=initial)


def _initial(scenario: Scenario, waiting: tuple, busy: tuple) -> Initial | None:  # type: ignore[type-arg]
    return Initial(waiting, busy) if waiting or busy else None


def fewer_features(scenario: Scenario) -> Iterator[Scenario]:
    """Without a feature, in one place or everywhere."""
    yield replace(scenario, initial=None)
    yield replace(scenario, dispatch=None)
    yield replace(scenario, flow_action_limit=None)
    if scenario.initial is not None:
        waiting, busy = scenario.initial.waiting, scenario.initial.busy
        for i in range(len(waiting)):
            yield replace(
                scenario, initial=_initial(scenario, waiting[:i] + waiting[i + 1 :], busy)
            )
        for i in range(len(busy)):
            yield replace(scenario, initial=_initial(scenario, waiting, busy[:i] + busy[i + 1 :]))
    for i, queue in enumerate(scenario.queues):
        for plainer in _fewer_of_queue(queue):
            queues = (*scenario.queues[:i], plainer, *scenario.queues[i + 1 :])
            yield replace(scenario, queues=queues)
    for i, group in enumerate(scenario.agents):
        for other in _fewer_of_group(group):
            yield replace(scenario, agents=(*scenario.agents[:i], other, *scenario.agents[i + 1 :]))


def _fewer_of_queue(queue: Queue) -> Iterator[Queue]:
    yield replace(queue, overflow=None)
    yield replace(queue, retry=None)
    if queue.overflow is not None:
        after = float(round(queue.overflow.after_s))
        yield replace(queue, overflow=replace(queue.overflow, after_s=after))
    if queue.retry is not None:
        delay = Deterministic(value_s=max(1.0, float(round(queue.retry.delay.mean_s))))
        yield replace(queue, retry=replace(queue.retry, delay=delay))
        yield replace(queue, retry=replace(queue.retry, probability=1.0))
        yield replace(queue, retry=replace(queue.retry, max_attempts=2))
    if getattr(queue.arrivals, "busyness", None) is not None:
        yield replace(queue, arrivals=replace(queue.arrivals, busyness=None))  # type: ignore[call-arg]


def _fewer_of_group(group: AgentGroup) -> Iterator[AgentGroup]:
    yield replace(group, ring=None)
    yield replace(group, breaks=())
    yield replace(group, shrinkage=0.0)
    yield replace(group, service_times=())
    for i in range(len(group.breaks)):
        yield replace(group, breaks=group.breaks[:i] + group.breaks[i + 1 :])
    if group.ring is not None:
        ring = group.ring
        delay = Deterministic(value_s=float(round(ring.delay.mean_s)))
        yield replace(group, ring=replace(ring, delay=delay))
        yield replace(group, ring=replace(ring, penalty_s=0.0))
        if ring.timeout_s < NEVER:
            timeout = max(1.0, float(round(ring.timeout_s)))
            yield replace(group, ring=replace(ring, timeout_s=timeout))
            yield replace(group, ring=replace(ring, no_answer=0.0))
            yield replace(group, ring=replace(ring, no_answer=1.0))
