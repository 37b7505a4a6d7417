"""The rows by interval of the result document: of queues, of agent groups, of all agents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

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
from sim.sums import AgentTotal

if TYPE_CHECKING:
    from sim.experiment.result import Result


def queue_rows(result: Result) -> list[dict[str, Any]]:
    """A row for each queue and interval, then for all queues together, named `total`."""
    assert result.slot_counts is not None and result.slot_totals is not None
    scenario, edges = result.scenario, _edges(result)
    subjects = [(queue.name, slice(q, q + 1)) for q, queue in enumerate(scenario.queues)]
    rows = []
    for name, queues in [*subjects, ("total", result.everything)]:
        counts = result.slot_counts[:, queues].sum(axis=1)
        totals = result.slot_totals[:, queues].sum(axis=1)
        for i in range(edges.size - 1):
            span = float(edges[i + 1] - max(edges[i], scenario.warmup_s))
            sample = QueueSample(counts[:, i], totals[:, i], max(span, 0.0))
            pooled = counts[:, i].sum(axis=0)
            measures = queue_measures(sample, result.formula(queues))
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


def agent_rows(result: Result) -> list[dict[str, Any]]:
    """A row for each agent group and interval."""
    assert result.slot_agents is not None
    return [
        {"agents": group.name, **row}
        for g, group in enumerate(result.scenario.agents)
        for row in _slots(result, result.slot_agents[:, g], group.count, group.cost)
    ]


def all_agents_rows(result: Result) -> list[dict[str, Any]]:
    """All groups together: their intervals can't be had from those of each."""
    assert result.slot_agents is not None
    count = sum(group.count for group in result.scenario.agents)
    return list(_slots(result, result.slot_agents.sum(axis=1), count, None))


def _slots(
    result: Result, slots: NDArray[np.float64], count: int, cost: float | None
) -> Iterator[dict[str, Any]]:
    """A row for each interval of sums of shape (replications, intervals, AgentTotal)."""
    edges = _edges(result)
    for i in range(edges.size - 1):
        span = float(max(edges[i + 1] - max(edges[i], result.scenario.warmup_s), 0.0))
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


def _edges(result: Result) -> NDArray[np.float64]:
    n = 0 if result.slot_counts is None else result.slot_counts.shape[2]
    edges = result.scenario.interval_s * np.arange(n + 1)
    edges[-1] = result.scenario.horizon_s
    return edges
