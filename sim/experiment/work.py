"""What a worker does: replications of the points it is given, for as long as it may take.

A point is a scenario with some changes; a plain run has one point without any. The same code
works in this process, in processes of its own and on other machines.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Protocol

from sim.experiment.compiling import compile_ahead
from sim.experiment.gathered import Gathered
from sim.experiment.replicate import Replication, Replicator
from sim.scenario.errors import ScenarioError
from sim.scenario.model import Scenario

LONGEST_S = 2.0
"""A worker that has been at a task for so long hands back the rest of it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Replications `first` to `stop` - 1 of point number `point`; up to its last without `stop`."""

    point: int
    changes: tuple[str, ...] = ()
    first: int = 0
    stop: int | None = None

    def __str__(self) -> str:
        which = f"point {self.point + 1} ({', '.join(self.changes)})" if self.changes else "the run"
        if self.stop is None:
            return which
        return f"{which}, replications {self.first + 1} to {self.stop}"


Task = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a piece: the replications before `reached`, of `of` that the point has.

    `result` is what the job makes of a whole point, else a `Gathered`. `problem` tells why there
    is no such scenario. `seconds` were spent, compiling not counted.
    """

    piece: Piece
    reached: int
    of: int
    seconds: float
    result: Any = None
    problem: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the point is finished by this alone."""
        return self.problem is not None or (self.piece.first == 0 and self.reached == self.of)


class PieceFailedError(Exception):
    """A piece of the work can't be done: which one, and why."""


class Gathering(Protocol):
    """What is kept of some replications, in their order, by whoever simulates them."""

    def add(self, replication: Replication) -> None:
        """The next replication."""

    def absorb(self, following: Any) -> None:
        """Those of another one of its kind, which follow those that are here."""


class Job(Protocol):
    """What all pieces of some work have in common. It is sent to each worker."""

    @property
    def engine(self) -> str: ...

    @property
    def intervals(self) -> bool: ...

    @property
    def log(self) -> bool: ...

    def scenario(self, changes: tuple[str, ...]) -> Scenario:
        """The scenario of a point. Raises ScenarioError when there is none."""

    def gathering(self, scenario: Scenario) -> Gathering:
        """An empty one, for replications of a point."""

    def whole(self, gathered: Any, scenario: Scenario) -> Any:
        """What is kept of a point whose replications were all gathered."""


@dataclass(frozen=True)
class OneScenario:
    """The job of a plain run: one scenario, of which everything is kept."""

    only: Scenario
    engine: str
    intervals: bool
    log: bool

    def scenario(self, changes: tuple[str, ...]) -> Scenario:
        """The scenario: there are no changes."""
        return self.only

    def gathering(self, scenario: Scenario) -> Gathered:
        """Everything is kept."""
        return Gathered(scenario, intervals=self.intervals)

    def whole(self, gathered: Gathered, scenario: Scenario) -> Gathered:
        """All of it."""
        return gathered


class Worker:
    """Does pieces of one job. The point it was at last stays prepared."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._point: int | None = None
        self._scenario: Scenario
        self._replicator: Replicator

    def do(self, task: Task, longest_s: float = LONGEST_S) -> list[Done]:
        """The pieces in their order, at least one replication; what is left out is not done.

        Raises PieceFailedError.
        """
        end = time.perf_counter() + longest_s
        done: list[Done] = []
        for piece in task:
            if done and time.perf_counter() >= end:
                break
            try:
                done.append(self._piece(piece, end))
            except Exception as error:
                if done:  # what was finished counts; this piece will be somebody's first
                    break
                raise PieceFailedError(f"{piece}: {_cause(error)}") from error
        return done

    def _piece(self, piece: Piece, end: float) -> Done:
        from sim.jit import compiling_s

        begin = time.perf_counter() - compiling_s()
        if self._point != piece.point:
            try:
                self._prepare(piece)
            except ScenarioError as error:
                spent = time.perf_counter() - begin
                return Done(piece, 0, 0, spent, problem=_told(error))
        scenario = self._scenario
        last = scenario.replications if piece.stop is None else piece.stop
        gathered = self._job.gathering(scenario)
        reached = piece.first
        while reached < last and (reached == piece.first or time.perf_counter() < end):
            gathered.add(self._replicator.run(reached))
            reached += 1
        is_whole = piece.first == 0 and reached == scenario.replications
        result = self._job.whole(gathered, scenario) if is_whole else gathered
        spent = time.perf_counter() - compiling_s() - begin
        return Done(piece, reached, scenario.replications, spent, result)

    def _prepare(self, piece: Piece) -> None:
        self._point = None
        scenario = self._job.scenario(piece.changes)
        job = self._job
        self._replicator = Replicator(
            scenario, engine=job.engine, intervals=job.intervals, keep_calls=job.log
        )
        compile_ahead(scenario, self._replicator)
        self._scenario, self._point = scenario, piece.point


def _told(error: ScenarioError) -> str:
    """The problems of a point on one line."""
    told = [": ".join(filter(None, (p.path, p.message))) for p in error.problems[:3]]
    return " ".join("; ".join(told).split())


def _cause(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "out of memory; fewer replications, a shorter horizon or fewer workers need less"
    return f"{type(error).__name__}{f': {error}' if str(error) else ''}"
