"""What a scenario needs is compiled before its first replication, by two processes at once; and
whether it will have to be, which is worth telling before."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable

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


def notice(
    scenarios: Iterable[Scenario], *, by_interval: bool = False, log: bool = False
) -> str | None:
    """A line about compiling what these scenarios need; None if that was done before."""
    from sim.engine.compiled import seconds_to_compile
    from sim.engine.lower import lower

    seconds = max(
        (seconds_to_compile(lower(one), by_interval=by_interval, log=log) for one in scenarios),
        default=0,
    )
    if not seconds:
        return None
    return (
        "compiling the engine for this kind of scenario: "
        f"about {seconds} seconds, only this once ..."
    )
