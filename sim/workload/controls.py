"""What a replication's callers bring, against what was to be expected: controls.

The numbers of calls and the work that they bring are drawn from laws whose means are known
exactly, and what becomes of the calls goes with them. So what a sample of replications has of them
too much or too little tells which way its estimates are off (`sim.metrics.controlled`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model import (
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RecordedArrivals,
    Scenario,
)
from sim.workload.arrivals import expected_calls
from sim.workload.calls import Workload

Floats = NDArray[np.float64]

CALLS, WORK = 0, 1
CONTROLS = ("calls", "work")
"""Calls that arrive before the horizon; the sum of the service times that they bring."""


def caller_controls(scenario: Scenario, first: int = 0, stop: int | None = None) -> Floats:
    """Each replication's calls and work less their expectations, shape (replications, queues, 2).

    Replications `first` to `stop` - 1, up to the scenario's last without `stop`. Calls are a
    number, work is in seconds. First attempts only: what the engine makes of a call, retries
    among it, is no part. Other arrivals than Poisson processes are given, or have no number of
    calls that is known exactly: there, calls are 0, and the work is that of the calls that came
    less their expected work.
    """
    workload = Workload(scenario)
    n_queues = len(scenario.queues)
    stop = scenario.replications if stop is None else stop
    found = np.zeros((stop - first, n_queues, len(CONTROLS)))
    for r, row in zip(range(first, stop), found, strict=True):
        for block in workload.blocks(r):
            row[:, CALLS] += np.bincount(block.queue, minlength=n_queues)
            row[:, WORK] += np.bincount(block.queue, block.service_s, n_queues)
    for q, queue in enumerate(scenario.queues):
        if isinstance(queue.arrivals, PoissonArrivals | ProfileArrivals):
            found[:, q] -= _expected(queue, queue.arrivals, scenario.horizon_s)
        else:
            found[:, q, WORK] -= _expected_of(queue, found[:, q, CALLS])
            found[:, q, CALLS] = 0.0
    return found


def _expected(
    queue: Queue, arrivals: PoissonArrivals | ProfileArrivals, horizon_s: float
) -> tuple[float, float]:
    """Expected calls of a queue before the horizon, and their expected work in seconds."""
    mean = queue.service_time.mean_s
    calls = expected_calls(arrivals)(0.0, horizon_s)
    if isinstance(arrivals, PoissonArrivals) or arrivals.service_scale is None:
        return calls, calls * mean
    profile, scale = np.array(arrivals.calls), np.array(arrivals.service_scale)
    inside = np.clip(horizon_s / arrivals.interval_s - np.arange(profile.size), 0.0, 1.0)
    return calls, float(np.sum(inside * profile * scale)) * mean


def _expected_of(queue: Queue, calls: Floats) -> Floats:
    """The expected work of the first so many calls of a queue, one element per replication."""
    mean, arrivals = queue.service_time.mean_s, queue.arrivals
    if not isinstance(arrivals, RecordedArrivals) or arrivals.service_s is None:
        return calls * mean
    recorded = np.array(arrivals.service_s, np.float64)
    works = np.concatenate(([0.0], np.cumsum(np.where(np.isnan(recorded), mean, recorded))))
    return np.asarray(works[calls.astype(np.int64)], np.float64)
