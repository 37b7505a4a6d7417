"""The bench: points simulated under common random numbers, and what is known of each.

Every point meets the same callers: replication r is the same day for all of them, so differences
between points are known far more sharply than the points themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.experiment.rounds import Rounds
from sim.experiment.work import Piece
from sim.metrics.differences import paired_difference
from sim.metrics.estimates import Estimate
from sim.planning.goals import Limit
from sim.planning.measured import Measured, Needs
from sim.planning.problem import Point, Problem
from sim.scenario.model import Scenario

FRESH = 1_000_000_000
"""The number from which on replications are kept for certificates: the search has none of them."""
UNSERVED = -6.0
"""The score of a point at which a metric can't be had though calls came: nobody was answered."""
UNVARYING = 0.02
"""The error rate at which a share that did not vary is to be shown to hold."""
IDLE = 8.0
"""The score of a limit that nothing is there to break."""


@dataclass(frozen=True)
class Staffings:
    """The job: a point's changes are its numbers of agents."""

    problem: Problem
    engine: str

    @property
    def intervals(self) -> bool:
        return self.problem.by_interval

    @property
    def log(self) -> bool:
        return False

    def scenario(self, changes: tuple[str, ...]) -> Scenario:
        """The scenario with these agents."""
        return self.problem.staffed(tuple(map(int, changes)))

    def gathering(self, scenario: Scenario) -> Measured:
        """What the limits need."""
        return Measured(scenario, Needs.of(self.problem.limits))

    def whole(self, gathered: Any, scenario: Scenario) -> Any:
        """The same."""
        return gathered


@dataclass(frozen=True, slots=True)
class Reading:
    """A limit at a point: its slack (>= 0 holds) with a standard error, and both as scores."""

    slack: float
    error: float
    score: float
    score_error: float
    replication_error: float
    """the standard deviation that one replication adds"""
    score_slope: float = 0.0
    least: float = 2.0
    """replications that it takes to show anything of a share that did not vary"""

    @property
    def z(self) -> float:
        """The slack in standard errors; infinite without any variation."""
        if self.error > 0.0:
            return self.slack / self.error
        return math.inf if self.slack >= 0.0 else -math.inf


class Bench:
    """Simulates points as they are asked for and keeps what came of them. To be closed."""

    def __init__(
        self,
        problem: Problem,
        *,
        engine: str = "compiled",
        workers: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.problem = problem
        self._rounds = Rounds(Staffings(problem, engine), workers)
        self._progress = progress
        self._known: dict[Point, Measured] = {}
        self._numbers: dict[Point, int] = {}
        self._readings: dict[tuple[Point, int], list[Reading]] = {}

    @property
    def n_replications(self) -> int:
        """Replications simulated so far."""
        return self._rounds.n_replications

    @property
    def points(self) -> list[Point]:
        """All points that the search has simulated, in the order in which it came to them."""
        return list(self._known)

    def close(self) -> None:
        self._rounds.close()

    def n(self, point: Point) -> int:
        """Replications that the search has of a point."""
        return self._known[point].n if point in self._known else 0

    def ensure(self, points: Iterable[Point], n: int) -> None:
        """Have the first `n` replications of each point, or more if they are there."""
        wanted = [p for p in dict.fromkeys(points) if self.n(p) < n]
        if not wanted:
            return
        found = self._do(self._piece(p, self.n(p), n) for p in wanted)
        for point in wanted:
            more = found[self._number(point)]
            if point in self._known:
                self._known[point].absorb(more)
            else:
                self._known[point] = more

    def fresh(self, points: Sequence[Point], first: int, n: int) -> list[Measured]:
        """`n` replications of each point that the search has not used, from number `first` on."""
        begin = FRESH + first
        found = self._do(self._piece(p, begin, begin + n) for p in points)
        return [found[self._number(p)] for p in points]

    def readings(self, point: Point, n: int | None = None) -> list[Reading]:
        """What the first `n` replications (default: all) show of each limit."""
        measured = self._known[point]
        n = measured.n if n is None else min(n, measured.n)
        key = point, n
        if key not in self._readings:
            self._readings[key] = [reading(limit, measured, n) for limit in self.problem.limits]
        return self._readings[key]

    def helped(self, point: Point, reference: Point) -> list[Reading]:
        """The same with the help of a reference that has more replications.

        The estimate is corrected by what the reference's further replications say of the days
        that both have met: a control variate under common random numbers (Asmussen and Glynn,
        *Stochastic Simulation*, V.2 and V.6).
        """
        mine, known = self._known[point], self._known.get(reference)
        plain = self.readings(point)
        if known is None or point == reference or known.n < 2 * mine.n:
            return plain
        return [
            _helped(limit, each, mine, known)
            for limit, each in zip(self.problem.limits, plain, strict=True)
        ]

    def _do(self, pieces: Iterable[Piece]) -> dict[int, Any]:
        return self._rounds.do(pieces, self._progress)

    def _piece(self, point: Point, first: int, stop: int) -> Piece:
        return Piece(self._number(point), tuple(map(str, point)), first, stop)

    def _number(self, point: Point) -> int:
        return self._numbers.setdefault(point, len(self._numbers))


def reading(limit: Limit, measured: Measured, n: int | None = None) -> Reading:
    """What some replications show of a limit."""
    found = measured.estimate(limit, n)
    if found.value is None:
        if measured.is_vacuous(limit):
            return Reading(1.0, 0.0, IDLE, 0.0, 0.0)
        return Reading(-1.0, 0.0, UNSERVED, 0.0, 0.0)
    count = measured.n if n is None else min(n, measured.n)
    return _reading(limit, found.value, _error(found), count)


def _reading(limit: Limit, value: float, error: float, n: int) -> Reading:
    score = min(max(limit.score(value), UNSERVED), IDLE)
    slope = limit.score_slope(value)
    least = 2.0 if error > 0.0 else _least(limit, value)
    return Reading(
        limit.slack(value), error, score, error * slope, error * math.sqrt(n), slope, least
    )


def _least(limit: Limit, value: float) -> float:
    """Replications, all with this share, that show the limit to hold (`judged_share`)."""
    if not limit.is_share or limit.slack(value) <= 0.0:
        return 2.0
    good, needed = (value, limit.bound) if limit.sign > 0.0 else (1.0 - value, 1.0 - limit.bound)
    if needed <= 0.0:
        return 2.0
    return math.log(UNVARYING) / math.log(min(needed / good, 1.0 - 1e-9))


def _error(found: Estimate) -> float:
    """The standard error of an estimate; 0 where it has none."""
    if found.influence is None:
        return 0.0
    known = found.influence[np.isfinite(found.influence)]
    return math.sqrt(float(np.dot(known, known)) / (known.size * (known.size - 1)))


def _helped(limit: Limit, plain: Reading, mine: Measured, known: Measured) -> Reading:
    own = mine.estimate(limit)
    there = known.estimate(limit, mine.n)
    longer = known.estimate(limit)
    values = own.value, there.value, longer.value
    if own.value is None or there.value is None or longer.value is None:
        return plain
    difference = paired_difference(there, own)
    if difference.influence is None or not math.isfinite(sum(v or 0.0 for v in values)):
        return plain
    error = math.hypot(_error(difference), _error(longer))
    if error >= plain.error > 0.0:
        return plain
    value = own.value + longer.value - there.value
    if limit.is_share:
        value = min(max(value, 0.0), 1.0)
    return _reading(limit, value, error, mine.n)
