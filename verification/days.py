"""Whole days from an empty start: changing arrivals, shifts, busy and quiet days."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial

import numpy as np

from sim.experiment.result import Result
from sim.metrics.estimates import Estimate, estimate
from sim.metrics.measures import QueueSample, agent_measures, queue_measures
from sim.scenario.model import (
    AgentGroup,
    Busyness,
    Period,
    ProfileArrivals,
    Scenario,
    ServiceLevelFormula,
)
from sim.sums import Count
from sim.theory.day_to_day import busy_days, count_moments
from sim.theory.time_varying import DayMeasures, DaySums, Steps, day
from verification.comparisons import Known, Model, sample
from verification.scenarios import exponential, poisson_queue, read

HORIZON_S, INTERVAL_S = 14_400.0, 3600.0
CALLS = (180.0, 360.0, 288.0, 72.0)
RATE = Steps((0.0, 3600.0, 7200.0, 10_800.0), tuple(calls / INTERVAL_S for calls in CALLS))
STAFF = Steps((0.0, 3600.0, 9000.0), (6.0, 10.0, 4.0))
BY_HOUR = ("abandonment", "delayed", "wait_mean_s", "queue_length_mean", "occupancy")
OF_DAY = (*BY_HOUR, "overtime_s")
CV = 0.2
N_NODES = 10
"""With more, no measure changes by 1e-8 of itself."""


def _theory() -> partial[DaySums]:
    edges = [i * INTERVAL_S for i in range(len(CALLS) + 1)]
    return partial(
        day,
        service_mean_s=100.0,
        agents=STAFF,
        horizon_s=HORIZON_S,
        patience_mean_s=60.0,
        edges_s=edges,
    )


def _scenario(busyness: Busyness | None) -> Scenario:
    arrivals = ProfileArrivals(INTERVAL_S, CALLS, busyness=busyness)
    ends = (*STAFF.starts_s[1:], HORIZON_S)
    shifts = tuple(
        Period(start, end, int(count))
        for start, end, count in zip(STAFF.starts_s, ends, STAFF.values, strict=True)
    )
    queue = poisson_queue(arrivals, exponential(100.0), patience_law=exponential(60.0))
    return Scenario(
        name="",
        horizon_s=HORIZON_S,
        queues=(queue,),
        agents=(AgentGroup("agents", 10, schedule=shifts),),
        interval_s=INTERVAL_S,
    )


def one_day() -> Model:
    sums = _theory()(RATE)

    def known(result: Result) -> Iterable[Known]:
        yield from read(sums.measures(), OF_DAY, result)
        if result.slot_counts is None:
            return
        for i in range(len(CALLS)):
            part = sums.measures(i, i + 1)
            simulated = _of_interval(result, i)
            for name in BY_HOUR:
                yield f"{name}, hour {i + 1}", getattr(part, name), simulated[name]

    text = "900 calls in 4 hours, shifts of 6, 10 and 4 agents, mean patience 60 s"
    return Model("day", text, _scenario(None), sum(CALLS) / HORIZON_S, 0.0, known, whole_days=True)


@cache
def _busy_days() -> DayMeasures:
    return busy_days(_theory(), RATE, CV, N_NODES).measures()


def busy_and_quiet_days() -> Model:
    """The theory takes seconds, so it is computed only once there is a result."""
    mean, variance = count_moments([sum(CALLS)], CV)

    def known(result: Result) -> Iterable[Known]:
        calls = sample(result).count(Count.INCOMING, Count.BLOCKED)
        yield "calls per day", mean, estimate(float(calls.mean()), calls - calls.mean())
        squares = (calls - calls.mean()) ** 2
        spread = float(squares.sum()) / (calls.size - 1)
        yield "variance of the calls per day", variance, estimate(spread, squares - squares.mean())
        yield from read(_busy_days(), OF_DAY, result)

    text = f"the same days, each busier or quieter by a factor of cv {CV:g}"
    scenario = _scenario(Busyness(CV))
    rate = sum(CALLS) / HORIZON_S
    return Model("busy days", text, scenario, rate, 0.0, known, whole_days=True)


def _of_interval(result: Result, i: int) -> dict[str, Estimate]:
    """The metrics of reporting interval number i."""
    counts, totals, agents = result.slot_counts, result.slot_totals, result.slot_agents
    assert counts is not None and totals is not None and agents is not None
    calls = QueueSample(counts[:, 0, i], totals[:, 0, i], INTERVAL_S)
    nobody = np.zeros(len(counts))
    crew = agent_measures(agents[:, 0, i], nobody, result.scenario.agents[0].count, None)
    return queue_measures(calls, ServiceLevelFormula.ANSWERED_OF_INCOMING) | crew
