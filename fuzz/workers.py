"""Cases shared among processes. One that dies or hangs is a finding too, and stops the run."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from typing import Any

from fuzz.compare import differences
from fuzz.generate import case

LONGEST_S = 300.0
"""Few cases take a second, one in ten thousand a minute; one that takes this long hangs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Case `number`: how many calls there were in each engine, and what differed."""

    number: int
    calls: int
    told: list[str]
    lost: bool = False
    """Whether the process died or hung, so that the case can't be tried again in this one."""


def context() -> BaseContext:
    """Processes that start with what is already compiled, where the system has them."""
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork" if "fork" in methods else "spawn")


def outcome(seed: int, number: int) -> Outcome:
    """Make and compare one case."""
    made = case(seed, number)
    told, calls = differences(made.scenario, intervals=made.intervals)
    return Outcome(number, calls, told)


def _serve(pipe: Connection, seed: int) -> None:
    with suppress(EOFError, KeyboardInterrupt):
        while True:
            pipe.send(outcome(seed, pipe.recv()))


class _Worker:
    """A process, the case that it is at, and since when."""

    def __init__(self, seed: int) -> None:
        start: Any = context()
        self.pipe, theirs = start.Pipe()
        self.process = start.Process(target=_serve, args=(theirs, seed), daemon=True)
        self.process.start()
        theirs.close()
        self.number, self.since = -1, 0.0

    def begin(self, number: int) -> None:
        self.number, self.since = number, time.monotonic()
        self.pipe.send(number)

    def finish(self) -> Outcome | None:
        """What came of the case; None while it goes on."""
        try:
            if self.pipe.poll():
                found: Outcome = self.pipe.recv()
                return found
        except (EOFError, OSError):
            self.process.join()
            code = self.process.exitcode
            return Outcome(self.number, 0, [f"the process ended with exit code {code}"], lost=True)
        taken = time.monotonic() - self.since
        if taken > LONGEST_S:
            return Outcome(self.number, 0, [f"no end after {taken:.0f} s"], lost=True)
        return None

    def stop(self) -> None:
        self.process.terminate()
        self.process.join()
        self.pipe.close()


def outcomes(seed: int, numbers: Iterator[int], workers: int) -> Iterator[Outcome | None]:
    """The outcomes of the cases `numbers`, as they come; None once a second while none comes.

    No further case begins once `numbers` ends; after a process was lost, all stop.
    """
    if workers <= 1:
        yield from (outcome(seed, number) for number in numbers)
        return
    team = [_Worker(seed) for _ in range(workers)]
    try:
        busy = [worker for worker in team if _give(worker, numbers)]
        while busy:
            wait([worker.pipe for worker in busy], timeout=1.0)
            yield None
            for worker in list(busy):
                found = worker.finish()
                if found is None:
                    continue
                yield found
                if found.lost:
                    return
                if not _give(worker, numbers):
                    busy.remove(worker)
    finally:
        for worker in team:
            worker.stop()


def _give(worker: _Worker, numbers: Iterator[int]) -> bool:
    """Whether there was another case for the worker."""
    number = next(numbers, None)
    if number is None:
        return False
    worker.begin(number)
    return True
