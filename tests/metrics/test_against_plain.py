"""Every number of the result document against a slow recomputation from the call log."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from sim.experiment.result import Result
from sim.experiment.run import run
from sim.scenario.distributions import Exponential, Gamma, Lognormal, Uniform
from sim.scenario.model import (
    Action,
    ActionType,
    AgentGroup,
    AtHorizon,
    Discipline,
    Flow,
    ListedArrivals,
    Period,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    Scenario,
    ServiceLevel,
    ServiceLevelFormula,
)
from tests.metrics import plain
from tests.metrics.plain import PlainCall, plain_calls
from tests.strategies import scenarios, without_ties

PERCENTILES = {"wait_p50_s": 0.50, "wait_p90_s": 0.90, "wait_p95_s": 0.95, "wait_p99_s": 0.99}
some = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

DAY = Scenario(
    name="a day in small",
    horizon_s=3600.0,
    queues=(
        Queue(
            name="support",
            arrivals=PoissonArrivals(0.03),
            service_time=Gamma(shape=2.0, scale_s=60.0),
            tags=("support",),
            patience=Exponential(scale_s=120.0),
            wrap_up=Exponential(scale_s=30.0),
            wait_flow=0,
            max_waiting=3,
            service_timeout_s=300.0,
            service_level=ServiceLevel(formula=ServiceLevelFormula.EXCLUDING_QUICK_ABANDONS),
        ),
        Queue(
            name="sales",
            arrivals=ProfileArrivals(interval_s=900.0, calls=(10.0, 40.0, 0.0, 20.0)),
            service_time=Lognormal(mu=4.5, sigma=0.5),
            tags=("sales",),
            wait_timeout_s=60.0,
            discipline=Discipline.LIFO,
            service_level=ServiceLevel(threshold_s=30.0, short_abandon_s=60.0),
        ),
        Queue(
            name="empty",
            arrivals=ListedArrivals(()),
            service_time=Uniform(low_s=1.0, high_s=2.0),
            tags=("support",),
        ),
    ),
    agents=(
        AgentGroup(name="early", count=3, tags=("support",), schedule=(
            Period(0.0, 1500.0, 3), Period(1500.0, 2000.0, 1), Period(2600.0, 3600.0, 2),
        )),
        AgentGroup(name="both", count=2, tags=("support", "sales"), speed=1.25),
        AgentGroup(name="away", tags=("support",), present=False),
    ),
    flows=(
        Flow("hold", (
            Action(ActionType.TALK, duration_s=7.0, interruptible=False, hangup_probability=0.02),
            Action(ActionType.SLEEP, duration_s=20.0),
        )),
    ),
    warmup_s=500.0,
    interval_s=700.0,
    replications=4,
)  # fmt: skip
DAYS = {
    "drain": DAY,
    "stop": Scenario(**{f: getattr(DAY, f) for f in DAY.__dataclass_fields__}
                     | {"at_horizon": AtHorizon.STOP, "warmup_s": 0.0, "interval_s": 900.0}),
}  # fmt: skip


@cache
def day(name: str) -> Result:
    return run(DAYS[name], intervals=True, log=True)


def logs(result: Result) -> list[list[PlainCall]]:
    assert result.logs is not None
    return [plain_calls(log) for log in result.logs]


def same(document: dict[str, Any], expected: dict[str, float | None], where: str) -> None:
    """Every expected metric is in the document, with this value (1e-9) or null."""
    for name, value in expected.items():
        found = document[name]["value"]
        if value is None:
            assert found is None, (where, name, found)
        else:
            assert found is not None, (where, name, value)
            slack = 1e-6 if name == "wait_sd_s" else 1e-9
            assert math.isclose(found, value, rel_tol=1e-9, abs_tol=slack), (where, name)


def subjects(scenario: Scenario) -> list[tuple[str, list[int]]]:
    every = list(range(len(scenario.queues)))
    return [(q.name, [i]) for i, q in enumerate(scenario.queues)] + [("total", every)]


def check_document(result: Result) -> None:
    """All counts, metrics, flows, intervals and agents."""
    scenario, rows = result.scenario, logs(result)
    document = result.document(with_intervals=True)
    sections = [*document["queues"], document["total"]]
    for (name, of), section in zip(subjects(scenario), sections, strict=True):
        mine = [[c for c in calls if c.queue in of] for calls in rows]
        counted = [c for calls in mine for c in calls if c.arrival >= scenario.warmup_s]
        assert section["counts"] == plain.counts(counted)
        assert section["abandoned_by_cause"] == plain.causes(counted)
        same(
            section["metrics"],
            plain.queue_metrics(rows, scenario, of, 0.0, scenario.horizon_s),
            name,
        )
        same(
            section["metrics"]["service_level_variants"],
            plain.service_levels(counted, scenario.queues),
            name,
        )
        check_waits(section["metrics"], counted)
    for g, section in enumerate(document["agents"]):
        expected = plain.agent_metrics(rows, scenario, g, 0.0, scenario.horizon_s)
        same(section["metrics"], expected, section["name"])
    check_served_by(document["served_by"], scenario, rows)
    check_intervals(document, scenario, rows)


def check_waits(metrics: dict[str, Any], counted: Sequence[PlainCall]) -> None:
    """Percentiles within a bin's width of the order statistic; the longest wait exactly."""
    waits = plain.sorted_waits(counted)
    if not waits:
        assert all(metrics[name]["value"] is None for name in PERCENTILES)
        return
    assert metrics["wait_max_s"]["value"] == waits[-1]
    for name, p in PERCENTILES.items():
        exact = waits[max(0, math.ceil(p * len(waits) - 1e-9) - 1)]
        width = 2.0 ** math.floor(math.log2(1.0 + exact)) / 256
        assert abs(metrics[name]["value"] - exact) <= width, name


def check_served_by(
    table: dict[str, Any], scenario: Scenario, rows: Sequence[Sequence[PlainCall]]
) -> None:
    group_of = [g for g, _ in plain.shifts(scenario)]
    expected = [[0] * len(scenario.agents) for _ in scenario.queues]
    for c in (c for calls in rows for c in calls):
        if c.answer is not None and c.agent is not None and c.arrival >= scenario.warmup_s:
            expected[c.queue][group_of[c.agent]] += 1
    assert table["serviced"] == expected


def check_intervals(
    document: dict[str, Any], scenario: Scenario, rows: Sequence[Sequence[PlainCall]]
) -> None:
    step, horizon = scenario.interval_s, scenario.horizon_s
    n = max(1, math.ceil(horizon / step - 1e-9))
    edges = [step * i for i in range(n)] + [horizon]
    slots = list(pairwise(edges))
    table = iter(document["intervals"])
    for name, of in subjects(scenario):
        for i, (a, b) in enumerate(slots):
            row = next(table)
            assert (row["queue"], row["start_s"], row["end_s"]) == (name, a, b)
            last = i == n - 1
            mine = [
                c
                for calls in rows
                for c in calls
                if c.queue in of and c.arrival >= max(a, scenario.warmup_s)
                and (c.arrival < b or last)
            ]  # fmt: skip
            assert row["counts"] == plain.counts(mine)
            assert row["abandoned_by_cause"] == plain.causes(mine)
            expected = plain.queue_metrics(rows, scenario, of, a, b, last=last)
            same(row["metrics"], expected, f"{name} {a}")
    assert next(table, None) is None
    table = iter(document["agent_intervals"])
    for g, group in enumerate(scenario.agents):
        for a, b in slots:
            row = next(table)
            assert (row["agents"], row["start_s"], row["end_s"]) == (group.name, a, b)
            expected = plain.agent_metrics(rows, scenario, g, a, b)
            del expected["calls_per_agent"]
            same(row["metrics"], expected, f"{group.name} {a}")


@pytest.mark.parametrize("name", DAYS)
def test_a_day_recomputed(name: str) -> None:
    """Claim: with warm-up, shifts, overtime, blocking, wrap-up, service timeouts and intervals,
    every number of the document follows from the call log."""
    result = day(name)
    pooled = plain.counts(c for calls in logs(result) for c in calls)
    assert min(pooled[k] for k in ("blocked", "abandoned", "service_timeouts")) > 0
    if name == "stop":
        assert pooled["in_service_at_end"] > 0
    check_document(result)


@some
@given(scenarios(replications=2))
def test_random_scenarios_recomputed(scenario: Scenario) -> None:
    """Claim: the same in random scenarios full of ties."""
    check_document(run(scenario, intervals=True, log=True))


@some
@given(scenarios(replications=2))
def test_the_longest_queue(scenario: Scenario) -> None:
    """Claim: where no two events coincide, `queue_length_max` is the most calls waiting or
    connecting at any instant of the window, of each queue and of all together; a call that has
    to wait counts at the instant of joining even if its flow hangs up at once."""
    scenario = without_ties(scenario)
    result = run(scenario, log=True)
    document = result.document(with_intervals=False)
    for (_, of), section in zip(
        subjects(scenario), [*document["queues"], document["total"]], strict=True
    ):
        most = max(
            plain.peak((c for c in calls if c.queue in of), scenario.warmup_s, scenario.horizon_s)
            for calls in logs(result)
        )
        assert section["metrics"]["queue_length_max"]["value"] == most


@pytest.mark.parametrize("name", DAYS)
def test_intervals_add_up(name: str) -> None:
    """Claim: the counts of all intervals sum to those of the queue, and so do queue time,
    busy time and overtime."""
    result = day(name)
    document = result.document(with_intervals=True)
    for section in [*document["queues"], {"name": "total", **document["total"]}]:
        rows = [r for r in document["intervals"] if r["queue"] == section["name"]]
        for key in ("counts", "abandoned_by_cause"):
            for kind, count in section[key].items():
                assert sum(r[key][kind] for r in rows) == count
    assert result.slot_totals is not None and result.slot_agents is not None
    assert result.slot_totals.sum(axis=2) == pytest.approx(result.totals, rel=1e-12, abs=1e-9)
    assert result.slot_agents.sum(axis=2) == pytest.approx(result.agents, rel=1e-12, abs=1e-9)


def test_an_empty_queue_has_nulls_and_zeros() -> None:
    """Claim: what nobody did is null, never NaN; counts and lengths are 0."""
    section = day("drain").document(with_intervals=False)["queues"][2]
    assert section["name"] == "empty"
    assert set(section["counts"].values()) == {0}
    variants = section["metrics"].pop("service_level_variants")
    zero = {"queue_length_mean", "queue_length_max"}
    for name, estimate in section["metrics"].items():
        expected = 0.0 if name in zero else None
        assert estimate["value"] == expected, name
    assert all(e["value"] is None for e in variants.values())


def test_nothing_is_nan_or_infinite() -> None:
    """Claim: every number of a document is finite: JSON can hold it."""

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, float):
            assert math.isfinite(value)

    for name in DAYS:
        walk(day(name).document(with_intervals=True))


def test_littles_law_in_a_window() -> None:
    """Claim: empty at both ends, the mean queue length times the window is the sum of all waits
    (to 1e-12), of each queue and in all."""
    quiet_end = Scenario(
        **{f: getattr(DAY, f) for f in DAY.__dataclass_fields__}
        | {"warmup_s": 0.0, "horizon_s": 20_000.0, "replications": 1, "queues": tuple(
            Queue(**{f: getattr(q, f) for f in q.__dataclass_fields__}
                  | {"arrivals": ProfileArrivals(900.0, (60.0, 0.0, 90.0))}) for q in DAY.queues)}
    )  # fmt: skip
    result = run(quiet_end, log=True)
    document = result.document(with_intervals=False)
    (calls,) = logs(result)
    assert max(c.wait_end for c in calls) < 20_000.0
    for (_, of), section in zip(
        subjects(quiet_end), [*document["queues"], document["total"]], strict=True
    ):
        waits = math.fsum(c.wait for c in calls if c.queue in of and c.joined)
        length = section["metrics"]["queue_length_mean"]["value"]
        assert waits > 0
        assert length * 20_000.0 == pytest.approx(waits, rel=1e-12)


def test_overtime_counts_as_on_shift() -> None:
    """Claim: by hand: a shift of 100 s, a call from 90 to 150, wrap-up to 160, horizon 200:
    busy 70 of 160 s on shift, 60 of them overtime; 160 s at 45 an hour cost 2."""
    scenario = Scenario(
        name="overtime",
        horizon_s=200.0,
        queues=(
            Queue(
                name="q",
                arrivals=ListedArrivals((90.0,)),
                service_time=Uniform(low_s=60.0, high_s=60.0),
                wrap_up=Uniform(low_s=10.0, high_s=10.0),
            ),
        ),
        agents=(AgentGroup(name="a", schedule=(Period(0.0, 100.0, 1),), cost=45.0),),
        replications=1,
        interval_s=100.0,
    )
    document = run(scenario, intervals=True).document(with_intervals=True)
    metrics = {k: e["value"] for k, e in document["agents"][0]["metrics"].items()}
    assert metrics == {
        "occupancy": 70 / 160, "utilisation": 60 / 160, "calls_per_agent": 1.0, "overtime_s": 60.0,
        "cost": 2.0,
    }  # fmt: skip
    first, second = document["agent_intervals"]
    assert first["metrics"]["occupancy"]["value"] == 0.1
    assert first["on_shift"] == 1.0
    assert second["metrics"]["occupancy"]["value"] == 1.0
    assert second["metrics"]["overtime_s"]["value"] == 60.0
    assert (first["metrics"]["busy"]["value"], second["metrics"]["busy"]["value"]) == (0.1, 0.6)
    assert second["on_shift"] == 0.0
