"""Rounds of work: replications of some points now, of others when these are known.

A search does many small rounds, so whoever works stays from one to the next. What comes out does
not depend on how many work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from sim.experiment.processes import cores
from sim.experiment.share import HERE_S, PAYS_S
from sim.experiment.team import LostError, Team
from sim.experiment.work import Gathering, Job, Piece, PieceFailedError, Worker

AGAIN_PAYS_S = 0.05
"""Seconds of work on one core from which on it pays to send it to processes that are there."""
LONGEST_PIECE_S = 0.5
TRIES = 3
_MEMORY = 0.5


class Rounds:
    """Does the rounds of one job, in this process or, where that pays, in `workers` of its own.

    Without a number of workers these are as many as there are cores. To be closed at the end.
    """

    def __init__(self, job: Job, workers: int | None = None) -> None:
        self._job = job
        self._here = Worker(job)
        self._workers = cores() if workers is None else workers
        self._team: Team | None = None
        self._replication_s: float | None = None
        self.n_replications = 0
        """Replications done so far, in all rounds."""

    def do(
        self, pieces: Iterable[Piece], progress: Callable[[int], None] | None = None
    ) -> dict[int, Gathering]:
        """What was gathered of each point; a point's pieces have `stop` and adjoin.

        `progress` is told of the replications done in all rounds. Raises PieceFailedError.
        """
        todo = deque(pieces)
        parts: dict[int, dict[int, Gathering]] = {}

        def keep(point: int, first: int, reached: int, result: Gathering) -> None:
            parts.setdefault(point, {})[first] = result
            self.n_replications += reached - first
            if progress is not None:
                progress(self.n_replications)

        while todo and not self._pays(todo):
            piece = todo.popleft()
            for done in self._here.do((piece,), HERE_S):
                self._measure(done.seconds, done.reached - piece.first)
                keep(piece.point, piece.first, done.reached, done.result)
                if piece.stop is not None and done.reached < piece.stop:
                    todo.appendleft(replace(piece, first=done.reached))
        if todo:
            self._by_team(todo, keep)
        return {point: _together(found) for point, found in parts.items()}

    def close(self) -> None:
        """End the processes."""
        if self._team is not None:
            self._team.close()
            self._team = None

    def _left_s(self, todo: Iterable[Piece]) -> float | None:
        if self._replication_s is None:
            return None
        return self._replication_s * sum((p.stop or 0) - p.first for p in todo)

    def _pays(self, todo: Iterable[Piece]) -> bool:
        left = self._left_s(todo)
        if self._workers == 1 or left is None:
            return False
        return left > (PAYS_S / 4.0 if self._team is None else AGAIN_PAYS_S)

    def _by_team(
        self, todo: deque[Piece], keep: Callable[[int, int, int, Gathering], None]
    ) -> None:
        if self._team is None:
            self._team = Team(self._job, self._workers)
        team = self._team
        deaths: dict[Piece, int] = {}
        left = self._left_s(todo) or 0.0
        longest = min(LONGEST_PIECE_S, left / (3.0 * self._workers))
        while todo or team.is_busy:
            while todo and team.is_free:
                team.begin((self._cut(todo, longest),))
            for (piece,), answer in team.answers():
                if isinstance(answer, LostError):
                    deaths[piece] = deaths.get(piece, 0) + 1
                    if deaths[piece] >= TRIES:
                        raise PieceFailedError(f"{piece}: {answer}, {TRIES} times")
                    todo.appendleft(piece)
                    continue
                for done in answer:
                    self._measure(done.seconds, done.reached - piece.first)
                    keep(piece.point, piece.first, done.reached, done.result)
                    if piece.stop is not None and done.reached < piece.stop:
                        todo.appendleft(replace(piece, first=done.reached))

    def _cut(self, todo: deque[Piece], longest_s: float) -> Piece:
        """The first piece, or as much of it as takes so long; the rest stays."""
        piece = todo.popleft()
        assert piece.stop is not None
        n = piece.stop - piece.first
        fits = max(1, round(longest_s / max(self._replication_s or 0.0, 1e-9)))
        if n > 1.5 * fits:
            todo.appendleft(replace(piece, first=piece.first + fits))
            piece = replace(piece, stop=piece.first + fits)
        return piece

    def _measure(self, seconds: float, replications: int) -> None:
        each = seconds / max(replications, 1)
        old = self._replication_s
        self._replication_s = each if old is None else _MEMORY * old + (1.0 - _MEMORY) * each


def _together(parts: dict[int, Gathering]) -> Gathering:
    first, *others = (parts[begin] for begin in sorted(parts))
    for following in others:
        first.absorb(following)
    return first
