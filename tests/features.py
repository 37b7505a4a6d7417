"""Small random scenarios with everything that may happen beside the plain queue."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from sim.scenario.model import (
    Action,
    ActionType,
    AgentGroup,
    Break,
    Flow,
    Initial,
    InitialBusy,
    InitialWaiting,
    Overflow,
    Polling,
    PollOrder,
    Queue,
    Retry,
    RetryCause,
    Ring,
    Scenario,
)
from tests.strategies import TENTHS, WHOLE, durations, scenarios

NEVER = float("inf")


@st.composite
def rich_scenarios(draw: st.DrawFn, *, ring: bool = True, polling: bool = True) -> Scenario:
    """A scenario of `tests.strategies` with some of the further features.

    Without `ring` phones are answered at once; without `polling` calls are routed at once.
    """
    plain = draw(scenarios())
    tenths = plain.horizon_s < 5.0
    grid = TENTHS if tenths else WHOLE

    def sometimes(value: Any, otherwise: Any = None) -> Any:
        return value() if draw(st.booleans()) else otherwise

    def retry() -> Retry:
        return Retry(
            probability=draw(st.sampled_from((0.3, 1.0))),
            delay=draw(durations(grid)),
            max_attempts=draw(st.integers(1, 4)),
            on=draw(st.sampled_from((tuple(RetryCause), (RetryCause.BLOCKED,)))),
        )

    def rings() -> Ring:
        return Ring(
            delay=draw(durations(grid)),
            no_answer=draw(st.sampled_from((0.0, 0.4, 1.0))),
            timeout_s=draw(st.sampled_from(grid[1:])),
            penalty_s=draw(st.sampled_from(grid)),
        )

    def breaks() -> tuple[Break, ...]:
        ticks = sorted(draw(st.sets(st.integers(0, 20), min_size=2, max_size=6)))
        return tuple(Break(a * grid[1], (b - a) * grid[1]) for a, b in list(pairwise(ticks))[::2])

    def own(group: AgentGroup) -> tuple[tuple[int, Any], ...]:
        return ((draw(st.integers(0, len(plain.queues) - 1)), draw(durations(grid))),)

    def moved(q: int, queue: Queue) -> Queue:
        to = [i for i in range(q + 1, len(plain.queues))]
        overflow = None
        if to and draw(st.booleans()):
            overflow = Overflow(draw(st.sampled_from(grid)), draw(st.sampled_from(to)))
        return replace(queue, overflow=overflow, retry=sometimes(retry))

    def joining(flow: Flow) -> Flow:
        at = draw(st.integers(1, len(flow.actions)))
        jump = Action(ActionType.QUEUE_JOIN, queue=len(plain.queues) - 1)
        return replace(flow, actions=(*flow.actions[:at], jump, *flow.actions[at:]))

    queues = tuple(moved(q, queue) for q, queue in enumerate(plain.queues))
    groups = tuple(
        replace(
            group,
            shrinkage=draw(st.sampled_from((0.0, 0.0, 0.4))),
            breaks=sometimes(breaks, ()),
            ring=sometimes(rings) if ring else None,
            service_times=sometimes(lambda group=group: own(group), ()),
        )
        for group in plain.agents
    )
    flows = plain.flows
    if flows and len(queues) > 1 and draw(st.booleans()):
        # the last queue does not hear the flow that leads to it
        flows = (joining(flows[0]), *flows[1:])
        queues = (*queues[:-1], replace(queues[-1], wait_flow=None))
    if any(group.ring for group in groups):
        # phones that nobody ever answers would ring for ever
        queues = tuple(
            replace(q, wait_timeout_s=min(q.wait_timeout_s, plain.horizon_s)) for q in queues
        )
    loops = Polling(
        start_delay_s=draw(st.sampled_from(grid)),
        retry_s=draw(st.sampled_from(grid[1:])),
        next_s=draw(st.sampled_from(grid[1:])),
        order=draw(st.sampled_from(PollOrder)),
    )
    return replace(
        plain,
        queues=queues,
        agents=groups,
        flows=flows,
        dispatch=loops if polling and draw(st.integers(0, 3)) == 3 else None,
        flow_action_limit=draw(st.sampled_from((None, None, 1, 7, 30))),
        initial=sometimes(lambda: draw(initial_states(plain, grid))),
    )


@st.composite
def initial_states(draw: st.DrawFn, plain: Scenario, grid: tuple[float, ...]) -> Initial:
    """Some calls that wait, and some agents who talk, at the start."""
    queue, since = st.integers(0, len(plain.queues) - 1), st.sampled_from(grid[1:])
    waiting = draw(st.lists(st.tuples(queue, since), max_size=4))
    agents = [(g, i) for g, group in enumerate(plain.agents) for i in range(group.count)]
    talking = draw(st.sets(st.sampled_from(agents), max_size=2)) if agents else set()
    return Initial(
        waiting=tuple(InitialWaiting(q, s) for q, s in waiting),
        busy=tuple(InitialBusy(g, i, draw(queue), draw(since)) for g, i in sorted(talking)),
    )
