"""What is left to be done, in tasks of about a second, and what was done put together again.

How long a replication or a point takes is measured as they go. Nobody waits for a large task at
the end: tasks become smaller as the work runs out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from sim.experiment.gathered import Gathered
from sim.experiment.work import Done, Piece, PieceFailedError, Task

TASK_S = 1.0
SHORTEST_S = 0.05
TRIES = 3
_MEMORY = 0.8
"""How much of an estimate of time stays when a new measurement comes."""


class Pieces:
    """The pieces of some points: `points` of them are still to be done.

    `changes` gives a point's changes of the scenario. With `replications` each point has so
    many, numbered from `first` on, known before; a task may then be a part of a point.
    """

    def __init__(
        self,
        points: Iterator[int],
        n_points: int,
        changes: Callable[[int], tuple[str, ...]],
        replications: int | None = None,
        first: int = 0,
    ) -> None:
        self._points = points
        self._n_points = n_points
        self._changes = changes
        self._replications = replications
        self._first = first
        self._parts: deque[Piece] = deque()
        self._alone: deque[Piece] = deque()
        self._gathered: dict[int, dict[int, tuple[int, Gathered]]] = {}
        self._deaths: dict[tuple[int, int], int] = {}
        self._point_s: float | None = None
        self._replication_s: float | None = None
        self.n_replications = 0
        """Replications done so far."""

    # --- handing out -----------------------------------------------------------------------

    def take(self, workers: int) -> Task | None:
        """The next task for one of so many workers; None when all are handed out."""
        if self._alone:
            return (self._alone.popleft(),)
        left = self.left_s
        most = TASK_S if left is None else min(TASK_S, max(SHORTEST_S, left / (2 * workers)))
        task: list[Piece] = []
        total = 0.0
        while total < 0.9 * most and (piece := self._next()) is not None:
            piece, takes = self._cut(piece, most - total)
            task.append(piece)
            total += most if takes is None else takes
        return tuple(task) or None

    def _next(self) -> Piece | None:
        if self._parts:
            return self._parts.popleft()
        point = next(self._points, None)
        if point is None:
            return None
        self._n_points -= 1
        n, first = self._replications, self._first
        return Piece(point, self._changes(point), first, None if n is None else first + n)

    def _cut(self, piece: Piece, seconds: float) -> tuple[Piece, float | None]:
        """As much of the piece as takes so long, and how long it will take if that is known."""
        if piece.stop is None:
            return piece, self._point_s
        each = self._replication_s
        n = piece.stop - piece.first
        fits = 1 if each is None else max(1, min(n, round(seconds / max(each, 1e-9))))
        if fits < n:
            self._parts.appendleft(replace(piece, first=piece.first + fits))
            piece = replace(piece, stop=piece.first + fits)
        return piece, None if each is None else fits * each

    @property
    def left_s(self) -> float | None:
        """Seconds of work on one core that nobody has been given yet, if one can tell."""
        parts = [*self._parts, *self._alone]
        replications = sum(p.stop - p.first for p in parts if p.stop is not None)
        points = sum(p.stop is None for p in parts)
        if self._replications is None:
            points += self._n_points
        else:
            replications += self._n_points * self._replications
        if (replications and self._replication_s is None) or (points and self._point_s is None):
            return None
        return replications * (self._replication_s or 0.0) + points * (self._point_s or 0.0)

    # --- taking in -------------------------------------------------------------------------

    def finished(self, task: Task, answer: list[Done]) -> Iterator[Done]:
        """Take in the answer to a task; the points that are whole by it, a `Gathered` each if it
        came in parts."""
        self._parts.extendleft(reversed(task[len(answer) :]))
        for done in answer:
            self._measure(done)
            piece = done.piece
            self.n_replications += done.reached - piece.first
            if done.is_whole:
                yield done
                continue
            stop = done.of if piece.stop is None else piece.stop
            if done.reached < stop:
                self._parts.appendleft(replace(piece, first=done.reached, stop=stop))
            parts = self._gathered.setdefault(piece.point, {})
            parts[piece.first] = (done.reached, done.result)
            together = _together(parts, done.of - self._first)
            if together is not None:
                del self._gathered[piece.point]
                whole = replace(piece, first=self._first, stop=done.of)
                yield Done(whole, done.of, done.of, done.seconds, together)

    def lost(self, task: Task, why: str) -> None:
        """Whoever was at the task died: each piece is tried again, alone, but not for ever."""
        if len(task) == 1:
            (piece,) = task
            key = (piece.point, piece.first)
            self._deaths[key] = self._deaths.get(key, 0) + 1
            if self._deaths[key] >= TRIES:
                raise PieceFailedError(f"{piece}: {why}, {TRIES} times")
        self._alone.extend(task)

    def _measure(self, done: Done) -> None:
        n = done.reached - done.piece.first
        if n:
            self._replication_s = _blend(self._replication_s, done.seconds / n)
        if done.is_whole:
            self._point_s = _blend(self._point_s, done.seconds)
        elif done.of:
            self._point_s = _blend(self._point_s, done.seconds / max(n, 1) * done.of)


def _blend(old: float | None, new: float) -> float:
    return new if old is None else _MEMORY * old + (1.0 - _MEMORY) * new


def _together(parts: dict[int, tuple[int, Gathered]], of: int) -> Gathered | None:
    """The parts of a point in the order of replications, once they are all there."""
    if sum(reached - first for first, (reached, _) in parts.items()) < of:
        return None
    ordered = [gathered for _, (_, gathered) in sorted(parts.items())]
    for following in ordered[1:]:
        ordered[0].absorb(following)
    return ordered[0]
