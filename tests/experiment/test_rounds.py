"""Rounds of work: who does them changes nothing, and who dies is replaced."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from sim.experiment.rounds import Rounds
from sim.experiment.work import Piece, PieceFailedError
from sim.planning.bench import Staffings
from sim.planning.wanted import asked
from tests.planning.models import two_skills

PIECES = [Piece(0, ("3", "6"), 0, 700), Piece(1, ("4", "5"), 100, 900)]


def job() -> Staffings:
    return Staffings(asked(two_skills(), ["total.abandonment <= 5%"]), "compiled")


def done(workers: int) -> list[np.ndarray]:
    """What each point's replications add to the estimate, in their order."""
    work = job()
    rounds = Rounds(work, workers)
    try:
        rounds.do([Piece(9, ("1", "1"), 0, 2)])  # measures how long a replication takes
        rounds._replication_s = 0.01  # long enough for processes of its own
        found = rounds.do(PIECES)
        assert (rounds._team is None) == (workers == 1)
        assert rounds.n_replications == 1502
    finally:
        rounds.close()
    (limit,) = work.problem.limits
    return [found[point].estimate(limit).influence for point in (0, 1)]


def test_any_number_of_workers_gives_the_same() -> None:
    """To the last bit, replication by replication."""
    alone, shared = done(1), done(3)
    assert [len(each) for each in alone] == [700, 800]
    assert all(np.array_equal(a, b) for a, b in zip(alone, shared, strict=True))


def test_who_dies_is_replaced() -> None:
    """A worker that is killed between two rounds leaves no hole."""
    rounds = Rounds(job(), 2)
    try:
        rounds._replication_s = 0.01
        first = rounds.do(PIECES[:1])[0]
        assert rounds._team is not None
        os.kill(rounds._team._idle[0].process.pid, signal.SIGKILL)
        rounds._replication_s = 0.01
        again = rounds.do([Piece(2, ("3", "6"), 0, 700)])[2]
    finally:
        rounds.close()
    limit = job().problem.limits[0]
    assert first.estimate(limit).value == again.estimate(limit).value


def test_a_piece_that_cannot_be_done_is_told() -> None:
    """Numbers of agents that are none."""
    rounds = Rounds(job(), 1)
    with pytest.raises(PieceFailedError):
        rounds.do([Piece(0, ("three", "6"), 0, 5)])
