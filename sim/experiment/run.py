"""`run`: the replications of a scenario, on one core or several, reduced as they finish."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor

from sim.experiment.replicate import Replication, Replicator
from sim.experiment.result import Gathered, Result
from sim.scenario.model import Scenario

Progress = Callable[[int, int], None]

ENGINES = ("auto", "compiled", "simpy")
"""`auto` is the compiled engine."""


def run(
    scenario: Scenario,
    *,
    engine: str = "auto",
    workers: int = 1,
    intervals: bool = False,
    log: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Simulate all replications of `scenario` and gather their sums.

    `workers` processes share the replications; the result does not depend on how many there
    are. `intervals` keeps sums by reporting interval too, `log` the call log. `progress` is
    called with (replications done, of how many). Raises ValueError for an unknown engine.
    """
    engine = engine_called(engine)
    started = time.perf_counter()
    gathered = Gathered(scenario, intervals=intervals)
    for done, replication in enumerate(replications(scenario, engine, workers, intervals, log), 1):
        gathered.add(replication)
        if progress is not None:
            progress(done, scenario.replications)
    return gathered.result(engine=engine, elapsed_s=time.perf_counter() - started)


def engine_called(name: str) -> str:
    """The engine that one of `ENGINES` means. Raises ValueError for another name."""
    if name not in ENGINES:
        raise ValueError(f"there is no engine {name!r}: {', '.join(ENGINES)}")
    return "compiled" if name == "auto" else name


def replications(
    scenario: Scenario, engine: str, workers: int, intervals: bool, log: bool
) -> Generator[Replication]:
    """The replications in their order, whoever runs them; closing it ends the run early."""
    n = scenario.replications
    if workers <= 1 or n == 1:
        replicator = Replicator(scenario, engine=engine, intervals=intervals, keep_calls=log)
        yield from map(replicator.run, range(n))
        return
    with ProcessPoolExecutor(
        min(workers, n), initializer=_prepare, initargs=(scenario, engine, intervals, log)
    ) as pool:
        yield from pool.map(_run_here, range(n))


_replicator: Replicator


def _prepare(scenario: Scenario, engine: str, intervals: bool, log: bool) -> None:
    global _replicator
    _replicator = Replicator(scenario, engine=engine, intervals=intervals, keep_calls=log)


def _run_here(index: int) -> Replication:
    return _replicator.run(index)
