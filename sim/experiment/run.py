"""`run`: the replications of a scenario, on one core or several, reduced as they finish."""

from __future__ import annotations

import time
from collections.abc import Callable

from sim.experiment.gathered import Gathered
from sim.experiment.pieces import Pieces
from sim.experiment.result import Result
from sim.experiment.share import shared
from sim.experiment.work import OneScenario
from sim.scenario.model import Scenario

Progress = Callable[[int, int], None]

ENGINES = ("auto", "compiled", "simpy")
"""`auto` is the compiled engine."""


def run(
    scenario: Scenario,
    *,
    engine: str = "auto",
    workers: int | None = 1,
    intervals: bool = False,
    log: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Simulate all replications of `scenario` and gather their sums.

    `workers` processes share the replications, None as many as pay; the result does not depend
    on how many there are. `intervals` keeps sums by reporting interval too, `log` the call log.
    `progress` is called with (replications done, of how many). Raises ValueError for an unknown
    engine, PieceFailedError when a process died over the same replications again and again.
    """
    started = time.perf_counter()
    job = OneScenario(scenario, engine_called(engine), intervals, log)
    gathered = replications(job, workers=workers, progress=progress)
    return gathered.result(engine=job.engine, elapsed_s=time.perf_counter() - started)


def replications(
    job: OneScenario,
    first: int = 0,
    *,
    workers: int | None = 1,
    progress: Progress | None = None,
) -> Gathered:
    """The replications of the job's scenario from number `first` on, whoever runs them."""
    of = job.only.replications
    n = of - first
    pieces = Pieces(iter([0]), 1, lambda _: (), n, first=first)
    gathered: Gathered | None = None
    workers = None if workers is None else min(workers, n)
    for done in shared(pieces, job, workers=workers):
        if done is not None:
            gathered = done.result
        if progress is not None:
            progress(first + pieces.n_replications, of)
    assert gathered is not None
    return gathered


def engine_called(name: str) -> str:
    """The engine that one of `ENGINES` means. Raises ValueError for another name."""
    if name not in ENGINES:
        raise ValueError(f"there is no engine {name!r}: {', '.join(ENGINES)}")
    return "compiled" if name == "auto" else name
