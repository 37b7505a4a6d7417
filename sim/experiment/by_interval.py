"""The rows by interval of the result document: of queues, of agent groups, of all agents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiment.counts import causes_document, counts_document
from sim.metrics.estimates import documents_of
from sim.metrics.measures import (
    BUSY,
    QueueSample,
    agent_measures,
    clock_mean,
    offered_mean,
    queue_measures,
)
from sim.scenario.model import Scenario, ServiceLevelFormula
from sim.sums import AgentTotal


def queue_rows(
    scenario: Scenario,
    slot_counts: NDArray[np.int64],
    slot_totals: NDArray[np.float64],
    formula: Callable[[slice], ServiceLevelFormula],
) -> list[dict[str, Any]]:
    """A row for each queue and interval, then for all queues together, named `total`.

    `slot_counts` and `slot_totals` have the shape (replications, queues + 1, intervals, ...), the
    row beyond the queues is what all have together beyond the sum of them.
    """
    edges = _edges(scenario, slot_counts.shape[2])
    subjects = [(queue.name, slice(q, q + 1)) for q, queue in enumerate(scenario.queues)]
    rows = []
    for name, queues in [*subjects, ("total", slice(0, len(subjects) + 1))]:
        counts = slot_counts[:, queues].sum(axis=1)
        totals = slot_totals[:, queues].sum(axis=1)
        for i in range(edges.size - 1):
            span = float(edges[i + 1] - max(edges[i], scenario.warmup_s))
            sample = QueueSample(counts[:, i], totals[:, i], max(span, 0.0))
            pooled = counts[:, i].sum(axis=0)
            measures = queue_measures(sample, formula(queues))
            rows.append(
                {
                    "queue": name,
                    "start_s": float(edges[i]),
                    "end_s": float(edges[i + 1]),
                    "counts": counts_document(pooled),
                    "abandoned_by_cause": causes_document(pooled),
                    "metrics": documents_of({**measures, "offered_mean": offered_mean(sample)}),
                }
            )
    return rows


def agent_rows(scenario: Scenario, slot_agents: NDArray[np.float64]) -> list[dict[str, Any]]:
    """A row for each agent group and interval, of shape (replications, groups, intervals, ...)."""
    return [
        {"agents": group.name, **row}
        for g, group in enumerate(scenario.agents)
        for row in _slots(scenario, slot_agents[:, g], group.count, group.cost)
    ]


def all_agents_rows(scenario: Scenario, slot_agents: NDArray[np.float64]) -> list[dict[str, Any]]:
    """All groups together: their intervals can't be had from those of each."""
    count = sum(group.count for group in scenario.agents)
    return list(_slots(scenario, slot_agents.sum(axis=1), count, None))


def _slots(
    scenario: Scenario, slots: NDArray[np.float64], count: int, cost: float | None
) -> Iterator[dict[str, Any]]:
    """A row for each interval of sums of shape (replications, intervals, AgentTotal)."""
    edges = _edges(scenario, slots.shape[1])
    for i in range(edges.size - 1):
        span = float(max(edges[i + 1] - max(edges[i], scenario.warmup_s), 0.0))
        sums = slots[:, i]
        measures = agent_measures(sums, np.zeros(len(sums)), count, cost)
        del measures["calls_per_agent"]
        on_shift = float(np.mean(sums[:, AgentTotal.ON_SHIFT]))
        busy = sums[:, BUSY].sum(axis=1)
        yield {
            "start_s": float(edges[i]),
            "end_s": float(edges[i + 1]),
            "on_shift": on_shift / span if span > 0.0 else 0.0,
            "metrics": documents_of({**measures, "busy": clock_mean(busy, span)}),
        }


def _edges(scenario: Scenario, n_intervals: int) -> NDArray[np.float64]:
    edges = scenario.interval_s * np.arange(n_intervals + 1, dtype=np.float64)
    edges[-1] = scenario.horizon_s
    return edges
