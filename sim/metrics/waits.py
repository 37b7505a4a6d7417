"""Percentiles of waits from their histogram."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.sums import bin_edges

PERCENTILES = {"wait_p50_s": 0.50, "wait_p90_s": 0.90, "wait_p95_s": 0.95, "wait_p99_s": 0.99}


def percentiles(bins: NDArray[np.int64], at_once: int, longest_s: float) -> dict[str, float]:
    """The percentiles of a histogram of waits, in seconds; NaN if empty.

    `bins` are the first bins (`wait_bin`), as many as hold a wait or more.

    `at_once` of the waits are exactly zero, and none is longer than `longest_s`. Within a bin
    the waits are taken to lie evenly, so the error is below the bin's width (`wait_bin`).
    """
    cumulated = np.cumsum(bins)
    n = int(cumulated[-1]) if bins.size else 0
    return {name: _percentile(cumulated, n, p, at_once, longest_s) for name, p in ITEMS}


ITEMS = tuple(PERCENTILES.items())
_EDGES = bin_edges()


def _percentile(
    cumulated: NDArray[np.int64], n: int, p: float, at_once: int, longest_s: float
) -> float:
    if n == 0:
        return math.nan
    rank = p * n
    if rank <= at_once:
        return 0.0
    i = int(np.searchsorted(cumulated, rank, side="left"))
    before = float(cumulated[i - 1]) if i else float(at_once)
    before = max(before, float(at_once))
    within = (rank - before) / (float(cumulated[i]) - before)
    return float(min(_EDGES[i] + within * (_EDGES[i + 1] - _EDGES[i]), longest_s))
