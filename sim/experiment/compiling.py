"""What a scenario needs is compiled before its first replication, by two processes at once."""

from __future__ import annotations

import multiprocessing

from sim.experiment.processes import cores, started
from sim.experiment.replicate import Replicator
from sim.scenario.model import Scenario
from sim.workload.calls import Workload


def compile_ahead(scenario: Scenario, replicator: Replicator) -> None:
    """Compile the engine here and what draws its calls in another process, if it is not done yet.

    Nothing changes but the time that it takes: what the other process compiled is found on disk.
    A worker of a team, which may start no process, compiles one after the other.
    """
    if replicator.is_compiled:
        return
    other = None
    if cores() > 1 and not multiprocessing.current_process().daemon:
        other = started(_draw, scenario)
    replicator.compile()
    if other is not None:
        other.join()


def _draw(scenario: Scenario) -> None:
    """Draw the first calls."""
    next(Workload(scenario).blocks(0), None)
