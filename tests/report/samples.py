"""Scenarios, result documents and results made by hand, for tests of what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.scenario.distributions import Exponential
from sim.scenario.model import AgentGroup, PoissonArrivals, Queue, Scenario

COUNTS = {
    "offered": 0,
    "blocked": 0,
    "incoming": 0,
    "serviced": 0,
    "abandoned": 0,
    "overflowed": 0,
    "done": 0,
    "waiting_at_end": 0,
    "connecting_at_end": 0,
    "in_service_at_end": 0,
    "service_timeouts": 0,
    "ring_no_answer": 0,
    "retries": 0,
}
NO_CAUSES = {"timeout": 0, "hangup": 0, "announcement": 0, "flow": 0}
METRICS = (
    "abandonment",
    "service_level",
    "asa_s",
    "wait_mean_s",
    "wait_p90_s",
    "wait_max_s",
    "queue_length_mean",
    "blocked_share",
)


def estimate(value: float | None, half: float | None = None) -> dict[str, float | None]:
    """An estimate as the document has it."""
    if value is None or half is None:
        return {"value": value, "low": None, "high": None, "half_width": None}
    return {"value": value, "low": value - half, "high": value + half, "half_width": half}


def queue(name: str = "support", **fields: Any) -> Queue:
    """A queue with every default but what is said."""
    fields = {"arrivals": PoissonArrivals(0.1), "service_time": Exponential(scale_s=180.0)} | fields
    return Queue(name, **fields)


def scenario(
    queues: Sequence[Queue] | None = None, agents: Sequence[AgentGroup] | None = None, **fields: Any
) -> Scenario:
    """A scenario of 8 hours with every default but what is said."""
    fields = {"name": "support", "horizon_s": 28800.0, "sha256": "ab" * 32} | fields
    return Scenario(
        queues=tuple(queues if queues is not None else [queue()]),
        agents=tuple(agents if agents is not None else [AgentGroup("tier1", 12)]),
        **fields,
    )


def row(
    name: str | None = None,
    *,
    counts: Mapping[str, int] | None = None,
    causes: Mapping[str, int] | None = None,
    **metrics: Any,
) -> dict[str, Any]:
    """A queue's (or the total's) part of a document; metrics not given are null."""
    made: dict[str, Any] = {} if name is None else {"name": name}
    made["counts"] = COUNTS | dict(counts or {})
    made["abandoned_by_cause"] = NO_CAUSES | dict(causes or {})
    made["metrics"] = {key: estimate(None) for key in METRICS} | metrics
    return made


def busy_row(name: str | None = None) -> dict[str, Any]:
    """24,680 calls in 20 replications, 97.1 % of them answered."""
    return row(
        name,
        counts={
            "offered": 24680,
            "incoming": 24680,
            "serviced": 23964,
            "abandoned": 716,
            "done": 23964,
        },
        causes={"hangup": 500, "timeout": 216},
        abandonment=estimate(0.029, 0.003),
        service_level=estimate(0.812, 0.009),
        asa_s=estimate(12.345, 0.6),
        wait_p90_s=estimate(92.0, 4.0),
        wait_max_s=estimate(431.0),
        queue_length_mean=estimate(0.5283, 0.02),
        blocked_share=estimate(0.0, 0.0),
    )


def group(name: str = "tier1", count: int = 12, **metrics: Any) -> dict[str, Any]:
    """A group's part of a document."""
    given = {
        "occupancy": estimate(0.841, 0.006),
        "utilisation": estimate(0.79, 0.006),
        "calls_per_agent": estimate(99.85, 1.0),
    }
    return {"name": name, "count": count, "metrics": given | metrics}


def document(
    queues: Sequence[Mapping[str, Any]] | None = None,
    total: Mapping[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A whole document: by default one busy queue, 20 replications of 8 hours."""
    made = {
        "format": "callsim.result/1",
        "version": "0.1.0",
        "scenario": "support",
        "sha256": "ab" * 32,
        "engine": "simpy",
        "seed": 7,
        "replications": 20,
        "horizon_s": 28800.0,
        "warmup_s": 0.0,
        "confidence": 0.95,
        "elapsed_s": 0.2134,
        "queues": list(queues if queues is not None else [busy_row("support")]),
        "total": dict(total if total is not None else busy_row()),
        "agents": [group()],
        "flows": [],
        "warnings": [],
    }
    return made | fields


def interval(
    name: str, start_s: float, counts: Mapping[str, int], **metrics: Any
) -> dict[str, Any]:
    """One interval of half an hour."""
    return {
        "queue": name,
        "start_s": start_s,
        "end_s": start_s + 1800.0,
        "counts": {"offered": 0, "serviced": 0, "abandoned": 0} | dict(counts),
        "metrics": metrics,
    }


def calls() -> dict[str, Any]:
    """A call log of three calls: answered, abandoned, and one that came of the second."""
    nan = float("nan")

    def texts(*values: str | None) -> Any:
        return np.array(values, dtype=object)

    return {
        "replication": np.array([0, 0, 0], dtype=np.int32),
        "call": np.array([0, 1, 2]),
        "queue": texts("support", "support", "=sales"),
        "arrival": np.array([1.0, 2.5, 40.0]),
        "routed": np.array([1.0, nan, 40.0]),
        "answer": np.array([1.0, nan, 40.0]),
        "leave": np.array([61.0, 32.5, 99.0]),
        "outcome": texts("done", "abandoned", "done"),
        "cause": texts(None, "hangup", None),
        "agent": texts("tier1[0]", None, "tier1[1]"),
        "service": np.array([60.0, nan, 59.0]),
        "wrap_up": np.array([0.0, nan, 5.0]),
        "attempt": np.array([1, 1, 2]),
        "parent": np.array([-1, -1, 1]),
    }


@dataclass
class FakeResult:
    """A result that says what it is told to say."""

    scenario: Scenario = field(default_factory=scenario)
    made: dict[str, Any] = field(default_factory=document)
    intervals: list[dict[str, Any]] = field(default_factory=list)
    log: dict[str, Any] = field(default_factory=calls)
    counts: list[dict[str, int]] = field(default_factory=list)

    def document(self, *, with_intervals: bool) -> dict[str, Any]:
        return self.made | ({"intervals": self.intervals} if with_intervals else {})

    def calls(self) -> dict[str, Any]:
        return self.log

    def replication_counts(self, replication: int) -> list[dict[str, int]]:
        assert replication == 0
        return self.counts
