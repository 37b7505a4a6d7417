"""Polling against immediate dispatch with the same callers: bounds for every single call.

One queue, oldest first, no patience. Calls are then answered in the order of joining, and call k
is answered at or after max(its joining, the instant at which so many of the calls before it have
ended that an agent is free): with equality under immediate dispatch. This is monotone in the
earlier answers, so by induction over the calls no answer under polling comes before the same
call's answer under immediate dispatch (Kiefer and Wolfowitz 1955). With one agent it comes at most
delta later than that instant, delta being the longest of the three intervals: so no later than
delta after the answer of a queue all of whose services take delta longer. The proof needs calls
that stay, agents alike, and the order of joining.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario.distributions import Deterministic, Distribution, Exponential, Uniform
from sim.scenario.model import (
    AgentGroup,
    Arrivals,
    PoissonArrivals,
    Polling,
    PollOrder,
    Queue,
    RegularArrivals,
    Scenario,
)
from tests.property.ran import Ran

TICKS = st.sampled_from([0.1, 0.5, 1.0, 3.0, 10.0])
ARRIVALS: list[Arrivals] = [PoissonArrivals(0.2), PoissonArrivals(0.02), RegularArrivals(5.0)]
SERVICES: list[Distribution] = [
    Deterministic(value_s=5.0),
    Deterministic(value_s=0.0),
    Exponential(scale_s=12.0),
    Uniform(low_s=1.0, high_s=9.0),
]
bounds = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def polled_queues(draw: st.DrawFn, most_agents: int) -> Scenario:
    """A queue of some hundred calls at most, with many ties."""
    queue = Queue(
        name="calls",
        arrivals=draw(st.sampled_from(ARRIVALS)),
        service_time=draw(st.sampled_from(SERVICES)),
    )
    return Scenario(
        name="polled",
        horizon_s=600.0,
        queues=(queue,),
        agents=(AgentGroup("agents", draw(st.integers(1, most_agents))),),
        seed=draw(st.integers(1, 10**6)),
        dispatch=Polling(draw(st.sampled_from([0.0, 0.1, 5.0])), draw(TICKS), draw(TICKS),
                         PollOrder.OLDEST),
    )  # fmt: skip


@bounds
@given(polled_queues(4))
def test_no_call_is_answered_earlier_than_at_once(scenario: Scenario) -> None:
    """Claim: with any number of agents, polling makes no call's answer earlier; exactly so."""
    at_once = Ran(replace(scenario, dispatch=None)).calls
    ticks = Ran(scenario).calls
    assert [call.arrival for call in ticks] == [call.arrival for call in at_once]
    for late, early in zip(ticks, at_once, strict=True):
        assert late.answer is not None and early.answer is not None
        assert late.answer >= early.answer


@bounds
@given(polled_queues(1))
def test_one_agent_answers_within_a_tick_more_per_call(scenario: Scenario) -> None:
    """Claim: with one agent the answer comes at most delta after that of a queue whose services
    are delta longer, but for rounding."""
    polling = scenario.dispatch
    assert polling is not None
    delta = max(polling.start_delay_s, polling.retry_s, polling.next_s)
    free_at = 0.0
    for call in Ran(scenario).calls:
        assert call.answer is not None and call.service is not None
        longer = max(call.arrival, free_at)
        assert call.answer <= longer + delta or call.answer == pytest.approx(
            longer + delta, rel=1e-12
        )
        free_at = longer + call.service + delta
