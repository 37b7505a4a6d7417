"""All plans tried, in the order of their cost: which is the least at which one holds?

Levels of cost are taken from the lowest on, until one has a plan that is shown to hold. Of each,
all plans are simulated that can carry the load. Every plan meets the same days, and what is judged
is its difference to a reference plan on them, which varies far less from day to day than a service
level does. Plans that are shown to miss the target are out, most of them after a day, and the
others go on for longer. Only simulation speaks: that more agents are better is not assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from verification.event_list import Centre, Floats, Integers, day, in_time

Point = tuple[int, ...]

DAYS = (1, 8, 32, 128, 512, 2048, 8192)
"""Days after which plans are looked at."""
MARGIN = 0.1
"""After one day, which does not tell its own error, a plan is out if its service level is so far
below the target: many standard deviations for plans near it, as `Tried.spread` shows."""
ERROR = 1e-4
"""The chance of each later look to judge a plan that is right at the target, one-sided."""
REFERENCE_DAYS = 100_000
NEAR = 0.02
"""How far from the target a plan may be to count as near it."""


@dataclass(frozen=True)
class Seen:
    """A plan, its service level, and the standard error of that (infinite after one day)."""

    plan: Point
    value: float
    error: float


@dataclass(frozen=True)
class Level:
    """All plans of a cost (in tenths) that can carry the load, and what came of them.

    `raced` were left after a single day. `best` has the highest service level at the last look,
    after `days` days: the first look at which some were shown to hold (`holding`) or all were out,
    or else the last there is, and then those in `open` are shown neither way.
    """

    tenths: int
    plans: int
    raced: int
    days: int
    best: Seen
    holding: int
    open: tuple[Seen, ...]


@dataclass(frozen=True)
class Tried:
    """The levels, from the lowest cost on, up to the one where a plan holds or the last asked.

    `reference` is what the plans are compared with. `spread` is the largest standard deviation,
    from day to day, of the difference in service level between it and any plan near the target;
    `days` are those of all plans together.
    """

    reference: Seen
    spread: float
    days: int
    levels: tuple[Level, ...]

    @property
    def plans(self) -> int:
        return sum(level.plans for level in self.levels)

    @property
    def holds(self) -> Level | None:
        """The first level with a plan that holds."""
        return next((level for level in self.levels if level.holding), None)

    @property
    def open(self) -> tuple[Seen, ...]:
        """Plans of all levels that are shown neither way."""
        return tuple(plan for level in self.levels for plan in level.open)


# --- which plans -------------------------------------------------------------------------------


def plans_costing(costs: Sequence[int], total: int) -> Integers:
    """All plans of exactly that cost, shape (plans, groups), in lexical order."""
    found = np.zeros((1, 0), np.int64)
    left = np.array([total])
    for cost in costs[:-1]:
        most = left // cost
        rows = np.repeat(np.arange(len(left)), most + 1)
        counts = np.arange(len(rows)) - np.repeat(np.cumsum(most + 1) - (most + 1), most + 1)
        found = np.column_stack([found[rows], counts])
        left = left[rows] - cost * counts
    whole = left % costs[-1] == 0
    return np.column_stack([found[whole], left[whole] // costs[-1]])


def load_limits(centre: Centre) -> tuple[Floats, Floats]:
    """What a plan x needs to carry the load of three types: `weights @ x > loads`, in all rows.

    By the duality of linear programs there are y_gt >= 0, the agents of group g at work on type t,
    with sum_t y_gt <= x_g and sum_g rate_gt y_gt >= arrivals_t if and only if for all w >= 0
    sum_g x_g max_t(w_t rate_gt) >= sum_t w_t arrivals_t. The two sides differ by a function of w
    that is linear between the lines w_s rate_gs = w_t rate_gt, so it is least at a corner, where
    two of these lines or of the edges w_t = 0 meet.
    """
    rates = np.array(centre.service_rates)
    one, two, three = np.eye(3)

    def ratios(s: int, t: int) -> list[float]:
        """Of w_t to w_s on the lines."""
        both = rates[(rates[:, s] > 0.0) & (rates[:, t] > 0.0)]
        return [float(r) for r in both[:, s] / both[:, t]]

    corners = [one, two, three]
    corners += [a + r * b for (s, a), (t, b) in combinations(enumerate((one, two, three)), 2)
                for r in ratios(s, t)]  # fmt: skip
    corners += [one + r * two + q * three for r in ratios(0, 1) for q in ratios(0, 2)]
    corners += [one + r * two + r * q * three for r in ratios(0, 1) for q in ratios(1, 2)]
    corners += [one + q / r * two + q * three for q in ratios(0, 2) for r in ratios(1, 2)]
    w = np.unique(np.round(corners, 12), axis=0)
    return (w[:, None, :] * rates).max(axis=2), w @ np.array(centre.arrival_rates)


def carrying(plans: Integers, centre: Centre) -> Integers:
    """Those that can carry the load.

    With any other more and more calls wait, so at any late time the queue of some type is so long
    that all its calls are late: no such plan meets a target that allows fewer late calls, of all,
    than any one type has.
    """
    weights, loads = load_limits(centre)
    return plans[(plans @ weights.T > loads + 1e-9).all(axis=1)]


# --- how they do -------------------------------------------------------------------------------


def long_run(centre: Centre, plan: Point, seed: int, days: range) -> list[Seen]:
    """The service level of each type, and last of all calls, over those days."""
    n_types = len(centre.arrival_rates)
    good, counted = np.empty((n_types, len(days))), np.empty((n_types, len(days)))
    for i, number in enumerate(days):
        this = day(centre, seed, number)
        good[:, i], counted[:, i] = in_time(centre, this, [plan])[0], this.counted
    rows = [*zip(good, counted, strict=True), (good.sum(axis=0), counted.sum(axis=0))]
    found = [_ratios(parts[None], wholes) for parts, wholes in rows]
    return [Seen(plan, float(value[0]), float(error[0])) for value, error in found]


def _ratios(parts: Floats | Integers, wholes: Floats) -> tuple[Floats, Floats]:
    """Ratios of sums over days and their standard errors by the delta method, row by row."""
    n = len(wholes)
    values = parts.sum(axis=1) / wholes.sum()
    if n == 1:
        return values, np.full(len(parts), np.inf)
    rest = parts - values[:, None] * wholes
    return values, np.sqrt((rest * rest).sum(axis=1) / (n - 1) / n) / wholes.mean()


class _Days:
    """The days, and what the reference does on them, which is found as they are needed."""

    def __init__(self, centre: Centre, reference: Point, seed: int) -> None:
        self._centre, self._reference, self._seed = centre, reference, seed
        self._good: list[int] = []
        self.counted: list[int] = []
        self.simulated = 0

    def differences(self, plans: Integers, first: int, stop: int) -> NDArray[np.int64]:
        """Calls in time beyond the reference's, shape (plans, days)."""
        found = np.empty((len(plans), stop - first), np.int64)
        for number in range(first, stop):
            this = day(self._centre, self._seed, number)
            if number == len(self._good):
                good = in_time(self._centre, this, [self._reference])
                self._good.append(int(good.sum()))
                self.counted.append(int(this.counted.sum()))
            good = in_time(self._centre, this, plans)
            found[:, number - first] = good.sum(axis=1) - self._good[number]
        self.simulated += found.size
        return found


def tried(
    centre: Centre,
    costs: Sequence[int],
    reference: Point,
    target: float,
    levels: Sequence[int],
    *,
    seed: int = 1,
    looks: Sequence[int] = DAYS,
    reference_days: int = REFERENCE_DAYS,
    told: Callable[[Level], None] = lambda level: None,
) -> Tried:
    """The levels of cost (in tenths) in their order, until one has a plan that holds.

    The reference's own service level is that of `reference_days` other days.
    """
    known = long_run(centre, reference, seed, range(DAYS[-1], DAYS[-1] + reference_days))[-1]
    days = _Days(centre, reference, seed)
    found: list[Level] = []
    spread = 0.0
    for tenths in levels:
        plans = carrying(plans_costing(costs, tenths), centre)
        if len(plans):
            level, widest = _race(plans, tenths, days, target, known, looks)
            spread = max(spread, widest)
            found.append(level)
            told(level)
            if level.holding:
                break
    return Tried(known, spread, days.simulated, tuple(found))


def _race(
    plans: Integers, tenths: int, days: _Days, target: float, known: Seen, looks: Sequence[int]
) -> tuple[Level, float]:
    """The level, and the largest spread of a plan near the target."""
    every, raced, spread = len(plans), 0, 0.0
    differences = np.empty((every, 0), np.int64)
    for n in looks:
        more = days.differences(plans, differences.shape[1], n)
        differences = np.concatenate([differences, more], axis=1)
        gains, errors = _ratios(differences, np.array(days.counted[:n], float))
        values = known.value + gains
        if n == 1:
            out, holding = values < target - MARGIN, 0
            raced = every - int(out.sum())
        else:
            near = np.abs(values - target) < NEAR
            spread = max(spread, float(errors[near].max(initial=0.0)) * math.sqrt(n))
            errors = np.hypot(errors, known.error)
            reach = student.ppf(1.0 - ERROR, n - 1) * errors
            out, holding = values + reach < target, int((values - reach >= target).sum())
        best = int(np.argmax(values))
        rows = list(zip(map(tuple, plans.tolist()), values.tolist(), errors.tolist(), strict=True))
        top, left = Seen(*rows[best]), np.flatnonzero(~out)
        if holding or not len(left):
            return Level(tenths, every, raced, n, top, holding, ()), spread
        plans, differences = plans[left], differences[left]
    still = tuple(Seen(*rows[i]) for i in left)
    return Level(tenths, every, raced, n, top, 0, still), spread
