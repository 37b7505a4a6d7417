"""What a second process saves: the same work by one and by several, by the clock on the wall."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

from benchmarks.models import one_queue
from benchmarks.split import DAY_CALLS, short_day
from benchmarks.tables import duration, table
from sim.experiment.processes import cores
from sim.experiment.run import run
from sim.scenario.model import Scenario

LONG_S = 12.0
"""Seconds of work for one process that count as long."""


def workers(*, rounds: int, long_s: float = LONG_S) -> str:
    """The table: long days, many short days, and work that is soon done.

    Long work goes to as many processes as there are cores; the last row leaves the number to the
    program, which should then keep to one.
    """
    day, long_day = short_day(), one_queue().scenario(100_000)
    rows = [
        _row("days of 100,000 calls", _as_much_as(long_day, long_s), cores(), rounds),
        _row(f"days of {DAY_CALLS} calls", _as_much_as(day, long_s), cores(), rounds),
        _row("20 of these days", replace(day, replications=20), None, 5 * rounds),
    ]
    return table(["work", "replications", "processes", "one process", "several", "speed-up"], rows)


def _as_much_as(scenario: Scenario, seconds: float) -> Scenario:
    """As many replications as one process does in about so long."""
    few = replace(scenario, replications=10)
    run(few)
    each = _took_s(few, 1) / 10
    return replace(scenario, replications=max(10, round(seconds / each)))


def _row(name: str, scenario: Scenario, several: int | None, rounds: int) -> list[str]:
    run(scenario, workers=several)
    found = [(_took_s(scenario, 1), _took_s(scenario, several)) for _ in range(rounds)]
    one, more = (statistics.median(times) for times in zip(*found, strict=True))
    ratio = statistics.median(a / b for a, b in found)
    asked = "left to it" if several is None else str(several)
    return [
        name,
        f"{scenario.replications:,}",
        asked,
        duration(one),
        duration(more),
        f"{ratio:.2f}",
    ]


def _took_s(scenario: Scenario, processes: int | None) -> float:
    began = time.perf_counter()
    run(scenario, workers=processes)
    return time.perf_counter() - began
