"""Choices made inside a run: as often as their chances say, and of no other consequence.

Chi-square tests with fixed seeds; error rate 1e-4 each.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from sim.experiment.run import run
from sim.logs import CallLog, Cause
from sim.scenario.distributions import Deterministic
from sim.scenario.model import (
    Action,
    ActionType,
    AgentGroup,
    Discipline,
    Flow,
    ListedArrivals,
    Period,
    Queue,
    RegularArrivals,
    RoutingMethod,
    Scenario,
)
from tests.property.test_laws import laws
from tests.strategies import scenarios

ERROR_RATE = 1e-4


def logs(scenario: Scenario) -> list[CallLog]:
    result = run(scenario, log=True)
    assert result.logs is not None
    return result.logs


def queue(name: str, at: tuple[float, ...], **more: object) -> Queue:
    return Queue(
        name=name, arrivals=ListedArrivals(at), service_time=Deterministic(value_s=10.0), **more
    )


def test_a_call_gets_any_available_agent_with_equal_chance() -> None:
    """Claim: of 7 agents all available, each gets a seventh of 7,000 calls, and who gets a call
    says nothing of who gets the next."""
    often = Queue(
        name="q", arrivals=RegularArrivals(20.0), service_time=Deterministic(value_s=10.0)
    )
    scenario = Scenario(
        name="routing",
        horizon_s=140_020.0,
        queues=(often,),
        agents=(AgentGroup(name="x", count=4), AgentGroup(name="y", count=3)),
        replications=1,
    )
    (log,) = logs(scenario)
    assert len(log) == 7000 or len(log) == 7001
    assert stats.chisquare(np.bincount(log.agent, minlength=7)).pvalue > ERROR_RATE
    pairs = log.agent[:-1:2] * 7 + log.agent[1::2]
    assert stats.chisquare(np.bincount(pairs, minlength=49)).pvalue > ERROR_RATE


def test_random_order_takes_any_waiting_call_of_all_queues_with_equal_chance() -> None:
    """Claim: 2 and 4 calls wait in two `random` queues: the agent who comes takes each of the 6
    first with chance 1/6, and second with chance 1/6."""
    scenario = Scenario(
        name="order",
        horizon_s=50.0,
        queues=(
            queue("one", (0.0, 1.0), discipline=Discipline.RANDOM),
            queue("two", (0.0, 2.0, 3.0, 4.0), discipline=Discipline.RANDOM),
        ),
        agents=(AgentGroup(name="a", schedule=(Period(5.0, 50.0, 1),)),),
        replications=1800,
    )
    order = np.array([np.argsort(log.routed) for log in logs(scenario)])
    for which in (0, 1, 5):
        counts = np.bincount(order[:, which], minlength=6)
        assert stats.chisquare(counts).pvalue > ERROR_RATE


def test_a_random_queue_beside_a_fifo_queue_offers_any_of_its_calls() -> None:
    """Claim: a `fifo` queue offers its first (at 2.5 s), a `random` queue any of 4 with equal
    chance, and the one that joined first is taken: 3 of 4 times the `random` queue's."""
    scenario = Scenario(
        name="offers",
        horizon_s=12.0,
        queues=(
            queue("random", (0.0, 1.0, 2.0, 3.0), discipline=Discipline.RANDOM),
            queue("fifo", (2.5,)),
        ),
        agents=(AgentGroup(name="a", schedule=(Period(5.0, 12.0, 1),)),),
        replications=1600,
    )
    taken = np.array([int(np.nanargmin(log.routed)) for log in logs(scenario)])
    # calls 0, 1, 2 are the random queue's first three, 3 the fifo queue's, 4 its last
    assert stats.chisquare(np.bincount(taken, minlength=4), [400] * 4).pvalue > ERROR_RATE


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_an_announcement_drives_away_with_its_probability_each_time(p: float) -> None:
    """Claim: how often a caller hears an announcement before hanging up is geometric."""
    n = 3000
    waiting = Queue(
        name="q",
        arrivals=ListedArrivals(tuple(float(i) for i in range(n))),
        service_time=Deterministic(value_s=1.0),
        wait_flow=0,
    )
    talk = Action(ActionType.TALK, duration_s=4.0, hangup_probability=p)
    scenario = Scenario(
        name="announcement",
        horizon_s=float(n),
        queues=(waiting,),
        agents=(AgentGroup(name="nobody", present=False),),
        flows=(Flow("f", (talk, Action(ActionType.SLEEP, duration_s=3.0))),),
        replications=1,
    )
    (log,) = logs(scenario)
    assert (log.cause == Cause.ANNOUNCEMENT).all()
    heard = np.round((log.leave - log.arrival + 3.0) / 7.0).astype(int)
    assert np.array_equal(log.leave, log.arrival + 7.0 * heard - 3.0)
    most = 6
    counts = np.bincount(np.minimum(heard, most), minlength=most + 1)[1:]
    chances = p * (1 - p) ** np.arange(most)
    chances[-1] = (1 - p) ** (most - 1)
    assert stats.chisquare(counts, n * chances).pvalue > ERROR_RATE


@laws
@given(scenarios(max_queues=1))
def test_whoever_of_like_agents_is_chosen_changes_no_call(scenario: Scenario) -> None:
    """Claim: with one queue, served in order, and agents all alike and always there, the routing
    method changes who serves a call and nothing else. (The `random` discipline draws by agent.)"""
    n = sum(group.count for group in scenario.agents)
    same = replace(scenario, agents=(AgentGroup(name="g", count=n, tags=("a", "b")),))
    (mine,) = same.queues
    if mine.discipline is Discipline.RANDOM:
        mine = replace(mine, discipline=Discipline.LIFO)
    first, *others = [
        logs(replace(same, queues=(replace(mine, routing_method=method),)))[0]
        for method in RoutingMethod
    ]
    for other in others:
        for column in CallLog.__dataclass_fields__:
            if column != "agent":
                assert getattr(first, column).tobytes() == getattr(other, column).tobytes()
