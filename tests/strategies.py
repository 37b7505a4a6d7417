"""Small random scenarios full of ties: all durations come from a small grid."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Uniform,
)
from sim.scenario.model import (
    Action,
    ActionType,
    AgentGroup,
    Arrivals,
    AtHorizon,
    Discipline,
    Flow,
    ListedArrivals,
    Period,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RegularArrivals,
    RenewalArrivals,
    RoutingMethod,
    Scenario,
    ServiceLevel,
    ServiceLevelFormula,
    TagMatch,
)

WHOLE = (0.0, 1.0, 2.0, 3.0, 5.0, 8.0)
TENTHS = (0.0, 0.1, 0.2, 0.3, 0.7, 1.1, 2.3)
"""Sums of these are rarely what they are on paper: 0.1 + 0.2 > 0.3."""
NEVER = float("inf")
TAGS = ("a", "b")


def one_pass(actions: tuple[Action, ...]) -> list[int]:
    """The actions of a pass in order, by place."""
    jumped = [0] * len(actions)
    order: list[int] = []
    at = 0
    while at < len(actions):
        order.append(at)
        action = actions[at]
        if action.type is ActionType.HANGUP:
            break
        if action.type is ActionType.GOTO and jumped[at] < action.loop_count:
            jumped[at] += 1
            assert action.target is not None
            at = action.target
        else:
            at += 1
    return order


@st.composite
def flows(draw: st.DrawFn, name: str, grid: tuple[float, ...]) -> Flow:
    """A wait flow of 1 to 5 actions in which time passes, or which hangs up."""
    n = draw(st.integers(1, 4))
    lasting = st.sampled_from([ActionType.TALK, ActionType.SLEEP, ActionType.PLAY, ActionType.BEEP])
    actions: list[Action] = []
    for _ in range(n):
        kind = draw(st.sampled_from([*[None] * 12, *[ActionType.GOTO] * 4, ActionType.HANGUP]))
        if kind is None:
            actions.append(
                Action(
                    draw(lasting),
                    duration_s=draw(st.sampled_from(grid)),
                    interruptible=not draw(st.booleans()),
                    hangup_probability=draw(st.sampled_from((0.0, 0.0, 0.0, 0.1, 0.3, 1.0))),
                )
            )
        elif kind is ActionType.GOTO:
            target = draw(st.integers(0, n - 1))
            actions.append(Action(kind, target=target, loop_count=draw(st.integers(0, 2))))
        else:
            actions.append(Action(kind))
    order = one_pass(tuple(actions))
    ends = actions[order[-1]].type is ActionType.HANGUP
    if not ends and not any(actions[i].duration_s > 0 for i in order):
        actions.append(Action(ActionType.SLEEP, duration_s=grid[2]))
    return Flow(name, tuple(actions))


@st.composite
def durations(draw: st.DrawFn, grid: tuple[float, ...]) -> Distribution:
    """A few values of the grid with equal chance, or one."""
    values = draw(st.lists(st.sampled_from(grid), min_size=1, max_size=4))
    if len(values) == 1:
        return Deterministic(value_s=values[0])
    return Empirical(values_s=tuple(sorted(values)))


@st.composite
def arrivals(draw: st.DrawFn, grid: tuple[float, ...], horizon: float) -> Arrivals:
    """Some 5 to 25 calls, mostly at instants of the grid."""
    kind = draw(st.integers(0, 4))
    if kind <= 1:
        ticks = st.integers(0, 60).map(lambda k: k * grid[1])
        instants = draw(st.lists(ticks, min_size=draw(st.sampled_from((0, 8))), max_size=20))
        return ListedArrivals(tuple(sorted(instants)))
    if kind == 2:
        gaps = sorted(draw(st.lists(st.sampled_from(grid), min_size=1, max_size=4)))
        return RenewalArrivals(Empirical(values_s=(*gaps, max(*gaps, grid[3]))))
    if kind == 3:
        return RegularArrivals(horizon / draw(st.integers(3, 20)))
    if draw(st.booleans()):
        return PoissonArrivals(draw(st.integers(1, 15)) / horizon)
    slots = draw(st.lists(st.sampled_from((0.0, 1.0, 4.0, 6.0)), min_size=1, max_size=4))
    scale = draw(st.none() | st.just(tuple(0.5 + 0.5 * i for i in range(len(slots)))))
    return ProfileArrivals(interval_s=horizon / 3, calls=tuple(slots), service_scale=scale)


def tag_sets(draw: st.DrawFn) -> tuple[str, ...]:
    return draw(st.sampled_from(((), (), ("a",), ("b",), TAGS)))


@st.composite
def queues(
    draw: st.DrawFn, name: str, grid: tuple[float, ...], horizon: float, n_flows: int
) -> Queue:
    """A queue with any of its features."""

    def positive() -> float:
        return draw(st.sampled_from(grid[1:]))

    def sometimes(value: Any, otherwise: Any) -> Any:
        return value() if draw(st.integers(0, 2)) == 2 else otherwise

    return Queue(
        name=name,
        arrivals=draw(arrivals(grid, horizon)),
        service_time=draw(durations(grid)),
        tags=tag_sets(draw),
        tag_match=draw(st.sampled_from(TagMatch)),
        routing_method=draw(st.sampled_from(RoutingMethod)),
        priority=draw(st.integers(0, 1)),
        discipline=draw(st.sampled_from(Discipline)),
        wait_flow=draw(st.sampled_from((*range(n_flows), None))) if n_flows else None,
        wait_timeout_s=sometimes(positive, NEVER),
        service_timeout_s=sometimes(positive, NEVER),
        max_waiting=draw(st.sampled_from((None, None, None, 0, 1, 3))),
        patience=sometimes(lambda: draw(durations(grid)), None),
        wrap_up=sometimes(lambda: draw(durations(grid)), None),
        service_level=ServiceLevel(
            threshold_s=draw(st.sampled_from(grid)),
            short_abandon_s=draw(st.sampled_from(grid)),
            formula=draw(st.sampled_from(ServiceLevelFormula)),
        ),
    )


@st.composite
def groups(draw: st.DrawFn, name: str, grid: tuple[float, ...], horizon: float) -> AgentGroup:
    """Agents with tags, speed and perhaps shifts."""
    schedule = None
    if draw(st.integers(0, 2)) == 2:
        unit = horizon / 12
        ticks = st.integers(0, 15)
        edges = sorted(draw(st.sets(ticks, min_size=2, max_size=5)))
        schedule = tuple(
            Period(a * unit, b * unit, draw(st.integers(0, 3)))
            for a, b in pairwise(edges)
            if draw(st.integers(0, 3))
        )
    count = draw(st.sampled_from((1, 1, 2, 3)))
    if schedule is not None:
        count = max([1, *(p.count for p in schedule)])
    return AgentGroup(
        name=name,
        count=count,
        tags=tag_sets(draw),
        schedule=schedule,
        speed=draw(st.sampled_from((1.0, 1.0, 0.5, 2.0, 1.25))),
        present=draw(st.integers(0, 9)) < 9,
    )


@st.composite
def scenarios(
    draw: st.DrawFn,
    *,
    max_queues: int = 3,
    replications: int = 1,
) -> Scenario:
    """A scenario of up to `max_queues` queues, 2 groups and 2 flows, with 0 to 60 calls."""
    grid = draw(st.sampled_from((WHOLE, WHOLE, TENTHS)))
    horizon = draw(st.sampled_from((15, 20, 35))) * grid[1]
    n_flows = draw(st.sampled_from((1, 2, 2, 0)))
    n_queues = draw(st.sampled_from((2, 3, 1))) if max_queues > 1 else 1
    n_groups = draw(st.integers(1, 2))
    scenario = Scenario(
        name="random",
        horizon_s=horizon,
        queues=tuple(draw(queues(f"q{i}", grid, horizon, n_flows)) for i in range(n_queues)),
        agents=tuple(draw(groups(f"g{i}", grid, horizon)) for i in range(n_groups)),
        flows=tuple(draw(flows(f"f{i}", grid)) for i in range(n_flows)),
        at_horizon=draw(st.sampled_from(AtHorizon)),
        warmup_s=draw(st.sampled_from((0.0, 0.0, horizon / 4))),
        interval_s=draw(st.sampled_from((horizon / 4, horizon / 3, grid[4], 10 * horizon))),
        replications=replications,
        seed=draw(st.integers(0, 5)),
    )
    emphasis = draw(st.integers(0, 4))
    if emphasis == 4 and n_flows:
        return hearing_out(scenario, grid)
    return contested(scenario, grid) if emphasis == 3 else scenario


def contested(scenario: Scenario, grid: tuple[float, ...]) -> Scenario:
    """The same with few agents for all queues, always there, and nobody who leaves unserved."""
    queues = tuple(
        replace(
            q,
            tags=(),
            service_time=Empirical(values_s=grid[1:4]),
            wait_timeout_s=NEVER,
            patience=None,
            max_waiting=None,
            wait_flow=None,
        )
        for q in scenario.queues
    )
    few = tuple(replace(g, schedule=None, present=True, count=1) for g in scenario.agents)
    return replace(scenario, queues=queues, agents=few)


def hearing_out(scenario: Scenario, grid: tuple[float, ...]) -> Scenario:
    """The same with every action to be heard out by callers of little patience."""
    flows = tuple(
        replace(
            flow,
            actions=tuple(
                replace(action, interruptible=False, hangup_probability=0.0)
                for action in flow.actions
                if action.type not in (ActionType.GOTO, ActionType.HANGUP)
            ),
        )
        for flow in scenario.flows
    )
    flows = tuple(
        flow if any(a.duration_s > 0 for a in flow.actions) else replace(
            flow, actions=(Action(ActionType.PLAY, duration_s=grid[3], interruptible=False),)
        )
        for flow in flows
    )  # fmt: skip
    impatient = Empirical(values_s=grid[1:])
    queues = tuple(
        replace(q, wait_flow=q.wait_flow or 0, patience=impatient, wait_timeout_s=NEVER)
        for q in scenario.queues
    )
    return replace(scenario, flows=flows, queues=queues)


def without_ties(scenario: Scenario) -> Scenario:
    """The same with continuous arrivals, services and patience: no two events at once."""

    def smooth(queue: Queue) -> Queue:
        longest = scenario.horizon_s / 6
        return replace(
            queue,
            arrivals=PoissonArrivals(20 / scenario.horizon_s),
            service_time=Exponential(scale_s=longest / 2),
            patience=None if queue.patience is None else Exponential(scale_s=longest),
            wrap_up=None if queue.wrap_up is None else Uniform(low_s=0.0, high_s=longest / 4),
        )

    return replace(scenario, queues=tuple(smooth(queue) for queue in scenario.queues))
