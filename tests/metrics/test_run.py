"""Runs as wholes: workers, seeds, common random numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.experiment.run import run
from sim.logs import CallLog, Cause, Outcome
from sim.scenario.model import AgentGroup, RoutingMethod, Scenario
from tests.metrics.test_against_plain import DAY
from tests.strategies import scenarios

FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def same_logs(a: list[CallLog] | None, b: list[CallLog] | None) -> bool:
    assert a is not None and b is not None
    return len(a) == len(b) and all(
        getattr(x, name).tobytes() == getattr(y, name).tobytes()
        for x, y in zip(a, b, strict=True)
        for name in CallLog.__dataclass_fields__
    )


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_change_nothing(workers: int) -> None:
    """Claim: one worker or several: documents are the same but for `elapsed_s`, and the logs."""
    many = replace(DAY, replications=5)
    one = run(many, workers=1, intervals=True, log=True)
    other = run(many, workers=workers, intervals=True, log=True)
    documents = [r.document(with_intervals=True) for r in (one, other)]
    for document in documents:
        assert document.pop("elapsed_s") > 0.0
    assert documents[0] == documents[1]
    assert same_logs(one.logs, other.logs)


def test_a_log_or_intervals_change_no_number() -> None:
    """Claim: the same document (but for the intervals) with and without log and intervals."""
    documents = [
        run(DAY, intervals=intervals, log=log).document(with_intervals=False)
        for intervals, log in ((False, False), (True, True))
    ]
    for document in documents:
        del document["elapsed_s"]
    assert documents[0] == documents[1]


def test_seeds_decide() -> None:
    """Claim: the same seed gives the same logs, another seed others; so do replications."""
    a, b = run(DAY, log=True), run(DAY, log=True)
    c = run(replace(DAY, seed=2), log=True)
    assert same_logs(a.logs, b.logs)
    assert not same_logs(a.logs, c.logs)
    assert a.logs is not None
    assert a.logs[0].arrival.tobytes() != a.logs[1].arrival.tobytes()


def test_a_replication_does_not_depend_on_how_many_there_are() -> None:
    """Claim: the first replications of a longer run are those of a shorter one."""
    short, long = run(DAY, log=True), run(replace(DAY, replications=6), log=True)
    assert long.logs is not None
    assert same_logs(short.logs, long.logs[:4])


@FEW
@given(scenarios(), st.integers(0, 3), st.sampled_from(RoutingMethod))
def test_common_random_numbers(scenario: Scenario, more: int, method: RoutingMethod) -> None:
    """Claim: other agents and another routing method change no call's arrival; calls served to
    the end in both, by agents of speed 1, have the same service and wrap-up; calls that hang up
    while waiting in both leave at the same instant."""
    scenario = replace(
        scenario, agents=tuple(replace(group, speed=1.0) for group in scenario.agents)
    )
    other = replace(
        scenario,
        agents=(*scenario.agents, AgentGroup(name="more", count=more + 1, tags=("a", "b"))),
        queues=tuple(replace(q, routing_method=method) for q in scenario.queues),
    )
    logs = [run(s, log=True).logs for s in (scenario, other)]
    assert logs[0] is not None and logs[1] is not None
    a, b = logs[0][0], logs[1][0]
    for column in ("call", "queue", "arrival"):
        assert getattr(a, column).tobytes() == getattr(b, column).tobytes()
    done = (a.outcome == Outcome.DONE) & (b.outcome == Outcome.DONE)
    for column in ("service", "wrap_up"):
        assert getattr(a, column)[done].tobytes() == getattr(b, column)[done].tobytes()
    hung_up = (a.cause == Cause.HANGUP) & (b.cause == Cause.HANGUP)
    hung_up &= (a.agent < 0) & (b.agent < 0)
    assert a.leave[hung_up].tobytes() == b.leave[hung_up].tobytes()


def test_common_random_numbers_narrow_a_difference() -> None:
    """Claim: the spread of the difference one more agent makes is less than half of what it is
    with unrelated seeds (60 replications; about a third is seen)."""
    base = replace(DAY, replications=60, warmup_s=0.0)
    more = replace(
        base, agents=tuple(replace(g, count=g.count + (g.name == "both")) for g in base.agents)
    )

    def lost(scenario: Scenario) -> np.ndarray:
        result = run(scenario)
        return np.array(
            [sum(q["abandoned"] for q in result.replication_counts(r)) for r in range(60)]
        )

    before = lost(base)
    together = (before - lost(more)).std(ddof=1)
    apart = (before - lost(replace(more, seed=99))).std(ddof=1)
    assert together < apart / 2
