"""When callers call: the arrival instants of one queue, drawn in order and in any blocks."""

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
    RegularArrivals,
    RenewalArrivals,
)
from sim.workload.streams import uniforms
from sim.workload.variates import inverse, standard_exponential

Floats = NDArray[np.float64]


class ArrivalStream:
    """The arrival instants of one queue in one replication, in non-decreasing order.

    `until(t)` returns those before t that were not returned yet, so any sequence of growing
    t gives the same instants. What is drawn too far ahead is kept for the next call.
    """

    def __init__(self, arrivals: Arrivals, key: int) -> None:
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
        case ListedArrivals(times_s=times):
            at = np.asarray(times)
            return lambda a, b: float(np.searchsorted(at, b) - np.searchsorted(at, a))
        case ProfileArrivals(interval_s=interval, calls=calls):
            total = np.concatenate(([0.0], np.cumsum(calls)))
            edges = interval * np.arange(len(calls) + 1)
            return lambda a, b: float(np.interp(b, edges, total) - np.interp(a, edges, total))


# Each drawer returns a function (first, count) that gives the next `count` instants, fewer
# when there are no more. Sums run call by call, so blocks do not change them.
Drawer = Callable[[int, int], Floats]


def _running_sum(key: int, draw: Callable[[Floats], Floats]) -> Drawer:
    total = 0.0

    def drawer(first: int, count: int) -> Floats:
        nonlocal total
        gaps = draw(uniforms(key, first, count))
        gaps[0] += total
        sums = np.cumsum(gaps)
        total = float(sums[-1])
        return sums

    return drawer


def _poisson(arrivals: PoissonArrivals, key: int) -> Drawer:
    rate = arrivals.rate_per_s
    if rate <= 0.0:
        return lambda first, count: np.empty(0)
    unit_rate = _running_sum(key, standard_exponential)
    return lambda first, count: unit_rate(first, count) / rate


def _renewal(arrivals: RenewalArrivals, key: int) -> Drawer:
    return _running_sum(key, inverse(arrivals.interarrival))


def _regular(arrivals: RegularArrivals, key: int) -> Drawer:
    period = arrivals.period_s
    return lambda first, count: np.arange(first + 1.0, first + count + 1.0) * period


def _listed(arrivals: ListedArrivals, key: int) -> Drawer:
    times = np.asarray(arrivals.times_s, dtype=np.float64)
    return lambda first, count: times[first : first + count]


def _profile(arrivals: ProfileArrivals, key: int) -> Drawer:
    """A unit-rate Poisson process read off the inverse of the cumulative rate.

    Lewis and Shedler's time-scale transformation (Law, *Simulation Modeling and Analysis*,
    section 8.6.2): exact at the edges of the intervals, where thinning is easily wrong.
    """
    interval = arrivals.interval_s
    calls = np.asarray(arrivals.calls, dtype=np.float64)
    total = np.concatenate(([0.0], np.cumsum(calls)))
    unit_rate = _running_sum(key, standard_exponential)

    def drawer(first: int, count: int) -> Floats:
        level = unit_rate(first, count)
        level = level[: int(np.searchsorted(level, total[-1], side="left"))]
        i = np.searchsorted(total, level, side="right") - 1
        at = interval * i + (level - total[i]) * (interval / calls[i])
        return np.asarray(np.minimum(at, interval * (i + 1)))

    return drawer


_DRAWERS: dict[type, Callable[..., Drawer]] = {
    PoissonArrivals: _poisson,
    RenewalArrivals: _renewal,
    RegularArrivals: _regular,
    ListedArrivals: _listed,
    ProfileArrivals: _profile,
}
