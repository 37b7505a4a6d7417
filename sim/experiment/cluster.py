"""A Dask cluster that does the work: the same tasks, on other machines.

The callers' side of Dask is all that is used: `submit`, with two retries. A worker that dies costs
its own tasks only, which the scheduler gives to another one.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from typing import Any

import sim
from sim.experiment.team import LostError
from sim.experiment.work import Done, Job, PieceFailedError, Task, Worker

AHEAD = 2
"""Tasks per thread of the cluster that are under way at once, so that nobody waits for the next."""
_SILENCE_S = 0.5


class NoDaskError(Exception):
    """The package `distributed` is not installed."""


class ClusterError(Exception):
    """The cluster can't be reached, or can't do this work."""


class Cluster:
    """The workers of the Dask scheduler at an address such as `tcp://host:8786`."""

    def __init__(self, job: Job, address: str) -> None:
        try:
            import distributed
        except ImportError as error:
            raise NoDaskError(
                "--dask needs the package distributed: pip install 'callsim[distributed]'"
            ) from error
        # What goes wrong is told by the exceptions below, once.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            client: Any = distributed.Client
            self._client = client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from error
        self._address = address
        self._job = job
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._tasks: dict[Any, Task] = {}

    @property
    def size(self) -> int:
        """Threads of all workers; 1 as long as there is no worker."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    @property
    def is_free(self) -> bool:
        """Whether the cluster takes more tasks now."""
        return len(self._tasks) < AHEAD * self.size

    @property
    def is_busy(self) -> bool:
        """Whether any task is under way."""
        return bool(self._tasks)

    def begin(self, task: Task) -> None:
        """Send a task."""
        future = self._client.submit(
            work, self._job, task, sim.__version__, pure=False, retries=2, key=None
        )
        self._tasks[future] = task
        future.add_done_callback(self._done.put)

    def answers(self) -> Iterator[tuple[Task, list[Done] | LostError]]:
        """Wait for a task to finish, at most half a second; what came of it.

        Raises ClusterError when the cluster is gone, PieceFailedError when a task failed.
        """
        try:
            future = self._done.get(timeout=_SILENCE_S)
        except queue.Empty:
            if self._client.status not in ("running", "connecting"):
                raise ClusterError(f"the Dask scheduler at {self._address} is gone") from None
            return
        task = self._tasks.pop(future)
        if future.status == "finished":
            yield task, future.result()
        elif future.status == "cancelled":
            raise ClusterError(f"the Dask scheduler at {self._address} is gone")
        else:
            error = future.exception()
            if isinstance(error, PieceFailedError | ClusterError):
                raise error
            if type(error).__name__ != "KilledWorker":
                raise PieceFailedError(f"{task[0]}: {type(error).__name__}: {error}")
            yield task, LostError("the Dask workers that had it died")

    def close(self) -> None:
        """Leave the cluster; what is under way there is cancelled."""
        self._client.close()


_workers = threading.local()


def work(job: Job, task: Task, version: str) -> list[Done]:
    """Do a task on a worker of the cluster, which must have the same version of this program."""
    if version != sim.__version__:
        raise ClusterError(
            f"a Dask worker has callsim {sim.__version__}, not {version}: results could differ"
        )
    if getattr(_workers, "job", None) != job:
        _workers.job, _workers.worker = job, Worker(job)
    worker: Worker = _workers.worker
    return worker.do(task)
