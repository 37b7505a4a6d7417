"""A failing scenario made small: whatever can go, goes, as long as it still fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from fuzz.fewer import fewer_features, keep_groups, keep_queues
from fuzz.generate import time_passes
from sim.scenario.distributions import Deterministic
from sim.scenario.dump import dump_scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.load import loads_scenario
from sim.scenario.model import (
    Action,
    ActionType,
    AgentGroup,
    AtHorizon,
    Discipline,
    ListedArrivals,
    Queue,
    RoutingMethod,
    Scenario,
    ServiceLevel,
    TagMatch,
)
from sim.workload.calls import Workload

T = TypeVar("T")
NEVER = float("inf")


def shrunk(
    scenario: Scenario, fails: Callable[[Scenario], bool], seconds: float = 60.0
) -> Scenario:
    """The smallest that a greedy search finds of those that still fail and can be written down."""
    until = time.monotonic() + seconds
    smaller = True
    while smaller:
        smaller = False
        for candidate in candidates(scenario):
            if time.monotonic() > until:
                return scenario
            if candidate != scenario and can_be_written(candidate) and fails(candidate):
                scenario, smaller = candidate, True
                break
    return scenario


def can_be_written(scenario: Scenario) -> bool:
    """Whether the scenario's file loads to the same scenario."""
    if not all(time_passes(flow) for flow in scenario.flows):
        return False
    try:
        return loads_scenario(dump_scenario(scenario)) == scenario
    except ScenarioError:
        return False


def candidates(scenario: Scenario) -> Iterator[Scenario]:
    """Simpler scenarios, those that save most first."""
    yield from _fewer_things(scenario)
    yield from fewer_features(scenario)
    yield from _shorter(scenario)
    yield from _simpler_whole(scenario)
    for field, simpler in (("queues", _simpler_queues), ("agents", _simpler_groups)):
        things = getattr(scenario, field)
        for i, thing in enumerate(things):
            for other in simpler(thing):
                yield _with(scenario, **{field: _put(things, i, other)})
    for f, flow in enumerate(scenario.flows):
        for actions in _simpler_actions(flow.actions):
            yield replace(scenario, flows=_put(scenario.flows, f, replace(flow, actions=actions)))
    yield from _listed(scenario)


def _with(thing: T, **changes: Any) -> T:
    return replace(thing, **changes)  # type: ignore[type-var]


def _put(things: tuple[T, ...], i: int, *others: T) -> tuple[T, ...]:
    return (*things[:i], *others, *things[i + 1 :])


def _fewer_things(scenario: Scenario) -> Iterator[Scenario]:
    """Without half of the queues or groups, without one, without a flow."""
    for n, keep in ((len(scenario.queues), keep_queues), (len(scenario.agents), keep_groups)):
        if n > 3:
            yield keep(scenario, list(range(n // 2)))
            yield keep(scenario, list(range(n // 2, n)))
        if n > 1:
            for i in range(n):
                yield keep(scenario, [j for j in range(n) if j != i])
    for f in range(len(scenario.flows)):
        queues = tuple(
            replace(q, wait_flow=_place_without(q.wait_flow, f)) for q in scenario.queues
        )
        yield replace(scenario, flows=_put(scenario.flows, f), queues=queues)


def _place_without(place: int | None, gone: int) -> int | None:
    if place is None or place == gone:
        return None
    return place - (place > gone)


def _shorter(scenario: Scenario) -> Iterator[Scenario]:
    for part in (0.25, 0.5, 0.75, 0.9):
        horizon = scenario.horizon_s * part
        if horizon < 1e-3:
            break
        for neat in (float(round(horizon)), horizon):
            if scenario.warmup_s < neat < scenario.horizon_s:
                yield replace(scenario, horizon_s=neat)
    rounded = float(round(scenario.horizon_s))
    if rounded > scenario.warmup_s:
        yield replace(scenario, horizon_s=rounded)


def _simpler_whole(scenario: Scenario) -> Iterator[Scenario]:
    yield replace(scenario, warmup_s=0.0)
    yield replace(scenario, seed=1)
    yield replace(scenario, at_horizon=AtHorizon.STOP)
    yield replace(scenario, interval_s=scenario.horizon_s)


def _simpler_queues(queue: Queue) -> Iterator[Queue]:
    plain = {
        "tags": (),
        "tag_match": TagMatch.ALL,
        "routing_method": RoutingMethod.LISTED,
        "priority": 0,
        "discipline": Discipline.FIFO,
        "wait_flow": None,
        "wait_timeout_s": NEVER,
        "service_timeout_s": NEVER,
        "max_waiting": None,
        "patience": None,
        "wrap_up": None,
        "service_time": Deterministic(value_s=1.0),
        "service_level": ServiceLevel(),
        "arrivals": ListedArrivals(()),
    }
    for name, value in plain.items():
        if getattr(queue, name) != value:
            yield _with(queue, **{name: value})
    for name in ("service_time", "patience", "wrap_up"):
        found = getattr(queue, name)
        if found is not None and found != (plainer := Deterministic(value_s=found.mean_s)):
            yield _with(queue, **{name: plainer})
    for name in ("wait_timeout_s", "service_timeout_s"):
        if (neat := _neat(getattr(queue, name))) > 0:
            yield _with(queue, **{name: neat})
    if isinstance(queue.arrivals, ListedArrivals):
        for times in _fewer_times(queue.arrivals.times_s):
            yield replace(queue, arrivals=ListedArrivals(times))


def _neat(seconds: float) -> float:
    return seconds if seconds == NEVER else float(round(seconds))


def _fewer_times(times: tuple[float, ...]) -> Iterator[tuple[float, ...]]:
    size = len(times) // 2
    while size > 0:
        for i in range(0, len(times), size):
            yield times[:i] + times[i + size :]
        size //= 2
    yield tuple(map(_neat, times))


def _simpler_groups(group: AgentGroup) -> Iterator[AgentGroup]:
    if group.schedule is not None:
        yield replace(group, schedule=None)
        for i in range(len(group.schedule)):
            yield replace(group, schedule=_put(group.schedule, i))
    for name, value in {"tags": (), "speed": 1.0, "present": True}.items():
        if getattr(group, name) != value:
            yield _with(group, **{name: value})
    for count in sorted({1, group.count // 2, group.count - 1}):
        if 0 < count < group.count:
            schedule = group.schedule
            if schedule is not None:
                schedule = tuple(replace(p, count=min(p.count, count)) for p in schedule)
            yield replace(group, count=count, schedule=schedule)


def _simpler_actions(actions: tuple[Action, ...]) -> Iterator[tuple[Action, ...]]:
    for i in range(len(actions)):
        if len(actions) > 1 and all(a.target != i for a in actions[:i] + actions[i + 1 :]):
            yield tuple(
                replace(a, target=a.target - 1) if a.target is not None and a.target > i else a
                for a in _put(actions, i)
            )
    for i, action in enumerate(actions):
        for other in (
            replace(action, interruptible=True),
            replace(action, hangup_probability=0.0),
            replace(action, hangup_probability=float(action.hangup_probability > 0)),
            replace(action, loop_count=min(action.loop_count, 1)),
        ):
            if other != action:
                yield _put(actions, i, other)
        if action.type in (ActionType.TALK, ActionType.PLAY, ActionType.BEEP, ActionType.GOTO):
            sleep = replace(action, type=ActionType.SLEEP, target=None, loop_count=0)
            yield _put(actions, i, sleep)
        if action.duration_s != (neat := _neat(action.duration_s)):
            yield _put(actions, i, replace(action, duration_s=neat))


def _listed(scenario: Scenario) -> Iterator[Scenario]:
    """The same callers at the same instants, written out instead of drawn."""
    times: list[list[float]] = [[] for _ in scenario.queues]
    for block in Workload(scenario).blocks(0):
        for queue, at in zip(block.queue.tolist(), block.arrival_s.tolist(), strict=True):
            times[queue].append(at)
    for i, queue in enumerate(scenario.queues):
        if not isinstance(queue.arrivals, ListedArrivals):
            listed = replace(queue, arrivals=ListedArrivals(tuple(times[i])))
            yield replace(scenario, queues=_put(scenario.queues, i, listed))
