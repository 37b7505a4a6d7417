"""Processes that share the work of one machine. Who dies is replaced; none outlives its parent."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from sim.experiment.processes import started
from sim.experiment.work import Done, Job, PieceFailedError, Task, Worker


class LostError(Exception):
    """A worker died at its task."""


class Team:
    """`size` worker processes; each is given one task at a time."""

    def __init__(self, job: Job, size: int) -> None:
        self._job = job
        self.size = size
        self._idle: list[_Member] = []
        self._busy: dict[_Member, Task] = {}

    @property
    def is_free(self) -> bool:
        """Whether somebody waits for a task."""
        return len(self._busy) < self.size

    @property
    def is_busy(self) -> bool:
        """Whether somebody is at work."""
        return bool(self._busy)

    def begin(self, task: Task) -> None:
        """Give a task to somebody who is free."""
        while True:
            member = self._idle.pop() if self._idle else _Member(self._job)
            self._busy[member] = task
            try:
                member.pipe.send(task)
            except OSError:  # died while idle: the task has not begun
                del self._busy[member]
                member.stop()
                continue
            return

    def answers(self) -> Iterator[tuple[Task, list[Done] | LostError]]:
        """Wait for somebody to finish, at most half a second; what came of which tasks."""
        ready = set(wait([member.pipe for member in self._busy], timeout=0.5))
        for member in [each for each in self._busy if each.pipe in ready]:
            task = self._busy.pop(member)
            try:
                answer = member.pipe.recv()
            except (EOFError, OSError):
                yield task, LostError(member.stop())
                continue
            self._idle.append(member)
            if isinstance(answer, PieceFailedError):
                raise answer
            yield task, answer

    def close(self) -> None:
        """End all processes, whatever they are at."""
        members = [*self._idle, *self._busy]
        self._idle, self._busy = [], {}
        for member in members:
            member.process.terminate()
        for member in members:
            member.stop()


class _Member:
    """A process and the pipe to it."""

    def __init__(self, job: Job) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = started(_serve, theirs, job, os.getpid())
        theirs.close()

    def stop(self) -> str:
        """End it; how it ended."""
        self.process.join(timeout=1.0)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()
        code = self.process.exitcode or 0
        if code >= 0:
            return f"its process ended with exit code {code}"
        name = signal.Signals(-code).name
        hint = " (out of memory?)" if name == "SIGKILL" else ""
        return f"its process was ended by {name}{hint}"


def _serve(pipe: Connection, job: Job, parent: int) -> None:
    """A worker's life: tasks from the pipe, until the parent ends it or is gone."""
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    worker = Worker(job)
    with contextlib.suppress(EOFError, OSError):
        while True:
            task = pipe.recv()
            try:
                answer: Any = worker.do(task)
            except PieceFailedError as error:
                answer = PieceFailedError(str(error))
            pipe.send(answer)


def _follow(parent: int) -> None:
    """End this process soon after its parent, even one that was killed."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
