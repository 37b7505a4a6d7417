"""Who does the work: this process, several on this machine, or a cluster.

The results do not depend on it. Without a number of workers, work that is soon done stays in this
process, and longer work takes all cores: the beginning is done here and measured.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Protocol

from sim.experiment.pieces import Pieces
from sim.experiment.processes import FORKS, cores
from sim.experiment.team import LostError, Team
from sim.experiment.work import Done, Job, Task, Worker

PAYS_S = 1.0 if FORKS else 5.0
"""Seconds of work left on one core from which on it pays to start processes."""
HERE_S = 0.2
"""How long this process works before it asks again whether others should help."""


class Crew(Protocol):
    """Some workers, wherever they are."""

    @property
    def size(self) -> int: ...

    @property
    def is_free(self) -> bool: ...

    @property
    def is_busy(self) -> bool: ...

    def begin(self, task: Task) -> None: ...

    def answers(self) -> Iterator[tuple[Task, list[Done] | LostError]]: ...

    def close(self) -> None: ...


def shared(
    pieces: Pieces, job: Job, *, workers: int | None = None, cluster: str | None = None
) -> Iterator[Done | None]:
    """The points as they are finished; None now and then, when some work was done.

    `workers` processes share the work (None: as many as pay), or the Dask cluster at the address
    `cluster`. Raises PieceFailedError when a piece can't be done, by nobody.
    """
    if cluster is not None:
        from sim.experiment.cluster import Cluster

        yield from _by(Cluster(job, cluster), pieces)
        return
    if workers is None or workers == 1:
        most = 1 if workers == 1 else cores()
        here = Worker(job)
        while not _pays(pieces, most):
            task = pieces.take(1)
            if task is None:
                return
            yield from pieces.finished(task, here.do(task, HERE_S))
            yield None
        workers = most
    yield from _by(Team(job, workers), pieces)


def _pays(pieces: Pieces, workers: int) -> bool:
    left = pieces.left_s
    return workers > 1 and left is not None and left > PAYS_S


def _by(crew: Crew, pieces: Pieces) -> Iterator[Done | None]:
    with contextlib.closing(crew):
        while True:
            while crew.is_free and (task := pieces.take(crew.size)) is not None:
                crew.begin(task)
            if not crew.is_busy:
                return
            for task, answer in crew.answers():
                if isinstance(answer, LostError):
                    pieces.lost(task, str(answer))
                else:
                    yield from pieces.finished(task, answer)
            yield None
