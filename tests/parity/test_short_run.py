"""A short run of the fuzzer: always the same scenarios."""

from __future__ import annotations

from collections import Counter

import pytest

from fuzz.compare import differences
from fuzz.generate import KINDS, case
from fuzz.shrink import can_be_written
from sim.experiment.replicate import Replicator
from sim.logs import Cause, Outcome
from sim.scenario.behaviour import RecordedArrivals
from sim.sums import AgentTotal, Count

SEED = 2029
SCENARIOS = 300
CHUNK = 50


@pytest.mark.parametrize("first", range(0, SCENARIOS, CHUNK))
def test_the_engines_agree(first: int) -> None:
    """Claim: not a bit differs in any log, count or sum, with the log or without."""
    told = []
    for number in range(first, first + CHUNK):
        made = case(SEED, number)
        found, _ = differences(made.scenario, intervals=made.intervals)
        told += [f"scenario {number}: {text}" for text in found]
    assert told == []


def test_a_case_is_a_function_of_seed_and_number() -> None:
    """Claim: the same case in any order; another for another number or seed."""
    once = [case(SEED, number) for number in range(20)]
    assert [case(SEED, number) for number in reversed(range(20))] == once[::-1]
    assert case(SEED, 1) != case(SEED, 2) and case(SEED, 1) != case(SEED + 1, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_made_scenarios_are_valid(kind: str) -> None:
    """Claim: each could have been a file, and that file holds all of it."""
    assert all(can_be_written(case(SEED, number, kind).scenario) for number in range(15))


def test_all_that_can_happen_happens() -> None:
    """Claim: the scenarios of the short run reach every outcome, cause and feature, ties, several
    words of agents and queues, long queues, and several blocks of calls and of rows."""
    outcomes: Counter[Outcome] = Counter()
    causes: Counter[Cause] = Counter()
    sizes: Counter[str] = Counter()
    for number in range(SCENARIOS):
        scenario = case(SEED, number).scenario
        ran = Replicator(scenario, engine="compiled", keep_calls=True).run(0)
        assert ran.calls is not None
        outcomes.update(map(Outcome, ran.calls.outcome.tolist()))
        causes.update(map(Cause, ran.calls.cause.tolist()))
        sizes.update(
            name
            for name, reached in {
                "tie": len(set(ran.calls.arrival.tolist())) < len(ran.calls),
                "words of agents": scenario.n_agents > 128,
                "words of queues": len(scenario.queues) > 64,
                "waiting": ran.sums.queue_peak[-1] > 512,
                "blocks": len(ran.calls) > 4096,
                "blocks of rows": len(ran.calls) > 8192,
                "heard out": (ran.calls.answer > ran.calls.routed).any(),
                "cut": ran.calls.cut.any(),
                "overtime": ran.sums.agents[:, AgentTotal.OVERTIME].sum() > 0,
                "no answer": ran.sums.counts[:, Count.RING_NO_ANSWER].sum() > 0,
                "penalty": ran.sums.agents[:, AgentTotal.PENALTY].sum() > 0,
                "break": ran.sums.agents[:, AgentTotal.BREAK].sum() > 0,
                "retry": (ran.calls.attempt > 2).any(),
                "overflow": (ran.calls.first_arrival < ran.calls.arrival).any(),
                "polling": scenario.dispatch is not None and len(ran.calls) > 20,
                "limit": scenario.flow_action_limit is not None and len(ran.calls) > 20,
                "there at the start": (ran.calls.arrival < 0.0).any(),
                "own service times": any(group.service_times for group in scenario.agents),
                "shrinkage": any(group.shrinkage for group in scenario.agents),
                "busyness": any(getattr(q.arrivals, "busyness", None) for q in scenario.queues),
                "recorded": any(isinstance(q.arrivals, RecordedArrivals) for q in scenario.queues),
            }.items()
            if reached
        )
    assert set(outcomes) == set(Outcome)
    assert set(causes) == set(Cause)
    assert len(sizes) == 21, sizes
