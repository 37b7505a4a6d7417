"""What callers, agents and the platform do beyond the plain queue, added to random scenarios."""

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
from tests.strategies import WHOLE, durations

GRID = WHOLE
LASTING = st.sampled_from(GRID[1:])


@st.composite
def with_features(draw: st.DrawFn, scenario: Scenario) -> Scenario:
    """The scenario with any of the features; valid, on a grid of time, and without a circle."""
    flows = tuple(draw(joining(scenario, place)) for place in range(len(scenario.flows)))
    queues = tuple(draw(queue_features(scenario, place)) for place in range(len(scenario.queues)))
    agents = tuple(draw(agent_features(group, len(queues))) for group in scenario.agents)
    polling = st.builds(
        Polling, st.sampled_from(GRID), LASTING, LASTING, st.sampled_from(PollOrder)
    )
    made = replace(
        scenario,
        queues=queues,
        agents=agents,
        flows=flows,
        dispatch=draw(st.none() | polling),
        flow_action_limit=draw(st.sampled_from((None, None, 1, 3, 7, 100))),
    )
    return replace(made, initial=draw(initial(made)))


@st.composite
def joining(draw: st.DrawFn, scenario: Scenario, place: int) -> Flow:
    """The flow, perhaps with a `queue_join` to a queue behind all those that play it."""
    flow = scenario.flows[place]
    users = [i for i, queue in enumerate(scenario.queues) if queue.wait_flow == place]
    behind = range(max(users, default=-1) + 1, len(scenario.queues))
    if not behind or draw(st.booleans()):
        return flow
    join = Action(ActionType.QUEUE_JOIN, queue=draw(st.sampled_from(behind)))
    return replace(flow, actions=(*flow.actions, join))


@st.composite
def queue_features(draw: st.DrawFn, scenario: Scenario, place: int) -> Queue:
    """The queue, perhaps with overflow to one behind it, retries, busy days, recorded calls."""
    queue = scenario.queues[place]
    behind = range(place + 1, len(scenario.queues))
    overflow = st.none()
    if behind:
        overflow |= st.builds(Overflow, st.sampled_from(GRID), st.sampled_from(behind))
    causes = st.lists(st.sampled_from(RetryCause), min_size=1, unique=True).map(tuple)
    retry = st.builds(
        Retry,
        st.sampled_from((0.0, 0.5, 1.0)),
        durations(GRID),
        st.integers(1, 4),
        causes,
    )
    arrivals = queue.arrivals
    if isinstance(arrivals, PoissonArrivals | ProfileArrivals):
        busyness = st.builds(Busyness, st.sampled_from((0.1, 1.0, 2.5)), st.booleans())
        arrivals = replace(arrivals, busyness=draw(st.none() | busyness))
    elif draw(st.booleans()):
        arrivals = draw(recordings())
    return replace(queue, arrivals=arrivals, overflow=draw(overflow), retry=draw(st.none() | retry))


@st.composite
def recordings(draw: st.DrawFn) -> RecordedArrivals:
    """Up to ten calls, some durations of which are drawn."""
    n = draw(st.integers(0, 10))
    whole = st.integers(0, 40).map(float)
    times = sorted(draw(st.lists(whole, min_size=n, max_size=n)))
    columns = []
    for _ in range(2):
        value = st.just(math.nan) | st.sampled_from(GRID)
        column = draw(st.none() | st.lists(value, min_size=n, max_size=n))
        drawn = column is None or all(math.isnan(each) for each in column)
        columns.append(None if drawn else column)
    return RecordedArrivals(times, *columns)


@st.composite
def agent_features(draw: st.DrawFn, group: AgentGroup, n_queues: int) -> AgentGroup:
    """The group, perhaps with breaks, ringing, own service times, days of absence."""
    edges = sorted(draw(st.sets(st.integers(0, 40), max_size=6)))
    breaks = [Break(float(a), draw(LASTING)) for a, b in pairwise([*edges, 99])]
    apart = [
        each
        for each, end in zip(breaks, [*edges[1:], 99][: len(breaks)], strict=True)
        if each.at_s + each.length_s <= end
    ]
    ring = st.builds(Ring, durations(GRID), st.just(0.0), st.just(math.inf), st.sampled_from(GRID))
    missed = st.builds(
        Ring, durations(GRID), st.sampled_from((0.0, 0.3, 1.0)), LASTING, st.sampled_from(GRID)
    )
    places = sorted(draw(st.sets(st.integers(0, n_queues - 1))))
    return replace(
        group,
        shrinkage=draw(st.sampled_from((0.0, 0.0, 0.25, 1.0))),
        breaks=tuple(apart),
        ring=draw(st.none() | ring | missed),
        service_times=tuple((place, draw(durations(GRID))) for place in places),
        cost=draw(st.none() | st.sampled_from((0.0, 30.5))),
    )


@st.composite
def initial(draw: st.DrawFn, scenario: Scenario) -> Initial | None:
    """Calls at the start that can be there; None for none."""
    waiting, busy = [], []
    for place, queue in enumerate(scenario.queues):
        ends = [queue.wait_timeout_s]
        ends += [queue.overflow.after_s] if queue.overflow else []
        ends += [queue.patience.upper_s] if queue.patience else []
        for since in draw(st.lists(st.sampled_from(GRID), max_size=2)):
            if since == 0 or since < min(ends):
                waiting.append(InitialWaiting(place, since))
    for g, group in enumerate(scenario.agents):
        for index in range(group.count):
            place, since = draw(st.integers(0, len(scenario.queues) - 1)), draw(LASTING)
            queue = scenario.queues[place]
            service = dict(group.service_times).get(place, queue.service_time)
            end = min(service.upper_s / group.speed, queue.service_timeout_s)
            since = since if since < end else 0.0
            if group.present and queue.matches(group.tags) and draw(st.booleans()):
                busy.append(InitialBusy(g, index, place, since))
    found = Initial(tuple(waiting), tuple(busy))
    return found if waiting or busy else None
