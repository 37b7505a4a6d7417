"""Where a run's time goes: drawing the workload, the engine, sums and document."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.models import SERVICE_MEAN_S, one_queue
from benchmarks.tables import duration, table
from sim.experiment.gathered import Gathered
from sim.experiment.replicate import Replicator
from sim.scenario.model import Scenario
from sim.sums import Count
from sim.workload.calls import CallBlock, Workload

DAY_S = 8 * 3600.0
DAY_CALLS = 300
DAY_AGENTS = 4
PARTS = ("prepare", "workload", "engine", "sums", "document")


class TimedWorkload(Workload):
    """A workload that adds up the processor time of drawing its blocks."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.seconds = 0.0

    def blocks(self, replication: int) -> Iterator[CallBlock]:
        """As they are, and timed."""
        began = time.process_time()
        coming = super().blocks(replication)
        while True:
            block = next(coming, None)
            self.seconds += time.process_time() - began
            if block is None:
                return
            yield block
            began = time.process_time()


@dataclass(frozen=True, slots=True)
class Split:
    """Processor seconds of each part, and the calls of the run."""

    seconds: dict[str, float]
    calls: int


def split(scenario: Scenario) -> Split:
    """Run all replications with a clock between the parts."""
    seconds = dict.fromkeys(PARTS, 0.0)
    clock = time.process_time()

    def stop(part: str) -> None:
        nonlocal clock
        now = time.process_time()
        seconds[part] += now - clock
        clock = now

    replicator = Replicator(scenario, engine="compiled")
    workload = TimedWorkload(scenario)
    replicator.workload = workload
    gathered = Gathered(scenario, intervals=False)
    stop("prepare")
    for i in range(scenario.replications):
        replication = replicator.run(i)
        stop("engine")
        gathered.add(replication)
        stop("sums")
    result = gathered.result(engine="compiled", elapsed_s=0.0)
    stop("sums")
    result.document(with_intervals=False)
    stop("document")
    seconds["workload"] = workload.seconds
    seconds["engine"] -= workload.seconds
    return Split(seconds, int(result.counts[:, :, Count.INCOMING].sum()))


def short_day() -> Scenario:
    """A day of 8 hours with few calls, the commonest case of planning."""
    load = DAY_CALLS / DAY_S * SERVICE_MEAN_S / DAY_AGENTS
    return one_queue(agents=DAY_AGENTS, load=load).scenario(DAY_CALLS)


def splits(*, rounds: int, calls: int, days: int) -> str:
    """The table: one long run, and many short days."""
    shapes = {
        f"one run of {calls:,} calls": one_queue().scenario(calls),
        f"{days:,} days of 8 h, {DAY_CALLS} calls each": replace(short_day(), replications=days),
    }
    found: dict[str, list[Split]] = {name: [] for name in shapes}
    for scenario in shapes.values():
        split(replace(scenario, horizon_s=DAY_S, replications=2))
    for _ in range(rounds):
        for name, scenario in shapes.items():
            found[name].append(split(scenario))
    rows = [row for name, several in found.items() for row in _rows(name, several)]
    return table(["run", "part", "processor time", "per call", "share"], rows)


def _rows(name: str, several: list[Split]) -> Iterator[list[str]]:
    parts = {part: statistics.median(one.seconds[part] for one in several) for part in PARTS}
    whole = sum(parts.values())
    for part, seconds in [*parts.items(), ("all", whole)]:
        per_call = duration(seconds / several[0].calls)
        yield [name, part, duration(seconds), per_call, f"{100 * seconds / whole:.1f} %"]
        name = ""
