"""The workload as a whole: who brings what depends on names, never on the rest of a scenario."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.mixing import descend
from sim.scenario.distributions import Deterministic, Exponential, Gamma, Lognormal
from sim.scenario.model import (
    AgentGroup,
    AtHorizon,
    Discipline,
    ListedArrivals,
    Period,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RegularArrivals,
    RoutingMethod,
    Scenario,
)
from sim.workload import calls as calls_module
from sim.workload.calls import CallBlock, Workload
from sim.workload.streams import name_key, uniforms
from sim.workload.variates import quantile
from tests.workload.laws import CONTINUOUS, DISCRETE

SUPPORT = Queue(
    name="support",
    arrivals=PoissonArrivals(0.2),
    service_time=Gamma(shape=2.0, scale_s=60.0),
    patience=Exponential(scale_s=120.0),
    wrap_up=Lognormal(mu=2.0, sigma=0.4),
)
SALES = Queue(
    name="sales",
    arrivals=ProfileArrivals(interval_s=600.0, calls=(60.0, 0.0, 90.0, 30.0, 10.0, 100.0)),
    service_time=Exponential(scale_s=90.0),
    wrap_up=Deterministic(value_s=5.0),
)
BASE = Scenario(
    name="base",
    horizon_s=3600.0,
    queues=(SUPPORT, SALES),
    agents=(AgentGroup(name="tier1", count=3),),
)
BROUGHT = ("place", "arrival_s", "service_s", "patience_s", "wrap_up_s")


def whole(scenario: Scenario, replication: int = 0) -> CallBlock:
    """All calls of a replication in one block."""
    blocks = list(Workload(scenario).blocks(replication))
    for before, after in pairwise(blocks):
        assert after.first == before.first + len(before)
        assert after.arrival_s[0] >= before.arrival_s[-1]
    return CallBlock(
        blocks[0].first,
        *(np.concatenate([getattr(b, name) for b in blocks]) for name in ("queue", *BROUGHT)),
    )


def of_queue(scenario: Scenario, name: str, replication: int = 0) -> dict[str, bytes]:
    """What the callers of a queue bring, to the bit."""
    block = whole(scenario, replication)
    q = [queue.name for queue in scenario.queues].index(name)
    return {column: getattr(block, column)[block.queue == q].tobytes() for column in BROUGHT}


def with_support(**changes: object) -> Scenario:
    return replace(BASE, queues=(replace(SUPPORT, **changes), SALES))


OTHER = Queue(name="other", arrivals=PoissonArrivals(0.5), service_time=Exponential(scale_s=30.0))
UNRELATED = {
    "a queue before": replace(BASE, queues=(OTHER, SUPPORT, SALES)),
    "a queue after": replace(BASE, queues=(SUPPORT, SALES, OTHER)),
    "the queues' order": replace(BASE, queues=(SALES, SUPPORT)),
    "the other queue gone": replace(BASE, queues=(SUPPORT,)),
    "agents": replace(BASE, agents=(AgentGroup(name="x", count=30, speed=2.0),)),
    "agents' shifts": replace(
        BASE, agents=(AgentGroup(name="tier1", schedule=(Period(0.0, 60.0, 1),)),)
    ),
    "timeouts": with_support(wait_timeout_s=10.0, service_timeout_s=20.0, max_waiting=0),
    "routing": with_support(
        routing_method=RoutingMethod.LISTED, discipline=Discipline.LIFO, priority=4, tags=("x",)
    ),
    "the end": replace(BASE, at_horizon=AtHorizon.STOP, warmup_s=600.0),
    "how many replications": replace(BASE, replications=3),
    "another queue's patience": replace(
        BASE, queues=(SUPPORT, replace(SALES, patience=Exponential(scale_s=5.0)))
    ),
    "another queue's rate": replace(
        BASE, queues=(SUPPORT, replace(SALES, arrivals=RegularArrivals(0.3)))
    ),
    "the scenario's name": replace(BASE, name="renamed"),
}


@pytest.mark.parametrize("what", UNRELATED)
@pytest.mark.parametrize("replication", [0, 5])
def test_no_other_part_of_a_scenario_changes_a_caller(what: str, replication: int) -> None:
    """Claim: with that part changed, every caller of `support` brings the same bits."""
    changed = of_queue(UNRELATED[what], "support", replication)
    assert changed == of_queue(BASE, "support", replication)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"service_time": Exponential(scale_s=1.0)}, "service_s"),
        ({"patience": None}, "patience_s"),
        ({"wrap_up": None}, "wrap_up_s"),
    ],
)
def test_a_purpose_has_a_stream_of_its_own(change: dict[str, object], column: str) -> None:
    """Claim: another distribution for one purpose leaves all other purposes as they were."""
    before, after = of_queue(BASE, "support"), of_queue(with_support(**change), "support")
    assert {name for name in BROUGHT if before[name] != after[name]} == {column}


def test_more_calls_do_not_change_what_the_first_ones_bring() -> None:
    """Claim: the k-th caller's service is the k-th draw, at any rate of arrivals."""
    few = whole(replace(BASE, queues=(SUPPORT,)))
    many = whole(replace(with_support(arrivals=PoissonArrivals(1.0)), queues=(
        replace(SUPPORT, arrivals=PoissonArrivals(1.0)),
    )))  # fmt: skip
    assert len(many) > 2 * len(few)
    assert few.service_s.tobytes() == many.service_s[: len(few)].tobytes()
    assert few.patience_s.tobytes() == many.patience_s[: len(few)].tobytes()


@given(
    size=st.integers(1, 5000),
    horizon=st.floats(1.0, 9000.0),
    replication=st.integers(0, 4),
)
@settings(deadline=None, max_examples=25)
def test_blocks_of_any_size_give_the_same_calls(
    size: int, horizon: float, replication: int
) -> None:
    """Claim: neither the block size nor a later horizon changes a call that comes before it."""
    before = whole(replace(BASE, horizon_s=9000.0), replication)
    with mock.patch.object(calls_module, "BLOCK_CALLS", size):
        blocks = list(Workload(replace(BASE, horizon_s=horizon)).blocks(replication))
    n = int(np.searchsorted(before.arrival_s, horizon))
    assert sum(len(b) for b in blocks) == n
    if blocks:
        for column in ("queue", *BROUGHT):
            joined = np.concatenate([getattr(b, column) for b in blocks])
            assert joined.tobytes() == getattr(before, column)[:n].tobytes()


def test_calls_are_numbered_by_arrival_queue_and_place() -> None:
    """Claim: ties are ordered by queue, then by place, and places count each queue from 0."""
    queues = tuple(
        Queue(name=n, arrivals=ListedArrivals(at), service_time=Deterministic(value_s=1.0))
        for n, at in [("a", (1.0, 2.0, 2.0)), ("b", (0.0, 2.0, 2.0)), ("c", (2.0,))]
    )
    block = whole(Scenario(name="ties", horizon_s=10.0, queues=queues, agents=()))
    assert list(zip(block.arrival_s, block.queue, block.place, strict=True)) == [
        (0.0, 1, 0), (1.0, 0, 0), (2.0, 0, 1), (2.0, 0, 2), (2.0, 1, 1), (2.0, 1, 2), (2.0, 2, 0),
    ]  # fmt: skip


@given(st.lists(st.lists(st.integers(0, 12)), min_size=1, max_size=5), st.integers(1, 40))
@settings(deadline=None)
def test_calls_come_in_order_however_many_come_at_once(times: list[list[int]], size: int) -> None:
    """Claim: in any blocks, with any ties, sorted by (arrival, queue, place), each with its own."""
    queues = tuple(
        Queue(
            name=f"q{q}",
            arrivals=ListedArrivals(tuple(float(t) for t in sorted(at))),
            service_time=Exponential(scale_s=1.0 + q),
            wrap_up=Gamma(shape=2.0, scale_s=1.0) if q % 2 else None,
        )
        for q, at in enumerate(times)
    )
    scenario = Scenario(name="ties", horizon_s=11.0, queues=queues, agents=())
    expected = sorted(
        (t, q, place) for q, at in enumerate(times) for place, t in enumerate(sorted(at)) if t < 11
    )
    with mock.patch.object(calls_module, "BLOCK_CALLS", size):
        blocks = list(Workload(scenario).blocks(3))
    found = [row for b in blocks for row in zip(b.arrival_s, b.queue, b.place, strict=True)]
    assert found == expected
    for purpose in ("service", "wrap_up"):
        brought = [value for b in blocks for value in getattr(b, f"{purpose}_s").tolist()]
        for (_, q, place), value in zip(expected, brought, strict=True):
            law = queues[q].service_time if purpose == "service" else queues[q].wrap_up
            key = descend(name_key(scenario.seed, purpose, queues[q].name), 3)
            assert value == (0.0 if law is None else quantile(law, uniforms(key, place, 1))[0])


def test_a_call_at_the_horizon_does_not_come() -> None:
    """Claim: calls arrive in [0, horizon)."""
    queue = replace(SUPPORT, arrivals=ListedArrivals((0.0, 9.999, 10.0, 11.0)))
    block = whole(Scenario(name="end", horizon_s=10.0, queues=(queue,), agents=()))
    assert block.arrival_s.tolist() == [0.0, 9.999]


def test_what_is_absent_is_endless_patience_and_no_wrap_up() -> None:
    """Claim: without patience nobody hangs up, without wrap-up there is none."""
    block = whole(replace(BASE, queues=(OTHER,)))
    assert np.isposinf(block.patience_s).all()
    assert (block.wrap_up_s == 0.0).all()


def test_service_scale_multiplies_by_the_interval_of_arrival() -> None:
    """Claim: each service is the unscaled one times its interval's factor, to the bit."""
    scale = (1.0, 2.0, 0.5, 3.0, 1.5, 0.25)
    plain = whole(replace(BASE, queues=(SALES,)))
    scaled_sales = replace(SALES, arrivals=replace(SALES.arrivals, service_scale=scale))
    scaled = whole(replace(BASE, queues=(scaled_sales,)))
    assert scaled.arrival_s.tobytes() == plain.arrival_s.tobytes()
    slots = [int(t // 600.0) for t in plain.arrival_s]
    assert set(slots) == {0, 2, 3, 4, 5}
    expected = [s * scale[i] for s, i in zip(plain.service_s.tolist(), slots, strict=True)]
    assert scaled.service_s.tolist() == expected
    assert scaled.wrap_up_s.tobytes() == plain.wrap_up_s.tobytes()


def test_what_callers_bring_is_uncorrelated() -> None:
    """Claim: service, patience, wrap-up and gaps, of two queues and two replications, by ranks.

    16 series of 3,000 values, 120 pairs, none correlated; error rate of all together 1e-4.
    """
    two = replace(
        BASE,
        horizon_s=20_000.0,
        queues=(SUPPORT, replace(SUPPORT, name="support 2")),
    )
    series = []
    for replication in (0, 1):
        block = whole(two, replication)
        for q in (0, 1):
            mine = block.queue == q
            gaps = np.diff(block.arrival_s[mine])
            columns = (block.service_s[mine], block.patience_s[mine], block.wrap_up_s[mine], gaps)
            series += [stats.rankdata(column[:3000]) for column in columns]
    correlations = np.corrcoef(series)[np.triu_indices(16, 1)]
    limit = stats.norm.ppf(1 - 0.5e-4 / correlations.size) / np.sqrt(2999)
    assert np.abs(correlations).max() < limit


def test_a_duration_is_the_quantile_of_its_streams_uniform() -> None:
    """Claim: bit for bit, for every distribution, all of them in one scenario, in all blocks."""
    laws = [law.distribution for law in CONTINUOUS.values()]
    laws += [distribution for distribution, _ in DISCRETE.values()]
    queues = tuple(
        Queue(name=f"q{i}", arrivals=PoissonArrivals(0.3), service_time=law)
        for i, law in enumerate(laws)
    )
    calls = whole(replace(BASE, queues=queues), replication=2)
    for q, (queue, law) in enumerate(zip(queues, laws, strict=True)):
        mine = calls.queue == q
        key = descend(name_key(BASE.seed, "service", queue.name), 2)
        expected = quantile(law, uniforms(key, 0, int(mine.sum())))
        np.testing.assert_array_equal(calls.service_s[mine], expected)


def test_seeds_and_replications_differ() -> None:
    """Claim: another seed or replication gives other callers; the same ones, the same bits."""
    base = of_queue(BASE, "support")
    assert of_queue(BASE, "support") == base
    for other in (of_queue(replace(BASE, seed=2), "support"), of_queue(BASE, "support", 1)):
        assert all(other[c] != base[c] for c in BROUGHT if c != "place")
