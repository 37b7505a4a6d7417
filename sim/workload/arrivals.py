"""The arrival instants of one queue, drawn in order and in any blocks, and how many to expect.

Those of Poisson processes, at constant or changing rates, are drawn by `sim.workload.sampler`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model import (
    Arrivals,
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    RecordedArrivals,
    RegularArrivals,
    RenewalArrivals,
)
from sim.workload.streams import uniforms
from sim.workload.variates import inverse

Floats = NDArray[np.float64]
Streamed = RenewalArrivals | RegularArrivals | ListedArrivals | RecordedArrivals


class ArrivalStream:
    """The arrivals of one queue in one replication, in non-decreasing order, unless Poisson.

    `until(t)` returns those before t that were not returned yet, so any sequence of growing
    t gives the same instants. What is drawn too far ahead is kept for the next call.
    """

    def __init__(self, arrivals: Streamed, key: int) -> None:
        self._draw = _DRAWERS[type(arrivals)](arrivals, key)
        self._expected = expected_calls(arrivals)
        self._ahead = np.empty(0)
        self._drawn = 0
        self._exhausted = False

    def until(self, t: float) -> Floats:
        """All further arrivals before `t`, in seconds, shape (n,)."""
        parts = [self._ahead]
        while not self._exhausted and (parts[-1].size == 0 or parts[-1][-1] < t):
            since = parts[-1][-1] if parts[-1].size else 0.0
            mean = max(self._expected(since, t), 1.0) if math.isfinite(t) else 1024.0
            count = min(int(mean + 3 * math.sqrt(mean)) + 8, 1 << 16)
            block = self._draw(self._drawn, count)
            self._drawn += count
            self._exhausted = block.size < count
            if block.size:
                parts.append(block)
        known = np.concatenate(parts) if len(parts) > 1 else parts[0]
        cut = int(np.searchsorted(known, t, side="left"))
        self._ahead = known[cut:]
        return known[:cut]


def expected_calls(arrivals: Arrivals) -> Callable[[float, float], float]:
    """A function of (from_s, to_s): the calls expected in between, for sizing blocks."""
    match arrivals:
        case PoissonArrivals(rate_per_s=rate):
            return lambda a, b: rate * (b - a)
        case RenewalArrivals(interarrival=gap):
            return lambda a, b: (b - a) / gap.mean_s
        case RegularArrivals(period_s=period):
            return lambda a, b: (b - a) / period
        case ListedArrivals(times_s=times) | RecordedArrivals(times_s=times):
            at = np.asarray(times)
            return lambda a, b: float(np.searchsorted(at, b) - np.searchsorted(at, a))
        case ProfileArrivals(interval_s=interval, calls=calls):
            total = np.concatenate(([0.0], np.cumsum(calls)))
            edges = interval * np.arange(len(calls) + 1)
            return lambda a, b: float(np.interp(b, edges, total) - np.interp(a, edges, total))


# Each drawer returns a function (first, count) that gives the next `count` instants, fewer
# when there are no more. Sums run call by call, so blocks do not change them.
Drawer = Callable[[int, int], Floats]


def _renewal(arrivals: RenewalArrivals, key: int) -> Drawer:
    draw = inverse(arrivals.interarrival)
    total = 0.0

    def drawer(first: int, count: int) -> Floats:
        nonlocal total
        gaps = draw(uniforms(key, first, count))
        gaps[0] += total
        sums = np.cumsum(gaps)
        total = float(sums[-1])
        return sums

    return drawer


def _regular(arrivals: RegularArrivals, key: int) -> Drawer:
    period = arrivals.period_s
    return lambda first, count: np.arange(first + 1.0, first + count + 1.0) * period


def _listed(arrivals: ListedArrivals | RecordedArrivals, key: int) -> Drawer:
    times = np.asarray(arrivals.times_s, dtype=np.float64)
    return lambda first, count: times[first : first + count]


_DRAWERS: dict[type, Callable[..., Drawer]] = {
    RenewalArrivals: _renewal,
    RegularArrivals: _regular,
    ListedArrivals: _listed,
    RecordedArrivals: _listed,
}
