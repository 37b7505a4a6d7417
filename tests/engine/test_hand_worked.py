"""Both engines against traces worked out by hand."""

from __future__ import annotations

import math

import pytest

from sim.engine.lower import lower
from sim.engine.reference import Simulation
from sim.experiment.replicate import Replication, Replicator
from sim.logs import AgentState, Cause, Outcome
from sim.scenario.load import loads_scenario
from sim.scenario.model import Scenario
from sim.sums import Count

from . import hand_worked, hand_worked_agents, hand_worked_moves
from .hand_worked import Case

CASES = hand_worked.CASES
MORE = {**hand_worked_agents.CASES, **hand_worked_moves.CASES}


def told(scenario: Scenario, ran: Replication) -> list[str]:
    """The call log in the words of the cases."""
    assert ran.calls is not None
    names = [g.agent_name(i) for g in scenario.agents for i in range(g.count)]
    lines = []
    for i in range(len(ran.calls)):
        log = ran.calls
        outcome = Outcome(log.outcome[i])
        ended = Cause(log.cause[i]) if outcome is Outcome.ABANDONED else outcome
        chain = f"of {log.parent[i]}" if log.parent[i] >= 0 else ""
        chain += f" try {log.attempt[i]}" if log.attempt[i] > 1 else ""
        times = (log.arrival[i], log.routed[i], log.answer[i], log.leave[i])
        lines.append(
            " ".join(
                [
                    str(log.call[i]),
                    scenario.queues[log.queue[i]].name,
                    *("-" if math.isnan(t) else f"{t:g}" for t in times),
                    ended.name.lower(),
                    names[log.agent[i]] if log.agent[i] >= 0 else "-",
                    chain,
                ]
            ).strip()
        )
    return lines


def spells(scenario: Scenario, ran: Replication) -> list[str]:
    """The agent log in the words of the cases, consecutive spells of a state as one."""
    assert ran.agents is not None
    names = [g.agent_name(i) for g in scenario.agents for i in range(g.count)]
    log = ran.agents
    return [
        f"{names[log.agent[i]]} {AgentState(log.state[i]).name.lower()} "
        f"{log.from_s[i]:g} {log.to_s[i]:g}"
        for i in range(log.agent.size)
    ]


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
@pytest.mark.parametrize("name", CASES)
def test_every_event_of_a_hand_worked_trace(name: str, engine: str) -> None:
    """Claim: calls, plays and agents' states are exactly those worked out by hand."""
    check(CASES[name], engine)


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
@pytest.mark.parametrize("name", MORE)
def test_every_event_of_what_else_may_happen(name: str, engine: str) -> None:
    """Claim: the same where phones ring, agents go on breaks, calls overflow or come again, the
    platform polls, or the system does not start empty."""
    check(MORE[name], engine)


def check(case: Case, engine: str) -> None:
    """Both logs and the plays of a case against what was worked out."""
    scenario = loads_scenario(case.yaml)
    ran = Replicator(scenario, engine=engine, keep_calls=True, keep_agents=True).run(0)
    expected = [line.strip() for line in case.calls.strip().splitlines()]
    assert told(scenario, ran) == expected, case.why
    if case.plays:
        assert ran.sums.plays.tolist() == [list(play) for play in case.plays], case.why
    if case.agents:
        assert spells(scenario, ran) == case.agents.split(", "), case.why
    if case.rings is not None:
        assert ran.sums.counts[:, Count.RING_NO_ANSWER].sum() == case.rings, case.why


def test_an_engine_knows_no_statistics() -> None:
    """Claim: a simulation runs on a plant and blocks alone, and hands over every call once."""
    from sim.workload.calls import Workload

    scenario = loads_scenario(CASES["fifo"].yaml)
    handed: list[int] = []
    simulation = Simulation(lower(scenario), 0, lambda calls, _: handed.extend(calls.call.tolist()))
    run = simulation.run(Workload(scenario).blocks(0))
    assert handed == [0, 1, 2, 3]
    assert run.queue_peak == [3, 3]
