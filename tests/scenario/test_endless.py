"""Phones that nobody answers, and callers who never give up."""

from __future__ import annotations

import pytest

from sim.engine.rules import EndlessRingingError
from sim.experiment.replicate import Replicator
from sim.scenario.errors import ScenarioError
from sim.scenario.load import loads_scenario

NEVER = "ring: {no_answer: 1, timeout: 20s}"
TEXT = """
horizon: 1h
at_horizon: {end}
queues: [{{name: q, arrivals: {{rate: 1/min}}, service_time: 1min{queue}}}]
agents: [{{name: a, {ring}}}{others}]
"""


def load(queue: str = "", others: str = "", end: str = "drain", ring: str = NEVER) -> None:
    loads_scenario(TEXT.format(queue=queue, others=others, end=end, ring=ring))


@pytest.mark.parametrize(
    "queue",
    [
        "",
        ", wait_flow: [{sleep: 5s}, {type: hangup}]",  # may be reached while the phone rings
        ", max_waiting: 3",
    ],
)
def test_would_ring_for_ever(queue: str) -> None:
    """Claim: refused, where only an answer ends a call's waiting for certain."""
    with pytest.raises(ScenarioError, match="would ring for ever"):
        load(queue)


@pytest.mark.parametrize(
    "others",
    [
        ", {name: b, shrinkage: 10%}",
        ", {name: b, status: away}",
        ", {name: b, schedule: [{from: 0s, to: 30min, count: 1}]}",
    ],
)
def test_another_agent_may_not_be_there(others: str) -> None:
    """Claim: refused too, where the other agents may be absent at the end."""
    with pytest.raises(ScenarioError, match="no other agent is sure to be there"):
        load(others=others)


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_others_may_be_passed_over(engine: str) -> None:
    """Claim: where the routing always prefers those who never answer, the run says so and ends."""
    scenario = loads_scenario(
        TEXT.format(
            queue=", routing_method: listed",
            others=", {name: b, ring: {no_answer: 1, timeout: 1s}}, {name: c}",
            end="drain",
            ring="ring: {no_answer: 1, timeout: 1s}",
        )
    )
    with pytest.raises(EndlessRingingError, match="queue `q` has been routed 100,000 times"):
        Replicator(scenario, engine=engine).run(0)


@pytest.mark.parametrize(
    ("queue", "others", "end"),
    [
        (", wait_timeout: 60s", "", "drain"),
        (", patience: 60s", "", "drain"),
        ("", ", {name: b}", "drain"),
        ("", ", {name: b, ring: {delay: 5s}}", "drain"),
        ("", "", "stop"),
    ],
)
def test_comes_to_an_end(queue: str, others: str, end: str) -> None:
    """Claim: accepted where calls leave, somebody answers, or the run stops."""
    load(queue, others, end)
