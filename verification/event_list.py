"""A centre of call types and agent groups by the shortest event list that does: no code of `sim`.

Calls of each type arrive at a constant rate. A call goes to the idle group that its type ranks
first; otherwise it waits, for as long as it takes. An agent who becomes free takes the call that
has waited longest of those that the group can serve. Service times are exponential, their mean
depends on group and type.

Times are in one unit, whichever it is. The numbers that a day's calls bring are drawn first, so
that all plans can meet the same calls: who serves a call decides the mean, not the draw.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Centre:
    """Rates per unit of time: of arrival by type, of service by group and type, 0 for never.

    `ranks` by group and type: a call tries the groups of its type in the order of their ranks. A
    day ends at `horizon`; the calls that arrive before `warmup` are not counted, those that wait
    for at most `within` are in time.
    """

    arrival_rates: tuple[float, ...]
    service_rates: tuple[tuple[float, ...], ...]
    ranks: tuple[tuple[int, ...], ...]
    warmup: float
    horizon: float
    within: float

    @property
    def means(self) -> Floats:
        """Mean service times, shape (groups, types), 0 where a group does not serve a type."""
        rates = np.array(self.service_rates)
        found: Floats = np.zeros_like(rates)
        np.divide(1.0, rates, out=found, where=rates > 0.0)
        return found

    @property
    def order(self) -> Integers:
        """For each type its groups from the first rank on, then -1; shape (types, groups)."""
        found = np.full(self.means.T.shape, -1)
        for t in range(len(self.arrival_rates)):
            able = [g for g, rates in enumerate(self.service_rates) if rates[t] > 0.0]
            found[t, : len(able)] = sorted(able, key=lambda g: self.ranks[g][t])
        return found


@dataclass(frozen=True)
class Day:
    """What the calls of a day bring; shapes (types, calls), arrivals end with infinity.

    `work` is the service time as a multiple of the mean. `counted` are the calls of each type
    after the warm-up.
    """

    arrivals: Floats
    work: Floats
    counted: Integers


def day(centre: Centre, seed: int, number: int) -> Day:
    """Day `number`; days of other numbers are independent."""
    draw = np.random.default_rng([seed, number])
    expected = max(centre.arrival_rates) * centre.horizon
    size = len(centre.arrival_rates), int(expected + 10.0 * math.sqrt(expected) + 20.0)
    gaps = draw.exponential(1.0, size) / np.array(centre.arrival_rates)[:, None]
    arrivals = np.cumsum(gaps, axis=1)
    if arrivals[:, -1].min() <= centre.horizon:  # ten standard deviations more than expected
        raise ValueError("the day has more calls than there is room for")
    arrivals[arrivals > centre.horizon] = np.inf
    counted = np.isfinite(arrivals) & (arrivals >= centre.warmup)
    return Day(arrivals, draw.exponential(1.0, size), counted.sum(axis=1))


def answered(
    arrivals: Floats,
    work: Floats,
    means: Floats,
    order: Integers,
    plan: Integers,
    warmup: float,
    within: float,
) -> Integers:
    """The counted calls of each type that are in time, with `plan` agents in the groups."""
    n_types = arrivals.shape[0]
    idle = plan.copy()
    ends = np.empty(plan.sum())  # of the services under way, the next one last
    serving = np.empty(plan.sum(), np.int64)  # their groups
    busy = 0
    arrived = np.zeros(n_types, np.int64)  # a type's calls leave its queue in their order, so
    started = np.zeros(n_types, np.int64)  # those from `started` up to `arrived` wait
    good = np.zeros(n_types, np.int64)
    while True:
        kind = 0
        for t in range(1, n_types):
            if arrivals[t, arrived[t]] < arrivals[kind, arrived[kind]]:
                kind = t
        now = arrivals[kind, arrived[kind]]
        group = -1
        if busy == 0 or now <= ends[busy - 1]:
            if now == np.inf:
                break
            arrived[kind] += 1
            for each in order[kind]:
                if each >= 0 and idle[each] > 0:
                    group = each
                    break
            if group < 0:
                continue
            idle[group] -= 1
        else:
            busy -= 1
            now = ends[busy]
            kind = -1
            for t in range(n_types):
                if started[t] == arrived[t] or means[serving[busy], t] == 0.0:
                    continue
                if kind < 0 or arrivals[t, started[t]] < arrivals[kind, started[kind]]:
                    kind = t
            if kind < 0:
                idle[serving[busy]] += 1
                continue
            group = serving[busy]
        call = started[kind]
        started[kind] += 1
        if arrivals[kind, call] >= warmup and now - arrivals[kind, call] <= within:
            good[kind] += 1
        end = now + work[kind, call] * means[group, kind]
        place = busy
        while place > 0 and ends[place - 1] < end:
            ends[place], serving[place] = ends[place - 1], serving[place - 1]
            place -= 1
        ends[place], serving[place] = end, group
        busy += 1
    return good


compiled: Callable[..., Any] = numba.njit(answered)


def in_time(centre: Centre, of: Day, plans: Sequence[Sequence[int]] | Integers) -> Integers:
    """For each plan the calls of each type that are in time on a day; shape (plans, types)."""
    means, order = centre.means, centre.order
    found = np.empty((len(plans), len(centre.arrival_rates)), np.int64)
    for i, plan in enumerate(np.asarray(plans, np.int64)):
        found[i] = compiled(of.arrivals, of.work, means, order, plan, centre.warmup, centre.within)
    return found
