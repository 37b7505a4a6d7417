"""The bench: points simulated under common random numbers, and what is known of each.

Every point meets the same callers: replication r is the same day for all of them, so differences
between points are known far more sharply than the points themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sim.experiment.rounds import Rounds
from sim.experiment.work import Piece
from sim.planning.brought import Brought
from sim.planning.measured import Measured, Needs
from sim.planning.problem import Point, Problem
from sim.planning.reading import Reading, helped_reading, reading
from sim.scenario.model import Scenario

FRESH = 1_000_000_000
"""The number from which on replications are kept for certificates: the search has none of them."""


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
        self._brought = Brought(problem.scenario)
        self._readings: dict[tuple[Point, int], list[Reading]] = {}
        self._helped: dict[tuple[Point, int, Point, int], list[Reading]] = {}

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
        """What the first `n` replications (default: all) show of each limit, corrected for what
        their callers brought."""
        measured = self._known[point]
        n = measured.n if n is None else min(n, measured.n)
        key = point, n
        if key not in self._readings:
            self._readings[key] = [
                reading(limit, measured, n, self._brought) for limit in self.problem.limits
            ]
        return self._readings[key]

    def helped(self, point: Point, reference: Point) -> list[Reading]:
        """The same with the help of a reference that has at least twice as many replications."""
        mine, known = self._known[point], self._known.get(reference)
        plain = self.readings(point)
        if known is None or point == reference or known.n < 2 * mine.n:
            return plain
        key = point, mine.n, reference, known.n
        if key not in self._helped:
            self._helped[key] = [
                helped_reading(limit, each, mine, known, self._brought)
                for limit, each in zip(self.problem.limits, plain, strict=True)
            ]
        return self._helped[key]

    def _do(self, pieces: Iterable[Piece]) -> dict[int, Any]:
        return self._rounds.do(pieces, self._progress)

    def _piece(self, point: Point, first: int, stop: int) -> Piece:
        return Piece(self._number(point), tuple(map(str, point)), first, stop)

    def _number(self, point: Point) -> int:
        return self._numbers.setdefault(point, len(self._numbers))
