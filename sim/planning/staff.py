"""`staff`: the cheapest agents that are shown to meet all targets."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from sim.experiment.run import engine_called
from sim.metrics.estimates import CONFIDENCE
from sim.planning.bench import Bench
from sim.planning.certify import Certificate, certificate, confidence_of
from sim.planning.load import expected_calls
from sim.planning.looks import looks, normal_quantile, replications_needed, shown_later
from sim.planning.measured import Measured
from sim.planning.problem import Point, Problem
from sim.planning.reading import Reading
from sim.planning.search import GAP, Search, Trail
from sim.planning.start import start

LEAST_REPLICATIONS = 100
"""Of a certificate: intervals by the delta method want some."""
MOST_CALLS = 5e6
MOST_REPLICATIONS, FEWEST_REPLICATIONS = 4000, 200
"""The most replications of a plan, unless it is said: as many as have so many calls, at most and
at least so many."""
MAX_PLANS = 400
ATTEMPTS = 10
FAIR = 0.2
"""The chance to be shown by all the days allowed from which on a certificate is given more days."""
NEIGHBOURS_AT_FIRST = 100
"""Replications of a neighbour after which it is looked at whether more are needed."""

LUCK = 1.5
"""Standard errors by which a neighbour may yet come out better, or worse, than it looks."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Neighbour:
    """The plan with one agent fewer in a group (its place), on the certificate's days."""

    group: int
    certificate: Certificate


@dataclass(frozen=True, eq=False)
class Plan:
    """What `staff` found. `certificate` is the chosen plan's, or the closest one's if none does.

    `undecided` are cheaper plans that may do as well: too near to a bound to be told with the
    replications allowed. `trail` tells how the search went.
    """

    problem: Problem
    feasible: bool
    certificate: Certificate
    neighbours: list[Neighbour]
    undecided: list[Point]
    trail: Trail
    started_from: Point
    attempts: int
    certificate_replications: int
    replications: int
    max_replications: int
    confidence: float
    engine: str
    elapsed_s: float
    cpu_s: float

    @property
    def point(self) -> Point:
        """The free groups' agents."""
        return self.certificate.point


def staff(
    problem: Problem,
    *,
    engine: str = "auto",
    workers: int | None = None,
    confidence: float = CONFIDENCE,
    max_replications: int | None = None,
    max_plans: int = MAX_PLANS,
    gap: float = GAP,
    progress: Progress | None = None,
) -> Plan:
    """Search, certify, look at the neighbours.

    At most `max_replications` of any single plan, by the search and again by each certificate;
    None is 2000, or fewer where a replication has many calls.
    `workers` processes share the simulations; the plan does not depend on how many. `progress` is
    told what is being done and how many replications have been simulated. Raises ValueError for
    an unknown engine, a confidence that is none, or fewer than 100 replications.
    """
    if not 0.5 <= confidence < 1.0:
        raise ValueError(f"the confidence must be from 50% to below 100%, found {confidence:g}")
    if max_replications is None:
        calls = max(expected_calls(problem.scenario), 1.0)
        most = MOST_CALLS / calls
        max_replications = int(min(max(most, FEWEST_REPLICATIONS), MOST_REPLICATIONS))
    if max_replications < LEAST_REPLICATIONS:
        raise ValueError(f"a certificate takes at least {LEAST_REPLICATIONS} replications")
    doing = ["searching"]

    def tell(done: int) -> None:
        if progress is not None:
            progress(doing[0], done)

    bench = Bench(problem, engine=engine_called(engine), workers=workers, progress=tell)
    try:
        return _Staffing(
            bench, doing, confidence, max_replications, max_plans, gap, engine_called(engine)
        ).plan()
    finally:
        bench.close()


class _Staffing:
    def __init__(
        self,
        bench: Bench,
        doing: list[str],
        confidence: float,
        max_replications: int,
        max_plans: int,
        gap: float,
        engine: str,
    ) -> None:
        self._begun = time.perf_counter(), time.process_time()
        self._bench, self._problem, self._doing = bench, bench.problem, doing
        self._confidence, self._max, self._engine = confidence, max_replications, engine
        self._start = start(bench.problem)
        self._search = Search(
            bench, self._start, max_replications=max_replications, max_plans=max_plans, gap=gap
        )
        self._attempts = 0
        self._tried_again: set[Point] = set()
        self._next_fresh = 0
        self._fresh_replications = 0

    def plan(self) -> Plan:
        """The cheapest plan that a certificate shows to do; the closest one if there is none."""
        found = self._certified()
        neighbours: list[Neighbour] = []
        while found is not None:
            neighbours = self._neighbours(found, self._next_fresh - found.replications)
            cheaper = self._cheaper(neighbours, found.point)
            better = next(filter(None, map(self._attempt, cheaper)), None)
            if better is None:
                break
            found = better
        feasible = found is not None
        if found is None:
            found = self._look(self._closest())
        undecided = [
            p
            for p in {*self._search.near_plans(), *self._search.refused}
            if not feasible or self._problem.rank(p) < self._problem.rank(found.point)
        ]
        wall, cpu = self._begun
        return Plan(
            problem=self._problem,
            feasible=feasible,
            certificate=found,
            neighbours=neighbours,
            undecided=sorted((p for p in undecided if p != found.point), key=self._problem.rank),
            trail=self._search.trail,
            started_from=self._start,
            attempts=self._attempts,
            certificate_replications=self._fresh_replications,
            replications=self._bench.n_replications,
            max_replications=self._max,
            confidence=self._confidence,
            engine=self._engine,
            elapsed_s=time.perf_counter() - wall,
            cpu_s=time.process_time() - cpu,
        )

    def _certified(self) -> Certificate | None:
        """The first of the search's plans that a certificate shows to do, cheapest first."""
        while self._attempts < ATTEMPTS:
            self._doing[0] = "searching"
            point = self._search.best()
            made = None if point is None else self._attempt(point)
            if point is None or made is not None:
                return made
        return None

    def _cheaper(self, neighbours: list[Neighbour], point: Point) -> list[Point]:
        """Neighbours that seem to do as well, and cost less: the plan was not the cheapest."""
        rank = self._problem.rank
        holding = [n.certificate.point for n in neighbours if n.certificate.all_met]
        found = [p for p in holding if rank(p) < rank(point) and p not in self._tried_again]
        self._tried_again.update(found)
        return sorted(found, key=rank)

    def _closest(self) -> Point:
        near = self._search.near_plans()
        return near[0] if near else self._search.closest()

    def _attempt(self, point: Point) -> Certificate | None:
        """A certificate that shows the plan to do.

        One that leaves it open is followed by another of twice as many days, those that it has and
        more, as long as that has a fair chance. How many days that are is settled before the first
        of them is seen, so that each look is a sample of a size that does not depend on what it
        shows, and has its own share of the error (Bonferroni).
        """
        if point in self._tried_again:  # a neighbour, which the search need not have seen
            sizes = [self._max]
        else:
            needed = self._needed(self._bench.readings(point), self._attempts + 1)
            sizes = looks(self._size(needed), self._max)
        first, measured, done = self._next_fresh, None, 0
        for n in sizes:
            if self._attempts >= ATTEMPTS:
                break
            self._attempts += 1
            measured = self._more(point, measured, first, done, n)
            done = n
            confidence = confidence_of(self._attempts, self._confidence)
            made = certificate(point, measured, self._problem.limits, confidence)
            if made.all_met:
                return made
            if n == self._max or made.any_missed or self._is_hopeless(made):
                break
        self._search.refused.add(point)
        return None

    def _is_hopeless(self, made: Certificate) -> bool:
        """Whether the days that are left will hardly show a plan to do."""
        seen = self._bench.readings(made.point)
        z = normal_quantile(confidence_of(self._attempts + 1, self._confidence))
        chances = [
            shown_later(before, now, made.replications, self._max, z)
            for before, now in zip(seen, made.readings, strict=True)
        ]
        return min(chances) < FAIR

    def _more(
        self, point: Point, measured: Measured | None, first: int, done: int, n: int
    ) -> Measured:
        """A plan's fresh days from number `first` on: `done` of them are there, of `n`."""
        self._doing[0] = "certifying"
        (more,) = self._bench.fresh([point], first + done, n - done)
        self._next_fresh = first + n
        self._fresh_replications += n - done
        if measured is None:
            return more
        measured.absorb(more)
        return measured

    def _needed(self, readings: list[Reading], attempt: int) -> float:
        z = normal_quantile(confidence_of(attempt, self._confidence))
        return replications_needed(readings, z)

    def _size(self, needed: float) -> int:
        least = min(LEAST_REPLICATIONS, self._max)
        return int(min(max(math.ceil(min(needed, self._max)), least), self._max))

    def _look(self, point: Point) -> Certificate:
        """What fresh replications show of a plan that is not claimed to do."""
        n = self._size(self._needed(self._bench.readings(point), 1))
        measured = self._more(point, None, self._next_fresh, 0, n)
        return certificate(point, measured, self._problem.limits, self._confidence)

    def _neighbours(self, made: Certificate, first: int) -> list[Neighbour]:
        """One agent fewer in each group, on the certificate's days and, if need be, more.

        Twice as many days each time until it is shown that a target is missed or all are met, at
        intervals wide enough for so many looks (Bonferroni).
        """
        self._doing[0] = "looking at the neighbours"
        points = {
            place: (*made.point[:i], n - 1, *made.point[i + 1 :])
            for i, (place, n) in enumerate(zip(self._problem.free, made.point, strict=True))
        }
        points = {g: p for g, p in points.items() if self._problem.allows(p)}
        sizes = [min(NEIGHBOURS_AT_FIRST, self._max)]
        while sizes[-1] < self._max:
            sizes.append(min(2 * sizes[-1], self._max))
        confidence = 1.0 - (1.0 - self._confidence) / len(sizes)
        known: dict[int, Measured] = {}
        found: dict[int, Certificate] = {}
        done = 0
        for n in sizes:
            left = [g for g in points if g not in found or self._may_be_shown(found[g])]
            if not left:
                break
            more = self._bench.fresh([points[g] for g in left], first + done, n - done)
            self._fresh_replications += (n - done) * len(left)
            for g, each in zip(left, more, strict=True):
                if g in known:
                    known[g].absorb(each)
                else:
                    known[g] = each
                found[g] = certificate(points[g], known[g], self._problem.limits, confidence)
            done = n
        self._next_fresh = max(self._next_fresh, first + done)
        return [Neighbour(g, found[g]) for g in points]

    def _may_be_shown(self, made: Certificate) -> bool:
        """Whether more days, up to those allowed, may decide what is still open."""
        if made.any_missed or made.all_met:
            return False
        z = min(each.z for each in made.readings)
        wanted = normal_quantile(made.confidence)
        return abs(z) * math.sqrt(self._max / made.replications) + LUCK > wanted
