"""The search: which plans to simulate, for how long, and which to think the cheapest.

1. Cutting planes lead from the start to where the targets bind (`cuts`).
2. What was simulated predicts the scores of the plans around (`surrogate`), each with its
   uncertainty; those that are cheaper than the best so far and may well hold are simulated, the
   most promising first. Nothing is taken for granted about how scores depend on the numbers of
   agents: where more agents of one group hurt another queue, the prediction says so.
3. A plan that is simulated is raced: twice as many replications each time until it is clear
   whether a certificate would show it (Paulson, "A sequential procedure for selecting the
   population with the largest mean", Annals of Mathematical Statistics 35, 1964, for the idea of
   dropping what has lost), helped by what the best plan's further replications tell of the common
   days.

It stops when no cheaper plan in reach has more than a small chance to be worth one, and the
likeliest of those that are left, simulated too, have not changed that. Its verdicts are only its
own: they choose what to certify, and the certificate is of other replications.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sim.planning.around import BOX_GROUPS, around, costs
from sim.planning.bench import Bench
from sim.planning.cuts import Cut, master, near_start
from sim.planning.load import expected_calls
from sim.planning.problem import Point
from sim.planning.surrogate import Surrogate

Floats = NDArray[np.float64]

FIRST_CALLS = 30_000
LEAST_FIRST, MOST_FIRST = 8, 64
"""Replications of each point to begin with: as many as have so many calls, within bounds."""
PRECISE = 0.12
"""The standard error of a score near the bound that more replications bring it to."""
MOST_COMMON = 256
SURE = 3.0
"""Standard errors from the bound at which a race is over."""
CHANCE = 0.02
"""The least chance to hold that a plan is simulated for."""
SLIGHT = 0.001
"""The same for plans by which the forecast is checked before the search ends."""
LIKELY = 0.9
"""The chance from which on, while nothing holds yet, the cheaper plan is tried first."""
AT_ONCE = 6
OWN_NOISE = 0.3
"""The least share of a score's standard error that common days do not share between plans."""
STEPS_AHEAD = 3
MOST_HOPEFUL = 1500
"""Plans whose chances are computed: those of the best predicted scores."""
MOST_KNOWN = 200
"""Simulated plans that predict others: those nearest to the best."""
CERTAIN = 1.96
"""The standard errors that a certificate takes; a little more where it is not the first."""
SURELY, EVEN, HARDLY = 0.97, 0.5, 0.005
"""Chances of a certificate to show a plan: from which on a race is over, from which on it is tried
when the race has had all its replications, and below which it is given up."""
GAP = 0.005
"""The share of the cost below which a saving is not searched for."""


class Fate(StrEnum):
    """What the search thinks of a plan."""

    HOLDS = "holds"
    NEAR = "near"
    """so near to a bound that no certificate of the replications allowed could tell"""
    FAILS = "fails"


@dataclass
class Trail:
    """How the search went, for the proof of work."""

    plans: int = 0
    replications: int = 0
    stopped: str = ""
    cut_off: bool = False
    fates: dict[Point, Fate] = field(default_factory=dict)


def _first(bench: Bench) -> int:
    calls = expected_calls(bench.problem.scenario)
    return int(min(max(FIRST_CALLS / max(calls, 1.0), LEAST_FIRST), MOST_FIRST))


class Search:
    """The search of one problem. `best` may be asked for again when plans have been refused."""

    def __init__(
        self,
        bench: Bench,
        start: Point,
        *,
        max_replications: int,
        max_plans: int,
        gap: float = GAP,
    ) -> None:
        self._bench = bench
        self._problem = bench.problem
        self._start = start
        self._max = max_replications
        # What a race has not told after half of them a certificate tells as well.
        self._longest = max(max_replications // 2, 1)
        self._max_plans = max_plans
        self._gap = gap
        self._common = min(_first(bench), self._longest)
        self._here: Point | None = None
        self._checked: set[Point | None] = set()
        self.trail = Trail()
        self.refused: set[Point] = set()

    # --- what is known ---------------------------------------------------------------------

    def near_plans(self) -> list[Point]:
        """Plans that the search could not tell, in the order of their cost."""
        near = [p for p, fate in self.trail.fates.items() if fate is Fate.NEAR]
        return sorted(near, key=self._problem.rank)

    def _holding(self) -> Point | None:
        found = [
            p
            for p, fate in self.trail.fates.items()
            if fate is Fate.HOLDS and p not in self.refused
        ]
        return min(found, key=self._problem.rank, default=None)

    def closest(self) -> Point:
        """The simulated plan whose worst score is the best."""
        return max(self._bench.points, key=lambda p: (self._worst(p), [-n for n in p]))

    def _worst(self, point: Point) -> float:
        return min(each.score for each in self._bench.readings(point))

    # --- the steps -------------------------------------------------------------------------

    def best(self) -> Point | None:
        """The cheapest plan that seems to hold and was not refused; None if there is none."""
        if self._here is None:
            self._here = near_start(self._bench, self._start, self._common)
            self._sharpen(self._here)
            self._race(self._here, None)
        while True:
            best = self._holding()
            if len(self._bench.points) >= self._max_plans:
                self.trail.cut_off = True
                self.trail.stopped = f"after {self._max_plans:,} plans, as many as it may simulate"
                break
            batch = self._promising(best)
            if not batch:
                self.trail.stopped = (
                    f"no plan in reach that is cheaper by {self._gap:.2%} has a chance of more than"
                    f" {CHANCE:.0%} to hold"
                    if best is not None
                    else f"no plan in reach has a chance of more than {CHANCE:.0%} to hold"
                )
                break
            self._bench.ensure(batch, self._common)
            for point in sorted(batch, key=self._problem.rank):
                held = self._holding()
                if held is None or self._problem.rank(point) < self._problem.rank(held):
                    self._race(point, held)
        self.trail.plans = len(self._bench.points)
        self.trail.replications = self._bench.n_replications
        return self._holding()

    def _sharpen(self, point: Point) -> None:
        """Raise the common number of replications until scores near their bounds are precise."""
        errors = [
            each.score_error
            for each in self._bench.readings(point, self._common)
            if abs(each.score) < 2.0
        ]
        wanted = self._common * (max(errors, default=0.0) / PRECISE) ** 2
        most = min(MOST_COMMON, max(self._longest // 2, self._common))
        self._common = int(min(max(wanted, self._common), most))
        near = [p for p in self._bench.points if self._worst(p) > -2.0]
        self._bench.ensure([point, *near], self._common)

    def _race(self, point: Point, best: Point | None) -> Fate:
        """Simulate a plan until it is clear what to think of it."""
        n = self._common
        while True:
            self._bench.ensure([point], n)
            plain = self._bench.readings(point)
            readings = plain if best is None else self._bench.helped(point, best)
            worst = min(each.z for each in readings)
            chance = min(each.chance(self._max, CERTAIN) for each in readings)
            if worst < -SURE:
                fate = Fate.FAILS
            elif worst > SURE and chance >= SURELY:
                fate = Fate.HOLDS
            elif chance > HARDLY and n < self._longest:
                n = min(2 * n, self._longest)
                continue
            elif chance >= EVEN:
                fate = Fate.HOLDS
            else:
                fate = Fate.NEAR if worst > -1.0 else Fate.FAILS
            self.trail.fates[point] = fate
            return fate

    def _promising(self, best: Point | None) -> list[Point]:
        """Up to some plans that are cheaper than the best and may hold, not yet raced."""
        centre = self._centre(best)
        forecast = _Forecast(self._bench, self._common, self._max, best, centre)
        plans = np.concatenate([around(self._problem, p) for p in self._centres(forecast, centre)])
        price = costs(self._problem, plans)
        if best is not None:
            own = costs(self._problem, np.array([best]))[0]
            worth = self._gap * self._problem.cost(best)
            cheaper = (price < own - worth - 1e-9) | (
                (np.abs(price - own) <= 1e-9) & (plans.sum(axis=1) < sum(best))
            )
            plans, price = plans[cheaper], price[cheaper]
        plans, places = np.unique(plans, axis=0, return_index=True)
        price = price[places]
        new = np.array([tuple(p) not in self.trail.fates for p in plans.tolist()], np.bool_)
        plans, price = plans[new], price[new]
        if not len(plans):
            return []
        chance = forecast.chances(plans)
        likely = np.flatnonzero(chance > CHANCE)
        if not likely.size and best not in self._checked:
            # The likeliest of those that are left tell whether the forecast is to be believed.
            self._checked.add(best)
            order = np.argsort(-chance, kind="stable")
            order = order[chance[order] > SLIGHT]
        elif best is None:
            order = likely[np.lexsort((price[likely], -np.minimum(chance[likely], LIKELY)))]
        else:
            gain = chance[likely] * (own - price[likely] + 1e-6)
            order = likely[np.argsort(-gain, kind="stable")]
        return [tuple(plans[i].tolist()) for i in order[:AT_ONCE]]

    def _centre(self, best: Point | None) -> Point:
        if best is not None:
            return best
        known = [p for p, fate in self.trail.fates.items() if fate is not Fate.FAILS]
        return min(known, key=self._problem.rank, default=None) or self.closest()

    def _centres(self, forecast: _Forecast, centre: Point) -> list[Point]:
        """Plans to look around: the best, and where there are too many groups to look at all
        around it also what a linear program on the forecast makes of it, step by step."""
        found = [centre]
        for _ in range(STEPS_AHEAD if len(centre) > BOX_GROUPS else 0):
            following = master(self._problem, [forecast.cut(found[-1])], found[-1])
            if following in found:
                break
            found.append(following)
        return found


class _Forecast:
    """The chances of plans to seem worth a certificate, from all that was simulated."""

    def __init__(
        self, bench: Bench, common: int, largest: int, best: Point | None, centre: Point
    ) -> None:
        known = [p for p in bench.points if bench.n(p) >= common]
        here = np.array(centre, np.float64)
        scale = np.maximum(1.0, np.sqrt(here))
        known.sort(key=lambda p: float((((np.array(p) - here) / scale) ** 2).sum()))
        known = known[:MOST_KNOWN]
        if best is None:
            rows = [bench.readings(p, common) for p in known]
        else:
            rows = [bench.helped(p, best) for p in known]
        scores = np.array([[each.score for each in row] for row in rows])
        errors = np.array([[each.score_error for each in row] for row in rows])
        self._shared = errors.min(axis=0)  # what all have in common: the days
        own = np.sqrt(np.maximum(errors**2 - self._shared**2, (OWN_NOISE * errors) ** 2))
        # A plan is wanted that the largest certificate shows more often than not.
        theirs = np.array([r.replication_error * r.score_slope for r in bench.readings(centre)])
        self._margin = CERTAIN * theirs / math.sqrt(largest)
        self._surrogate = Surrogate(np.array(known, np.float64), scores, own, scale)

    def chances(self, plans: NDArray[np.int64]) -> Floats:
        """The chance of each plan, all limits together."""
        chances = np.zeros(len(plans))
        points = plans.astype(np.float64)
        worst = self._surrogate.relative(points, self._margin).min(axis=1)
        hopeful = np.argsort(-worst, kind="stable")[:MOST_HOPEFUL]
        chances[hopeful] = self._surrogate.chances(points[hopeful], self._margin, self._shared)
        return chances

    def cut(self, point: Point) -> Cut:
        """The predicted scores, less what a certificate takes, and their slopes at a point."""
        n = len(point)
        here = np.array(point, np.float64)
        probes = np.concatenate([here[None, :], here + np.eye(n), here - np.eye(n)])
        mean = self._surrogate.mean(probes)
        slopes = (mean[1 : n + 1] - mean[n + 1 :]) / 2.0
        return Cut(point, mean[0] - self._margin, slopes.T)
