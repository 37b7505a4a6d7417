"""What callers, agents and the platform do beyond the plain queue, added to random scenarios.

All instants and durations lie on the scenario's own grid, so there are ties.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

from hypothesis import strategies as st

from sim.scenario.behaviour import (
    Break,
    Busyness,
    Initial,
    InitialBusy,
    InitialWaiting,
    Overflow,
    Polling,
    PollOrder,
    RecordedArrivals,
    Retry,
    RetryCause,
    Ring,
)
from sim.scenario.model import (
    Action,
    ActionType,
    AgentGroup,
    Flow,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    Scenario,
)
from tests.strategies import TENTHS, WHOLE, durations, scenarios

Grid = tuple[float, ...]


@st.composite
def rich_scenarios(draw: st.DrawFn, *, ring: bool = True, polling: bool = True) -> Scenario:
    """A scenario of `tests.strategies` with any of the features.

    Without `ring` phones are answered at once; without `polling` calls are routed at once.
    """
    return draw(with_features(draw(scenarios()), ring=ring, polling=polling))


@st.composite
def with_features(
    draw: st.DrawFn, scenario: Scenario, *, ring: bool = True, polling: bool = True
) -> Scenario:
    """The scenario with any of the features; valid, and without a circle of queues."""
    grid = TENTHS if scenario.horizon_s < 5.0 else WHOLE
    lasting = st.sampled_from(grid[1:])
    flows = tuple(draw(joining(scenario, place)) for place in range(len(scenario.flows)))
    queues = tuple(
        draw(queue_features(scenario, place, grid)) for place in range(len(scenario.queues))
    )
    agents = tuple(
        draw(agent_features(group, len(queues), grid, ring=ring)) for group in scenario.agents
    )
    if any(group.ring for group in agents):
        # phones that nobody ever answers would ring for ever
        queues = tuple(
            replace(q, wait_timeout_s=min(q.wait_timeout_s, scenario.horizon_s)) for q in queues
        )
    loops = st.builds(Polling, st.sampled_from(grid), lasting, lasting, st.sampled_from(PollOrder))
    made = replace(
        scenario,
        queues=queues,
        agents=agents,
        flows=flows,
        dispatch=draw(loops) if polling and draw(st.integers(0, 3)) == 3 else None,
        flow_action_limit=draw(st.sampled_from((None, None, 1, 3, 7, 30, 100))),
    )
    return replace(made, initial=draw(st.none() | initial(made, grid)))


@st.composite
def joining(draw: st.DrawFn, scenario: Scenario, place: int) -> Flow:
    """The flow, perhaps with a `queue_join` to a queue behind all those that play it."""
    flow = scenario.flows[place]
    users = [i for i, queue in enumerate(scenario.queues) if queue.wait_flow == place]
    behind = range(max(users, default=-1) + 1, len(scenario.queues))
    if not behind or draw(st.booleans()):
        return flow
    at = draw(st.integers(1, len(flow.actions)))
    actions = [
        replace(action, target=action.target + 1)
        if action.target is not None and action.target >= at
        else action
        for action in flow.actions
    ]
    join = Action(ActionType.QUEUE_JOIN, queue=draw(st.sampled_from(behind)))
    return replace(flow, actions=(*actions[:at], join, *actions[at:]))


@st.composite
def queue_features(draw: st.DrawFn, scenario: Scenario, place: int, grid: Grid) -> Queue:
    """The queue, perhaps with overflow to one behind it, retries, busy days, recorded calls."""
    queue = scenario.queues[place]
    behind = range(place + 1, len(scenario.queues))
    overflow = st.none()
    if behind:
        overflow |= st.builds(Overflow, st.sampled_from(grid), st.sampled_from(behind))
    causes = st.lists(st.sampled_from(RetryCause), min_size=1, unique=True).map(tuple)
    chances = st.sampled_from((0.0, 0.3, 1.0, 1.0))
    retry = st.builds(Retry, chances, durations(grid), st.integers(1, 4), causes)
    arrivals = queue.arrivals
    if isinstance(arrivals, PoissonArrivals | ProfileArrivals):
        busyness = st.builds(Busyness, st.sampled_from((0.1, 1.0, 2.5)), st.booleans())
        arrivals = replace(arrivals, busyness=draw(st.none() | busyness))
    elif draw(st.integers(0, 3)) == 3:
        arrivals = draw(recordings(grid))
    return replace(queue, arrivals=arrivals, overflow=draw(overflow), retry=draw(st.none() | retry))


@st.composite
def recordings(draw: st.DrawFn, grid: Grid) -> RecordedArrivals:
    """Up to ten calls, some durations of which are drawn."""
    n = draw(st.integers(0, 10))
    ticks = st.integers(0, 40).map(lambda k: k * grid[1])
    times = sorted(draw(st.lists(ticks, min_size=n, max_size=n)))
    columns = []
    for _ in range(2):
        value = st.just(math.nan) | st.sampled_from(grid)
        column = draw(st.none() | st.lists(value, min_size=n, max_size=n))
        drawn = column is None or all(math.isnan(each) for each in column)
        columns.append(None if drawn else column)
    return RecordedArrivals(times, *columns)


@st.composite
def agent_features(
    draw: st.DrawFn, group: AgentGroup, n_queues: int, grid: Grid, *, ring: bool
) -> AgentGroup:
    """The group, perhaps with breaks, ringing, own service times, days of absence."""
    lasting, delays = st.sampled_from(grid[1:]), durations(grid)
    ticks = sorted(draw(st.sets(st.integers(0, 30), max_size=6)))
    pairs = list(pairwise(ticks))[::2]
    breaks = tuple(Break(a * grid[1], (b - a) * grid[1]) for a, b in pairs)
    answered = st.builds(Ring, delays, st.just(0.0), st.just(math.inf), st.sampled_from(grid))
    missed = st.builds(
        Ring, delays, st.sampled_from((0.0, 0.4, 1.0)), lasting, st.sampled_from(grid)
    )
    places = sorted(draw(st.sets(st.integers(0, n_queues - 1))))
    return replace(
        group,
        shrinkage=draw(st.sampled_from((0.0, 0.0, 0.0, 0.4, 1.0))),
        breaks=breaks,
        ring=draw(st.none() | answered | missed) if ring else None,
        service_times=tuple((place, draw(delays)) for place in places),
        cost=draw(st.none() | st.sampled_from((0.0, 30.5))),
    )


@st.composite
def initial(draw: st.DrawFn, scenario: Scenario, grid: Grid) -> Initial | None:
    """Calls at the start that can be there; None for none."""
    waiting, busy = [], []
    for place, queue in enumerate(scenario.queues):
        ends = [queue.wait_timeout_s]
        ends += [queue.overflow.after_s] if queue.overflow else []
        ends += [queue.patience.upper_s] if queue.patience else []
        for since in draw(st.lists(st.sampled_from(grid), max_size=2)):
            if since == 0 or since < min(ends):
                waiting.append(InitialWaiting(place, since))
    for g, group in enumerate(scenario.agents):
        for index in range(group.count):
            place = draw(st.integers(0, len(scenario.queues) - 1))
            since = draw(st.sampled_from(grid[1:]))
            queue = scenario.queues[place]
            service = dict(group.service_times).get(place, queue.service_time)
            end = min(service.upper_s / group.speed, queue.service_timeout_s)
            since = since if since < end else 0.0
            if group.present and queue.matches(group.tags) and draw(st.booleans()):
                busy.append(InitialBusy(g, index, place, since))
    found = Initial(tuple(waiting), tuple(busy))
    return found if waiting or busy else None
