"""The histogram of waits in the result document."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model import Queue
from sim.sums import bin_edges, wait_bin

_COARSE_BINS, _MOST_TIMEOUTS = 60, 16
_ROUNDING_S = 1e-6
"""A wait of exactly the timeout is a difference of two instants, and off by their rounding."""


def wait_histogram(bins: NDArray[np.int64], queues: Sequence[Queue]) -> dict[str, Any]:
    """Waits of answered and abandoned calls of some queues, fine bins joined into about 64.

    The fine bin with a timeout stands alone and is shown to end there: calls that waited exactly
    that long are a share of their own, and lie at or below it. What waits are measured by stands
    beside, where the queues agree on it; None for no limit.
    """
    timeouts = {queue.wait_timeout_s for queue in queues}
    thresholds = {queue.service_level.threshold_s for queue in queues}
    timeout = min(timeouts) if len(timeouts) == 1 else math.inf
    return {
        "wait_timeout_s": timeout if math.isfinite(timeout) else None,
        "threshold_s": thresholds.pop() if len(thresholds) == 1 else None,
        **_coarse(bins, timeouts),
    }


def _coarse(bins: NDArray[np.int64], timeouts: set[float]) -> dict[str, Any]:
    if not bins.any():
        return {"edges_s": [], "calls": []}
    used = int(np.flatnonzero(bins)[-1]) + 1
    shown = bin_edges()
    starts = set(range(0, used, max(1, -(-used // _COARSE_BINS))))
    for timeout in sorted(timeouts)[:_MOST_TIMEOUTS]:
        if math.isfinite(timeout):
            near = np.array([max(0.0, timeout - _ROUNDING_S), timeout + _ROUNDING_S])
            first, last = wait_bin(near).tolist()
            if first < used:
                starts = {i for i in starts if not first < i <= last} | {first, last + 1}
                shown[last + 1] = timeout
    places = np.array(sorted(i for i in starts if i < used))
    return {
        "edges_s": shown[np.append(places, used)].tolist(),
        "calls": np.add.reduceat(bins[:used], places).tolist(),
    }
